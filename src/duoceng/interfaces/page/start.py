"""What the page knows before anything is asked: places, questions and their answers, products, tiers, kinds, worked examples."""

from datetime import date
from typing import Any

from duoceng import __version__
from duoceng.base.mistakes import Refused
from duoceng.engine.words import WORDS
from duoceng.interfaces.statement_html import BILLED, COLOURS, MEMBER
from duoceng.interfaces.worked import case_in
from duoceng.kernel.columns import FACTS, KINDS
from duoceng.policy.conditions import all_hold
from duoceng.policy.coverage import STATUSES, counted
from duoceng.policy.document import Document
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.nodes import Branch, Leaf, Node, Row
from duoceng.policy.places import english_name, place_name
from duoceng.policy.values import Context
from duoceng.policy.vocabulary import Attribute, Vocabulary

Said = dict[str, Any]


def start(library: Library) -> Said:
    """Everything at once, in both languages: it changes only with the policies."""
    documents = [d for p in library.paths() if (d := library.document(p))]
    return {
        "version": __version__,
        "documents": len(documents),
        "places": places(library, documents),
        "attributes": {a.name: _attribute(a) for a in library.vocabulary.values()},
        "units": list(FACTS[3:]),
        "kinds": [{"name": kind, **_both(kind)} for kind in KINDS],
        "tiers": [{"name": tier, **_both(f"tier_{tier}"), "colour": COLOURS[tier]} for tier in TIERS],
        "colours": {"member": MEMBER, "billed": BILLED},
        "products": [_product(d) for d in documents if d.kind == "product"],
        "sums": sums(library),
    }


def _both(key: str) -> Said:
    zh, en = WORDS[key]
    return {"zh": zh, "en": en}


def sums(library: Library) -> Said:
    """How many values there are, and how far they are checked."""
    rows = counted(library)
    return {status: sum(r.values[status] for r in rows) for status in STATUSES}


def places(library: Library, documents: list[Document]) -> list[Said]:
    """Places with the schemes and kinds of care that their documents cover, and the questions they ask."""
    found = []
    for region in library.regions():
        mine = [d for d in documents if d.region == region and d.kind == "public"]
        if mine:
            found.append({"id": region, "zh": place_name(library, region), "en": english_name(region), "cares": cares(library.vocabulary, mine),
                          "policies": [d.policy for d in mine], "first": _first(mine)})  # fmt: skip
    return found


def _first(documents: list[Document]) -> str:
    """The first day on which every layer of some document had begun."""
    days = [max((vs[0].cited.begins for y in d.layers for _, vs in y.parts()), default=date.min) for d in documents]
    return min(days, default=date.min).isoformat()


def cares(vocabulary: Vocabulary, documents: list[Document]) -> Said:
    """Scheme -> the kinds of care that some document of the place covers."""
    found: dict[str, list[str]] = {}
    for scheme in vocabulary["scheme"].values:
        for care in vocabulary["care"].values:
            if any(_may_cover(vocabulary, d, {"scheme": scheme, "care": care}) for d in documents):
                found.setdefault(scheme, []).append(care)
    return found


def _may_cover(vocabulary: Vocabulary, document: Document, answers: dict[str, Any]) -> bool:
    """Is there a bill of this scheme and care that the document covers?"""
    context = Context(answers, date.max, vocabulary, lambda *_: 0)
    return all_hold(document.covers, context) is not False


def _attribute(attribute: Attribute) -> Said:
    values = [{"value": value, "zh": t.zh, "en": t.en} for value, t in attribute.values.items()]
    return {"zh": attribute.zh, "en": attribute.en, "of": attribute.of, "type": attribute.type, "values": values, "open": attribute.open,
            "since": attribute.since}  # fmt: skip


def _product(document: Document) -> Said:
    first, last, _ = document.window
    return {"policy": document.policy, "zh": document.title, "en": document.english or document.title, "region": document.region,
            "from": first.isoformat() if first else "", "until": last.isoformat() if last else "",
            "tiers": list(dict.fromkeys(y.tier for y in document.layers))}  # fmt: skip


def examples(library: Library) -> list[Said]:
    """The worked examples of the documents that can be settled as they stand, as cases to start from."""
    found = []
    for path in library.paths():
        document = library.document(path)
        for worked in document.worked if document else ():
            if "refused" in worked or "order" in worked:
                continue
            try:
                case = case_in(worked, library, document.file if document else "")
            except Refused:
                continue
            bills = worked.get("bills") or [worked["bill"]]
            found.append({"id": worked.get("id", ""), "says": worked.get("says", ""), "region": case.member.region,
                          "allow_unverified": bool(worked.get("allow_unverified", False)), "reforms": list(worked.get("reforms", [])),
                          "policy": document.policy if document else "",
                          "case": {"member": plain(worked["member"]), "bills": [plain(b) for b in bills]}})  # fmt: skip
    return found


def plain(node: Node) -> Any:
    """A tree as JSON: texts, lists and mappings, as they were written."""
    if isinstance(node, Leaf):
        return node.text
    if isinstance(node, Row):
        return [plain(item) for item in node.items]
    assert isinstance(node, Branch)
    return {name: plain(child) for name, child in node.items.items()}
