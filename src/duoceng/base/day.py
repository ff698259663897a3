"""Days and the periods that limits run over. A period is named by a key, so that a new month, quarter or
medical year starts from nothing without anybody resetting anything:

    year that starts on 1 July:    2024-06-30 -> '2023'      2024-07-01 -> '2024'
"""

from datetime import date, timedelta

EARLIEST, LATEST = date(1980, 1, 1), date(2100, 12, 31)
EARLIEST_BIRTH = date(1880, 1, 1)


def day(text: str, earliest: date = EARLIEST) -> date:
    """The day an ISO text names. Raises ValueError with a repair."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a day, written like 2025-03-31") from None
    if not earliest <= found <= LATEST:
        raise ValueError(f"{text} lies outside {earliest} to {LATEST}")
    return found


def year_of(when: date, starts: tuple[int, int] = (1, 1)) -> int:
    """The medical year a day belongs to, named by the calendar year in which it starts."""
    return when.year if (when.month, when.day) >= starts else when.year - 1


def year_start(year: int, starts: tuple[int, int] = (1, 1)) -> date:
    """First day of a medical year."""
    return date(year, *starts)


def anniversary_year(when: date, begun: date) -> int:
    """How many full years have passed since a treatment (or a policy) began."""
    passed = when.year - begun.year
    return passed - ((when.month, when.day) < (begun.month, begun.day))


def passed(unit: str, begun: date, when: date) -> int:
    """Whole years, months or days from one day to another; below 0 where it lies before."""
    if unit == "days":
        return (when - begun).days
    if unit == "years":
        return anniversary_year(when, begun)
    months = (when.year - begun.year) * 12 + when.month - begun.month
    return months - (when.day < begun.day)


def days_between(first: date, last: date) -> int:
    """Nights between two days; a stay that ends on the day it began counts one."""
    return max((last - first) // timedelta(days=1), 1)
