"""The policies for reading: a document on a day with the words behind each value, its changes over time, two held against each other."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from duoceng.base.mistakes import Place, refuse
from duoceng.engine.words import say
from duoceng.interfaces.page.asked import DiffIn, LangIn, PolicyIn
from duoceng.interfaces.page.start import cares
from duoceng.policy.coverage import STATUSES, counted
from duoceng.policy.document import Document, Layer, Version, in_force
from duoceng.policy.library import Library, any_document
from duoceng.policy.places import english_name, place_code, place_name
from duoceng.policy.questions import nearest
from duoceng.policy.show import Said as Shown
from duoceng.policy.show import Words, in_words

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
    words = words_for(library, (document,), asked.lang)
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


def words_for(library: Library, documents: tuple[Document, ...], lang: str) -> Words:
    """The words of a language, with the official words of the yearly figures of the documents' places."""
    for document in documents:
        library.indexes(document.region)
    return Words(library.vocabulary, lang, library.index_titles)


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
    cells = [{"key": key, "cells": [list(cell) for cell in rows]} for key, rows in shown.cells.items()]
    now = in_force(versions, told.when)
    return {"part": part, "label": part_label((document,), part, told.words), "unread": shown.unread, "cells": cells,
            "clause": clause_of(document, shown.version), "versions": [_version(v, v is now) for v in versions]}  # fmt: skip


def _version(version: Version, now: bool) -> Said:
    return {
        "from": version.cited.begins.isoformat(),
        "status": "gap" if version.cited.gap else version.cited.status,
        "now": now,
    }


def part_label(documents: tuple[Document, ...], part: str, words: Words) -> str:
    """A part in words; a ceiling by its official title where it has one."""
    kind, _, name = part.partition(" ")
    title = next(
        (
            c.title
            for d in documents
            for y in d.layers
            for c in y.ceilings
            if kind == "ceiling" and c.name == name and c.title
        ),
        "",
    )
    return f"{words.of('ceiling')} · {title}" if title and words.lang == "zh" else words.part(part)


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
    """What two documents say otherwise on their days, part by part and cell by cell, with the clauses of both."""
    documents, days = (found(library, asked.first), found(library, asked.second)), (asked.day, asked.other_day)
    words = words_for(library, documents, asked.lang)
    shown = [in_words(d, day, words) for d, day in zip(documents, days, strict=True)]
    titles = {
        y.name: (y.title if asked.lang == "zh" else y.english or y.title, y.tier) for d in documents for y in d.layers
    }
    rows = []
    for layer, part in dict.fromkeys([*shown[0], *shown[1]]):
        one, two = (side.get((layer, part)) for side in shown)
        cells = _differing(one, two)
        if cells:
            title, tier = titles[layer]
            clauses = [
                clause_of(d, side.version) if side else None for d, side in zip(documents, (one, two), strict=True)
            ]
            rows.append(
                {
                    "layer": title,
                    "tier": tier,
                    "part": part_label(documents, part, words),
                    "cells": cells,
                    "clauses": clauses,
                }
            )
    sides = [{"policy": d.policy, "title": d.title if asked.lang == "zh" else d.english or d.title, "region": d.region, "day": day.isoformat()}
             for d, day in zip(documents, days, strict=True)]  # fmt: skip
    return {"sides": sides, "rows": rows}


Cell = tuple[str, str | None, str | None]  # what it is about, what the first says, what the second


def _differing(one: Shown | None, two: Shown | None) -> list[Cell]:
    """The cells that differ; where one side has none, what the other says."""
    if one and two and (one.unread or two.unread):
        return [("", one.unread or one.flat(), two.unread or two.flat())] if one.flat() != two.flat() else []
    first, second = (_flat(side) for side in (one, two))
    return [
        (label, first.get(label), second.get(label))
        for label in dict.fromkeys([*first, *second])
        if first.get(label) != second.get(label)
    ]


def _flat(shown: Shown | None) -> dict[str, str]:
    """Every cell by its whole label; what was not read as one cell."""
    if shown is None:
        return {}
    if shown.unread:
        return {"": shown.unread}
    return {
        " · ".join(filter(None, (key, label))): value for key, cells in shown.cells.items() for label, value in cells
    }


def documents(library: Library, asked: LangIn) -> Said:
    """Every document with what it covers, the days on which it changes, and how far its values are checked."""
    rows = []
    statuses: dict[str, dict[str, int]] = {}
    for row in counted(library):
        sums = statuses.setdefault(row.policy, dict.fromkeys(STATUSES, 0))
        for status in STATUSES:
            sums[status] += row.values[status]
    for path in library.paths():
        if document := library.document(path):
            first, last, _ = document.window
            rows.append({
                "policy": document.policy, "title": document.title if asked.lang == "zh" else document.english or document.title,
                "region": document.region, "kind": document.kind, "cares": cares(library.vocabulary, [document]),
                "from": first.isoformat() if first else "", "until": last.isoformat() if last else "",
                "days": sorted({v.cited.begins.isoformat() for _, _, v in document.versions()}),
                "tiers": list(dict.fromkeys(y.tier for y in document.layers)), **statuses.get(document.policy, {}),
            })  # fmt: skip
    return {"documents": rows}


def coverage(library: Library, asked: LangIn) -> Said:
    """What is read and how far it is checked: rows by document and year, places with their province, gaps in words."""
    documents = [d for p in library.paths() if (d := library.document(p))]
    titles = {d.policy: d.title if asked.lang == "zh" else d.english or d.title for d in documents}
    rows = [
        {"region": r.place, "policy": r.policy, "title": titles[r.policy], "kind": r.kind, "year": r.year, **r.values}
        for r in sorted(counted(library), key=lambda r: r.kind != "public")
    ]
    regions = [{"id": region, "code": place_code(library, region), "zh": place_name(library, region), "en": english_name(region),
                **{s: sum(int(str(r[s])) for r in rows if r["region"] == region and r["kind"] == "public") for s in STATUSES}}
               for region in library.regions()]  # fmt: skip
    gaps = [{"policy": d.policy, "title": titles[d.policy], "gap": gap} for d in documents for gap in d.gaps]
    return {"rows": rows, "regions": regions, "gaps": gaps}
