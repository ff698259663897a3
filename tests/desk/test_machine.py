"""A desk under random orders of everything: after every step money is conserved and the books are what a plain model says.

The model knows nothing of pages, replays or transfers: it settles the bills that stand, in order, from nothing, with the engine alone.
`DUOCENG_MACHINE=20000x200` is the soak.
"""

import itertools
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
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
from duoceng.ledger.chain import broken
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill
from duoceng.records.entry import Entry
from duoceng.store.books import read_book
from duoceng.store.pages import entries_of, trial_balance

EXAMPLES, _, STEPS = os.environ.get("DUOCENG_MACHINE", "200x50").partition("x")
COUNT = itertools.count()
LIBRARY = new_library()
DAYS = st.integers(0, 700).map(lambda n: date(2023, 1, 1) + timedelta(days=n))
PAYS = st.sampled_from(
    [(), (), ("account",), ("wallet", "account"), ("help:other",), ("account", "wallet", "help:other")]
)
AMOUNTS = st.one_of(st.integers(1, 5_000_000), st.integers(30_000_000, 90_000_000))


class Machine(RuleBasedStateMachine):
    """Two new members at a hospital of their own, and their bills that stand. `counter` is set by the test."""

    counter: Counter

    def __init__(self) -> None:
        super().__init__()
        run = next(COUNT)
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
    def money_is_conserved(self) -> None:
        moved = [
            m
            for member in self.members
            for page in entries_of(self.counter.desk.database, member)
            for m in page.transfers
        ]
        got = sum(m.amount for m in moved if m.credit.startswith("hospital/")) - sum(
            m.amount for m in moved if m.debit.startswith("hospital/")
        )
        assert got == sum(
            sum(sum(part.amounts) for part in bill.parts) for bills in self.live.values() for bill in bills.values()
        )

    def teardown(self) -> None:
        """Over the whole database, everything that ever moved adds up to nothing."""
        assert sum(trial_balance(self.counter.desk.database).values()) == 0

    @invariant()
    def the_books_are_the_model(self) -> None:
        database = self.counter.desk.database
        for member in self.members:
            sums: dict[str, int] = {}
            wanted: dict[str, int] = {}
            for bill in sorted(self.live[member].values(), key=counts_at):
                who = File(FACTS).member(member, bill.discharged, ())
                settled = settle_bill(LIBRARY, who, bill, sums, Options(allow_unverified=True))
                sums = added(sums, settled.changes)
                layers = zip(settled.plan.layers, settled.paid, strict=True)
                for account, amount in [(f"fund/{who.region}/{y.payer}", p) for y, p in layers] + [
                    ("member", settled.member_pays)
                ]:
                    wanted[account] = wanted.get(account, 0) - amount
            book, _ = read_book(database, member)
            pages = entries_of(database, member)
            assert book is not None
            assert book.sums == sums
            assert broken(pages) == ""
            assert paid_by(pages) == {account: amount for account, amount in wanted.items() if amount}
            for account, (amount, held) in book.balances.items():
                assert 0 <= held <= amount
                assert amount == sum(
                    (m.credit == account) * m.amount - (m.debit == account) * m.amount
                    for p in pages
                    for m in p.transfers
                )

    @invariant()
    def nothing_stays_on_the_way(self) -> None:
        stuck: dict[str, int] = {}
        for moved in (
            m
            for member in self.members
            for page in entries_of(self.counter.desk.database, member)
            for m in page.transfers
        ):
            for account, amount in ((moved.debit, -moved.amount), (moved.credit, moved.amount)):
                if account.startswith("transit/"):
                    stuck[account] = stuck.get(account, 0) + amount
        assert not any(stuck.values())


def paid_by(pages: list[Entry]) -> dict[str, int]:
    """What funds gave for bills, and the member's side (cash, account, wallet, relatives), from the pages of a book."""
    found: dict[str, int] = {}
    for moved in (moved for page in pages for moved in page.transfers if moved.bill):
        for account, amount in ((moved.debit, -moved.amount), (moved.credit, moved.amount)):
            if not account.startswith("hospital/"):
                side = account if account.startswith("fund/") else "member"
                found[side] = found.get(side, 0) + amount
    return {account: amount for account, amount in found.items() if amount}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_desk_is_the_model(engine: str, tmp_path: Path) -> None:
    with a_database(engine, tmp_path) as database:
        machine: Callable[[], Machine] = type("Machine", (Machine,), {"counter": a_counter(database, LIBRARY)})
        run_state_machine_as_test(machine, settings=settings(max_examples=int(EXAMPLES), stateful_step_count=int(STEPS),
                                                             deadline=None, suppress_health_check=list(HealthCheck)))  # fmt: skip
