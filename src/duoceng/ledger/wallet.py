"""What a personal account and a wallet may do: whom they help, when they send, in which order they pay, what comes back.

Everything is fen in, fen out; the moment `now` is an argument with a time zone, and is read in China time (UTC+8, no
daylight saving). A sending lives like this:

    asked ──▶ refused, by a reason
      │
      └─▶ held ──▶ accepted
            └────▶ not accepted: back at 06:00 of the next day (`returns_at`)

Who pays a bill is `desk.purse`'s; what comes back goes to those that paid, the last one first (`refund`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Literal, NamedTuple

from duoceng.records.accounts import AccountRules

CHINA = timezone(timedelta(hours=8), "China")

Refusal = Literal[
    "not_an_amount",  # nothing, or less
    "not_a_relative",  # no near relative (近亲属)
    "quiet_hours",  # no transfers at night
    "over_send_limit",  # more than one transfer may carry
    "too_many_today",  # the transfers of the day are used up
    "still_pending",  # an earlier transfer is neither accepted nor back
    "too_many_relatives",  # more relatives bound than the place allows
    "not_enough",  # more than the account holds
    "below_floor",  # less than the place wants to stay in the account
]

Draw = tuple[str, int]  # an account, and the fen it gives


class Sender(NamedTuple):
    """Who sends: relation of the receiver to them, the balance in fen, relatives bound (the receiver too), anything not yet accepted."""

    relation: str
    balance: int
    bound: int = 1
    has_pending: bool = False


# ── who and what ──


def is_near_relative(relation: str, rules: AccountRules) -> bool:
    """Does this relation count (近亲属)? Relations by marriage, `parent_in_law` and the like, do not."""
    return relation in rules.relatives


def may_pay(use: str, scheme: str, rules: AccountRules) -> bool:
    """May an account or a wallet pay for this use (hospital, pharmacy, premium) of a member of this scheme?"""
    return use in rules.uses and (scheme, use) not in rules.barred


# ── sending ──


def refusal_to_send(amount: int, now: datetime, sent_today: int, rules: AccountRules, sender: Sender) -> Refusal | None:
    """Why this amount cannot be sent now, or None; of several reasons the first in the order of `Refusal`."""
    after = sender.balance - amount
    reasons: tuple[tuple[Refusal, bool], ...] = (
        ("not_an_amount", amount <= 0),
        ("not_a_relative", not is_near_relative(sender.relation, rules)),
        ("quiet_hours", is_quiet(now, rules)),
        ("over_send_limit", amount > rules.send_max),
        ("too_many_today", sent_today >= rules.sends_a_day),
        ("still_pending", rules.is_pending_a_bar and sender.has_pending),
        ("too_many_relatives", rules.relatives_max is not None and sender.bound > rules.relatives_max),
        ("not_enough", after < 0),
        ("below_floor", rules.floor is not None and after < rules.floor),
    )
    return next((reason for reason, holds in reasons if holds), None)


def is_quiet(now: datetime, rules: AccountRules) -> bool:
    """Is it night? From the first second of the quiet hours to the last before they end."""
    second = _second_of_day(now)
    return second >= rules.quiet_from or second < rules.quiet_until


def returns_at(now: datetime, rules: AccountRules) -> datetime:
    """When money sent now comes back unless it is accepted: the end of the next quiet hours, next day in China."""
    local = china_time(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1, seconds=rules.quiet_until)


def sent_on_day_of(now: datetime, sent: Sequence[datetime]) -> int:
    """How many of these moments fall on the same day in China as `now`."""
    today = china_time(now).date()
    return sum(china_time(moment).date() == today for moment in sent)


def china_time(moment: datetime) -> datetime:
    """A moment as clocks in China show it. A moment without a time zone is a mistake of the caller."""
    assert moment.tzinfo is not None, "a moment needs its time zone"
    return moment.astimezone(CHINA)


def _second_of_day(now: datetime) -> int:
    local = china_time(now)
    return local.hour * 3600 + local.minute * 60 + local.second


# ── paying back ──


def refund(drawn: Sequence[Draw], amount: int) -> list[Draw]:
    """What comes back to each account when `amount` of a payment is undone: the last that paid is the first to be paid back."""
    assert 0 <= amount <= sum(part for _, part in drawn), "no more comes back than was paid"
    back, left = [], amount
    for account, part in reversed(drawn):
        returned = min(left, part)
        if returned:
            back.append((account, returned))
            left -= returned
    assert left == 0
    return back
