"""A settled bill as a row of the database and as a receipt, and back."""

import json

from duoceng.base.compact import compact
from duoceng.desk.asks import Receipt
from duoceng.desk.replay import Live, counts_at
from duoceng.ledger.post import net
from duoceng.records.bill import Bill
from duoceng.records.entry import Transfer
from duoceng.records.settlement import Settlement
from duoceng.store.books import Book, unpacked
from duoceng.store.database import Row, Statement
from duoceng.store.settlements import settlement_kept

BILL = """INSERT INTO bill (member, bill, state, hospital, counts_at, draws, products, plan, page, asked, settled, billed, covered, member_pays,
cash) VALUES (:member, :bill, :state, :hospital, :counts_at, :draws, :products, :plan, :page, :asked, :settled, :billed, :covered,
:member_pays, :cash)
"""
AGAIN = (
    BILL
    + """ON CONFLICT (member, bill) DO UPDATE SET state = excluded.state, hospital = excluded.hospital, counts_at = excluded.counts_at,
draws = excluded.draws, products = excluded.products, plan = excluded.plan, page = excluded.page, asked = excluded.asked, settled = excluded.settled,
billed = excluded.billed, covered = excluded.covered, member_pays = excluded.member_pays, cash = excluded.cash"""
)
GONE = "UPDATE bill SET state = :state, page = :page WHERE member = :member AND bill = :bill"


def live_of(row: Row) -> Live:
    """A bill that stands, out of its row."""
    bill = unpacked(row["asked"])
    assert isinstance(bill, Bill)
    draws = tuple((account, amount) for account, amount in json.loads(row["draws"]))
    return Live(bill, row["hospital"], tuple(json.loads(row["products"])), draws, row["page"], bytes(row["asked"]))


def bill_row(
    book: Book, live: Live, settled: Settlement, by: tuple[str, tuple[tuple[str, int], ...]], new: bool = False
) -> Statement:
    """The row of a bill that stands: settled by a plan, paid out of accounts. `new`: it may have no row yet."""
    plan, draws = by
    return BILL if new else AGAIN, {"member": book.member, "bill": live.bill.id, "state": "live", "hospital": live.hospital,
                  "counts_at": counts_at(live.bill), "draws": compact(draws), "products": compact(live.products), "plan": plan,
                  "page": live.page or book.pages + 1, "asked": live.asked, "settled": settlement_kept(settled, live.bill),
                  "billed": settled.billed, "covered": settled.covered, "member_pays": settled.member_pays, "cash": settled.cash}  # fmt: skip


def gone(book: Book, bill: str, state: str) -> Statement:
    """A bill that stands no more."""
    return GONE, {"member": book.member, "bill": bill, "page": book.pages + 1, "state": state}


def receipt_for(
    book: Book,
    settled: Settlement,
    draws: tuple[tuple[str, int], ...],
    moved: tuple[Transfer, ...],
    withheld: tuple[str, ...],
) -> Receipt:
    """What a bill came to."""
    layers = zip(settled.plan.layers, settled.paid, strict=True)
    return Receipt("settle", book.member, settled.bill.id, book.pages + 1, billed=settled.billed, covered=settled.covered,
                   member_pays=settled.member_pays, cash=settled.cash, paid=tuple((y.id, y.tier, p) for y, p in layers if p),
                   left={kind: amount for kind, amount in settled.self_pay.items() if amount}, drawn=draws, moved=moved,
                   withheld=withheld)  # fmt: skip


def in_all(transfers: tuple[Transfer, ...]) -> dict[str, int]:
    """What each account gave for a bill, in all; for people to read."""
    found: dict[str, int] = {}
    for (debit, *_), amount in net(transfers).items():
        found[debit] = found.get(debit, 0) + amount
    return found
