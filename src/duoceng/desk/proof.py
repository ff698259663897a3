"""One member's book, row by row: is every row what the pages say, and are the pages whole?

    chain      each page follows the one before; transfers and audit are those of the pages; the book ends where it says
    marks      bills, holds, answers, events and the file are as some page wrote them; none is missing, none is more
    accounts   what lies in accounts with floors is the sum of their transfers; what is held, of the open holds
    bills      the transfers of each bill are its settlement; the running sums are those of the bills that stand
    years      (`desk.verify`) the bills settled again by the rules come to the same

Every check returns mistakes, so that all are told at once.
"""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from duoceng.base.mistakes import Mistake, Place
from duoceng.desk.people import read as file_of
from duoceng.engine.settle import added
from duoceng.ledger import chart
from duoceng.ledger.chain import FIRST, broken
from duoceng.ledger.post import net
from duoceng.records.entry import Entry, Transfer
from duoceng.records.plan import Plan
from duoceng.records.settlement import Settlement
from duoceng.store.database import Row
from duoceng.store.marks import KEYS, MARKS, THEN, mark, name_of
from duoceng.store.pages import entry_from
from duoceng.store.settlements import settlement_in

Plans = Mapping[str, Plan]
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, zlib.error)
NOT_WHOLE = "Somebody changed the database beside the desk, or a disk failed."
RESTORE = "compare with a backup, and restore the book from it"


@dataclass
class Rows:
    """All rows of one member, by table, in the order of their keys."""

    member: str
    of: dict[str, list[Row]] = field(default_factory=dict)

    def __getitem__(self, table: str) -> list[Row]:
        return self.of.get(table, [])


@dataclass
class Proof:
    """A member's rows under examination, and what was found."""

    rows: Rows
    plans: Plans
    found: list[Mistake] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    settled: dict[str, Settlement] = field(default_factory=dict)

    def wrong(self, code: str, what: str, why: str = NOT_WHOLE, repair: str = RESTORE) -> None:
        """Note what does not hold."""
        self.found.append(Mistake(code, Place(self.rows.member, 0), what, why, repair))


def examine(rows: Rows, plans: Plans) -> Proof:
    """A member's book, and what is wrong with it. Damaged rows are told of, never stumbled over."""
    proof = Proof(rows, plans)
    for check in (chain, audit, marks, accounts, bills, sums):
        try:
            check(proof)
        except UNREADABLE as error:
            proof.wrong("V004", f"a row cannot be read: {type(error).__name__}")
    return proof


def chain(proof: Proof) -> None:
    """Pages and transfers: whole, in order, hashed."""
    rows = proof.rows
    if len(rows["person"]) != 1 or len(rows["book"]) != 1:
        proof.wrong("V001", "a book without its person, or a person without a book")
    moved: dict[int, list[Transfer]] = {}
    for row in rows["transfer"]:
        moves = moved.setdefault(row["number"], [])
        moves.append(Transfer(row["debit"], row["credit"], row["amount"], row["tier"], row["bill"]))
        if row["line"] != len(moves):
            proof.wrong("V001", f"the transfers of page {row['number']} are not in their order")
    proof.entries = [entry_from(row, tuple(moved.pop(row["number"], ()))) for row in rows["entry"]]
    said = broken(proof.entries)
    if said:
        proof.wrong("V001", said)
    for number in moved:
        proof.wrong("V001", f"there are transfers of page {number}, which is not there")
    last = (proof.entries[-1].number, proof.entries[-1].digest) if proof.entries else (0, FIRST)
    for book in rows["book"]:
        if (book["pages"], book["head"]) != last:
            proof.wrong("V001", f"the book says it ends at page {book['pages']}, and ends at page {last[0]}")


def audit(proof: Proof) -> None:
    """Every page was noted once; other entries of the audit belong to no page."""
    noted = {row["id"]: row for row in proof.rows["audit"]}
    for entry, row in zip(proof.entries, proof.rows["entry"], strict=True):
        wanted = {"member": entry.member, "id": f"{entry.number:012d}", "at": row["at"], "actor": entry.by, "action": entry.kind,
                  "object": entry.bill or entry.member, "outcome": "written"}  # fmt: skip
        if noted.pop(str(wanted["id"]), None) != wanted:
            proof.wrong("V001", f"the audit does not say of page {entry.number} what the page says")
    for name in noted:
        if name.isdigit() and len(name) == 12:
            proof.wrong("V001", f"the audit tells of page {int(name)}, which is not there")


def marks(proof: Proof) -> None:
    """Rows written with a page are as the page left them."""
    left: dict[str, tuple[int, str]] = {}
    for entry in proof.entries:
        for name, digest in entry.said.get(MARKS, {}).items():  # type: ignore[attr-defined]
            left[name] = (entry.number, digest)
            if not name.endswith(THEN):
                left.pop(name + THEN, None)
    for table in KEYS:
        for row in proof.rows[table]:
            name = name_of(table, row)
            first, then = left.pop(name, (0, "")), left.pop(name + THEN, (0, ""))
            if not AS_LEFT[table](row, first, then):
                proof.wrong("V004", f"`{name}` is not what page {max(first[0], then[0])} wrote".replace("\t", " "))
    told = sum(f"person{THEN}" in entry.said.get(MARKS, {}) for entry in proof.entries)  # type: ignore[operator]
    if any(row["facts"] != told for row in proof.rows["person"]):
        proof.wrong("V004", "the file counts other facts than the pages told")
    for name, (number, _) in left.items():
        proof.wrong("V004", f"`{name}` of page {number} is not there".replace("\t", " "))


Left = tuple[int, str]


def _person(row: Row, first: Left, then: Left) -> bool:
    return first[1] == mark("person", row, ("made",)) and then[1] == mark("person", row, ("file", "region"))


def _bill(row: Row, first: Left, then: Left) -> bool:
    whole = [column for column in row if column != "member"]
    if first[1] != mark("bill", {**row, "state": "live"}, whole):
        return False
    if not then[0]:
        return bool(row["state"] == "live")
    return then[1] == mark("bill", row, ("state", "bill")) and row["page"] == then[0]


def _hold(row: Row, first: Left, then: Left) -> bool:
    if first[1] != mark("hold", row, ("number", "account", "amount", "until", "purpose")):
        return False
    if not then[0]:
        return bool(row["state"] == "open" and not row["resolved"])
    return then[1] == mark("hold", row, ("state", "resolved", "number")) and row["resolved"] == then[0]


def _answer(row: Row, first: Left, then: Left) -> bool:
    if row["state"] == "never":
        bare = (row["digest"], row["page"], row["said"]) == ("", 0, "{}")
        return bare and first[1] == mark("answer", row, ("scope", "key", "at"))
    return first == (row["page"], mark("answer", row))


def _outbox(row: Row, first: Left, then: Left) -> bool:
    wanted = mark("outbox", row, ("number", "line", "topic", "said", "at"))
    return first == (row["number"], wanted)


def _step(row: Row, first: Left, then: Left) -> bool:
    return first == (row["number"], mark("step", row)) and not then[0]


AS_LEFT = {"person": _person, "bill": _bill, "hold": _hold, "answer": _answer, "outbox": _outbox, "step": _step}


def accounts(proof: Proof) -> None:
    """Accounts with floors: what they got less what they gave; what is held: the open holds."""
    member = proof.rows.member
    wanted: dict[str, list[int]] = {}

    def move(account: str, amount: int, held: int = 0) -> None:
        if chart.has_floor(account) and chart.owner(account) == member:
            stands = wanted.setdefault(account, [0, 0])
            stands[0] += amount
            stands[1] += held

    for row in proof.rows["transfer"]:
        move(row["debit"], -row["amount"])
        move(row["credit"], row["amount"])
    for row in proof.rows["hold"]:
        move(row["account"], 0, row["amount"] if row["state"] == "open" else 0)
    stood = {row["account"]: [row["amount"], row["held"]] for row in proof.rows["balance"]}
    for account in sorted({*wanted, *stood}):
        if wanted.get(account) != stood.get(account):
            proof.wrong("V003", f"`{account}` does not hold what its transfers and holds come to")


def bills(proof: Proof) -> None:
    """The money that moved for each bill is its settlement; for one taken back, nothing."""
    moved: dict[str, list[Transfer]] = {}
    for entry in proof.entries:
        for transfer in entry.transfers:
            if transfer.bill:
                moved.setdefault(transfer.bill, []).append(transfer)
    pages = {entry.number: entry.bill for entry in proof.entries}
    for row in proof.rows["bill"]:
        if row["state"] == "live" and pages.get(row["page"]) != row["bill"]:
            proof.wrong("V005", f"bill `{row['bill']}` was not settled on the page it names")
        posted = net(moved.pop(row["bill"], ()))
        if row["plan"] not in proof.plans:
            proof.wrong("V005", f"the plan of bill `{row['bill']}` is not there, or not what its name says")
            continue
        settlement = stored(row, proof.plans)
        columns = (row["billed"], row["covered"], row["member_pays"], row["cash"])
        if row["state"] == "live":
            proof.settled[row["bill"]] = settlement
            if posted_in_all(posted, row["hospital"]) != settled_in_all(settlement, row):
                proof.wrong("V005", f"the transfers of bill `{row['bill']}` are not its settlement")
        elif posted:
            proof.wrong("V005", f"bill `{row['bill']}` was taken back, but not its transfers")
        if columns != (settlement.billed, settlement.covered, settlement.member_pays, settlement.cash):
            proof.wrong("V005", f"the row of bill `{row['bill']}` is not its settlement")
    for bill in moved:
        proof.wrong("V005", f"money moved for a bill `{bill}` that is not there")


def stored(row: Row, plans: Plans) -> Settlement:
    """The settlement a bill's row holds."""
    settlement = settlement_in(row)
    return Settlement(settlement.bill, plans[row["plan"]], settlement.charges, settlement.paid, settlement.left, settlement.trails,
                      settlement.changes)  # fmt: skip


InAll = tuple[dict[str, int], dict[str, int], int]


def posted_in_all(posted: Mapping[tuple[str, str, str, str], int], hospital: str) -> InAll:
    """What was posted for a bill: by tier, by account of the member's part, and to the hospital."""
    tiers: dict[str, int] = {}
    draws: dict[str, int] = {}
    owed = 0
    for (debit, credit, tier, _), amount in posted.items():
        part, name = (tiers, tier) if tier else (draws, debit)
        part[name] = part.get(name, 0) + amount
        owed += amount if credit == chart.hospital(hospital) else 0
    return tiers, draws, owed


def settled_in_all(settlement: Settlement, row: Row) -> InAll:
    """What should have been posted."""
    tiers: dict[str, int] = {}
    for layer, paid in zip(settlement.plan.layers, settlement.paid, strict=True):
        if paid and layer.policy != "settled before":
            tiers[layer.tier] = tiers.get(layer.tier, 0) + paid
    draws = {account: amount for account, amount in json.loads(row["draws"]) if amount}
    return tiers, draws, settlement.billed - sum(settlement.bill.settled_before.values())


def sums(proof: Proof) -> None:
    """The running sums are what was brought, and what the bills that stand added."""
    if not proof.rows["person"] or len(proof.settled) != sum(row["state"] == "live" for row in proof.rows["bill"]):
        return
    wanted: Mapping[str, int] = file_of(proof.rows["person"][0]["file"]).opening
    for settlement in proof.settled.values():
        wanted = added(wanted, settlement.changes)
    for book in proof.rows["book"]:
        if json.loads(book["sums"]) != dict(wanted):
            proof.wrong("V006", "the running sums are not those of the bills that stand")


def mistakes_of(proofs: Iterator[Proof]) -> Iterator[Mistake]:
    """All that was found."""
    for proof in proofs:
        yield from proof.found
