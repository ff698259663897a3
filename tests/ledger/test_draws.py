"""Who pays a bill in which order, and who is paid back. Amounts are fen."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duoceng.ledger.wallet import Source, draws, left_after, refund, sources_for
from ledger.rules import RULES

OWN = Source("account/li", "own", 100)
SON, DAUGHTER = Source("account/son", "relative", 50), Source("account/daughter", "relative", 70)
WALLET, CASH = Source("wallet/li", "wallet", 30), Source("cash/li", "cash")
ALL = [CASH, WALLET, DAUGHTER, OWN, SON]

DRAWS = [
    ("nothing needed", 0, {}, {}),
    ("one fen", 1, {}, {"account/li": 1}),
    ("all of the own account", 100, {}, {"account/li": 100}),
    ("a fen of a relative's", 101, {}, {"account/li": 100, "account/daughter": 1}),
    ("relatives in the order given", 200, {}, {"account/li": 100, "account/daughter": 70, "account/son": 30}),
    ("then the wallet", 230, {}, {"account/li": 100, "account/daughter": 70, "account/son": 50, "wallet/li": 10}),
    ("and cash for the rest", 260, {},
     {"account/li": 100, "account/daughter": 70, "account/son": 50, "wallet/li": 30, "cash/li": 10}),
    ("the wallet first", 40, {"draw_order": ("wallet", "own", "relative")}, {"wallet/li": 30, "account/li": 10}),
    ("no turn for relatives", 140, {"draw_order": ("own", "wallet")}, {"account/li": 100, "wallet/li": 30, "cash/li": 10}),
    ("a floor in relatives' accounts", 200, {"floor": 60}, {"account/li": 100, "account/daughter": 10, "wallet/li": 30, "cash/li": 60}),
]  # fmt: skip


@pytest.mark.parametrize("case, needed, changed, given_by", DRAWS)
def test_who_pays(case, needed, changed, given_by):
    assert draws(needed, ALL, replace(RULES, **changed)) == list(given_by.items())


@pytest.mark.parametrize("use, paid_by", [("hospital", "account/li"), ("pharmacy", "cash/li"), ("car", "cash/li")])
def test_what_accounts_may_not_pay_is_paid_in_cash(use, paid_by):
    rules = replace(RULES, barred=frozenset({("resident", "pharmacy")}))

    assert draws(10, sources_for(use, "resident", ALL, rules), rules) == [(paid_by, 10)]


REFUNDS = [
    ("nothing", 0, {}),
    ("cash comes back first", 10, {"cash/li": 10}),
    ("then the wallet", 11, {"cash/li": 10, "wallet/li": 1}),
    ("then the last relative", 41, {"cash/li": 10, "wallet/li": 30, "account/son": 1}),
    ("everything", 260, {"cash/li": 10, "wallet/li": 30, "account/son": 50, "account/daughter": 70, "account/li": 100}),
]


@pytest.mark.parametrize("case, amount, back", REFUNDS)
def test_who_is_paid_back(case, amount, back):
    assert refund(draws(260, ALL, RULES), amount) == list(back.items())


def test_more_than_was_paid_does_not_come_back():
    with pytest.raises(AssertionError):
        refund(draws(260, ALL, RULES), 261)


def test_an_account_that_stands_there_twice_would_pay_twice():
    with pytest.raises(AssertionError):
        draws(1, [OWN, OWN, CASH], RULES)


BALANCES = st.lists(st.tuples(st.sampled_from(["own", "relative", "wallet"]), st.integers(-5, 500_000)), max_size=8)


def sources_of(balances):
    return [Source(f"{kind}/{at}", kind, held) for at, (kind, held) in enumerate(balances)] + [CASH]


@given(
    BALANCES,
    st.integers(0, 2_000_000),
    st.permutations(["own", "relative", "wallet"]),
    st.none() | st.integers(0, 9000),
)
def test_draws_add_up_and_cash_comes_last(balances, needed, order, floor):
    sources, rules = sources_of(balances), replace(RULES, draw_order=tuple(order), floor=floor)
    drawn = draws(needed, sources, rules)
    held = {source.account: source.balance for source in sources}

    assert sum(part for _, part in drawn) == needed
    assert all(0 < part <= held[account] or account == CASH.account for account, part in drawn)
    assert CASH.account not in [account for account, _ in drawn[:-1]]


@given(BALANCES, st.data())
def test_refunds_in_steps_are_one_refund_and_all_of_it_restores(balances, data):
    needed = data.draw(st.integers(0, 2_000_000))
    drawn = draws(needed, sources_of(balances), RULES)
    first = data.draw(st.integers(0, needed))
    second = data.draw(st.integers(0, needed - first))
    rest = left_after(drawn, refund(drawn, first))

    assert left_after(rest, refund(rest, second)) == left_after(drawn, refund(drawn, first + second))
    assert refund(drawn, needed) == drawn[::-1]
