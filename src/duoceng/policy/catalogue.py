"""Catalogues are documents too: which items there are, their class, first self-pay and price limit, from when to when.

    catalogue: nanning.scope      region, sources
    kind: scope                   says how items fall; `kind: list` only says which items are on a list
    items: [{code, name, class: class_b, borne_first: 10%, price_limit: 20, from, ...}]

A bill's line is looked up by its code on its day, in the catalogues of the place of care. A line may also answer for itself
(`item_class`, `borne_first`, `price_limit`), as the national interface does. An unknown code is an error, not a guess.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from duoceng.base.mistakes import Mistakes, Place, refuse
from duoceng.kernel.columns import BOUNDLESS
from duoceng.policy.library import Library, read_text
from duoceng.policy.nodes import read_nodes
from duoceng.policy.read_values import DocumentReader, value_of
from duoceng.policy.reader import Key, Keys, a_day, list_of, map_of, object_of, one_of, text
from duoceng.policy.values import Context, Value
from duoceng.policy.versions import CITED
from duoceng.records.bill import Bill, Line, Member, Scoped
from duoceng.records.bill import Value as Answer

REMOVED: Keys = {
    "on": Key(a_day, "first day it is no longer on the list", True),
    "because": Key(text, "why", True),
    "cite": Key(text, "source key", True),
}
ITEM: Keys = {
    **{k: v for k, v in CITED.items() if k != "gap"},
    "code": Key(text, "code of the item, as on bills", True),
    "name": Key(text, "official name", True),
    "english": Key(text, "English name"),
    "brand": Key(text, "brand"),
    "holder": Key(text, "company"),
    "indication": Key(text, "what it is listed for"),
    "until": Key(a_day, "last day it is listed"),
    "removed": Key(object_of(REMOVED, "a removal"), "taken off the list before its time"),
    "item_kind": Key(text, "kind of item, of the vocabulary"),
    "class": Key(one_of("class_a", "class_b", "class_c"), "甲类, 乙类, 丙类"),
    "borne_first": Key(value_of("rate"), "share borne first (先行自付)"),
    "price_limit": Key(value_of("money"), "limit for one unit (限价), in yuan"),
    "charge_kind": Key(text, "code of the kind of charge (med_chrgitm_type)"),
    "list_type": Key(text, "code of the list it stands on (list_type)"),
    "restricted": Key(one_of("yes", "no"), "may be paid only within limits (限制使用标志)"),
    "answers": Key(map_of(text, "answers"), "further answers of the vocabulary that hold for the item"),
}
CATALOGUE: Keys = {
    "catalogue": Key(text, "name; its file is named after it", True),
    "title": Key(text, "official words", True),
    "english": Key(text, "English words"),
    "region": Key(text, "place of care; `cn` for the whole country", True),
    "kind": Key(one_of("scope", "list"), "decides what is in scope, or only lists items", True),
    "sources": Key(map_of(lambda r, n: n, "sources"), "publications", True),
    "items": Key(list_of(lambda r, n: n), "the items", True),
    "gaps": Key(list_of(text), "what was not found"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a catalogue, from a day to a day."""

    code: str
    name: str
    begins: date
    ends: date
    item_class: str
    borne_first: Value | None
    price_limit: Value | None
    answers: dict[str, Answer]
    said: dict[str, Any]

    def on(self, when: date) -> bool:
        """Is it listed on this day?"""
        return self.begins <= when <= self.ends


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A list of items, found by code."""

    name: str
    title: str
    region: str
    kind: str
    items: dict[str, tuple[Item, ...]]
    file: str


def read_catalogue(library: Library, path: Path) -> Catalogue | None:
    """A catalogue; None where it cannot be read, with its mistakes in the library."""
    if path not in library.catalogues_read:
        library.catalogues_read[path] = _read(path, library)
    found: Catalogue | None = library.catalogues_read[path]
    return found


def _read(path: Path, library: Library) -> Catalogue | None:
    mistakes: Mistakes = library.mistakes
    node = read_nodes(read_text(path, mistakes), library.name(path), mistakes)
    if node is None:
        return None
    reader = DocumentReader(mistakes, library.vocabulary)
    said = reader.object(node, CATALOGUE, "a catalogue")
    items: dict[str, tuple[Item, ...]] = {}
    for child in said.get("items", []):
        item = _item(reader, reader.object(child, ITEM, "an item"))
        if item:
            items[item.code] = (*items.get(item.code, ()), item)
    return Catalogue(
        said.get("catalogue", ""),
        said.get("title", ""),
        said.get("region", ""),
        said.get("kind") or "list",
        items,
        library.name(path),
    )


def _item(reader: DocumentReader, said: dict[str, Any]) -> Item | None:
    if not said.get("from") or not said.get("code"):
        return None
    ends = said.get("until") or date.max
    if removed := said.get("removed", {}).get("on"):
        ends = min(ends, date.fromordinal(removed.toordinal() - 1))
    answers: dict[str, Answer] = {}
    for name, written in {
        **said.get("answers", {}),
        **({"item_kind": said["item_kind"]} if said.get("item_kind") else {}),
    }.items():
        if name not in reader.vocabulary:
            reader.unknown(name, said["at"], reader.vocabulary, "the vocabulary")
            continue
        try:
            answers[name] = reader.vocabulary[name].parse(written)
        except ValueError as error:
            reader.wrong(9, said["at"], str(error))
    return Item(said["code"], said.get("name", ""), said["from"], ends, said.get("class") or "", said.get("borne_first"),
                said.get("price_limit"), answers, said)  # fmt: skip


def catalogues(library: Library) -> list[Catalogue]:
    """Every catalogue of the folder."""
    return [c for p in library.catalogue_paths() if (c := read_catalogue(library, p))]


def catalogues_at(library: Library, place: str) -> list[Catalogue]:
    """The catalogues that count where care is given; those of the place before those of the country."""
    return sorted((c for c in catalogues(library) if c.region in (place, "cn")), key=lambda c: c.region == "cn")


def item_at(library: Library, place: str, code: str, when: date) -> Item | None:
    """What a catalogue of the place of care says of a code on a day; what decides scope comes first."""
    known = sorted(catalogues_at(library, place), key=lambda c: c.kind != "scope")
    return next((item for c in known for item in c.items.get(code, ()) if item.on(when)), None)


def scope_for(library: Library, member: Member, bill: Bill) -> Callable[[Line, date], Scoped]:
    """How the lines of a bill fall, by the catalogues of the place of care."""
    place = str(bill.attributes.get("care_region") or member.region)
    known = catalogues_at(library, place)
    scopes = [c for c in known if c.kind == "scope"]
    library.stop_for(member.region, tuple(h.policy for h in member.products))

    def fall(line: Line, when: date) -> Scoped:
        listed = frozenset(c.name for c in known for i in c.items.get(line.code, ()) if i.on(when))
        found = next((i for c in scopes for i in c.items.get(line.code, ()) if i.on(when)), None)
        stated = dict(line.attributes)
        for catalogue in known:
            for item in catalogue.items.get(line.code, ()):
                if item.on(when):
                    stated = {**item.answers, **stated}
        stated["lists"] = listed | stated.get("lists", frozenset())  # type: ignore[operator]
        answers = {**member.on(when), **bill.attributes, **stated}
        context = Context(answers, when, library.vocabulary, library.index)
        return _fall(line, found, stated, context, bool(listed))

    return fall


def _fall(line: Line, item: Item | None, stated: dict[str, Answer], context: Context, listed: bool) -> Scoped:
    """The line's own class counts before the catalogue's; an unknown code without a class is refused."""
    item_class = stated.get("item_class") or (item.item_class if item else "")
    if not item_class and not listed:
        raise refuse("B016", line.place or Place("bill"), f"`{line.code}` is in no catalogue of the place of care, on this day",
                     "Whether it is in scope cannot be guessed.",
                     "check the code, or let the line say `item_class` (and `borne_first`, `price_limit`)")  # fmt: skip
    stated["item_class"] = item_class or "class_c"
    if item and not context.answers.get("item_class"):
        context = replace(context, answers={**context.answers, "item_class": stated["item_class"]})
    first, limit = line.borne_first, line.price_limit
    if first is None:
        first = _first_share(line, item, str(stated["item_class"]), context)
    if limit is None and item and item.price_limit:
        limit = item.price_limit.value(context)
    _asked(context, line)
    return Scoped(
        stated,
        first,
        None if limit is None or limit >= BOUNDLESS else limit,
        stated["item_class"] == "class_c",
    )


def _first_share(line: Line, item: Item | None, item_class: str, context: Context) -> int:
    if item and item.borne_first:
        return item.borne_first.value(context)
    if item_class == "class_b":
        raise refuse("B021", line.place or Place("bill"), f"`{line.code}` is class B, but nothing says which share is borne first",
                     "It is taken off before any layer looks.", "add `borne_first: 10%` (or what the place says) to the line")  # fmt: skip
    return 0


def _asked(context: Context, line: Line) -> None:
    for name in context.missing:
        raise refuse(
            "B020",
            line.place or Place("bill"),
            f"the catalogue asks for `{name}` of `{line.code}`",
            "",
            f"add `{name}:`",
        )
    for attribute, answer, place in context.gaps:
        raise refuse(
            "P023",
            place,
            f"the catalogue says nothing for {attribute} {answer}",
            "",
            "add the cell with its source",
        )
