"""The monthly statistics: where each move counts, and what must hold among figures whatever the moves. Amounts are fen."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.ledger.edition import as_known_on, changes, of_period, publish, restate
from duoceng.ledger.figure import (
    BILLION_YUAN,
    FEN,
    MILLION_YUAN,
    TIMES,
    WAN_TIMES,
    WAN_YUAN,
    YI_YUAN,
    Figure,
    exactly,
    in_unit,
    rounded,
)
from duoceng.ledger.report import Area, Move, identities, report
from duoceng.ledger.slips import check
from tables import table

CHENGDU, MIANYANG, BEIJING = Area("sichuan", "chengdu"), Area("sichuan", "mianyang"), Area("beijing", "beijing")
FIRST, LAST = date(2025, 7, 1), date(2025, 7, 31)

COUNTED = [
    ("inside one area", Move(FIRST, "account", 100, CHENGDU, CHENGDU, "hospital"),
     "aid aid@sichuan aid.hospital aid.hospital@sichuan aid.same_area"),
    ("another area of the province", Move(FIRST, "account", 100, CHENGDU, MIANYANG, "premium"),
     "aid aid@sichuan aid.premium aid.premium@sichuan aid.across_areas"),
    ("a wallet in the province", Move(FIRST, "wallet", 100, CHENGDU, MIANYANG),
     "aid aid@sichuan aid.other aid.other@sichuan aid.wallet wallet.in_province wallet.inside@sichuan"),
    ("a wallet in the same area", Move(FIRST, "wallet", 100, CHENGDU, CHENGDU),
     "aid aid@sichuan aid.other aid.other@sichuan aid.wallet wallet.in_province wallet.inside@sichuan"),
    ("a wallet in another province", Move(FIRST, "wallet", 100, CHENGDU, BEIJING),
     "aid aid@sichuan aid.other aid.other@sichuan aid.wallet wallet.across_provinces wallet.out@sichuan wallet.in@beijing"),
    ("spent out of a wallet", Move(FIRST, "spent", 100, BEIJING, BEIJING, "pharmacy"), "wallet.spent wallet.spent@beijing"),
]  # fmt: skip


@pytest.mark.parametrize("case, move, lines", COUNTED)
def test_where_a_move_counts(case, move, lines):
    figures = report([move], FIRST, LAST)

    assert {name.rsplit(".", 1)[0] for name, figure in figures.items() if figure.value} == set(lines.split())
    assert {figure.value for name, figure in figures.items() if name.endswith(".amount")} <= {0, 100}
    assert {figure.value for name, figure in figures.items() if name.endswith(".times")} <= {0, 1}


def test_a_move_that_was_undone_counts_no_more():
    move = Move(FIRST, "account", 100, CHENGDU, CHENGDU, "hospital")
    figures = report([move, replace(move, is_undone=True)], FIRST, LAST)

    assert {figure.value for figure in figures.values()} == {0}
    assert report([replace(move, is_undone=True)], FIRST, LAST)["aid.amount"].printed == "-100"


@pytest.mark.parametrize(
    "day, counts",
    [(date(2025, 6, 30), 0), (FIRST, 1), (LAST, 1), (date(2025, 8, 1), 0)],
)
def test_the_days_of_a_report(day, counts):
    assert report([Move(day, "account", 1, CHENGDU, CHENGDU)], FIRST, LAST)["aid.times"].value == counts


def test_accounts_do_not_cross_provinces():
    with pytest.raises(AssertionError):
        Move(FIRST, "account", 100, CHENGDU, BEIJING)


AREAS = st.builds(Area, st.sampled_from(["beijing", "sichuan", "gansu"]), st.sampled_from(["a", "b"]))


@st.composite
def moves(draw):
    """Any moves of the month."""
    found = []
    for _ in range(draw(st.integers(0, 12))):
        way = draw(st.sampled_from(["account", "wallet", "spent"]))
        giver, taker = draw(AREAS), draw(AREAS)
        taker = taker._replace(province=giver.province) if way == "account" else taker
        use = draw(st.sampled_from(["hospital", "pharmacy", "premium", "other"]))
        found.append(Move(FIRST, way, draw(st.integers(1, 10**9)), giver, taker, use))
    return found


@given(moves())
def test_everything_adds_up_and_what_leaves_a_province_arrives_in_one(made):
    figures = report(made, FIRST, LAST)
    ours = identities(figures)

    assert check(list(figures.values()), ours) == []
    assert any(i.name.startswith("wallet.across_provinces.amount = ") for i in ours)
    for measure in ("times", "amount"):
        into, out = (sum(f.value for n, f in figures.items() if n.startswith(way) and n.endswith(measure))
                     for way in ("wallet.in@", "wallet.out@"))  # fmt: skip
        assert into == out == figures[f"wallet.across_provinces.{measure}"].value


@settings(deadline=None)
@given(moves(), st.integers(0, 6))
def test_printed_in_any_unit_it_still_adds_up(made, decimals):
    printed = [
        rounded(figure, WAN_YUAN if figure.unit is FEN else WAN_TIMES, decimals)
        for figure in report(made, FIRST, LAST).values()
    ]

    assert check(printed, identities([figure.name for figure in printed])) == []


PRINTS = table("""
    case                   fen              unit            decimals   printed
    亿元                   3045712690000    亿元            2          304.57
    half goes up           500000000        亿元            1          0.1
    under half             499999999        亿元            1          0.0
    thousands are marked   11612690000      million yuan    4          116.1269
    万元                   11612690000      万元            2          11,612.69
    none                   0                亿元            2          0.00
    taken back             -150             万元            4          -0.0002
""")


@pytest.mark.parametrize("case, fen, unit, decimals, printed", PRINTS)
def test_a_figure_as_it_is_printed(case, fen, unit, decimals, printed):
    units = {u.word: u for u in (YI_YUAN, WAN_YUAN, MILLION_YUAN)}

    assert rounded(exactly("a", int(fen), FEN), units[unit], int(decimals)).printed == printed


def test_money_is_not_told_in_times():
    with pytest.raises(AssertionError):
        rounded(exactly("a", 1, FEN), WAN_TIMES, 2)


@given(st.integers(-(10**18), 10**18))
def test_a_value_in_another_unit_is_the_same_value(amount):
    assert Figure("a", in_unit(Fraction(amount), YI_YUAN), YI_YUAN).value == amount


def test_a_correction_stands_beside_what_it_corrects():
    """Gansu's figure of January to June 2025 was corrected in the print of July; what it was before is invented here."""
    half_year = [Figure("aid@gansu.amount", "10.5", BILLION_YUAN), Figure("aid.times", "9", TIMES)]
    editions = publish((), "2025-06", date(2025, 7, 20), half_year)
    editions = restate(
        editions, "2025-06", date(2025, 8, 20), [Figure("aid@gansu.amount", "1.081", BILLION_YUAN)], "a unit"
    )

    first, second = of_period(editions, "2025-06")
    assert (first.number, second.number, second.because) == (1, 2, "a unit")
    assert [(str(old), str(new)) for old, new in changes(first, second)] == [
        ("10.5 billion yuan", "1.081 billion yuan")
    ]
    assert as_known_on(editions, "2025-06", date(2025, 7, 19)) == {}
    assert as_known_on(editions, "2025-06", date(2025, 8, 19))["aid@gansu.amount"].printed == "10.5"
    assert as_known_on(editions, "2025-06", date(2025, 8, 20))["aid@gansu.amount"].printed == "1.081"
    assert as_known_on(editions, "2025-06", date(2025, 8, 20))["aid.times"].printed == "9"


def test_a_period_is_published_once():
    editions = publish((), "2025-06", date(2025, 7, 20), [])

    with pytest.raises(AssertionError):
        publish(editions, "2025-06", date(2025, 7, 21), [])
    with pytest.raises(AssertionError):
        restate(editions, "2025-06", date(2025, 7, 21), [], "")
    assert exactly("a", 5, TIMES).bounds() == (5, 5)
