"""Files put end to end: what any reader finds in them is what stood in the parts, in their order."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.lab.batch.end_to_end import (
    BINARY,
    BYTE,
    DOUBLE,
    FALSE,
    LIST,
    LONG,
    STRUCT,
    TRUE,
    Unlike,
    _Reader,
    _struct,
    put_end_to_end,
)
from duoceng.lab.batch.written import how_written


def bills(first: int, count: int, words: tuple[str, ...]) -> pa.Table:
    """A table as the batch writes them: words by dictionary, numbers, nothing, days."""
    draw = np.random.default_rng(first)
    numbers = pa.array(draw.integers(0, len(words), count).astype(np.int32))
    return pa.table({
        "member": pa.array(np.arange(first, first + count)),
        "bill": pa.array([f"单{n}" if n % 3 else None for n in range(count)], pa.string()),
        "policy": pa.DictionaryArray.from_arrays(numbers, pa.array(words, pa.string())),
        "paid": pa.array(draw.integers(0, 10**10, count)),
        "nothing": pa.array(np.zeros(count, np.int64)),
        "day": pa.array(draw.integers(19000, 20000, count).astype(np.int32)).cast(pa.date32()),
        "yes": pa.array(draw.integers(0, 2, count) == 1),
        "share": pa.array(draw.random(count)),
    })  # fmt: skip


def parts_of(tables: list[pa.Table], folder: Path, **how: Any) -> list[Path]:
    """Each table as a file."""
    paths = [folder / f"{at}.parquet" for at in range(len(tables))]
    for path, table in zip(paths, tables, strict=True):
        pq.write_table(table, path, **(how or how_written(table)))
    return paths


WAYS: dict[str, dict[str, Any]] = {
    "as the batch writes": {},
    "small row groups": {"row_group_size": 70},
    "an index of pages": {"write_page_index": True, "data_page_size": 512},
    "pages of the second form, packed by zstd": {"data_page_version": "2.0", "compression": "zstd"},
    "not packed, no words": {"compression": "none", "use_dictionary": False},
}


@pytest.mark.parametrize("how", WAYS.values(), ids=WAYS.keys())
def test_every_reader_finds_all_rows_in_their_order(tmp_path: Path, how: dict[str, Any]) -> None:
    tables = [bills(0, 300, ("a", "乙")), bills(300, 1, ("乙",)), bills(301, 500, ("丙", "a", "d"))]
    out = tmp_path / "out.parquet"

    put_end_to_end(parts_of(tables, tmp_path, **how), out)

    whole = pa.concat_tables(tables).to_pylist()
    found = pq.read_table(out)
    assert found.schema.names == tables[0].schema.names
    assert found.to_pylist() == whole
    assert duckdb.sql(f"SELECT * FROM '{out}'").to_arrow_table().to_pylist() == whole
    file = pq.ParquetFile(out)
    assert file.metadata.num_rows == 801
    assert [
        row for group in range(file.num_row_groups) for row in file.read_row_group(group)["member"].to_pylist()
    ] == [*range(801)]
    last = pq.read_table(out, filters=[("member", ">=", 790)])
    assert last["member"].to_pylist() == [*range(790, 801)], "statistics of row groups are theirs"


def test_parts_without_rows(tmp_path: Path) -> None:
    tables = [bills(0, 0, ("a",)), bills(0, 5, ("a",)), bills(5, 0, ("a",))]

    put_end_to_end(parts_of(tables, tmp_path), tmp_path / "out.parquet")

    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == tables[1].to_pylist()


def test_many_parts(tmp_path: Path) -> None:
    """Lists and numbers that take more than a byte."""
    tables = [bills(at * 3, 3, ("a", "b")) for at in range(150)]

    put_end_to_end(parts_of(tables, tmp_path), tmp_path / "out.parquet")

    assert pq.read_table(tmp_path / "out.parquet")["member"].to_pylist() == [*range(450)]


@pytest.mark.parametrize("wrong", ["another schema", "no Parquet", "cut off", "empty"])
def test_what_cannot_be_put_together_is_left(tmp_path: Path, wrong: str) -> None:
    one, other = parts_of([bills(0, 20, ("a",)), bills(20, 20, ("a",))], tmp_path)
    whole = other.read_bytes()
    if wrong == "another schema":
        pq.write_table(bills(20, 20, ("a",)).drop_columns(["paid"]), other)
    else:
        other.write_bytes({"no Parquet": b"member,bill\n" * 9, "cut off": whole[:-9], "empty": b""}[wrong])

    with pytest.raises(Unlike):
        put_end_to_end([one, other], tmp_path / "out.parquet")

    assert not (tmp_path / "out.parquet").exists()
    assert {path.name for path in tmp_path.iterdir()} == {one.name, other.name}


NUMBERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.recursive(
    st.one_of(
        st.tuples(st.just(LONG), NUMBERS),
        st.tuples(st.just(BINARY), st.binary(max_size=200)),
        st.tuples(st.just(DOUBLE), st.binary(min_size=8, max_size=8)),
        st.tuples(st.just(BYTE), st.integers(0, 255)),
        st.sampled_from([(TRUE, True), (FALSE, False)]),
        st.lists(NUMBERS, max_size=40).map(lambda numbers: (LIST, (LONG, numbers))),
    ),
    lambda inner: st.one_of(
        st.dictionaries(st.integers(1, 300), inner, max_size=6).map(lambda fields: (STRUCT, fields)),
        st.lists(st.dictionaries(st.integers(1, 40), inner, max_size=3), max_size=20).map(
            lambda many: (LIST, (STRUCT, many))
        ),
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.integers(1, 400), VALUES, max_size=8))
@settings(deadline=None)
def test_what_is_written_is_read_again(said: dict[int, tuple[int, Any]]) -> None:
    read = _Reader(_struct(said))

    assert read.struct() == said
    assert read.at == len(read.memory)
