"""The command over files: pieces, several processes, stopping and going on, sorting, and what is refused."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from duoceng.base.mistakes import Refused
from duoceng.cli.batch import Asked, bytes_of, job_of, run
from duoceng.lab.batch import files
from duoceng.lab.batch.files import plan_work
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of, write_bills
from duoceng.policy.library import Library, find_policies

ASKED = Asked("", "", True, False, "", "", False, 1, "", False, "", "", (), True, False)
BILLS = 3000


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bills of every place, in row groups so small that members straddle them."""
    library = Library(find_policies())
    path = tmp_path_factory.mktemp("bills") / "bills.parquet"
    maker = maker_of(library, population_of(library, ""), Wanted(BILLS, 3, "real", 2025, ()))
    write_bills(maker, [path], lambda *_: None)
    table = pq.read_table(path)
    pq.write_table(table, path, row_group_size=250)
    return path


@pytest.fixture(scope="module")
def whole(bills: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bills settled in one piece."""
    out = tmp_path_factory.mktemp("whole") / "out.parquet"
    settle(bills, out, trail=True, years_out=str(out.with_name("years.parquet")))
    return out


def settle(bills: Path, out: Path, **more: object) -> int:
    return run(Asked(**{**vars_of(ASKED), "bills": str(bills), "output": str(out), **more}))  # type: ignore[arg-type]


def vars_of(asked: Asked) -> dict[str, object]:
    return {name: getattr(asked, name) for name in asked.__dataclass_fields__}


def same(one: Path, two: Path, leaving: tuple[str, ...] = ("plan",)) -> bool:
    first, second = (pq.read_table(path) for path in (one, two))
    names = [name for name in first.column_names if name not in leaving]
    return first.num_rows == second.num_rows and all(first[n].to_pylist() == second[n].to_pylist() for n in names)


def pieces(monkeypatch: pytest.MonkeyPatch, rows: int = 500) -> None:
    monkeypatch.setattr("duoceng.lab.batch.files.ROWS_OF_A_TASK", rows)


@pytest.mark.parametrize("jobs", [1, 2])
def test_pieces_and_processes_change_nothing(
    bills: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    pieces(monkeypatch)

    settle(bills, tmp_path / "out.parquet", jobs=jobs, trail=True, years_out=str(tmp_path / "years.parquet"))

    for name in ("out.parquet", "out.layers.parquet", "out.trail.parquet", "out.rejects.parquet", "years.parquet"):
        assert same(tmp_path / name, whole.parent / name), name
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in whole.parent.iterdir())


def test_the_rows_are_all_there(bills: Path, whole: Path) -> None:
    table, rejects = pq.read_table(whole), pq.read_table(whole.with_name("out.rejects.parquet"))

    assert table.num_rows + rejects.num_rows == BILLS
    paid = sum(np.asarray(table[n]) for n in table.column_names if n.startswith("pays."))
    assert (paid - np.asarray(table["cash"]) + np.asarray(table["member_pays"]) <= np.asarray(table["billed"])).all()
    assert sorted(table["bill"].to_pylist() + rejects["bill"].to_pylist()) == sorted(
        pq.read_table(bills)["bill"].to_pylist()
    )


def test_a_year_goes_on_from_the_months_before(bills: Path, whole: Path, tmp_path: Path) -> None:
    """The first half of the year, then the second with the running sums of the first; who had no bill keeps theirs."""
    table = pq.read_table(bills)
    table = (
        table.filter(pc.invert(pc.fill_null(table["year_end"], False))) if "year_end" in table.column_names else table
    )
    early = pc.less(pc.month(table["discharged"]), 7)
    for name, rows in (("all", None), ("early", early), ("late", pc.invert(early))):
        pq.write_table(table if rows is None else table.filter(rows), tmp_path / f"{name}.parquet", row_group_size=300)
    years = tmp_path / "years.parquet"

    settle(tmp_path / "all.parquet", tmp_path / "one.parquet", years_out=str(tmp_path / "once.parquet"))
    settle(tmp_path / "early.parquet", tmp_path / "first.parquet", years_out=str(years))
    settle(
        tmp_path / "late.parquet",
        tmp_path / "second.parquet",
        years_in=str(years),
        years_out=str(tmp_path / "twice.parquet"),
    )

    once, twice = (sums(tmp_path / name) for name in ("once.parquet", "twice.parquet"))
    assert once == twice


def sums(path: Path) -> dict[tuple[int, str], int]:
    return {(r["member"], r["sum"]): r["amount"] for r in pq.read_table(path).to_pylist()}


def test_bills_out_of_order_are_refused_or_sorted(bills: Path, whole: Path, tmp_path: Path) -> None:
    table = pq.read_table(bills)
    mixed = table.append_column("at", pa.array(np.random.default_rng(1).permutation(BILLS)))
    mixed = mixed.sort_by("at").drop_columns("at")
    days = table.group_by(["member", "discharged"]).aggregate([([], "count_all")])
    pq.write_table(mixed, tmp_path / "mixed.parquet", row_group_size=400)

    with pytest.raises(Refused) as stopped:
        settle(tmp_path / "mixed.parquet", tmp_path / "no.parquet")
    settle(tmp_path / "mixed.parquet", tmp_path / "out.parquet", sort=True)

    assert [m.code for m in stopped.value.mistakes] == ["B040"]
    assert (
        pq.read_table(tmp_path / "out.parquet").num_rows + pq.read_table(tmp_path / "out.rejects.parquet").num_rows
        == BILLS
    )
    alone = {(r["member"], r["discharged"]) for r in days.to_pylist() if r["count_all"] > 1}
    busy = {member for member, _ in alone}
    wanted, found = (pays(path) for path in (whole, tmp_path / "out.parquet"))
    assert {k: v for k, v in found.items() if k[0] not in busy} == {k: v for k, v in wanted.items() if k[0] not in busy}
    assert not (tmp_path / "out.parquet.sorted.parquet").exists()


def pays(path: Path) -> dict[tuple[int, int], int]:
    return {
        (r["member"], r["bill"]): r["member_pays"]
        for r in pq.read_table(path, columns=["member", "bill", "member_pays"]).to_pylist()
    }


SCRIPT = """
import sys
import duoceng.lab.batch.files as files
files.ROWS_OF_A_TASK = 250
from duoceng.cli.app import run
sys.argv = ["duoceng", "batch", sys.argv[1], "-o", sys.argv[2], "--jobs", "1", "--allow-unverified", "--lang", "en", *sys.argv[3:]]
if __name__ == "__main__":
    run()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "ctrl-c"])
def test_a_run_that_was_stopped_goes_on(bills: Path, whole: Path, tmp_path: Path, how: signal.Signals) -> None:
    """Parts that are finished stay whole; --resume settles the rest and comes to the same; without it they are not overwritten."""
    script, out = tmp_path / "run.py", tmp_path / "out.parquet"
    script.write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, str(script), str(bills), str(out)]
    stopped = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    parts, until = Path(f"{out}.parts"), time.monotonic() + 120
    while not list(parts.glob("0*.json")) and time.monotonic() < until:
        time.sleep(0.02)
    if how is signal.SIGKILL:
        os.killpg(stopped.pid, how)
    else:
        stopped.send_signal(how)
    stopped.communicate()
    finished = len(list(parts.glob("0*.json")))
    if out.exists():
        pytest.skip("the run was done before it could be stopped")

    again = subprocess.run(command, capture_output=True, text=True)
    resumed = subprocess.run([*command, "--resume"], capture_output=True, text=True)

    assert finished
    assert again.returncode == 2
    assert "B041" in again.stderr
    assert resumed.returncode in (0, 1), resumed.stderr
    assert f"({finished} done)" in resumed.stderr
    for name in ("out.parquet", "out.layers.parquet", "out.rejects.parquet"):
        assert same(tmp_path / name, whole.with_name(name)), name


def test_parts_of_another_run_are_not_taken(bills: Path, tmp_path: Path) -> None:
    parts = tmp_path / "out.parquet.parts"
    parts.mkdir()
    (parts / "manifest.json").write_text(json.dumps({"bills": [1, 2]}), encoding="utf-8")

    with pytest.raises(Refused) as stopped:
        settle(bills, tmp_path / "out.parquet", resume=True)

    assert [(m.code, m.what) for m in stopped.value.mistakes] == [("B041", "parts of another run stand here")]


def test_a_worker_that_dies_is_told(bills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duoceng.lab.batch.files._settle", dies)

    with pytest.raises(Refused) as stopped:
        settle(bills, tmp_path / "out.parquet")

    assert stopped.value.mistakes[0].code == "B043"


def dies(*_: object) -> None:
    """Stands for a worker that the system kills."""
    os._exit(9)


WRONG = [
    ("no such file", {"bills": "nowhere.parquet"}, "B019"),
    ("no Parquet", {"bills": "bills.txt"}, "B044"),
    ("a column missing", {"bills": "short.parquet"}, "B042"),
    ("a column unknown", {"bills": "odd.parquet"}, "B042"),
    ("no amount of memory", {"memory": "much"}, "B046"),
    ("no engine", {"engine": "steam"}, "B047"),
]


@pytest.mark.parametrize("case, more, code", WRONG, ids=[w[0] for w in WRONG])
def test_what_cannot_be_read_is_refused(
    bills: Path, tmp_path: Path, case: str, more: dict[str, str], code: str
) -> None:
    table = pq.read_table(bills).slice(0, 10)
    (tmp_path / "bills.txt").write_text("member,bill\n", encoding="utf-8")
    pq.write_table(table.drop_columns("discharged"), tmp_path / "short.parquet")
    pq.write_table(table.append_column("colour", pa.array(["red"] * 10)), tmp_path / "odd.parquet")
    asked = {**more, "bills": str(tmp_path / more["bills"]) if "bills" in more else str(bills)}

    with pytest.raises(Refused) as stopped:
        run(Asked(**{**vars_of(ASKED), "output": str(tmp_path / "out.parquet"), **asked}))  # type: ignore[arg-type]

    assert [m.code for m in stopped.value.mistakes] == [code]


def test_lines_beside_the_bills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Itemised bills, in pieces as in one; every line belongs to a bill."""
    library = Library(find_policies())
    bills, lines = tmp_path / "bills.parquet", tmp_path / "lines.parquet"
    maker = maker_of(library, population_of(library, ""), Wanted(1000, 5, "real", 2025, (), lines=True))
    write_bills(maker, [bills, lines], lambda *_: None)
    pq.write_table(pq.read_table(bills), bills, row_group_size=200)

    settle(bills, tmp_path / "one.parquet", lines=str(lines))
    pieces(monkeypatch, 300)
    settle(bills, tmp_path / "many.parquet", lines=str(lines))

    assert same(tmp_path / "one.parquet", tmp_path / "many.parquet")
    assert same(tmp_path / "one.rejects.parquet", tmp_path / "many.rejects.parquet")
    assert pq.read_table(tmp_path / "many.stray-lines.parquet").num_rows == 0
    itemised = set(pq.read_table(lines, columns=["bill"])["bill"].to_pylist())
    billed = {
        r["bill"]: r["billed"] for r in pq.read_table(tmp_path / "one.parquet", columns=["bill", "billed"]).to_pylist()
    }
    assert any(billed.get(bill) for bill in itemised)


def test_a_task_inside_one_members_bills_has_no_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member with more bills than three row groups hold: the task between has nothing, and calls no line a stray."""
    library = Library(find_policies())
    bills, lines = tmp_path / "bills.parquet", tmp_path / "lines.parquet"
    maker = maker_of(library, population_of(library, ""), Wanted(400, 5, "real", 2025, ("beijing",), lines=True))
    write_bills(maker, [bills, lines], lambda *_: None)
    table = pq.read_table(bills)
    one = np.where(np.arange(table.num_rows) < 350, table["member"][0].as_py(), table["member"].to_numpy())
    table = table.set_column(table.column_names.index("member"), "member", pa.array(one))
    table = table.sort_by([("member", "ascending"), ("discharged", "ascending")])
    table = table.set_column(table.column_names.index("bill"), "bill", pa.array(np.sort(table["bill"].to_numpy())))
    pq.write_table(table, bills, row_group_size=100)
    pieces(monkeypatch, 100)

    settle(bills, tmp_path / "out.parquet", lines=str(lines))

    assert pq.read_table(tmp_path / "out.stray-lines.parquet").num_rows == 0


def test_why_bills_were_rejected_is_told_after_a_run(
    bills: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By reason, the most frequent first; the counts add up to all that were rejected."""
    pq.write_table(pq.read_table(bills).drop_columns(["level"]), tmp_path / "short.parquet")

    assert settle(tmp_path / "short.parquet", tmp_path / "out.parquet") == 1

    said = capsys.readouterr().out
    told = re.findall(r"^ +([0-9,]+)  (\w\d+ \S*|other reasons|其他原因)", said, re.MULTILINE)
    counts = [int(count.replace(",", "")) for count, _ in told]
    assert "B020 level" in [what for _, what in told]
    assert counts[:-1] == sorted(counts[:-1], reverse=True)
    assert sum(counts) == pq.read_metadata(tmp_path / "out.rejects.parquet").num_rows
    assert "补上提示的属性" in said or "Add the attribute" in said


def test_a_full_disk_is_told_before_the_run(bills: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duoceng.cli.batch.shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())

    with pytest.raises(Refused) as stopped:
        settle(bills, tmp_path / "out.parquet")

    assert stopped.value.mistakes[0].code == "B045"


def test_what_is_refused_before_a_part_is_finished_leaves_nothing(bills: Path, tmp_path: Path) -> None:
    """No folder of parts stands in the way of the next run."""
    table = pq.read_table(bills)
    odd = table.append_column("colour", pa.array(["red"] * table.num_rows))
    pq.write_table(odd, tmp_path / "odd.parquet")

    with pytest.raises(Refused, match="B042"):
        settle(tmp_path / "odd.parquet", tmp_path / "out.parquet")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["odd.parquet"]


def test_a_run_goes_on_by_the_tasks_it_began_with(
    bills: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another bound of memory or number of processes would cut the file elsewhere: parts that are finished would not fit."""
    pieces(monkeypatch, 1000)
    out = tmp_path / "out.parquet"
    job = job_of(Asked(**{**vars_of(ASKED), "bills": str(bills), "output": str(out)}))  # type: ignore[arg-type]
    begun = plan_work(job, 1, 64 << 30, False)
    for done in itertools.islice(files.run(replace(begun, tasks=begun.tasks[:2]), lambda bills: None), 2):
        assert done.bills
    pieces(monkeypatch, 700)

    went_on = plan_work(job, 1, 64 << 30, True)
    assert went_on.tasks == begun.tasks
    assert [done.number for done in went_on.done] == [0, 1]
    settle(bills, out, resume=True)

    assert same(out, whole)


@pytest.mark.parametrize("written, size", [("4GB", 4 << 30), ("500mb", 500 << 20), ("1.5G", 3 << 29), ("", 0)])
def test_amounts_of_memory(written: str, size: int) -> None:
    assert bytes_of(written) == size


def test_who_leads_a_run_loads_no_compiler() -> None:
    """Loops are for workers: a run begins, asks and tells in the time that compiled code takes to load."""
    what = (
        "import sys, duoceng.cli.batch, duoceng.lab.batch.files, duoceng.lab.batch.kept; print('numba' in sys.modules)"
    )

    said = subprocess.run([sys.executable, "-c", what], capture_output=True, text=True, check=True)

    assert said.stdout == "False\n"
