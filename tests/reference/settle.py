"""The reference: settles a member's bills by docs/internals/semantics.md, slowly, with fractions; used only to check the engine.

documents that count ─▶ charges ─▶ layers in order ─▶ terms of every layer on every charge ─▶ the moves
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from reference.moves import Layer, Money, settle_layer
from reference.periods import medical_year, since
from reference.reading import Answer, AnswerOf, Cannot, Folders, Raw, asked_in, counts_as, fits, holds
from reference.terms import Facts, Scene, Sum, read_terms

KINDS = ("in_scope", "deductible", "share", "over_ceiling", "rate_cut",
         "borne_first", "borne_first_elsewhere", "over_price", "outside_scope")  # fmt: skip


@dataclass(frozen=True)
class Charge:
    """Money that every layer treats alike."""

    amounts: dict[str, int]
    answers: dict[str, Answer]
    day: date | None
    item: str


@dataclass(frozen=True)
class Settled:
    """One bill: fen by layer id and left by kind, or why it cannot be settled."""

    bill: Any
    paid: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    cash: int = 0
    cannot: tuple[str, ...] = ()
    facts: Facts = field(default_factory=lambda: Facts(0, 0, {}))


@dataclass
class _Year:
    """What is known of a member when a bill comes: earlier bills and running sums."""

    member: Any
    folders: Folders
    order: list[str] | None
    settled: list[Settled] = field(default_factory=list)
    sums: dict[Sum, Fraction] = field(default_factory=dict)


def settle(
    member: Any,
    bills: Iterable[Any],
    folders: Iterable[Path],
    allow_unverified: bool = True,
    order: list[str] | None = None,
) -> list[Settled]:
    """Bills in the order they count, up to the first that cannot be settled."""
    assert allow_unverified, "the reference reads every value"
    year = _Year(member, Folders(tuple(folders)), order)
    for bill in sorted(bills, key=lambda b: (b.discharged, b.year_end, b.settled or b.discharged, b.id)):
        try:
            year.settled.append(_settle_bill(year, bill))
        except Cannot as why:
            year.settled.append(Settled(bill, cannot=why.names))
            break
    return year.settled


def _settle_bill(year: _Year, bill: Any) -> Settled:
    documents = _documents(year, bill)
    if bill.year_end:
        charges, facts = _year_end(year, bill)
    else:
        charges = _charges(year, bill)
        brought = sum(c.amounts["in_scope"] for c in charges)
        billed = sum(sum(c.amounts.values()) for c in charges) + sum(bill.settled_before.values())
        facts = Facts(billed, brought, dict(bill.units))
    money = Money(
        [dict(c.amounts) for c in charges],
        [dict(c.amounts) for c in charges],
        dict(year.sums),
        {("settled before", tier): paid for tier, paid in bill.settled_before.items()},
    )
    layers = _layers(year, bill, documents, charges, facts)
    for layer in layers:
        settle_layer(layer, money)
    year.sums = money.sums
    left = {kind: sum(one[kind] for one in money.left) for kind in KINDS}
    cash = sum(layer.paid for layer in layers if "cash" in layer.raw)
    return Settled(bill, {layer.id: layer.paid for layer in layers}, left, cash, (), facts)


# ── which documents ──


def _decides(document: Raw, bill: Any, charge: Charge | None = None) -> date:
    if document["decided_by"] == "expense":
        return (charge and charge.day) or bill.discharged
    return bill.decided(document["decided_by"])  # type: ignore[no-any-return]


def _documents(year: _Year, bill: Any) -> list[tuple[Raw, dict[str, Answer]]]:
    """The documents that count: all their `covers` hold."""
    found = []
    for document, contract in year.folders.documents_of(year.member):
        answer_of = _answers(year, document, bill, contract, _decides(document, bill), {})
        if holds(year.folders.words, document["covers"], answer_of):
            found.append((document, contract))
    return found


def _in_window(document: Raw, bill: Any, when: date) -> bool:
    window = document.get("window") or {}
    first = date.fromisoformat(window["from"]) if "from" in window else date.min
    last = date.fromisoformat(window["until"]) if "until" in window else date.max
    if first <= when <= last:
        return True
    if "stay_goes_on" not in window or not bill.admitted or not first <= bill.admitted <= last:
        return False
    return bool(0 <= (when - last).days <= int(window["stay_goes_on"]))


def _answers(
    year: _Year, document: Raw, bill: Any, contract: dict[str, Answer], when: date, line: dict[str, Answer]
) -> AnswerOf:
    given: dict[str, Answer] = {
        "region": year.member.region,
        **year.member.on(when),
        **contract,
        **bill.attributes,
        **line,
    }

    def answer(name: str) -> Answer:
        if year.folders.words.of(name) == "history":
            return _count(year, document, bill, name)
        if name in given:
            return given[name]
        counted = since(year.folders.words.attributes[name], given, when)
        if counted is None:
            raise Cannot(name)
        return counted

    return answer


def _count(year: _Year, document: Raw, bill: Any, name: str) -> int:
    """The year's bills that match what is counted, this one included; bills of one episode once."""
    words = year.folders.words
    wanted = words.attributes[name]["counts"]
    this_year = medical_year(document, bill.decided(document["decided_by"]))

    def matches(one: Any) -> bool:
        return all(
            any(fits(words, k, label, a) for a in counts_as(words, k, one.attributes.get(k, "")))
            for k, label in wanted.items()
        )

    firsts: dict[tuple[str, str], Any] = {}
    for one in (s.bill for s in year.settled):
        if matches(one) and not one.year_end:
            firsts.setdefault(_encounter(one), one)
    counted = sum(medical_year(document, one.decided(document["decided_by"])) == this_year for one in firsts.values())
    if bill.year_end:
        return counted
    return max(counted, 1) if bill.episode and _encounter(bill) in firsts else counted + 1


def _encounter(bill: Any) -> tuple[str, str]:
    """What counts once: the bills of an episode, or the bill; in the year of the first."""
    return ("episode", bill.episode) if bill.episode else ("bill", bill.id)


# ── charges ──


def _charges(year: _Year, bill: Any) -> list[Charge]:
    """Parts apart where some policy of the place, or a product held, whether it counts or not, may treat them differently."""
    words, documents = year.folders.words, [d for d, _ in year.folders.documents_of(year.member)]
    asked = sorted({name for d in documents for name in asked_in(d, words) if words.of(name) == "line"} - {"item"})
    by_item = any(_by_item(d) for d in documents)
    by_day = any(d["decided_by"] == "expense" for d in documents)
    by_line = any(d["rounding"] == "item" for d in documents)
    groups: dict[Any, Charge] = {}
    for number, one in enumerate(bill.parts):
        answers = {name: one.attributes[name] for name in asked if name in one.attributes}
        item = one.item if by_item else ""
        day = one.day if by_day else None
        key = (str(day), _text(answers), item, number if by_line else 0)
        amounts = dict(zip(KINDS, one.amounts, strict=True))
        if key in groups:
            amounts = {kind: amount + groups[key].amounts[kind] for kind, amount in amounts.items()}
        groups[key] = Charge(amounts, answers | ({"item": one.item} if one.item else {}), day, item)
    charges = [groups[key] for key in sorted(groups)]
    return [c for c in charges if any(c.amounts.values())] or charges


def _text(answers: dict[str, Answer]) -> tuple[str, ...]:
    return tuple(sorted(f"{n}={'+'.join(sorted(a)) if isinstance(a, frozenset) else a}" for n, a in answers.items()))


def _by_item(node: Raw) -> bool:
    """Whether a document asks for `item`, or a ceiling of it counts for each item."""
    if isinstance(node, list):
        return any(_by_item(one) for one in node)
    if not isinstance(node, dict):
        return False
    asks = (
        "item" in node
        or node.get("each") == "item"
        or "item" in ([node.get("by")] if isinstance(node.get("by"), str) else node.get("by") or [])
    )
    return asks or any(_by_item(value) for key, value in node.items() if key not in ("worked", "sources", "gaps"))


def _year_end(year: _Year, bill: Any) -> tuple[list[Charge], Facts]:
    """What the bills of the year that ends on this day left, by kind, as one charge."""
    end = bill.discharged
    start = date(end.year - 1, end.month, end.day if (end.month, end.day) != (2, 29) else 28)
    of_year = [s for s in year.settled if not s.bill.year_end and start < s.bill.discharged <= end]
    amounts = {kind: sum(s.left[kind] for s in of_year) for kind in KINDS}
    facts = Facts(sum(s.facts.billed for s in of_year), sum(s.facts.in_scope for s in of_year), {})
    return [Charge(amounts, {}, None, "")], facts


# ── layers ──


def _layers(
    year: _Year, bill: Any, documents: list[tuple[Raw, dict[str, Answer]]], charges: list[Charge], facts: Facts
) -> list[Layer]:
    """The layers that count on this bill, in the order they pay, each with its terms on the charges it concerns."""
    tiers = year.order or year.folders.order(year.member.region, bill.discharged)
    found = []
    for at, (document, contract) in enumerate(documents):
        for number, raw in enumerate(document["layers"]):
            if (raw["tier"] in bill.settled_before and raw["tier"] not in bill.others) or (
                raw.get("settled") == "year_end"
            ) != bill.year_end:
                continue
            place = (
                tiers.index(raw["tier"]),
                *((1, at, "") if document["kind"] == "product" else (0, 0, document["policy"])),
                number,
            )
            found.append((place, document, contract, raw))
    layers = []
    for _, document, contract, raw in sorted(found, key=lambda one: one[0]):
        layer = Layer(f"{document['policy']}/{raw['name']}", raw["tier"], raw, document["rounding"], document["policy"])
        for number, charge in enumerate(charges):
            when = _decides(document, bill, charge)
            given_on = _decides(document, bill)  # of expense, too: a member is the same person on the whole bill
            answer_of = _answers(year, document, bill, contract, given_on, {"billed": facts.billed, **charge.answers})
            scene = Scene(year.folders, document, raw, bill, facts, when, charge.item, answer_of)
            if _in_window(document, bill, when) and _concerns(scene):
                layer.terms[number] = read_terms(scene)
        layers.append(layer)
    return layers


def _concerns(scene: Scene) -> bool:
    """`only` and `when` hold."""
    words = scene.folders.words
    if not holds(words, scene.layer.get("only"), scene.answer_of):
        return False
    gate = scene.version("when")
    return gate is None or holds(words, gate["needs"], scene.answer_of)


__all__ = ["KINDS", "Settled", "settle"]
