"""Many at once on one member: the year is that of some order, keys are answered once, nothing is doubled.

Two desks share the database, as two processes would: within one desk a member's askings queue, between them the database decides.

`DUOCENG_RACES` says how many pairs (60 here, 100,000 in the soak), `DUOCENG_SPENDS` how many spends of accounts, and as many of
wallets (a million on each engine in the soak).
"""

import os
import threading
from collections import Counter as Outcomes
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from databases import ENGINES, a_database
from desk.desks import CHINA, Counter, a_bill, a_counter, asked, undone, with_members
from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Call, Receipt, Undo
from duoceng.desk.digest import digest_of_member
from duoceng.desk.wallets import credit, pay_premium
from duoceng.ledger.chain import broken
from duoceng.policy.library import Library
from duoceng.records.entry import Transfer
from duoceng.store.books import Page, append, read_book
from duoceng.store.database import open_database
from duoceng.store.pages import entries_of, trial_balance

RACES = int(os.environ.get("DUOCENG_RACES", "60"))
REPLAYS = int(os.environ.get("DUOCENG_REPLAYS", "300"))
SPENDS = int(os.environ.get("DUOCENG_SPENDS", "96"))
FIRST = date(2024, 1, 1)


@pytest.fixture(params=ENGINES)
def counter(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Counter]:
    with a_database(request.param, tmp_path) as database:
        found, other = a_counter(database, library), open_database(database.url)
        found.other = a_counter(other, library).desk
        yield found
        other.close()


def at_once(runs: list[Callable[[], Receipt]]) -> list[Receipt | str]:
    """Each in a thread of its own, let go together; what they answer, or the code of their refusal."""
    gate = threading.Barrier(len(runs))

    def run(one: Callable[[], Receipt]) -> Receipt | str:
        gate.wait()
        try:
            return one()
        except Refused as refused:
            return refused.mistakes[0].code

    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(run, runs))


def test_two_bills_at_once_are_those_of_an_order(counter: Counter) -> None:
    desk, desks = counter.desk, (counter.desk, counter.other)
    with_members(counter, "twin", *[f"m{n}" for n in range(RACES)])
    bills = [a_bill("one", FIRST, 3_000_000_00), a_bill("two", FIRST + timedelta(days=40), 2_000_000_01)]
    for bill in bills:
        desk.settle(asked("twin", bill), counter.call())
    wanted = digest_of_member(desk.database, "twin")
    for n in range(RACES):
        runs = [
            lambda at=at, bill=bill, n=n: desks[at].settle(asked(f"m{n}", bill), Call("t", "H1", f"{n} {bill.id}"))
            for at, bill in enumerate(bills)
        ]
        assert all(isinstance(answer, Receipt) for answer in at_once(runs))
        assert digest_of_member(desk.database, f"m{n}") == wanted
        assert broken(entries_of(desk.database, f"m{n}")) == ""


def test_one_key_sixty_four_times_has_one_effect(counter: Counter) -> None:
    desk = counter.desk
    with_members(counter, "ada")
    ask, call = asked("ada", a_bill("b1", FIRST, 123_456)), Call("t", "H1", "the key")
    answers = at_once([lambda: desk.settle(ask, call), lambda: counter.other.settle(ask, call)] * 32)

    assert all(isinstance(answer, Receipt) for answer in answers)
    assert sum(not answer.repeated for answer in answers if isinstance(answer, Receipt)) == 1
    assert trial_balance(desk.database)["hospital/H1"] == 123_456
    assert [page.kind for page in entries_of(desk.database, "ada")] == ["enrol", "settle"]


def test_one_key_and_other_bodies_at_once(counter: Counter) -> None:
    desk, desks = counter.desk, (counter.desk, counter.other)
    with_members(counter, *[f"m{n}" for n in range(8)])
    call = Call("t", "H1", "the key")
    answers = at_once(
        [lambda n=n: desks[n % 2].settle(asked(f"m{n}", a_bill("b", FIRST, 100 + n)), call) for n in range(8)]
    )

    assert sorted(answer if isinstance(answer, str) else "done" for answer in answers) == ["D002"] * 7 + ["done"]
    assert len([a for a in trial_balance(desk.database).values() if a > 0]) == 1


def test_a_bill_and_its_reversal_by_key_at_once(counter: Counter) -> None:
    desk = counter.desk
    with_members(counter, *[f"m{n}" for n in range(RACES)])
    for n in range(RACES):
        ask, key = asked(f"m{n}", a_bill("b", FIRST, 100)), f"key {n}"
        answers = at_once([lambda ask=ask, key=key: desk.settle(ask, Call("t", "H1", key)),
                           lambda n=n, key=key: counter.other.reverse(Undo(f"m{n}", key=key), Call("t", "H1", f"undo {key}"))])  # fmt: skip
        assert isinstance(answers[1], Receipt)
        assert answers[0] == "D005" if answers[1].kind == "never arrived" else isinstance(answers[0], Receipt)
    assert not any(trial_balance(desk.database).values())


def test_one_bill_reversed_by_many_is_reversed_once(counter: Counter) -> None:
    desk, desks = counter.desk, (counter.desk, counter.other)
    with_members(counter, "ada")
    desk.settle(asked("ada", a_bill("b1", FIRST, 5000)), counter.call())
    answers = at_once(
        [lambda n=n: desks[n % 2].reverse(undone("ada", "b1"), Call("t", "H1", f"u{n}")) for n in range(8)]
    )

    assert sorted(answer if isinstance(answer, str) else "done" for answer in answers) == ["D004"] * 7 + ["done"]
    assert not any(trial_balance(desk.database).values())


def racing(count: int, act: Callable[[int], Receipt]) -> Outcomes[str]:
    """Acts by their numbers, in order, eight under way all the time; how many were done, or refused with which code."""
    numbers, gate = iter(range(count)), threading.Lock()

    def once(number: int) -> str:
        try:
            act(number)
        except Refused as refused:
            code = refused.mistakes[0].code
            return once(number) if code == "D008" else code  # too many at once: ask again with the same key
        return "done"

    def work(_: int) -> Outcomes[str]:
        mine: Outcomes[str] = Outcomes()
        while True:
            with gate:
                number = next(numbers, None)
            if number is None:
                return mine
            mine[once(number)] += 1

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(work, range(8)), Outcomes())


def test_an_account_never_falls_below_nothing(counter: Counter) -> None:
    """Of 48 spends of each account, which two desks race for, it can pay 30."""
    desks, people = (counter.desk, counter.other), [f"m{n}" for n in range(max(SPENDS // 48, 1))]
    with_members(counter, *people)
    for name in people:
        credit(counter.desk, name, 30_000, "2025-01", counter.call())
    for desk in desks:
        desk.clock.now = datetime(2025, 3, 3, 12, tzinfo=CHINA)

    def spend(number: int) -> Receipt:
        name = people[number // 48]
        return pay_premium(desks[number % 2], name, name, 1_000, Call("t", "H1", f"p{number}"))

    assert racing(48 * len(people), spend) == {"D006": 18 * len(people), "done": 30 * len(people)}
    assert {row["amount"] for row in counter.desk.database.rows("SELECT amount FROM balance")} == {0}
    moved = trial_balance(counter.desk.database)
    assert {name: amount for name, amount in moved.items() if amount} == {
        "income/jiangmen": -30_000 * len(people),
        "premium/jiangmen": 30_000 * len(people),
    }


def test_a_wallet_never_falls_below_nothing(counter: Counter) -> None:
    """Of 16 bills of each wallet, which two desks race for, it pays ten, and the member the rest; four wallets at a time."""
    desks, people = (counter.desk, counter.other), [f"m{n}" for n in range(max(SPENDS // 64, 1) * 4)]
    with_members(counter, *people)
    for name in people:
        book, _ = read_book(counter.desk.database, name)
        assert book
        filled = Page(
            "filled", counter.clock.now, "t", transfers=(Transfer("income/jiangmen", f"wallet/{name}", 10_000),)
        )
        append(counter.desk.database, book, filled)

    def spend(number: int) -> Receipt:
        name = people[number // 64 * 4 + number // 2 % 4]
        bill = a_bill(f"b{number}", FIRST + timedelta(days=number % 64), 0, 1_000)
        return desks[number % 2].settle(asked(name, bill, ("wallet",)), Call("t", "H1", f"w{number}"))

    assert racing(16 * len(people), spend) == {"done": 16 * len(people)}
    assert {row["amount"] for row in counter.desk.database.rows("SELECT amount FROM balance")} == {0}
    moved = trial_balance(counter.desk.database)
    paid = {name.partition("/")[0]: 0 for name in moved}
    for name, amount in moved.items():
        paid[name.partition("/")[0]] += amount
    assert paid == {
        "cash": -6_000 * len(people),
        "hospital": 16_000 * len(people),
        "income": -10_000 * len(people),
        "wallet": 0,
    }


def test_a_key_asked_again_and_again_does_nothing_more(counter: Counter) -> None:
    desks = (counter.desk, counter.other)
    with_members(counter, "ada")
    ask, call = asked("ada", a_bill("b1", FIRST, 123_456)), Call("t", "H1", "the key")
    undo, back = undone("ada", "b1"), Call("t", "H1", "and back")
    first, last = counter.desk.settle(ask, call), counter.desk.reverse(undo, back)
    for n in range(REPLAYS):
        assert desks[n % 2].settle(ask, call).page == first.page
        assert desks[n % 2].reverse(undo, back).page == last.page
    assert [page.kind for page in entries_of(counter.desk.database, "ada")] == ["enrol", "settle", "reverse"]
