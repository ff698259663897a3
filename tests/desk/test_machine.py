"""A desk under random orders of everything: after every step money is conserved and the books are what a plain model says.

The model knows nothing of pages, replays or transfers: it settles the bills that stand, in order, from nothing, with the engine alone.
`DUOCENG_MACHINE=20000x200` is the soak; `DUOCENG_MACHINE_SEED` says where it begins.
"""

import itertools
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from conftest import new_library
from databases import ENGINES, a_database
from desk.desks import CHINA, FACTS, Counter, a_bill, a_counter, with_members
from duoceng.base.mistakes import Refused
from duoceng.desk import helping
from duoceng.desk.asks import Ask, Call, Receipt, Undo
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import File
from duoceng.desk.replay import counts_at
from duoceng.desk.trip import settle_bill
from duoceng.desk.wallets import Sending, accept, call_back, credit, pay_premium, relative_fact, send
from duoceng.engine.settle import added
from duoceng.ledger.chain import FIRST, broken, digest_of
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill
from duoceng.records.entry import Entry, Transfer
from duoceng.store.books import Book, read_book
from duoceng.store.database import Database
from duoceng.store.pages import entries_of, entry_from, trial_balance

EXAMPLES, _, STEPS = os.environ.get("DUOCENG_MACHINE", "200x50").partition("x")
SEED = int(os.environ.get("DUOCENG_MACHINE_SEED", "0"))  # 0: one that Hypothesis chooses
EACH = 200  # runs after which a new database is begun: its trial balance is struck after every run
TOGETHER = 2000  # runs that Hypothesis remembers together: it keeps half a megabyte of each
Balances = dict[str, int]
LIBRARY = new_library()
DAYS = st.integers(0, 700).map(lambda n: date(2023, 1, 1) + timedelta(days=n))
PAYS = st.sampled_from(
    [(), (), ("account",), ("wallet", "account"), ("help:other",), ("account", "wallet", "help:other")]
)
AMOUNTS = st.one_of(st.integers(1, 5_000_000), st.integers(30_000_000, 90_000_000))


class Machine(RuleBasedStateMachine):
    """Two new members at a hospital of their own, and their bills that stand. `new_counter` is set by the test."""

    new_counter: Callable[[], Counter]
    counter: Counter
    runs = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        run = next(self.runs)
        if run % EACH == 0 or not hasattr(self, "counter"):
            type(self).counter = self.new_counter()
        self.hospital, self.members = f"H{run}", (f"ada{run}", f"bo{run}")
        with_members(self.counter, *self.members)
        ada, bo = self.members
        for one, other in ((ada, bo), (bo, ada)):
            enrol(
                self.counter.desk,
                Told(one, (relative_fact(other, "sibling", date(2020, 1, 1), "book"),)),
                self.counter.call(),
            )
        self.counter.clock.now = datetime(2025, 3, 3, 12, tzinfo=CHINA)
        self.offers: list[tuple[str, str, int]] = []
        self.live: dict[str, dict[str, Bill]] = {member: {} for member in self.members}
        self.asks: list[tuple[Any, Call, Receipt]] = []
        self.number = 0
        self.books = {member: Kept(member) for member in self.members}
        self.settled: dict[tuple[object, ...], tuple[dict[str, int], list[tuple[str, int]]]] = {}

    def do(self, ask: Ask | Undo, call: Call) -> Receipt:
        desk = self.counter.desk
        receipt = helping.settle(desk, ask, call) if isinstance(ask, Ask) else helping.reverse(desk, ask, call)
        self.asks.append((ask, call, receipt))
        return receipt

    @rule(which=st.integers(0, 1), day=DAYS, amount=AMOUNTS, pays=PAYS)
    def settle(self, which: int, day: date, amount: int, pays: tuple[str, ...]) -> None:
        self.number += 1
        outside, pays = amount % 99_999, tuple(source.replace("other", self.members[1 - which]) for source in pays)
        member, bill = self.members[which], a_bill(f"b{self.number}", day, amount, outside)
        self.do(Ask(member, bill, self.hospital, pays), self.counter.call())
        self.live[member][bill.id] = bill

    @precondition(lambda self: any(self.live.values()))
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        member = data.draw(st.sampled_from([m for m in self.members if self.live[m]]))
        bill = data.draw(st.sampled_from(sorted(self.live[member])))
        self.do(Undo(member, bill=bill), self.counter.call())
        del self.live[member][bill]

    @precondition(lambda self: any(self.live.values()))
    @rule(data=st.data(), amount=AMOUNTS, day=DAYS)
    def correct(self, data: st.DataObject, amount: int, day: date) -> None:
        member = data.draw(st.sampled_from([m for m in self.members if self.live[m]]))
        old = data.draw(st.sampled_from(sorted(self.live[member])))
        self.number += 1
        bill = a_bill(f"b{self.number}", day, amount, replaces=old)
        self.do(Ask(member, bill, self.hospital), self.counter.call())
        del self.live[member][old]
        self.live[member][bill.id] = bill

    @precondition(lambda self: bool(self.asks))
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        ask, call, receipt = data.draw(st.sampled_from(self.asks))
        desk = self.counter.desk
        again = helping.settle(desk, ask, call) if isinstance(ask, Ask) else helping.reverse(desk, ask, call)
        assert again == replace(receipt, repeated=True)

    @rule(which=st.integers(0, 1), amount=st.integers(1, 3_000_000))
    def earn(self, which: int, amount: int) -> None:
        credit(self.counter.desk, self.members[which], amount, "a month", self.counter.call())

    @rule(which=st.integers(0, 1), amount=st.integers(1, 250_000), hours=st.integers(0, 30))
    def offer(self, which: int, amount: int, hours: int) -> None:
        self.counter.clock.now += timedelta(hours=hours)
        sender, to = self.members[which], self.members[1 - which]
        try:
            sent = send(self.counter.desk, Sending(sender, to, amount), self.counter.call())
        except Refused as refused:
            assert {m.code for m in refused.mistakes} == {"D011"}
        else:
            self.offers.append((sender, to, int(sent.drawn[0][0])))

    @precondition(lambda self: bool(self.offers))
    @rule(data=st.data(), take=st.booleans())
    def take_or_call_back(self, data: st.DataObject, take: bool) -> None:
        sender, to, number = data.draw(st.sampled_from(self.offers))
        try:
            if take:
                accept(self.counter.desk, to, sender, number, "t")
            else:
                call_back(self.counter.desk, sender, number)
        except Refused as refused:
            assert {m.code for m in refused.mistakes} == {"D012"}

    @rule(which=st.integers(0, 1), amount=st.integers(1, 500_000), own=st.booleans())
    def premium(self, which: int, amount: int, own: bool) -> None:
        payer = self.members[which]
        try:
            pay_premium(
                self.counter.desk, payer, payer if own else self.members[1 - which], amount, self.counter.call()
            )
        except Refused as refused:
            assert {m.code for m in refused.mistakes} == {"D006"}

    @rule()
    def morning(self) -> None:
        helping.return_due(self.counter.desk)

    @rule(which=st.integers(0, 1))
    def bar(self, which: int) -> None:
        self.number += 1
        member, key = self.members[which], f"lost {self.hospital} {self.number}"
        self.counter.desk.reverse(Undo(member, key=key), self.counter.call())
        with pytest.raises(Refused):
            self.counter.desk.settle(
                Ask(member, a_bill("never", date(2024, 1, 1), 1), self.hospital), Call("teller", "H1", key)
            )

    @invariant()
    def the_books_are_the_model(self) -> None:
        """Money is conserved, nothing stays on the way, and every book is what the bills that stand come to."""
        stuck: Balances = {}
        got = 0
        for member in self.members:
            kept = self.books[member]
            book = kept.go_on(self.counter.desk.database)
            sums, wanted = self.model(member)
            assert book.sums == sums
            assert {account: amount for account, amount in kept.paid.items() if amount} == wanted
            for account, (amount, held) in book.balances.items():
                assert 0 <= held <= amount
                assert amount == kept.balances.get(account, 0)
            for account, amount in kept.balances.items():
                got += amount if account.startswith("hospital/") else 0
                if account.startswith("transit/"):
                    stuck[account] = stuck.get(account, 0) + amount
        assert got == sum(
            sum(sum(part.amounts) for part in bill.parts) for bills in self.live.values() for bill in bills.values()
        )
        assert not any(stuck.values())

    def model(self, member: str) -> tuple[dict[str, int], Balances]:
        """The running sums of the bills that stand, settled in order from nothing, and what funds and member gave for them.

        What a bill comes to after the same sums is kept: it is asked for after every step.
        """
        sums: dict[str, int] = {}
        wanted: Balances = {}
        for bill in sorted(self.live[member].values(), key=counts_at):
            known = (bill.id, *sorted(sums.items()))
            if known not in self.settled:
                who = File(FACTS).member(member, bill.discharged, ())
                settled = settle_bill(LIBRARY, who, bill, sums, Options(allow_unverified=True))
                layers = zip(settled.plan.layers, settled.paid, strict=True)
                gave = [(f"fund/{who.region}/{layer.payer}", paid) for layer, paid in layers]
                self.settled[known] = (added(sums, settled.changes), [*gave, ("member", settled.member_pays)])
            sums, gave = self.settled[known]
            for account, amount in gave:
                wanted[account] = wanted.get(account, 0) - amount
        return sums, {account: amount for account, amount in wanted.items() if amount}

    def teardown(self) -> None:
        """Read anew, the books are page for page what they were when each page was written; over the whole database, everything that
        ever moved adds up to nothing."""
        database = self.counter.desk.database
        for member in self.members:
            pages = entries_of(database, member)
            assert pages == self.books[member].pages
            assert broken(pages) == ""
        assert sum(trial_balance(database).values()) == 0


@dataclass
class Kept:
    """A member's book as it was read page by page: what its accounts got less what they gave, and of that what was for bills."""

    member: str
    pages: list[Entry] = field(default_factory=list)
    balances: Balances = field(default_factory=dict)
    paid: Balances = field(default_factory=dict)

    def go_on(self, database: Database) -> Book:
        """Read what was written since; the book as it stands."""
        book, _ = read_book(database, self.member)
        assert book is not None
        while len(self.pages) < book.pages:
            page = page_of(database, self.member, len(self.pages) + 1)
            before = self.pages[-1].digest if self.pages else FIRST
            assert (page.number, page.before, page.digest) == (len(self.pages) + 1, before, digest_of(page, before))
            self.pages.append(page)
            for moved in page.transfers:
                self._note(moved)
        return book

    def _note(self, moved: Transfer) -> None:
        for account, amount in ((moved.debit, -moved.amount), (moved.credit, moved.amount)):
            self.balances[account] = self.balances.get(account, 0) + amount
            if moved.bill and not account.startswith("hospital/"):
                side = account if account.startswith("fund/") else "member"
                self.paid[side] = self.paid.get(side, 0) + amount


def page_of(database: Database, member: str, number: int) -> Entry:
    """One page of a book."""
    which = {"member": member, "number": number}
    [row] = database.rows("SELECT * FROM entry WHERE member = :member AND number = :number", **which)
    moves = database.rows("SELECT * FROM transfer WHERE member = :member AND number = :number ORDER BY line", **which)
    return entry_from(row, tuple(Transfer(m["debit"], m["credit"], m["amount"], m["tier"], m["bill"]) for m in moves))


@pytest.mark.parametrize("engine", ENGINES)
def test_the_desk_is_the_model(engine: str, tmp_path: Path) -> None:
    with ExitStack() as opened:

        def new_counter() -> Counter:
            return a_counter(opened.enter_context(a_database(engine, tmp_path)), LIBRARY)

        machine: Callable[[], Machine] = type("Machine", (Machine,), {"new_counter": staticmethod(new_counter)})
        for first in range(0, int(EXAMPLES), TOGETHER):
            some = min(int(EXAMPLES) - first, TOGETHER)
            asked = settings(max_examples=some, stateful_step_count=int(STEPS), deadline=None, suppress_health_check=list(HealthCheck))  # fmt: skip
            run_state_machine_as_test(seed(SEED + first)(machine) if SEED else machine, settings=asked)
            print(f"{engine}: {first + some} runs", flush=True)
