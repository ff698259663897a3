"""Who has bills: cells of members alike in place, scheme, class, ages, sex and chronic disease, with what they use in a year.

A cell's bills of a year are negative binomial (members of one cell differ by a gamma), and only members with a bill are
drawn. What kind of care a bill is follows from the cell's rates: given their number, the kinds fall as the rates say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from duoceng.lab.drawing.columns import Array
from duoceng.lab.drawing.population import Population, Weights, ages

LIKE = {"special_drug": "outpatient", "pharmacy": "outpatient", "emergency": "outpatient", "chronic": "outpatient",
        "special": "outpatient"}  # fmt: skip
FOR_CHRONIC = ("chronic", "special", "special_drug")
IN_HOSPITAL = ("outpatient", "chronic", "inpatient")
ROUNDS = 8  # each kind of care is scaled back to its own figure, so the ratio is come to by and by
EMPLOYEES = ("active", "retired")


@dataclass(frozen=True)
class Group:
    """Members of the country alike in class, ages, sex and chronic disease, and how many there are (in 10,000)."""

    scheme: str
    status: str
    low: int
    high: int
    sex: str
    chronic: bool
    members: float


@dataclass
class Nation:
    """The groups of the whole country, and their rates by kind of care."""

    population: Population
    rates: dict[str, Array] = field(default_factory=dict)

    @cached_property
    def groups(self) -> list[Group]:
        """Every group."""
        found = []
        edges = self._edges()
        members, sexes = self.population.weights("members"), self.population.weights("sex")
        tables = self.population.tables("ages")
        residents = sum(sum(t.values()) for s, t in tables.items() if s not in EMPLOYEES)
        for status, table in tables.items():
            scheme = "employee" if status in EMPLOYEES else "resident"
            whole = members[status] / sum(table.values()) if scheme == "employee" else members["resident"] / residents
            for low, high, share in _bands(table, edges):
                ill = _at(self.population.weights("chronic_share"), low) / 100
                for sex, part in sexes.items():
                    count = share * whole * part / sum(sexes.values())
                    found += [Group(scheme, status, low, high, sex, True, count * ill),
                              Group(scheme, status, low, high, sex, False, count * (1 - ill))]  # fmt: skip
        return [g for g in found if g.members > 0]

    def _edges(self) -> list[int]:
        tables = [*self.population.tables("use_by_age").values(), self.population.weights("chronic_share")]
        return sorted({edge for t in tables for band in t for edge in (ages(band)[0], ages(band)[1] + 1)})

    def yearly(self) -> dict[str, Array]:
        """Bills a head and year of every group, by kind of care; together they come to the national figures."""
        if self.rates:
            return self.rates
        use = {**self.population.tables("use"), **self.population.tables("use_rare")}
        members = np.array([g.members for g in self.groups])
        for care, by_scheme in use.items():
            shape = np.array([self._shape(care, g) for g in self.groups])
            rate = np.zeros(len(members))
            for scheme, wanted in by_scheme.items():
                mine = np.array([g.scheme == scheme for g in self.groups])
                rate += mine * _scaled(shape * mine, members * mine, wanted)
            self.rates[care] = rate
        self._weigh_retired(members, use)
        return self.rates

    def _shape(self, care: str, group: Group) -> float:
        by_age = self.population.tables("use_by_age")
        by_sex = self.population.tables("use_by_sex").get(care, {})
        table = by_age.get(care) or by_age[LIKE.get(care, "outpatient")]
        ill = 1.0 if care not in FOR_CHRONIC or group.chronic else 0.0
        return _at(table, group.low) * ill * (by_sex.get(group.sex, 0.0) if by_sex else 1.0)

    def _weigh_retired(self, members: Array, use: dict[str, Weights]) -> None:
        """Retired employees spend so much more a head in hospitals than those in work as is published."""
        retired = np.array([g.status == "retired" for g in self.groups])
        active = np.array([g.status == "active" for g in self.groups])
        yuan = {**self.population.tables("yuan"), **self.population.tables("yuan_rare")}
        mine = retired | active
        for _ in range(ROUNDS):
            spent = np.sum([self.rates[care] * yuan[care]["employee"] for care in IN_HOSPITAL], axis=0)
            now = _mean(spent, members * retired) / _mean(spent, members * active)
            factor = np.where(retired, self.population.value("retired_ratio") / now, 1.0)
            for care in IN_HOSPITAL:
                raised = _scaled(self.rates[care] * factor * mine, members * mine, use[care]["employee"])
                self.rates[care] = np.where(mine, raised, self.rates[care])


def _mean(values: Array, weights: Array) -> float:
    return float((values * weights).sum() / weights.sum())


def _scaled(shape: Array, members: Array, wanted: float) -> Array:
    """A shape scaled so that its mean over the members is what is wanted."""
    mean = _mean(shape, members) if members.sum() else 0.0
    return shape * (wanted / mean) if mean else shape * 0.0


def _at(table: Weights, age: int) -> float:
    """The figure of an age in a table by ages; nothing outside of it."""
    return next((v for band, v in table.items() if ages(band)[0] <= age <= ages(band)[1]), 0.0)


def _bands(table: Weights, edges: list[int]) -> Iterator[tuple[int, int, float]]:
    """The bands of a table cut at edges: first and last year, and the part of the weight that falls into it."""
    for band, weight in table.items():
        low, high = ages(band)
        cuts = [low, *(e for e in edges if low < e <= high), high + 1]
        for first, after in pairwise(cuts):
            yield first, after - 1, weight * (after - first) / (high + 1 - low)


COUNT_MAX = 400


def bills_a_year(mean: float, shape: float, slots: int) -> Array:
    """Numbers of bills of a member who has one, by slot: the negative binomial without nothing."""
    odds = mean / (mean + shape)
    chances = np.empty(COUNT_MAX)
    chance = (1 - odds) ** shape
    for count in range(COUNT_MAX):
        chances[count] = chance
        chance *= odds * (shape + count) / (count + 1)
    sums = np.cumsum(chances[1:])
    return (1 + np.searchsorted(sums / sums[-1], (np.arange(slots) + 0.5) / slots)).astype(np.int16)


def any_bill(mean: float, shape: float) -> float:
    """How likely a member of a cell has a bill in the year."""
    return float(1 - (shape / (shape + mean)) ** shape)
