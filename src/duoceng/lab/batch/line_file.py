"""A file of lines beside a file of bills: the lines of any stretch of bills, and lines whose bill was nowhere.

Both files stand by rising numbers of bills, as `duoceng generate` writes them; so each block of bills finds its lines by the smallest and
largest number of each row group, in any order and in any process.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from duoceng.lab.batch.columns import ColumnMistake
from duoceng.lab.batch.lines import Stray

NO_BILL = "no bill of this number"


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers of the bills in one row group, and the row it begins at."""

    first: int
    last: int
    row: int


class LineFile:
    """A Parquet file of lines. Raises ColumnMistake where its bills have no numbers that rise."""

    def __init__(self, path: str | Path):
        self.file = pq.ParquetFile(path)
        if "bill" not in self.file.schema_arrow.names:
            raise ColumnMistake("bill", "", "every line needs it")
        type_ = self.file.schema_arrow.field("bill").type
        if not pa.types.is_integer(type_):
            raise ColumnMistake(
                "bill", str(type_), "lines in a file of their own stand by rising whole numbers of bills"
            )
        self.spans: list[Span] = []
        row = 0
        for group in range(self.file.num_row_groups):
            self.spans += self._span(group, row)
            row += self.file.metadata.row_group(group).num_rows
        self.rows = row

    def _span(self, group: int, row: int) -> list[Span]:
        about = self.file.metadata.row_group(group)
        at = next(n for n in range(about.num_columns) if about.column(n).path_in_schema == "bill")
        told = about.column(at).statistics
        if told is not None and told.has_min_max:
            return [Span(told.min, told.max, row)]
        numbers = self.file.read_row_group(group, ["bill"])["bill"].to_numpy()
        return [Span(int(numbers.min()), int(numbers.max()), row)] if len(numbers) else []

    def between(self, after: int | None, upto: int | None) -> tuple[pa.Table, int]:
        """The lines of bills above one number, up to another, and the row of the first of them; None: no end on that side."""
        groups = [
            n
            for n, s in enumerate(self.spans)
            if (after is None or s.last > after) and (upto is None or s.first <= upto)
        ]
        if not groups:
            return self.file.schema_arrow.empty_table(), self.rows
        table = self.file.read_row_groups(groups)
        numbers = table["bill"].to_numpy()
        if (numbers[1:] < numbers[:-1]).any():
            raise ColumnMistake("bill", "int", "the lines do not stand by rising numbers of bills")
        first = 0 if after is None else int(np.searchsorted(numbers, after, side="right"))
        last = len(numbers) if upto is None else int(np.searchsorted(numbers, upto, side="right"))
        return table.slice(first, last - first), self.spans[groups[0]].row + first


def strays_table(strays: list[Stray]) -> pa.Table:
    """Lines whose bill is not there, as rejects: the row of the first (counted over the file of lines), the bill, how many, why."""
    columns = {"row": pa.int64(), "bill": pa.string(), "lines": pa.int64()}
    found = {name: pa.array([getattr(s, name) for s in strays], type_) for name, type_ in columns.items()}
    for name, word in (("field", "bill"), ("code", "B026"), ("reason", NO_BILL)):
        found[name] = pa.array([word] * len(strays), pa.string())
    return pa.table(found)
