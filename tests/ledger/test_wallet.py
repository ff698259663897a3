"""What a wallet may send, and when it comes back. Moments are China time; amounts are yuan."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from duoceng.base.money import fen
from duoceng.ledger.wallet import (
    CHINA,
    Sender,
    is_near_relative,
    is_quiet,
    may_pay,
    refusal_to_send,
    returns_at,
    sent_on_day_of,
)
from ledger.rules import RULES
from tables import table

RELATIVES = table("""
    relation            counts
    spouse              yes
    parent              yes
    child               yes
    sibling             yes
    grandparent         yes
    grandchild          yes
    parent_in_law       no
    child_in_law        no
    sibling_in_law      no
    cousin              no
    friend              no
""")

SENDINGS = table("""
    case                         time           amount  sent  relation       balance   refused
    an ordinary day              12:00:00       500.00  0     child          900.00    none
    the most it may carry        12:00:00     2,000.00  0     spouse       9,000.00    none
    one fen above it             12:00:00     2,000.01  0     spouse       9,000.00    over_send_limit
    nothing                      12:00:00         0.00  0     child          900.00    not_an_amount
    less than nothing            12:00:00        -0.01  0     child          900.00    not_an_amount
    the third of the day         12:00:00         1.00  2     child          900.00    none
    the fourth of the day        12:00:00         1.00  3     child          900.00    too_many_today
    the last second of the day   21:59:59         1.00  0     child          900.00    none
    the first second of night    22:00:00         1.00  0     child          900.00    quiet_hours
    midnight                     00:00:00         1.00  0     child          900.00    quiet_hours
    the last second of night     05:59:59         1.00  0     child          900.00    quiet_hours
    the first second of day      06:00:00         1.00  0     child          900.00    none
    all there is                 12:00:00       900.00  0     parent         900.00    none
    a fen more than there is     12:00:00       900.01  0     parent         900.00    not_enough
    an in-law                    12:00:00         1.00  0     parent_in_law  900.00    not_a_relative
""")


def at(clock: str) -> datetime:
    """A clock in China on 2025-07-15."""
    return datetime.fromisoformat(f"2025-07-15T{clock}+08:00")


@pytest.mark.parametrize("relation, counts", RELATIVES)
def test_near_relatives(relation, counts):
    assert is_near_relative(relation, RULES) == (counts == "yes")


@pytest.mark.parametrize("case, time, amount, sent, relation, balance, refused", SENDINGS)
def test_sending(case, time, amount, sent, relation, balance, refused):
    sender = Sender(relation, fen(balance))

    assert refusal_to_send(fen(amount), at(time), int(sent), RULES, sender) == (None if refused == "none" else refused)


BARS = [
    ("a floor that stays", {"floor": 500_00}, Sender("child", 600_00), 100_00, None),
    ("one fen under the floor", {"floor": 500_00}, Sender("child", 600_00), 100_01, "below_floor"),
    ("the sixth relative", {"relatives_max": 6}, Sender("child", 600_00, bound=6), 1, None),
    ("the seventh relative", {"relatives_max": 6}, Sender("child", 600_00, bound=7), 1, "too_many_relatives"),
    ("no limit by default", {}, Sender("child", 600_00, bound=70), 600_00, None),
    ("one not yet accepted", {}, Sender("child", 600_00, has_pending=True), 1, "still_pending"),
    ("where that is no bar", {"is_pending_a_bar": False}, Sender("child", 600_00, has_pending=True), 1, None),
]


@pytest.mark.parametrize("case, changed, sender, amount, refused", BARS)
def test_bars_of_a_place(case, changed, sender, amount, refused):
    assert refusal_to_send(amount, at("12:00:00"), 0, replace(RULES, **changed), sender) == refused


RETURNS = table("""
    sent                         comes back
    2025-07-15T06:00:00+08:00    2025-07-16T06:00:00+08:00
    2025-07-15T21:59:59+08:00    2025-07-16T06:00:00+08:00
    2025-07-31T12:00:00+08:00    2025-08-01T06:00:00+08:00
    2025-12-31T21:59:59+08:00    2026-01-01T06:00:00+08:00
    2024-02-28T12:00:00+08:00    2024-02-29T06:00:00+08:00
    2025-07-14T23:00:00+00:00    2025-07-16T06:00:00+08:00
    2025-07-15T03:30:00-10:00    2025-07-16T06:00:00+08:00
""")


@pytest.mark.parametrize("sent, back", RETURNS)
def test_not_accepted_comes_back_next_morning(sent, back):
    found = returns_at(datetime.fromisoformat(sent), RULES)

    assert found == datetime.fromisoformat(back) and found.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize("offset", range(-12, 15))
def test_a_moment_is_quiet_or_not_wherever_it_is_told(offset):
    there = timezone(timedelta(hours=offset))

    for clock, quiet in [("21:59:59", False), ("22:00:00", True), ("05:59:59", True), ("06:00:00", False)]:
        assert is_quiet(at(clock).astimezone(there), RULES) == quiet


def test_china_keeps_no_summer_time():
    assert {datetime(2025, month, 1, tzinfo=UTC).astimezone(CHINA).hour for month in range(1, 13)} == {8}


def test_a_moment_without_a_zone_is_our_mistake():
    with pytest.raises(AssertionError):
        is_quiet(datetime(2025, 7, 15, 12), RULES)  # noqa: DTZ001


def test_the_day_of_a_sending_is_the_day_in_china():
    sent = [datetime(2025, 7, 14, 23, tzinfo=UTC), datetime(2025, 7, 15, 13, tzinfo=UTC), at("06:00:00")]

    assert sent_on_day_of(at("12:00:00"), sent) == 3
    assert sent_on_day_of(at("12:00:00") + timedelta(days=1), sent) == 0


PAYING = [
    ("care at a hospital", "hospital", "resident", {}, True),
    ("a residents' premium", "premium", "resident", {}, True),
    ("a car", "car", "employee", {}, False),
    ("residents at a pharmacy, barred", "pharmacy", "resident", {"barred": frozenset({("resident", "pharmacy")})}, False),
    ("employees there, not barred", "pharmacy", "employee", {"barred": frozenset({("resident", "pharmacy")})}, True),
]  # fmt: skip


@pytest.mark.parametrize("case, use, scheme, changed, may", PAYING)
def test_what_may_be_paid(case, use, scheme, changed, may):
    assert may_pay(use, scheme, replace(RULES, **changed)) is may
