"""Which layers a member has for a kind of care on a day, with the deductible borne so far and what is left of ceilings."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from duoceng.desk.asks import Ask
from duoceng.desk.counter import Desk
from duoceng.desk.people import File
from duoceng.desk.replay import Live, allowed, member_for
from duoceng.interfaces.fhir.build import Resource, concept, money, name_of, named
from duoceng.interfaces.fhir.terms import BENEFIT, CARE, PAYER, extension
from duoceng.interfaces.national import fund_pay_type
from duoceng.kernel import columns as k
from duoceng.kernel.columns import BOUNDLESS
from duoceng.records.bill import Bill, Part, Value
from duoceng.records.settlement import Settlement
from duoceng.store.books import Book


def tried(desk: Desk, book: Book, file: File, asked: tuple[date, dict[str, Value], str]) -> Settlement:
    """A bill of nothing of this kind on this day, settled after the year so far. Raises Refused where a question is not answered."""
    when, answers, hospital = asked
    bill = Bill(
        "eligibility",
        when,
        when,
        None,
        {"stay_days": 1, **answers},
        (Part((0,) * k.KIND_COUNT),),
        units={"days": 1, "visits": 1},
    )
    products, _ = allowed(file, Ask(book.member, bill, hospital), desk.clock().date())
    return desk.plans.settle(member_for(file, book.member, Live(bill, hospital, products)), bill, book.sums)


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
        found.append(
            {
                "type": concept(BENEFIT, "deductible"),
                "allowedMoney": money(whole),
                "usedMoney": money(min(before, whole)),
            }
        )
    for limit, used in sorted(set(_ceilings(settlement, layer, sums))):
        found.append(
            {"type": concept(BENEFIT, "ceiling"), "allowedMoney": money(limit), "usedMoney": money(min(used, limit))}
        )
    return found


def _ceilings(settlement: Settlement, layer: int, sums: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Ceilings on payment that last longer than a bill: how much, and how much of it is used."""
    for step in settlement.plan.steps:
        for row in k.ceilings_of(step.terms) if step.layer == layer else ():
            name = settlement.plan.counters[row[k.LIMIT_SLOT]] if row[k.LIMIT_SLOT] >= 0 else "~"
            if (
                row[k.AXIS] == k.PAYMENT
                and row[k.LIMIT] < BOUNDLESS
                and not row[k.LIMIT_RATE]
                and not name.startswith("~")
            ):
                yield row[k.LIMIT], sums.get(name, 0)
