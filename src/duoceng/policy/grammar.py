"""The grammar of a policy document: which keys stand where, what each means, and which must never be left out.

These tables are the language. `read_document` reads by them, `schema.py` turns them into the JSON Schema for editors,
and the reference page of the documentation is printed from them.
"""

import re
from datetime import date
from typing import Any

from duoceng.base.mistakes import Mistakes, Place
from duoceng.kernel.columns import BANDS_MAX, CEILINGS_MAX, FACTS, KINDS
from duoceng.policy.conditions import conditions
from duoceng.policy.document import CONTRACT, Band, Ceiling, Document, Layer, Source, Version
from duoceng.policy.grammar_checks import check_layer, check_share, order_versions
from duoceng.policy.nodes import Branch, Leaf, Node, Row, read_nodes
from duoceng.policy.read_values import DocumentReader, adjustments, value_of
from duoceng.policy.reader import (
    Form,
    Key,
    Keys,
    Reader,
    a_day,
    either,
    list_of,
    map_of,
    object_of,
    one_of,
    text,
    whole,
    yes_no,
)
from duoceng.policy.versions import CITED, cited
from duoceng.policy.vocabulary import Vocabulary

TIERS = ("package", "basic", "large_amount", "supplement", "civil_servant", "critical_illness", "assistance", "charity",
         "huiminbao", "commercial", "maternity", "long_term_care", "allowance")  # fmt: skip
PERIODS = ("bill", "stay", "visit", "day", "month", "quarter", "year", "episode", "treatment_year", "life")
AMOUNTS = tuple(f for f in FACTS if f in ("billed", "in_scope"))
UNITS = tuple(f for f in FACTS if f not in ("one", "billed", "in_scope"))


def versions(keys: Keys, what: str) -> Form:
    """A list of versions of a part, each cited."""
    every = {**CITED, **keys}
    gap = {**CITED, **{name: Key(key.form, key.says) for name, key in keys.items()}}

    def read(reader: Reader, node: Node) -> tuple[Version, ...]:
        found = []
        for item in node.items if isinstance(node, Row) else [node]:
            known = gap if isinstance(item, Branch) and "gap" in item.items else every
            said = reader.object(item, known, f"a version of the {what}")
            if said and (version := cited(reader, said, what)):
                found.append(version)
        return order_versions(reader, found, what)

    read.keys, read.versions = every, True  # type: ignore[attr-defined]
    return read


_per = Key(one_of(*PERIODS), "over which period it runs", True)
_every = Key(whole, "counted in blocks of so many years from `since` (with per: year)")
_shared = Key(text, "name of the running sum, where several layers share one")
_rate_of = Key(object_of({"rate": Key(value_of("rate"), "the share", True), "of": Key(one_of(*AMOUNTS), "of what", True)},
                         "rate_of"), "a share of the bill instead of, or on top of, a fixed amount")  # fmt: skip

DEDUCTIBLE: Keys = {
    "amount": Key(value_of("money"), "what the member bears, in yuan"),
    "rate_of": _rate_of,
    "at_least": Key(value_of("money"), "not under, in yuan (with rate_of)"),
    "at_most": Key(value_of("money"), "not over, in yuan (with rate_of)"),
    "taken_from": Key(
        one_of("cost", "payment"), "the deductible lowers the cost before the share (usual), or the payment after it"
    ),
    "per": _per,
    "every_years": _every,
    "recharged_every": Key(whole, "charged again for every so many days of a stay"),
    "filled_by": Key(
        list_of(one_of("member", *TIERS)), "whose payments fill it: the member's, and those of other layers"
    ),
    "shared_as": _shared,
    "adjust": Key(adjustments("money"), "steps that change the amount, in their order"),
}
BAND: Keys = {
    "up_to": Key(value_of("money"), "upper end of the band in yuan, the end included; the last band has none"),
    "pays": Key(value_of("rate"), "share paid on this band", True),
}


def _band(said: dict[str, Any]) -> Band:
    return Band(said.get("up_to"), said.get("pays"))  # type: ignore[arg-type]


SHARE: Keys = {
    "pays": Key(value_of("rate"), "one share for everything above the deductible"),
    "bands": Key(list_of(object_of(BAND, "a band", _band)), "shares by band"),
    "starts": Key(
        one_of("zero", "deductible"),
        "bands counted from zero (deductible inside the first), or above the deductible",
    ),
    "measured": Key(one_of(*PERIODS), "what the bands run on: this bill, or a running sum (per: year)"),
    "running": Key(text, "name of the running sum, where several layers share one"),
    "adjust": Key(adjustments("rate"), "steps that change the share, in their order"),
    "cut": Key(adjustments("rate"), "a malus: what it takes away is kept apart as `rate_cut`"),
}
CEILING: Keys = {
    "limit": Key(value_of("money"), "the limit in yuan; `none` for no limit"),
    "times": Key(value_of("count"), "the limit as a number of times"),
    "rate_of": _rate_of,
    "per_unit": Key(one_of(*UNITS), "the limit is multiplied by this quantity of the bill"),
    "per": _per,
    "every_years": _every,
    "since": Key(a_day, "first day of the blocks of years"),
    "each": Key(one_of("item"), "a limit of its own for each item"),
    "bounds": Key(one_of("payment", "expense", "expense_with_deductible", "times"), "what it bounds", True),
    "beyond_as": Key(one_of("payment", "expense"), "what lies beyond a payment limit: money not paid, or its cost"),
    "shared_as": _shared,
    "adjust": Key(adjustments("money"), "steps that change the limit, in their order"),
}
RATE: Keys = {
    "rate": Key(value_of("rate"), "the share", True),
    "adjust": Key(adjustments("rate"), "steps, in their order"),
}
BORNE_FIRST: Keys = {
    **RATE,
    "into": Key(one_of("borne_first", "borne_first_elsewhere"), "the kind it is kept as", True),
}
GUARANTEE: Keys = {
    "amount": Key(value_of("money"), "the layer pays at least this, in yuan"),
    "rate_of": _rate_of,
    "adjust": Key(adjustments("money"), "steps that change the amount, in their order"),
}
CASH: Keys = {
    "amount": Key(value_of("money"), "paid out in cash, whatever the bill", True),
    "per_unit": Key(one_of(*UNITS), "multiplied by this quantity of the bill"),
    "adjust": Key(adjustments("money"), "steps that change the amount, in their order"),
}
WHEN: Keys = {"needs": Key(conditions, "conditions that must all hold", True)}

_CEILING_NAMED: Keys = {
    "name": Key(text, "short name", True),
    "title": Key(text, "official words, as statements name it", True),
    "versions": Key(versions(CEILING, "ceiling"), "its versions", True),
}


def _ceiling(said: dict[str, Any]) -> Ceiling:
    return Ceiling(
        said.get("name", ""),
        said.get("title", ""),
        said.get("versions", ()),
        said["at"] if said else Place(""),
    )


UNREAD: Keys = {"title": Key(text, "official words", True), "english": Key(text, "English words", True)}

LAYER: Keys = {
    "name": Key(text, "short name, unique in the document", True),
    "tier": Key(one_of(*TIERS), "which tier of cover; the order of tiers is data of the place", True),
    "title": Key(text, "official words", True),
    "english": Key(text, "English words"),
    "payer": Key(text, "fund payment type of the national interface (基金支付类型), or who pays", True),
    "sees": Key(list_of(one_of(*KINDS)), "kinds of money it covers, in the order the payment is taken off them"),
    "beyond": Key(text, "sees only what this layer of the document left beyond its ceiling"),
    "as_billed": Key(yes_no, "measures the bill as billed; it never pays more than is left"),
    "settled": Key(one_of("each_bill", "year_end"), "with each bill (usual), or once after the year's end"),
    "only": Key(conditions, "charges it concerns; others are passed over in silence"),
    "when": Key(versions(WHEN, "gate"), "when it pays; where it does not, the statement says why"),
    "borne_first": Key(versions(BORNE_FIRST, "first share"), "a share borne before anything else"),
    "deductible": Key(either("none", versions(DEDUCTIBLE, "deductible")), "起付标准, or none"),
    "share": Key(versions(SHARE, "share"), "支付比例"),
    "result": Key(versions(RATE, "factor on the result"), "a factor on what the layer would pay"),
    "ceilings": Key(either("none", list_of(object_of(_CEILING_NAMED, "a ceiling", _ceiling))), "最高支付限额, or none"),
    "guarantee": Key(versions(GUARANTEE, "guarantee"), "a floor under what it pays"),
    "unread": Key(
        list_of(object_of(UNREAD, "what was not read", lambda said: (said.get("title", ""), said.get("english", "")))),
        "what surely exists but was not read (a ceiling ...): the statement says so",
    ),
    "cash": Key(versions(CASH, "cash benefit"), "a benefit in cash beside the bill"),
}


def _layer(said: dict[str, Any]) -> Layer:
    get = said.get
    return Layer(get("name", ""), get("tier") or "basic", get("title", ""), get("english", ""), get("payer", ""),
                 tuple(k for k in get("sees", ()) if k), get("beyond", ""), get("as_billed", False),
                 get("settled") or "each_bill", get("only", ()), get("when", ()), get("borne_first", ()),
                 get("deductible") or (), get("share", ()), get("result", ()), tuple(get("ceilings") or ()),
                 get("guarantee", ()), get("cash", ()), tuple(get("unread", ())), get("at", Place("")))  # fmt: skip


def _layer_form(reader: Reader, node: Node) -> Layer:
    said = reader.object(node, LAYER, "a layer")
    layer = _layer(said)
    if said and not getattr(reader, "reform", False):
        check_layer(reader, node, layer)
        for version in layer.share:
            check_share(reader, layer, version, BANDS_MAX)
        if len(layer.ceilings) > CEILINGS_MAX:
            reader.wrong(18, layer.place, f"more than {CEILINGS_MAX} ceilings in one layer", "", "split the layer")
    return layer


_layer_form.keys = LAYER  # type: ignore[attr-defined]

SOURCE: Keys = {
    "title": Key(text, "title of the publication", True),
    "number": Key(text, "document number (文号)"),
    "url": Key(text, "address where it was read"),
    "publisher": Key(text, "who published it"),
    "trust": Key(one_of("government", "local_guide", "mirror", "news", "machine_written", "repository", "memory", "insurer"),
                 "what kind of page it is", True),
    "read": Key(a_day, "the day it was read"),
}  # fmt: skip


def _as_is(reader: Reader, node: Node) -> Node:
    """Left for the reader of bills."""
    return node


WORKED: Keys = {
    "id": Key(text, "name of the example", True),
    "says": Key(text, "where it comes from, in words"),
    "source": Key(text, "address where it was read"),
    "shapes": Key(list_of(text), "rule shapes it proves (docs/shapes.md)"),
    "member": Key(_as_is, "the member, as in a bill file", True),
    "bill": Key(_as_is, "one bill, as in a bill file"),
    "bills": Key(list_of(_as_is), "or several, in order of arrival"),
    "expect": Key(_as_is, "yuan by tier, layer or kind, member_pays, covered, cash; for several bills by bill id"),
    "refused": Key(
        list_of(text), "instead of `expect`: the codes with which it is refused, because it may not be settled"
    ),
    "published": Key(_as_is, "the figures as published, where they are wrong"),
    "order": Key(list_of(one_of(*TIERS)), "another order of tiers"),
    "reforms": Key(list_of(text), "policy ids of reforms laid over"),
    "allow_unverified": Key(yes_no, "unverified values may be used"),
}
WINDOW: Keys = {
    "from": Key(a_day, "first day of cover"),
    "until": Key(a_day, "last day of cover"),
    "stay_goes_on": Key(whole, "a stay that runs on at the end stays covered for so many days"),
}


def _window(said: dict[str, Any]) -> tuple[date | None, date | None, int]:
    return said.get("from"), said.get("until"), said.get("stay_goes_on") or 0


def _month_day(reader: Reader, node: Node) -> tuple[int, int]:
    written = node.text if isinstance(node, Leaf) else ""
    if written == "contract":
        return CONTRACT
    month, _, day_of_month = written.partition("-")
    if month.isdecimal() and day_of_month.isdecimal() and 1 <= int(month) <= 12 and 1 <= int(day_of_month) <= 28:
        return int(month), int(day_of_month)
    reader.wrong(
        6,
        node.place,
        f"{written!r} is not a day of the year",
        "Limits start anew on it.",
        'write "01-01" or "07-01", or `contract` for a product',
    )
    return 1, 1


DOCUMENT: Keys = {
    "policy": Key(text, "name of the policy; its file is named after it", True),
    "title": Key(text, "official words", True),
    "english": Key(text, "English words"),
    "region": Key(text, "place of insurance (统筹区); `cn` for the whole country", True),
    "kind": Key(one_of("public", "product", "example"), "public tier, product one may hold, or an invented example", True),
    "covers": Key(conditions, "whom and what it covers; others are passed over", True),
    "window": Key(object_of(WINDOW, "the window", _window), "days of cover of a product"),
    "year_starts": Key(_month_day, 'first day of the medical year, "01-01" or "07-01"; `contract`: the day the contract held began', True),
    "decided_by": Key(one_of("discharge", "admission", "settlement", "expense"), "which day decides what is in force", True),
    "rounding": Key(one_of("layer", "band", "item", "running_total"),
                    "where a half fen is rounded: once per layer and bill, per band, per item, or on the year's running total", True),
    "sources": Key(map_of(object_of(SOURCE, "a source"), "sources"), "publications, by short name", True),
    "layers": Key(list_of(_layer_form), "the layers, in their order inside a tier", True),
    "worked": Key(list_of(object_of(WORKED, "a worked example", dict)), "worked examples; they run as tests"),
    "gaps": Key(list_of(text), "what was not found, in words"),
    "over": Key(text, "a reform: the policy whose parts these versions lie over"),
}  # fmt: skip


def read_document(
    source: str, file: str, vocabulary: Vocabulary, mistakes: Mistakes
) -> tuple[Document | None, DocumentReader]:
    """A policy document, or None where it cannot be read; every mistake is noted."""
    reader = DocumentReader(mistakes, vocabulary)
    node = read_nodes(source, file, mistakes)
    if node is None:
        return None, reader
    before = len(mistakes.found)
    reader.reform = isinstance(node, Branch) and "over" in node.items
    said = reader.object(node, DOCUMENT, "a policy document")
    document = _document(said, file, node, frozenset(reader.asked)) if said else None
    if document:
        _check_document(reader, document)
    return (document if len(mistakes.found) == before else None), reader


def _document(said: dict[str, Any], file: str, node: Node, asks: frozenset[str]) -> Document:
    get = said.get
    sources = {key: Source(key, s.get("title", ""), s.get("number", ""), s.get("url", ""), s.get("trust") or "", s.get("at", node.place))
               for key, s in get("sources", {}).items()}  # fmt: skip
    return Document(get("policy", ""), get("title", ""), get("english", ""), get("region", ""), get("kind") or "public",
                    get("covers", ()), get("year_starts", (1, 1)), get("decided_by") or "discharge", get("rounding") or "layer",
                    sources, tuple(get("layers", ())), get("window", (None, None, 0)),
                    tuple(get("worked", ())), tuple(get("gaps", ())), file, node.place, get("over", ""), asks, node)  # fmt: skip


_DANGLING = re.compile(r"(art|article|sec|section|§|第|条|第\s*条)\.?", re.IGNORECASE)  # an article without its number


def _check_document(reader: DocumentReader, document: Document) -> None:
    if document.year_starts == CONTRACT and document.kind == "public":
        reader.wrong(6, document.place, "a public document has no contract whose year it could follow", "Limits start anew on a day of the year.",
                     'write `year_starts: "01-01"` or "07-01"')  # fmt: skip
    names: dict[str, Place] = {}
    for layer in document.layers:
        if layer.name in names:
            reader.wrong(
                19,
                layer.place,
                f"two layers are called `{layer.name}`",
                "",
                "give each its own name",
                also=names[layer.name],
            )
        if layer.beyond and layer.beyond not in names:
            reader.wrong(
                28,
                layer.place,
                f"`beyond: {layer.beyond}` names no layer above",
                "",
                "name a layer that stands above it",
            )
        names[layer.name] = layer.place
    for _, part, version in document.versions():
        key, _, article = version.cited.cite.partition(" ")
        if _DANGLING.fullmatch(article):
            what, repair = (
                f"`cite: {version.cited.cite}` does not say which article",
                f"write `{key} art. 9`, or `{key}` where it has no articles",
            )
            reader.wrong(11, version.cited.place, what, f"The reader could not find the words of the {part}.", repair)
        if key not in document.sources:
            reader.wrong(10, version.cited.place, f"`cite: {key}` names no source of this document",
                         f"The reader could not find the words of the {part}.", "add it under `sources:`")  # fmt: skip
