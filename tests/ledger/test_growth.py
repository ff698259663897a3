"""Monthly credits, interest and shares, to the fen."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duoceng.base.money import fen
from duoceng.ledger.growth import interest, monthly_credit, shares_of
from tables import table

CREDITS = table("""
    case                      base        rate   fixed      credit
    nothing                   0.00        200    0.00       0.00
    two in a hundred          8,000.00    200    0.00       160.00
    half a fen rounds up      100.25      200    0.00       2.01
    under half a fen          100.24      200    0.00       2.00
    a retired member's        0.00        0      83.00      83.00
""")


@pytest.mark.parametrize("case, base, rate, fixed, credit", CREDITS)
def test_monthly_credit(case, base, rate, fixed, credit):
    assert monthly_credit(fen(base), int(rate), fen(fixed)) == fen(credit)


INTEREST = [
    ("a year of 360 days", [(date(2025, 1, 1), 10_000_00)], date(2025, 12, 27), 35, 360, 35_00),
    ("a year of 365 days", [(date(2025, 1, 1), 10_000_00)], date(2026, 1, 1), 35, 365, 35_00),
    ("no day", [(date(2025, 1, 1), 10_000_00)], date(2025, 1, 1), 35, 360, 0),
    ("half a fen rounds up", [(date(2025, 1, 1), 180_00)], date(2025, 1, 2), 100, 360, 1),
    ("under half a fen", [(date(2025, 1, 1), 179_99)], date(2025, 1, 2), 100, 360, 0),
    ("rounded once, not by the day", [(date(2025, 1, 1), 90_00)], date(2025, 1, 5), 100, 360, 1),
    (
        "spent after ten days",
        [(date(2025, 1, 1), 360_00), (date(2025, 1, 11), 0)],
        date(2025, 2, 1),
        100,
        360,
        10,
    ),
    ("no history", [], date(2025, 2, 1), 100, 360, 0),
]


@pytest.mark.parametrize("case, history, last, rate, year, earned", INTEREST)
def test_interest(case, history, last, rate, year, earned):
    assert interest(history, last, rate, year) == earned


SHARES = [
    ("halves, the odd fen to the first", 101, [5000, 5000], [51, 50]),
    ("thirds", 100, [3333, 3333, 3334], [33, 33, 34]),
    ("largest remainder", 10, [3333, 3333, 3334], [3, 3, 4]),
    ("equal remainders, in order", 2, [2500, 2500, 2500, 2500], [1, 1, 0, 0]),
    ("one has all", 7, [0, 10_000], [0, 7]),
    ("nothing", 0, [6000, 4000], [0, 0]),
]


@pytest.mark.parametrize("case, amount, parts, expected", SHARES)
def test_shares(case, amount, parts, expected):
    assert [part for _, part in shares_of(amount, list(zip("abcd", parts, strict=False)))] == expected


@pytest.mark.parametrize("parts", [[5000, 4999], [5000, 5001], [-1, 10_001]])
def test_shares_that_are_not_the_whole(parts):
    with pytest.raises(AssertionError):
        shares_of(100, list(zip("ab", parts, strict=True)))


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10_000), max_size=9))
def test_shares_add_up_and_none_is_a_fen_off(amount, cuts):
    edges = [0, *sorted(cuts), 10_000]
    parts = [edges[at + 1] - edges[at] for at in range(len(edges) - 1)]
    found = shares_of(amount, [(str(at), part) for at, part in enumerate(parts)])

    assert sum(part for _, part in found) == amount
    assert all(abs(got * 10_000 - amount * part) < 10_000 for (_, got), part in zip(found, parts, strict=True))


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 10**9)), min_size=1, max_size=6), st.integers(0, 500))
def test_interest_does_not_depend_on_days_without_a_change(steps, rate):
    day, history, each_day = date(2025, 1, 1).toordinal(), [], []
    for days, balance in steps:
        history.append((date.fromordinal(day), balance))
        each_day += [(date.fromordinal(day + d), balance) for d in range(days)]
        day += days

    assert interest(history, date.fromordinal(day), rate) == interest(each_day, date.fromordinal(day), rate)
