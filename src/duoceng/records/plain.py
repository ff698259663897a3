"""Records as plain JSON and back, for the store: nothing is lost but the places where things were written.

Days, sets and records carry a tag; tuples become lists and come back as tuples; a field that has its default is left out.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from duoceng.base.mistakes import Place
from duoceng.records.bill import Bill, Charge, Held, Line, Member, Part
from duoceng.records.plan import Clause, LayerInfo, Plan, Refusal, Step, Sum
from duoceng.records.settlement import Settlement

RECORDS: dict[str, Any] = {
    record.__name__: record
    for record in (Bill, Charge, Held, Line, Member, Part, Clause, LayerInfo, Plan, Refusal, Step, Sum, Settlement)
}

ATOMS = frozenset({int, str, bool, type(None)})


def written(record: object) -> str:
    """A record as one line of JSON."""
    return json.dumps(plain(record), ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Any:
    """The record that was written."""
    return whole(json.loads(text))


def plain(thing: object) -> object:
    """A record, or a part of one, as JSON has it."""
    if type(thing) in ATOMS or isinstance(thing, (str, int)):
        return thing
    if isinstance(thing, (tuple, list)):
        return thing if ATOMS.issuperset(map(type, thing)) else [plain(one) for one in thing]
    if isinstance(thing, Mapping):
        return {"of": {str(name): value if type(value) in ATOMS else plain(value) for name, value in thing.items()}}
    if isinstance(thing, date):
        return {"day": thing.isoformat()}
    if isinstance(thing, frozenset):
        return {"set": sorted(thing)}
    assert is_dataclass(thing), f"{type(thing).__name__} is no record"
    name = type(thing).__name__
    said = {}
    for field_, default in _fields(name):
        value = getattr(thing, field_)
        if value is not default and not isinstance(value, Place) and value != default:
            said[field_] = value if type(value) in ATOMS else plain(value)
    return {name: said}


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
def _fields(name: str) -> tuple[tuple[str, object], ...]:
    """The fields of a record with their defaults; a default no value equals where there is none."""
    return tuple((field_.name, _default(field_)) for field_ in fields(RECORDS[name]))


def _default(field_: "Field[Any]") -> object:
    if field_.default is not MISSING:
        return field_.default
    return field_.default_factory() if field_.default_factory is not MISSING else MISSING
