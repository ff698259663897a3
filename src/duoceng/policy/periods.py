"""The names of running sums. A sum's name ends in its period, so a new month or year begins at nothing by itself:

beijing.employee.outpatient/basic#deductible@2025
nanning.resident.chronic/basic#deductible@2025-03
~...            lives for one bill
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from duoceng.policy.document import Version
from duoceng.records.bill import Value
from duoceng.records.plan import Sum


@dataclass(frozen=True, slots=True)
class Running:
    """A running sum before its period is known: its name, and what it runs for (`bill`: it lives for one bill)."""

    name: str
    per: str = "bill"
    since: date | None = None
    block: int = 1


def running(version: Version, name: str) -> Running:
    """The running sum of a version that says `per`."""
    if (block := version.get("every_years")) and (since := version.get("since")):
        return Running(name, "blocks", since, block)
    return Running(name, version.get("per", "bill"))


@dataclass(frozen=True, slots=True)
class Periods:
    """What the periods of one charge are: its day, the first day of the medical year, its stay and episode.

    `sums` gathers what the names given out are made of.
    """

    day: date
    year_starts: tuple[int, int]
    by: str
    episode: str
    treatment_begun: Value | None
    sums: dict[str, Sum]

    def name(self, asked: Running) -> str:
        """A running sum's name in its period."""
        name, per = asked.name, asked.per
        if per in ("bill", "visit"):
            return f"~{name}"
        if per in ("stay", "episode"):
            if not self.episode:
                return f"~{name}"
            kept = f"{name}@{self.episode}"
            self.sums[kept] = Sum(name, "episode", self.by)
            return kept
        if per == "blocks":
            return self._kept(Sum(name, per, self.by, since=asked.since, block=asked.block))
        if per == "treatment_year":
            if isinstance(self.treatment_begun, date):
                return self._kept(Sum(name, "treatment", self.by, since=self.treatment_begun))
            per = "year"
        return self._kept(Sum(name, "year", self.by, self.year_starts) if per == "year" else Sum(name, per, self.by))

    def _kept(self, made_of: Sum) -> str:
        name = name_of(made_of, self.day)
        self.sums[name] = made_of
        return name


@lru_cache(maxsize=1 << 14)
def name_of(made_of: Sum, when: date) -> str:
    """`Sum.name`, for sums and days that come again and again."""
    return made_of.name(when)
