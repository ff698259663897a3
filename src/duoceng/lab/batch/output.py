"""What comes of a table of bills, as tables: one row a bill; each layer's payment; the trail; the years; the rejects.

    bills    member, bill, plan, billed, pays.<tier> ..., member_pays, left.<kind> ..., cash
    layers   row, member, bill, policy, layer, paid            payments only
    trail    row, member, bill, step, policy, layer, charge, and every column of the kernel's trail
    years    member, sum, amount                               the running sums each member ends with
    rejects  row, member, bill, field, code, reason

Amounts are fen. `row` counts from 0 over the whole file.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duoceng.kernel import columns as k
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.plans import Batch, Years
from duoceng.lab.batch.reading import Ints
from duoceng.lab.batch.rejects import Rejects
from duoceng.lab.batch.settled import Settled
from duoceng.policy.grammar import TIERS

IDS = ("member", "bill")
TRAIL_COLUMNS = ("seen", "first", "due_whole", "due_before", "credited", "deducted", "above", "run_before", "payable", "cut",
                 "over", "bound_by", "limit_left", "paid", "times_used_up",
                 *(f"slice_{n}" for n in range(1, k.BANDS_MAX + 1)), *(f"slice_paid_{n}" for n in range(1, k.BANDS_MAX + 1)))  # fmt: skip


def tables_of(
    batch: Batch, bills: Columns, settled: Settled, wants: Wants, years: Years | None = None
) -> dict[str, pa.Table]:
    """The tables of one run, by name; only those that were asked for, and `bills` and `rejects` always."""
    found = {"bills": bills_table(batch, bills, settled, wants), "rejects": rejects_table(bills, settled.rejects)}
    if wants.layers:
        found["layers"] = layers_table(batch, bills, settled)
    if wants.trail:
        found["trail"] = trail_table(batch, bills, settled)
    if wants.years:
        found["years"] = years_table(batch, bills, settled, years)
    return found


def bills_table(batch: Batch, bills: Columns, settled: Settled, wants: Wants) -> pa.Table:
    """One row a bill that was settled."""
    columns: dict[str, Any] = ids_of(bills)
    columns["plan"] = pa.array(settled.plan.astype(np.int32))
    columns["billed"] = pa.array(settled.billed)
    for at, tier in enumerate(TIERS):
        columns[f"pays.{tier}"] = pa.array(settled.tiers[at])
    columns["member_pays"] = pa.array(settled.member_pays)
    if wants.kinds:
        for at, kind in enumerate(k.KINDS):
            columns[f"left.{kind}"] = pa.array(settled.kinds[at])
    columns["cash"] = pa.array(settled.cash)
    whole = table_of(columns)
    kept = settled.plan >= 0
    return whole if kept.all() else whole.filter(pa.array(kept))


def table_of(columns: dict[str, Any]) -> pa.Table:
    """Columns of which every row says something, except those that came from a file; said so, they are quicker to write and to read."""
    fields = [pa.field(name, column.type, nullable=name in IDS) for name, column in columns.items()]
    return pa.table(columns, pa.schema(fields))


def ids_of(bills: Columns, rows: Ints | None = None) -> dict[str, Any]:
    """Member and bill of some rows, or of all, as the file has them."""
    found = {}
    for name in IDS:
        if name in bills.table.column_names:
            column = bills.table.column(name)
            found[name] = column if rows is None else column.take(pa.array(rows))
    return found


def rows_of(bills: Columns, rows: Ints) -> pa.Array:
    """Where rows stand in the file they came from, also where it was sorted on the way."""
    if "file_row" in bills.table.column_names:
        return bills.table.column("file_row").take(pa.array(rows)).cast(pa.int64())
    return pa.array(rows + bills.first_row)


def _words(numbers: Ints, words: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(words, pa.string()))


def layers_table(batch: Batch, bills: Columns, settled: Settled) -> pa.Table:
    """What each layer paid, where it paid."""
    row, layer, paid = (np.ascontiguousarray(settled.layers[:, at]) for at in range(3))
    names = batch.tables.layers
    return table_of({"row": rows_of(bills, row), **ids_of(bills, row), "policy": _words(layer, [y.policy for y in names]),
                     "layer": _words(layer, [y.name for y in names]), "paid": pa.array(paid)})  # fmt: skip


def trail_table(batch: Batch, bills: Columns, settled: Settled) -> pa.Table:
    """Each step of each bill, with all that the kernel noted."""
    row, step = (np.ascontiguousarray(settled.trail_of[:, at]) for at in range(2))
    plan = settled.plan[row]
    begins, of = np.zeros(len(batch.tables.plans), np.int64), list[tuple[int, int]]()
    for number in np.unique(plan).tolist():
        made = batch.tables.plans[number]
        assert made is not None
        begins[number] = len(of)
        of += [(batch.tables.layer_number(made.layers[s.layer]), s.charge) for s in made.steps]
    layer, charge = np.array(of or [(0, 0)], np.int64)[begins[plan] + step].T.copy()
    names = batch.tables.layers
    columns: dict[str, Any] = {"row": rows_of(bills, row), **ids_of(bills, row), "step": pa.array(step),
                               "policy": _words(layer, [y.policy for y in names]), "layer": _words(layer, [y.name for y in names]),
                               "charge": pa.array(charge)}  # fmt: skip
    for at, name in enumerate(TRAIL_COLUMNS):
        columns[name] = pa.array(settled.trail[:, at])
    return table_of(columns)


def years_table(batch: Batch, bills: Columns, settled: Settled, years: Years | None) -> pa.Table:
    """The running sums each member ends with, by the names the counter gives them."""
    member, place, number, value = (np.ascontiguousarray(settled.sums[:, at]) for at in range(4))
    first_row = np.searchsorted(bills.member, member, side="left")
    pairs, which = np.unique(np.stack([place, number]), axis=1, return_inverse=True)
    names = [batch.sum_name(int(p), int(n), years) for p, n in pairs.T]
    ids = ids_of(bills, first_row)
    return pa.table({"member": ids["member"], "sum": _words(which.reshape(-1), names), "amount": pa.array(value)})


def rejects_table(bills: Columns, rejects: Rejects) -> pa.Table:
    """The bills that were not settled, and why."""
    rows = rejects.rows
    columns: dict[str, Any] = {"row": rows_of(bills, rows), **ids_of(bills, rows)}
    for at, name in enumerate(("field", "code", "reason")):
        columns[name] = _words(rejects.which(rows), [why[at] for why in rejects.whys])
    return pa.table(columns)


def years_of(table: pa.Table, bills: Columns) -> Years:
    """The running sums that the members of these bills bring, out of a table `member, sum, amount`."""
    members = int(bills.member[-1]) + 1 if bills.n else 0
    first_row = np.searchsorted(bills.member, np.arange(members), side="left")
    ids = bills.table.column("member").take(pa.array(first_row)).combine_chunks()
    given = table.column("member").cast(ids.type).combine_chunks()
    position = pc.index_in(given, value_set=ids).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    encoded = table.column("sum").combine_chunks()
    encoded = encoded if pa.types.is_dictionary(encoded.type) else encoded.dictionary_encode()
    order = np.argsort(position, kind="stable")
    order = order[position[order] >= 0]
    at = np.searchsorted(position[order], np.arange(members + 1), side="left").astype(np.int64)
    name = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)[order]
    value = table.column("amount").cast(pa.int64()).combine_chunks().to_numpy(zero_copy_only=False)[order]
    return Years(at, np.ascontiguousarray(name), np.ascontiguousarray(value), encoded.dictionary.to_pylist())
