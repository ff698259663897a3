"""The desk killed wherever it hurts: what was acknowledged is there, nothing is doubled or half, and going on ends where no crash would have.

`DUOCENG_KILLS=20,2000` is the soak: so often at every named place, and so often at random.
"""

import os
import random
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from conftest import POLICIES
from crash.script import MEMBERS, do, script
from databases import ENGINES, a_database, new_url
from desk.desks import a_counter
from duoceng.base.failpoint import NAMES
from duoceng.desk.digest import digest_of_member
from duoceng.desk.plans import Plans
from duoceng.desk.verify import verify
from duoceng.policy.library import Library
from duoceng.store.database import Database, open_database
from duoceng.store.pages import trial_balance
from duoceng.store.snapshot import snapshot

HERE = Path(__file__).resolve().parent
AT_NAMES, _, AT_RANDOM = os.environ.get("DUOCENG_KILLS", "1,3").partition(",")
COUNT = 40
PLACES = [name for name in NAMES if name != "delivered"]  # the outbox has a test of its own


@cache
def rules() -> Library:
    return Library(POLICIES)


@cache
def undisturbed(seed: int) -> tuple[str, ...]:
    """Where a day ends that nobody disturbs."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder, a_database("sqlite", Path(folder)) as database:
        do(a_counter(database, rules()), script(seed, COUNT), 0)
        return state(database)


def state(database: Database) -> tuple[str, ...]:
    """All that the members' years and money are."""
    return tuple(digest_of_member(database, member) for member in MEMBERS)


def run(url: str, seed: int, die_at: str = "", seconds: float = 0.0) -> tuple[list[str], int]:
    """A day in a process of its own, killed at a place or after a while; what it said, and how it ended."""
    place = {**os.environ, "DUOCENG_DIE_AT": die_at, "PYTHONDONTWRITEBYTECODE": "1"}
    words = [sys.executable, str(HERE / "script.py"), url, str(seed), str(COUNT)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=place)
    assert child.stdout
    said = []
    if seconds:
        said.append(child.stdout.readline())  # it has begun
        time.sleep(seconds)
        child.kill()
    said += child.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")], child.wait(60)


def go_on(url: str, seed: int, said: list[str]) -> None:
    """After a crash: what was acknowledged is there; the rest is done under the same keys; the end is that of an undisturbed day."""
    done = [int(line.removeprefix("done ")) for line in said if line.startswith("done ")]
    database = open_database(url)
    counter = a_counter(database, rules())
    for at in done:
        kept = counter.desk.answer("H1", f"act {at}")
        assert kept is not None
        assert kept[1] == "done"
    do(counter, script(seed, COUNT), max(done, default=-1) + 1)
    balances = trial_balance(database)
    assert sum(balances.values()) == 0
    assert not [account for account, amount in balances.items() if account.startswith("transit/") and amount]
    assert not database.rows("SELECT member FROM hold WHERE state = 'open'")
    with snapshot(
        url
    ) as reading:  # nothing is half: every row is what its page says, and the years are those of the rules
        assert verify(reading, Plans(rules(), counter.desk.options), iter(()), lambda percent: None).mistakes == []
    assert state(database) == undisturbed(seed)
    database.close()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("place", PLACES)
def test_killed_at_a_place(place: str, engine: str, tmp_path: Path) -> None:
    for time_ in range(int(AT_NAMES)):
        url = new_url(engine, tmp_path)
        few = place in ("held", "helped", "posted")
        said, code = run(url, 7, f"{place}:{1 + time_ % 3 if few else 11 + time_ * 3}")
        assert code == -9, "it was to die there"
        go_on(url, 7, said)


@pytest.mark.parametrize("engine", ENGINES)
def test_killed_at_random(engine: str, tmp_path: Path) -> None:
    draw = random.Random(5)
    for _ in range(int(AT_RANDOM)):
        url = new_url(engine, tmp_path)
        said, _ = run(url, 7, seconds=draw.random() * 0.5)
        go_on(url, 7, said)
