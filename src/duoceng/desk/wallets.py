"""Personal accounts and wallets: credits, money sent to a near relative and taken or returned, premiums paid for relatives.

    send ──▶ held in the sender's account ──▶ accepted: transit ──▶ the receiver's wallet
                                         └──▶ not accepted by 06:00 of the next day, or called back: free again

A sending touches two books. The sender's page is written first; the receiver's follows under a key of its own, so that it
follows once, however often it is asked for, also after a crash in between (`complete`, from the outbox).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from duoceng.base.failpoint import reached
from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.desk.asks import HELP, Call, Receipt, digest_of
from duoceng.desk.counter import Desk, known_book
from duoceng.desk.people import Fact, File, read
from duoceng.ledger import chart
from duoceng.ledger.growth import interest
from duoceng.ledger.wallet import Sender, china_time, may_pay, refusal_to_send, returns_at, sent_on_day_of
from duoceng.records.entry import Transfer
from duoceng.store.books import Book, Hold, Seen, append, look
from duoceng.store.database import Row

SENDS = (
    "SELECT number, account, amount, state, until, purpose FROM hold WHERE member = :member AND purpose LIKE 'send:%'"
)
HELD = "SELECT number, account, amount, state, until, purpose FROM hold WHERE member = :member AND number = :number"
SENT_AT = "SELECT number, at FROM entry WHERE member = :member AND kind = 'send'"
MOVES = """SELECT e.at, CASE WHEN t.credit = :account THEN t.amount ELSE -t.amount END AS amount FROM transfer t
JOIN entry e ON e.member = t.member AND e.number = t.number WHERE t.member = :member AND (t.credit = :account OR t.debit = :account)"""
DUE = "SELECT member, number FROM hold WHERE state = 'open' AND until <= :now ORDER BY member, number LIMIT 500"
CROSSING = "transit/wallet"


@dataclass(frozen=True, slots=True)
class Sending:
    """Money offered to a relative's wallet: by whom, to whom, how much in fen."""

    member: str
    to: str
    amount: int

    def digest(self) -> str:
        """The same for the same sending."""
        return digest_of("send", self.member, self.to, self.amount)


def relation(file: File, other: str, day: date) -> str:
    """What somebody is to a member, as filed with its proof; nothing where nothing is filed."""
    found = [fact for fact in file.of("relative") if fact.said.get("who") == other and fact.holds(day)]
    return found[-1].said.get("relation", "") if found else ""


def opened(desk: Desk, member: str) -> tuple[Book, File]:
    """A member's book and file. Raises Refused where nobody is known by that name."""
    book = known_book(look(desk.database, member, ("", "")), member)
    return book, read(book.file)


# ── credits and premiums ──


def credit(desk: Desk, member: str, amount: int, what: str, call: Call) -> Receipt:
    """Credit a personal account: `what` is the month it is for, or `interest`."""
    digest = digest_of("credit", member, amount, what)

    def act(seen: Seen) -> Receipt:
        book = known_book(seen, member)
        file = read(book.file)
        moved = (Transfer(chart.income(file.region(desk.clock().date())), chart.personal(member), amount),)
        receipt = Receipt("credit", member, "", book.pages + 1, moved=moved)
        page = desk.page(call, receipt, digest)
        page.said = {"for": what}
        append(desk.database, book, page)
        return receipt

    return desk.once(member, call, digest, act)


def interest_due(desk: Desk, member: str, days: tuple[date, date], rate: int) -> int:
    """Fen that a personal account has earned from a day until another (not with it), at parts of 10,000 a year."""
    first, last = days
    moves: dict[date, int] = {}
    for row in desk.database.rows(MOVES, member=member, account=chart.personal(member)):
        day = max(china_time(datetime.fromisoformat(row["at"])).date(), first)
        moves[day] = moves.get(day, 0) + int(row["amount"])
    history, balance = [], 0
    for day in sorted(day for day in moves if day < last):
        balance += moves[day]
        history.append((day, balance))
    return interest(history, last, rate) if history else 0


def pay_premium(desk: Desk, member: str, relative: str, amount: int, call: Call) -> Receipt:
    """Pay a near relative's premium out of the member's account; `relative` may be the member."""
    digest = digest_of("premium", member, relative, amount)

    def act(seen: Seen) -> Receipt:
        book = known_book(seen, member)
        file = read(book.file)
        _, theirs = opened(desk, relative)
        now, rules = desk.clock(), desk.rules()
        if member != relative and relation(file, relative, now.date()) not in rules.relatives:
            raise not_a_relative(relative)
        scheme = str(theirs.member(relative, now.date(), ()).on(now.date()).get("scheme", ""))
        if not may_pay("premium", scheme, rules):
            raise refuse("D011", Place("premium"), "accounts pay no premium of this scheme here", "", "pay it in cash")
        moved = (Transfer(chart.personal(member), chart.premium(theirs.region(now.date())), amount),)
        receipt = Receipt("premium", member, "", book.pages + 1, moved=moved)
        page = desk.page(call, receipt, digest)
        page.said = {"for": relative}
        append(desk.database, book, page)
        return receipt

    return desk.once(member, call, digest, act)


def not_a_relative(name: str) -> Refused:
    """Nobody helps a stranger."""
    return refuse("D013", Place("relative"), f"`{name}` is no near relative with a proof on file", "Accounts help near relatives only.",
                  "file the relation with its proof first")  # fmt: skip


# ── sending ──


def send(desk: Desk, sending: Sending, call: Call) -> Receipt:
    """Offer money to a relative's wallet: it is set aside until it is accepted, or comes back."""
    return desk.once(
        sending.member,
        call,
        sending.digest(),
        lambda seen: _send(desk, sending, call, known_book(seen, sending.member)),
    )


def _send(desk: Desk, sending: Sending, call: Call, book: Book) -> Receipt:
    file = read(book.file)
    opened(desk, sending.to)
    now, rules, account = desk.clock(), desk.rules(), chart.personal(sending.member)
    sends, pages = desk.database.ask((SENDS, {"member": sending.member}), (SENT_AT, {"member": sending.member}))
    sent = sent_on_day_of(now, [datetime.fromisoformat(row["at"]) for row in pages])
    waiting = any(row["state"] == "open" for row in sends)
    sender = Sender(relation(file, sending.to, now.date()), book.free(account), has_pending=waiting)
    reason = refusal_to_send(sending.amount, now, sent, rules, sender)
    if reason == "not_a_relative":
        raise not_a_relative(sending.to)
    if reason:
        raise refuse(
            "D011", Place("amount"), f"the wallet does not send this: {reason}", "", REPAIRS.get(reason, "send less")
        )
    hold = Hold(account, sending.amount, returns_at(now, rules), f"send:{sending.to}")
    number = (book.pages + 1) * 100
    receipt = Receipt("send", sending.member, "", book.pages + 1, drawn=((str(number), sending.amount),))
    event = ("offered", {"from": sending.member, "to": sending.to, "amount": sending.amount, "hold": number})
    page = desk.page(call, receipt, sending.digest())
    page.holds, page.events, page.said = [hold], [event], {"to": sending.to}
    append(desk.database, book, page)
    return receipt


REPAIRS = {
    "quiet_hours": "send it after 06:00",
    "too_many_today": "send it tomorrow",
    "still_pending": "wait until it is accepted or back",
}


def accept(desk: Desk, to: str, sender: str, number: int, actor: str) -> Receipt:
    """The receiver takes what was offered: out of the sender's account, through transit, into the wallet.

    The sending itself is the key: accepted again, it is answered again.
    """
    row = offered(desk, sender, number, to)
    end_hold(desk, sender, row, "posted", CROSSING)
    reached("posted")
    return complete(desk, {"from": sender, "to": to, "hold": number}, actor)


def complete(desk: Desk, event: Mapping[str, object], actor: str = "wallets") -> Receipt:
    """The receiver's part of a sending that was accepted; done once."""
    sender, to, number = str(event["from"]), str(event["to"]), int(str(event["hold"]))
    call, digest = Call(actor, "wallets", arrival_key(sender, number)), digest_of("arrive", to, sender, number)

    def act(seen: Seen) -> Receipt:
        book = known_book(seen, to)
        row = desk.database.row(HELD, member=sender, number=number)
        assert row is not None
        moved = (Transfer(CROSSING, chart.wallet(to), row["amount"]),)
        receipt = Receipt("accept", to, "", book.pages + 1, moved=moved)
        page = desk.page(call, receipt, digest)
        page.said = {"from": sender}
        append(desk.database, book, page)
        return receipt

    return desk.once(to, call, digest, act)


def arrival_key(sender: str, number: int) -> str:
    """The key under which a sending arrives."""
    return f"arrive {sender} {number}"


def offered(desk: Desk, sender: str, number: int, to: str) -> Row:
    """A sending to this receiver. Raises Refused where there is none."""
    row = desk.database.row(HELD, member=sender, number=number)
    if row is None or row["purpose"] != f"send:{to}":
        raise no_longer(number)
    if row["state"] == "open" and desk.clock() >= datetime.fromisoformat(row["until"]):
        raise no_longer(number)
    return row


def no_longer(number: int) -> Refused:
    """Nothing waits here."""
    return refuse(
        "D012",
        Place(str(number)),
        "no money waits here to be accepted",
        "It was never sent, or has gone back.",
        "ask the sender",
    )


def end_hold(desk: Desk, member: str, row: Row, state: str, to: str = "") -> None:
    """A hold ends once: posted to an account, or void, or returned."""
    call = Call("wallets", "holds", f"{member} {row['number']}")
    digest = digest_of("hold", member, row["number"])

    def act(seen: Seen) -> Receipt:
        book = known_book(seen, member)
        now = desk.database.row(HELD, member=member, number=row["number"])
        assert now is not None
        moved = (Transfer(row["account"], to, row["amount"]),) if to else ()
        receipt = Receipt(state, member, "", book.pages + 1, moved=moved)
        told: dict[str, object] = {"from": member, "to": row["purpose"].partition(":")[2], "hold": row["number"]}
        page = desk.page(call, receipt, digest)
        page.resolved, page.events = [(now, state)], [("accepted", told)] if to == CROSSING else []
        append(desk.database, book, page)
        return receipt

    ended = desk.once(member, call, digest, act)
    if ended.kind != state:
        raise no_longer(int(row["number"]))


def call_back(desk: Desk, sender: str, number: int) -> None:
    """The sender changes their mind before it is accepted."""
    row = desk.database.row(HELD, member=sender, number=number)
    if row is None or row["state"] not in ("open", "void"):
        raise no_longer(number)
    end_hold(desk, sender, row, "void")


def return_due(desk: Desk, finish: Callable[[Desk, str, Row], None] | None = None) -> int:
    """Give back all money whose time has come; how often that was. Run it every few minutes (`desk.helping.return_due`).

    `finish` sees to money that a relative set aside for a bill.
    """
    returned = 0
    now = desk.clock().astimezone(china_time(desk.clock()).tzinfo).isoformat()
    while due := desk.database.rows(DUE, now=now):
        for found in due:
            row = desk.database.row(HELD, member=found["member"], number=found["number"])
            assert row is not None
            try:
                if finish and row["purpose"].startswith(HELP):
                    finish(desk, found["member"], row)
                else:
                    end_hold(desk, found["member"], row, "returned")
                returned += 1
            except Refused:  # accepted in this moment
                continue
    return returned


def relative_fact(who: str, kind: str, begins: date, proof: str) -> Fact:
    """The filing of a near relative, with its proof."""
    return Fact("relative", begins, said={"who": who, "relation": kind, "proof": proof})
