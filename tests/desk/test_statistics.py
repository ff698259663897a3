"""The month's statistics out of the books add up, and what was taken back counts against what was given."""

from datetime import date, datetime
from pathlib import Path

import pytest

from databases import ENGINES, a_database
from desk.desks import CHINA, a_bill, a_counter, asked, undone, with_members
from duoceng.desk import helping
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.statistics import statistics
from duoceng.desk.wallets import Sending, accept, credit, pay_premium, relative_fact, send
from duoceng.ledger.identity import Identity
from duoceng.ledger.report import identities
from duoceng.policy.library import Library

DAY = date(2025, 3, 3)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_month_of_help(engine: str, tmp_path: Path, library: Library) -> None:
    with a_database(engine, tmp_path) as database:
        counter = a_counter(database, library)
        desk, counter.clock.now = counter.desk, datetime(2025, 3, 3, 12, tzinfo=CHINA)
        with_members(counter, "mum", "kid")
        enrol(desk, Told("mum", (relative_fact("kid", "child", date(2020, 1, 1), "book"),)), counter.call())
        credit(desk, "mum", 900_000, "2025-03", counter.call())
        helping.settle(desk, asked("kid", a_bill("b1", DAY, 0, 30_000), ("help:mum",)), counter.call())
        helping.settle(desk, asked("kid", a_bill("b2", DAY, 0, 7_000), ("help:mum",)), counter.call())
        helping.reverse(desk, undone("kid", "b2"), counter.call())
        pay_premium(desk, "mum", "kid", 40_000, counter.call())
        number = int(send(desk, Sending("mum", "kid", 20_000), counter.call()).drawn[0][0])
        accept(desk, "kid", "mum", number, "kid")
        helping.settle(desk, asked("kid", a_bill("b3", DAY, 0, 12_000), ("wallet",)), counter.call())
        figures = statistics(database, date(2025, 3, 1), date(2025, 3, 31), lambda region: "guangdong")
        nothing = statistics(database, date(2025, 4, 1), date(2025, 4, 30), lambda region: "guangdong")

    told = {name: int(figure.value) for name, figure in figures.items() if figure.value}
    assert told == {
        "aid.times": 3, "aid.amount": 90_000, "aid@guangdong.times": 3, "aid@guangdong.amount": 90_000,
        "aid.same_area.times": 2, "aid.same_area.amount": 70_000, "aid.wallet.times": 1, "aid.wallet.amount": 20_000,
        "aid.hospital.times": 1, "aid.hospital.amount": 30_000, "aid.hospital@guangdong.times": 1, "aid.hospital@guangdong.amount": 30_000,
        "aid.premium.times": 1, "aid.premium.amount": 40_000, "aid.premium@guangdong.times": 1, "aid.premium@guangdong.amount": 40_000,
        "aid.other.times": 1, "aid.other.amount": 20_000, "aid.other@guangdong.times": 1, "aid.other@guangdong.amount": 20_000,
        "wallet.in_province.times": 1, "wallet.in_province.amount": 20_000, "wallet.inside@guangdong.times": 1,
        "wallet.inside@guangdong.amount": 20_000, "wallet.spent.times": 1, "wallet.spent.amount": 12_000,
        "wallet.spent@guangdong.times": 1, "wallet.spent@guangdong.amount": 12_000}  # fmt: skip
    assert not any(figure.value for figure in nothing.values())
    ranges = {name: figure.bounds() for name, figure in figures.items()}
    must: list[Identity] = identities(figures)
    assert must
    assert [identity for identity in must if not identity.holds(ranges)] == []
