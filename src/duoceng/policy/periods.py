"""The names of running sums. A sum's name ends in its period, so a new month or year begins at nothing by itself:

beijing.employee.outpatient/basic#deductible@2025
nanning.resident.chronic/basic#deductible@2025-03
~...            lives for one bill
"""

from dataclasses import dataclass
from datetime import date

from duoceng.base.day import anniversary_year, year_of
from duoceng.base.mistakes import Place
from duoceng.policy.document import Version
from duoceng.records.bill import Value


@dataclass(frozen=True, slots=True)
class Periods:
    """What the periods of one charge are: its day, the first day of the medical year, its stay and episode."""

    day: date
    year_starts: tuple[int, int]
    bill: str
    episode: str
    treatment_begun: Value | None

    def name(self, version: Version, name: str) -> str:
        """The running sum of a version that says `per`."""
        if (block := version.get("every_years")) and (since := version.get("since")):
            return f"{name}@{block}y{anniversary_year(self.day, since) // block}"
        return self.key(name, version.get("per", "bill"), version.cited.place)

    def key(self, name: str, period: str, place: Place) -> str:
        """A running sum's name for a period."""
        if period in ("bill", "visit"):
            return f"~{name}"
        if period in ("stay", "episode"):
            return f"{name}@{self.episode}" if self.episode else f"~{name}"
        return f"{name}@{self._label(period)}"

    def _label(self, period: str) -> str:
        if period == "treatment_year" and isinstance(self.treatment_begun, date):
            return f"t{self.treatment_begun}+{anniversary_year(self.day, self.treatment_begun)}"
        year = year_of(self.day, self.year_starts)
        return {
            "day": self.day.isoformat(),
            "month": f"{self.day:%Y-%m}",
            "quarter": f"{self.day.year}q{(self.day.month + 2) // 3}",
            "life": "life",
        }.get(
            period,
            str(year) if self.year_starts == (1, 1) else f"{year}/{self.year_starts[0]:02d}-{self.year_starts[1]:02d}",
        )
