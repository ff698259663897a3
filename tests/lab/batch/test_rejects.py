"""Rejects: the first reason stays, rows of one reason share it, and each bill is told its own numbers."""

import numpy as np
import pyarrow as pa
import pytest

from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.output import rejects_table
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.reading import Ints
from duoceng.lab.batch.reasons import alike, note_refused, told
from duoceng.lab.batch.rejects import Reject, Rejects
from duoceng.policy.library import Library, find_policies

LONG = "discharge {discharge}, admission {admission}, age {answer age}, level {answer level}, order {answer stay_order}"


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch(Library(find_policies()))


def rows(*numbers: int) -> Ints:
    return np.array(numbers, np.int64)


def test_the_first_reason_stays() -> None:
    found = Rejects(6, 100)
    found.note(rows(1, 4), "level", "B009", "no such level")
    before = found.copy()
    found.note(rows(0, 4, 5), "amounts", "B015", "no amounts")

    assert dict(found) == {
        0: Reject(100, "amounts", "B015", "no amounts"),
        1: Reject(101, "level", "B009", "no such level"),
        4: Reject(104, "level", "B009", "no such level"),
        5: Reject(105, "amounts", "B015", "no amounts"),
    }
    assert [*before] == [1, 4], "a copy is not changed with it"
    assert len(found) == 4
    assert found.get(2) is None


def test_nothing_is_rejected() -> None:
    found = Rejects(3, 0)
    found.note(rows(), "level", "B009", "no such level")

    assert not found
    assert dict(found) == {}
    assert len(found) == 0
    assert found.which(found.rows).tolist() == []


def test_rows_alike_are_of_one_kind() -> None:
    one, other = np.array([3, 1, 3, 3, 1]), np.array([0, 0, 1, 0, 0])

    first, kind = alike([one, other], 5)

    assert kind.tolist() == [kind[0], kind[1], kind[2], kind[0], kind[1]]
    assert len(set(kind.tolist())) == 3
    assert [first[of] for of in kind[:3]] == [0, 1, 2]
    assert [found.tolist() for found in alike([], 2)] == [[0], [0, 0]]
    assert [found.tolist() for found in alike([one[:0]], 0)] == [[], []]


def test_each_bill_is_told_its_own_numbers(batch: Batch) -> None:
    """Many bills of one reason, some of them without an admission, an age or a level: as if each were told alone."""
    n, draw = 3000, np.random.default_rng(5)
    days = 19800 + draw.integers(0, 40, n)
    table = pa.table({
        "member": pa.array(np.arange(n)),
        "region": pa.array(["beijing"] * n),
        "discharged": pa.array(days.astype(np.int32)).cast(pa.date32()),
        "admitted": pa.array([d - 3 if d % 2 else None for d in days.tolist()], pa.int32()).cast(pa.date32()),
        "age": pa.array([int(a) if a else None for a in draw.integers(0, 9, n)], pa.int64()),
        "level": pa.array([(None, "primary", "tertiary")[at] for at in draw.integers(0, 3, n)]),
        "in_scope": pa.array(np.ones(n, np.int64)),
    })  # fmt: skip
    bills, some = Columns(table, batch.dictionary, 50), rows(*range(0, n, 3))
    found = Rejects(n, 50)

    note_refused(found, bills, some, ("age", "P023", LONG))

    assert [*found] == some.tolist()
    assert [found[row].reason for row in found] == [told(LONG, bills, row) for row in some.tolist()]
    assert any("age …" in reject.reason for reject in found.values())
    written = rejects_table(bills, found)
    assert written["row"].to_pylist() == [50 + row for row in some.tolist()]
    assert written["reason"].to_pylist() == [reject.reason for reject in found.values()]
