"""Where a member stands before anything is billed: a bill of nothing, settled after the year so far."""

from datetime import date

from duoceng.desk.asks import Ask
from duoceng.desk.counter import Desk
from duoceng.desk.people import File
from duoceng.desk.replay import Live, allowed, member_for
from duoceng.kernel import columns as k
from duoceng.records.bill import Bill, Part, Value
from duoceng.records.settlement import Settlement
from duoceng.store.books import Book


def tried(desk: Desk, book: Book, file: File, asked: tuple[date, dict[str, Value], str]) -> Settlement:
    """A bill of nothing of this kind on this day, settled after the year so far. Raises Refused where a question is not answered."""
    when, answers, hospital = asked
    bill = Bill(
        "eligibility",
        when,
        when,
        None,
        {"stay_days": 1, **answers},
        (Part((0,) * k.KIND_COUNT),),
        units={"days": 1, "visits": 1},
    )
    products, _ = allowed(file, Ask(book.member, bill, hospital), desk.clock().date())
    return desk.plans.settle(member_for(file, book.member, Live(bill, hospital, products)), bill, book.sums)
