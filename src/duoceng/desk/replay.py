"""A member's years as they should be: every live bill settled anew, in the order they count, from what was brought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from duoceng.desk.asks import Ask
from duoceng.desk.people import File
from duoceng.desk.plans import Plans
from duoceng.desk.year import year_end_bill
from duoceng.engine.settle import added
from duoceng.records.bill import Bill, Member
from duoceng.records.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Live:
    """A bill that stands, with what it needs to be settled again; `asked` is the bill as it lies in its row."""

    bill: Bill
    hospital: str
    products: tuple[str, ...]  # held, and consented to, when it was settled first
    draws: tuple[tuple[str, int], ...] = ()
    page: int = 0  # on which it was settled; 0: on the next
    asked: bytes = b""


def counts_at(bill: Bill) -> str:
    """Where a bill stands in its year, as text that sorts: day, year's end after the others, day of settlement, id."""
    settled = bill.settled or bill.discharged
    return f"{bill.discharged.isoformat()} {int(bill.year_end)} {settled.isoformat()} {bill.id}"


def years(plans: Plans, name: str, file: File, live: Iterable[Live]) -> tuple[dict[str, Settlement], Mapping[str, int]]:
    """The settlements by bill, in order, and the running sums they leave."""
    found: dict[str, Settlement] = {}
    sums: Mapping[str, int] = file.opening
    for one in sorted(live, key=lambda live: counts_at(live.bill)):
        bill = year_end_bill(one.bill, tuple(found.values())) if one.bill.year_end else one.bill
        settled = plans.settle(member_for(file, name, one), bill, sums)
        found[one.bill.id] = settled
        sums = added(sums, settled.changes)
    return found, sums


def member_for(file: File, name: str, live: Live) -> Member:
    """The member of a bill: as of its day."""
    return file.member(name, live.bill.discharged, live.products)


def allowed(file: File, ask: Ask, today: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The products held on the day of a bill: whose insurers may be asked, and whose may not."""
    held = file.held(ask.bill.discharged)
    consented = frozenset(held) if ask.agreed else file.consented(today)
    return tuple(p for p in held if p in consented), tuple(p for p in held if p not in consented)
