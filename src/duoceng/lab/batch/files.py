"""A file of bills, settled in pieces by several processes, with what is finished kept on the way.

    BILLS.parquet ──▶ tasks (row groups) ──▶ workers ──▶ parts in OUT.parquet.parts/ ──▶ OUT.parquet, OUT.layers.parquet ...

A part is written under another name and renamed when it is whole; a run that was stopped goes on from its parts.
"""

import atexit
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, astuple, dataclass
from hashlib import sha256
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from duoceng import __version__
from duoceng.base import garbage, memory
from duoceng.base.mistakes import Place, refuse
from duoceng.lab.batch.end_to_end import Unlike, put_end_to_end
from duoceng.lab.batch.job import KINDS_MOST, Done, Job, Task
from duoceng.lab.batch.written import how_written

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

BASE = 700 << 20  # bytes a worker needs before its first bill: Python, numba, pyarrow and the plans
PER_ANSWER = 26  # bytes of a row and a column of which most rows say something: as Arrow, as a number, and as a code
PER_WRITTEN = 40  # bytes for each byte that is written of a column, where that is less
PER_ROW = 560  # bytes: what comes of a bill, its group and signature, and what is written of it
PER_LINE = 600  # bytes of an itemised line
# Kinds of mixed bills: of a million, how they grow with millions, how many are in `BASE`; bytes of each.
KINDS, GROWS, KINDS_IN_BASE, PER_KIND = 25_000, 0.72, 100_000, 2_000
ROWS_OF_A_TASK = 1 << 20
LOOK = 0.25  # seconds between looks at how far workers are
_COUNTS: "list[Synchronized[int]]" = []  # of a worker: where it counts


@dataclass(frozen=True)
class Work:
    """A run before it begins: its tasks, how many at once, and what it will need."""

    job: Job
    tasks: tuple[Task, ...]
    bills: int
    jobs: int
    memory: int
    done: tuple[Done, ...] = ()


def plan_work(job: Job, jobs: int, memory: int, resume: bool) -> Work:
    """The tasks of a file, and as many processes as fit into a bound of memory; one in any case, whose need is told by `memory`.

    Raises Refused where parts of another run stand in the way.
    """
    meta = pq.read_metadata(job.bills)
    needs = needs_of(meta, job)
    jobs = fitting(meta.num_rows, jobs, memory, max(needs, default=0))
    tasks, done = opened(job, cut(meta, needs, memory // jobs - BASE - plans_of(meta.num_rows / jobs)), resume)
    most = max(sum(needs[task.first : task.last]) for task in tasks)
    jobs = fitting(meta.num_rows, min(jobs, len(tasks)), memory, most)
    return Work(job, tasks, meta.num_rows, jobs, jobs * (BASE + plans_of(meta.num_rows / jobs) + most), done)


def fitting(bills: int, jobs: int, memory: int, need: int) -> int:
    """How many processes fit, of as many as are asked for, each with so much for its bills; one in any case."""
    while jobs > 1 and jobs * (BASE + plans_of(bills / jobs) + need) > memory:
        jobs -= 1
    return max(jobs, 1)


def plans_of(bills: float) -> int:
    """Bytes of a process for kinds of bills beyond those of `BASE`: they become ever fewer, and are forgotten where there are too many."""
    kinds: float = min(KINDS * (bills / 1e6) ** GROWS, KINDS_MOST)
    return round(max(kinds - KINDS_IN_BASE, 0) * PER_KIND)


def needs_of(meta: pq.FileMetaData, job: Job) -> list[int]:
    """Bytes that the bills of each row group need in a process. What columns say little is written in few bytes."""
    lines = pq.read_metadata(job.lines).num_rows / max(meta.num_rows, 1) if job.lines else 0.0
    each = PER_ROW * (4 if job.wants.trail else 1) + round(lines * PER_LINE)
    found = []
    for at in range(meta.num_row_groups):
        group = meta.row_group(at)
        written = [group.column(column).total_uncompressed_size for column in range(group.num_columns)]
        rows = group.num_rows
        found.append(rows * each + sum(min(rows * PER_ANSWER, size * PER_WRITTEN) for size in written))
    return found


def cut(meta: pq.FileMetaData, needs: list[int], room: int) -> tuple[Task, ...]:
    """Tasks of row groups: as many rows as are worth a task, and as fit into the room."""
    tasks: list[Task] = []
    first, row, held, need = 0, 0, 0, 0
    for group, more in enumerate(needs):
        count = meta.row_group(group).num_rows
        if held and (held + count > ROWS_OF_A_TASK or need + more > room):
            tasks.append(Task(len(tasks), first, group, row))
            first, row, held, need = group, row + held, 0, 0
        held, need = held + count, need + more
    if held or not tasks:
        tasks.append(Task(len(tasks), first, meta.num_row_groups, row))
    return tuple(tasks)


def opened(job: Job, tasks: tuple[Task, ...], resume: bool) -> tuple[tuple[Task, ...], tuple[Done, ...]]:
    """The folder of parts: its tasks, which are those of the run that began it, and what is finished. Raises Refused where it is another
    run's."""
    folder, mark = Path(job.folder), fingerprint(job)
    manifest = folder / "manifest.json"
    if manifest.exists():
        known = json.loads(manifest.read_text(encoding="utf-8"))
        if not resume or {**known, "tasks": []} != mark:
            what = "parts of another run stand here" if resume else "parts of a run that was stopped stand here"
            raise refuse("B041", Place(str(folder), 0), what, "They are finished work.",
                         "delete the folder" if resume else "add --resume to go on with it, or delete the folder")  # fmt: skip
        notes = sorted(folder.glob("[0-9]*.json"))
        done = tuple(Done(**json.loads(note.read_text(encoding="utf-8"))) for note in notes)
        return tuple(Task(*task) for task in known["tasks"]), done
    folder.mkdir(parents=True, exist_ok=True)
    half = manifest.with_suffix(".tmp")
    half.write_text(json.dumps({**mark, "tasks": [astuple(task) for task in tasks]}), encoding="utf-8")
    half.replace(manifest)
    return tasks, ()


def fingerprint(job: Job) -> dict[str, object]:
    """What must be the same for parts to fit together: the files, the rules, what is asked for. How it was cut is noted beside it."""

    def of(path: str) -> list[int]:
        return [Path(path).stat().st_size, Path(path).stat().st_mtime_ns] if path else []

    rules = sha256()
    for path in sorted([*Path(job.policies).rglob("*.yaml"), *map(Path, job.reforms)]):
        rules.update(path.read_bytes())
    return {"bills": of(job.bills), "years": of(job.years_in), "lines": of(job.lines), "rules": rules.hexdigest(), "wants": asdict(job.wants),
            "order": list(job.order), "unverified": job.allow_unverified, "version": __version__, "tasks": []}  # fmt: skip


def _begin(settled: "Synchronized[int]") -> None:
    """A worker leaves Ctrl-C to the process that started it, and begins to load what it will need.

    `settled` counts the bills of all workers, for whoever waits.
    """
    _COUNTS.append(settled)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    garbage.seldom()
    memory.keep()
    atexit.register(os._exit, 0)  # all that it knows is on the disk: taking it down piece by piece takes half a second
    import_module("duoceng.lab.batch.task")


def _settle(job: Job, task: Task) -> Done:
    """What a worker does. The loops and all that belongs to them are loaded by workers only."""
    from duoceng.lab.batch.task import run_task

    return run_task(job, task, _count)


def _count(bills: int) -> None:
    """So many bills more are settled."""
    with _COUNTS[0].get_lock():
        _COUNTS[0].value += bills


def run(work: Work, watch: Callable[[int], None]) -> Iterator[Done]:
    """Run the tasks that are not done, and tell of each as it ends. Raises Refused where one cannot be settled.

    `watch` is told now and then how many bills are settled so far, also of tasks that go on.
    """
    ready = {done.number for done in work.done}
    left = [task for task in work.tasks if task.number not in ready]
    if not left:
        return
    spawn, before = get_context("spawn"), sum(done.bills for done in work.done)
    settled = spawn.Value("q", 0)
    pool = ProcessPoolExecutor(work.jobs, mp_context=spawn, initializer=_begin, initargs=(settled,))
    waiting: dict[Future[Done], Task] = {}
    try:
        for task in left:
            waiting[pool.submit(_settle, work.job, task)] = task
        while waiting:
            ended, _ = wait(waiting, LOOK, return_when=FIRST_COMPLETED)
            watch(before + settled.value)
            for future in ended:
                task = waiting.pop(future)
                yield _outcome(future, task)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _outcome(future: Future[Done], task: Task) -> Done:
    try:
        return future.result()
    except BrokenProcessPool:
        raise refuse("B043", Place(f"task {task.number}", 0), "a worker died", "The system may have run out of memory.",
                     "add --resume to go on, with fewer --jobs or less --memory") from None  # fmt: skip


def join(work: Work, out: Path) -> dict[str, Path]:
    """The parts of a run as one file for each table; the folder of parts goes."""
    folder, found = Path(work.job.folder), {}
    first = sorted(folder.glob(f"{0:06d}.*.parquet"))
    for name in [path.name.split(".")[1] for path in first]:
        target = out if name == "bills" else out.with_name(f"{out.name.removesuffix('.parquet')}.{name}.parquet")
        parts = [folder / f"{task.number:06d}.{name}.parquet" for task in work.tasks]
        if len(parts) == 1:
            parts[0].replace(target)
        else:
            try:
                put_end_to_end(parts, target)
            except Unlike:
                _join(parts, target)
        found[name] = target
    shutil.rmtree(folder)
    return found


def _join(parts: list[Path], target: Path) -> None:
    """Row group by row group, with words as words."""
    half = target.with_name(f".{target.name}.tmp")
    writer = None
    for part in parts:
        file = pq.ParquetFile(part)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            plain = [pa.string() if pa.types.is_dictionary(f.type) else f.type for f in table.schema]
            table = table.cast(pa.schema(zip(table.schema.names, plain, strict=True)))
            if writer is None:
                writer = pq.ParquetWriter(half, table.schema, **how_written(table))
            writer.write_table(table.cast(writer.schema))
    if writer is not None:
        writer.close()
        half.replace(target)


def sort_file(path: str, target: Path, memory: int) -> None:
    """The bills in the order of members and days, on the disk where they do not fit; bills of one day keep their order."""
    import duckdb

    target.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as base:
        base.execute(f"SET memory_limit = '{max(memory >> 20, 256)}MB'")
        base.execute(f"SET temp_directory = '{target.parent}'")
        base.execute(f"""COPY (SELECT * EXCLUDE (file_row_number), file_row_number AS file_row
            FROM read_parquet('{path.replace("'", "''")}', file_row_number = true) ORDER BY member, discharged, file_row_number)
            TO '{str(target).replace("'", "''")}' (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 1048576)""")
