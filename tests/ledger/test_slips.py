"""Slips in published figures: every one that press summaries of 2025 made is found, named and put right."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.ledger.figure import (
    BILLION_YUAN,
    FEN,
    MILLION_YUAN,
    TIMES,
    WAN_YUAN,
    YUAN,
    Figure,
    exactly,
    in_unit,
    rounded,
)
from duoceng.ledger.identity import adds_up, averages, is_same
from duoceng.ledger.report import identities, likely
from duoceng.ledger.slips import check, corrected
from ledger.printed_2025 import ALSO, AS_PRINTED, AS_RIGHT, SLIPS

NAMES = [figure.name for figure in AS_PRINTED]
EVERY = [*ALSO, *(identity for prefix in ("a:", "july:", "table:", "b:", "e:")
                  for identity in (*identities(NAMES, prefix, has_all_provinces=False), *likely(NAMES, prefix)))]  # fmt: skip
SURE = frozenset({"f:settled_elsewhere@2020.times"})


@pytest.fixture(scope="module")
def found():
    """What the checker says of the figures as printed."""
    return check(AS_PRINTED, EVERY, SURE)


@pytest.fixture(scope="module")
def slips(found):
    """The slips of which it is certain, by figure."""
    return {slip.figure.name: slip for finding in found for slip in finding.slips}


@pytest.mark.parametrize("name, right", SLIPS.items())
def test_every_printed_slip_is_found_and_put_right(slips, name, right):
    slip = slips[name]

    assert slip.fails
    assert slip.corrected is not None
    assert in_unit(slip.corrected, slip.figure.unit) == right


def test_nothing_else_is_called_a_slip(found, slips):
    assert slips.keys() == SLIPS.keys()
    assert all(len(finding.repairs) == 1 for finding in found)


def test_what_was_put_right_is_right(slips):
    put_right = corrected(AS_PRINTED, list(slips.values()))

    assert [f.value for f in put_right] == [f.value for f in AS_RIGHT]
    assert check(put_right, EVERY) == check(AS_RIGHT, EVERY) == []


def test_without_knowing_which_of_two_is_right_both_are_told():
    (finding,) = [f for f in check(AS_PRINTED, ALSO) if f.broken[0].name.startswith("f:")]

    assert not finding.slips
    assert {(slip.figure.name, slip.power) for (slip,) in finding.repairs} == {
        ("f:settled_elsewhere@2024.times", 1),
        ("f:settled_elsewhere@2020.times", -1),
    }


def test_a_slip_says_what_fails_and_what_would_hold(slips):
    assert str(slips["july:wallet.spent.amount"]) == (
        "july:wallet.spent.amount: 418,880 元 -> 4,188,800 元; fails: july:wallet.spent.amount / july:wallet.spent.times"
    )


def test_what_no_repair_cures_is_still_told():
    figures = [Figure("a", "7", YUAN), Figure("b", "7", YUAN)]
    (finding,) = check(figures, [adds_up("a", "b"), averages("a", "b", 3, 4)])

    assert [identity.name for identity in finding.broken] == ["a / b"]
    assert finding.repairs == finding.slips == ()


def test_where_all_that_is_sure_contradicts_itself_nothing_is_claimed():
    figures = [Figure("a", "7", YUAN), Figure("b", "9", YUAN)]
    (finding,) = check(figures, [is_same("a", "b")], sure=frozenset("ab"))

    assert finding.broken
    assert finding.repairs == ()


def test_two_misprints_leave_the_value_open():
    figures = [Figure("a", "123.45", YUAN), Figure("b", "163.75", YUAN)]
    (finding,) = check(figures, [is_same("a", "b")], sure=frozenset("a"))

    assert [(slip.figure.name, slip.power, slip.corrected) for slip in finding.slips] == [("b", None, None)]


def test_unlike_units_do_not_add_up():
    with pytest.raises(AssertionError):
        check([exactly("a", 1, FEN), exactly("b", 1, TIMES)], [adds_up("a", "b")])


ROUNDINGS = [
    ("all parts low", "0.7", ["0.3", "0.3"], True),
    ("all parts high", "0.9", ["0.5", "0.5"], True),
    ("one too far", "0.6", ["0.4", "0.4"], False),
    ("zeros may be rounding", "700", ["330", "340"], True),
    ("those of decimals are not", "700.0", ["310.0", "320.0"], False),
]


@pytest.mark.parametrize("case, whole, parts, holds", ROUNDINGS)
def test_parts_are_the_whole_within_the_printed_digits(case, whole, parts, holds):
    figures = [
        Figure("whole", whole, MILLION_YUAN),
        *(Figure(str(n), part, MILLION_YUAN) for n, part in enumerate(parts)),
    ]

    assert (not check(figures, [adds_up("whole", "0", "1")])) == holds


@given(st.integers(0, 10**16), st.integers(0, 6))
def test_a_printed_figure_stands_for_what_was_printed(amount, decimals):
    low, high = rounded(exactly("a", amount, FEN), BILLION_YUAN, decimals).bounds()

    assert low <= amount <= high


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(10**9, 9 * 10**9), min_size=2, max_size=4), st.data())
def test_a_unit_taken_for_another_is_found(parts, data):
    """Exact figures and one power of ten: the sum itself shows which figure slipped, or is told with others that could have."""
    names = [f"part {at}" for at in range(len(parts))]
    right = [exactly("whole", sum(parts), FEN), *(exactly(n, p, FEN) for n, p in zip(names, parts, strict=True))]
    at = data.draw(st.integers(0, len(parts)))
    wrong = replace(right[at], printed=str(int(right[at].value) * 10 ** data.draw(st.integers(1, 4))))
    (finding,) = check([*right[:at], wrong, *right[at + 1 :]], [adds_up("whole", *names)])

    assert (wrong.name, Fraction(right[at].value)) in {(s.figure.name, s.corrected) for r in finding.repairs for s in r}


PROVINCES = [f"wallet.in@{n:02d}.amount" for n in range(31)]


def nation(slipped: dict[int, int]) -> list[Figure]:
    """What 31 provinces took in, in 万元, some of them printed a power of ten off; and the nation's sum."""
    amounts = [10_123_457 + 7_919_113 * n for n in range(31)]
    figures = [rounded(exactly("wallet.across_provinces.amount", sum(amounts) * 100, FEN), WAN_YUAN, 2)]
    for n, (name, amount) in enumerate(zip(PROVINCES, amounts, strict=True)):
        printed = rounded(exactly(name, amount * 100, FEN), WAN_YUAN, 2)
        figures.append(replace(printed, printed=in_unit(printed.value * Fraction(10) ** slipped.get(n, 0), WAN_YUAN)))
    return figures


@pytest.mark.parametrize("slipped", [{0: 4}, {17: 1}, {30: 2}, {3: 1, 20: -1}])
def test_provinces_of_a_nation(slipped):
    (finding,) = check(nation(slipped), [adds_up("wallet.across_provinces.amount", *PROVINCES)])

    assert {(s.figure.name, s.power) for s in finding.slips} == {(PROVINCES[n], -power) for n, power in slipped.items()}


def test_what_takes_too_long_is_not_claimed(monkeypatch):
    monkeypatch.setattr("duoceng.ledger.repair_search.STEPS_MAX", 100)
    (finding,) = check(nation({17: 1}), [adds_up("wallet.across_provinces.amount", *PROVINCES)])

    assert finding.broken
    assert finding.repairs == ()
