"""Plans of earlier bills: found by the cells they looked at, and by nothing less, as plain dictionaries would."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.engine.batch.compiled import ENTRY_WIDTH
from duoceng.lab.batch.groups import Group
from duoceng.lab.batch.memory import SLOTS, Memory

ENTRIES, DIMS = 4, 1
CELLS = ENTRIES + DIMS + 1
ASKED = st.lists(
    st.tuples(
        st.integers(0, 3),  # the group: two of one place, two of another
        st.lists(st.integers(0, 2), min_size=CELLS, max_size=CELLS),
        st.frozensets(st.integers(0, CELLS - 1)),
        st.integers(-12, 40).filter(lambda plan: plan != -1),
    ),
    max_size=60,
)


def group(number: int, used: set[int]) -> Group:
    """A group of one of two places, coded by some of its entries."""
    table = np.zeros(ENTRIES * ENTRY_WIDTH, np.int64)
    found: Any = SimpleNamespace(key=(number // 2, 0, 0), number=number, used=frozenset(used), entries=[None] * ENTRIES,
                                 dims=[None] * DIMS, table=table)  # fmt: skip
    return cast("Group", found)


GROUPS = [group(0, {0, 1}), group(1, {0, 1, 2, 3}), group(2, set()), group(3, {2, 3})]


def new_memory() -> Memory:
    """A memory that has been told of the groups."""
    found = Memory()
    for one in GROUPS:
        found.add_group(one)
    return found


@given(ASKED)
@settings(max_examples=200, deadline=None)
def test_found_as_in_dictionaries(asked: list[tuple[int, list[int], frozenset[int], int]]) -> None:
    memory, plain = new_memory(), dict[tuple[int, frozenset[int], tuple[int, ...]], int]()

    for number, given_cells, looked, plan in asked:
        one, cells = GROUPS[number], np.array(given_cells, np.int64)
        entries = {at for at in looked if at < ENTRIES}
        fitting = {
            kept
            for (place, positions, had), kept in plain.items()
            if place == one.key[0]
            and {at for at in positions if at < ENTRIES} <= one.used
            and had == tuple(given_cells[at] for at in sorted(positions))
        }
        found = memory.find(one, cells)
        assert found in fitting if fitting else found is None
        if not entries <= one.used:
            continue  # such a plan makes its group be coded by more, under another number
        memory.keep(one, cells, looked, plan)
        plain[one.key[0], looked, tuple(given_cells[at] for at in sorted(looked))] = plan
        assert memory.find(one, cells) is not None


def test_many_are_kept() -> None:
    """More than the table had room for, all of them found again."""
    memory, one, looked = new_memory(), GROUPS[1], frozenset(range(CELLS))

    kinds = [np.array([n, n % 7, n % 11, -n, n * n, 0], np.int64) for n in range(SLOTS * 2)]
    for plan, cells in enumerate(kinds):
        memory.keep(one, cells, looked, plan)

    assert [memory.find(one, cells) for cells in kinds] == list(range(len(kinds)))
    assert memory.find(one, np.array([5, 5, 5, -5, 25, 1], np.int64)) is None
