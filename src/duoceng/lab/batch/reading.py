"""What a column of a table says, row by row: as a number for every row, or for the few rows of which it says anything."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from duoceng.engine.batch import coding
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


class InMemory:
    """Columns by number, as the compiled loops take them: those of every row (`at` among `columns`), and those of a `few`."""

    def __init__(self, said: Mapping[int, Said], count: int):
        every = [number for number, one in said.items() if one.rows is None]
        few = [number for number, one in said.items() if one.rows is not None and len(one.rows)]
        self._kept = [np.ascontiguousarray(said[number].numbers) for number in every]
        self._few = [said[number] for number in few]
        self.columns = addresses(self._kept)
        self.at = np.full(count, -1, np.int64)
        self.at[every] = np.arange(len(every))
        self.few = (np.array(few, np.int64), addresses([one.rows for one in self._few if one.rows is not None]),
                    addresses([one.numbers for one in self._few]), np.array([len(one.numbers) for one in self._few], np.int64))  # fmt: skip

    def of(self, row: int) -> Ints:
        """What each column says of one row."""
        found = np.empty(len(self.at), np.int64)
        coding.answers_of_row(self.columns, self.at, self.few, row, found)
        return found


def addresses(columns: list[Ints]) -> Ints:
    """Where columns stand in memory; they must be kept as long as that is used."""
    return np.array([column.ctypes.data for column in columns], np.int64)


def added_up(columns: list[Ints], count: int) -> Ints:
    """What each row of some columns comes to."""
    found = np.empty(count, np.int64)
    c.add_up(addresses(columns), found)
    return found


class Rows:
    """Some columns of a table row by row: the names of those that say something, and what."""

    def __init__(self, read: "Read", names: list[str]):
        self.changes, self.names = read.changes, np.array(names)
        self._held = InMemory({number: read.said[name] for number, name in enumerate(names)}, len(names))
        self._last: tuple[int, dict[str, int]] = (-1, {})

    def of(self, row: int) -> dict[str, int]:
        """What is said of one row, by column."""
        if self._last[0] != row:
            found = self._held.of(row)
            given = np.flatnonzero(found != NONE)
            said = dict(zip(self.names[given].tolist(), found[given].tolist(), strict=True))
            self._last = (row, said)
        return self._last[1]


class Read(MutableMapping[str, Ints]):
    """Columns by name. Asked for as numbers of all rows, a column that says little is written out, and kept so."""

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}
        self.changes = 0

    def __getitem__(self, name: str) -> Ints:
        said = self.said[name]
        if said.rows is not None:
            said = self.said[name] = Said(said.n, None, said.all())
        return said.numbers

    def __setitem__(self, name: str, numbers: Ints) -> None:
        self.said[name] = Said(len(numbers), None, numbers)
        self.changes += 1

    def __delitem__(self, name: str) -> None:
        del self.said[name]
        self.changes += 1

    def __contains__(self, name: object) -> bool:
        return name in self.said

    def __iter__(self) -> Iterator[str]:
        return iter(self.said)

    def __len__(self) -> int:
        return len(self.said)


def end_of_members(member: Ints, row: int, last: int) -> int:
    """Where rows end that are taken together from this one to about the last; members are whole."""
    if last >= len(member):
        return len(member)
    first, behind = (int(np.searchsorted(member, member[last], side=side)) for side in ("left", "right"))
    return first if first > row else behind
