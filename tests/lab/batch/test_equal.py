"""The batch is the desk: every bill, every layer, every trail value, every running sum, every refusal.

`DUOCENG_BATCH_BILLS=1000000` settles as many; the suite settles a few thousand.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from duoceng.base.mistakes import Refused
from duoceng.desk.trip import settle_bill
from duoceng.desk.year import year_end_bill
from duoceng.engine.settle import added
from duoceng.lab.batch import run
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.falls import why
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.output import tables_of, years_of
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.lab.batch.settled import Settled
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of, write_bills
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options
from duoceng.records.settlement import Settlement
from forgetful import Forgetful
from lab.rows import alike

OPTIONS = Options(allow_unverified=True)
WANTS = Wants(kinds=True, layers=True, trail=True, years=True)
BILLS = int(os.environ.get("DUOCENG_BATCH_BILLS", "4000"))
SEED = int(os.environ.get("DUOCENG_BATCH_SEED", "1"))


@dataclass
class Desk:
    """The desk, bill by bill in the order of the file."""

    library: Library
    bills: Columns
    sums: dict[str, int] = field(default_factory=dict)
    year: list[Settlement] = field(default_factory=list)

    def settle(self, row: int) -> Settlement:
        member, bill = self.bills.member_of(row), self.bills.bill_of(row)
        if bill.year_end:
            bill = year_end_bill(bill, tuple(self.year))
        settled = settle_bill(self.library, member, bill, self.sums, OPTIONS)
        self.year.append(settled)
        self.sums = added(self.sums, settled.changes)
        return settled


def members(bills: Columns) -> Iterator[range]:
    """The rows of each member."""
    edges = [0, *(np.flatnonzero(np.diff(bills.member)) + 1).tolist(), bills.n]
    for first, last in pairwise(edges):
        yield range(first, last)


def by_row(rows: np.ndarray, values: np.ndarray) -> dict[int, list[tuple[int, ...]]]:
    """Rows of a long table by the bill they belong to."""
    found: dict[int, list[tuple[int, ...]]] = {}
    for row, value in zip(rows.tolist(), values.tolist(), strict=True):
        found.setdefault(row, []).append(tuple(value))
    return found


def same(batch: Batch, bills: Columns, settled: Settled) -> list[str]:
    """What differs between the batch and the desk, in words. The desk works every plan out anew."""
    found: list[str] = []
    library = Forgetful(find_policies())
    trails = by_row(settled.trail_of[:, 0], settled.trail)
    layers = by_row(settled.layers[:, 0], settled.layers[:, 1:])
    sums: dict[int, dict[str, int]] = {}
    for member, place, number, value in settled.sums.tolist():
        sums.setdefault(member, {})[batch.sum_name(place, number, None)] = value
    rejects = {r.row: r for r in settled.rejects.values()}
    for number, rows in enumerate(members(bills)):
        desk = Desk(library, bills)
        for row in rows:
            if row in bills.faults:
                continue
            try:
                one = desk.settle(row)
            except Refused as refused:
                if row not in rejects:
                    found.append(f"row {row}: only the desk refuses it")
                elif not alike(rejects[row].reason, words := why(refused)[1]):
                    found.append(f"row {row}: {rejects[row].reason} != {words}")
                continue
            if row in rejects:
                found.append(f"row {row}: only the batch refuses it")
                continue
            paid: Counter[tuple[str, str]] = Counter()
            for layer, amount in layers.get(row, []):
                paid[batch.tables.layers[layer].policy, batch.tables.layers[layer].name] += amount
            wanted: Counter[tuple[str, str]] = Counter()
            for info, amount in zip(one.plan.layers, one.paid, strict=True):
                wanted[info.policy, info.name] += amount
            checks = {
                "layers": (+wanted, paid),
                "billed": (one.billed, int(settled.billed[row])),
                "member": (one.member_pays, int(settled.member_pays[row])),
                "cash": (one.cash, int(settled.cash[row])),
                "kinds": (list(one.self_pay.values()), settled.kinds[:, row].tolist()),
                "trail": (list(one.trails), trails.get(row, [])),
            }
            found += [f"row {row}: {name}: {a} != {b}" for name, (a, b) in checks.items() if a != b]
        if sums.get(number, {}) != desk.sums:
            found.append(f"member {number}: the year differs")
    return found


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch(Library(find_policies()), OPTIONS)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Bills of every place: as they are drawn for benchmarks, and with every answer alike."""
    found = {}
    library = Library(find_policies())
    for spread in ("real", "even"):
        path = tmp_path_factory.mktemp("bills") / f"{spread}.parquet"
        maker = maker_of(library, population_of(library, ""), Wanted(max(BILLS // 2, 1000), SEED, spread, 2025, ()))
        write_bills(maker, [Path(path)], lambda *_: None)
        found[spread] = pq.read_table(path)
    return found


@pytest.mark.parametrize("spread", ["real", "even"])
def test_the_batch_is_the_desk(batch: Batch, drawn: dict[str, pa.Table], spread: str) -> None:
    bills = Columns(drawn[spread], batch.dictionary)

    settled = settle_table(batch, bills, WANTS)

    assert same(batch, bills, settled)[:5] == []
    assert (settled.plan >= 0).sum() + len(settled.rejects) == bills.n
    assert settled.trail.any()
    assert settled.layers.any()


def test_what_is_not_asked_for_changes_nothing(batch: Batch, drawn: dict[str, pa.Table]) -> None:
    bills = Columns(drawn["real"], batch.dictionary)

    whole, bare = settle_table(batch, bills, WANTS), settle_table(batch, bills, Wants(kinds=False, layers=False))

    for name in ("plan", "billed", "member_pays", "cash", "tiers"):
        assert np.array_equal(getattr(whole, name), getattr(bare, name)), name


def test_pieces_are_the_whole(batch: Batch, drawn: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch) -> None:
    """A table cut between members, settled by another process that has made no plan yet, and signs few bills at a time."""
    table = drawn["even"]
    bills = Columns(table, batch.dictionary)
    whole = tables_of(batch, bills, settle_table(batch, bills, WANTS), WANTS)
    cut = int(np.searchsorted(bills.member, bills.member[bills.n // 2]))
    other = Batch(Library(find_policies()), OPTIONS)
    monkeypatch.setattr(run, "NEAR", 97)
    monkeypatch.setattr(run, "STEPS", 64)

    pieces = []
    for first, piece in ((cut, table.slice(cut)), (0, table.slice(0, cut))):
        some = Columns(piece, other.dictionary, first)
        pieces.insert(0, tables_of(other, some, settle_table(other, some, WANTS), WANTS))

    for name in whole:
        joined = pa.concat_tables([piece[name] for piece in pieces], promote_options="default").combine_chunks()
        wanted = whole[name].cast(joined.schema)
        unlike = [c for c in wanted.column_names if c != "plan" and wanted[c].to_pylist() != joined[c].to_pylist()]
        assert (name, unlike) == (name, [])


def test_a_year_in_two_files_is_the_year_in_one(batch: Batch, drawn: dict[str, pa.Table]) -> None:
    """The running sums of the first half year, carried into the second; a year's end needs its year in one file."""
    table = drawn["even"]
    if "year_end" in table.column_names:
        table = table.filter(pc.invert(pc.fill_null(table["year_end"], False)))
    bills = Columns(table, batch.dictionary)
    whole = tables_of(batch, bills, settle_table(batch, bills, WANTS), WANTS)
    early = pc.less(table["discharged"], pa.scalar(date(2023, 1, 1)))

    first = Columns(table.filter(early), batch.dictionary)
    years = tables_of(batch, first, settle_table(batch, first, WANTS), WANTS)["years"]
    second = Columns(table.filter(pc.invert(early)), batch.dictionary)
    brought = years_of(years, second)
    rest = tables_of(batch, second, settle_table(batch, second, WANTS, brought), WANTS, brought)

    pays = dict(zip(whole["bills"]["bill"].to_pylist(), whole["bills"]["member_pays"].to_pylist(), strict=True))
    for bill, member_pays in zip(
        rest["bills"]["bill"].to_pylist(), rest["bills"]["member_pays"].to_pylist(), strict=True
    ):
        assert pays[bill] == member_pays
    ends = {(r["member"], r["sum"]): r["amount"] for r in years.to_pylist()}
    met = set(second.table["member"].to_pylist())
    ends = {key: amount for key, amount in ends.items() if key[0] not in met}
    ends |= {(r["member"], r["sum"]): r["amount"] for r in rest["years"].to_pylist()}
    assert ends == {(r["member"], r["sum"]): r["amount"] for r in whole["years"].to_pylist()}
