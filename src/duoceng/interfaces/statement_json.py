"""The machine form of settlements: stable, versioned, whole. Every amount is whole fen; nothing is left out of the trail.

The form is named `duoceng.settlement/1`. Within a version keys are only added, never renamed or given another meaning.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from duoceng import __version__
from duoceng.desk.year import Difference, Year
from duoceng.engine.explain import explain
from duoceng.interfaces.national import setldetail, setlinfo
from duoceng.kernel import columns as k
from duoceng.records.bill import Member
from duoceng.records.plan import Clause, Step
from duoceng.records.settlement import Settlement

FORM = "duoceng.settlement/1"


def year_as_json(member: Member, year: Year, lang: str, names: Mapping[str, str]) -> dict[str, Any]:
    """A settled year: the bills in the order they count, the sums they left, and the differences on the way."""
    return {
        "form": FORM,
        "made_by": f"duoceng {__version__}",
        "unit": "fen",
        "member": {"id": member.id, "name": member.name, "region": member.region},
        "bills": [settlement_as_json(s, lang, names, member) for s in year.settlements],
        "year": dict(sorted(year.sums.items())),
        "differences": [_difference(d) for d in year.differences],
    }


def settlement_as_json(
    settlement: Settlement, lang: str, names: Mapping[str, str], member: Member | None = None
) -> dict[str, Any]:
    """One settled bill."""
    statement = explain(settlement, lang, names, member)
    layers = settlement.plan.layers
    return {
        "bill": settlement.bill.id,
        "title": settlement.bill.title,
        "admitted": plain(settlement.bill.admitted),
        "day": settlement.bill.discharged.isoformat(),
        "answers": {a: plain(v) for a, v in settlement.plan.answers.items()},
        "billed": settlement.billed,
        "covered": settlement.covered,
        "member_pays": settlement.member_pays,
        "cash": settlement.cash,
        "self_pay": settlement.self_pay,
        "layers": [{"layer": y.id, "tier": y.tier, "title": y.title, "english": y.english, "payer": y.payer, "paid": paid, "cash": y.cash,
                    "settled_before": bool(y.settled_before)} for y, paid in zip(layers, settlement.paid, strict=True)],
        "charges": [{"amounts": dict(zip(k.KINDS, c.amounts, strict=True)), "answers": {a: plain(v) for a, v in c.attributes.items()},
                     "day": plain(c.day), "item": c.item, "title": c.title, "left": _left(settlement, at)}
                    for at, c in enumerate(settlement.charges)],
        "trail": [_step(settlement, s, t) for s, t in zip(settlement.plan.steps, settlement.trails, strict=True)],
        "refusals": [{"layer": layers[r.layer].id, "charge": r.charge, "asked": r.attribute, "found": r.found, "wanted": r.wanted}
                     for r in settlement.plan.refusals],
        "changes": dict(settlement.changes),
        "setlinfo": {name: _yuan(amount) for name, amount in setlinfo(settlement).items()},
        "setldetail": [{n: _yuan(v) if isinstance(v, int) else v for n, v in row.items()} for row in setldetail(settlement)],
        "about": [{"label": label, "says": says} for label, says in statement.about],
        "statement": [{"role": x.role, "label": x.label, "detail": x.detail, "amount": x.amount, "clauses": list(x.clauses),
                       "tier": x.tier, "bar": list(x.bar) if x.bar else None} for x in statement.lines],
        "clauses": [_clause(n, c) for n, c in enumerate(statement.clauses, 1)],
        "warnings": statement.warnings,
    }  # fmt: skip


def _yuan(amount: int) -> str:
    """Yuan with two decimals, as the national interface writes it."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def _left(settlement: Settlement, charge: int) -> dict[str, int]:
    first = charge * k.KIND_COUNT
    return dict(zip(k.KINDS, settlement.left[first : first + k.KIND_COUNT], strict=True))


TRAIL = {"seen": k.SEEN, "borne_first": k.FIRST, "deductible": k.DUE_WHOLE, "deductible_before": k.DUE_BEFORE, "credited": k.CREDITED,
         "deducted": k.DEDUCTED, "above": k.ABOVE, "running_before": k.RUN_BEFORE, "payable": k.PAYABLE, "cut": k.CUT, "beyond": k.OVER,
         "paid": k.PAID}  # fmt: skip


def _step(settlement: Settlement, step: Step, trail: tuple[int, ...]) -> dict[str, Any]:
    bands = [{"slice": trail[k.SLICE + b], "rate": band[k.BAND_RATE], "paid": trail[k.SLICE_PAID + b]}
             for b, band in enumerate(k.bands_of(step.terms)) if trail[k.SLICE + b]]  # fmt: skip
    bound = trail[k.BOUND_BY]
    return {
        "layer": settlement.plan.layers[step.layer].id,
        "charge": step.charge,
        "sees": [k.KINDS[b % k.KIND_COUNT] for b in step.sees],
        "moves": {name: trail[column] for name, column in TRAIL.items()},
        "bands": bands,
        "bound_by": step.ceilings[bound] if trail[k.OVER] and 0 <= bound < len(step.ceilings) else None,
        "times_used_up": bool(trail[k.TIMES_USED_UP]),
        "clauses": {part: f"{c.policy} {c.part} {c.begins}" for part, c in step.clauses.items()},
    }


def _clause(number: int, clause: Clause) -> dict[str, Any]:
    return {"number": number, "policy": clause.policy, "part": clause.part, "from": clause.begins.isoformat(), "source": clause.source,
            "cite": clause.cite, "quote": clause.quote, "quoted_from": clause.quoted_from, "url": clause.url, "status": clause.status,
            "note": clause.note}  # fmt: skip


def _difference(difference: Difference) -> dict[str, Any]:
    before, after = difference.before, difference.after
    return {
        "arrived": difference.arrived,
        "bill": difference.bill,
        "member_pays": (after.member_pays if after else 0) - (before.member_pays if before else 0),
        "layers": layer_differences(before, after),
    }


def owed(difference: Difference) -> int:
    """What the member pays more (or less) for a bill because another one arrived, in fen."""
    before, after = difference.before, difference.after
    return (after.member_pays if after else 0) - (before.member_pays if before else 0)


def layer_differences(before: Settlement | None, after: Settlement | None) -> dict[str, int]:
    """What each layer pays more (or less) than before, in fen; layers that pay the same are left out."""
    found: dict[str, int] = {}
    for settlement, sign in ((before, -1), (after, 1)):
        if settlement:
            for layer, paid in zip(settlement.plan.layers, settlement.paid, strict=True):
                found[layer.id] = found.get(layer.id, 0) + sign * paid
    return {name: amount for name, amount in found.items() if amount}


def plain(value: object) -> object:
    """An answer as JSON holds it."""
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value
