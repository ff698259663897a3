"""A column of a table, read in one pass, says what Arrow says it says: any width, any nulls, any slice."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.lab.batch.reading import NONE, Said, said_by

TYPES = {"int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(), "bool": pa.bool_(), "uint8": pa.uint8(),
         "date32": pa.date32(), "words": pa.dictionary(pa.int8(), pa.string())}  # fmt: skip
VALUES = {"bool": st.booleans(), "date32": st.dates(date(1990, 1, 1), date(2060, 1, 1)), "words": st.sampled_from("abcdefg"),
          "uint8": st.integers(0, 255)}  # fmt: skip
WORDS = np.array([70, 60, 50, 40, 30, 20, 10], np.int64)
ADD = 719_163


def expected(values: list[Any], kind: str, column: pa.Array) -> list[int]:
    if kind == "words":
        order = column.dictionary.to_pylist()
        return [NONE if v is None else int(WORDS[order.index(v)]) for v in values]
    return [NONE if v is None else v.toordinal() if kind == "date32" else int(v) for v in values]


@pytest.mark.parametrize("kind", TYPES)
@settings(deadline=None)
@given(data=st.data())
def test_every_width_and_slice(kind: str, data: st.DataObject) -> None:
    value = VALUES.get(kind, st.integers(-100, 100))
    filled = data.draw(st.floats(0, 1))
    length = data.draw(st.integers(0, 300))
    chance = np.random.default_rng(data.draw(st.integers(0, 99)))
    pool = data.draw(st.lists(value, min_size=1, max_size=8))
    values = [pool[int(chance.integers(len(pool)))] if chance.random() < filled else None for _ in range(length)]
    whole = pa.array(values, TYPES[kind])
    first = data.draw(st.integers(0, length))
    count = data.draw(st.integers(0, length - first))
    column, values = whole.slice(first, count), values[first : first + count]

    said = said_by(column, WORDS if kind == "words" else np.zeros(0, np.int64), ADD if kind == "date32" else 0)

    wanted = expected(values, kind, whole)
    assert said.all().tolist() == wanted
    assert [said.of(row) for row in range(count)] == wanted
    assert said.at(np.arange(count)).tolist() == wanted
    assert said.missing == wanted.count(NONE)
    rows, numbers = said.given()
    assert np.arange(count)[rows].tolist() == [row for row, number in enumerate(wanted) if number != NONE]
    there = [number for number in wanted if number != NONE]
    assert numbers.tolist() == there
    if there:
        assert (said.low, said.high) == (min(there), max(there))
    assert said.where(lambda found: found > 20).tolist() == [row for row, number in enumerate(wanted) if number > 20]


def test_a_column_that_says_little_is_kept_by_its_rows() -> None:
    values = [None] * 200
    assert said_by(pa.array([*values, 7, *values], pa.int16())).rows is not None
    assert said_by(pa.array([1, 2, None, 4], pa.int16())).rows is None
    assert Said(3, np.zeros(0, np.int64), np.zeros(0, np.int64)).at(slice(None)).tolist() == [NONE] * 3
