"""A settlement as FHIR resources: Coverage, Claim, ClaimResponse, ExplanationOfBenefit. Amounts add up to the fen.

total(submitted) = total(paid, of every layer) + total(patient)
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from duoceng.engine.explain import Statement
from duoceng.interfaces.fhir.terms import CARE, COST, CURRENCY, PAYER, TIER, extension
from duoceng.interfaces.national import fund_pay_type
from duoceng.kernel import columns as k
from duoceng.records.bill import Part
from duoceng.records.plan import LayerInfo
from duoceng.records.settlement import Settlement

Resource = dict[str, Any]
OVER, OUTSIDE = k.KINDS.index("over_price"), k.KIND_COUNT - 1
ITEM_KINDS = (
    ("in_scope", k.IN_SCOPE),
    ("borne_first", k.BORNE_FIRST),
    ("over_price", OVER),
    ("outside_scope", OUTSIDE),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A settlement, and what FHIR asks of it beside: whose, by whom, when, in which words; the money of each item, by kind."""

    settlement: Settlement
    member: str
    hospital: str
    at: datetime
    statement: Statement
    items: tuple[Part, ...]
    use: str = "claim"
    withheld: tuple[str, ...] = ()

    @property
    def bill(self) -> str:
        """The bill's id."""
        return self.settlement.bill.id

    @property
    def layers(self) -> list[tuple[LayerInfo, int]]:
        """The layers that paid something off the bill, in order."""
        pairs = zip(self.settlement.plan.layers, self.settlement.paid, strict=True)
        return [(layer, paid) for layer, paid in pairs if paid and not layer.cash]


def money(fen: int) -> Resource:
    """An amount."""
    return {"value": Decimal(fen) / 100, "currency": CURRENCY}


def concept(system: str, code: str, words: str = "") -> Resource:
    """A code with its words."""
    return {"coding": [{"system": system, "code": code} | ({"display": words} if words else {})]} | (
        {"text": words} if words else {}
    )


def named(kind: str, name: str) -> Resource:
    """A reference by a name."""
    return {"type": kind, "identifier": {"value": name}}


def name_of(*parts: str) -> str:
    """An id FHIR allows: letters, digits, - and ., at most 64."""
    return ".".join("".join(c if c.isascii() and (c.isalnum() or c == "-") else "-" for c in part) for part in parts)[
        -64:
    ]


def around(told: Told) -> Resource:
    """What claim, response and explanation have in common."""
    care = str(told.settlement.bill.attributes.get("care") or told.settlement.plan.answers.get("care") or "unknown")
    return {"status": "active", "type": concept(CARE, care), "use": told.use, "patient": named("Patient", told.member),
            "created": told.at.isoformat(timespec="seconds")}  # fmt: skip


def coverages(told: Told) -> list[Resource]:
    """A Coverage for each layer of the plan that paid, in the order they pay."""
    return [{
        "resourceType": "Coverage", "id": name_of("coverage", told.bill, str(at)), "status": "active", "order": at,
        "type": concept(TIER, layer.tier, layer.title), "beneficiary": named("Patient", told.member),
        "payor": [{"type": "Organization", "identifier": {"system": PAYER, "value": fund_pay_type(layer)}, "display": layer.title}],
        "extension": [extension("tier", layer.tier), extension("fund-pay-type", fund_pay_type(layer))],
    } for at, (layer, _) in enumerate(told.layers, 1)]  # fmt: skip


def insurances(told: Told, many: bool) -> list[Resource]:
    """References to the coverages; where none paid, that there is none to name."""
    found = [{"focal": at == 1, "coverage": {"reference": f"#{cover['id']}", "display": cover["type"]["text"]}}
             for at, cover in enumerate(coverages(told), 1)]  # fmt: skip
    found = found or [{"focal": True, "coverage": {"display": "无支付层次 no layer paid"}}]
    return [{"sequence": at, **row} for at, row in enumerate(found, 1)] if many else found


def claim(told: Told) -> Resource:
    """What was billed."""
    bill = told.settlement.bill
    return _whole({
        "resourceType": "Claim", "id": name_of("claim", told.bill), "identifier": [{"value": told.bill}], **around(told),
        "contained": coverages(told) or None,
        "billablePeriod": {"start": (bill.admitted or bill.discharged).isoformat(), "end": bill.discharged.isoformat()},
        "provider": named("Organization", told.hospital), "priority": {"coding": [{"code": "normal"}]}, "insurance": insurances(told, many=True),
        "item": [_item(at, part) for at, part in enumerate(told.items, 1)], "total": money(told.settlement.billed),
    })  # fmt: skip


def _item(at: int, part: Part) -> Resource:
    words = part.title or part.item or "费用"
    item: Resource = {"sequence": at, "productOrService": {"text": words} | ({"coding": [{"code": part.item}]} if part.item else {}),
                      "net": money(sum(part.amounts))}  # fmt: skip
    return item | ({"servicedDate": part.day.isoformat()} if part.day else {})


def item_rows(told: Told, word: str) -> list[Resource]:
    """What each item was taken for: its classes of cost."""
    found = []
    for at, part in enumerate(told.items, 1):
        shown = [(name, part.amounts[kind]) for name, kind in ITEM_KINDS if part.amounts[kind]]
        shown += [
            (kind, amount)
            for kind, amount in zip(k.KINDS, part.amounts, strict=True)
            if amount and kind not in dict(ITEM_KINDS)
        ]
        rows = [{"category": concept(COST, name), "amount": money(amount)} for name, amount in shown]
        found.append(
            {
                word: at,
                "adjudication": [{"category": concept(COST, "submitted"), "amount": money(sum(part.amounts))}, *rows],
            }
        )
    return found


def totals(told: Told) -> list[Resource]:
    """The whole bill, what each layer paid, what is left to the patient."""
    found: list[Resource] = [
        {"category": concept(COST, "submitted", "医疗费总额"), "amount": money(told.settlement.billed)}
    ]
    for tier, paid in told.settlement.bill.settled_before.items():
        found.append({"category": concept(TIER, tier, f"{tier}（此前已结算）"), "amount": money(paid)})
    found += [{"category": concept(PAYER, fund_pay_type(layer), layer.title), "amount": money(paid), "extension": [extension("layer", layer.id)]}
              for layer, paid in told.layers if not layer.settled_before]  # fmt: skip
    return [*found, {"category": concept(COST, "patient", "个人负担"), "amount": money(told.settlement.member_pays)}]


def notes(told: Told) -> list[Resource]:
    """The statement, a note for each step, with the clauses that decided it."""
    found: list[Resource] = []
    for line in told.statement.lines:
        amount = "" if line.amount is None else f" {Decimal(line.amount) / 100:.2f}"
        words = f"{line.label}{amount}{' ' + line.detail if line.detail else ''}"
        clauses = [told.statement.clauses[number - 1] for number in line.clauses]
        note: Resource = {"number": len(found) + 1, "type": "display", "text": words}
        if clauses:
            note["extension"] = [
                extension("clause", f"{clause.policy} {clause.cite}：{clause.quote}") for clause in clauses
            ]
        found.append(note)
    return found


def more(told: Told) -> list[Resource]:
    """Our extensions of a response."""
    steps = told.settlement.plan.steps
    unverified = sorted(
        {clause.policy for step in steps for clause in step.clauses.values() if clause.status == "unverified"}
    )
    found = [extension("unverified", policy) for policy in unverified] + [
        extension("withheld", product) for product in told.withheld
    ]
    return found + ([extension("cash", money(told.settlement.cash))] if told.settlement.cash else [])


def claim_response(told: Told) -> Resource:
    """What a claim comes to."""
    return _whole({
        "resourceType": "ClaimResponse", "id": name_of("response", told.bill), "identifier": [{"value": told.bill}], **around(told),
        "insurer": {"display": "Duoceng"}, "requestor": named("Organization", told.hospital), "request": named("Claim", told.bill),
        "outcome": "complete",
        "contained": coverages(told), "extension": more(told), "item": item_rows(told, "itemSequence"), "total": totals(told),
        "insurance": insurances(told, many=True), "processNote": notes(told),
        "payment": {"type": {"coding": [{"code": "complete"}]}, "amount": money(told.settlement.covered), "date": told.at.date().isoformat()},
    })  # fmt: skip


def explanation(told: Told, state: str = "active") -> Resource:
    """The whole settlement for the member: who paid what, step by step, and why."""
    bill = told.settlement.bill
    return _whole({
        "resourceType": "ExplanationOfBenefit", "id": name_of("eob", told.member, told.bill), "identifier": [{"value": told.bill}], **around(told),
        "status": state, "insurer": {"display": "Duoceng"}, "provider": named("Organization", told.hospital), "outcome": "complete",
        "billablePeriod": {"start": (bill.admitted or bill.discharged).isoformat(), "end": bill.discharged.isoformat()},
        "contained": coverages(told), "extension": more(told), "insurance": insurances(told, many=False),
        "item": [{**_item(at, part), **row} for at, (part, row) in enumerate(zip(told.items, item_rows(told, "sequence"), strict=True), 1)],
        "total": totals(told), "processNote": notes(told), "payment": {"amount": money(told.settlement.covered)},
    })  # fmt: skip


def _whole(resource: Resource) -> Resource:
    """Without what is empty: FHIR allows no empty list."""
    return {name: value for name, value in resource.items() if value not in (None, [], {})}
