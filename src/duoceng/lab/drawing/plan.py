"""The plan of a draw: places, the cells of their members, kinds of bills, and the columns their answers stand in.

    documents, population ──▶ kinds (place x care) that can be settled ──▶ cells of members ──▶ columns by what is asked

Everything that does not differ from one bill to the next is decided here, once; drawing is looking up.
"""

import math
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np

from duoceng.base.mistakes import Place, refuse
from duoceng.lab.drawing.answers import Chooser, Who
from duoceng.lab.drawing.columns import EPOCH, SLOTS, Array, Column, Strips, column, strip
from duoceng.lab.drawing.people import Nation, any_bill, bills_a_year
from duoceng.lab.drawing.places import Scene, days_of
from duoceng.lab.drawing.population import Population
from duoceng.lab.drawing.products import Held, Shelf, shelf_of
from duoceng.policy.conditions import all_hold
from duoceng.policy.library import Library
from duoceng.policy.values import Context
from duoceng.policy.vocabulary import Vocabulary

CARE_SLOTS = 4096
EVEN_FIRST, EVEN_LAST = date(2019, 1, 1), date(2026, 12, 31)
OWN = ("scheme", "status", "sex", "care", "age", "born", "stay_days")  # drawn in ways of their own
RATES_APART = 1.02  # mean numbers of bills this near share a strip


@dataclass(frozen=True)
class Wanted:
    """What is asked for: how many bills, of which year and places, drawn in which way."""

    bills: int
    seed: int = 1
    spread: str = "real"
    year: int = 2025
    regions: tuple[str, ...] = ()
    lines: bool = False

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of discharge."""
        return (EVEN_FIRST, EVEN_LAST) if self.spread == "even" else (date(self.year, 1, 1), date(self.year, 12, 31))


@dataclass
class Cells:
    """Members alike, as arrays: their home, ages, sex, how often, of what care, and how likely they are."""

    home: Array
    low: Array
    span: Array
    sex: Array
    counts: Array
    cares: Array
    chance: Array
    count_strips: Array
    care_strips: Array


@dataclass
class Plan:
    """Everything a draw looks up."""

    library: Library
    population: Population
    wanted: Wanted
    places: list[tuple[str, str]] = field(default_factory=list)
    homes: dict[tuple[int, str, bool], int] = field(default_factory=dict)
    scenes: dict[tuple[int, str], Scene] = field(default_factory=dict)
    sets: list[Held] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)

    @property
    def words(self) -> Vocabulary:
        """The vocabulary."""
        return self.library.vocabulary

    @cached_property
    def cares(self) -> list[str]:
        """Kinds of care, in the order of their codes."""
        return list(self.words["care"].values)

    @cached_property
    def regions(self) -> list[str]:
        """Places drawn for, in the order of their codes."""
        return list(self.wanted.regions) or [r for r in self.library.regions() if self.library.of_region(r)]

    @cached_property
    def is_even(self) -> bool:
        """Are all values alike?"""
        return self.wanted.spread == "even"

    @cached_property
    def whole(self) -> dict[str, Scene]:
        """All documents of each place."""
        first, last = self.wanted.days
        walked: dict[tuple[int, type], list[object]] = {}
        return {
            r: Scene(self.library, d, days_of(first, last, d), walked)
            for r in self.regions
            for d in [self.library.of_region(r)]
        }

    @cached_property
    def shelf(self) -> Shelf:
        """The products."""
        first, last = self.wanted.days
        found = [d for p in self.library.products() if (d := self.library.product(p))]
        return shelf_of(
            self.library, self.population, self.wanted.spread, Scene(self.library, [], days_of(first, last, found))
        )

    @cached_property
    def units(self) -> list[str]:
        """Quantities some document multiplies a number by."""
        scenes = [*self.whole.values(), *self.shelf.scenes.values()]
        return sorted({u for scene in scenes for u in scene.units})

    @cached_property
    def year_end(self) -> Array:
        """Are some layers settled at the end of the year for members of this home?"""
        found = np.zeros(len(self.homes), dtype=bool)
        when = self.wanted.days[1]
        for (place, _, _), at in self.homes.items():
            region, scheme = self.places[place]
            context = Context({"scheme": scheme}, when, self.words, self.library.index)
            ending = [d for d in self.whole[region].documents if any(y.settled == "year_end" for y in d.layers)]
            found[at] = any(all_hold(d.covers, context) is not False for d in ending)
        return found

    @cached_property
    def place_of_home(self) -> Array:
        """The place of each home."""
        return np.array([place for place, _, _ in self.homes], dtype=np.int32)

    @cached_property
    def set_strips(self) -> tuple[Array, Array]:
        """Which strip of sets of products each place has, and the strips."""
        rows, strips, at = [], [], {held: n for n, held in enumerate(self.sets)}
        for region, _ in self.places:
            weighed = self.shelf.sets_of(region, tuple(self.cares))
            strips.append(np.array([at[h] for h in weighed], dtype=np.int16)[strip(list(weighed.values()))])
            rows.append((len(strips) - 1) * SLOTS)
        return np.array(rows, dtype=np.int32), np.concatenate(strips)


def plan_of(library: Library, population: Population, wanted: Wanted) -> Plan:
    """The plan of a draw."""
    plan = Plan(library, population, wanted)
    _find_places(plan)
    seen = dict.fromkeys(h for region, _ in plan.places for h in plan.shelf.sets_of(region, tuple(plan.cares)))
    plan.sets = list(seen)
    return plan


def _find_places(plan: Plan) -> None:
    """Places and schemes with bills, and the scene of each kind of care that can be settled there."""
    for region, scene in plan.whole.items():
        for scheme in plan.words["scheme"].values:
            found = {}
            for care in plan.cares:
                asked = Who(scheme, "", care).answers()
                if plan.is_even:
                    found[care] = scene
                elif (documents := scene.concerned(asked)) and not (part := scene.part(documents)).refuses(asked):
                    found[care] = part
            if found:
                plan.scenes |= {(len(plan.places), care): mine for care, mine in found.items()}
                plan.places.append((region, scheme))


def cells_of(plan: Plan) -> Cells:
    """The cells of members, and with them the homes."""
    return _even_cells(plan) if plan.is_even else _real_cells(plan)


def _home(plan: Plan, place: int, status: str, chronic: bool) -> int:
    return plan.homes.setdefault((place, status, chronic), len(plan.homes))


def _even_cells(plan: Plan) -> Cells:
    """Members of every class, ages and sex at every place; what belongs together is likelier, so that the rules are reached."""
    schemes = {"active": "employee", "retired": "employee"}
    rows, chances, cares = [], [], []
    for place, (region, scheme) in enumerate(plan.places):
        named = {m.label for m in plan.whole[region].labels("care")}
        cares.append(strip([4.0 if care in named else 1.0 for care in plan.cares], CARE_SLOTS))
        for status in plan.words["status"].values:
            for ill in (False, True):
                for sex in (0, 1):
                    rows.append((_home(plan, place, status, ill), 0, 111, sex, 0, place * CARE_SLOTS))
                    chances.append(4.0 if schemes.get(status, "resident") == scheme else 1.0)
    counts = strip([1.0] * 5).astype(np.int16) + np.int16(1)
    return _cells(rows, chances, counts, np.concatenate(cares))


def _cells(rows: list[tuple[int, int, int, int, int, int]], chances: list[float], counts: Array, cares: Array) -> Cells:
    home, low, span, sex, count, care = (np.array(c, dtype=np.int32) for c in zip(*rows, strict=True))
    chance = np.array(chances)
    return Cells(home, low, span, sex, count, care, chance / chance.sum(), counts, cares.astype(np.int8))


def _real_cells(plan: Plan) -> Cells:
    """The nation's groups at each place, by the size of the place; only care that is settled there."""
    nation, sizes = Nation(plan.population), plan.population.weights("place_members")
    rates, groups = nation.yearly(), nation.groups
    yearly = np.stack([rates.get(care, np.zeros(len(groups))) for care in plan.cares], axis=1)
    shape = plan.population.value("frailty")
    rows, chances = [], []
    counts: dict[int, int] = {}
    cares: dict[tuple[float, ...], int] = {}
    for place, (region, scheme) in enumerate(plan.places):
        size = sizes.get(region, sizes.get("else", 1.0))
        known = {status: _status(plan, place, status) for status in plan.words["status"].values}
        for at, group in enumerate(groups):
            status, live = known[group.status]
            mine = yearly[at] * live
            total = float(mine.sum())
            if group.scheme != scheme or total <= 0:
                continue
            near = round(math.log(total) / math.log(RATES_APART))
            rows.append((_home(plan, place, status, group.chronic), group.low, group.high + 1 - group.low, int(group.sex == "female"),
                         counts.setdefault(near, len(counts)) * SLOTS, cares.setdefault(tuple(mine / total), len(cares)) * CARE_SLOTS))  # fmt: skip
            chances.append(group.members * size * any_bill(total, shape))
    if not rows:
        raise refuse("B039", Place("--region"), "no bill of these places can be settled in this year",
                     "Their rules of the year were not read.", "choose other places or another `--year`")  # fmt: skip
    count_strips = np.concatenate([bills_a_year(RATES_APART**near, shape, SLOTS) for near in counts])
    return _cells(rows, chances, count_strips, np.concatenate([strip(mix, CARE_SLOTS) for mix in cares]))


def _status(plan: Plan, place: int, status: str) -> tuple[str, Array]:
    """The class of member, or the nearest one that the place's documents have figures for, and the care they settle for it."""
    attribute, scheme = plan.words["status"], plan.places[place][1]
    others = ("active",) if scheme == "employee" else ("adult", "student", "elderly")
    for candidate in dict.fromkeys([*attribute.chain(status), *others]):
        live = [
            (scene := plan.scenes.get((place, care))) is not None
            and scene.fits(Who(scheme, "", care).answers(), "status", candidate)
            for care in plan.cares
        ]
        if any(live):
            return candidate, np.array(live)
    return status, np.zeros(len(plan.cares), dtype=bool)


def add_columns(plan: Plan) -> None:
    """A column for every attribute that is asked for; products of the whole country answer in columns of their own."""
    chooser = Chooser(plan.population, plan.wanted.spread, plan.wanted.days[0])
    asked = {a for scene in plan.scenes.values() for a in scene.asks} | {"level"}
    held = {p for some in plan.sets for p in some}
    asked_by = {p: plan.shelf.scenes[p].asks for p in held}
    for name, attribute in plan.words.items():
        mine = [p for p in held if name in asked_by[p]]
        if name in OWN or (name not in asked and not mine):
            continue
        own = sorted(p for p in mine if attribute.of == "product" and plan.shelf.regions[p] == "cn")
        shared = sorted(set(mine) - set(own))
        if name in asked or shared:
            plan.columns.append(_column(plan, chooser, name, shared))
        plan.columns += [_own_column(plan, chooser, name, product) for product in own]


def _column(plan: Plan, chooser: Chooser, name: str, products: list[str]) -> Column:
    """The column of an attribute of members or bills."""
    attribute, strips = plan.words[name], Strips()
    of = "home" if attribute.of in ("member", "product") else "kind"
    rows, known = [], {}
    for who, key, scenes in _homes(plan, name) if of == "home" else _kinds(plan, name):
        if key not in known:
            known[key] = strips.of(chooser.choice(attribute, scenes, who)) if scenes else 0
        rows.append(known[key])
    cares = [""] if of == "home" else plan.cares
    held = [
        _strip_held(plan, chooser, name, ([p for p in some if p in products], care), strips)
        for some in plan.sets
        for care in cares
    ]
    return column(name, attribute, of, (rows, held), strips)


def _strip_held(plan: Plan, chooser: Chooser, name: str, asked: tuple[list[str], str], strips: Strips) -> int:
    products, care = asked
    scenes = [plan.shelf.scenes[p] for p in products]
    return strips.of(chooser.choice(plan.words[name], scenes, Who("", "", care))) if scenes else 0


def _own_column(plan: Plan, chooser: Chooser, name: str, product: str) -> Column:
    """The column of one contract's answers."""
    strips = Strips()
    row = strips.of(chooser.choice(plan.words[name], [plan.shelf.scenes[product]], Who()))
    held = [row if product in some else 0 for some in plan.sets]
    return column(f"{product}/{name}", plan.words[name], "home", ([0] * len(plan.homes), held), strips)


Rows = list[tuple[Who, object, list[Scene]]]


def _homes(plan: Plan, name: str) -> Rows:
    """Every home, with the scenes that ask members for an attribute."""
    found: Rows = []
    for place, status, chronic in plan.homes:
        region, scheme = plan.places[place]
        scenes = [s for (at, _), s in plan.scenes.items() if at == place and name in s.asks]
        key = (region,) if plan.is_even else (place, status, chronic)
        found.append((Who(scheme, status, "", chronic), key, scenes[:1] if plan.is_even else scenes))
    return found


def _kinds(plan: Plan, name: str) -> Rows:
    """Every place and kind of care, with the scene that asks its bills for an attribute."""
    found: Rows = []
    for place, (region, scheme) in enumerate(plan.places):
        for care in plan.cares:
            scene = plan.scenes.get((place, care))
            asks = scene is not None and (name in scene.asks or name == "level")
            found.append(
                (Who(scheme, "", care), (region,) if plan.is_even else (place, care), [scene] if scene and asks else [])
            )
    return found


def first_day(plan: Plan) -> int:
    """First day of discharge, in days since 1970."""
    return plan.wanted.days[0].toordinal() - EPOCH
