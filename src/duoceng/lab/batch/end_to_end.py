"""Parquet files of one schema put end to end as they are: their pages are copied, and one footer says where they stand now.

What is joined was written, compressed and checked before; to read it and write it again takes longer than to settle it. pyarrow can put
footers together but not say that pages stand elsewhere, so the footers are read and written here: structures of the compact protocol
of Thrift, kept whole, of which only row counts and places change. Files whose schemas differ are left to whoever asks (`Unlike`).

    PAR1 · pages of the first file · pages of the second · ... · footer · its length · PAR1
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = b"PAR1"
PIECE = 16 << 20  # bytes that are copied at a time
TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
WHOLE = (4, 5, 6)  # types of whole numbers, zigzag
LONG, MANY = 6, 15
# Fields: of a file, of a row group, of a column in it, and of what is said about that.
SCHEMA, ROWS, GROUPS = 2, 3, 4
COLUMNS, GROUP_AT, ORDINAL = 1, 5, 7
CHUNK_AT, ABOUT, INDEXES_AT = 2, 3, (4, 6)
PAGES_AT = (9, 10, 11, 14)
ORDINALS = 1 << 15

Struct = dict[int, tuple[int, Any]]


class Unlike(Exception):
    """These files cannot be put end to end: their schemas differ, or one is written in a way that is not known here."""


@dataclass
class Footer:
    """What a file says of itself, and where its pages end."""

    said: Struct
    pages_end: int


class _Reader:
    """Thrift's compact protocol, read into plain structures: fields by number, each with its type."""

    def __init__(self, memory: bytes):
        self.memory, self.at = memory, 0

    def byte(self) -> int:
        self.at += 1
        return self.memory[self.at - 1]

    def number(self) -> int:
        found = shift = 0
        while True:
            byte = self.byte()
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7

    def signed(self) -> int:
        number = self.number()
        return (number >> 1) ^ -(number & 1)

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.memory[self.at - count : self.at]

    def struct(self) -> Struct:
        found: Struct = {}
        field = 0
        while (head := self.byte()) != 0:
            field = field + (head >> 4) if head >> 4 else self.signed()
            kind = head & 0x0F
            found[field] = (kind, kind == TRUE if kind in (TRUE, FALSE) else self.value(kind))
        return found

    def value(self, kind: int) -> Any:
        if kind in WHOLE:
            return self.signed()
        if kind == BINARY:
            return self.bytes(self.number())
        if kind == STRUCT:
            return self.struct()
        if kind in (LIST, SET):
            head = self.byte()
            count, of = head >> 4, head & 0x0F
            count = self.number() if count == MANY else count
            return of, [self.value(of) for _ in range(count)]
        if kind in (TRUE, FALSE, BYTE):
            return self.byte()
        if kind == DOUBLE:
            return self.bytes(8)
        raise Unlike(f"a field of type {kind}")


def _number(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _signed(number: int) -> bytes:
    return _number((number << 1) ^ (number >> 63))


def _struct(said: Struct) -> bytes:
    """A structure as it is written."""
    found, before = [], 0
    for field, (kind, value) in sorted(said.items()):
        kind = (TRUE if value else FALSE) if kind in (TRUE, FALSE) else kind
        step = field - before
        found.append(bytes([step << 4 | kind]) if 0 < step < 16 else bytes([kind]) + _signed(field))
        found.append(b"" if kind in (TRUE, FALSE) else _value(kind, value))
        before = field
    return b"".join(found) + b"\0"


def _value(kind: int, value: Any) -> bytes:
    if kind in WHOLE:
        return _signed(value)
    if kind == BINARY:
        return _number(len(value)) + bytes(value)
    if kind == STRUCT:
        return _struct(value)
    if kind in (LIST, SET):
        of, values = value
        head = bytes([min(len(values), MANY) << 4 | of]) + (_number(len(values)) if len(values) >= MANY else b"")
        return head + b"".join(_value(of, one) for one in values)
    return bytes([value]) if kind in (TRUE, FALSE, BYTE) else bytes(value)


def footer_of(path: Path) -> Footer:
    """The footer of a file. Raises Unlike where it is none."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 8, 0))
        tail = file.read(8)
        (length,) = struct.unpack("<I", tail[:4]) if len(tail) == 8 else (0,)
        if tail[4:] != MARK or length + 12 > size:
            raise Unlike(f"{path} is no whole Parquet file")
        file.seek(size - 8 - length)
        try:
            return Footer(_Reader(file.read(length)).struct(), size - 8 - length)
        except IndexError:
            raise Unlike(f"{path} ends within its footer") from None


def moved(said: Struct, field: int, by: int) -> None:
    """A place that is told, if it is, so much further on. Nothing is told as 0 by some."""
    if field in said and said[field][1]:
        said[field] = (said[field][0], said[field][1] + by)


def put_end_to_end(parts: list[Path], target: Path) -> None:
    """The rows of all parts as one file, in their order. Raises Unlike where that cannot be; then nothing is written."""
    footers = [footer_of(part) for part in parts]
    first = footers[0].said
    fixed = {field: value for field, value in first.items() if field not in (ROWS, GROUPS)}
    if any({f: v for f, v in one.said.items() if f not in (ROWS, GROUPS)} != fixed for one in footers[1:]):
        raise Unlike("the schemas differ")
    groups: list[Struct] = []
    at = len(MARK)
    for one in footers:
        for group in one.said[GROUPS][1][1]:
            move_group(group, at - len(MARK), len(groups))
            groups.append(group)
        at += one.pages_end - len(MARK)
    rows = sum(one.said[ROWS][1] for one in footers)
    footer = _struct({**fixed, ROWS: (LONG, rows), GROUPS: (LIST, (STRUCT, groups))})
    half = target.with_name(f".{target.name}.tmp")
    try:
        with half.open("wb") as out:
            out.write(MARK)
            for part, one in zip(parts, footers, strict=True):
                with part.open("rb") as file:
                    copy_pages(file, one.pages_end, out)
            out.write(footer + struct.pack("<I", len(footer)) + MARK)
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def move_group(group: Struct, by: int, number: int) -> None:
    """Say where the pages of a row group stand now, and which of the file it is."""
    moved(group, GROUP_AT, by)
    if number < ORDINALS and ORDINAL in group:
        group[ORDINAL] = (group[ORDINAL][0], number)
    else:
        group.pop(ORDINAL, None)
    for column in group[COLUMNS][1][1]:
        for field in (CHUNK_AT, *INDEXES_AT):
            moved(column, field, by)
        for field in PAGES_AT:
            moved(column[ABOUT][1], field, by)


def copy_pages(file: Any, end: int, out: Any) -> None:
    """All that stands between the first mark and the footer."""
    file.seek(len(MARK))
    left = end - len(MARK)
    while left > 0:
        piece = file.read(min(left, PIECE))
        if not piece:
            raise Unlike("a file became shorter")
        out.write(piece)
        left -= len(piece)
