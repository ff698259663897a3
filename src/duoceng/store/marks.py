"""Marks: what a page says of the rows written with it, so that they are under its hash too.

A page and its transfers are hashed as they are. Bills, holds, answers, events and the member's file lie in tables of their own, and
some are written again later; so each page carries, by the name of the row, a digest of what it wrote there:

    page 7   said.marks = {"bill b1": 9f2c…, "answer H1 k7": 41aa…, "outbox 7 1": 07d3…}        (a tab between the words)
    page 9   said.marks = {"bill b1 then": …}          b1 was taken back: only its state was written

Whoever changes, drops or adds such a row is found by `desk.verify`, as if it were a page.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256

from duoceng.base.compact import compact
from duoceng.store.database import Statement

BYTES = (bytes, memoryview)
MARKS, THEN = "marks", " then"
TABLE = re.compile(r"(INSERT INTO|UPDATE) (\w+)")
KEYS: dict[str, tuple[str, ...]] = {
    "person": (), "bill": ("bill",), "hold": ("number",), "answer": ("scope", "key"), "outbox": ("number", "line"),
    "step": ("number",)}  # fmt: skip
# What may change without a page: seals when keys are renewed; the page of a bill, which says where it was written last.
ONCE = {"person": ("made",)}  # what only the first page of a member says: the rest comes with every file
APART = {"member", "sealed", "lookup", "page"}


def marks_of(statements: Iterable[Statement]) -> dict[str, str]:
    """The marks of what is written; tables that are checked otherwise have none."""
    found = {}
    for sql, values in statements:
        verb, table = written_by(sql)
        if table in KEYS:
            name, columns = (name_of(table, values), ONCE.get(table, ()))
            found[name if verb != "UPDATE" else name + THEN] = mark(table, values, columns if verb != "UPDATE" else ())
    return found


@lru_cache(maxsize=256)
def written_by(sql: str) -> tuple[str, str]:
    """What a statement does, and to which table."""
    verb, table = TABLE.match(sql).groups()  # type: ignore[union-attr]
    return verb, table


def name_of(table: str, row: Mapping[str, object]) -> str:
    """How a page names a row."""
    return "\t".join([table, *(str(row[key]) for key in KEYS[table])])


def mark(table: str, row: Mapping[str, object], columns: Iterable[str] = ()) -> str:
    """A digest of a row, or of some columns of it."""
    said = [(column, whole(row[column])) for column in in_mark(table, tuple(columns or row))]
    return sha256(compact(said).encode()).hexdigest()[:32]


@lru_cache(maxsize=256)
def in_mark(table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that a mark is made of, in order."""
    apart = APART if table == "bill" else APART - {"page"}
    return tuple(sorted(set(columns) - apart))


def whole(value: object) -> object:
    """Bytes by their hash; all else as it is."""
    return sha256(value).hexdigest() if isinstance(value, BYTES) else value
