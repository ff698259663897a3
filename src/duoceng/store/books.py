"""A member's book: read as it is now; append one page, with all that belongs to it, or nothing.

Page n+1 can be written once. Two who read page n and both write the next: one of them meets a Conflict, reads anew and tries
again. So all that happens to a member happens one after the other, on any engine, without locks held over a computation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zlib import compress, decompress

from duoceng.base.compact import compact, in_order
from duoceng.ledger import chart
from duoceng.ledger.chain import FIRST, digest_of
from duoceng.records.entry import Entry, Transfer
from duoceng.records.plain import plain, read
from duoceng.store.database import Database, Row, Statement
from duoceng.store.marks import MARKS, marks_of


@dataclass(frozen=True)
class Book:
    """A member as of one page: who it is, the running sums of the benefit years, money in accounts with floors, holds."""

    member: str
    pages: int
    head: str
    file: str
    sums: Mapping[str, int]
    balances: Mapping[str, tuple[int, int]]  # account: amount, and how much of it is held

    def free(self, account: str) -> int:
        """What an account may still pay."""
        amount, held = self.balances.get(account, (0, 0))
        return amount - held


@dataclass(frozen=True)
class Hold:
    """Money set aside in an account until a time, for a purpose."""

    account: str
    amount: int
    until: datetime
    purpose: str


@dataclass(frozen=True)
class Answered:
    """A key of a caller, the digest of what was asked, and what is answered."""

    scope: str
    key: str
    digest: str
    said: Mapping[str, object]
    state: str = "done"


@dataclass
class Page:
    """What is to be written as the next page. `sums`: the running sums after it, where they change."""

    kind: str
    at: datetime
    by: str
    bill: str = ""
    reverses: int = 0
    transfers: tuple[Transfer, ...] = ()
    said: Mapping[str, object] = field(default_factory=dict)
    sums: Mapping[str, int] | None = None
    file: str = ""
    region: str = ""
    holds: list[Hold] = field(default_factory=list)
    resolved: list[tuple[Row, str]] = field(default_factory=list)  # holds that end, and how
    before: list[Statement] = field(default_factory=list)
    rows: list[Statement] = field(default_factory=list)
    events: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    answer: Answered | None = None


LOOK = """SELECT 'book' AS what, b.sums AS a, b.head AS b, p.file AS c, '' AS d, b.pages AS m, 0 AS n
FROM book b JOIN person p ON p.member = b.member WHERE b.member = :member
UNION ALL SELECT 'balance', account, '', '', '', amount, held FROM balance WHERE member = :member
UNION ALL SELECT 'last', COALESCE(MAX(counts_at), ''), '', '', '', 0, 0 FROM bill WHERE member = :member AND state = 'live'
UNION ALL SELECT 'bill', bill, state, '', '', page, 0 FROM bill WHERE member = :member AND bill IN (:bill, :replaces)
UNION ALL SELECT 'answer', digest, state, said, '', page, 0 FROM answer WHERE member = :member AND scope = :scope AND key = :key"""
BOOK = """SELECT b.member, b.sums, b.pages, b.head, p.file FROM book b JOIN person p ON p.member = b.member WHERE b.member = :member"""
BALANCES = "SELECT account, amount, held FROM balance WHERE member = :member"
TURN = "UPDATE book SET sums = :sums, pages = :pages, head = :head WHERE member = :member"
FIRST_ENTRY = """INSERT INTO entry (member, number, kind, at, actor, bill, reverses, said, before, digest)
VALUES (:member, :number, :kind, :at, :actor, :bill, :reverses, :said, :before, :digest)"""
# Onto the page before it, or not at all: where that is not the last one of the book, `before` is nothing, which is refused.
ENTRY = FIRST_ENTRY.replace(":before", "(SELECT head FROM book WHERE member = :member AND head = :before)")
TRANSFER = """INSERT INTO transfer (member, number, line, debit, credit, amount, tier, bill)
VALUES (:member, :number, :line, :debit, :credit, :amount, :tier, :bill)"""
BALANCE = """INSERT INTO balance (member, account, amount, held) VALUES (:member, :account, :amount, :held)
ON CONFLICT (member, account) DO UPDATE SET amount = excluded.amount, held = excluded.held"""
HOLD = """INSERT INTO hold (member, number, account, amount, state, until, purpose)
VALUES (:member, :number, :account, :amount, 'open', :until, :purpose)"""
RESOLVE = "UPDATE hold SET state = :state, resolved = :resolved WHERE member = :member AND number = :number AND state = 'open'"
EVENT = (
    "INSERT INTO outbox (member, number, line, topic, said, at) VALUES (:member, :number, :line, :topic, :said, :at)"
)
ANSWER = """INSERT INTO answer (member, scope, key, digest, state, page, said, at)
VALUES (:member, :scope, :key, :digest, :state, :page, :said, :at)"""
AUDIT = """INSERT INTO audit (member, id, at, actor, action, object, outcome)
VALUES (:member, :id, :at, :actor, :action, :object, :outcome)"""
FILE = "UPDATE person SET file = :file, region = :region, facts = facts + 1 WHERE member = :member"


@dataclass(frozen=True)
class Seen:
    """A member as of one look: the book, what was answered to the key, where the last bill stands, and the bills that were named."""

    book: Book | None
    kept: Answered | None = None
    last: str = ""
    bills: Mapping[str, tuple[str, int]] = field(default_factory=dict)  # state and page
    remembered: bool = False  # this is how a page of this process left it; the database was not asked

    def stands(self, bill: str) -> bool:
        """Is this bill settled, and neither taken back nor replaced?"""
        return self.bills.get(bill, ("", 0))[0] == "live"


def look(database: Database, member: str, key: tuple[str, str], bills: tuple[str, str] = ("", "")) -> Seen:
    """All that most acts need to know, in one question: a member, a key (scope and key), two bills by name."""
    asked = {"member": member, "scope": key[0], "key": key[1], "bill": bills[0], "replaces": bills[1]}
    return seen_in(database.rows(LOOK, **asked), member, key)


def seen_in(rows: list[Row], member: str, key: tuple[str, str]) -> Seen:
    """What the rows of a look say."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["what"], []).append(row)
    stands = {row["a"]: (row["m"], row["n"]) for row in found.get("balance", ())}
    book = kept = None
    for row in found.get("book", ()):
        book = Book(member, row["m"], row["b"] or FIRST, row["c"], json.loads(row["a"] or "{}"), stands)
    for row in found.get("answer", ()):
        kept = Answered(*key, row["a"], json.loads(row["c"]), row["b"])
    return Seen(book, kept, found["last"][0]["a"], {row["a"]: (row["b"], row["m"]) for row in found.get("bill", ())})


def read_book(database: Database, member: str, *more: Statement) -> tuple[Book | None, list[list[Row]]]:
    """The book of a member (nothing where nobody is known by that name), and what more is asked at the same time."""
    who = {"member": member}
    (found, balances, *rest) = database.ask((BOOK, who), (BALANCES, who), *more)
    if not found:
        return None, rest
    stands = {row["account"]: (row["amount"], row["held"]) for row in balances}
    book = found[0]
    return Book(
        member, book["pages"], book["head"] or FIRST, book["file"], json.loads(book["sums"] or "{}"), stands
    ), rest


def append(database: Database, book: Book, page: Page) -> Book:
    """Write the next page; the book as it is then. Raises Conflict where somebody was first (or the key was used), Floor where money
    is missing."""
    balances = balances_after(book, page)
    rest = rows_of(book, page, balances)
    entry = entry_of(book, page, marks_of([*page.before, *rest]))
    database.commit(statements_of(book, page, entry, rest), at_once=not page.before)
    sums = book.sums if page.sums is None else page.sums
    return Book(book.member, entry.number, entry.digest, page.file or book.file, sums, {**book.balances, **balances})


def entry_of(book: Book, page: Page, marks: Mapping[str, str]) -> Entry:
    """The page as it will stand in the book; `marks` put the rows written with it under its hash."""
    said = {**page.said, MARKS: marks}
    plain = Entry(
        book.member, book.pages + 1, page.kind, page.at, page.by, page.bill, page.reverses, page.transfers, said
    )
    digest = digest_of(plain, book.head)
    return Entry(plain.member, plain.number, plain.kind, plain.at, plain.by, plain.bill, plain.reverses, plain.transfers,
                 plain.said, book.head, digest)  # fmt: skip


def statements_of(book: Book, page: Page, entry: Entry, rest: list[Statement]) -> list[Statement]:
    """All that belongs to a page; the row that can be written once comes first, `rest` last."""
    member, number, at = book.member, entry.number, page.at.isoformat()
    found: list[Statement] = [
        (ENTRY if book.pages else FIRST_ENTRY,
         {"member": member, "number": number, "kind": entry.kind, "at": at, "actor": entry.by, "bill": entry.bill,
          "reverses": entry.reverses or None, "said": words(entry.said), "before": entry.before, "digest": entry.digest})]  # fmt: skip
    found += page.before
    found += [(TRANSFER, {"member": member, "number": number, "line": line, **moved._asdict()})
              for line, moved in enumerate(entry.transfers, 1)]  # fmt: skip
    sums = book.sums if page.sums is None else page.sums
    found.append((TURN, {"member": member, "sums": words(sums), "pages": number, "head": entry.digest}))
    return found + rest


def rows_of(book: Book, page: Page, balances: Mapping[str, tuple[int, int]]) -> list[Statement]:
    """What a page writes beside itself and its transfers; `balances`: the accounts with floors that it changes."""
    member, number, at = book.member, book.pages + 1, page.at.isoformat()
    found: list[Statement] = [(BALANCE, {"member": member, "account": account, "amount": amount, "held": held})
                              for account, (amount, held) in balances.items()]  # fmt: skip
    for line, hold in enumerate(page.holds):
        found.append((HOLD, {"member": member, "number": number * 100 + line, "account": hold.account, "amount": hold.amount,
                             "until": hold.until.isoformat(), "purpose": hold.purpose}))  # fmt: skip
    found += [(RESOLVE, {"member": member, "number": row["number"], "state": state, "resolved": number})
              for row, state in page.resolved]  # fmt: skip
    if page.file:
        found.append((FILE, {"member": member, "file": page.file, "region": page.region}))
    found += page.rows
    for line, (topic, said) in enumerate(page.events, 1):
        found.append(
            (EVENT, {"member": member, "number": number, "line": line, "topic": topic, "said": words(said), "at": at})
        )
    if page.answer:
        kept = page.answer
        found.append((ANSWER, {"member": member, "scope": kept.scope, "key": kept.key, "digest": kept.digest, "state": kept.state,
                               "page": number, "said": words(kept.said), "at": at}))  # fmt: skip
    found.append((AUDIT, {"member": member, "id": f"{number:012d}", "at": at, "actor": page.by, "action": page.kind,
                          "object": page.bill or member, "outcome": "written"}))  # fmt: skip
    return found


def balances_after(book: Book, page: Page) -> dict[str, tuple[int, int]]:
    """The accounts with floors that a page changes, as they stand after it; the table itself refuses one below nothing."""
    after: dict[str, tuple[int, int]] = {}

    def move(account: str, amount: int, held: int = 0) -> None:
        if chart.has_floor(account) and chart.owner(account) == book.member:
            stands = after.get(account) or book.balances.get(account, (0, 0))
            after[account] = stands[0] + amount, stands[1] + held

    for moved in page.transfers:
        move(moved.debit, -moved.amount)
        move(moved.credit, moved.amount)
    for hold in page.holds:
        move(hold.account, 0, hold.amount)
    for row, _ in page.resolved:
        move(row["account"], 0, -row["amount"])
    return dict(sorted(after.items()))


def words(said: Mapping[str, object]) -> str:
    """JSON, the same for the same content."""
    return in_order(said)


def packed(record: object) -> bytes:
    """A record as it lies in a row."""
    return pressed(plain(record))


def pressed(said: object) -> bytes:
    """A record that is JSON already, as it lies in a row."""
    return compress(compact(said).encode(), 1)


def unpacked(row: bytes) -> object:
    """The record that was packed."""
    found: object = read(decompress(bytes(row)).decode())
    return found
