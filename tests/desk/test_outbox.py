"""What happened is told at least once, in the order of each book, also when the worker is killed, and by several workers at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from time import sleep

import pytest

from conftest import ROOT
from databases import ENGINES, a_database
from desk.desks import CHINA, Counter, a_bill, a_counter, asked, undone, with_members
from duoceng.desk import wallets
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.outbox import Event, NotTaken, deliver
from duoceng.policy.library import Library
from duoceng.store.books import read_book
from duoceng.store.pages import trial_balance

DAY = date(2025, 3, 3)
WORKER = """
import sys
from datetime import datetime
from conftest import new_library
from duoceng.desk.counter import Desk
from duoceng.desk.outbox import deliver
from duoceng.store.database import open_database
desk = Desk(open_database(sys.argv[1]), new_library(), lambda: datetime.fromisoformat("2025-03-03T12:00:00+08:00"))
deliver(desk, lambda event: print(event.id, flush=True))
"""


@pytest.fixture(params=ENGINES)
def counter(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Counter]:
    with a_database(request.param, tmp_path) as database:
        found = a_counter(database, library)
        found.clock.now = datetime(2025, 3, 3, 12, tzinfo=CHINA)
        with_members(found, "ada", "bo")
        yield found


def settle(counter: Counter, member: str, bill: str) -> None:
    counter.desk.settle(asked(member, a_bill(bill, DAY, 1_000_000)), counter.call())


def test_events_are_told_once_in_the_order_of_the_book(counter: Counter) -> None:
    settle(counter, "ada", "b1")
    settle(counter, "bo", "b1")
    counter.desk.reverse(undone("ada", "b1"), counter.call())
    told: list[Event] = []

    assert deliver(counter.desk, told.append) == 3
    assert [(e.id, e.topic, e.said["bill"]) for e in told if e.member == "ada"] == [
        ("ada/2/1", "settle", "b1"),
        ("ada/3/1", "reverse", "b1"),
    ]
    assert deliver(counter.desk, told.append) == 0


def test_what_is_not_taken_holds_up_its_own_book_only(counter: Counter) -> None:
    for member in ("ada", "bo"):
        settle(counter, member, "b1")
        settle(counter, member, "b2")
    told: list[str] = []

    def tell(event: Event) -> None:
        if event.id == "ada/3/1" and "closed" not in told:
            told.append("closed")
            raise NotTaken
        told.append(event.id)

    assert deliver(counter.desk, tell) == 3
    assert deliver(counter.desk, tell) == 1
    assert told == ["ada/2/1", "closed", "bo/2/1", "bo/3/1", "ada/3/1"]


def test_a_killed_worker_tells_again_with_the_same_id(counter: Counter) -> None:
    settle(counter, "ada", "b1")
    settle(counter, "bo", "b1")

    assert worker(counter, "delivered:2") == (-9, ["ada/2/1", "bo/2/1"])
    assert worker(counter, "") == (0, ["bo/2/1"])


def worker(counter: Counter, dies_at: str) -> tuple[int, list[str]]:
    """A worker in a process of its own: how it ended, and what it told."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("tests", "src"))
    words = os.environ | {"DUOCENG_DIE_AT": dies_at, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, "-c", WORKER, counter.desk.database.url],
        env=words,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.split()


def test_money_that_was_accepted_arrives_by_the_outbox(counter: Counter) -> None:
    desk = counter.desk
    enrol(desk, Told("ada", (wallets.relative_fact("bo", "sibling", date(2020, 1, 1), "book"),)), counter.call())
    wallets.credit(desk, "ada", 500_000, "2025-03", counter.call())
    sent = wallets.send(desk, wallets.Sending("ada", "bo", 5_000), counter.call())
    row = wallets.offered(desk, "ada", int(sent.drawn[0][0]), "bo")
    wallets.end_hold(desk, "ada", row, "posted", wallets.CROSSING)  # and killed before it arrived
    told: list[str] = []
    deliver(desk, lambda event: told.append(event.topic))
    deliver(desk, lambda event: told.append(event.topic))

    book, _ = read_book(desk.database, "bo")
    assert book is not None
    assert book.balances["wallet/bo"] == (5_000, 0)
    assert trial_balance(desk.database)["transit/wallet"] == 0
    assert told.count("accepted") == 1


def test_several_workers_share_the_work_and_keep_the_order(counter: Counter) -> None:
    names = [f"m{n}" for n in range(12)]
    with_members(counter, *names)
    for bill in ("b1", "b2", "b3"):
        for name in names:
            settle(counter, name, bill)
    told: list[str] = []

    def tell(event: Event) -> None:
        sleep(0.002)
        told.append(event.id)

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: deliver(counter.desk, tell), range(4)))

    assert sum(counts) == len(told) == len(set(told)) == 36
    for name in names:
        assert [one for one in told if one.startswith(f"{name}/")] == [f"{name}/{page}/1" for page in (2, 3, 4)]
