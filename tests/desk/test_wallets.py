"""Accounts and wallets: credits, sendings in China time, premiums, relatives who help, and what comes back."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from databases import ENGINES, a_database
from desk.desks import CHINA, Counter, a_bill, a_counter, asked, undone, with_members
from duoceng.base.mistakes import Refused
from duoceng.desk import helping, outbox, wallets
from duoceng.desk.asks import Call, Purse, Receipt
from duoceng.desk.digest import digest_of_member
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.rebates import Rebate, give_back
from duoceng.desk.wallets import (
    Sending,
    accept,
    call_back,
    credit,
    interest_due,
    pay_premium,
    relative_fact,
    return_due,
    send,
)
from duoceng.ledger.chain import broken
from duoceng.policy.library import Library
from duoceng.store.books import read_book
from duoceng.store.pages import entries_of, trial_balance

DAY = date(2025, 3, 3)
NOON = datetime(2025, 3, 3, 12, tzinfo=CHINA)


@pytest.fixture(params=ENGINES)
def counter(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Counter]:
    with a_database(request.param, tmp_path) as database:
        found = a_counter(database, library)
        found.clock.now = NOON
        with_members(found, "mum", "kid", "uncle")
        enrol(found.desk, Told("mum", (relative_fact("kid", "child", date(2020, 1, 1), "book 12"),)), found.call())
        enrol(found.desk, Told("kid", (relative_fact("mum", "parent", date(2020, 1, 1), "book 12"),)), found.call())
        credit(found.desk, "mum", 500_000, "2025-03", found.call())
        yield found


def refused(code: str, run: object, words: str = "") -> None:
    with pytest.raises(Refused) as told:
        run()  # type: ignore[operator]
    assert [m.code for m in told.value.mistakes] == [code]
    assert words in told.value.mistakes[0].what


def stands(counter: Counter, member: str) -> dict[str, tuple[int, int]]:
    book, _ = read_book(counter.desk.database, member)
    assert book is not None
    return {account.partition("/")[0]: found for account, found in book.balances.items() if any(found)}


def offer(counter: Counter, amount: int) -> int:
    return int(send(counter.desk, Sending("mum", "kid", amount), counter.call()).drawn[0][0])


def test_money_sent_is_held_then_arrives_once(counter: Counter) -> None:
    number = offer(counter, 200_000)
    assert stands(counter, "mum") == {"account": (500_000, 200_000)}
    first, again = accept(counter.desk, "kid", "mum", number, "kid"), accept(counter.desk, "kid", "mum", number, "kid")

    assert (first.repeated, again.repeated, first.moved) == (False, True, again.moved)
    assert (stands(counter, "mum"), stands(counter, "kid")) == ({"account": (300_000, 0)}, {"wallet": (200_000, 0)})
    assert trial_balance(counter.desk.database) == {
        "account/mum": 300_000,
        "income/jiangmen": -500_000,
        "transit/wallet": 0,
        "wallet/kid": 200_000,
    }
    refused("D012", lambda: accept(counter.desk, "uncle", "mum", number, "uncle"))
    refused("D012", lambda: call_back(counter.desk, "mum", number))


def test_money_not_accepted_comes_back_at_six(counter: Counter) -> None:
    number = offer(counter, 200_000)
    counter.clock.now = datetime(2025, 3, 4, 5, 59, 59, tzinfo=CHINA)
    assert return_due(counter.desk) == 0
    counter.clock.now = datetime(2025, 3, 4, 6, tzinfo=CHINA)
    refused("D012", lambda: accept(counter.desk, "kid", "mum", number, "kid"))

    assert return_due(counter.desk) == 1
    assert return_due(counter.desk) == 0
    assert stands(counter, "mum") == {"account": (500_000, 0)}
    refused("D012", lambda: accept(counter.desk, "kid", "mum", number, "kid"))


def test_a_sending_can_be_called_back_until_it_is_accepted(counter: Counter) -> None:
    number = offer(counter, 1)
    call_back(counter.desk, "mum", number)
    call_back(counter.desk, "mum", number)

    assert stands(counter, "mum") == {"account": (500_000, 0)}
    refused("D012", lambda: accept(counter.desk, "kid", "mum", number, "kid"))


@pytest.mark.parametrize("amount, when, words", [
    (200_001, NOON, "over_send_limit"),
    (0, NOON, "not_an_amount"),
    (1, NOON.replace(hour=22), "quiet_hours"),
    (1, NOON.replace(hour=5, minute=59, second=59), "quiet_hours"),
])  # fmt: skip
def test_what_is_not_sent(amount: int, when: datetime, words: str, counter: Counter) -> None:
    counter.clock.now = when
    refused("D011", lambda: offer(counter, amount), words)


def test_three_a_day_one_at_a_time(counter: Counter) -> None:
    first = offer(counter, 100)
    refused("D011", lambda: offer(counter, 100), "still_pending")
    accept(counter.desk, "kid", "mum", first, "kid")
    for _ in range(2):
        accept(counter.desk, "kid", "mum", offer(counter, 100), "kid")
    refused("D011", lambda: offer(counter, 100), "too_many_today")
    counter.clock.now = NOON + timedelta(hours=18)  # six the next morning
    assert offer(counter, 100)
    refused("D013", lambda: send(counter.desk, Sending("mum", "uncle", 100), counter.call()))
    refused("D001", lambda: send(counter.desk, Sending("mum", "nobody", 100), counter.call()))


def test_a_crash_between_the_two_books_is_made_good(counter: Counter) -> None:
    number = offer(counter, 5_000)
    row = wallets.offered(counter.desk, "mum", number, "kid")
    wallets.end_hold(counter.desk, "mum", row, "posted", wallets.CROSSING)
    assert trial_balance(counter.desk.database)["transit/wallet"] == 5_000
    event = {"from": "mum", "to": "kid", "hold": number}
    wallets.complete(counter.desk, event)
    wallets.complete(counter.desk, event)

    assert stands(counter, "kid") == {"wallet": (5_000, 0)}
    assert trial_balance(counter.desk.database)["transit/wallet"] == 0


def test_a_premium_of_a_relative(counter: Counter) -> None:
    call = counter.call()
    for _ in range(2):
        receipt = pay_premium(counter.desk, "mum", "kid", 40_000, call)

    assert receipt.repeated
    assert trial_balance(counter.desk.database)["premium/jiangmen"] == 40_000
    refused("D013", lambda: pay_premium(counter.desk, "mum", "uncle", 1, counter.call()))
    refused("D006", lambda: pay_premium(counter.desk, "mum", "mum", 460_001, counter.call()))


def test_own_wallet_relatives_and_cash_pay_in_order_and_get_back_in_reverse(counter: Counter) -> None:
    desk = counter.desk
    accept(desk, "kid", "mum", offer(counter, 10_000), "kid")
    before = {member: digest_of_member(desk.database, member) for member in ("mum", "kid")}
    ask = asked("kid", a_bill("b1", DAY, 1_000_000, 700_000), ("wallet", "help:mum"))
    quoted, _ = desk.quote(ask)
    call = counter.call()
    receipt = helping.settle(desk, ask, call)

    left = quoted.member_pays - 10_000 - 490_000
    assert dict(receipt.drawn) == {"wallet/kid": 10_000, "transit/help/mum": 490_000, "cash/kid": left}
    assert trial_balance(desk.database)["transit/help/mum"] == 0
    assert (stands(counter, "mum"), stands(counter, "kid")) == ({}, {})
    assert helping.settle(desk, ask, call).repeated
    helping.reverse(desk, undone("kid", "b1"), counter.call())
    assert {member: digest_of_member(desk.database, member) for member in before} == before
    assert all(broken(entries_of(desk.database, member)) == "" for member in before)


def test_no_more_is_set_aside_than_is_used(counter: Counter) -> None:
    desk = counter.desk
    receipt: Receipt = helping.settle(desk, asked("kid", a_bill("b1", DAY, 0, 300), ("help:mum",)), counter.call())

    assert receipt.drawn == (("transit/help/mum", 300),)
    assert stands(counter, "mum") == {"account": (499_700, 0)}
    refused(
        "D003", lambda: helping.settle(desk, asked("kid", a_bill("b1", DAY, 0, 300), ("help:mum",)), counter.call())
    )
    assert stands(counter, "mum") == {"account": (499_700, 0)}
    refused(
        "D013", lambda: helping.settle(desk, asked("kid", a_bill("b2", DAY, 0, 300), ("help:uncle",)), counter.call())
    )
    refused("D009", lambda: helping.settle(desk, asked("kid", a_bill("b2", DAY, 0, 300), ("purse",)), counter.call()))


def set_aside(counter: Counter, key: str) -> Call:
    """A bill of the kid's for which mum has set money aside, and then the process died."""
    call = Call("teller", "H1", key)
    ask = asked("kid", a_bill("b1", DAY, 0, 300), ("help:mum",))
    assert helping.set_aside(counter.desk, ask, call, ["mum"]) == {"mum": 300}
    return call


def test_help_that_was_never_used_goes_back_and_its_key_is_barred(counter: Counter) -> None:
    call = set_aside(counter, "dead")
    assert helping.return_due(counter.desk) == 0
    counter.clock.now = NOON + timedelta(days=1)

    assert helping.return_due(counter.desk) == 1
    assert stands(counter, "mum") == {"account": (500_000, 0)}
    refused("D005", lambda: helping.settle(counter.desk, asked("kid", a_bill("b1", DAY, 0, 300), ("help:mum",)), call))


def test_help_that_was_used_is_paid_when_its_time_has_come(counter: Counter) -> None:
    call = set_aside(counter, "half")
    ask = asked("kid", a_bill("b1", DAY, 0, 300), ("help:mum",))
    counter.desk.settle(ask, call, Purse(("help:mum",), {"mum": 300}))
    counter.clock.now = NOON + timedelta(days=1)

    assert helping.return_due(counter.desk) == 1
    assert stands(counter, "mum") == {"account": (499_700, 0)}
    assert trial_balance(counter.desk.database)["transit/help/mum"] == 0
    assert helping.settle(counter.desk, ask, call).repeated
    assert stands(counter, "mum") == {"account": (499_700, 0)}


def test_help_is_evened_out_from_the_outbox(counter: Counter) -> None:
    call = set_aside(counter, "half")
    counter.desk.settle(
        asked("kid", a_bill("b1", DAY, 0, 300), ("help:mum",)), call, Purse(("help:mum",), {"mum": 300})
    )
    assert trial_balance(counter.desk.database)["transit/help/mum"] == -300
    since = outbox.finish_waiting(counter.desk, "")
    assert trial_balance(counter.desk.database)["transit/help/mum"] == 0
    assert outbox.finish_waiting(counter.desk, since) == since
    told: list[str] = []
    outbox.deliver(counter.desk, lambda event: told.append(event.topic))

    assert stands(counter, "mum") == {"account": (499_700, 0)}
    assert trial_balance(counter.desk.database)["transit/help/mum"] == 0
    assert "settle" in told
    helping.settle(counter.desk, asked("kid", a_bill("b1", DAY, 0, 300), ("help:mum",)), call)
    assert stands(counter, "mum") == {"account": (499_700, 0)}


def test_interest_is_counted_day_by_day_and_credited_once(counter: Counter) -> None:
    counter.clock.now = NOON + timedelta(days=10)
    pay_premium(counter.desk, "mum", "kid", 100_000, counter.call())
    due = interest_due(counter.desk, "mum", (DAY, DAY + timedelta(days=40)), 150)

    assert due == (500_000 * 10 + 400_000 * 30) * 150 // (10_000 * 360) == 708  # 708.33
    call = counter.call()
    for _ in range(2):
        credit(counter.desk, "mum", due, "interest", call)
    assert stands(counter, "mum") == {"account": (400_000 + due, 0)}
    assert interest_due(counter.desk, "uncle", (DAY, DAY + timedelta(days=40)), 150) == 0


def test_a_maker_gives_back_to_those_who_paid_and_no_more(counter: Counter) -> None:
    desk = counter.desk
    desk.settle(asked("kid", a_bill("b1", DAY, 1_000_000, 700)), counter.call())
    fund, before = "fund/jiangmen/310100", trial_balance(desk.database)
    paid = -before[fund]
    call = counter.call()
    for _ in range(2):
        give_back(desk, Rebate("kid", "b1", "maker-1", fund, paid - 5), call)
    refused("D015", lambda: give_back(desk, Rebate("kid", "b1", "maker-1", fund, 6), counter.call()))
    refused("D015", lambda: give_back(desk, Rebate("kid", "b1", "maker-1", "insurer/x/lead", 1), counter.call()))
    refused("D004", lambda: give_back(desk, Rebate("kid", "b2", "maker-1", fund, 1), counter.call()))
    give_back(desk, Rebate("kid", "b1", "maker-2", fund, 5), counter.call())

    after = trial_balance(desk.database)
    assert (after[fund], after["rebate/maker-1"], after["rebate/maker-2"]) == (0, 5 - paid, -5)
    assert sum(after.values()) == 0


def test_the_order_of_the_rules(counter: Counter) -> None:
    desk = counter.desk
    accept(desk, "kid", "mum", offer(counter, 10_000), "kid")
    credit(desk, "kid", 5_000, "2025-03", counter.call())
    receipt = helping.settle(desk, asked("kid", a_bill("b1", DAY, 0, 501_000), ("rules",)), counter.call())

    assert receipt.drawn == (("account/kid", 5_000), ("transit/help/mum", 490_000), ("wallet/kid", 6_000))


def test_what_pays_a_late_bill_pays_no_other(counter: Counter) -> None:
    """A bill that left nothing to the member leaves something after the replay: in cash, since nobody asked the account to pay it."""
    desk = counter.desk
    for name, day, amount in (("first", date(2024, 7, 13), 1_761_229), ("large", date(2024, 9, 10), 61_691_841)):
        desk.settle(asked("mum", a_bill(name, day, amount)), counter.call())
    small = desk.settle(asked("mum", a_bill("small", date(2024, 10, 18), 1)), counter.call())
    assert small.member_pays == 0, "the fen was rounded to the critical-illness fund"

    desk.settle(asked("mum", a_bill("late", date(2024, 1, 15), 57_045_923), pays=("account",)), counter.call())

    assert stands(counter, "mum") == {}, "the account gave all it had, to the late bill"
    drawn = {
        row["bill"]: row["draws"] for row in desk.database.rows("SELECT bill, draws FROM bill WHERE member = 'mum'")
    }
    assert drawn["small"] == '[["cash/mum",1]]'
    assert drawn["late"].startswith('[["account/mum",500000],["cash/mum",')
    assert sum(trial_balance(desk.database).values()) == 0
