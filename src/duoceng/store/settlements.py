"""Settlements as the run that paid left them. Plans are many bills' and are kept once, under their hash; no member is in them."""

from dataclasses import replace
from datetime import date

from duoceng.records.bill import Bill
from duoceng.records.plain import read
from duoceng.records.plan import Plan
from duoceng.records.settlement import Settlement
from duoceng.store.books import packed, unpacked
from duoceng.store.database import Database, Row, Statement

AS_ASKED = Bill("", date.min)  # stands for the bill that lies in the row beside
KEEP = "INSERT INTO plan (digest, said) VALUES (:digest, :said) ON CONFLICT (digest) DO NOTHING"
SETTLED = """SELECT b.settled, b.asked, p.said FROM bill b LEFT JOIN plan p ON p.digest = b.plan WHERE b.member = :member AND b.bill = :bill"""


def plan_kept(digest: str, text: str) -> Statement:
    """Keep a plan, unless it is kept already."""
    return KEEP, {"digest": digest, "said": text}


def settlement_kept(settlement: Settlement, asked: Bill) -> bytes:
    """A settlement without its plan, but with what this member answered; a bill settled as it was asked is not kept twice."""
    bill = AS_ASKED if settlement.bill == asked else settlement.bill
    plan = Plan((), (), (), answers=settlement.plan.answers)
    return packed(
        Settlement(
            bill, plan, settlement.charges, settlement.paid, settlement.left, settlement.trails, settlement.changes
        )
    )


def settlement_in(row: Row) -> Settlement:
    """The settlement of a row, without its plan; its bill stands there, or is the one that was asked.

    Rows of an earlier form have the bill without its money by parts, which stands in the bill that was asked.
    """
    kept = unpacked(row["settled"])
    assert isinstance(kept, Settlement)
    if kept.bill.parts or kept.bill.lines:
        return kept
    asked = unpacked(row["asked"])
    assert isinstance(asked, Bill)
    return replace(kept, bill=asked if kept.bill == AS_ASKED else replace(kept.bill, parts=asked.parts))


def settlement_of(database: Database, member: str, bill: str) -> Settlement | None:
    """What was paid for a bill, with the proof."""
    found = database.row(SETTLED, member=member, bill=bill)
    if found is None:
        return None
    settlement = settlement_in(found)
    return replace(settlement, plan=replace(read(found["said"]), answers=settlement.plan.answers))
