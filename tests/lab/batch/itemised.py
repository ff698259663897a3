"""Itemised bills for tests: drawn, as the counter would get them, and settled both ways."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from duoceng.base.mistakes import Refused
from duoceng.desk.trip import settle_bill
from duoceng.desk.year import year_end_bill
from duoceng.engine.settle import added
from duoceng.kernel.columns import KINDS
from duoceng.lab.batch.falls import why
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.lines import Itemised, Scope
from duoceng.lab.batch.output import years_table
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.lab.batch.settled import Settled
from duoceng.lab.drawing import lines as drawing
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Line, Member, Part
from duoceng.records.settlement import Settlement
from lab.rows import alike, case_of, line_of

OPTIONS = Options(allow_unverified=True)
WANTS = Wants(kinds=True, layers=True, trail=True, years=True)
Drawn = tuple[pa.Table, pa.Table]


def drawn(library: Library, spread: str, bills: int, share: float) -> Drawn:
    """Bills, this share of them with lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "SHARE", share)
        table, lines = maker_of(library, population_of(library), Wanted(bills, 11, spread, lines=True)).group(0)
    assert lines is not None
    return table, lines


def cases(library: Library, table: pa.Table, lines: pa.Table) -> Iterator[tuple[Member, Bill]]:
    """The bills as the counter would get them."""
    of_bill: dict[Any, list[Line]] = {}
    for bill_id, line in case_lines(library, lines):
        of_bill.setdefault(bill_id, []).append(line)
    for row in table.to_pylist():
        member, bill = case_of(row, library.vocabulary, tuple(of_bill.get(row["bill"], ())))
        if bill.parts:  # money of its own: what the row says of lines is said of it
            own = {a: v for a, v in bill.attributes.items() if library.vocabulary[a].of == "line"}
            rest = {a: v for a, v in bill.attributes.items() if a not in own}
            bill = replace(bill, attributes=rest, parts=(Part(bill.parts[0].amounts, own),))
        yield member, bill


def compare(library: Library, table: pa.Table, lines: pa.Table, options: Options = OPTIONS) -> tuple[int, int]:
    """Settle in the batch and at the counter; how many were settled and refused."""
    batch = Batch(library, options)
    bills = Itemised(table, lines, Scope(batch))
    found = settle_table(batch, bills, WANTS)
    years = years_table(batch, bills, found, None).to_pylist()
    rejects = {r.row: r for r in found.rejects.values()}
    sums: dict[str, dict[str, int]] = {}
    years_bills: dict[str, list[Settlement]] = {}
    settled = 0
    for row, (member, bill) in enumerate(cases(library, table, lines)):
        year = sums.setdefault(member.id, {})
        if bill.year_end:
            bill = year_end_bill(bill, tuple(years_bills.get(member.id, ())))
        try:
            at_counter = settle_bill(library, member, bill, year, options)
        except Refused as refused:
            assert row in rejects, (row, refused)
            assert alike(rejects[row].reason, why(refused)[1]), row
            continue
        assert row not in rejects, rejects[row]
        sums[member.id] = added(year, at_counter.changes)
        years_bills.setdefault(member.id, []).append(at_counter)
        settled += 1
        same(found, row, at_counter)
    brought = {(str(y["member"]), y["sum"]): y["amount"] for y in years}
    assert brought == {(m, name): amount for m, year in sums.items() for name, amount in year.items()}
    return settled, len(rejects)


def same(found: Settled, row: int, settled: Settlement) -> None:
    """One bill, in all that came of it."""
    assert (found.billed[row], found.member_pays[row], found.cash[row]) == (
        settled.billed,
        settled.member_pays,
        settled.cash,
    ), row
    tiers = dict.fromkeys(TIERS, 0)
    for layer, paid in zip(settled.plan.layers, settled.paid, strict=True):
        tiers[layer.tier] += paid if layer.policy != "settled before" else 0
    assert found.tiers[:, row].tolist() == list(tiers.values()), row
    assert dict(zip(KINDS, found.kinds[:, row].tolist(), strict=True)) == settled.self_pay, row
    first, last = np.searchsorted(found.trail_of[:, 0], (row, row + 1))
    assert [tuple(step) for step in found.trail[first:last].tolist()] == list(settled.trails), row


def members(table: pa.Table, lines: pa.Table, count: int) -> tuple[pa.Table, pa.Table]:
    """The bills of members taken evenly from a table, without the years' ends, and their lines."""
    ids = table["member"].unique()
    some = ids.take(pa.array(np.linspace(0, len(ids) - 1, count).astype(int)))
    kept = table.filter(pc.is_in(table["member"], some))
    kept = kept.filter(pc.invert(kept["year_end"]))
    return kept, lines.filter(pc.is_in(lines["bill"], kept["bill"].combine_chunks()))


def answered(library: Library, lines: pa.Table, seed: int = 5) -> pa.Table:
    """The same lines, answering every question of a line themselves, or not."""
    rng = np.random.default_rng(seed)
    said = {"choice": lambda a: list(a.values), "set": lambda a: ["", "cn.commercial-innovative-drugs", "a+b"],
            "yes_no": lambda a: [True, False], "number": lambda a: [0, 1, 3], "money": lambda a: [499999, 500000, 500001]}  # fmt: skip
    for name, attribute in library.vocabulary.items():
        if attribute.of == "line" and attribute.type in said and name != "item_class":
            values = [*said[attribute.type](attribute), *([None] if name == "unit_price" else [])]
            column = pa.array([values[n] for n in rng.integers(0, len(values), lines.num_rows)])
            lines = lines.append_column(name, column)
    return lines


def case_lines(library: Library, lines: pa.Table) -> Iterator[tuple[Any, Line]]:
    for row in lines.to_pylist():
        line = line_of(row)
        said = {n: row[n] for n in row if n in library.vocabulary and row[n] is not None}
        said = {
            n: frozenset(v for v in w.split("+") if v) if library.vocabulary[n].type == "set" else w
            for n, w in said.items()
        }
        price = (2 * line.amount * 1000 + line.quantity) // (2 * line.quantity)
        yield row["bill"], replace(line, attributes={"unit_price": price, **said})
