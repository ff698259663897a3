"""What each role is shown: the whole to those whose it is, and to the others what stands on a list."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from duoceng.desk.asks import Receipt
from duoceng.desk.people import Fact
from duoceng.interfaces.names import names_for
from duoceng.interfaces.rest.access import Caller
from duoceng.interfaces.rest.concern import Concern
from duoceng.interfaces.statement_json import plain, settlement_as_json
from duoceng.records.settlement import Settlement

INSURER_SEES = ("bill", "product", "state", "day", "layers", "paid")  # of a bill, and no more
HOSPITALS = "SELECT bill, hospital FROM bill WHERE member = :member"
OF_MEMBERS = re.compile(r"^(account|wallet|cash|transit/help)/.*")


def receipt_view(receipt: Receipt, caller: Caller, concern: Concern) -> dict[str, Any]:
    """A receipt. A hospital is not shown what changed in bills of others."""
    said = receipt.said()
    del said["digest"]
    if caller.role == "hospital" and receipt.changed:
        rows = concern.service.desk.database.rows(HOSPITALS, member=receipt.member)
        mine = {row["bill"] for row in rows if row["hospital"] == caller.of} | {receipt.bill}
        said["changed"] = [one for one in _rows(said["changed"]) if one["bill"] in mine]
        said["moved"] = [one for one in _rows(said["moved"]) if one["bill"] in mine]
    return said


def _rows(said: object) -> list[dict[str, Any]]:
    assert isinstance(said, list)
    return said


def quote_view(settled: Settlement, withheld: tuple[str, ...]) -> dict[str, Any]:
    """What a bill would come to."""
    layers = zip(settled.plan.layers, settled.paid, strict=True)
    return {"bill": settled.bill.id, "billed": settled.billed, "covered": settled.covered, "member_pays": settled.member_pays,
            "cash": settled.cash, "paid": [(y.id, y.tier, p) for y, p in layers if p],
            "left": {kind: amount for kind, amount in settled.self_pay.items() if amount}, "withheld": withheld}  # fmt: skip


def bill_view(settled: Settlement, caller: Caller, concern: Concern, lang: str) -> dict[str, Any]:
    """A settled bill with its statement; to an insurer what its product paid."""
    assert concern.row is not None
    stands = {"bill": settled.bill.id, "state": concern.row["state"]}
    if caller.role == "insurer":
        return only(INSURER_SEES, {**stands, **_part_of(caller.of, settled)})
    products = tuple(json.loads(concern.row["products"]))
    member = concern.opened[1].member(concern.member, settled.bill.discharged, products)
    names = names_for(concern.service.desk.library, member, lang)
    more = {"hospital": concern.row["hospital"], "page": concern.row["page"]}
    return {**stands, **more, **settlement_as_json(settled, lang, names, member)}


def _part_of(product: str, settled: Settlement) -> dict[str, Any]:
    mine = [(y, paid) for y, paid in zip(settled.plan.layers, settled.paid, strict=True) if y.policy == product]
    layers = [{"layer": y.id, "title": y.title, "english": y.english, "paid": paid} for y, paid in mine]
    return {"product": product, "day": settled.bill.discharged.isoformat(), "layers": layers, "paid": sum(p for _, p in mine)}  # fmt: skip


def only(names: tuple[str, ...], said: Mapping[str, Any]) -> dict[str, Any]:
    """What stands on a list of names."""
    return {name: said[name] for name in names if name in said}


def fact_view(fact: Fact) -> dict[str, Any]:
    """A fact of a member's file."""
    said = {"kind": fact.kind, "begins": fact.begins, "ends": fact.ends, "region": fact.region, "policy": fact.policy,
            "answers": {name: plain(value) for name, value in fact.answers.items()},
            "after": {name: plain(value) for name, value in fact.after.items()}, "said": dict(fact.said)}  # fmt: skip
    shown = {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}
    return {name: value for name, value in shown.items() if value or name in ("kind", "begins")}


def folded(balances: Mapping[str, int]) -> dict[str, int]:
    """A trial balance without persons: members' accounts as one of each kind."""
    found: dict[str, int] = {}
    for account, amount in balances.items():
        name = OF_MEMBERS.sub(r"\1/*", account)
        found[name] = found.get(name, 0) + amount
    return found
