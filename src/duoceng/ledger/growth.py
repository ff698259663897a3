"""What an account earns and how a sum is parted: monthly credits, interest, shares of co-insurers. Whole fen, half up, exact."""

from collections.abc import Sequence
from datetime import date

from duoceng.base.money import WHOLE, half_up


def monthly_credit(base: int, rate: int, fixed: int = 0) -> int:
    """Fen credited to an account for a month (划入): `rate` (parts of 10,000) of the base in fen, and a fixed amount.

    The base of an active employee is their own contribution base; a retired member's credit is a fixed amount, or a rate of the
    place's average pension. Rate and amount are the place's: nothing here knows them.
    """
    assert min(base, rate, fixed) >= 0
    return half_up(base * rate, WHOLE) + fixed


def interest(history: Sequence[tuple[date, int]], last: date, rate: int, days_of_year: int = 360) -> int:
    """Fen of simple interest on a balance until `last`, that day left out; rounded once.

    `history` is the balance in fen from each day on, in the order of days; `rate` is parts of 10,000 a year. Chinese banks
    count a year as 360 days (a convention from memory, hence an argument); the rate is the place's.
    """
    days = [day for day, _ in history] + [last]
    assert days == sorted(days), "a history is told in the order of days"
    assert rate >= 0 < days_of_year
    assert all(balance >= 0 for _, balance in history), "an account does not go below nothing"
    fen_days = sum(balance * (days[at + 1] - days[at]).days for at, (_, balance) in enumerate(history))
    return half_up(fen_days * rate, WHOLE * days_of_year)


def shares_of(amount: int, shares: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """An amount of fen parted among co-insurers (共保体) by parts of 10,000, which add up to 10,000; in the order given.

    Each gets the whole fen of its share; the fen left over go one each to the largest remainders, of equal ones to the first.
    """
    assert min(amount, *(parts for _, parts in shares)) >= 0
    assert sum(parts for _, parts in shares) == WHOLE, "shares add up to 10,000"
    whole = [amount * parts // WHOLE for _, parts in shares]
    by_remainder = sorted(range(len(shares)), key=lambda at: -(amount * shares[at][1] % WHOLE))
    for at in by_remainder[: amount - sum(whole)]:
        whole[at] += 1
    assert sum(whole) == amount
    return [(name, part) for (name, _), part in zip(shares, whole, strict=True)]
