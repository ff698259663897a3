"""What comes of a batch."""

import mmap
from dataclasses import dataclass

import numpy as np

from duoceng.engine.batch import compiled as c
from duoceng.engine.batch import loop
from duoceng.lab.batch.reading import Ints
from duoceng.lab.batch.rejects import Rejects


def address_space(count: int) -> Ints:
    """Zeros that take no memory before they are written, also in a process that keeps what it frees (`base.memory`)."""
    if not count:
        return np.zeros(0, np.int64)
    space = mmap.mmap(-1, count * 8, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        space.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(space, np.int64)


class Trails:
    """The trails of all steps so far, by column: most cells are nothing, and whole columns of them take no memory."""

    def __init__(self, room: int):
        self.room, self.steps = room, 0
        self.columns = address_space(c.TRAIL * room)

    def add(self, trail: Ints, steps: int) -> None:
        """The first steps of a buffer."""
        if self.steps + steps > self.room:
            wider = Trails((self.steps + steps) * 3 // 2)
            for old, new in zip(self.columns.reshape(c.TRAIL, -1), wider.columns.reshape(c.TRAIL, -1), strict=True):
                if old.any():
                    new[: self.room] = old
            self.room, self.columns = wider.room, wider.columns
        loop.turn_trail(trail, steps, self.columns, self.room, self.steps)
        self.steps += steps

    def found(self) -> Ints:
        """A row for each step."""
        return self.columns.reshape(c.TRAIL, -1)[:, : self.steps].T


@dataclass
class Settled:
    """What came of the bills of one table, by row; `plan` is negative where a bill was refused."""

    plan: Ints
    billed: Ints
    member_pays: Ints
    cash: Ints
    tiers: Ints
    kinds: Ints
    layers: Ints
    trail: Ints
    trail_of: Ints
    sums: Ints
    rejects: Rejects
