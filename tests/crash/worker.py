"""A desk under load in a process of its own: `python worker.py` reads orders, each `URL FIRST PLACE`, and forks a desk for each.

A forked desk has read its rules already, so that a crash costs milliseconds. Four threads settle and take back bills from number FIRST
on, saying `ask N` before and `done N` after, until somebody kills it: at a named place, or from outside.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[2])]

from conftest import POLICIES  # noqa: E402
from desk.desks import Counter, a_bill, a_counter  # noqa: E402
from duoceng.base import failpoint  # noqa: E402
from duoceng.desk.asks import Ask, Call, Undo  # noqa: E402
from duoceng.policy.library import Library  # noqa: E402
from duoceng.store.database import open_database  # noqa: E402

MEMBERS, THREADS, MOST = 6, 4, 2000
NOWHERE: Any = None  # opened after the fork


def act(counter: Counter, number: int) -> None:
    """Every number is one asking under one key: mostly a bill of its own, each fifth takes one back by its key."""
    member, call = f"m{number % MEMBERS}", Call("teller", "H1", f"load {number}")
    if number % 5 == 4 and number >= MEMBERS:
        counter.desk.reverse(Undo(member, key=f"load {number - MEMBERS}"), call)
    else:
        day = date(2024, 1, 1) + timedelta(days=number % 300)
        counter.desk.settle(Ask(member, a_bill(f"b{number}", day, 10_000 + number), "H1"), call)


def say(words: str) -> None:
    """One line, at once, in one piece."""
    os.write(1, f"{words}\n".encode())


def load(url: str, first: int, counter: Counter) -> None:
    """Numbers from one on, by several threads, each member's in order."""
    counter.desk.database = open_database(url)

    def run(share: int) -> None:
        for number in range(first, first + MOST):
            if number % MEMBERS % THREADS == share:
                say(f"ask {number}")
                act(counter, number)
                say(f"done {number}")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))


def main() -> None:
    """Fork a desk for each order."""
    counter = a_counter(NOWHERE, Library(POLICIES))
    act_once = threading.active_count()
    for line in sys.stdin:
        url, first, place = line.split()
        assert threading.active_count() == act_once, "a process is forked before it has threads"
        child = os.fork()
        if not child:
            failpoint.arm("" if place == "-" else place)
            say(f"pid {os.getpid()}")
            load(url, int(first), counter)
            os._exit(0)
        _, ended = os.waitpid(child, 0)
        say(f"end {ended}")


if __name__ == "__main__":
    main()
