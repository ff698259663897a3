"""Over which period a running sum is kept: a key that changes when the period does.

per: year, year_starts 07-01      2024-06-30 ──▶ ("year", 2023)      2024-07-01 ──▶ ("year", 2024)
"""

from datetime import date
from typing import Any

from reference.reading import Raw, begins

Key = tuple[Any, ...]


def medical_year(document: Raw, when: date) -> int:
    """The medical year of a day, named by the calendar year in which it starts."""
    return when.year if (when.month, when.day) >= begins(document) else when.year - 1


def period(per: str, document: Raw, bill: Any, when: date, begun: date | None) -> Key:
    """The period that a deciding day of a bill lies in."""
    if per in ("bill", "visit"):
        return ("bill", bill.id)
    if per in ("stay", "episode"):
        return ("episode", bill.episode) if bill.episode else ("bill", bill.id)
    if per == "day":
        return ("day", when)
    if per == "month":
        return ("month", when.year, when.month)
    if per == "quarter":
        return ("quarter", when.year, (when.month - 1) // 3)
    if per == "year":
        return ("year", begins(document), medical_year(document, when))
    if per == "treatment_year":
        assert begun
        return ("treatment_year", full_years(begun, when))
    return ("life",)


def full_years(since: date, when: date) -> int:
    """Full years passed between two days."""
    return when.year - since.year - ((when.month, when.day) < (since.month, since.day))


def since(attribute: Raw, given: dict[str, Any], when: date) -> int | None:
    """An answer counted from a day that is given: whole years, months or days, one after the other."""
    begun = given.get(attribute.get("since", ""))
    if not isinstance(begun, date) or begun > when:
        return None
    if attribute["in"] == "days":
        return when.toordinal() - begun.toordinal()
    if attribute["in"] == "years":
        return full_years(begun, when)
    months = 0
    while (begun.year + (begun.month + months) // 12, (begun.month + months) % 12 + 1, begun.day) <= (
        when.year,
        when.month,
        when.day,
    ):
        months += 1
    return months


def block(years: int, since: date, when: date) -> Key:
    """The block of n years, counted from a day."""
    return ("block", years, since, full_years(since, when) // years)
