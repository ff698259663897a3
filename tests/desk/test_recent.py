"""What a desk remembers of a member decides nothing: with it or without, the same is answered and refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from databases import ENGINES, a_database
from desk.desks import FACTS, Counter, a_bill, a_counter, asked, undone, with_members
from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Receipt
from duoceng.desk.digest import digest_of_member
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.desk.recent import DOUBT, Recent
from duoceng.ledger.chain import broken
from duoceng.policy.library import Library
from duoceng.store import books
from duoceng.store.books import Page, Seen, append, look
from duoceng.store.database import Conflict, open_database
from duoceng.store.pages import entries_of

FIRST = date(2024, 1, 1)


@pytest.fixture(params=ENGINES)
def counter(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Counter]:
    with a_database(request.param, tmp_path) as database:
        found, other = a_counter(database, library), open_database(database.url)
        found.other = a_counter(other, library).desk
        with_members(found, "ada", "ben")
        yield found
        other.close()


def settle(counter: Counter, bill: str, days: int = 0, key: str = "", member: str = "ada") -> Receipt:
    """A bill so many days after the first."""
    return counter.desk.settle(asked(member, a_bill(bill, FIRST + timedelta(days=days), 4_000_00)), counter.call(key))


def code(counter: Counter, *words: object) -> str:
    """The code of a refusal."""
    with pytest.raises(Refused) as told:
        settle(counter, *words)  # type: ignore[arg-type]
    return told.value.mistakes[0].code


def test_who_comes_again_is_not_looked_up(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(counter, "b1")
    monkeypatch.setattr("duoceng.desk.counter.look", None)
    assert [settle(counter, f"b{n}", n).page for n in range(2, 6)] == [3, 4, 5, 6]
    assert broken(entries_of(counter.desk.database, "ada")) == ""


def test_a_key_that_was_answered_is_answered_again(counter: Counter) -> None:
    first = settle(counter, "b1", 0, "one")
    settle(counter, "b2", 1, "two")
    again = settle(counter, "b1", 0, "one")
    assert again.repeated and again == replace(first, repeated=True)
    settle(counter, "b3", 2)
    assert code(counter, "b4", 3, "one") == "D002"  # another bill under that key
    settle(counter, "b4", 3)
    assert code(counter, "b5", 4, "one", "ben") == "D002"  # another member under that key
    assert len(entries_of(counter.desk.database, "ada")) == 5


def test_a_bill_is_settled_once_however_late_it_comes_again(counter: Counter) -> None:
    settle(counter, "b1")
    settle(counter, "b2", 1)
    assert code(counter, "b1", 2) == "D003"
    settle(counter, "b3", 3)
    counter.desk.reverse(undone("ada", "b3"), counter.call())
    assert settle(counter, "b3", 4).page == 6
    settle(counter, "b4", 5)
    assert settle(counter, "b0", -1).kind == "settle late"


def test_what_others_wrote_since_counts(counter: Counter) -> None:
    """Each bill of the other desk moves the deductible and the page; what was remembered is looked up anew."""
    for n in range(6):
        desk = (counter.desk, counter.other)[n // 2 % 2]
        desk.settle(asked("ada", a_bill(f"b{n}", FIRST + timedelta(days=n), 4_000_00)), counter.call())
        counter.desk.settle(asked("ben", a_bill(f"b{n}", FIRST + timedelta(days=n), 4_000_00)), counter.call())
    assert digest_of_member(counter.desk.database, "ada") == digest_of_member(counter.desk.database, "ben")
    assert broken(entries_of(counter.desk.database, "ada")) == ""


def test_nobody_is_refused_by_what_is_remembered(counter: Counter) -> None:
    """A move to another place, told to another desk: the bill is refused, or not, as the file says now."""
    settle(counter, "b1")
    gone = Fact("enrolment", FIRST + timedelta(days=5), answers={"scheme": "resident"}, region="beijing")
    enrol(counter.other, Told("ada", (gone,)), counter.call())
    with pytest.raises(Refused):
        settle(counter, "b2", 9)
    back = replace(FACTS[0], begins=FIRST + timedelta(days=6))
    settle(counter, "b3", 1)
    enrol(counter.other, Told("ada", (back,)), counter.call())
    assert settle(counter, "b4", 10).page == 6


def test_a_page_follows_the_last_one_or_is_not_written(counter: Counter) -> None:
    """Also where the database has lost pages since, as a replica may that takes over: no gap is written."""
    desk = counter.desk
    settle(counter, "b1")
    seen = look(desk.database, "ada", ("", ""))
    assert seen.book
    ahead = replace(seen.book, pages=seen.book.pages + 3, head="f" * 64)
    with pytest.raises(Conflict):
        append(desk.database, ahead, Page("note", counter.clock.now, "teller"))
    desk._recent.keep("ada", Seen(ahead, last="", remembered=True))
    assert settle(counter, "b2", 1).page == 3
    assert broken(entries_of(desk.database, "ada")) == ""


def test_the_book_after_a_page_is_the_book_that_is_read(counter: Counter) -> None:
    settle(counter, "b1")
    kept, seen = counter.desk._recent.take("ada"), look(counter.desk.database, "ada", ("", ""))
    assert kept and (kept.book, kept.last) == (seen.book, seen.last)
    assert isinstance(kept.book, books.Book)


def test_where_memory_is_often_wrong_nothing_is_remembered() -> None:
    def fails(seen: Seen) -> Receipt:
        raise Conflict("entry_pk")

    recent = Recent()
    for _ in range(DOUBT + 1):
        recent.keep("ada", Seen(None))
        assert recent.done("ada", fails) is None
    recent.keep("ada", Seen(None))
    assert recent.take("ada") is None
