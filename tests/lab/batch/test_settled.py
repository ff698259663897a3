"""Trails are kept by column, and read as they were written, however many come."""

from mmap import PAGESIZE
from pathlib import Path

import numpy as np
import pytest

from duoceng.engine.batch import compiled as c
from duoceng.lab.batch.settled import Trails, address_space


def test_trails_come_back_as_they_were_written() -> None:
    chance = np.random.default_rng(5)
    trails, written = Trails(100), []
    for steps in (1, 64, 99, 700, 3):
        cells = chance.integers(-1, 3, (steps, c.TRAIL)) * (chance.random(c.TRAIL) < 0.5)
        trails.add(
            np.ascontiguousarray(np.vstack([cells, cells]), np.int64).ravel(), steps
        )  # what stands behind is not theirs
        written.append(cells)
    assert (trails.found() == np.vstack(written)).all()


def test_no_trail_is_no_row() -> None:
    assert Trails(0).found().shape == (0, c.TRAIL)


def test_room_for_trails_takes_no_memory_before_it_is_written() -> None:
    here = Path("/proc/self/statm")
    if not here.exists():
        pytest.skip("only Linux says how much memory a process holds")
    pages = int(here.read_text().split()[1])

    room = address_space(1 << 27)
    room[:: 1 << 25] = 1

    assert int(room.sum()) == 4
    assert (int(here.read_text().split()[1]) - pages) * PAGESIZE < len(room) * 8 // 16, "nor where it is read"
    assert len(address_space(0)) == 0
