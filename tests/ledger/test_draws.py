"""Who is paid back: those that paid last come first. Amounts are fen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duoceng.ledger.wallet import refund

DRAWN = [("account/li", 100), ("account/daughter", 70), ("account/son", 50), ("wallet/li", 30), ("cash/li", 10)]
REFUNDS = [
    ("nothing", 0, {}),
    ("cash comes back first", 10, {"cash/li": 10}),
    ("then the wallet", 11, {"cash/li": 10, "wallet/li": 1}),
    ("then the last relative", 41, {"cash/li": 10, "wallet/li": 30, "account/son": 1}),
    ("everything", 260, {"cash/li": 10, "wallet/li": 30, "account/son": 50, "account/daughter": 70, "account/li": 100}),
]


@pytest.mark.parametrize("case, amount, back", REFUNDS)
def test_who_is_paid_back(case: str, amount: int, back: dict[str, int]) -> None:
    assert refund(DRAWN, amount) == list(back.items())


def test_more_than_was_paid_does_not_come_back() -> None:
    with pytest.raises(AssertionError):
        refund(DRAWN, 261)


@given(st.lists(st.integers(1, 500_000), max_size=8), st.data())
def test_what_comes_back_adds_up_and_all_of_it_restores(parts: list[int], data: st.DataObject) -> None:
    drawn = [(f"account/{at}", part) for at, part in enumerate(parts)]
    amount = data.draw(st.integers(0, sum(parts)))

    assert sum(part for _, part in refund(drawn, amount)) == amount
    assert refund(drawn, sum(parts)) == drawn[::-1]
