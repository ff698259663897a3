"""Bills as a Parquet file: the form of its columns, and writing it group by group while the next is drawn.

blocks of 65,536 ──▶ a row group of 1,048,576 ──▶ the file        two threads, a few hundred megabytes at any size
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from duoceng.lab.drawing.columns import Array, Group, narrow
from duoceng.lab.drawing.draw import BLOCK, EPISODES, Drawer
from duoceng.lab.drawing.lines import Lines
from duoceng.lab.drawing.money import EVEN_KINDS, money_of
from duoceng.lab.drawing.plan import Plan, Wanted, add_columns, cells_of, plan_of
from duoceng.lab.drawing.population import Population
from duoceng.policy.library import Library

GROUP = 1 << 20
PAGE = 1 << 16  # rows of a page: few enough to be read in the processor's own memory
BLOCKS = GROUP // BLOCK
SORTED = ["member", "bill", "discharged"]  # with smallest and largest of each group
FIRST = [
    "member",
    "bill",
    "region",
    "discharged",
    "admitted",
    "settled",
    "products",
    "scheme",
    "status",
    "age",
    "born",
    "sex",
    "care",
    "level",
]
Progress = Callable[[int, int], None]


def table_of(plan: Plan, group: Group) -> pa.Table:
    """A row group as the columns of the file."""
    place, home = group.values["place"], group.values["home"]
    schemes, statuses = list(plan.words["scheme"].values), list(plan.words["status"].values)
    group.values["region"] = coded([plan.regions.index(region) for region, _ in plan.places]).take(place)
    group.values["scheme"] = coded([schemes.index(scheme) for _, scheme in plan.places]).take(place)
    group.values["status"] = coded([statuses.index(status) for _, status, _ in plan.homes]).take(home)
    years = range(plan.wanted.days[0].year, plan.wanted.days[0].year + 9)
    words = {
        "region": plan.regions, "products": [";".join(some) for some in plan.sets], "scheme": schemes, "status": statuses,
        "sex": list(plan.words["sex"].values), "care": plan.cares,
        "episode": [f"e{n + 1} of {year}" for year in years for n in range(EPISODES)],
        **{c.name: list(c.words) for c in plan.columns if c.words},
    }  # fmt: skip
    forms = {"year_end": pa.bool_(), **dict.fromkeys(("discharged", "admitted", "settled", "born"), pa.date32())}
    forms |= {c.name: c.form for c in plan.columns}
    found = {}
    for name in sorted(group.values, key=lambda n: FIRST.index(n) if n in FIRST else len(FIRST)):
        if name in ("place", "home"):
            continue
        plain = pa.from_numpy_dtype(group.values[name].dtype)
        form = pa.dictionary(plain, pa.string()) if name in words else forms.get(name, plain)
        found[name] = group.arrow(name, form, words.get(name, ()))
    return pa.table(found)


def coded(codes: list[int]) -> Array:
    """Codes in the smallest type that holds them."""
    return np.array(codes, dtype=narrow(0, max(codes)))


@dataclass
class Maker:
    """Makes the row groups of a draw."""

    drawer: Drawer
    lines: Lines | None
    wanted: Wanted

    def groups(self) -> int:
        """How many row groups there are."""
        return -(-self.wanted.bills // GROUP)

    def group(self, number: int) -> tuple[pa.Table, pa.Table | None]:
        """One row group, with the lines of its bills."""
        rows = min(self.wanted.bills - number * GROUP, GROUP)
        blocks = -(-rows // BLOCK)
        group = Group(blocks * BLOCK)
        for at in range(blocks):
            group.start = at * BLOCK
            self.drawer.block(group, self.wanted.seed, number * BLOCKS + at)
        lines = self.lines.draw(group, rows, (self.wanted.seed, number)) if self.lines else None
        return table_of(self.drawer.plan, group).slice(0, rows), lines


def maker_of(library: Library, population: Population, wanted: Wanted) -> Maker:
    """Everything that is needed to draw."""
    plan = plan_of(library, population, wanted)
    cells = cells_of(plan)
    add_columns(plan)
    return Maker(Drawer(plan, cells, money_of(plan)), Lines(plan) if wanted.lines else None, wanted)


def write_bills(maker: Maker, paths: list[Path], progress: Progress) -> None:
    """Write the file of bills, and that of lines if there is one, group by group."""
    writers: list[pq.ParquetWriter] = []
    try:
        done = 0
        for table, itemised in _drawn(maker):
            tables = [table] if itemised is None else [table, itemised]
            if not writers:
                writers += [writer(path, one) for path, one in zip(paths, tables, strict=True)]
            for one, into in zip(tables, writers, strict=True):
                into.write_table(one, row_group_size=GROUP)
            done += table.num_rows
            progress(done, maker.wanted.bills)
    finally:
        for into in writers:
            into.close()


def writer(path: Path, table: pa.Table) -> pq.ParquetWriter:
    """A file for tables of this form, each column kept as is quickest to write and read."""
    rising = dict.fromkeys(("member", "bill"), "DELTA_BINARY_PACKED")
    amounts = dict.fromkeys((*EVEN_KINDS, "amount"), "BYTE_STREAM_SPLIT")
    encoded = {name: how for name, how in {**rising, **amounts}.items() if name in table.column_names}
    return pq.ParquetWriter(path, table.schema, compression="lz4", column_encoding=encoded, max_rows_per_page=PAGE,
                            use_dictionary=[name for name in table.column_names if name not in encoded],
                            write_statistics=[n for n in SORTED if n in table.column_names])  # fmt: skip


def _drawn(maker: Maker) -> Iterator[tuple[pa.Table, pa.Table | None]]:
    """The row groups in order, each drawn while the one before it is written."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(maker.group, 0) if maker.groups() else None
        for number in range(1, maker.groups() + 1):
            assert following is not None
            drawn = following.result()
            following = pool.submit(maker.group, number) if number < maker.groups() else None
            yield drawn
