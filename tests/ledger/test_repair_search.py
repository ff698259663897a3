"""The search finds what trying everything finds."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.ledger.figure import MILLION_YUAN, Figure
from duoceng.ledger.identity import adds_up, averages, is_at_most, is_same
from duoceng.ledger.repair_search import POWERS, SLIP, Search

NAMES = "abcd"
IDENTITIES = [
    adds_up("a", "b", "c"),
    is_same("a", "d"),
    is_at_most("b", "d"),
    averages("c", "d", 2, 30),
    is_same("b", "c"),
]
DIGITS = st.sampled_from(["1", "2", "3", "10", "12", "20", "30", "33", "100", "300"])


def by_trying(figures, identities):
    """The least cost of powers alone, and all choices at it."""
    costs = {}
    for powers in product(POWERS, repeat=len(figures)):
        ranges = {name: figures[name].bounds(power) for name, power in zip(figures, powers, strict=True)}
        if all(identity.holds(ranges) for identity in identities):
            slipped = {
                figures[name].column or name: power for name, power in zip(figures, powers, strict=True) if power
            }
            together = all(powers[list(figures).index(n)] == powers[list(figures).index(m)]
                           for n in figures for m in figures if figures[n].column == figures[m].column != "")  # fmt: skip
            if together:
                costs.setdefault(sum(SLIP + abs(power) for power in slipped.values()), []).append(powers)
    least = min(costs, default=None)
    return least, set(costs.get(least, []))


@pytest.mark.parametrize("column", ["", "together"])
@settings(deadline=None, max_examples=25)
@given(st.lists(DIGITS, min_size=3, max_size=3), st.sets(st.sampled_from(IDENTITIES), min_size=1))
def test_the_search_finds_what_trying_everything_finds(column, digits, chosen):
    named = sorted({name for identity in chosen for name in identity.figures})
    made = {
        n: Figure(n, d, MILLION_YUAN, column=column if n in "bc" else "")
        for n, d in zip(NAMES, [*digits, "30"], strict=True)
    }
    figures = {name: made[name] for name in named}
    least, expected = by_trying(figures, chosen)
    found = [
        (cost, powers)
        for cost, powers in Search(figures, list(chosen), frozenset()).cheapest()
        if None not in powers.values()
    ]

    if found:
        assert {cost for cost, _ in found} == {least}
        assert {tuple(powers[name] for name in named) for _, powers in found} == expected
    else:
        assert least is None or least > 0  # wrong digits are cheaper than any powers
