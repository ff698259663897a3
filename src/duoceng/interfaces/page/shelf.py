"""The shelf of products: their terms side by side, the drugs of the lists, and what each would have paid."""

from dataclasses import replace
from datetime import date
from typing import Any

from duoceng.base.mistakes import Mistakes, Refused
from duoceng.desk.uncovered import stop_if_uncovered
from duoceng.desk.year import Year, settle_year
from duoceng.engine.words import say
from duoceng.interfaces.bill_file import Case
from duoceng.interfaces.page.asked import LangIn, ShelfIn
from duoceng.interfaces.page.law import layer_said
from duoceng.interfaces.page.pay import read_scenario, refused
from duoceng.interfaces.page.tree import tree_of
from duoceng.policy.catalogue import Item, catalogues
from duoceng.policy.document import Document
from duoceng.policy.library import Library
from duoceng.policy.nodes import Branch, Leaf, Node, Row
from duoceng.policy.plan import Options
from duoceng.policy.reader import Reader
from duoceng.policy.show import Words
from duoceng.records.bill import Held, Member
from duoceng.records.plan import Refusal

Said = dict[str, Any]


def terms(library: Library, asked: LangIn) -> Said:
    """Every product with its layers in words, as they are on its last day (or on their latest version), and its gaps."""
    words = Words(library.vocabulary, asked.lang)
    products = [p for name in library.products() if (p := library.product(name)) and p.kind == "product"]
    return {"products": [_terms(p, words) for p in products]}


def _terms(product: Document, words: Words) -> Said:
    first, last, _ = product.window
    begun = [v.cited.begins for _, _, v in product.versions()]
    when = min(last or date.max, max(begun, default=first or date.max))
    when = max(when, first) if first else when
    layers = [layer_said(product, layer, when, words) for layer in product.layers]
    return {"policy": product.policy, "zh": product.title, "en": product.english or product.title, "region": product.region,
            "from": first.isoformat() if first else "", "until": last.isoformat() if last else "", "day": when.isoformat(),
            "covers": words.cells(product.raw.items["covers"]) if "covers" in product.raw.items else [],
            "layers": layers, "gaps": list(product.gaps), "asks": sorted(_of_product(library_words=words, product=product)),
            "lists": sorted(_lists(product.raw))}  # fmt: skip


def _of_product(library_words: Words, product: Document) -> set[str]:
    """The questions the contract answers."""
    return {name for name in product.asks if library_words.vocabulary[name].of == "product"}


def _lists(node: Node, inside: bool = False) -> set[str]:
    """The lists of items a document names under `lists`."""
    if isinstance(node, Leaf):
        return {node.text} if inside else set()
    if isinstance(node, Row):
        return {found for item in node.items for found in _lists(item, inside)}
    assert isinstance(node, Branch)
    return {found for name, child in node.items.items() for found in _lists(child, inside or name == "lists")}


def drugs(library: Library, asked: LangIn) -> Said:
    """Every item of the lists of drugs, with its indication and days, the products that pay by its list, and lists nobody read."""
    naming: dict[str, list[str]] = {}
    for name in library.products():
        product = library.product(name)
        for listed in _lists(product.raw) if product else ():
            naming.setdefault(listed, []).append(name)
    known = [c for c in catalogues(library) if c.kind == "list"]
    items = [_drug(i, c.name, c.title) for c in known for versions in c.items.values() for i in versions]
    read = {c.name for c in known}
    unread = [{"list": n, "products": p} for n, p in sorted(naming.items()) if n not in read]
    return {
        "items": items,
        "lists": [{"list": c.name, "title": c.title, "products": naming.get(c.name, [])} for c in known],
        "unread": unread,
    }


def _drug(item: Item, list_: str, title: str) -> Said:
    said = item.said
    gone = said.get("removed", {})
    return {"code": item.code, "name": item.name, "english": said.get("english", ""), "brand": said.get("brand", ""),
            "holder": said.get("holder", ""), "indication": said.get("indication", ""), "from": item.begins.isoformat(),
            "until": "" if item.ends == date.max else item.ends.isoformat(), "removed": gone["on"].isoformat() if gone.get("on") else "",
            "because": gone.get("because", ""), "status": said.get("status", ""), "note": said.get("note", ""), "list": list_,
            "title": title}  # fmt: skip


def tried(library: Library, asked: ShelfIn) -> Said:
    """The scenario without any product, and with each of those asked for in turn: what it paid, and what was left."""
    case, options = read_scenario(library, asked)
    case = replace(case, member=replace(case.member, products=()))
    bare = _year(library, case, options)
    rows = [_tried(library, asked, case, policy, options) for policy in asked.products]
    return {"without": _came_to(bare, asked.lang), "products": rows}


def _tried(library: Library, asked: ShelfIn, case: Case, policy: str, options: Options) -> Said:
    try:
        member = replace(case.member, products=(held_by(library, policy, asked.answers, case.member),))
        year = _year(library, replace(case, member=member), options)
    except Refused as error:
        return {"policy": policy, **refused(error, asked.lang)}
    paid = [
        (y, p, s) for s in year.settlements for y, p in zip(s.plan.layers, s.paid, strict=True) if y.policy == policy
    ]
    layers: dict[str, Said] = {}
    for layer, amount, _ in paid:
        title = layer.title if asked.lang == "zh" else layer.english or layer.title
        row = layers.setdefault(layer.id, {"layer": layer.id, "title": title, "tier": layer.tier, "paid": 0})
        row["paid"] += amount
    why = [_refusal(library, s.plan.layers[r.layer].title, r, asked.lang)
           for s in year.settlements for r in s.plan.refusals if s.plan.layers[r.layer].policy == policy]  # fmt: skip
    return {"policy": policy, "paid": sum(p for _, p, _ in paid), "layers": list(layers.values()),
            "refusals": [dict(t) for t in dict.fromkeys(tuple(w.items()) for w in why)][:6], **_came_to(year, asked.lang)}  # fmt: skip


def _refusal(library: Library, layer: str, refusal: Refusal, lang: str) -> dict[str, str]:
    found, wanted = (_words(library, refusal.attribute, written, lang) for written in (refusal.found, refusal.wanted))
    return {"layer": layer, "asked": _name(library, refusal.attribute, lang), "found": found, "wanted": wanted}


def held_by(library: Library, policy: str, answers: dict[str, Any], member: Member) -> Held:
    """A contract of a product with those of the answers that its terms ask for. Raises Refused."""
    product, mistakes = library.product(policy), Mistakes()
    asks = product.asks if product else frozenset()
    mine = {n: v for n, v in answers.items() if n in library.vocabulary and library.vocabulary[n].of == "product"
            and (n in asks or n == "contract_from") and v not in (None, "")}  # fmt: skip
    said = library.vocabulary.answers(Reader(mistakes, "B"), tree_of(mine, "answers"), ("product",))
    mistakes.stop_if_any()
    return Held(policy, said, tree_of({}, f"products.{policy}").place)


def _year(library: Library, case: Case, options: Options) -> Year:
    year = settle_year(library, case.member, case.bills, options)
    stop_if_uncovered(library, case.member, year)
    return year


def _came_to(year: Year, lang: str) -> Said:
    billed, covered, member = year.totals()
    bills = [
        {"bill": s.bill.id, "day": s.bill.discharged.isoformat(), "billed": s.billed, "member_pays": s.member_pays}
        for s in year.settlements
    ]
    left: dict[str, int] = {}
    for settlement in year.settlements:
        for kind, amount in settlement.self_pay.items():
            left[kind] = left.get(kind, 0) + amount
    shown = [{"kind": kind, "label": say(kind, lang), "amount": amount} for kind, amount in left.items() if amount]
    return {"billed": billed, "covered": covered, "member_pays": member, "bills": bills, "left": shown}


def _name(library: Library, attribute: str, lang: str) -> str:
    if attribute == "window":
        return "保障期" if lang == "zh" else "days of cover"
    found = [library.vocabulary[a] for a in attribute.split(" / ") if a in library.vocabulary]
    return " / ".join(a.zh if lang == "zh" else a.en for a in found) or attribute


def _words(library: Library, attribute: str, written: str, lang: str) -> str:
    """A value of a condition in words where it has some."""
    known = library.vocabulary.get(attribute)
    if known is None:
        return written
    bare = written.removeprefix("not ")
    words = ", ".join(
        known.words(w in ("yes", "true") if known.type == "yes_no" else w, lang) for w in bare.split(", ")
    )
    return words if bare == written else ("非" if lang == "zh" else "not ") + words
