"""The bound of memory of a run over a file: what is stated is what is kept."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from duoceng.base.mistakes import Refused
from duoceng.cli.batch import Asked, run
from duoceng.lab.batch.files import (
    BASE,
    KINDS_IN_BASE,
    PER_ANSWER,
    PER_KIND,
    PER_ROW,
    Work,
    needs_of,
    plan_work,
    plans_of,
)
from duoceng.lab.batch.job import KINDS_MOST, Job, Wants

BILLS = 3000


@pytest.fixture
def bills(tmp_path: Path) -> Path:
    """Bills in twelve row groups."""
    path = tmp_path / "bills.parquet"
    days = pa.array(np.full(BILLS, 20000, np.int32)).cast(pa.date32())
    table = pa.table(
        {"member": np.arange(BILLS), "region": ["beijing"] * BILLS, "discharged": days, "in_scope": np.arange(BILLS)}
    )
    pq.write_table(table, path, row_group_size=250)
    return path


def test_the_bound_of_memory_is_kept(bills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer processes, and smaller tasks, where there is less memory; one process in any case, whose need is told."""
    monkeypatch.setattr("duoceng.lab.batch.files.ROWS_OF_A_TASK", 1000)
    job = Job(str(bills), str(tmp_path / "parts"), "", (), (), False, Wants())
    needs = needs_of(pq.read_metadata(bills), job)

    def planned(memory: int) -> Work:
        shutil.rmtree(job.folder, ignore_errors=True)
        return plan_work(job, 4, memory, False)

    much, less, little = planned(64 << 30), planned(2 * BASE + 3 * max(needs)), planned(BASE + max(needs))

    assert (much.jobs, len(much.tasks)) == (3, 3)
    assert less.jobs == 2
    assert less.memory <= 2 * BASE + 3 * max(needs)
    assert (little.jobs, len(little.tasks)) == (1, 12), "each row group by itself"
    assert little.memory <= BASE + max(needs)
    assert planned(BASE).memory == BASE + max(needs), "more than the bound, and told so"
    for work in (much, less, little):
        assert [task.first for task in work.tasks[1:]] == [task.last for task in work.tasks[:-1]]
        assert (work.tasks[0].first, work.tasks[-1].last, work.bills) == (0, 12, BILLS)


def test_too_small_a_bound_of_memory_is_refused(bills: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="B048"):
        run(
            Asked(
                str(bills),
                str(tmp_path / "out.parquet"),
                True,
                False,
                "",
                "",
                False,
                1,
                "100MB",
                False,
                "",
                "",
                (),
                True,
                False,
            )
        )

    assert [*tmp_path.iterdir()] == [bills]


def test_columns_that_say_little_need_little(tmp_path: Path) -> None:
    n = 10_000
    job = Job("", "", "", (), (), False, Wants())
    full = pa.table({f"c{at}": np.arange(n) * 977 % 7919 for at in range(20)})
    few = pa.table({f"c{at}": pa.array([1, *[None] * (n - 1)], pa.int64()) for at in range(20)})
    pq.write_table(full, tmp_path / "full.parquet")
    pq.write_table(few, tmp_path / "few.parquet")

    needs = {name: needs_of(pq.read_metadata(tmp_path / f"{name}.parquet"), job) for name in ("full", "few")}

    assert needs["full"] == [n * PER_ROW + 20 * n * PER_ANSWER]
    assert n * PER_ROW < needs["few"][0] < n * PER_ROW * 1.1


def test_plans_of_a_nation_are_reckoned_with() -> None:
    """What a process knows of kinds of bills grows with them, ever more slowly, and not beyond what it may know."""
    sizes = [plans_of(millions * 1e6) for millions in (0.1, 1, 10, 100, 1000, 100_000)]

    assert sizes[:2] == [0, 0], "in what every process needs"
    assert sizes == sorted(sizes)
    assert sizes[-1] == sizes[-2] == (KINDS_MOST - KINDS_IN_BASE) * PER_KIND
