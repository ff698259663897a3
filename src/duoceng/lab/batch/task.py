"""One piece of a file of bills: whole members, read, settled and written as a part of its own.

A task is a run of row groups. It takes the members that begin in them: rows of a member that began before are left to the task
before, and a member that goes on behind the last row group is read to the end.
"""

import json
from dataclasses import asdict
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from duoceng.base.mistakes import Place, refuse
from duoceng.lab.batch import kept
from duoceng.lab.batch.columns import ColumnMistake, Columns
from duoceng.lab.batch.job import KINDS_MOST, Done, Job, Task
from duoceng.lab.batch.line_file import LineFile, strays_table
from duoceng.lab.batch.lines import Itemised, Scope
from duoceng.lab.batch.output import tables_of, years_of
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.row_groups import RowGroups
from duoceng.lab.batch.run import Tell, settle_table
from duoceng.lab.batch.written import how_written
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.plan import Options

BEHIND = 1 << 12  # rows looked at behind a task to find where its last member ends; few go further


_KEPT: dict[Job, Scope] = {}  # of the run at hand: what this process knows of bills and lines


def scope_of(job: Job) -> Scope:
    """The plans of this process, and what it knows of lines; made once for a run, or taken up from earlier ones.

    A process that knows too many kinds of bills forgets them: memory is bounded.
    """
    known = _KEPT[job].batch.kinds if job in _KEPT else 0
    if known > KINDS_MOST:
        _KEPT.clear()
        known = 0
    if (batch := kept.taken_up(job, known)) or job not in _KEPT:
        _KEPT.clear()
        _KEPT[job] = Scope(batch or new_batch(job))
    return _KEPT[job]


def new_batch(job: "Job") -> Batch:
    """A batch that knows nothing yet. Raises Refused where a reform cannot be read."""
    library = Library(Path(job.policies))
    reforms = [library.document(Path(path)) for path in job.reforms]
    library.mistakes.stop_if_any()
    return Batch(library, Options(job.order, tuple(r for r in reforms if r), job.allow_unverified))


def run_task(job: Job, task: Task, tell: Tell = lambda bills: None) -> Done:
    """Settle one task and write its part. What is half written is never seen. `tell` hears of bills as they are settled."""
    began = perf_counter()
    scope = scope_of(job)
    batch = scope.batch
    table, first_row, before, bill_before = whole_members(job.bills, task)
    in_order(table, first_row, before)
    try:
        bills = read_bills(scope, table, first_row, lines_of(job, task, table, bill_before))
    except ColumnMistake as mistake:
        repair = "see the page of bill tables for the columns there are"
        raise refuse("B042", Place(job.bills, 0), str(mistake), "", repair) from None
    brought, others = years_in(job, task, bills, before)
    years = years_of(brought, bills) if brought is not None else None
    settled = settle_table(batch, bills, job.wants, years, tell)
    tables = tables_of(batch, bills, settled, job.wants, years)
    if job.wants.years and others is not None and others.num_rows:
        tables["years"] = with_others(tables["years"], others)
    if isinstance(bills, Itemised):
        tables["stray-lines"] = strays_table(bills.strays)
    for name, part in tables.items():
        write_part(job, task, name, part)
    covered = int(sum(int(settled.tiers[at].sum()) for at in range(len(TIERS))) - int(settled.cash.sum()))
    done = Done(task.number, bills.n, int((settled.plan >= 0).sum()), len(settled.rejects), int(settled.billed.sum()),
                int(settled.billed.sum() - settled.member_pays.sum()), int(settled.member_pays.sum()),
                perf_counter() - began, getrusage(RUSAGE_SELF).ru_maxrss * 1024)  # fmt: skip
    assert done.settled + done.rejected == done.bills, "every bill is settled or rejected"
    assert covered <= done.covered, "no tier paid what was not billed"
    note = Path(job.folder) / f"{task.number:06d}.json"
    note.with_suffix(".tmp").write_text(json.dumps(asdict(done)), encoding="utf-8")
    note.with_suffix(".tmp").replace(note)
    kept.keep(job, batch)
    return done


def read_bills(scope: Scope, table: pa.Table, first_row: int, lines: tuple[pa.Table, int] | None) -> Columns:
    """The bills of a task, with their lines where there is a file of lines: those, and the first of them in the file."""
    if lines is None:
        return Columns(table, scope.batch.dictionary, first_row)
    return Itemised(table, lines[0], scope, first_row, lines[1])


def lines_of(job: Job, task: Task, table: pa.Table, bill_before: int | None) -> tuple[pa.Table, int] | None:
    """The lines of the bills of a task, and where they begin in their file; None where there is no such file."""
    if not job.lines:
        return None
    goes_on = task.last < pq.ParquetFile(job.bills).num_row_groups
    upto = None if not goes_on else table["bill"][-1].as_py() if table.num_rows else bill_before
    return LineFile(job.lines).between(bill_before, upto)


def write_part(job: Job, task: Task, name: str, table: pa.Table) -> None:
    """One table of a task, under its final name only when it is whole."""
    path = Path(job.folder) / f"{task.number:06d}.{name}.parquet"
    half = path.with_suffix(".tmp")
    pq.write_table(table, half, **how_written(table))
    half.replace(path)


def whole_members(path: str, task: Task) -> tuple[pa.Table, int, Any, Any]:
    """The rows of the members that begin in a task, where they begin in the file, and the member and the bill before them."""
    source = RowGroups(path)
    own = sum(source.rows_of(group) for group in range(task.first, task.last))
    table = source.table(task.first, task.last, rows_behind(source, task) if own else 0)
    before, bill_before, skip = None, None, 0
    if task.first:
        told = last_row(source, task.first - 1, ["member", "bill"])
        before, bill_before = told["member"], told.get("bill")
        skip = begins_with(table.column("member").slice(0, own), before)
        if skip and "bill" in table.column_names:
            bill_before = table["bill"][skip - 1].as_py()
        table = table.slice(skip) if skip < own else table.slice(0, 0)
    return table, task.row + skip, before, bill_before


def begins_with(members: pa.Array, member: Any) -> int:
    """How many rows of this member come first."""
    same = np.asarray(pc.fill_null(pc.equal(members, member), False))
    return len(same) if same.all() else int(np.argmin(same))


def rows_behind(source: RowGroups, task: Task) -> int:
    """How many rows behind a task are of the member it ends with."""
    member = last_row(source, task.last - 1, ["member"])["member"]
    behind = range(task.last, source.file.num_row_groups)
    count = 0
    for batch in source.file.iter_batches(BEHIND, row_groups=behind, columns=["member"], use_threads=False):
        same = begins_with(batch.column(0), member)
        count += same
        if same < batch.num_rows:
            break
    return count


def last_row(source: RowGroups, group: int, names: list[str]) -> dict[str, Any]:
    """What some columns say of the last row of a row group."""
    rows = source.file.read_row_group(group, columns=names, use_threads=False)
    last: dict[str, Any] = rows.slice(rows.num_rows - 1).to_pylist()[0]
    return last


def in_order(table: pa.Table, first_row: int, before: Any) -> None:
    """Members ascend, and the bills of each by day. Raises Refused at the first row that does not."""
    if not table.num_rows:
        return
    member, day = table["member"], table["discharged"].cast(pa.int32())
    here, there = member.slice(1), member.slice(0, table.num_rows - 1)
    late = pc.and_(pc.equal(here, there), pc.less(day.slice(1), day.slice(0, table.num_rows - 1)))
    wrong = pc.fill_null(pc.or_(pc.less(here, there), late), False).combine_chunks().to_numpy(zero_copy_only=False)
    at = int(np.argmax(wrong)) + 1 if wrong.any() else 0
    if at or (before is not None and member[0].as_py() is not None and member[0].as_py() < before):
        raise refuse("B040", Place(f"row {first_row + at}", 0), f"row {first_row + at} stands before the row above it",
                     "A year is settled bill by bill: members in ascending order, their bills by day.", "add --sort")  # fmt: skip


def years_in(job: Job, task: Task, bills: Columns, before: Any) -> tuple[pa.Table | None, pa.Table | None]:
    """The running sums of the members of a task, and those of members who have no bill in this file."""
    if not job.years_in:
        return None, None
    if not bills.n:
        return None, None
    ids = bills.table["member"]
    last = ids[-1].as_py()
    column = pc.field("member")
    file = pq.ParquetFile(job.bills)
    keep = column <= last if task.last < file.num_row_groups else pc.scalar(True)
    if before is not None:
        keep = keep & (column > before)
    table = pq.read_table(job.years_in, filters=keep)
    ours = pc.is_in(table["member"].cast(ids.type), value_set=ids.combine_chunks())
    return table.filter(ours), table.filter(pc.invert(ours))


def with_others(years: pa.Table, others: pa.Table) -> pa.Table:
    """The running sums of those who had no bill go on as they were."""
    plain = pa.schema([("member", years.schema.field("member").type), ("sum", pa.string()), ("amount", pa.int64())])
    joined = pa.concat_tables([t.select(plain.names).cast(plain) for t in (years, others)])
    return joined.take(pc.sort_indices(joined, [("member", "ascending")], null_placement="at_start"))
