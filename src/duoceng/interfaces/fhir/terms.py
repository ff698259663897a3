"""Our own extensions and code systems, as FHIR definitions. They are published with the docs, made from here."""

from collections.abc import Mapping
from typing import Any

from duoceng.kernel.columns import KINDS

BASE = "urn:duoceng:fhir:"
CARE, COST, PAYER, TIER = (f"{BASE}CodeSystem:{name}" for name in ("care", "cost-class", "payer", "tier"))
BENEFIT = f"{BASE}CodeSystem:benefit"
CURRENCY = "CNY"
COST_CLASSES = {
    "submitted": ("医疗费总额", "the whole bill"),
    "in_scope": ("政策范围内费用", "what the catalogues let any layer look at"),
    "borne_first": ("先行自付", "borne by the member before an item is in scope"),
    "over_price": ("超限价自付", "above the price limit of an item"),
    "outside_scope": ("全自费", "outside the catalogues"),
    "paid": ("基金与保险支付", "what a layer paid"),
    "patient": ("个人负担", "what no layer took off"),
}
BENEFITS = {
    "deductible": ("起付标准", "allowed: the whole; used: borne so far"),
    "ceiling": ("最高支付限额", "allowed: the whole; used: paid so far in its period"),
}
# Name: what it says of what, the type of its value.
EXTENSIONS: Mapping[str, tuple[str, str, str, str]] = {
    "tier": ("Coverage", "code", "待遇层次", "The tier of a layer: basic, critical_illness, huiminbao ..."),
    "layer": ("ExplanationOfBenefit", "string", "政策与层", "Which layer of which document paid, by its id"),
    "fund-pay-type": ("Coverage", "code", "基金支付类型", "fund_pay_type of the national interface"),
    "clause": ("ExplanationOfBenefit", "string", "依据条款", "Document, article and words of the clause behind a step"),
    "unverified": (
        "ClaimResponse",
        "string",
        "未核实的政策",
        "A document with values nobody has checked, which were used",
    ),
    "withheld": (
        "ClaimResponse",
        "string",
        "未授权的产品",
        "A product held whose insurer was not asked, because the member has not agreed",
    ),
    "cash": ("ClaimResponse", "Money", "现金待遇", "Paid out beside the bill: allowances"),
    "answer": ("Claim", "Extension", "单据属性", "An answer of the vocabulary: `name` and `value`"),
    "cost-class": (
        "Claim",
        "code",
        "费用分类",
        "The class of an item that arrives classified: a kind of money, such as in_scope",
    ),
    "item-class": ("Claim", "code", "收费项目等级", "class_a, class_b or class_c, where the line says so itself"),
    "borne-first": (
        "Claim",
        "decimal",
        "先行自付比例",
        "The share borne first, as a fraction, where the line says so itself",
    ),
    "price-limit": ("Claim", "Money", "定价上限", "The limit for one unit, where the line says so itself"),
}


def url(name: str) -> str:
    """The address of an extension."""
    assert name in EXTENSIONS, name
    return f"{BASE}StructureDefinition:{name}"


def extension(name: str, value: Any) -> dict[str, Any]:
    """An extension with its value."""
    kind = EXTENSIONS[name][1]
    return {"url": url(name), f"value{kind[0].upper()}{kind[1:]}": value}


def definitions() -> dict[str, dict[str, Any]]:
    """Every definition, by its id."""
    found: dict[str, dict[str, Any]] = {}
    for name, (where, kind, zh, says) in EXTENSIONS.items():
        value = (
            []
            if kind == "Extension"
            else [{"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": kind}]}]
        )
        found[name] = {
            "resourceType": "StructureDefinition", "id": name, "url": url(name), "name": name.replace("-", "_"), "title": zh, "status": "active",
            "description": says, "fhirVersion": "4.3.0", "kind": "complex-type", "abstract": False, "type": "Extension",
            "context": [{"type": "element", "expression": where}], "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
            "derivation": "constraint",
            "differential": {"element": [{"id": "Extension", "path": "Extension", "short": zh, "definition": says},
                                         {"id": "Extension.url", "path": "Extension.url", "fixedUri": url(name)}, *value]},
        }  # fmt: skip
    lists = {"cost-class": (COST, "费用分类", {**COST_CLASSES, **{kind: (kind, kind) for kind in KINDS if kind not in COST_CLASSES}}),
             "benefit": (BENEFIT, "待遇", BENEFITS)}  # fmt: skip
    for name, (system, zh, codes) in lists.items():
        found[f"{name}-codes"] = {
            "resourceType": "CodeSystem", "id": f"{name}-codes", "url": system, "name": name.replace("-", "_"), "title": zh, "status": "active",
            "content": "complete", "count": len(codes),
            "concept": [{"code": code, "display": shown, "definition": says} for code, (shown, says) in codes.items()],
        }  # fmt: skip
    return found
