"""Which layers a member has for a kind of care on a day, with the deductible borne so far and what is left of ceilings."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from duoceng.engine.standing import standing
from duoceng.interfaces.fhir.build import Resource, concept, money, name_of, named
from duoceng.interfaces.fhir.terms import BENEFIT, CARE, PAYER, extension
from duoceng.interfaces.national import fund_pay_type
from duoceng.kernel import columns as k
from duoceng.records.settlement import Settlement
from duoceng.store.books import Book


def response(settlement: Settlement, book: Book, when: date, at: datetime) -> Resource:
    """A CoverageEligibilityResponse: a coverage for each layer that may pay."""
    member, sums = book.member, book.sums
    plan = settlement.plan
    pays = sorted({step.layer for step in plan.steps})
    contained, insurance = [], []
    for order, layer_at in enumerate(pays, 1):
        layer = plan.layers[layer_at]
        name = name_of("coverage", str(order))
        contained.append({
            "resourceType": "Coverage", "id": name, "status": "active", "order": order, "beneficiary": named("Patient", member),
            "type": concept(PAYER, fund_pay_type(layer), layer.title), "payor": [{"display": layer.title}],
            "extension": [extension("tier", layer.tier), extension("fund-pay-type", fund_pay_type(layer)), extension("layer", layer.id)],
        })  # fmt: skip
        benefits = _benefits(settlement, layer_at, sums)
        item: Resource = {
            "category": concept(
                CARE, str(plan.answers.get("care") or settlement.bill.attributes.get("care") or "unknown")
            )
        }
        insurance.append(
            {
                "coverage": {"reference": f"#{name}"},
                "inforce": True,
                "item": [item | ({"benefit": benefits} if benefits else {})],
            }
        )
    found: Resource = {
        "resourceType": "CoverageEligibilityResponse", "status": "active", "purpose": ["benefits"], "patient": named("Patient", member),
        "servicedDate": when.isoformat(), "created": at.isoformat(timespec="seconds"), "outcome": "complete", "insurer": {"display": "Duoceng"},
        "request": {"display": "CoverageEligibilityRequest"},
    }  # fmt: skip
    return found | ({"contained": contained, "insurance": insurance} if contained else {})


def _benefits(settlement: Settlement, layer: int, sums: Mapping[str, int]) -> list[dict[str, Any]]:
    """Deductible and what is left of the ceiling, where the layer has them."""
    rows = [t for s, t in zip(settlement.plan.steps, settlement.trails, strict=True) if s.layer == layer]
    found: list[dict[str, Any]] = []
    if any(t[k.DUE_WHOLE] for t in rows):
        whole, before = max(t[k.DUE_WHOLE] for t in rows), max(t[k.DUE_BEFORE] for t in rows)
        used = money(min(before, whole))
        found.append({"type": concept(BENEFIT, "deductible"), "allowedMoney": money(whole), "usedMoney": used})
    ceilings = {
        (one.limit, one.used) for one in standing(settlement, sums) if one.layer == layer and one.of == "payment"
    }
    for limit, used_up in sorted(ceilings):
        found.append({"type": concept(BENEFIT, "ceiling"), "allowedMoney": money(limit), "usedMoney": money(used_up)})
    return found
