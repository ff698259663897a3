"""What a column of a table says, row by row: as a number for every row, or for the few rows of which it says anything."""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from duoceng.engine.batch import reading as c

NONE = -(2**62)
MOST = 2**63 - 1
Ints = np.ndarray[Any, np.dtype[np.int64]]
NOTHING: Ints = np.zeros(0, np.int64)
WIDTHS = {pa.int8(): 1, pa.int16(): 2, pa.int32(): 4, pa.int64(): 8, pa.date32(): 4, pa.bool_(): c.BITS}
FEW = 4  # a column is kept by its rows where fewer than one in so many say anything


@dataclass(frozen=True)
class Said:
    """Numbers: of every row (`rows` is None), or of some. `low` and `high` bound them; `missing` rows say nothing."""

    n: int
    rows: Ints | None
    numbers: Ints
    low: int = NONE
    high: int = MOST
    missing: int = 0

    def all(self) -> Ints:
        """A number for every row; `NONE` where nothing is said."""
        if self.rows is None:
            return self.numbers
        found = np.full(self.n, NONE, np.int64)
        found[self.rows] = self.numbers
        return found

    def of(self, row: int) -> int:
        """What is said of one row."""
        if self.rows is None:
            return int(self.numbers[row])
        at = int(self.rows.searchsorted(row))
        return int(self.numbers[at]) if at < len(self.rows) and self.rows[at] == row else NONE

    def at(self, rows: Ints | slice) -> Ints:
        """What is said of some rows."""
        if self.rows is None:
            return self.numbers[rows]
        wanted = np.arange(self.n)[rows] if isinstance(rows, slice) else rows
        if not len(self.rows):
            return np.full(len(wanted), NONE, np.int64)
        at = np.minimum(np.searchsorted(self.rows, wanted), len(self.rows) - 1)
        found: Ints = np.where(self.rows[at] == wanted, self.numbers[at], NONE)
        return found

    def given(self) -> tuple[Ints | slice, Ints]:
        """The rows that say something, and what."""
        if self.rows is not None:
            return self.rows, self.numbers
        if not self.missing and self.low > NONE:
            return slice(None), self.numbers
        rows = np.flatnonzero(self.numbers != NONE)
        return rows, self.numbers[rows]

    def where(self, wanted: Callable[[Ints], Any]) -> Ints:
        """The rows of which something is said that is wanted."""
        rows, numbers = self.given()
        found: Ints = np.flatnonzero(wanted(numbers)) if isinstance(rows, slice) else rows[wanted(numbers)]
        return found


def said_by(column: pa.Array, words: Ints = NOTHING, add: int = 0) -> Said:
    """What a column of whole numbers, days or yes and no says; `words` gives the number of each word of a dictionary."""
    numbers = column.indices if len(words) else column
    if numbers.type not in WIDTHS:
        numbers = numbers.cast(pa.int64())
    width, n = WIDTHS[numbers.type], len(numbers)
    bits, data = numbers.buffers()
    missing, where = numbers.null_count, numbers.offset
    address, said = data.address if data else 0, bits.address if bits and missing else 0
    if (n - missing) * FEW < n:
        rows, found = np.empty(n - missing, np.int64), np.empty(n - missing, np.int64)
        low, high = c.read_few(address, width, said, where, n, words, add, rows, found)
        return Said(n, rows, found, low, high, missing)
    found = np.empty(n, np.int64)
    low, high = c.read_all(address, width, said, where, n, words, add, found)
    return Said(n, None, found, low, high, missing)


class Read(MutableMapping[str, Ints]):
    """Columns by name. Asked for as numbers of all rows, a column that says little is written out, and kept so."""

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}

    def __getitem__(self, name: str) -> Ints:
        said = self.said[name]
        if said.rows is not None:
            said = self.said[name] = Said(said.n, None, said.all())
        return said.numbers

    def __setitem__(self, name: str, numbers: Ints) -> None:
        self.said[name] = Said(len(numbers), None, numbers)

    def __delitem__(self, name: str) -> None:
        del self.said[name]

    def __contains__(self, name: object) -> bool:
        return name in self.said

    def __iter__(self) -> Iterator[str]:
        return iter(self.said)

    def __len__(self) -> int:
        return len(self.said)
