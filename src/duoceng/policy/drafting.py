"""What a layer comes to for one charge: no row, a gate that is shut, or a row of numbers; and what was missing on the way.

It follows from the layer, the answers and the day alone, so what was found once is found again by its path (`paths.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from duoceng.base.mistakes import Place
from duoceng.policy.conditions import Condition, all_hold
from duoceng.policy.document import Document, Layer, Version, in_force
from duoceng.policy.library import Library
from duoceng.policy.paths import Asked, Names, keep, paths_of
from duoceng.policy.rows import Drawn, clause, draft_row, guarantee_row
from duoceng.policy.values import Context
from duoceng.records.bill import Value
from duoceng.records.plan import Clause

Gaps = tuple[tuple[str, str, Place], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a part of a document comes to.

    `holds`: its conditions; None where an answer is missing. `row`: the numbers it pays by. `gate`: the clause of its gate, and
    `shut` the condition that keeps it shut. `unread`: parts with no version in force that was read. `missing`, `gaps` and `cells`
    are those of the context: questions, cells a document lacks, and cells that counted.
    """

    holds: bool | None
    row: Drawn | None = None
    gate: Clause | None = None
    shut: Condition | None = None
    unread: tuple[tuple[str, Version | None], ...] = ()
    missing: Mapping[str, Place] | None = None
    gaps: Gaps = ()
    cells: frozenset[Place] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """What a part of a document is told: answers and a day. `reads` gathers the names of those it asks for."""

    answers: Mapping[str, Value]
    day: date
    reads: Names | None


def covered(library: Library, document: Document, told: Told) -> Found:
    """Does a document concern the bill?"""
    return _found(library, told, (document.covers,), lambda context: Found(all_hold(document.covers, context)))


def drafted(library: Library, document: Document, layer: Layer, told: Told) -> Found:
    """What a layer comes to for a charge: its row, or why it pays nothing."""
    return _found(library, told, (layer, document.sources), partial(_row, document, layer))


def guaranteed(library: Library, document: Document, layer: Layer, paying: Drawn, told: Told) -> Found:
    """What tops a layer up to its guaranteed amount, after the last row it pays by."""
    asked, context = _asked(library, told)
    with _noted(told, asked):
        draft = guarantee_row(document, layer, paying, context)
    row = replace(paying, terms=tuple(draft.terms), clauses=draft.clauses, fills=()) if draft.clauses else None
    return _with(Found(True, row, unread=tuple(draft.unread), cells=frozenset(context.cells)), context)


def _found(library: Library, told: Told, parts: tuple[object, ...], consider: Callable[[Context], Found]) -> Found:
    """What was found before on the same answers; else it is considered, and kept where nothing was missing."""
    paths = paths_of(library, *parts)
    end = paths.find(told.answers, told.day) if paths else None
    if end is not None:
        if told.reads is not None:
            told.reads.note(end.names)
        known: Found = end.found
        return known
    asked, context = _asked(library, told)
    with _noted(told, asked):
        found = _with(consider(context), context)
    if paths and not (found.missing or found.gaps or found.unread):
        keep(library, paths, told.day, asked, found)
    return found


def _asked(library: Library, told: Told) -> tuple[Asked, Context]:
    asked = Asked(told.answers)
    return asked, Context(asked, told.day, library.vocabulary, library.index)


@contextmanager
def _noted(told: Told, asked: Asked) -> Iterator[None]:
    """Whatever is asked for is noted, also where it ends in a refusal."""
    try:
        yield
    finally:
        if told.reads is not None:
            told.reads.note(asked.trail)


def _with(found: Found, context: Context) -> Found:
    if context.missing or context.gaps:
        return replace(found, missing=context.missing, gaps=tuple(context.gaps))
    return found


def _row(document: Document, layer: Layer, context: Context) -> Found:
    if not all_hold(layer.only, context):
        return Found(False)
    gate = None
    if layer.when:
        version = in_force(layer.when, context.day)
        if version is None or version.cited.gap:
            return Found(False, unread=(("when", version),), cells=frozenset(context.cells))
        gate, before = clause(document, f"{layer.name}.when", version), frozenset(context.cells)
        needs: tuple[Condition, ...] = version.get("needs", ())
        held = all_hold(needs, context)
        if held is False:
            failed = next(c for c in needs if c.holds(context) is False)
            context.missing.clear()
            return Found(False, gate=gate, shut=failed, cells=before)
        if held is None:
            return Found(None, gate=gate, cells=before)
    draft = draft_row(document, layer, context)
    return Found(True, draft.drawn(), gate, unread=tuple(draft.unread), cells=frozenset(context.cells))
