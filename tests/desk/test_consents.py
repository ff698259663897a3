"""Insurers see and pay only what the member agreed to; several policies at once, co-insurers by their shares."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from conftest import ROOT
from databases import ENGINES, a_database
from desk.desks import CHINA, Counter, a_counter
from duoceng.desk.asks import Ask, Receipt, Undo
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.interfaces.bill_file import Case, read_case
from duoceng.policy.library import Library

FILE = ROOT / "examples" / "shanghai-five-layers.yaml"
CITY, RIDER = "shanghai.huhuibao.2023", "zhenai.million-medical"
LONG_AGO, NOW = date(2023, 1, 1), datetime(2024, 3, 2, 9, tzinfo=CHINA)


@pytest.fixture(params=ENGINES)
def counter(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Counter]:
    with a_database(request.param, tmp_path) as database:
        found = a_counter(database, library)
        found.clock.now = NOW
        yield found


@pytest.fixture
def case(library: Library) -> Case:
    return read_case(FILE.read_text(encoding="utf-8"), FILE.name, library.vocabulary)


def known(counter: Counter, case: Case, *consents: Fact) -> None:
    facts = [Fact("enrolment", LONG_AGO, answers=case.member.attributes, region="shanghai")]
    facts += [Fact("contract", LONG_AGO, answers=held.attributes, policy=held.policy) for held in case.member.products]
    enrol(counter.desk, Told("shen", (*facts, *consents)), counter.call())


def consent(product: str, begins: date = LONG_AGO, ends: date | None = None, purpose: str = "settlement") -> Fact:
    return Fact("consent", begins, ends, policy=product, said={"purpose": purpose, "who": "insurer"})


def settled(counter: Counter, case: Case) -> Receipt:
    return counter.desk.settle(Ask("shen", case.bills[0], "H1"), counter.call())


def insurers(receipt: Receipt) -> set[str]:
    return {moved.debit.split("/")[1] for moved in receipt.moved if moved.debit.startswith("insurer/")}


@pytest.mark.parametrize("consents, paid", [
    ((), set()),
    ((consent(CITY),), {CITY}),
    ((consent(CITY), consent(RIDER)), {CITY, RIDER}),
    ((consent(CITY, purpose="underwriting"), consent(RIDER)), {RIDER}),
    ((consent(CITY, ends=date(2024, 3, 1)), consent(RIDER, begins=date(2024, 3, 3))), set()),
    ((consent(CITY, begins=date(2024, 3, 2)), consent(RIDER, ends=date(2024, 3, 2))), {CITY, RIDER}),
    ((consent(CITY), consent(CITY, ends=date(2024, 1, 1))), set()),
], ids=["none", "one", "both", "another purpose", "over, and not yet begun", "from today, until today", "taken back"])  # fmt: skip
def test_no_insurer_is_asked_without_consent(
    consents: tuple[Fact, ...], paid: set[str], counter: Counter, case: Case
) -> None:
    known(counter, case, *consents)
    receipt = settled(counter, case)

    assert insurers(receipt) == paid
    assert set(receipt.withheld) == {CITY, RIDER} - paid
    assert receipt.billed == receipt.covered + receipt.member_pays


def test_what_was_agreed_to_holds_for_what_was_settled(counter: Counter, case: Case) -> None:
    known(counter, case, consent(CITY), consent(RIDER))
    first = settled(counter, case)
    enrol(
        counter.desk,
        Told("shen", (consent(CITY, ends=date(2024, 3, 2)), consent(RIDER, ends=date(2024, 3, 2)))),
        counter.call(),
    )
    counter.clock.now = datetime(2024, 6, 1, 9, tzinfo=CHINA)
    early = Ask(
        "shen",
        case.bills[0].__class__(
            "early", date(2024, 1, 5), attributes=case.bills[0].attributes, parts=case.bills[0].parts
        ),
        "H1",
    )
    late = counter.desk.settle(early, counter.call())

    assert insurers(first) == {CITY, RIDER}
    assert set(late.withheld) == {CITY, RIDER}
    assert not any(account.startswith("insurer/") for account in (m.debit for m in late.moved if m.bill == "early"))
    counter.desk.reverse(Undo("shen", bill="early"), counter.call())


def test_co_insurers_pay_by_their_shares(counter: Counter, case: Case) -> None:
    counter.desk.shares = {CITY: (("lead", 4_000), ("second", 3_333), ("third", 2_667))}
    known(counter, case, consent(CITY), consent(RIDER))
    receipt = settled(counter, case)
    by_account: dict[str, int] = {}
    for moved in receipt.moved:
        by_account[moved.debit] = by_account.get(moved.debit, 0) + moved.amount
    city = {account.rpartition("/")[2]: amount for account, amount in by_account.items() if CITY in account}

    assert sum(city.values()) == 3_368_435
    assert all(abs(city[name] * 10_000 - 3_368_435 * share) < 2 * 10_000 for name, share in counter.desk.shares[CITY])
    assert by_account[f"insurer/{RIDER}/lead"] == 3_568_565


def test_indemnity_is_never_more_than_the_bill(counter: Counter, case: Case) -> None:
    known(counter, case, consent(CITY), consent(RIDER))
    receipt = settled(counter, case)

    assert sum(moved.amount for moved in receipt.moved if moved.credit == "hospital/H1") == receipt.billed == 18_642_087
    assert receipt.covered <= receipt.billed


def test_the_commercial_code_is_a_consent_for_this_bill(counter: Counter, case: Case) -> None:
    known(counter, case)
    receipt = counter.desk.settle(Ask("shen", case.bills[0], "H1", agreed=True), counter.call())

    assert insurers(receipt) == {CITY, RIDER}
    assert receipt.withheld == ()
