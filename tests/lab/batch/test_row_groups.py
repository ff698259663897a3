"""Rows of a Parquet file are those pyarrow reads, however the file was written; a broken file never leads behind its own memory."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.engine.batch import pages
from duoceng.lab.batch.row_groups import RowGroups, Unknown

WORDS = ("", "tertiary", "职工", "a+b", *(f"e{n}" for n in range(300)))
KINDS = {"int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(), "day": pa.date32(), "yes": pa.bool_(),
         "words": pa.dictionary(pa.int16(), pa.string())}  # fmt: skip
WHOLE = ("int8", "int16", "int32", "int64", "day")
WRITTEN: dict[str, dict[str, Any]] = {
    "as pyarrow would": {},
    "packed": {"compression": "zstd"},
    "not packed": {"compression": "none", "use_dictionary": ["words"]},
    "small pages": {"compression": "lz4", "data_page_size": 60, "write_batch_size": 10},
    "rows of a page": {"compression": "gzip", "max_rows_per_page": 33},
    "by differences": {"use_dictionary": ["words"], "column_encoding": dict.fromkeys(WHOLE, "DELTA_BINARY_PACKED")},
    "byte by byte": {
        "use_dictionary": ["words"],
        "column_encoding": dict.fromkeys(WHOLE, "BYTE_STREAM_SPLIT"),
        "max_rows_per_page": 50,
    },
}


def values_of(kind: str, rows: int, filled: float, seed: int) -> list[Any]:
    """Some values of a kind, in runs and alone, and rows of nothing."""
    chance = np.random.default_rng(seed)
    if kind == "words":
        pool: list[Any] = [WORDS[at] for at in chance.integers(len(WORDS), size=chance.integers(1, 300))]
    elif kind == "day":
        pool = [date.fromordinal(int(n)) for n in chance.integers(700_000, 740_000, 9)]
    elif kind == "yes":
        pool = [True, False]
    else:
        bits = min(int(kind[3:]), 62) - 1 if seed % 3 else int(chance.integers(1, 8))
        pool = chance.integers(-(2**bits), 2**bits, chance.integers(1, 200)).tolist()
    picked = np.repeat(chance.integers(len(pool), size=rows + 1), chance.choice([1, 1, 30], rows + 1))[:rows]
    said = chance.random(rows) < filled
    return [pool[at] if here else None for at, here in zip(picked, said, strict=True)]


def same(found: pa.Table, wanted: pa.Table) -> bool:
    assert found.column_names == wanted.column_names
    found.validate(full=True)
    return all(found[name].to_pylist() == wanted[name].to_pylist() for name in wanted.column_names)


@pytest.mark.parametrize("written", WRITTEN)
@settings(deadline=None, max_examples=30)
@given(rows=st.integers(0, 400), filled=st.sampled_from([0, 0.02, 0.5, 1]), group=st.integers(30, 300), seed=st.integers(0, 999),
       required=st.booleans())  # fmt: skip
def test_what_pyarrow_reads(
    tmp_path_factory: pytest.TempPathFactory,
    written: str,
    rows: int,
    filled: float,
    group: int,
    seed: int,
    required: bool,
) -> None:
    columns = {name: pa.array(values_of(name, rows, filled, seed), form) for name, form in KINDS.items()}
    sure = required and filled == 1
    schema = pa.schema([pa.field(name, form, nullable=not sure) for name, form in KINDS.items()])
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(pa.table(columns, schema), path, row_group_size=group, **WRITTEN[written])
    source, file = RowGroups(str(path)), pq.ParquetFile(path)
    groups = file.num_row_groups
    chance = np.random.default_rng(seed)
    first = int(chance.integers(0, groups)) if groups else 0
    last = int(chance.integers(first, groups)) + 1 if groups else 0
    more = int(chance.integers(0, 500))

    found = source.table(first, last, more)

    begin, end = (sum(source.rows_of(g) for g in range(upto)) for upto in (first, last))
    assert same(found, file.read().slice(begin, end - begin + more))
    assert all(found[name].num_chunks <= 1 for name in found.column_names)


def written_as(path: Path, column: pa.Array, name: str = "one", **how: Any) -> RowGroups:
    pq.write_table(pa.table({name: column}), path, **how)
    return RowGroups(str(path))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["as pyarrow would", "packed", "small pages", "by differences", "byte by byte"])
def test_the_common_ways_are_read_here(tmp_path: Path, kind: str, how: str) -> None:
    """Not by pyarrow: that would be right as well, and slow."""
    column = pa.array(values_of(kind, 1000, 0.1, 6), KINDS[kind])
    source = written_as(tmp_path / "one.parquet", column, kind, **WRITTEN[how])

    assert source._column(0, [(0, 1000)]).to_pylist() == column.to_pylist()


def test_other_ways_are_left_to_pyarrow(tmp_path: Path) -> None:
    numbers = pa.array([*range(500), None])
    cases = {
        "far differences": (
            pa.array([-(2**62), 2**62, None]),
            {"use_dictionary": False, "column_encoding": {"one": "DELTA_BINARY_PACKED"}},
        ),
        "pages of the second form": (numbers, {"data_page_version": "2.0"}),
        "plain words": (pa.array(["a", "b", None]), {}),
        "words without number": (pa.array([f"{n:07}" for n in range(40_000)]).dictionary_encode(), {}),
        "lists": (pa.array([[1], None, []]), {}),
        "floats": (pa.array([1.5, None]), {}),
        "unsigned": (pa.array([2**32 - 1], pa.uint32()), {}),
    }
    for case, (column, how) in cases.items():
        source = written_as(tmp_path / "one.parquet", column, **how)

        with pytest.raises(Unknown):
            source._column(0, [(0, len(column))])
        assert source.table(0, 1)["one"].to_pylist() == column.to_pylist(), case


def test_words_go_on_from_row_group_to_row_group(tmp_path: Path) -> None:
    path = tmp_path / "two.parquet"
    form = pa.dictionary(pa.int8(), pa.string())
    with pq.ParquetWriter(path, pa.schema([("one", form)])) as writer:
        for words in (["a", "b", "a"], ["c", "b", None]):
            writer.write_table(pa.table({"one": pa.array(words).dictionary_encode().cast(form)}))

    found = RowGroups(str(path)).table(0, 2)["one"].combine_chunks()

    assert found.to_pylist() == ["a", "b", "a", "c", "b", None]
    assert found.dictionary.to_pylist() == ["a", "b", "c"]


def test_another_writer(tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "duck.parquet"
    duckdb.sql(f"COPY (SELECT range::INT AS n, CASE WHEN range % 50 = 0 THEN range::SMALLINT END AS few, range % 2 = 0 AS even, "
               f"'w' || range % 9 AS word FROM range(20000)) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 5000)")  # fmt: skip
    source = RowGroups(str(path))

    assert source.table(1, 3, 7).to_pydict() == pq.read_table(path).slice(5000 if source.rows_of(0) == 5000 else source.rows_of(0),
        source.rows_of(1) + source.rows_of(2) + 7).to_pydict()  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(kind=st.sampled_from(sorted(KINDS)), seed=st.integers(0, 10**6), filled=st.sampled_from([0.02, 0.5, 1]),
       encoding=st.sampled_from(["", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]))  # fmt: skip
def test_broken_files_end_in_an_answer(
    tmp_path_factory: pytest.TempPathFactory, kind: str, seed: int, filled: float, encoding: str
) -> None:
    """Any bytes of a column may be wrong: it is read as something, or left to pyarrow; nothing beyond its memory is written."""
    path = tmp_path_factory.mktemp("broken") / "one.parquet"
    column = pa.array(values_of(kind, 300, filled, seed), KINDS[kind])
    how = {"column_encoding": {"one": encoding}, "use_dictionary": False} if encoding and kind in WHOLE else {}
    source = written_as(path, column, compression="none", max_rows_per_page=70, **how)
    meta = source.file.metadata.row_group(0).column(0)
    content, chance = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for at in chance.integers(4, 4 + meta.total_compressed_size, int(chance.integers(1, 6))):
        content[at] = int(chance.integers(256))
    path.write_bytes(bytes(content))

    try:
        found = source._column(0, [(0, 300)])
    except Unknown:
        return
    assert len(found) == 300


def test_headers_need_all_of_their_bytes() -> None:
    fields, room = np.zeros(pages.DEPTHS, np.int64), np.empty(4 * pages.HEADER, np.int64)
    whole = bytes([0x15, 0, 0x15, 20, 0x15, 20, 0x2C, 0x15, 10, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0]) + bytes(10)
    assert pages.headers(pa.py_buffer(whole).address, len(whole), fields, room) == 1
    assert room[: pages.HEADER].tolist() == [0, 10, 10, 5, 0, 17]
    for size in range(1, len(whole)):
        assert pages.headers(pa.py_buffer(whole).address, size, fields, room) == 0
