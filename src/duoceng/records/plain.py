"""Records as plain JSON and back, for the store: nothing is lost but the places where things were written.

Days, sets and records carry a tag; tuples become lists and come back as tuples; a field that has its default is left out.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

from duoceng.base.compact import compact
from duoceng.base.mistakes import Place
from duoceng.records.bill import Bill, Charge, Held, Line, Member, Part
from duoceng.records.plan import Clause, LayerInfo, Plan, Refusal, Step, Sum
from duoceng.records.settlement import Settlement

RECORDS: dict[str, Any] = {
    record.__name__: record
    for record in (Bill, Charge, Held, Line, Member, Part, Clause, LayerInfo, Plan, Refusal, Step, Sum, Settlement)
}

ATOMS = frozenset({int, str, bool, type(None)})
KINDS = frozenset(RECORDS.values())


def written(record: object) -> str:
    """A record as one line of JSON."""
    return compact(plain(record))


def read(text: str) -> Any:
    """The record that was written."""
    return whole(json.loads(text))


def plain(thing: object) -> object:
    """A record, or a part of one, as JSON has it. The kinds that are met most often are asked about first."""
    kind = type(thing)
    if kind in ATOMS:
        return thing
    if kind is tuple or kind is list:
        found: list[Any] = thing  # type: ignore[assignment]
        return found if ATOMS.issuperset(map(type, found)) else [plain(one) for one in found]
    if kind is dict or isinstance(thing, Mapping):
        said: Mapping[str, object] = thing  # type: ignore[assignment]
        return {"of": {str(name): value if type(value) in ATOMS else plain(value) for name, value in said.items()}}
    return _record(kind.__name__, thing) if kind in KINDS else _atom(thing)


def _record(name: str, thing: object) -> object:
    """A record: its fields that have not their default."""
    fields_, all_of = _fields(name)
    said = {}
    for (field_, default), value in zip(fields_, all_of(thing), strict=True):
        if value is not default and value != default and type(value) is not Place:
            said[field_] = value if type(value) in ATOMS else plain(value)
    return {name: said}


def _atom(thing: object) -> object:
    """A day, a set, or a kind of text or number of somebody's own."""
    if isinstance(thing, date):
        return {"day": thing.isoformat()}
    if isinstance(thing, frozenset):
        return {"set": sorted(thing)}
    assert isinstance(thing, (str, int)), f"{type(thing).__name__} is no record"
    return thing


def whole(thing: Any) -> Any:
    """What `plain` made, as it was."""
    if isinstance(thing, list):
        return tuple(whole(one) for one in thing)
    if not isinstance(thing, dict):
        return thing
    ((tag, said),) = thing.items()
    if tag == "of":
        return {name: whole(value) for name, value in said.items()}
    if tag == "day":
        return date.fromisoformat(said)
    if tag == "set":
        return frozenset(said)
    return RECORDS[tag](**{name: whole(value) for name, value in said.items()})


@lru_cache(maxsize=64)
def _fields(name: str) -> tuple[tuple[tuple[str, object], ...], Callable[[object], tuple[object, ...]]]:
    """The fields of a record with their defaults (one that no value equals where there is none), and what reads them all at once."""
    found = fields(RECORDS[name])
    assert len(found) > 1, "of one field, `attrgetter` would give the bare value"
    return tuple((field_.name, _default(field_)) for field_ in found), attrgetter(*(field_.name for field_ in found))


def _default(field_: "Field[Any]") -> object:
    if field_.default is not MISSING:
        return field_.default
    return field_.default_factory() if field_.default_factory is not MISSING else MISSING
