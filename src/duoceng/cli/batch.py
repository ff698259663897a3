"""`duoceng batch`: a file of bills, settled in columns."""

import os
import shutil
from dataclasses import dataclass, replace
from errno import EACCES
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.cli.batch_told import clock, conclude, gigabytes, many, progress, put_in_chinese, say, why_rejected
from duoceng.cli.generate import needs_parts
from duoceng.policy.library import find_policies

if TYPE_CHECKING:
    from duoceng.lab.batch.files import Work
    from duoceng.lab.batch.job import Done, Job

OFFICE = (".csv", ".xlsx")


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    bills: str
    output: str
    layers: bool
    trail: bool
    years_in: str
    years_out: str
    sort: bool
    jobs: int
    memory: str
    resume: bool
    policies: str
    order: str
    reforms: tuple[str, ...]
    allow_unverified: bool
    zh: bool
    lines: str = ""
    engine: str = "local"
    fresh: bool = False


def run(asked: Asked, named: bool = True) -> int:
    """Settle the file; the exit code is 1 where bills were rejected. Raises Refused. `named`: say what the tables are called."""
    from duoceng.lab.batch import files

    needs_parts()
    writable(asked.output)
    if asked.engine != "local":
        return on_spark(asked)
    if Path(asked.bills).suffix.lower() in OFFICE or Path(asked.output).suffix.lower() in OFFICE:
        return office(asked)
    job = job_of(asked)
    memory = bytes_of(asked.memory) or free_memory() // 2
    out = Path(asked.output)
    if asked.sort:
        say(asked, "正在排序 ...", "Sorting ...")
        target = Path(f"{asked.output}.sorted.parquet")
        files.sort_file(asked.bills, target, memory)
        job = replace(job, bills=str(target))
    began = monotonic()
    work = files.plan_work(job, asked.jobs or os.cpu_count() or 1, memory, asked.resume)
    done = list(work.done)
    try:
        carry_out(asked, work, done)
    except KeyboardInterrupt:
        say(asked, f"已停止。完成的 {len(done)} 块留在 {job.folder}；加 --resume 继续。",
            f"Stopped. {len(done)} finished parts stay in {job.folder}; go on with --resume.")  # fmt: skip
        return 130
    found = files.join(work, out)
    if asked.years_out and "years" in found:
        shutil.move(found["years"], asked.years_out)
        found["years"] = Path(asked.years_out)
    if asked.sort:
        Path(job.bills).unlink()
    if asked.zh:
        put_in_chinese(found["rejects"])
    conclude(asked, done, monotonic() - began)
    if named:
        for path in found.values():
            print(f"  {path}  {gigabytes(path.stat().st_size)}")
    if any(one.rejected for one in done):
        print(*why_rejected(found["rejects"], asked.zh), sep="\n")
    return 1 if any(one.rejected for one in done) else 0


def carry_out(asked: Asked, work: "Work", done: "list[Done]") -> None:
    """Say what a run needs, and do what is left of it; `done` grows as parts end. Raises Refused; then nothing unfinished is left."""
    from duoceng.lab.batch import files

    try:
        announce(asked, work)
        with progress(asked, work) as watch:
            for one in files.run(work, watch):
                done.append(one)
    except Refused:
        if not done:
            shutil.rmtree(work.job.folder)  # nothing is finished that could be gone on with
        raise


def on_spark(asked: Asked) -> int:
    """The same on a Spark cluster. Raises Refused."""
    from duoceng.cli.settle import options_of
    from duoceng.lab.batch.job import Wants
    from duoceng.lab.batch.spark import session, settle_with_spark
    from duoceng.policy.library import Library

    if asked.engine != "spark" or asked.lines:
        what = "lines of itemised bills are settled on one machine" if asked.lines else f"`{asked.engine}` is no engine"
        raise refuse("B047", Place("--engine"), what, "", "write local or spark; --lines only with local")
    library = Library(find_policies(asked.policies or None))
    options = options_of(asked.order, asked.allow_unverified, asked.reforms, library)
    wants = Wants(layers=asked.layers, trail=asked.trail, years=bool(asked.years_out))
    counts = settle_with_spark(session(), asked.bills, asked.output, wants, options, library, asked.years_in)
    for name, rows in counts.items():
        print(f"  {asked.output}/{name}  {rows:,}")
    return 1 if counts.get("rejects") else 0


def office(asked: Asked) -> int:
    """The same for CSV and Excel: small tables, read and written whole, in the words they came in."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from duoceng.interfaces.bill_table import read_bill_table, write_bill_table
    from duoceng.interfaces.mistakes_zh import chinese_reason
    from duoceng.policy.library import Library

    out, words = Path(asked.output), asked.zh
    faults: tuple[tuple[int, str, str], ...] = ()
    headings: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        bills, ended = asked.bills, Path(folder) / "out.parquet"
        if Path(bills).suffix.lower() in OFFICE:
            if not Path(bills).is_file():
                raise refuse("B019", Place(bills, 0), "there is no such file", "", "check its name")
            read = read_bill_table(Path(bills), Library(find_policies(asked.policies or None)))
            bills, faults, words = str(Path(folder) / "bills.parquet"), read.faults, read.chinese
            headings = read.written
            pq.write_table(read.table, bills)
        code = run(replace(asked, bills=bills, output=str(ended), sort=False), named=False)
        for part in sorted(Path(folder).glob("out*.parquet")):
            table = pq.read_table(part)
            name = part.name.removeprefix("out").removesuffix(".parquet")
            if name == ".rejects":
                more = [{"row": row, "field": field, "code": "B009", "reason": chinese_reason(reason) if asked.zh else reason}
                        for row, field, reason in faults]  # fmt: skip
                rows = sorted([*table.to_pylist(), *more], key=lambda r: int(r["row"]))
                told = [{**r, "field": headings.get(r["field"], r["field"])} for r in rows]
                table = pa.Table.from_pylist(told, schema=table.schema)
            target = out.with_name(f"{out.name.removesuffix(out.suffix)}{name}{out.suffix}")
            if out.suffix.lower() in OFFICE:
                write_bill_table(target, table, words)
            else:
                pq.write_table(table, target)
            print(f"  {target}")
    if faults:
        say(
            asked,
            f"另有 {len(faults)} 个单元格读不了，见 rejects。",
            f"{len(faults)} cells could not be read: see the rejects.",
        )
    return 1 if faults else code


def job_of(asked: Asked) -> "Job":
    """The run as its workers get it. Raises Refused where a file is not there."""
    from duoceng.cli.settle import options_of
    from duoceng.lab.batch.job import Job, Wants
    from duoceng.lab.batch.kept import place_for
    from duoceng.policy.library import Library

    there(asked.bills, asked.years_in, asked.lines)
    readable(asked.bills)
    folder = find_policies(asked.policies or None)
    options = options_of(asked.order, asked.allow_unverified, asked.reforms, Library(folder))
    wants = Wants(layers=asked.layers, trail=asked.trail, years=bool(asked.years_out))
    job = Job(asked.bills, f"{asked.output}.parts", str(folder), options.order,
               tuple(str(Path(r).resolve()) for r in asked.reforms), asked.allow_unverified, wants, asked.years_in, asked.lines)  # fmt: skip
    return job if asked.fresh else replace(job, plans=place_for(job))


def there(*paths: str) -> None:
    """Stop where one of the files that are named is not there."""
    for path in filter(None, paths):
        if not Path(path).is_file():
            raise refuse("B019", Place(path, 0), "there is no such file", "", "check its name")


def writable(path: str) -> None:
    """Have a folder for what will be written, before anything is settled. Raises Refused."""
    folder = Path(path).resolve().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        wrong = "" if os.access(folder, os.W_OK) else os.strerror(EACCES)
    except OSError as error:
        wrong = error.strerror or str(error)
    if wrong:
        what = f"cannot be written: {wrong}"
        raise refuse("B036", Place(path, 0), what, "", "name a folder that exists and may be written to")


def readable(path: str) -> None:
    """Stop where the file is no table of bills."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError) as error:
        what = f"this is no Parquet file: {str(error)[:80]}"
        raise refuse("B044", Place(path, 0), what, "", "name a file of bills; see the page of bill tables") from None
    for name in ("member", "region", "discharged"):
        if name not in names:
            raise refuse("B042", Place(path, 0), f"column `{name}`: every bill needs it", "", "add the column")


def announce(asked: Asked, work: "Work") -> None:
    """What will be done, and what it needs, before it is done."""
    from duoceng.lab.batch.estimate import seconds_of
    from duoceng.lab.batch.kept import kinds_kept

    need = work.bills * (
        100 if work.job.wants.trail else 50
    )  # measured of mixed cities; parts and their whole stand side by side
    free = shutil.disk_usage(Path(work.job.folder).parent).free
    rest = len(work.tasks) - len(work.done)
    kinds = kinds_kept(work.job)
    seconds = seconds_of(work, kinds)
    say(asked,
        f"{work.bills:,} 张单据，{len(work.tasks)} 块（已完成 {len(work.done)} 块），{work.jobs} 个进程；内存至多约 {gigabytes(work.memory)}，"
        f"磁盘约 {gigabytes(need)}（可用 {gigabytes(free)}）；约需 {clock(seconds)}。",
        f"{work.bills:,} bills in {many(len(work.tasks), 'part')} ({len(work.done)} done), {many(work.jobs, 'process')}; at most about "
        f"{gigabytes(work.memory)} of memory, about {gigabytes(need)} of disk ({gigabytes(free)} free); about {clock(seconds)}.")  # fmt: skip
    if asked.memory and work.memory > bytes_of(asked.memory):
        raise refuse("B048", Place("--memory"), f"one process needs about {gigabytes(work.memory)}", "A row group is settled in one piece.",
                     "give as much, or write the bills in smaller row groups")  # fmt: skip
    if kinds:
        say(asked, f"前几次运行已推算 {kinds:,} 类单据，直接取用（--fresh 重新推算）。",
            f"{kinds:,} kinds of bills are known from earlier runs (--fresh works them out anew).")  # fmt: skip
    if rest and need > free:
        raise refuse("B045", Place(work.job.folder, 0), "the disk is too full for what will be written", "",
                     "write to another disk, or without --trail and --layers")  # fmt: skip


def bytes_of(written: str) -> int:
    """An amount of memory: 4GB, 500MB. Raises Refused."""
    if not written:
        return 0
    number, unit = written.upper().removesuffix("B")[:-1], written.upper().removesuffix("B")[-1:]
    try:
        return int(float(number) * {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}[unit])
    except (KeyError, ValueError):
        raise refuse(
            "B046", Place("--memory"), f"`{written}` is no amount of memory", "", "write 4GB or 500MB"
        ) from None


def free_memory() -> int:
    """Bytes of memory that nobody uses."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return 4 << 30
