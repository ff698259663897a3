"""How lines fall, each kind of line once: by code, stretch of days, what the line says itself, the place of care, and whatever
answers the values of its catalogues ask for. The counter's own `scope_for` is asked with the first line of each kind.

    line ──▶ number of what decides about it ──▶ new? ask `scope_for` ──▶ within or outside, first self-pay, limit, label
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from duoceng.base.day import EARLIEST, LATEST
from duoceng.base.mistakes import Refused
from duoceng.engine.batch import lines_compiled as c
from duoceng.engine.batch.tables import Numbers
from duoceng.engine.scope import Grouping, label_of
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.groups import Group
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.reading import NONE, Ints
from duoceng.policy.catalogue import catalogues, scope_for
from duoceng.policy.cells import asked_by
from duoceng.policy.library import Library
from duoceng.records.bill import Line, Scoped

if TYPE_CHECKING:
    from duoceng.lab.batch.lines import Itemised

Label = tuple[str, ...]
Why = tuple[str, str]  # code of a mistake, and what it says
Fall = Callable[[Line, date], Scoped]
DAYS = LATEST.toordinal() - EARLIEST.toordinal() + 1
CELLS_MAX = 1 << (62 - c.ITEM_BITS - c.DAY_BITS)


def told_apart(numbers: Ints) -> tuple[list[int], Ints]:
    """The small numbers that occur, and which of these each one is."""
    seen = np.zeros(int(numbers.max(initial=0)) + 1, np.int64)
    seen[numbers] = 1
    return np.flatnonzero(seen).tolist(), (np.cumsum(seen) - 1)[numbers]


def why(refused: Refused) -> Why:
    """Why lines are refused: the code of the first mistake, and the words of all."""
    words = (f"{m.code} {m.what}" + (f" ({m.repair})" if m.repair else "") for m in refused.mistakes)
    return refused.mistakes[0].code, "; ".join(words)


class Pairs:
    """Numbers for pairs of numbers, the same in every block."""

    def __init__(self, room: int = 1 << 14) -> None:
        self.memory = self._room(room)

    @staticmethod
    def _room(room: int) -> c.Pairs:
        return c.Pairs(
            np.zeros(room * 2, np.int64),
            np.full(room, -1, np.int64),
            np.zeros(1 << 12, np.int64),
            np.zeros(1, np.int64),
        )

    def grow(self) -> None:
        """Four times the room."""
        old, self.memory = self.memory, self._room(len(self.memory.found) * 4)
        c.move_pairs(old, self.memory)

    def number(self, a: Ints, b: Ints) -> tuple[Ints, list[int]]:
        """The number of each pair, and where those stand that are new, in the order of their numbers."""
        found, new, at = np.empty(len(a), np.int64), [], 0
        while True:
            known = int(self.memory.single[0])
            at = int(c.number_pairs(self.memory, a, b, found, at))
            count = int(self.memory.single[0])
            new += self.memory.new[: count - known].tolist()
            if at >= len(a):
                return found, new
            if count * 4 > len(self.memory.found):
                self.grow()


@dataclass(frozen=True)
class Way:
    """What keeps the lines of a group apart, and where the numbers its documents ask lines for begin to make a difference."""

    grouping: Grouping
    edges: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass
class Cares:
    """The catalogues of each place of care: the answers their values ask for, and stretches of days on which nothing changes."""

    library: Library
    numbers: dict[str, int] = field(default_factory=dict)
    asks: set[str] = field(default_factory=set)
    _at: list[int] = field(default_factory=list)
    _known: dict[tuple[int, ...], int] = field(default_factory=dict)
    _stretches: list[Ints] = field(default_factory=list)

    def of(self, bills: "Itemised", rows: Ints) -> Ints:
        """The number of the place of care of each row: where the bill does not say, the place of insurance."""
        region = bills.columns["region"][rows]
        said = bills.columns["care_region"][rows] if bills.has("care_region") else np.full(len(rows), NONE, np.int64)
        regions, others = (bills.dictionary.of(name).words for name in ("region", "care_region"))
        numbers, which = told_apart(np.where(said == NONE, 0, said + 1) * len(regions) + region)
        pairs = [divmod(number, len(regions)) for number in numbers]
        places = [(others[other - 1] if other else "") or regions[at] for other, at in pairs]
        return np.array([self._number(place) for place in places], np.int64)[which]

    def stretch(self, place: Ints, day: Ints) -> Ints:
        """Which stretch of days a day lies in, for the catalogues of a place."""
        at = np.array(self._at, np.int64) * DAYS
        found: Ints = np.concatenate(self._stretches)[at[place] + (day - EARLIEST.toordinal())]
        return found

    def _number(self, place: str) -> int:
        if place not in self.numbers:
            self.numbers[place] = len(self.numbers)
            items = [
                i
                for c in catalogues(self.library)
                if c.region in (place, "cn")
                for some in c.items.values()
                for i in some
            ]
            asks, days = asked_by(v for i in items for v in (i.borne_first, i.price_limit) if v)
            self.asks |= asks
            days |= {i.begins.toordinal() for i in items} | {i.ends.toordinal() + 1 for i in items}
            edges = tuple(sorted(days))
            if edges not in self._known:
                self._known[edges] = len(self._stretches)
                all_days = np.arange(EARLIEST.toordinal(), LATEST.toordinal() + 1)
                self._stretches.append(np.searchsorted(edges, all_days, side="right").astype(np.int64))
            self._at.append(self._known[edges])
        return self.numbers[place]


@dataclass
class Falls:
    """How the lines met so far fall, by number; `reasons` says why a line is refused."""

    batch: Batch
    reasons: dict[int, Why] = field(default_factory=dict)
    _ways: dict[Way, int] = field(default_factory=dict)
    _roots: dict[tuple[str, ...], int] = field(default_factory=dict)
    _labels: dict[Label, int] = field(default_factory=dict)
    _cells: dict[Label, int] = field(default_factory=dict)
    _scopes: dict[int, Fall] = field(default_factory=dict)
    _scoped: dict[tuple[int, int, int], Scoped | Why] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cares = Cares(self.batch.library)
        self._said, self._asking, self._owners, self._kinds = (Pairs() for _ in range(4))
        self._how, self._first, self._limit, self._label, self._cell = (Numbers() for _ in range(5))

    def of(self, bills: "Itemised", rows: Ints, owner: Ints, group: Ints) -> Ints:
        """The number of how each line falls. `rows`, `group`: of the bills that have lines; `owner`: which of these a line is of."""
        lines = bills.lines
        place = self.cares.of(bills, rows)
        asker = self._folded(self._asking, bills, self.cares.asks, rows, place)
        way = self._ways_of(group)
        owned, _ = self._owners.number(asker, way)
        day = np.where(lines.columns["day"] == NONE, bills.columns["discharged"][rows][owner], lines.columns["day"])
        stretch = self.cares.stretch(place[owner], day)
        asked = {"item_class", *self.cares.asks}.union(*(w.grouping.answers for w in self._ways))
        said = self._folded(self._said, lines, asked & lines.said, None, np.zeros(lines.n, np.int64))
        given = (lines.columns["borne_first"] != NONE) * 1 + (lines.columns["price_limit"] != NONE) * 2
        what = (lines.columns["code"] << 2 | given) << 32 | said
        found, new = self._kinds.number(what, owned[owner] << 20 | stretch)
        ways = list(self._ways)
        for at in new:
            bill = int(owner[at])
            key = (int(what[at]), int(asker[bill]), int(stretch[at]))
            if key not in self._scoped:
                self._scoped[key] = self._ask(bills, int(rows[bill]), at, int(asker[bill]))
            self._add(self._scoped[key], ways[int(way[bill])])
        return found

    def rows(self) -> c.Falls:
        """As the loop takes them: labels by their place in order."""
        ordered = sorted(self._labels, key=lambda label: label)
        rank = np.zeros(len(ordered), np.int64)
        rank[[self._labels[label] for label in ordered]] = np.arange(len(ordered))
        label = rank[self._label.array[: self._label.length]]
        return c.Falls(self._how.array, self._first.array, self._limit.array, label, self._cell.array)

    def _ways_of(self, group: Ints) -> Ints:
        """The number of the way of each group."""
        numbers, which = told_apart(group)
        ways = [self._way(self.batch.groups.known[number]) for number in numbers]
        return np.array([self._ways.setdefault(way, len(self._ways)) for way in ways], np.int64)[which]

    def _way(self, group: Group) -> Way:
        cells, vocabulary = group.cells, self.batch.library.vocabulary
        numbers = [
            a
            for a in sorted(group.grouping.answers)
            if vocabulary[a].type in ("number", "money") and a not in cells.exact
        ]
        return Way(group.grouping, tuple((a, tuple(sorted(cells.edges[a]))) for a in numbers if a in cells.edges))

    def _folded(self, pairs: Pairs, bills: Columns, names: set[str], rows: Ints | None, begin: Ints) -> Ints:
        """One number for the answers of these columns."""
        given = tuple(sorted(name for name in names if bills.has(name)))
        root = self._roots.setdefault(given, len(self._roots))
        found, _ = pairs.number(begin, np.full(len(begin), NONE - 1 - root, np.int64))  # below every answer
        for name in given:
            column = bills.columns[name]
            found, _ = pairs.number(found, np.ascontiguousarray(column if rows is None else column[rows]))
        return found

    def _ask(self, bills: "Itemised", row: int, at: int, asker: int) -> Scoped | Why:
        """How one line falls, or why it cannot."""
        bill = bills.bill_alone(row)
        if asker not in self._scopes:
            self._scopes[asker] = scope_for(self.batch.library, bills.member_of(row), bill)
        line = bills.lines.line(at)
        try:
            return self._scopes[asker](line, line.day or bill.discharged)
        except Refused as refused:
            return why(refused)

    def _add(self, scoped: Scoped | Why, way: Way) -> None:
        """One more number."""
        if not isinstance(scoped, Scoped):
            self.reasons[self._how.length] = scoped
            scoped, how = Scoped({}), c.REFUSED
        else:
            how = c.OUTSIDE if scoped.outside else c.WITHIN
        self._how.add(how)
        self._first.add(scoped.borne_first)
        self._limit.add(NONE if scoped.price_limit is None else scoped.price_limit)
        label = label_of(scoped.attributes, way.grouping)
        self._label.add(self._labels.setdefault(label, len(self._labels)))
        cut = {
            a: bisect_right(edges, said) for a, edges in way.edges if isinstance(said := scoped.attributes.get(a), int)
        }
        cell = label_of({**scoped.attributes, **cut}, way.grouping)
        self._cell.add(self._cells.setdefault(cell, len(self._cells)))
        if len(self._cells) > CELLS_MAX:
            raise OverflowError("the lines of these bills differ in more answers than a plan can be told by")
