"""The time that is stated before a run: it grows with what makes a run long, and goes by the parts that are done."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from duoceng.lab.batch import estimate
from duoceng.lab.batch.estimate import places_in, seconds_of
from duoceng.lab.batch.files import Work
from duoceng.lab.batch.job import Done, Job, Task, Wants


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Two million bills of three places in two parts, compiled code at hand."""
    monkeypatch.setattr(estimate, "is_compiled", lambda: True)
    bills = tmp_path / "bills.parquet"
    pq.write_table(pa.table({"member": [1, 2, 3, 4], "region": ["beijing", "wuhan", None, "suzhou"]}), bills)
    job = Job(str(bills), str(tmp_path), "", (), (), False, Wants())
    return Work(job, (Task(0, 0, 1, 0), Task(1, 1, 2, 10**6)), 2 * 10**6, 1, 0)


def test_what_makes_a_run_longer(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = Path(work.job.bills).with_name("lines.parquet")
    pq.write_table(pa.table({"bill": pa.array(range(10**6))}), lines)
    before = seconds_of(work, 0)

    longer = {
        "twice the bills": seconds_of(replace(work, bills=work.bills * 2), 0),
        "the trail": seconds_of(replace(work, job=replace(work.job, wants=Wants(trail=True))), 0),
        "lines": seconds_of(replace(work, job=replace(work.job, lines=str(lines))), 0),
    }
    monkeypatch.setattr(estimate, "is_compiled", lambda: False)
    longer["loops to compile"] = seconds_of(work, 0)

    assert {what for what, seconds in longer.items() if seconds <= before} == set()


def test_more_lines_are_ever_fewer_kinds_of_charges(work: Work) -> None:
    """Seconds of lines by so many times ten thousand."""
    without, seconds = seconds_of(work, 0), {}
    for times in (1, 10, 20):
        lines = Path(work.job.bills).with_name(f"lines{times}.parquet")
        pq.write_table(pa.table({"bill": pa.array(range(times * 10**4))}), lines)
        seconds[times] = seconds_of(replace(work, job=replace(work.job, lines=str(lines))), 0) - without

    assert 0 < seconds[1] < seconds[10] < seconds[20] < 2 * seconds[10] < 20 * seconds[1]


def test_what_makes_a_run_shorter(work: Work) -> None:
    before = seconds_of(work, 0)

    assert seconds_of(work, 5000) < before, "plans are known"
    assert seconds_of(replace(work, jobs=2), 0) < before


def test_parts_that_are_done_say_how_long_the_rest_takes(work: Work) -> None:
    half = Done(0, 10**6, 10**6, 0, 0, 0, 0, seconds=40.0, memory=0)

    found = seconds_of(replace(work, done=(half,)), 0)

    assert found == pytest.approx(40.0, abs=3.0)


def test_places_are_counted_in_what_comes_first(work: Work, tmp_path: Path) -> None:
    assert places_in(work.job.bills) == 3
    empty = tmp_path / "empty.parquet"
    pq.write_table(pa.table({"region": pa.array([], pa.string())}), empty)
    assert places_in(str(empty)) == 0
