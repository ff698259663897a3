"""Bills of real mixed cities through the batch: settled in memory, and from Parquet to Parquet.

    python benchmarks/batch.py [--bills 2000000] [--rounds 3] [--file bills.parquet]

Bills are drawn as `duoceng generate --spread real` does. In memory: columns of arrow in, columns of fen out, in two processes of a
stretch of members each, once with the plans made on the way and then with the plans in hand. Parquet to Parquet: stretches of whole
members are read, settled and written by a pool. Every rate counts all bills, refused ones too, over the time of the slower process.
"""

import argparse
import multiprocessing
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from duoceng.base import garbage, memory
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.job import Task, Wants
from duoceng.lab.batch.output import tables_of
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.lab.batch.task import whole_members
from duoceng.lab.batch.written import how_written
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of, write_bills
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options

ASKED = {
    "tiers": Wants(kinds=False, layers=False),
    "tiers and kinds": Wants(kinds=True, layers=False),
    "tiers, kinds, layers": Wants(),
    "tiers, kinds, layers, trail": Wants(trail=True),
}
OPTIONS = Options(allow_unverified=True)
PROCESSES = 2
IN_MEMORY, FILES = 15, 8  # targets, million bills a second


@dataclass(frozen=True)
class Steps:
    """Seconds of one stretch: the columns read, the bills settled, the tables made."""

    columns: float
    settle: float
    tables: float
    bills: int
    rejects: int
    plans: int
    read: float = 0
    write: float = 0

    @property
    def whole(self) -> float:
        """From columns to tables."""
        return self.columns + self.settle + self.tables


_HERE: dict[str, Any] = {}  # of a process: its batch, its bills


def batch() -> Batch:
    """The batch of this process."""
    if "batch" not in _HERE:
        garbage.seldom()  # as the workers of `duoceng batch` do
        memory.keep()
        _HERE["batch"] = Batch(Library(find_policies()), OPTIONS)
    made: Batch = _HERE["batch"]
    return made


def settled(table: pa.Table, wants: Wants) -> tuple[Steps, dict[str, pa.Table]]:
    """One stretch of whole members."""
    mine = batch()
    start = time.perf_counter()
    bills = Columns(table, mine.dictionary)
    read = time.perf_counter()
    found = settle_table(mine, bills, wants)
    done = time.perf_counter()
    tables = tables_of(mine, bills, found, wants)
    end = time.perf_counter()
    return Steps(
        read - start, done - read, end - done, table.num_rows, len(found.rejects), len(mine.tables.plans)
    ), tables


# ── in memory ──


def hold(place: tuple[str, int, int]) -> None:
    """Read a stretch once; the process keeps it. The loops are compiled on a few bills of it."""
    file, first, rows = place
    _HERE["table"] = pq.read_table(file).slice(first, rows).combine_chunks()
    few = Batch(Library(find_policies()), OPTIONS)
    for wants in ASKED.values():
        settle_table(few, Columns(_HERE["table"].slice(0, 100), few.dictionary), wants)


def again(name: str) -> Steps:
    """Settle what this process holds."""
    return settled(_HERE["table"], ASKED[name])[0]


def in_memory(file: str, edges: list[int], rounds: int) -> None:
    """Processes that each hold their stretch, side by side; the least of several rounds."""
    stretches = list(pairwise(edges))
    pools = [ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) for _ in stretches]
    for pool, (first, last) in zip(pools, stretches, strict=True):
        pool.submit(hold, (file, first, last - first)).result()

    def together(name: str) -> list[Steps]:
        return [done.result() for done in [pool.submit(again, name) for pool in pools]]

    bills = edges[-1]
    new = together("tiers")
    print(f"in memory, {len(pools)} processes, {bills:,} bills, {sum(s.rejects for s in new):,} refused, plans made: "
          f"{' + '.join(f'{s.plans:,}' for s in new)}")  # fmt: skip
    print(f"  {'M bills/s':<30}{'settle':>10}{'all':>10}   ns a bill: columns  settle  tables")
    show("tiers, plans not yet made", bills, new)
    for name in ASKED:
        together(name)
        found = min((together(name) for _ in range(rounds)), key=lambda steps: max(s.whole for s in steps))
        show(name, bills, found, f"   target {IN_MEMORY}" if name == "tiers" else "")
    for pool in pools:
        pool.shutdown()


def show(name: str, bills: int, steps: list[Steps], target: str = "") -> None:
    """One row: rates of all processes together, and what one process needs for a bill."""
    settle, whole = max(s.settle for s in steps), max(s.whole for s in steps)
    each = [sum(getattr(s, part) for s in steps) / bills * 1e9 for part in ("columns", "settle", "tables")]
    print(
        f"  {name:<30}{bills / settle / 1e6:>10.2f}{bills / whole / 1e6:>10.2f}   "
        + "".join(f"{n:>9.0f}" for n in each)
        + target
    )


# ── Parquet to Parquet ──


def tasks_of(file: str) -> list[Task]:
    """Each row group as a task of its own."""
    source = pq.ParquetFile(file).metadata
    rows = accumulate((source.row_group(group).num_rows for group in range(source.num_row_groups)), initial=0)
    return [Task(group, group, group + 1, row) for group, row in zip(range(source.num_row_groups), rows, strict=False)]


def one_task(file: str, task: Task, name: str, out: str) -> Steps:
    """Read the members of a row group, settle them, write their tables."""
    start = time.perf_counter()
    table, *_ = whole_members(file, task)
    read = time.perf_counter() - start
    steps, tables = settled(table, ASKED[name])
    start = time.perf_counter()
    for kind, made in tables.items():
        place = Path(out) / f"{kind}-{task.number:06d}.parquet"
        pq.write_table(made, place, **how_written(made))
    return replace(steps, read=read, write=time.perf_counter() - start)


def to_files(file: str, tasks: list[Task], rounds: int) -> None:
    """Processes that read, settle and write one row group after the other; each keeps its plans from round to round."""
    pools = [ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) for _ in range(PROCESSES)]
    print(f"Parquet to Parquet, {len(pools)} processes, {len(tasks)} row groups")
    print(f"  {'M bills/s':<40}{'all':>10}   ns a bill: read  columns  settle  tables  write")
    for name in ASKED:
        told = []
        for _ in range(rounds + 1):
            with tempfile.TemporaryDirectory() as out:
                start = time.perf_counter()
                done = [pools[at % PROCESSES].submit(one_task, file, one, name, out) for at, one in enumerate(tasks)]
                steps = [one.result() for one in done]
                told.append((time.perf_counter() - start, steps))
                written = sum(path.stat().st_size for path in Path(out).iterdir())
        if name == "tiers":
            show_files("tiers, plans not yet made", *told[0])
        show_files(f"{name}, {written / bills_of(steps):.0f} bytes each", *min(told[1:], key=lambda one: one[0]))
    print(f"  target {FILES} for the tiers")
    for pool in pools:
        pool.shutdown()


def bills_of(steps: list[Steps]) -> int:
    """How many bills these were."""
    return sum(s.bills for s in steps)


def show_files(name: str, seconds: float, steps: list[Steps]) -> None:
    """One row: the rate of all processes together, and what one process needs for a bill."""
    bills = bills_of(steps)
    each = [
        sum(getattr(s, part) for s in steps) / bills * 1e9 for part in ("read", "columns", "settle", "tables", "write")
    ]
    print(f"  {name:<40}{bills / seconds / 1e6:>10.2f}   " + "".join(f"{n:>8.0f}" for n in each))


def edges_of(file: str, stretches: int) -> list[int]:
    """Rows at which stretches of whole members begin, and the last row."""
    member = pq.read_table(file, columns=["member"])["member"].to_numpy()
    wanted = [len(member) * at // stretches for at in range(1, stretches)]
    return [0, *(int(np.searchsorted(member, member[row])) for row in wanted), len(member)]


def drawn(bills: int, folder: str) -> str:
    """A file of bills."""
    library = Library(find_policies())
    file = Path(folder) / "bills.parquet"
    write_bills(maker_of(library, population_of(library), Wanted(bills)), [file], lambda done, wanted: None)
    return str(file)


def main() -> None:
    """Every figure."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--bills", type=int, default=2_000_000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--file", default="", help="bills drawn before")
    asked = words.parse_args()
    folder = tempfile.mkdtemp()
    try:
        file = asked.file or drawn(asked.bills, folder)
        in_memory(file, edges_of(file, PROCESSES), asked.rounds)
        to_files(file, tasks_of(file), asked.rounds)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
