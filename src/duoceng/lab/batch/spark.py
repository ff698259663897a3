"""Bills through a Spark cluster: the same batch, on partitions of whole members.

    bills, years ──▶ by member ──▶ sorted by member, day of discharge, place in the file ──▶ mapInArrow ──▶ a folder for each table

How the bills are spread has no say in what comes out: a member's bills meet in one partition and stand in one order. A partition
streams: no more is held than a stretch of bills and the member it ends in. A worker keeps its batch, so a plan is made once in a
process. The documents travel with the job: workers settle by the files the driver has read, whatever lies beside them. A task that
is lost is run again from its bills, and gives the same.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duoceng.base.mistakes import Place, refuse
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.output import tables_of, years_of
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

STRETCH = 1 << 17  # bills settled at a time
PIECE = 1 << 16  # rows handed back at a time
PART = 1 << 19  # bills of a partition, about; a lost task settles them again
ROW, SUM, AMOUNT = "duoceng row", "duoceng sum", "duoceng amount"  # our columns, beside those of the bills
OWN_TO_A_PROCESS = ("plan",)  # numbers that another process gives to something else

Tables = dict[str, pa.Table]
Files = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Job:
    """What a worker needs: each folder of documents as it was read, what is asked for, and under which options."""

    folders: tuple[Files, ...]
    wants: Wants
    options: Options
    key: str = field(default="", compare=False)


def job_of(library: Library, wants: Wants, options: Options) -> Job:
    """The job by the documents of a library."""
    folders = tuple(
        tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in sorted(folder.rglob("*.yaml")))
        for folder in library.folders
    )
    said = repr((folders, wants, options.order, options.allow_unverified, [r.policy for r in options.reforms]))
    return Job(folders, wants, replace(options, reads=None), sha256(said.encode()).hexdigest())


# ── in a worker ──


@dataclass
class Worker:
    """The batch of one process; its documents are read as they are needed."""

    key: str
    home: TemporaryDirectory[str]
    batch: Batch


_KEPT: list[Worker] = []  # of the job at hand: a process of Spark runs one task at a time


def batch_of(job: Job) -> Batch:
    """The batch of this process for a job."""
    if not _KEPT or _KEPT[0].key != job.key:
        home = TemporaryDirectory(prefix="duoceng-")
        places = [Path(home.name) / str(at) / "policies" for at in range(len(job.folders))]
        for place, files in zip(places, job.folders, strict=True):
            for name, content in files:
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(content)
        _KEPT[:] = [Worker(job.key, home, Batch(Library(places[0], tuple(places[1:])), job.options))]
    return _KEPT[0].batch


def settle_partition(job: Job, records: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """One partition, sorted: its bills in stretches that end where a member ends."""
    held: list[pa.RecordBatch] = []
    for record in records:
        held.append(record)
        if sum(one.num_rows for one in held) < STRETCH:
            continue
        table = pa.Table.from_batches(held)
        whole = last_member_from(table.column("member"))
        if whole:
            yield from handed_back(settle_stretch(job, table.slice(0, whole)), job)
            held = table.slice(whole).combine_chunks().to_batches()
    if held:
        yield from handed_back(settle_stretch(job, pa.Table.from_batches(held)), job)


def last_member_from(member: pa.ChunkedArray) -> int:
    """The row that the last member begins at."""
    changed = pc.not_equal(member.slice(1), member.slice(0, len(member) - 1)).combine_chunks().fill_null(True)
    found = np.flatnonzero(changed.to_numpy(zero_copy_only=False))
    return int(found[-1]) + 1 if len(found) else 0


def settle_stretch(job: Job, table: pa.Table) -> Tables:
    """The tables of a stretch of whole members, and of what they bring from before."""
    batch, years = batch_of(job), None
    if SUM in table.column_names:
        brought = table.filter(pc.is_valid(table.column(SUM)))
        table = table.filter(pc.is_null(table.column(SUM)))
        given = pa.table({"member": brought["member"], "sum": brought[SUM], "amount": brought[AMOUNT]})
        table = table.drop_columns([SUM, AMOUNT])
    else:
        given = None
    row = table.column(ROW).combine_chunks()
    bills = Columns(table.drop_columns([ROW]).combine_chunks(), batch.dictionary)
    if given is not None:
        years = years_of(given, bills)
    found = tables_of(batch, bills, settle_table(batch, bills, job.wants, years), job.wants, years)
    return {name: as_in_the_file(made, row) for name, made in found.items()}


def as_in_the_file(table: pa.Table, row: pa.Array) -> pa.Table:
    """Rows counted over the whole file, and words in place of the numbers of this process."""
    table = table.drop_columns([name for name in OWN_TO_A_PROCESS if name in table.column_names])
    for at, name in enumerate(table.column_names):
        column = table.column(at)
        if name == "row":
            table = table.set_column(at, name, row.take(column.combine_chunks()))
        elif pa.types.is_dictionary(column.type):
            table = table.set_column(at, name, column.cast(column.type.value_type))
    return table


def handed_back(tables: Tables, job: Job) -> Iterator[pa.RecordBatch]:
    """Rows of every table under one schema: a column for each table, and in each row one that is not null."""
    types = {name: pa.struct(list(table.schema)) for name, table in tables.items()}
    for name, table in tables.items():
        for at in range(0, table.num_rows, PIECE):
            piece = table.slice(at, PIECE).combine_chunks()
            rows = pa.StructArray.from_arrays([c.combine_chunks() for c in piece.columns], fields=list(piece.schema))
            others = [rows if other == name else pa.nulls(piece.num_rows, types[other]) for other in tables]
            yield pa.RecordBatch.from_arrays(others, names=list(tables))


# ── on the driver ──


def settle_frame(bills: "DataFrame", job: Job, years: "DataFrame | None" = None, parts: int = 0) -> "DataFrame":
    """What comes of bills, in columns `bills`, `rejects` ... of which one is not null in a row. `bills` has a column `ROW`."""
    from pyspark.sql import functions as f

    schema = schema_of(bills, job)
    parts = parts or max(bills.sparkSession.sparkContext.defaultParallelism, -(-bills.count() // PART))
    order = [f.col("member"), f.col("discharged"), f.col(ROW)]
    if years is not None:
        kind = bills.schema["member"].dataType
        brought = years.select(
            f.col("member").cast(kind), f.col("sum").alias(SUM), f.col("amount").cast("long").alias(AMOUNT)
        )
        bills = bills.unionByName(brought, allowMissingColumns=True)
        order.insert(1, f.col(SUM).isNull())
    ready = bills.repartition(parts, "member").sortWithinPartitions(*order)
    names = ready.columns  # mapInArrow takes a name with a point in it for a field of a struct
    job_here = bills.sparkSession.sparkContext.broadcast(job)

    def settle(records: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return settle_partition(job_here.value, (record.rename_columns(names) for record in records))

    return ready.toDF(*(f"c{at}" for at in range(len(names)))).mapInArrow(settle, schema)


def schema_of(bills: "DataFrame", job: Job) -> Any:
    """The schema of what comes back: that of no bills at all. A column that cannot be read is found here, before the work begins."""
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    tables = settle_stretch(job, to_arrow_schema(bills.schema).empty_table())
    return from_arrow_schema(pa.schema([(name, pa.struct(list(table.schema))) for name, table in tables.items()]))


def read_bills(spark: "SparkSession", path: str) -> "DataFrame":
    """Bills of a Parquet file or folder, with the row of each, counted over the files in the order of their names."""
    from pyspark.sql import functions as f

    found = spark.read.parquet(path)
    file, within = f.col("_metadata.file_path"), f.col("_metadata.row_index")
    files = found.groupBy(file.alias("file")).agg(f.count(f.lit(1)).alias("rows")).collect()
    before, first = 0, []
    for one in sorted(files, key=lambda row: str(row["file"])):
        first.append((one["file"], before))
        before += one["rows"]
    if len(first) < 2:
        return found.select("*", within.alias(ROW))
    begins = f.broadcast(spark.createDataFrame(first, "file string, begins long"))
    numbered = found.select("*", file.alias("file of ours"), within.alias("within"))
    joined = numbered.join(begins, f.col("file of ours") == f.col("file"), "inner")
    return joined.withColumn(ROW, f.col("begins") + f.col("within")).drop("file of ours", "within", "file", "begins")


def settle_with_spark(
    spark: "SparkSession",
    bills_path: str,
    out_path: str,
    wants: Wants,
    options: Options,
    library: Library | None = None,
    years_path: str = "",
) -> dict[str, int]:
    """Parquet in, Parquet out: `<out_path>/bills`, `rejects` and what else was asked for. Returns how many rows each has."""
    from pyspark import StorageLevel
    from pyspark.errors import AnalysisException
    from pyspark.sql import functions as f

    job = job_of(library or Library(find_policies()), wants, options)
    try:
        years = spark.read.parquet(years_path) if years_path else None
        settled = settle_frame(read_bills(spark, bills_path), job, years).persist(StorageLevel.DISK_ONLY)
    except AnalysisException as error:
        what = f"Spark cannot read the bills: {first_line(error)}"
        raise refuse("B051", Place("--engine"), what, "", "name Parquet files that every worker can reach") from None
    counts = {}
    try:
        for name in settled.columns:
            part = settled.where(f.col(name).isNotNull()).select(f"{name}.*")
            part.write.parquet(f"{out_path.rstrip('/')}/{name}")
            counts[name] = part.count()
    except AnalysisException as error:
        what = f"Spark cannot write the tables: {first_line(error)}"
        raise refuse("B052", Place("--output"), what, "", "name a folder that is not there yet") from None
    finally:
        settled.unpersist()
    return counts


def first_line(error: Exception) -> str:
    """What Spark says, without its plan and its Java."""
    return str(error).strip().partition("\n")[0]


def session(master: str = "") -> "SparkSession":
    """The session this process runs in, or a new one (`master` empty: as `spark-submit` says, else on this machine)."""
    missing = [name for name in ("pyspark", "pandas") if find_spec(name) is None]
    missing += [] if shutil.which("java") or os.environ.get("JAVA_HOME") else ["Java"]
    if missing:
        raise refuse("B050", Place("--engine"), f"{', '.join(missing)} is not installed", "A Spark cluster is spoken to through them.",
                     "pip install 'duoceng[spark]', and install Java 17")  # fmt: skip
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("duoceng")
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", PIECE)
    builder = builder.config("spark.ui.showConsoleProgress", sys.stderr.isatty())
    return (builder.master(master) if master else builder).getOrCreate()
