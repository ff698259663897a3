"""The policies for reading: a document on a day with the words behind each value, its changes over time, two held against each other."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from duoceng.base.mistakes import Place, refuse
from duoceng.engine.words import say
from duoceng.interfaces.page.asked import DiffIn, LangIn, PolicyIn
from duoceng.interfaces.page.start import english
from duoceng.policy.coverage import STATUSES, counted
from duoceng.policy.document import Document, Layer, Version, in_force
from duoceng.policy.library import Library, any_document
from duoceng.policy.places import place_code, place_name
from duoceng.policy.questions import nearest
from duoceng.policy.show import Said as Shown
from duoceng.policy.show import Words, differences, in_words

Said = dict[str, Any]


def found(library: Library, policy: str) -> Document:
    """A document by its id. Raises Refused."""
    document = any_document(library, policy)
    if document is None:
        known = [p.stem for p in library.paths()]
        raise refuse("W003", Place("policy", 0), f"there is no policy `{policy}`", "", nearest(policy, known))
    return document


def policy(library: Library, asked: PolicyIn) -> Said:
    """One document on a day: whom it covers, its layers, each part in words with its clause, its sources and gaps."""
    document = found(library, asked.policy)
    words = Words(library.vocabulary, asked.lang)
    first, last, _ = document.window
    return {
        "policy": document.policy, "zh": document.title, "en": document.english or document.title, "region": document.region, "kind": document.kind,
        "day": asked.day.isoformat(), "from": first.isoformat() if first else "", "until": last.isoformat() if last else "",
        "outside": bool((first and asked.day < first) or (last and asked.day > last)),
        "covers": words.cells(document.raw.items["covers"]) if "covers" in document.raw.items else [],
        "over": document.over, "layers": [layer_said(document, layer, asked.day, words) for layer in document.layers],
        "sources": [{"key": s.key, "title": s.title, "number": s.number, "url": s.url, "trust": s.trust} for s in document.sources.values()],
        "gaps": list(document.gaps), "timeline": timeline(document, words), "worked": len(document.worked), "file": document.file,
    }  # fmt: skip


def layer_said(document: Document, layer: Layer, when: date, words: Words) -> Said:
    """One layer: what it looks at, and every part in words on a day, with the clause and the other versions."""
    lang, said = words.lang, in_words(document, when, words)
    versions = dict(layer.parts())
    parts = [part_said(document, part, of_day, versions.get(part, ()), Told(when, words))
             for (name, part), of_day in said.items() if name == layer.name]  # fmt: skip
    return {"layer": layer.name, "tier": layer.tier, "title": layer.title if lang == "zh" else layer.english or layer.title,
            "payer": layer.payer, "sees": [{"kind": kind, "label": say(kind, lang)} for kind in layer.sees],
            "only": _only(document, layer, words), "settled": layer.settled, "parts": parts,
            "unread": [zh if lang == "zh" else en for zh, en in layer.unread]}  # fmt: skip


def _only(document: Document, layer: Layer, words: Words) -> list[tuple[str, str]]:
    """Which charges the layer looks at, in words."""
    for node in document.raw.items["layers"].items:
        if node.items["name"].text == layer.name and "only" in node.items:
            return words.cells(node.items["only"])
    return []


@dataclass(frozen=True)
class Told:
    """The day something is told for, and the words it is told in."""

    when: date
    words: Words


def part_said(document: Document, part: str, shown: Shown, versions: tuple[Version, ...], told: Told) -> Said:
    """One part: its cells, the clause behind them, and the days on which it changed or will."""
    ceiling = next(
        (
            c.title
            for y in document.layers
            for c in y.ceilings
            if part == f"ceiling {c.name}" and c.versions == versions
        ),
        "",
    )
    cells = [{"key": key, "cells": [list(cell) for cell in rows]} for key, rows in shown.cells.items()]
    return {"part": part, "label": told.words.part(part) if not ceiling else f"{told.words.of('ceiling')} · {ceiling}", "unread": shown.unread,
            "cells": cells, "clause": clause_of(document, shown.version), "versions": [
                {"from": v.cited.begins.isoformat(), "status": "gap" if v.cited.gap else v.cited.status, "now": v is in_force(versions, told.when)}
                for v in versions]}  # fmt: skip


def clause_of(document: Document, version: Version | None) -> Said | None:
    """The clause of a version: citation, words, source, how far it is checked."""
    if version is None:
        return None
    cited = version.cited
    key, _, article = cited.cite.partition(" ")
    source = document.sources[key]
    return {"from": cited.begins.isoformat(), "cite": article, "quote": cited.quote, "quoted_from": cited.quoted_from, "status": cited.status,
            "note": cited.note, "gap": cited.gap, "source": source.title, "number": source.number, "url": source.url,
            "trust": source.trust}  # fmt: skip


def timeline(document: Document, words: Words) -> list[Said]:
    """Every day on which something of the document changes, and what."""
    days: dict[date, list[Said]] = {}
    for layer, part, version in document.versions():
        title = layer.title if words.lang == "zh" else layer.english or layer.title
        status = "gap" if version.cited.gap else version.cited.status
        days.setdefault(version.cited.begins, []).append(
            {"layer": title, "tier": layer.tier, "part": words.part(part), "status": status}
        )
    return [{"day": day.isoformat(), "changes": changes} for day, changes in sorted(days.items())]


def diff(library: Library, asked: DiffIn) -> Said:
    """What two documents say otherwise on their days, part by part and cell by cell."""
    one, two = found(library, asked.first), found(library, asked.second)
    words = Words(library.vocabulary, asked.lang)
    rows = differences(in_words(one, asked.day, words), in_words(two, asked.other_day, words))
    titles = {y.name: y.title if asked.lang == "zh" else y.english or y.title for d in (two, one) for y in d.layers}
    sides = [{"policy": d.policy, "title": d.title if asked.lang == "zh" else d.english or d.title, "day": day.isoformat()}
             for d, day in ((one, asked.day), (two, asked.other_day))]  # fmt: skip
    return {
        "sides": sides,
        "rows": [
            {"layer": titles.get(layer, layer), "part": part, "first": a, "second": b} for layer, part, a, b in rows
        ],
    }


def coverage(library: Library, asked: LangIn) -> Said:
    """What is read and how far it is checked: rows by document and year, places with their province, gaps in words."""
    rows = [
        {"region": r.place, "policy": r.policy, "title": r.title, "kind": r.kind, "year": r.year, **r.values}
        for r in counted(library)
    ]
    regions = [{"id": region, "code": place_code(library, region), "zh": place_name(library, region), "en": english(region),
                **{s: sum(int(str(r[s])) for r in rows if r["region"] == region and r["kind"] == "public") for s in STATUSES}}
               for region in library.regions()]  # fmt: skip
    gaps = [{"policy": d.policy, "title": d.title if asked.lang == "zh" else d.english or d.title, "gap": gap}
            for p in library.paths() if (d := library.document(p)) for gap in d.gaps]  # fmt: skip
    return {"rows": rows, "regions": regions, "gaps": gaps}
