"""Itemised bills: a table of lines beside the table of bills, joined to its rows, scoped, and handed on as charges.

    lines ──▶ rows of bills ──▶ how each falls (`falls`) ──▶ charges of each bill, in order ──▶ the same plans and loop as other bills

One row is one line: `bill`, `code`, `name`, `amount` (fen), `quantity` (thousandths), `day`, `borne_first` (parts of 10,000),
`price_limit` (fen for one unit), and answers of a line, `item_class` before all. Lines stand in the order of the bills; a bill has
either lines or amounts of its own. What a bill's row answers about lines holds for all its lines that do not answer it themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duoceng.base.day import EARLIEST
from duoceng.base.mistakes import Refused
from duoceng.base.money import WHOLE, half_up
from duoceng.engine.batch import lines_compiled as c
from duoceng.engine.batch.tables import AMOUNT_MAX
from duoceng.kernel.columns import KIND_COUNT, KINDS
from duoceng.lab.batch.columns import ColumnMistake, Columns, Dictionary
from duoceng.lab.batch.falls import Falls, Pairs, told_apart, why
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.reading import NONE, Ints, Read, Said
from duoceng.lab.batch.rejects import Rejects
from duoceng.records.bill import Bill, Line, Part

Mask = np.ndarray[Any, np.dtype[np.bool_]]
PLAIN = ("code", "name", "amount", "quantity", "day", "borne_first", "price_limit")
QUANTITY_MAX = 10**10 - 1
CODES_MAX = (1 << c.ITEM_BITS) - 2


class Lines(Columns):
    """The lines of one table. `faults` are those that do not pass the door; their bills are rejected."""

    def __init__(self, table: pa.Table, dictionary: Dictionary, first_row: int = 0):
        self.table, self.dictionary, self.first_row, self.n = table, dictionary, first_row, table.num_rows
        self.faults = Rejects(self.n, first_row)
        self.columns = Read()
        self.empty: set[str] = set()
        for name in ("bill", "code", "amount"):
            if name not in table.column_names:
                raise ColumnMistake(name, "", "every line needs it")
        for name in table.column_names:
            if name != "bill":
                self._read(name, table.column(name))
        for name in PLAIN:
            self.columns.setdefault(name, np.full(self.n, NONE, np.int64))
        self.said = {name for name in self.columns if name not in PLAIN} | {"unit_price"}
        self._door()
        if len(dictionary.of("code").words) > CODES_MAX:
            raise OverflowError(f"more than {CODES_MAX} codes of items")

    def _read(self, name: str, column: pa.ChunkedArray) -> None:
        super()._read(name, column)
        if name in self.empty:  # `borne_first` of a line is a rate: nothing said is not nothing
            self.columns[name] = np.full(self.n, NONE, np.int64)

    def _reader(self, name: str) -> Callable[[str, pa.Array], Said]:
        plain = {"code": self._words, "name": self._words, "amount": self._amounts, "price_limit": self._amounts,
                 "day": self._days, "quantity": self._whole, "borne_first": self._whole}  # fmt: skip
        if name in plain:
            return plain[name]
        attribute = self.dictionary.attribute(name)
        if attribute is None or attribute.of != "line":
            raise ColumnMistake(name, "", "the vocabulary has no such answer of a line")
        return super()._reader(name)

    def _door(self) -> None:
        columns = self.columns
        for name in ("code", "amount"):
            self._note(columns[name] == NONE, name, "B001", "missing")
        for name, low, high in (("quantity", 1, QUANTITY_MAX), ("borne_first", 0, WHOLE)):
            self._note(
                (columns[name] != NONE) & ((columns[name] < low) | (columns[name] > high)),
                name,
                "B009",
                f"outside {low} to {high}",
            )
        self._note(
            (columns["day"] != NONE) & (columns["day"] < EARLIEST.toordinal()),
            "day",
            "B013",
            f"a day before {EARLIEST}",
        )
        columns["quantity"] = np.where(columns["quantity"] == NONE, 1000, columns["quantity"])

    def has(self, column: str) -> bool:
        """Is this answered? The price of one unit follows from amount and quantity where it is not said."""
        if column == "unit_price":
            self._prices()
        return column in self.columns

    def _prices(self) -> None:
        said = self.columns.get("unit_price", np.full(self.n, NONE, np.int64))
        missing = said == NONE
        if missing.any():
            price: Any = half_up(self.columns["amount"] * 1000, np.maximum(self.columns["quantity"], 1))  # type: ignore[arg-type]
            self.columns["unit_price"] = np.where(missing, price, said)

    def keep(self, kept: Mask) -> None:
        """Keep some lines, and forget the others."""
        columns, self.columns = self.columns, Read()
        for name, column in columns.items():
            self.columns[name] = column[kept]
        self.n = int(np.count_nonzero(kept))

    def line(self, row: int) -> Line:
        """One line, as the counter has it."""
        of = {name: self.answer(name, row) for name in self.columns if name not in PLAIN}
        numbers = {name: int(self.columns[name][row]) for name in PLAIN}
        words = {
            name: self.dictionary.of(name).words[numbers[name]] if numbers[name] != NONE else ""
            for name in ("code", "name")
        }
        given = {name: None if numbers[name] == NONE else numbers[name] for name in ("borne_first", "price_limit")}
        price = half_up(numbers["amount"] * 1000, numbers["quantity"])
        said = {"unit_price": price, **{name: value for name, value in of.items() if value is not None}}
        day = None if numbers["day"] == NONE else date.fromordinal(numbers["day"])
        return Line(words["code"], words["name"], numbers["amount"], numbers["quantity"], day,
                    given["borne_first"], given["price_limit"], said)  # fmt: skip


def places_in(all_: pa.Array, some: pa.Array) -> Ints:
    """Where each of some values stands among all, or -1. Numbers that rise are found quickly."""
    if pa.types.is_integer(all_.type) and not all_.null_count and not some.null_count:
        whole, wanted = all_.to_numpy(), some.to_numpy()
        if len(whole) and (whole[1:] > whole[:-1]).all():
            at: Ints = np.minimum(np.searchsorted(whole, wanted), len(whole) - 1).astype(np.int64)
            return np.where(whole[at] == wanted, at, -1)
    found: Ints = (
        pc.index_in(some, value_set=all_, skip_nulls=True).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    return found


class Scope:
    """What is known of lines, from block to block."""

    def __init__(self, batch: Batch):
        self.batch, self.falls, self.charges = batch, Falls(batch), Pairs()


@dataclass
class Stray:
    """Lines whose bill is not there: the first of them (a row of the table of lines), the bill they name, how many."""

    row: int
    bill: str
    lines: int


class Itemised(Columns):
    """The bills of one table, and their lines. `strays` are lines whose bill is not there."""

    def __init__(self, table: pa.Table, lines: pa.Table, scope: Scope, first_row: int = 0, first_line: int = 0):
        super().__init__(table, scope.batch.dictionary, first_row)
        self.itemised, self.scope = True, scope
        self.begins: Ints = np.zeros(self.n, np.int64)
        self.ends: Ints = np.zeros(self.n, np.int64)
        self.strays: list[Stray] = []
        lines = self._joined(lines, first_line)
        self.lines = Lines(lines, scope.batch.dictionary, first_line)
        self._either()
        self._refuse_lines()
        group = scope.batch.groups.of(self)
        self._stop(group)
        self._drop_rejected(group)
        self._own_amounts()
        self._bundle(group)

    def lined(self) -> Ints:
        """Of each bill, 1 where it has lines: lines have days and charges of their own to be told apart by."""
        return (self.ends > self.begins).astype(np.int64)

    # ── joining ──

    def _joined(self, lines: pa.Table, first_line: int) -> pa.Table:
        """The lines of these bills in the order of the rows; where those of each bill begin and end."""
        if "bill" not in self.table.column_names or "bill" not in lines.column_names:
            raise ColumnMistake("bill", "", "bills and lines are joined by it")
        row = self._rows_of(lines.column("bill"))
        if (row < 0).any():
            self._note_strays(row, lines.column("bill"), first_line)
        if (row[1:] < row[:-1]).any():
            order = np.argsort(row, kind="stable")
            lines, row = lines.take(pa.array(order)), row[order]
        kept = int(np.searchsorted(row, 0))
        lines, row = lines.slice(kept), row[kept:]
        starts = np.flatnonzero(np.append(True, row[1:] != row[:-1])) if len(row) else np.zeros(0, np.int64)
        self.rows_itemised = row[starts]
        self.begins[self.rows_itemised] = starts
        self.ends[self.rows_itemised] = np.append(starts[1:], len(row)) if len(row) else starts
        return lines

    def _rows_of(self, bill: pa.ChunkedArray) -> Ints:
        """The row of the bill of each line, or -1; looked for once where lines of one bill stand together."""
        column = bill.combine_chunks()
        if not len(column):
            return np.zeros(0, np.int64)
        whole = pa.types.is_integer(column.type)
        ids = column.fill_null(-1) if whole else column.cast(pa.string()).dictionary_encode().indices.fill_null(-1)
        numbers = ids.to_numpy(zero_copy_only=False)
        starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
        bills = self.table.column("bill").cast(column.type if whole else pa.string()).combine_chunks()
        found = places_in(bills, column.take(pa.array(starts)).cast(bills.type))
        return np.repeat(found, np.diff(np.append(starts, len(column))))

    def _note_strays(self, row: Ints, bill: pa.ChunkedArray, first_line: int) -> None:
        away = np.flatnonzero(row < 0)
        named = bill.take(pa.array(away)).to_pylist()
        for at, name in zip(away.tolist(), named, strict=True):
            if (
                self.strays
                and self.strays[-1].bill == str(name)
                and self.strays[-1].row + self.strays[-1].lines == first_line + at
            ):
                self.strays[-1].lines += 1
            else:
                self.strays.append(Stray(first_line + at, str(name), 1))

    # ── the door ──

    def _priced(self) -> None:
        """Told later, by `_either`: a bill may have lines instead."""

    def _either(self) -> None:
        """A bill has lines or amounts of its own; a year's end has neither."""
        listed = self.ends > self.begins
        given, own = np.zeros(self.n, bool), np.zeros(self.n, bool)
        for _, name in self.money:
            given |= pc.is_valid(self.table.column(name)).to_numpy()
            own |= self.columns[name] != 0
        ends = self.columns["year_end"] == 1 if self.has("year_end") else np.zeros(self.n, bool)
        self._note(listed & own, "amounts", "B015", "the bill is both classified and itemised")
        self._note(listed & ends, "year_end", "B015", "a year's end has no lines")
        self._note(~listed & ~given & ~ends, "amounts", "B015", "the bill has neither amounts nor lines")

    def _refuse_lines(self) -> None:
        """Bills with a line that does not pass the door."""
        for at, fault in self.lines.faults.items():
            row = int(np.searchsorted(self.begins[self.rows_itemised], at, side="right")) - 1
            self._reject(int(self.rows_itemised[row]), fault.field, fault.code, fault.reason)

    def _reject(self, row: int, name: str, code: str, reason: str) -> None:
        self.faults.note(np.array([row]), name, code, reason)

    def _stop(self, group: Ints) -> None:
        """Bills with lines whose place or products cannot be read."""
        batch = self.scope.batch
        rows = self.rows_itemised[group[self.rows_itemised] >= 0]
        for number in told_apart(group[rows])[0]:
            known = batch.groups.known[number]
            try:
                batch.library.stop_for(known.region, known.products)
            except Refused as refused:
                for row in rows[group[rows] == number].tolist():
                    self._reject(row, "region", *why(refused))

    def _drop_rejected(self, group: Ints) -> None:
        """Nothing more is done with the lines of bills that are rejected already."""
        rows = self.rows_itemised
        well = group[rows] >= 0
        well &= ~np.isin(rows, self.faults.rows)
        if well.all():
            return
        lengths = self.ends[rows] - self.begins[rows]
        self.lines.keep(np.repeat(well, lengths))
        self.begins[rows] = self.ends[rows] = 0
        self.rows_itemised, lengths = rows[well], lengths[well]
        self.ends[self.rows_itemised] = np.cumsum(lengths)
        self.begins[self.rows_itemised] = self.ends[self.rows_itemised] - lengths

    # ── scope ──

    def _own_amounts(self) -> None:
        """Bills without lines have their amounts as one charge."""
        plain = np.flatnonzero(self.ends == self.begins)
        charges = np.zeros((len(plain), KIND_COUNT), np.int64)
        for kind, name in self.money:
            charges[:, kind] = self.columns[name][plain]
        self.charges, self.charge_at, self.charges_code = (
            charges.ravel(),
            np.zeros(self.n, np.int64),
            np.zeros(self.n, np.int64),
        )
        self.charge_at[plain] = np.arange(len(plain))

    def _bundle(self, group: Ints) -> None:
        """The charges of every bill that has lines, and what of it came in scope, is borne first, over price, outside."""
        rows, lines, scope = self.rows_itemised, self.lines, self.scope
        if not len(rows):
            return
        fall = scope.falls.of(
            self, rows, np.repeat(np.arange(len(rows)), self.ends[rows] - self.begins[rows]), group[rows]
        )
        own, widest, runs = len(self.charges) // KIND_COUNT, int((self.ends - self.begins).max()), self._runs(group)
        columns = (
            lines.columns[n] for n in ("code", "name", "day", "amount", "quantity", "borne_first", "price_limit")
        )
        key, item, order, line, alike = np.zeros((5, widest), np.int64)
        work = c.Work(key, item, order, line, alike, np.zeros(widest * KIND_COUNT, np.int64))
        codes = self._in_order() if runs.items.any() else np.zeros(1, np.int64)
        task = c.Task(c.Lines(fall, *map(np.ascontiguousarray, columns)), scope.falls.rows(), codes, runs, work)
        out = c.Charges(np.zeros((len(rows) * 2 + widest) * KIND_COUNT, np.int64), self.charge_at, self.charges_code,
                        np.zeros(4 * self.n, np.int64), np.full(len(rows), -1, np.int64), np.zeros(1, np.int64))  # fmt: skip
        run = 0
        while (run := int(c.bundle(task, out, scope.charges.memory, run))) < len(rows):
            if (int(scope.charges.memory.single[0]) + widest) * 2 > len(scope.charges.memory.found):
                scope.charges.grow()
            else:
                out = out._replace(charges=np.concatenate([out.charges, np.zeros_like(out.charges)]))
        self.charge_at[rows] += own
        self.charges = np.concatenate([self.charges, out.charges[: int(out.single[0]) * KIND_COUNT]])
        for at in np.flatnonzero(out.bad >= 0):
            self._reject(int(rows[at]), "code", *scope.falls.reasons[int(fall[out.bad[at]])])
        self._note(
            out.totals.reshape(4, -1).sum(axis=0) > AMOUNT_MAX,
            "amount",
            "B004",
            f"lines of more than {AMOUNT_MAX // 100} yuan",
        )
        self._told(out.totals.reshape(4, -1))

    def _runs(self, group: Ints) -> c.Runs:
        """The lines of each bill, and what its group keeps apart."""
        batch, rows = self.scope.batch, self.rows_itemised
        numbers, which = told_apart(group[rows])
        grouping = [batch.groups.known[number].grouping for number in numbers]
        seen = bool(batch.options.reforms)  # a reform may ask for the item though nothing kept items apart
        flags = [[g.items, g.items or seen, g.days, g.lines] for g in grouping]
        return c.Runs(self.begins[rows], self.ends[rows], rows, *np.array(flags, np.int64).T[:, which].copy())

    def _in_order(self) -> Ints:
        """Of each code, where it stands among all."""
        words = self.dictionary.of("code").words
        found = np.zeros(len(words), np.int64)
        found[sorted(range(len(words)), key=words.__getitem__)] = np.arange(len(words))
        return found

    def _told(self, totals: Ints) -> None:
        """The amounts by kind of bills with lines, beside those of the others."""
        for told, kind in enumerate(c.KINDS_TOLD):
            name = KINDS[kind]
            if not self.has(name):
                self.money.append((kind, name))
                self.columns[name] = np.zeros(self.n, np.int64)
            self.empty.discard(name)
            self.columns[name] = self.columns[name] + np.where(self.ends > self.begins, totals[told], 0)

    # ── one bill ──

    def bill_alone(self, row: int) -> Bill:
        """A bill without its lines; what its row answers about lines holds for the whole bill."""
        bill = super().bill_of(row, ())
        return replace(bill, attributes={**bill.attributes, **self._answers(row)["line"]})

    def bill_of(self, row: int, parts: tuple[Part, ...] | None = None) -> Bill:
        """One row as a bill, with its lines."""
        if self.ends[row] == self.begins[row]:
            return super().bill_of(row, parts)
        lines = tuple(self.lines.line(at) for at in range(self.begins[row], self.ends[row]))
        return replace(self.bill_alone(row), lines=lines)
