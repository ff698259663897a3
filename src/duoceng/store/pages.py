"""What stands in the books: pages in order, the trial balance, the heads of all books."""

import json
from collections.abc import Iterator
from datetime import datetime

from duoceng.records.entry import Entry, Transfer
from duoceng.store.database import Database, Row

ENTRIES = "SELECT * FROM entry WHERE member = :member ORDER BY number"
TRANSFERS = "SELECT * FROM transfer WHERE member = :member ORDER BY number, line"
TRIAL = """SELECT account, SUM(amount) AS amount FROM (
SELECT credit AS account, amount FROM transfer UNION ALL SELECT debit AS account, -amount FROM transfer) AS legs
GROUP BY account ORDER BY account"""
HEADS = "SELECT member, pages, head FROM book WHERE member > :after ORDER BY member LIMIT 1000"


def entries_of(database: Database, member: str) -> list[Entry]:
    """The pages of a member's book, in order."""
    pages, moves = database.ask((ENTRIES, {"member": member}), (TRANSFERS, {"member": member}))
    moved: dict[int, list[Transfer]] = {}
    for row in moves:
        transfer = Transfer(row["debit"], row["credit"], row["amount"], row["tier"], row["bill"])
        moved.setdefault(row["number"], []).append(transfer)
    return [entry_from(row, tuple(moved.get(row["number"], ()))) for row in pages]


def entry_from(row: Row, moved: tuple[Transfer, ...]) -> Entry:
    """A page out of its row and those of its transfers."""
    return Entry(row["member"], row["number"], row["kind"], datetime.fromisoformat(row["at"]), row["actor"], row["bill"],
                 row["reverses"] or 0, moved, json.loads(row["said"]), row["before"], row["digest"])  # fmt: skip


def trial_balance(database: Database) -> dict[str, int]:
    """What every account got less what it gave, in fen; all of them add up to nothing."""
    return {row["account"]: int(row["amount"]) for row in database.rows(TRIAL)}


def heads(database: Database) -> Iterator[tuple[str, int, str]]:
    """The last page of every book, in the order of the members: number and hash."""
    after = ""
    while rows := database.rows(HEADS, after=after):
        for row in rows:
            yield row["member"], row["pages"], row["head"]
        after = rows[-1]["member"]
