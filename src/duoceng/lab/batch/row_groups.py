"""Rows of a Parquet file as one table, in one piece: what most columns say by our own loops, and the rest by pyarrow.

    row groups ... and the first rows of the next ──▶ column by column: pages ──▶ the rows that say something ──▶ one array

pyarrow writes out every row of a column before it looks at any; of 84 columns most say something of one bill in fifty. The loops
(`engine.batch.pages`) know the common ways in which flat whole numbers, days, yes and no, and words are written. A column that is
written in any other way, or is broken, is left to pyarrow as a whole, and so are the mistakes to be told of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from duoceng.engine.batch import pages as c
from duoceng.engine.batch.page_numbers import BROKEN
from duoceng.engine.batch.reading import BITS
from duoceng.lab.batch.reading import NOTHING, Ints

WORDS = -1  # instead of a width: numbers stand only for words
FORMS = {pa.int8(): ("INT32", 4, 1), pa.int16(): ("INT32", 4, 2), pa.int32(): ("INT32", 4, 4), pa.date32(): ("INT32", 4, 4),
         pa.int64(): ("INT64", 8, 8), pa.bool_(): ("BOOLEAN", BITS, BITS)}  # fmt: skip
PACKERS = {"SNAPPY": "snappy", "GZIP": "gzip", "ZSTD": "zstd", "LZ4": "lz4_raw", "BROTLI": "brotli"}
BEGINNING = 1 << 16  # bytes of a column that are read first where only its first rows are wanted
WORDS_MOST = 1 << 15  # of a column in one file; more are left to pyarrow


class Unknown(Exception):
    """A column is written in a way that the loops do not know."""


@dataclass(frozen=True)
class Chunk:
    """The pages of a column in one row group, unpacked, and the words or numbers that stand before them. They hold at least `rows`."""

    rows: int
    held: int
    pages: Ints
    bodies: tuple[pa.Buffer, ...]
    first: pa.Buffer | None
    firsts: int


class RowGroups:
    """A file whose rows are read a stretch of row groups at a time."""

    def __init__(self, path: str):
        self.path = path
        self.file = pq.ParquetFile(path)
        self.schema = self.file.schema_arrow
        flat = [self.file.schema.column(at).path for at in range(len(self.file.schema))]
        self._plain = flat == self.schema.names and len(set(flat)) == len(flat)

    @cached_property
    def _source(self) -> pa.NativeFile:
        return pa.OSFile(self.path)

    def rows_of(self, group: int) -> int:
        """How many rows a row group has."""
        return int(self.file.metadata.row_group(group).num_rows)

    def table(self, first: int, last: int, more: int = 0) -> pa.Table:
        """Row groups `first` to `last` (not with it), and so many rows of those behind."""
        parts = [(group, self.rows_of(group)) for group in range(first, last)]
        while more > 0 and last < self.file.num_row_groups:
            parts.append((last, min(more, self.rows_of(last))))
            more, last = more - parts[-1][1], last + 1
        found: dict[str, Any] = {}
        for at, name in enumerate(self.schema.names if self._plain else ()):
            try:
                found[name] = self._column(at, parts)
            except Unknown:
                continue
        left = [name for name in self.schema.names if name not in found]
        if left:
            others = self._by_pyarrow(left, parts)
            found |= {name: others.column(name) for name in left}
        return pa.table({name: found[name] for name in self.schema.names})

    def _by_pyarrow(self, names: list[str], parts: list[tuple[int, int]]) -> pa.Table:
        groups, wanted, held = [group for group, _ in parts], sum(rows for _, rows in parts), 0
        batches = []
        for batch in self.file.iter_batches(max(wanted, 1), row_groups=groups, columns=names, use_threads=False):
            batches.append(batch)
            held += batch.num_rows
            if held >= wanted:
                break
        if not batches:
            return self.schema.empty_table().select(names)
        table = pa.Table.from_batches(batches).slice(0, wanted)
        return table if len(batches) == 1 else table.unify_dictionaries().combine_chunks()

    # ── a column by the loops ──

    def _column(self, at: int, parts: list[tuple[int, int]]) -> pa.Array:
        """A column as Arrow has it. Raises Unknown where it is not written in a way that is known here."""
        written = self.file.schema.column(at)
        field = self.schema.field(at).with_nullable(written.max_definition_level > 0)
        worded = pa.types.is_dictionary(field.type) and field.type.value_type == pa.string()
        kind, width, wide = ("BYTE_ARRAY", WORDS, 0) if worded else FORMS.get(field.type, ("", 0, 0))
        if (
            written.physical_type != kind
            or written.max_repetition_level
            or written.max_definition_level > 1
            or not parts
        ):
            raise Unknown
        chunks = [self._chunk(group, at, rows) for group, rows in parts]
        if not worded:
            tables = [numbers_of(chunk, width) for chunk in chunks]
            return _read(chunks, tables, field, (width, wide))
        words: dict[str, int] = {}
        tables = [np.array([words.setdefault(w, len(words)) for w in words_of(chunk)], np.int64) for chunk in chunks]
        if len(words) > WORDS_MOST:
            raise Unknown
        form = pa.int8() if len(words) < 128 else pa.int16()
        numbers = _read(chunks, tables, field.with_type(form), (width, form.bit_width // 8))
        return pa.DictionaryArray.from_arrays(numbers, pa.array(list(words), pa.string()), safe=False)

    def _chunk(self, group: int, at: int, rows: int) -> Chunk:
        """The pages of a column that hold the first rows of a row group."""
        meta = self.file.metadata.row_group(group).column(at)
        if meta.compression != "UNCOMPRESSED" and meta.compression not in PACKERS:
            raise Unknown
        codec = None if meta.compression == "UNCOMPRESSED" else pa.Codec(PACKERS[meta.compression])
        begin = min(meta.data_page_offset, meta.dictionary_page_offset or meta.data_page_offset)
        few = rows < self.rows_of(group) and meta.total_compressed_size > BEGINNING
        for size in [BEGINNING, meta.total_compressed_size] if few else [meta.total_compressed_size]:
            self._source.seek(begin)
            found = _pages(self._source.read_buffer(size), codec, rows)
            if found.held >= rows:
                return found
        raise Unknown


def _pages(memory: pa.Buffer, codec: pa.Codec | None, rows: int) -> Chunk:
    """As many pages as are needed for so many rows, if they are there. Raises Unknown where one is not of a kind that is known here."""
    first, firsts, held = None, 0, 0
    pages: list[int] = []
    bodies: list[pa.Buffer] = []
    for kind, unpacked, packed, count, written, start in headers_of(memory):
        if held >= rows:
            break
        body = memory.slice(start, packed)
        if codec is not None:
            body = _unpacked(codec, body, unpacked)
        if kind == c.WORDS and first is None and not pages and written in (c.PLAIN, c.PLAIN_WORDS):
            first, firsts = body, count
        elif kind == c.DATA and count >= 0:
            pages += [body.address, body.size, count, written]
            bodies.append(body)
            held += count
        else:
            raise Unknown
    return Chunk(rows, held, np.array(pages, np.int64), tuple(bodies), first, firsts)


def headers_of(memory: pa.Buffer) -> Iterator[list[int]]:
    """What the headers of the pages say that stand here whole."""
    room, fields = 8, np.zeros(c.DEPTHS, np.int64)
    while True:
        pages = np.empty(room * c.HEADER, np.int64)
        count = c.headers(memory.address, memory.size, fields, pages)
        if count < room:
            return iter(pages.reshape(-1, c.HEADER)[:count].tolist())
        room *= 8


def _unpacked(codec: pa.Codec, body: pa.Buffer, size: int) -> pa.Buffer:
    try:
        return codec.decompress(body, size)
    except (OSError, ValueError):
        raise Unknown from None


def numbers_of(chunk: Chunk, width: int) -> Ints:
    """The numbers that stand before the pages of a column."""
    if chunk.first is None:
        return NOTHING
    if width == BITS or chunk.first.size < chunk.firsts * width:
        raise Unknown
    return np.frombuffer(chunk.first, f"<i{width}", chunk.firsts).astype(np.int64)


def words_of(chunk: Chunk) -> Iterator[str]:
    """The words that stand before the pages of a column, each after its length."""
    memory, at = bytes(chunk.first or b""), 0
    for _ in range(chunk.firsts):
        end = at + 4 + int.from_bytes(memory[at : at + 4], "little")
        if end > len(memory) or at + 4 > len(memory):
            raise Unknown
        try:
            yield memory[at + 4 : end].decode("utf-8")
        except UnicodeDecodeError:
            raise Unknown from None
        at = end


def _read(chunks: list[Chunk], tables: list[Ints], field: pa.Field, widths: tuple[int, int]) -> pa.Array:
    """One array of all chunks: `widths` of a number as it is written, and as it will stand in memory."""
    width, wide = widths
    n = sum(chunk.rows for chunk in chunks)
    bits = np.zeros(-(-n // 8), np.uint8)
    out = np.zeros(n * wide if wide else -(-n // 8), np.uint8)
    most = max((int(chunk.pages[c.ROWS :: c.PAGE].max(initial=0)) for chunk in chunks), default=0)
    numbers = np.empty(min(most, n), np.int64)
    at, said = 0, 0
    for chunk, table in zip(chunks, tables, strict=True):
        last = at + chunk.rows
        found = c.read_pages(
            chunk.pages, field.nullable, width, table, numbers, at, last, bits.ctypes.data, out.ctypes.data, wide
        )
        if found == BROKEN:
            raise Unknown
        at, said = last, said + found
    buffers = [pa.py_buffer(bits) if said < n else None, pa.py_buffer(out)]
    return pa.Array.from_buffers(field.type, n, buffers, n - said)
