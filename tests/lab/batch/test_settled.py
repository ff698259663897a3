"""Trails are kept by column, and read as they were written, however many come."""

import numpy as np

from duoceng.engine.batch import compiled as c
from duoceng.lab.batch.settled import Trails


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
