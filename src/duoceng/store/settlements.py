"""Settlements as the run that paid left them. Plans are many bills' and are kept once, under their hash; no member is in them."""

from dataclasses import replace

from duoceng.records.plain import read
from duoceng.records.plan import Plan
from duoceng.records.settlement import Settlement
from duoceng.store.books import packed, unpacked
from duoceng.store.database import Database, Statement

EMPTY = Plan((), (), ())
KEEP = "INSERT INTO plan (digest, said) VALUES (:digest, :said) ON CONFLICT (digest) DO NOTHING"
SETTLED = """SELECT b.settled, p.said FROM bill b LEFT JOIN plan p ON p.digest = b.plan WHERE b.member = :member AND b.bill = :bill"""


def plan_kept(digest: str, text: str) -> Statement:
    """Keep a plan, unless it is kept already."""
    return KEEP, {"digest": digest, "said": text}


def settlement_kept(settlement: Settlement) -> bytes:
    """A settlement without its plan, but with what this member answered."""
    return packed(replace(settlement, plan=replace(EMPTY, answers=settlement.plan.answers)))


def settlement_of(database: Database, member: str, bill: str) -> Settlement | None:
    """What was paid for a bill, with the proof."""
    found = database.row(SETTLED, member=member, bill=bill)
    if found is None:
        return None
    settlement = unpacked(found["settled"])
    assert isinstance(settlement, Settlement)
    return replace(settlement, plan=replace(read(found["said"]), answers=settlement.plan.answers))
