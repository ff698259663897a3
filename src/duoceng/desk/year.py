"""A member's year: bills in the order they arrived, settled in the order they count.

A late, corrected or voided bill makes the year be replayed from its beginning; what that changed in bills already settled is
kept as differences (who owes whom), never edited in place.

    arrive   1 Mar   5 May   [late] 2 Apr        void 1 Mar
    count    1 Mar   5 May ─▶ 1 Mar 2 Apr 5 May ─▶ 2 Apr 5 May
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from duoceng.desk.trip import settle_bill
from duoceng.engine.settle import added
from duoceng.kernel.columns import KIND_COUNT, KINDS
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Member, Part
from duoceng.records.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Difference:
    """What the arrival of one bill changed in another: None before, or after, where it was not, or is no longer."""

    arrived: str
    bill: str
    before: Settlement | None
    after: Settlement | None


@dataclass(frozen=True, slots=True)
class Year:
    """Settlements in the order they count, the running sums they left, and every difference on the way."""

    settlements: tuple[Settlement, ...] = ()
    sums: Mapping[str, int] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()

    def totals(self) -> tuple[int, int, int]:
        """Billed, covered and left to the member over the year, in fen. A year's end bills nothing anew: it lowers what was left."""
        bills = [s for s in self.settlements if not s.bill.year_end]
        ends = sum(s.covered for s in self.settlements if s.bill.year_end)
        billed, covered = sum(s.billed for s in bills), sum(s.covered for s in bills) + ends
        return billed, covered, sum(s.member_pays for s in bills) - ends

    def of(self, bill: str) -> Settlement | None:
        """The settlement of a bill by its id."""
        return next((s for s in self.settlements if s.bill.id == bill), None)


def settle_year(
    library: Library,
    member: Member,
    bills: tuple[Bill, ...],
    options: Options = Options(),
    year: Year = Year(),
) -> Year:
    """The year after the bills have arrived, one after the other. Raises Refused at the first that cannot be settled."""
    for bill in bills:
        year = _arrive(library, member, bill, options, year)
    return year


def _arrive(library: Library, member: Member, bill: Bill, options: Options, year: Year) -> Year:
    live = {s.bill.id: s.bill for s in year.settlements}
    live.pop(bill.replaces, None)
    if not bill.void:
        live[bill.id] = bill
    in_order = sorted(live.values(), key=counts_at)
    if in_order and in_order[-1] is bill and len(live) == len(year.settlements) + 1:
        settled = _settle(library, member, bill, options, year)
        return Year((*year.settlements, settled), added(year.sums, settled.changes), year.differences)
    again = Year()
    for old in in_order:
        settled = _settle(library, member, old, options, again)
        again = Year((*again.settlements, settled), added(again.sums, settled.changes))
    return Year(again.settlements, again.sums, (*year.differences, *_differences(bill, year, again)))


def counts_at(bill: Bill) -> tuple[date, bool, date, str]:
    """Where a bill stands in its year: by day; a year's end after the bills of its last day."""
    return bill.discharged, bill.year_end, bill.settled or bill.discharged, bill.id


def _settle(library: Library, member: Member, bill: Bill, options: Options, year: Year) -> Settlement:
    if bill.year_end:
        bill = year_end_bill(bill, year.settlements)
    return settle_bill(library, member, bill, year.sums, options)


def year_end_bill(bill: Bill, settled: tuple[Settlement, ...]) -> Bill:
    """What the bills of the year that ends on this day left to the member, as one bill for the yearly layers."""
    last = bill.discharged
    first = year_before(last + timedelta(days=1))
    of_year = [s for s in settled if first <= s.bill.discharged <= last and not s.bill.year_end]
    amounts = tuple(sum(sum(s.left[k::KIND_COUNT]) for s in of_year) for k in range(KIND_COUNT))
    in_scope = sum(c.amounts[KINDS.index("in_scope")] for s in of_year for c in s.charges)
    units = {"billed": sum(s.billed for s in of_year), "in_scope": in_scope}
    return replace(bill, parts=(Part(amounts),), units=units)


def year_before(day: date) -> date:
    """The same day a year earlier; 29 February becomes 1 March."""
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else date(day.year - 1, 3, 1)


def _differences(arrived: Bill, before: Year, after: Year) -> list[Difference]:
    found = []
    for bill in dict.fromkeys(s.bill.id for s in (*before.settlements, *after.settlements)):
        old, new = before.of(bill), after.of(bill)
        if bill == arrived.id:
            continue
        if old is None or new is None or (old.paid, old.left) != (new.paid, new.left):
            found.append(Difference(arrived.id, bill, old, new))
    return found


Pair = tuple[Settlement | None, Settlement | None]


def pairs(one: Year, two: Year) -> list[Pair]:
    """Bills of one id; then those that only one side has, which are a pair where each side has just one of them."""
    found: list[Pair] = [(s, other) for s in one.settlements if (other := two.of(s.bill.id))]
    left: list[Settlement | None] = [s for s in one.settlements if two.of(s.bill.id) is None]
    right: list[Settlement | None] = [s for s in two.settlements if one.of(s.bill.id) is None]
    if len(left) == len(right) == 1:
        return [*found, (left[0], right[0])]
    return [*found, *((s, None) for s in left), *((None, s) for s in right)]
