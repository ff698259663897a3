"""The plans of earlier bills, by what they looked at: a kind of bill that is new is often paid as one that was worked out before."""

import numpy as np

from duoceng.engine.batch import compiled as c
from duoceng.engine.batch import recall as loop
from duoceng.engine.batch.tables import Numbers
from duoceng.lab.batch.groups import Group
from duoceng.lab.batch.reading import Ints

SLOTS = 1 << 12


class Memory:
    """Plans under the cells of what they looked at, by place and products. Groups are told in the order of their numbers."""

    def __init__(self) -> None:
        self._heads, self._sets, self._positions, self._kept = Numbers(), Numbers(), Numbers(), Numbers()
        self._kin_of, self._used_at, self._used = Numbers(), Numbers(), Numbers()
        self._entry_at, self._entries = Numbers(), Numbers()
        self._entry_at.add(0)
        self._slots: Ints = np.full(SLOTS, -1, np.int64)
        self._kins: dict[tuple[int, ...], int] = {}
        self._set_of: dict[tuple[int, frozenset[int]], int] = {}
        self._count = 0
        self.widest = 1  # most cells of a bill

    def add_group(self, group: Group) -> None:
        """The next group, and by which of its entries its bills are told apart."""
        kin = self._kins.setdefault(group.key[:3], len(self._kins))
        if kin == self._heads.length:
            self._heads.add(-1)
            self._entries.extend(group.table)
            self._entry_at.add(self._entries.length // c.ENTRY_WIDTH)
            self.widest = max(self.widest, len(group.entries) + len(group.dims) + 1)
        self._kin_of.add(kin)
        self._used_at.add(self._used.length)
        self._used.extend([int(at in group.used) for at in range(len(group.entries))])

    @property
    def recall(self) -> loop.Recall:
        """What is kept, as the loops take it."""
        return loop.Recall(self._heads.array, self._sets.array, self._positions.array, self._kept.array, self._slots,
                           self._kin_of.array, self._used_at.array, self._used.array, self._entry_at.array, self._entries.array)  # fmt: skip

    def find(self, group: Group, cells: Ints) -> int | None:
        """The plan of an earlier bill that agrees in every answer its plan looked at."""
        found = int(loop.recalled(self.recall, group.number, cells))
        return None if found == c.UNPLANNED else found

    def keep(self, group: Group, cells: Ints, looked: frozenset[int], plan: int) -> None:
        """Keep a plan for all bills that agree in what it looked at: positions among the cells."""
        kin = self._kins[group.key[:3]]
        if (kin, looked) not in self._set_of:
            self._set_of[kin, looked] = self._sets.length // loop.SET_WIDTH
            first = self._positions.extend(sorted(looked))
            self._sets.add(int(self._heads.array[kin]), first, len(looked))
            self._heads[kin] = self._set_of[kin, looked]
        self._count += 1
        if self._count * 2 > len(self._slots):
            self._slots = np.full(len(self._slots) * 2, -1, np.int64)
            loop.find_slots(self.recall, self._kept.length)
        end = self._kept.length
        self._kept.extend(np.zeros(loop.KEPT_CELLS + len(looked), np.int64))
        end = int(loop.keep(self.recall, self._set_of[kin, looked], cells, plan, end))
        self._kept.length = end
