"""A desk of several threads killed under load, again and again on one database (a new one after a hundred times): nothing acknowledged is lost, nothing doubled, nothing half.

What was asked and not answered is settled by asking again under the same key. `DUOCENG_KILLS=20,2000` is the soak.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from conftest import POLICIES
from crash.worker import MEMBERS, MOST, act
from databases import ENGINES, a_database
from desk.desks import Counter, a_counter, with_members
from duoceng.base.failpoint import NAMES
from duoceng.desk.plans import Plans
from duoceng.desk.verify import verify
from duoceng.policy.library import Library
from duoceng.store.database import Database
from duoceng.store.snapshot import snapshot

AT_NAMES, _, AT_RANDOM = os.environ.get("DUOCENG_KILLS", "1,6").partition(",")
PASSED = ("begun", "half_written", "written", "committed", "answered")
EACH = 100  # kills after which a new database is begun: it is proved whole again and again
RULES = Library(POLICIES)


@contextmanager
def a_nursery() -> Iterator[Any]:
    """A process that has read the rules and forks desks."""
    worker = str(Path(__file__).resolve().parent / "worker.py")
    with subprocess.Popen([sys.executable, worker], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        yield child
        assert child.stdin
        child.stdin.close()


def killed(nursery: Any, order: str, seconds: float) -> tuple[set[int], set[int]]:
    """One desk under load, killed at its place or after a while: what was asked, and what was answered."""
    nursery.stdin.write(order + "\n")
    nursery.stdin.flush()
    asked: set[int] = set()
    done: set[int] = set()
    deadline = 0.0
    pid = 0
    for line in nursery.stdout:
        word, number = line.split()
        if word == "end":
            assert int(number) == signal.SIGKILL, "it was to be killed"
            return asked, done
        pid = int(number) if word == "pid" else pid
        {"ask": asked, "done": done}.get(word, set()).add(int(number))
        deadline = deadline or time.monotonic() + seconds
        if seconds and time.monotonic() >= deadline:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    raise AssertionError("the nursery is gone")


def mended(counter: Counter, asked: set[int], done: set[int]) -> None:
    """All that was acknowledged is there; all that was asked is answered when it is asked again, and no bill stands twice."""
    for number in sorted(done):
        kept = counter.desk.answer("H1", f"load {number}")
        assert kept is not None, f"{number} was acknowledged and is lost"
        assert kept[1] == "done"
    for number in sorted(asked - done):
        act(counter, number)


def is_whole(counter: Counter, asked: set[int]) -> None:
    """Nothing is half, and the bills that stand are those that were asked for and not taken back."""
    with snapshot(counter.desk.database.url) as reading:
        assert verify(reading, Plans(RULES, counter.desk.options), iter(()), lambda percent: None).mistakes == []
    back = {number - MEMBERS for number in asked if number % 5 == 4 and number >= MEMBERS}
    wanted = {f"b{number}" for number in asked if number % 5 != 4 or number < MEMBERS}
    rows = counter.desk.database.rows("SELECT bill, state FROM bill")
    assert {row["bill"] for row in rows} == wanted
    assert {row["bill"] for row in rows if row["state"] == "reversed"} == {f"b{number}" for number in back} & wanted


@pytest.mark.parametrize("engine", ENGINES)
def test_killed_under_load(engine: str, tmp_path: Path) -> None:
    assert set(PASSED) <= set(NAMES)
    draw = random.Random(11)
    places = [f"{name}:{draw.randrange(1, 40)}" for name in PASSED for _ in range(int(AT_NAMES))]
    places += ["-"] * int(AT_RANDOM)
    with a_nursery() as nursery:
        for first in range(0, len(places), EACH):
            some = [(place, 0.0 if place != "-" else draw.random() * 0.4) for place in places[first : first + EACH]]
            with a_database(engine, tmp_path) as database:
                killed_again_and_again(nursery, database, some)


def killed_again_and_again(nursery: Any, database: Database, places: list[tuple[str, float]]) -> None:
    """One database, and a desk that is killed at each of these places or moments."""
    counter = a_counter(database, RULES)
    with_members(counter, *[f"m{n}" for n in range(MEMBERS)])
    asked: set[int] = set()
    for turn, (place, seconds) in enumerate(places):
        new, done = killed(nursery, f"{database.url} {turn * MOST} {place}", seconds)
        mended(counter, new, done)
        asked |= new
        if turn % 20 == 0 or turn == len(places) - 1:
            is_whole(counter, asked)
