"""The monthly statistics of mutual aid and wallets, out of the books: each page that helped a relative is a move.

helped    a relative's account paid for a bill, or got it back          premium   an account paid a relative's premium
accept    money sent arrived in a wallet                               settle, reverse: what a wallet paid for care, or got back
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime

from duoceng.ledger import chart
from duoceng.ledger.figure import Figure
from duoceng.ledger.report import Area, Move, report
from duoceng.ledger.wallet import china_time
from duoceng.store.database import Database, Row

PAGES = """SELECT e.member, e.number, e.kind, e.at, e.said, t.debit, t.credit, t.amount, p.region FROM entry e
JOIN transfer t ON t.member = e.member AND t.number = e.number JOIN person p ON p.member = e.member
WHERE e.kind IN ('helped', 'premium', 'accept') AND e.at >= :first AND e.at < :after ORDER BY e.member, e.number, t.line"""
SPENT = """SELECT e.member, e.number, e.kind, e.at, e.said, t.debit, t.credit, t.amount, p.region FROM transfer t
JOIN entry e ON e.member = t.member AND e.number = t.number JOIN person p ON p.member = e.member
WHERE (t.debit LIKE 'wallet/%' OR t.credit LIKE 'wallet/%') AND t.bill <> '' AND e.at >= :first AND e.at < :after
ORDER BY e.member, e.number, t.line"""
REGION = "SELECT region FROM person WHERE member = :member"


def statistics(database: Database, first: date, last: date, province: Callable[[str], str]) -> dict[str, Figure]:
    """Every figure of the days from `first` to `last` in China, by name. `province`: that of a place of insurance."""
    return report(moves(database, first, last, province), first, last)


def moves(database: Database, first: date, last: date, province: Callable[[str], str]) -> Iterator[Move]:
    """Every move of these days."""
    regions: dict[str, Area] = {}

    def area(member: str) -> Area:
        if member not in regions:
            found = database.row(REGION, member=member)
            region = found["region"] if found else ""
            regions[member] = Area(province(region), region)
        return regions[member]

    days = {"first": f"{first.isoformat()}T", "after": f"{last.isoformat()}T99"}
    for row in database.rows(PAGES, **days):
        yield move_of(row, area)
    for row in database.rows(SPENT, **days):
        undone = row["credit"].startswith("wallet/")
        own = area(row["member"])
        yield Move(day_of(row), "spent", row["amount"], own, own, "hospital", undone)


def move_of(row: Row, area: Callable[[str], Area]) -> Move:
    """What a page of help, of a premium or of an arrival was."""
    said, own = json.loads(row["said"]), area(row["member"])
    if row["kind"] == "accept":
        return Move(day_of(row), "wallet", row["amount"], area(said["from"]), own)
    other = area(said["for"])
    if row["kind"] == "premium":
        return Move(day_of(row), "account", row["amount"], own, other, "premium")
    undone = row["credit"] == chart.personal(row["member"])
    return Move(day_of(row), "account", row["amount"], own, other, said["use"] or "other", undone)


def day_of(row: Row) -> date:
    """The day of a page in China."""
    return china_time(datetime.fromisoformat(row["at"])).date()
