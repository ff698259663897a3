"""Bills through Spark come to what they come to on one machine: however they are spread, and whatever dies on the way."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import POLICIES, ROOT
from duoceng.base.mistakes import Refused
from duoceng.lab.batch import spark as s
from duoceng.lab.batch.columns import ColumnMistake, Columns
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.output import tables_of, years_of
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of
from duoceng.policy.library import Library
from duoceng.policy.plan import Options

MISSING = [part for part in ("pyspark", "pandas") if find_spec(part) is None]
MISSING += [] if shutil.which("java") or os.environ.get("JAVA_HOME") else ["Java"]
on_spark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (pip install 'duoceng[spark]', and Java 17)"
)
WANTS = Wants(layers=True, trail=True, years=True)
OPTIONS = Options(allow_unverified=True)
REASON = "reason"  # quotes the bill that a refusal was met on first, which may be another bill where bills are spread otherwise


@pytest.fixture(scope="module")
def lab() -> Library:
    return Library(POLICIES)


@pytest.fixture(scope="module")
def bills(lab: Library) -> pa.Table:
    """Members of two places whose bills, policies and years differ; and one row that is refused."""
    drawn = [maker_of(lab, population_of(lab), Wanted(n, 5, spread, regions=("beijing", "shanghai"))).group(0)[0]
             for spread, n in (("real", 6000), ("even", 800))]  # fmt: skip
    even = drawn[1].set_column(0, "member", pa.array([m + 10**9 for m in drawn[1]["member"].to_pylist()]))
    even = even.set_column(1, "bill", pa.array([b + 10**9 for b in even["bill"].to_pylist()]))
    return pa.concat_tables([drawn[0], even], promote_options="permissive").unify_dictionaries().combine_chunks()


def on_one_machine(library: Library, bills: pa.Table, years: pa.Table | None = None) -> s.Tables:
    batch = Batch(library, OPTIONS)
    columns = Columns(bills, batch.dictionary)
    brought = years_of(years, columns) if years is not None else None
    found = tables_of(batch, columns, settle_table(batch, columns, WANTS, brought), WANTS, brought)
    row = pa.array(range(bills.num_rows), pa.int64())
    return {name: s.as_in_the_file(table, row) for name, table in found.items()}


def in_order(table: pa.Table) -> list[dict[str, Any]]:
    keys = [name for name in ("row", "member", "bill", "step", "sum", "policy", "layer") if name in table.column_names]
    return (
        table.drop_columns([c for c in (REASON,) if c in table.column_names])
        .sort_by([(k, "ascending") for k in keys])
        .to_pylist()
    )


def assert_same(found: s.Tables, wanted: s.Tables) -> None:
    assert set(found) == set(wanted)
    for name, table in wanted.items():
        assert found[name].column_names == table.column_names
        assert in_order(found[name]) == in_order(table), name


# ── without Spark ──


def handed(library: Library, bills: pa.Table, records: int) -> s.Tables:
    """What a partition hands back, put together again."""
    numbered = bills.append_column(s.ROW, pa.array(range(bills.num_rows), pa.int64()))
    back = list(s.settle_partition(s.job_of(library, WANTS, OPTIONS), numbered.to_batches(max_chunksize=records)))
    whole = pa.Table.from_batches(back)
    tables = {}
    for name in whole.column_names:
        column = whole[name].combine_chunks()
        tables[name] = pa.Table.from_struct_array(column.filter(column.is_valid()))
    return tables


@pytest.mark.parametrize("stretch, records", [(1, 7), (100, 33), (1 << 17, 500)])
def test_a_partition_streams(
    lab: Library, bills: pa.Table, monkeypatch: pytest.MonkeyPatch, stretch: int, records: int
) -> None:
    some = bills.slice(0, 700)
    monkeypatch.setattr(s, "STRETCH", stretch)

    assert_same(handed(lab, some, records), on_one_machine(lab, some))


MEMBERS = [
    ("one bill", [1], 0), ("one member", [1, 1, 1], 0), ("the last alone", [1, 1, 2], 2),
    ("the last with more", [1, 2, 3, 3], 2), ("one without a number", [None, 1, 1], 1), ("words", ["a", "a", "b"], 2),
]  # fmt: skip


@pytest.mark.parametrize("case, members, begins", MEMBERS, ids=[m[0] for m in MEMBERS])
def test_where_the_last_member_begins(case: str, members: list[Any], begins: int) -> None:
    assert s.last_member_from(pa.chunked_array([pa.array(members)])) == begins


def test_the_documents_travel_with_the_job(tmp_path: Path, bills: pa.Table) -> None:
    """A worker reads nothing of the folder: it may be gone, or differ."""
    shutil.copytree(POLICIES, tmp_path / "policies")
    job = s.job_of(Library(tmp_path / "policies"), WANTS, OPTIONS)
    shutil.rmtree(tmp_path / "policies")
    some = bills.slice(0, 50)
    found = s.settle_stretch(job, some.append_column(s.ROW, pa.array(range(50), pa.int64())))

    assert_same(found, on_one_machine(Library(POLICIES), some))


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s, "find_spec", lambda name: None)
    with pytest.raises(Refused) as stopped:
        s.session()

    assert [m.code for m in stopped.value.mistakes] == ["B050"]


# ── two executors ──


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two executors of one core on this machine, each with its own Python."""
    from pyspark.sql import SparkSession

    home = tmp_path_factory.mktemp("spark")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.local.dir": str(home), "spark.driver.host": "127.0.0.1",
                "spark.driver.bindAddress": "127.0.0.1", "spark.executor.memory": "1g", "spark.worker.cleanup.enabled": "true",
                "spark.sql.warehouse.dir": str(home / "warehouse"), "spark.executorEnv.PYTHONPATH": str(ROOT / "src"),
                "spark.executorEnv.PYSPARK_PYTHON": sys.executable}  # fmt: skip
    builder = SparkSession.builder.master("local-cluster[2,1,1024]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def files_of(bills: pa.Table, folder: Path, parts: int) -> str:
    folder.mkdir()
    step = -(-bills.num_rows // parts)
    for at in range(parts):
        pq.write_table(bills.slice(at * step, step), folder / f"part-{at}.parquet", row_group_size=500)
    return str(folder)


def written(folder: Path) -> s.Tables:
    return {path.name: pq.read_table(path) for path in folder.iterdir() if path.is_dir()}


@on_spark
def test_as_on_one_machine(cluster: Any, lab: Library, bills: pa.Table, tmp_path: Path) -> None:
    """Three files, of which two cut a member in half."""
    path = files_of(bills, tmp_path / "bills", 3)
    counts = s.settle_with_spark(cluster, path, str(tmp_path / "out"), WANTS, OPTIONS, lab)

    assert_same(written(tmp_path / "out"), on_one_machine(lab, bills))
    assert counts["bills"] + counts["rejects"] == bills.num_rows


@on_spark
def test_years_are_brought_and_taken(cluster: Any, lab: Library, bills: pa.Table, tmp_path: Path) -> None:
    late = pa.compute.greater_equal(pa.compute.month(bills["discharged"]), 7)
    halves = [bills.filter(pa.compute.invert(late)).combine_chunks(), bills.filter(late).combine_chunks()]
    years = on_one_machine(lab, halves[0])["years"]
    pq.write_table(years, tmp_path / "years.parquet")
    path = files_of(halves[1], tmp_path / "bills", 1)
    s.settle_with_spark(
        cluster, path, str(tmp_path / "out"), WANTS, OPTIONS, lab, years_path=str(tmp_path / "years.parquet")
    )

    assert_same(written(tmp_path / "out"), on_one_machine(lab, halves[1], years))


REFUSED = [
    ("bills that are not there", "none", "out", "B051"),
    ("a folder that is there already", "bills", "taken", "B052"),
]


@on_spark
@pytest.mark.parametrize("case, source, output, code", REFUSED, ids=[r[0] for r in REFUSED])
def test_spark_is_refused(
    cluster: Any, lab: Library, bills: pa.Table, tmp_path: Path, case: str, source: str, output: str, code: str
) -> None:
    files_of(bills.slice(0, 20), tmp_path / "bills", 1)
    (tmp_path / "taken" / "bills").mkdir(parents=True)
    with pytest.raises(Refused) as stopped:
        s.settle_with_spark(cluster, str(tmp_path / source), str(tmp_path / output), Wants(), OPTIONS, lab)

    assert [m.code for m in stopped.value.mistakes] == [code]


@on_spark
def test_a_column_nobody_knows_stops_before_the_work(
    cluster: Any, lab: Library, bills: pa.Table, tmp_path: Path
) -> None:
    path = files_of(bills.slice(0, 20).append_column("colour", pa.array(["red"] * 20)), tmp_path / "bills", 1)
    with pytest.raises(ColumnMistake, match="colour"):
        s.settle_with_spark(cluster, path, str(tmp_path / "out"), Wants(), OPTIONS, lab)


# ── what dies on the way ──


def children(of: int) -> list[int]:
    """Processes begun by a process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == of:
            found.append(int(path.parent.name))
    return found


def below(pid: int) -> list[int]:
    """A process's children, theirs, and so on."""
    return [one for child in children(pid) for one in (child, *below(child))]


def is_a(pid: int, word: str) -> bool:
    try:
        return word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def executors(cluster: Any) -> list[int]:
    """The executors that this test's own driver has begun."""
    return [pid for pid in below(cluster.sparkContext._gateway.proc.pid) if is_a(pid, "CoarseGrainedExecutorBackend")]


def workers(cluster: Any) -> list[int]:
    """Python processes that settle: children of a Python daemon of an executor."""
    daemons = [pid for executor in executors(cluster) for pid in children(executor) if is_a(pid, "pyspark.daemon")]
    return [pid for daemon in daemons for pid in children(daemon)]


class Killer(threading.Thread):
    """Ends one process of the cluster when a part of the tasks is done, and notes how far the work was."""

    def __init__(self, cluster: Any, whom: Any) -> None:
        super().__init__(daemon=True)
        self.cluster, self.whom, self.over, self.done = cluster, whom, False, (0, 0)

    def run(self) -> None:
        tracker = self.cluster.sparkContext.statusTracker()
        while not self.over:
            for stage in map(tracker.getStageInfo, tracker.getActiveStageIds()):
                found = self.whom(self.cluster) if stage and stage.numTasks == PARTS and stage.numCompletedTasks else []
                if found:
                    os.kill(found[0], signal.SIGKILL)
                    self.done = (stage.numCompletedTasks, stage.numTasks)
                    return
            time.sleep(0.05)


PARTS = 9


@on_spark
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize("whom", [executors, workers], ids=["an executor", "a Python worker"])
def test_a_lost_process_is_made_good(
    cluster: Any, lab: Library, bills: pa.Table, tmp_path: Path, whom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s, "PART", -(-bills.num_rows // PARTS))
    path = files_of(bills, tmp_path / "bills", 1)
    killer = Killer(cluster, whom)
    killer.start()
    s.settle_with_spark(cluster, path, str(tmp_path / "out"), WANTS, OPTIONS, lab)
    killer.over = True
    killer.join()

    assert 0 < killer.done[0] < killer.done[1] == PARTS, "nothing was killed while there was work"
    assert_same(written(tmp_path / "out"), on_one_machine(lab, bills))
