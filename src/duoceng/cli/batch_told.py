"""What `duoceng batch` tells: how far it is, what came of it, and why bills were rejected."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from duoceng.base.money import yuan

if TYPE_CHECKING:
    from duoceng.cli.batch import Asked
    from duoceng.lab.batch.files import Work
    from duoceng.lab.batch.job import Done

REASONS = 5  # why bills were rejected that are told after a run
SLICE = 20.0  # seconds between lines of progress where there is no terminal


def say(asked: "Asked", zh: str, en: str) -> None:
    """A line to whoever watches."""
    print(zh if asked.zh else en, file=sys.stderr, flush=True)


def many(count: int, one: str) -> str:
    """So many of something, in English."""
    return f"{count:,} {one}" + ("" if count == 1 else "es" if one.endswith("s") else "s")


@contextmanager
def progress(asked: "Asked", work: "Work") -> "Iterator[Callable[[int], None]]":
    """A bar where there is a terminal; else a line now and then. It is told how many bills are settled."""
    if not sys.stderr.isatty():
        yield Lines(asked, work)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        before, began = sum(d.bills for d in work.done), monotonic()
        task = bar.add_task("", total=work.bills, completed=before, rate="")

        def watch(settled: int) -> None:
            rate = f"{(settled - before) / (monotonic() - began):,.0f}/s"
            bar.update(task, completed=settled, rate=rate if settled > before else "")

        yield watch


class Lines:
    """Progress where nobody watches a terminal."""

    def __init__(self, asked: "Asked", work: "Work"):
        self.asked, self.total = asked, work.bills
        self.began, self.told = monotonic(), monotonic()
        self.before = sum(d.bills for d in work.done)

    def __call__(self, settled: int) -> None:
        """So many bills are settled."""
        now = monotonic()
        if now - self.told > SLICE and self.before < settled < self.total:
            self.told = now
            rest = (self.total - settled) * (now - self.began) / (settled - self.before)
            say(self.asked, f"{settled:,} / {self.total:,}，约剩 {clock(rest)}",
                f"{settled:,} / {self.total:,}, about {clock(rest)} left")  # fmt: skip


def conclude(asked: "Asked", done: "list[Done]", seconds: float) -> None:
    """What came of it; the counts add up."""
    bills, settled, rejected = (sum(getattr(d, name) for d in done) for name in ("bills", "settled", "rejected"))
    billed, covered, pays = (sum(getattr(d, name) for d in done) for name in ("billed", "covered", "member_pays"))
    assert bills == settled + rejected
    assert billed == covered + pays
    memory = max((d.memory for d in done), default=0)
    rate = bills / max(seconds, 1e-9)
    if asked.zh:
        print(f"单据 {bills:,} = 已结算 {settled:,} + 被拒 {rejected:,}")
        print(f"费用 {yuan(billed)} = 各层支付 {yuan(covered)} + 个人负担 {yuan(pays)}")
        print(f"用时 {clock(seconds)}，每秒 {rate:,.0f} 张，单进程内存峰值 {gigabytes(memory)}")
    else:
        print(f"bills {bills:,} = settled {settled:,} + rejected {rejected:,}")
        print(f"billed {yuan(billed)} = paid by layers {yuan(covered)} + left to members {yuan(pays)}")
        print(f"{clock(seconds)}, {rate:,.0f} bills a second, at most {gigabytes(memory)} of memory in a process")


def put_in_chinese(rejects: Path) -> None:
    """Have the reasons of rejects in Chinese, each of them once for a row group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from duoceng.interfaces.mistakes_zh import chinese_reason
    from duoceng.lab.batch.written import how_written

    file, half, writer = pq.ParquetFile(rejects, read_dictionary=["reason"]), rejects.with_suffix(".tmp"), None
    for group in range(file.num_row_groups):
        table = file.read_row_group(group).unify_dictionaries().combine_chunks()
        reason = table.column("reason").chunk(0) if table.num_rows else None
        if reason is not None:
            told = pa.array(map(chinese_reason, reason.dictionary.to_pylist()), pa.string())
            table = table.set_column(
                table.column_names.index("reason"), "reason", pa.DictionaryArray.from_arrays(reason.indices, told)
            )
        writer = writer or pq.ParquetWriter(half, table.schema, **how_written(table))
        writer.write_table(table)
    if writer:
        writer.close()
        half.replace(rejects)


def why_rejected(rejects: Path, zh: bool) -> list[str]:
    """The most frequent reasons, in lines: how many bills, code, field, and what the code means."""
    import pyarrow.parquet as pq

    from duoceng.interfaces.codes import CODES

    told = pq.read_table(rejects, columns=["code", "field"]).group_by(["code", "field"]).aggregate([([], "count_all")])
    rows = sorted(told.to_pylist(), key=lambda row: (-row["count_all"], row["code"], row["field"]))
    shown, more = rows[:REASONS], sum(row["count_all"] for row in rows[REASONS:])
    wide = max(len(row["field"]) for row in shown)
    lines = []
    for row in shown:
        title, repair = CODES[row["code"]][0 if zh else 2 :][:2]
        means = f"{title}。{repair}" if zh else f"{title}. {repair}"
        lines.append(f"  {row['count_all']:>11,}  {row['code']} {row['field']:<{wide}}  {means}")
    return lines + ([f"  {more:>11,}  {'其他原因' if zh else 'other reasons'}"] if more else [])


def gigabytes(size: int) -> str:
    """A size, for people."""
    for unit, step in (("GB", 1 << 30), ("MB", 1 << 20)):
        if size >= step:
            return f"{size / step:.1f} {unit}"
    return f"{size / 1024:.0f} KB"


def clock(seconds: float) -> str:
    """A duration, for people."""
    whole = round(seconds)
    return (
        f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
        if whole >= 3600
        else f"{whole // 60}:{whole % 60:02d}"
    )
