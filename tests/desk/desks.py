"""Desks for tests: members of a place whose year has a deductible, a ceiling and a second layer, and bills for them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from duoceng.desk.asks import Ask, Call, Undo
from duoceng.desk.counter import Desk
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.kernel.columns import KIND_COUNT
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Part
from duoceng.store.database import Database

CHINA = timezone(timedelta(hours=8))
NOON = datetime(2024, 12, 1, 12, tzinfo=CHINA)
FACTS = (Fact("enrolment", date(2020, 1, 1), answers={"scheme": "employee"}, region="jiangmen"),)


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Counter:
    """A desk with a clock, and a call for everything."""

    desk: Desk
    clock: Clock = field(default_factory=Clock)
    calls: int = 0
    other: Any = None  # another desk on the same database, as another process has it

    def call(self, key: str = "") -> Call:
        """A call under a key of its own, or under this one."""
        self.calls += 1
        return Call("teller", "H1", key or f"k{self.calls}")


def a_counter(database: Database, library: Library) -> Counter:
    """A desk on a database."""
    clock = Clock()
    return Counter(Desk(database, library, clock, Options(allow_unverified=True)), clock)


def with_members(counter: Counter, *names: str) -> None:
    """Enrol members of the place."""
    for name in names:
        enrol(counter.desk, Told(name, FACTS), counter.call())


def a_bill(name: str, day: date, in_scope: int, outside: int = 0, **more: object) -> Bill:
    """A stay in a hospital of the second level; amounts in fen."""
    amounts = [0] * KIND_COUNT
    amounts[0], amounts[-1] = in_scope, outside
    answers = {"care": "inpatient", "level": "secondary", "referral": "local"}
    return Bill(name, day, attributes=answers, parts=(Part(tuple(amounts)),), **more)  # type: ignore[arg-type]


def asked(member: str, bill: Bill, pays: tuple[str, ...] = ()) -> Ask:
    """A bill to settle at the hospital H1."""
    return Ask(member, bill, "H1", pays)


def undone(member: str, bill: str) -> Undo:
    """A bill to take back."""
    return Undo(member, bill=bill)
