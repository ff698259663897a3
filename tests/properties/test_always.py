"""What must always hold, on random members and bills over every document.

Hypothesis draws the seed, the size of a split, the order of arrival; the bills come from `reference.random_bills`, so that every
document, product and invented place takes part.
"""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conftest import INVENTED, POLICIES, new_library
from duoceng.base.mistakes import Refused
from duoceng.desk.trip import settle_bill
from duoceng.desk.year import Year, counts_at, settle_year
from duoceng.engine.explain import explain
from duoceng.engine.settle import added
from duoceng.interfaces.national import setldetail, setlinfo
from duoceng.kernel import columns as k
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Member, Part
from duoceng.records.settlement import Settlement
from reference.random_bills import Case, random_cases
from reference.reading import Folders

SEEDS = st.integers(0, 10**6)
OPTIONS = Options(allow_unverified=True)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def library() -> Library:
    """Read once."""
    return new_library()


@cache
def folders() -> Folders:
    """The same documents for the generator."""
    return Folders((POLICIES, INVENTED))


def a_case(seed: int) -> Case:
    """One random member's year."""
    return next(iter(random_cases(seed, folders(), 1)))


def a_year(seed: int) -> tuple[Case, Year]:
    """A random year that can be settled."""
    case = a_case(seed)
    try:
        return case, settle_year(library(), case.member, case.bills, options(case))
    except Refused:
        assume(False)
        raise


def options(case: Case) -> Options:
    """The options a case is settled with."""
    return replace(OPTIONS, order=case.order)


@MANY
@given(SEEDS)
def test_money_is_conserved_to_the_fen(seed: int) -> None:
    _, year = a_year(seed)
    for s in year.settlements:
        assert s.billed == s.covered + s.member_pays
        assert all(amount >= 0 for amount in (*s.paid, *s.left))
        assert sum(s.self_pay.values()) == s.member_pays


@MANY
@given(SEEDS)
def test_no_layer_pays_more_than_it_saw(seed: int) -> None:
    _, year = a_year(seed)
    for s in year.settlements:
        for step, trail in zip(s.plan.steps, s.trails, strict=True):
            if step.terms[k.MODE] != k.CASH:
                assert trail[k.PAID] <= trail[k.SEEN] <= s.billed
            assert trail[k.PAID] <= trail[k.PAYABLE] or step.terms[k.MODE] != k.PAY


@MANY
@given(SEEDS)
def test_no_ceiling_is_passed(seed: int) -> None:
    case, _ = a_year(seed)
    sums: dict[str, int] = {}
    for bill in sorted(case.bills, key=counts_at):
        before = Year((), sums)
        s = settle_year(library(), case.member, (bill,), options(case), before).settlements[-1]
        after = added(sums, s.changes)
        for name, limit in limits_of(s):
            assert after.get(name, 0) <= max(limit, sums.get(name, 0)), name
        sums = after


def limits_of(s: Settlement) -> list[tuple[str, int]]:
    """Every kept ceiling of a settlement: its running sum and its limit."""
    from duoceng.engine.settle import facts_of
    from duoceng.kernel.moves import limit_of

    facts = facts_of(s.bill, [a for c in s.charges for a in c.amounts])
    found: dict[str, int] = {}
    for step in s.plan.steps:
        for ceiling in k.ceilings_of(step.terms):
            name = s.plan.counters[ceiling[k.LIMIT_SLOT]]
            limit = ceiling[k.LIMIT] if ceiling[k.AXIS] == k.TIMES else limit_of(ceiling, facts, 0)
            if not name.startswith("~"):
                found[name] = max(found.get(name, 0), limit)
    return list(found.items())


@MANY
@given(SEEDS, st.randoms(use_true_random=False))
def test_a_shuffled_year_is_the_year_in_order(seed: int, random) -> None:  # type: ignore[no-untyped-def]
    case, in_order = a_year(seed)
    shuffled = list(case.bills)
    random.shuffle(shuffled)
    again = settle_year(library(), case.member, tuple(shuffled), options(case))

    assert again.sums == in_order.sums
    assert [(s.bill.id, s.paid, s.left) for s in again.settlements] == [
        (s.bill.id, s.paid, s.left) for s in in_order.settlements
    ]


@MANY
@given(SEEDS)
def test_settle_and_reverse_is_nothing(seed: int) -> None:
    case, year = a_year(seed)
    last = year.settlements[-1]
    assert (
        added(year.sums, last.changes, -1)
        == settle_year(library(), case.member, tuple(s.bill for s in year.settlements[:-1]), options(case)).sums
    )

    first = year.settlements[0].bill
    voided = settle_year(
        library(),
        case.member,
        (*case.bills, Bill("void", first.discharged, void=True, replaces=first.id)),
        options(case),
    )
    without = settle_year(library(), case.member, tuple(b for b in case.bills if b.id != first.id), options(case))
    assert voided.sums == without.sums


class Backwards(Library):
    """The same documents, found in the other order."""

    def of_region(self, region):  # type: ignore[no-untyped-def]
        return list(reversed(super().of_region(region)))


@cache
def backwards() -> Library:
    """Read once, found backwards."""
    return Backwards(POLICIES, (INVENTED,))


@MANY
@given(SEEDS)
def test_the_order_of_documents_does_not_matter(seed: int) -> None:
    case, year = a_year(seed)

    again = settle_year(backwards(), case.member, case.bills, options(case))

    assert [(s.paid, s.left, s.changes) for s in again.settlements] == [
        (s.paid, s.left, s.changes) for s in year.settlements
    ]


@MANY
@given(st.lists(st.integers(1, 900_000), min_size=1, max_size=6))
def test_a_split_bill_is_the_whole_bill_where_bands_run_on_the_year(pieces: list[int]) -> None:
    whole, split = (paid_in_sumland(amounts) for amounts in ([sum(pieces)], pieces))

    assert whole == split


def paid_in_sumland(amounts: list[int]) -> int:
    """What the invented place pays on bills of one year, whose bands, deductible, ceiling and rounding run on the year."""
    from datetime import date, timedelta

    member = Member("m", "sumland", {"scheme": "resident"})
    bills = tuple(
        Bill(f"b{n}", date(2024, 1, 1) + timedelta(n), attributes={"care": "outpatient"}, parts=(Part((a, *[0] * 8)),))
        for n, a in enumerate(amounts)
    )
    return sum(s.covered for s in settle_year(library(), member, bills).settlements)


@MANY
@given(SEEDS, st.integers(100, 10_000_000))
def test_a_larger_bill_costs_nobody_less(seed: int, more: int) -> None:
    """Where no rule looks at the size of the bill: more in scope, and neither the layers nor the member pay less (but for a fen of rounding).

    Of one part: where layers cover some lines of a bill and not others, it matters on which line a deductible was borne.
    """
    case, year = a_year(seed)
    bill = case.bills[0]
    assume(bill.parts and year.settlements[0].bill.id == bill.id)
    bill = replace(bill, parts=bill.parts[:1])
    before = settle_bill(library(), case.member, bill, {}, options(case))
    assume(not looks_at_size(before))
    amounts = list(bill.parts[0].amounts)
    amounts[k.IN_SCOPE] += more
    larger = replace(bill, parts=(replace(bill.parts[0], amounts=tuple(amounts)),))
    after = settle_bill(library(), case.member, larger, {}, options(case))
    assume(len(after.charges) == len(before.charges))

    slack = len(before.plan.steps) + 1
    assert after.covered >= before.covered - slack
    assert after.member_pays >= before.member_pays - slack


def looks_at_size(s: Settlement) -> bool:
    """Does a rule of this plan depend on the size of the bill?"""
    relative = any(
        t.terms[k.DUE_RATE] or t.terms[k.FIXED_RATE] or t.terms[k.BEYOND_OF] >= 0 or t.terms[k.CREDIT_LAYERS]
        for t in s.plan.steps
    )
    documents = {y.policy for y in s.plan.layers}
    asked = any(d.policy in documents and "billed" in d.asks for p in library().paths() if (d := library().document(p)))
    times = any(c[k.AXIS] == k.TIMES for t in s.plan.steps for c in k.ceilings_of(t.terms))
    return relative or asked or times


@MANY
@given(SEEDS)
def test_the_national_identities_hold(seed: int) -> None:
    _, year = a_year(seed)
    for s in year.settlements:
        info = setlinfo(s)
        classes = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
        funds = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hifdm_pay", "oth_pay")
        assert info["medfee_sumamt"] == sum(info[name] for name in classes)
        assert info["medfee_sumamt"] == info["fund_pay_sumamt"] + info["psn_part_amt"] + info["hosp_part_amt"]
        assert info["fund_pay_sumamt"] == sum(info[name] for name in funds)
        assert info["psn_part_amt"] == info["acct_pay"] + info["psn_cash_pay"]
        assert all(amount >= 0 for amount in info.values())
        assert sum(row["fund_payamt"] for row in setldetail(s)) == info["fund_pay_sumamt"] + info["hosp_part_amt"]  # type: ignore[misc]


@pytest.mark.parametrize("lang", ["zh", "en"])
@MANY
@given(seed=SEEDS)
def test_a_statement_adds_up(lang: str, seed: int) -> None:
    """The waterfall falls from the bill to what the member pays, and every layer that paid says by which clause."""
    _, year = a_year(seed)
    for s in year.settlements:
        statement = explain(s, lang)
        bars = [x.bar for x in statement.lines if x.bar and x.role == "layer"]
        tops = [s.billed, *(low for low, _ in bars)]
        assert all(high == top for (_, high), top in zip(bars, tops, strict=False))
        assert tops[-1] == s.member_pays
        paying = {y.policy for y, paid in zip(s.plan.layers, s.paid, strict=True) if paid and not y.settled_before}
        assert paying <= {c.policy for c in statement.clauses}
