"""Plans as tables of numbers, for the compiled loop: each plan once, each row of terms once, whatever it was made for.

Plan ──▶ rows of terms (shared), places of its running sums, periods they are of, layers, counts
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from duoceng.engine.batch import compiled as c
from duoceng.kernel import columns as k
from duoceng.records.plan import LayerInfo, Plan, Step, Sum

DAYS = ("discharge", "admission", "settlement")
AMOUNT_MAX = 10**11  # fen; a bill of a thousand million yuan is refused at the door
UNITS_MAX = 10**6
PLACES = 1 << 14


class Numbers:
    """A list of whole numbers that grows, and is an array when it is read."""

    def __init__(self, width: int = 1) -> None:
        self.width = width
        self._room = np.zeros(1024 * width, np.int64)
        self.length = 0

    def add(self, *numbers: int) -> int:
        """Append; returns where they begin."""
        return self.extend(numbers)

    def extend(self, numbers: Sequence[int] | c.Array) -> int:
        """Append many; returns where they begin."""
        while self.length + len(numbers) > len(self._room):
            self._room = np.concatenate([self._room, np.zeros_like(self._room)])
        self._room[self.length : self.length + len(numbers)] = numbers
        self.length += len(numbers)
        return self.length - len(numbers)

    def fill(self, length: int, number: int) -> None:
        """Grow to a length, with one number."""
        if length > self.length:
            self.extend(np.full(length - self.length, number, np.int64))

    @property
    def array(self) -> c.Array:
        """All of them, and some room behind."""
        return self._room

    def __setitem__(self, at: int, number: int) -> None:
        self._room[at] = number


@dataclass
class Tables:
    """The tables of one process. `places` gives each kept sum its place, `periods` each period its number."""

    first_day: date
    last_day: date
    places: dict[tuple[str, Sum], int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    periods: dict[Sum, int] = field(default_factory=dict)
    plans: list[Plan | None] = field(default_factory=list)
    layers: list[LayerInfo] = field(default_factory=list)
    tiers: tuple[str, ...] = ()
    by_charge: bool = False
    widest: tuple[int, int, int] = (1, 1, 1)  # most charges, layers and steps of a plan

    def __post_init__(self) -> None:
        self.terms, self.rows, self.sees = Numbers(), Numbers(), Numbers()
        self.plan_rows, self.brief, self.stamps, self.layer_rows = Numbers(), Numbers(), Numbers(), Numbers()
        self.numbers, self.period_day = Numbers(), Numbers()
        self._known: dict[tuple[int, ...], int] = {}
        self._stamped: dict[Sum, tuple[int, int, int]] = {}
        self._known_plans: dict[tuple[object, ...], int] = {}
        self._known_sees: dict[tuple[int, ...], int] = {}
        self._layer_numbers: dict[tuple[str, str], int] = {}
        self.stamp_sets: dict[tuple[tuple[int, int, int], ...], int] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What another process may go on from: of the plans, which layer pays which charge, and not what they were made for."""
        return {**self.__dict__, "plans": [plan and outline(plan) for plan in self.plans]}

    @property
    def day_count(self) -> int:
        """How many days the tables know."""
        return self.last_day.toordinal() - self.first_day.toordinal() + 1

    def place(self, made_of: Sum) -> int:
        """Where a kept sum stands, whatever period it is of now and whichever day decides that."""
        key = (made_of.stem, Sum("", made_of.kind, "", made_of.starts, made_of.since, made_of.block))
        if key not in self.places:
            self.places[key] = c.LOCALS + len(self.sums)
            self.sums.append(made_of)
        return self.places[key]

    def period(self, made_of: Sum) -> int:
        """The number of a period, with its table of days."""
        key = Sum("", made_of.kind, made_of.by, made_of.starts, made_of.since, made_of.block)
        if key not in self.periods:
            self.periods[key] = len(self.periods)
            self.period_day.add(DAYS.index(made_of.by))
            self.numbers.extend(numbers_of(key, self.first_day, self.day_count))
        return self.periods[key]

    def stamp(self, name: str, made_of: Sum) -> tuple[int, int, int]:
        """Place, period and number of a kept sum, as the loop takes them."""
        if self.by_charge and made_of.by not in DAYS and made_of.kind != "episode":
            return (
                self.place(made_of),
                c.BY_NUMBER,
                number_in(name, made_of),
            )  # the days of charges are in the signature
        if made_of not in self._stamped:
            self._stamped[made_of] = self._stamp(made_of)
        return self._stamped[made_of]

    def _stamp(self, made_of: Sum) -> tuple[int, int, int]:
        if made_of.kind == "episode":
            return self.place(made_of), c.BY_EPISODE, 0
        by = made_of if made_of.by in DAYS else replace(made_of, by="discharge")
        return self.place(made_of), self.period(by), 0

    def add(self, plan: Plan, charges: int, by_charge: bool) -> int:
        """The number of a plan; `c.ODD` for one whose sums would stand in each other's place.

        `by_charge`: the charges have days of their own, by which documents decide that go by the day of the expense.
        """
        bounded(plan)
        self.by_charge = by_charge
        locals_: dict[str, int] = {}
        stamps: dict[int, tuple[int, int, int]] = {}
        at_place: dict[int, int] = {}
        for index, name in enumerate(plan.counters):
            if name[0] == "~":
                at_place[index] = locals_.setdefault(name, len(locals_))
                continue
            stamp = self.stamp(name, plan.sums[name])
            if stamp[0] in stamps:
                return c.ODD
            stamps[stamp[0]] = stamp
            at_place[index] = stamp[0]
        if len(locals_) > c.LOCALS:
            return c.ODD
        rows = [self._row(step.terms, step.sees, at_place) for step in plan.steps]
        counts = [self.stamp(name, count_of(name, plan)) for name in plan.counts]
        layers = [self._layer(layer) for layer in plan.layers]
        key = (tuple(rows), tuple(stamps.values()), tuple(counts), tuple(layers), len(locals_), charges)
        if key in self._known_plans:
            return self._known_plans[key]
        number = self._known_plans[key] = len(self.plans)
        first = self.rows.add(*rows)
        self.plans.append(plan)
        settled = [(at, layer) for at, layer in enumerate(plan.layers) if layer.policy == "settled before"]
        stamp_at = self.stamps.add(*(n for stamp in stamps.values() for n in stamp))
        stamp_end = self.stamps.length
        count_at = self.stamps.add(*(n for stamp in counts for n in stamp))
        count_end = self.stamps.length
        settled_at = self.stamps.add(*(n for at, layer in settled for n in (at, self.tiers.index(layer.tier))))
        layer_at = self.layer_rows.length // 3
        for layer in layers:
            self.layer_rows.add(*layer)
        flat = charges == 1 and not settled and all(step.terms[k.PLAIN] for step in plan.steps)
        laned, periods = self._laned(plan, flat, at_place, [*stamps.values()])
        self.brief.add((c.LANED_BIT if laned else 0) + (c.COUNTS_BIT if counts else 0))
        self.plan_rows.add(first, self.rows.length, len(locals_), len(plan.layers), layer_at, stamp_at, stamp_end, count_at,
                           count_end, settled_at, self.stamps.length, charges, *self._stamp_set(tuple(stamps.values())),
                           int(flat), *periods)  # fmt: skip
        wide = self.widest
        self.widest = (max(wide[0], charges), max(wide[1], len(plan.layers)), max(wide[2], len(plan.steps)))
        return number

    def _laned(
        self, plan: Plan, flat: bool, at_place: dict[int, int], stamps: list[tuple[int, int, int]]
    ) -> tuple[bool, tuple[int, int]]:
        """Whether bills of this plan can go as lanes (`lanes`), and the one or two periods of its sums; both are the first where there is one.

        A sum that lives for one bill must be one step's alone, since lanes do not keep it.
        """
        periods = sorted({stamp[c.PERIOD] for stamp in stamps})
        uses = [at_place[slot] for step in plan.steps for slot in slots_of(step.terms)]
        once = [place for place in uses if place < c.LOCALS]
        shared = len(once) != len(set(once)) or any(
            b[k.BAND_RATE] > k.WHOLE for s in plan.steps for b in k.bands_of(s.terms)
        )
        days = [self.period_day.array[period] if period >= 0 else -1 for period in periods]
        if not flat or shared or len(periods) > 2 or any(days):
            return False, (-1, -1)
        return True, (periods[0], periods[-1]) if periods else (-1, -1)

    def _stamp_set(self, stamps: tuple[tuple[int, int, int], ...]) -> tuple[int, int]:
        """The number of a set of sums; and again where they are all of one period, -1 where they are not."""
        number = self.stamp_sets.setdefault(stamps, len(self.stamp_sets))
        periods = {stamp[c.PERIOD] for stamp in stamps}
        return number, number if len(periods) == 1 and min(periods) >= 0 else -1

    def keep(self, plan: Plan) -> int:
        """The number of a plan that the loop never runs: its bills are settled by hand."""
        self.plans.append(plan)
        self.plan_rows.add(*[0] * c.PLAN_WIDTH)
        self.brief.add(0)
        for layer in plan.layers:
            self._layer(layer)
        return len(self.plans) - 1

    def layer_number(self, layer: LayerInfo) -> int:
        """The number of a layer in what is written."""
        return self._layer(layer)[2]

    def _row(self, terms: tuple[int, ...], sees: tuple[int, ...], at_place: dict[int, int]) -> int:
        """Where a row of terms begins, its sums by place; the same row stands there once."""
        row = list(terms)
        for column in k.SLOTS:
            row[column] = at_place[row[column]]
        first = k.BAND + row[k.BANDS] * k.BAND_WIDTH
        for limit in range(first, first + row[k.CEILINGS] * k.CEILING_WIDTH, k.CEILING_WIDTH):
            row[limit + k.LIMIT_SLOT] = at_place[row[limit + k.LIMIT_SLOT]]
        if sees not in self._known_sees:
            self._known_sees[sees] = self.sees.add(*sees)
        row[k.SEES] = self._known_sees[sees]
        key = tuple(row)
        if key not in self._known:
            self._known[key] = self.terms.add(*row)
        return self._known[key]

    def _layer(self, layer: LayerInfo) -> tuple[int, int, int]:
        key = (layer.policy, layer.name)
        if key not in self._layer_numbers:
            self._layer_numbers[key] = len(self.layers)
            self.layers.append(layer)
        column = -1 if layer.policy == "settled before" else self.tiers.index(layer.tier)
        return column, int(layer.cash), self._layer_numbers[key]


def outline(plan: Plan) -> Plan:
    """Which layers a plan has, and which pay which charge."""
    layers = tuple(replace(layer, settled_before=0) for layer in plan.layers)
    return Plan(layers, tuple(Step(step.layer, step.charge, (), ()) for step in plan.steps), ())


def slots_of(terms: tuple[int, ...]) -> list[int]:
    """The running sums that a plain row goes by."""
    limits = [limit[k.LIMIT_SLOT] for limit in k.ceilings_of(terms)]
    return [terms[column] for column in (k.DUE_SLOT, k.RUN_SLOT, k.CARRY_SLOT, k.PAID_SLOT)] + limits


def numbers_of(made_of: Sum, first: date, count: int) -> c.Array:
    """`Sum.number` for many days in a row."""
    ordinals = first.toordinal() + np.arange(count)
    days = (ordinals - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    month, day = months.astype(np.int64) + 1970 * 12, (days - months).astype(np.int64) + 1
    since = made_of.since
    starts = (since.month, since.day) if since else made_of.starts
    before = (month % 12 + 1 < starts[0]) | ((month % 12 + 1 == starts[0]) & (day < starts[1]))
    year = month // 12 - before
    if since:
        found = (year - since.year) // made_of.block
    else:
        plain = {"day": ordinals, "month": month, "quarter": month // 12 * 4 + month % 12 // 3, "year": year}
        found = plain.get(made_of.kind, np.zeros(count, np.int64))
    return np.asarray(found, np.int64)


def count_of(name: str, plan: Plan) -> Sum:
    """What the name of a count is made of."""
    if name in plan.sums:
        return plan.sums[name]
    stem, _, _ = name.partition("@")
    return Sum(stem, "episode", "discharge")


def number_in(name: str, made_of: Sum) -> int:
    """The number of the period that a name ends in."""
    words = name.removeprefix(f"{made_of.stem}@")
    found = number_from(words, made_of)
    assert found is not None, name
    return found


def number_from(words: str, made_of: Sum) -> int | None:
    """The number of a period from its words; None where these are of another kind."""
    try:
        if made_of.kind == "day":
            number = date.fromisoformat(words).toordinal()
        elif made_of.kind in ("month", "quarter"):
            number = int(words[:4]) * (12 if made_of.kind == "month" else 4) + int(words[5:]) - 1
        else:
            rest = {"year": words[:4], "blocks": words.partition("y")[2], "treatment": words.partition("+")[2]}
            number = int(rest.get(made_of.kind, "0"))
    except ValueError:
        return None
    return number if made_of.words(number) == words else None


def bounded(plan: Plan) -> None:
    """No product or sum of this plan can leave 64 bits, whatever passes the door. Raises OverflowError."""
    for step in plan.steps:
        terms = step.terms
        limits = [ceiling[k.LIMIT] for ceiling in k.ceilings_of(terms) if ceiling[k.LIMIT] < k.BOUNDLESS]
        amounts = [terms[k.DUE], terms[k.FIXED], *limits]
        rates = [
            terms[k.DUE_RATE],
            terms[k.FIXED_RATE],
            terms[k.FIRST_RATE],
            *(band[k.BAND_RATE] for band in k.bands_of(terms)),
        ]
        if max(amounts) > AMOUNT_MAX * 10 or max(rates) > 10 * k.WHOLE:
            raise OverflowError(f"an amount of {step.clauses} is beyond what the batch can multiply")
