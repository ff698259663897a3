"""The names of running sums. A sum's name ends in its period, so a new month or year begins at nothing by itself:

beijing.employee.outpatient/basic#deductible@2025
nanning.resident.chronic/basic#deductible@2025-03
~...            lives for one bill
"""

from dataclasses import dataclass
from datetime import date

from duoceng.base.mistakes import Place
from duoceng.policy.document import Version
from duoceng.records.bill import Value
from duoceng.records.plan import Sum


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

    def name(self, version: Version, name: str) -> str:
        """The running sum of a version that says `per`."""
        if (block := version.get("every_years")) and (since := version.get("since")):
            return self._kept(Sum(name, "blocks", self.by, since=since, block=block))
        return self.key(name, version.get("per", "bill"), version.cited.place)

    def key(self, name: str, period: str, place: Place) -> str:
        """A running sum's name for a period."""
        if period in ("bill", "visit"):
            return f"~{name}"
        if period in ("stay", "episode"):
            if not self.episode:
                return f"~{name}"
            kept = f"{name}@{self.episode}"
            self.sums[kept] = Sum(name, "episode", self.by)
            return kept
        if period == "treatment_year":
            if isinstance(self.treatment_begun, date):
                return self._kept(Sum(name, "treatment", self.by, since=self.treatment_begun))
            period = "year"
        if period == "year":
            return self._kept(Sum(name, "year", self.by, self.year_starts))
        return self._kept(Sum(name, period, self.by))

    def _kept(self, made_of: Sum) -> str:
        name = made_of.name(self.day)
        self.sums[name] = made_of
        return name
