"""Bills that are not settled, and why: thousands may share a reason, so each row has the number of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from duoceng.lab.batch.reading import NOTHING, Ints

Why = tuple[str, str, str]  # the field, the code of the mistake and what it says


@dataclass(frozen=True)
class Reject:
    """A bill that is not settled, and why: the row in the file, the field, the code of the mistake and what it says."""

    row: int
    field: str
    code: str
    reason: str


class Rejects(Mapping[int, Reject]):
    """Rejects by the row of a table that has `n` rows; `first_row` is where it begins in its file."""

    def __init__(self, n: int, first_row: int):
        self.n, self.first_row = n, first_row
        self.whys: list[Why] = []
        self._numbers: dict[Why, int] = {}
        self._which: np.ndarray[Any, np.dtype[np.int32]] | None = None

    def note(self, rows: Ints, field: str, code: str, reason: str) -> None:
        """These rows are rejected; those that were before are so for the reason before."""
        self.note_each(rows, np.zeros(len(rows), np.int64), [(field, code, reason)])

    def note_each(self, rows: Ints, which: Ints, whys: list[Why]) -> None:
        """These rows are rejected, each for one of some reasons; those that were before are so for the reason before."""
        if not len(rows):
            return
        if self._which is None:
            self._which = np.full(self.n, -1, np.int32)
        numbers = np.array([self._numbers.setdefault(why, len(self._numbers)) for why in whys], np.int32)
        self.whys = [*self._numbers]
        fresh = self._which[rows] < 0
        self._which[rows[fresh]] = numbers[which[fresh]]

    def copy(self) -> "Rejects":
        """The same, to note more."""
        found = Rejects(self.n, self.first_row)
        found.whys, found._numbers = [*self.whys], {**self._numbers}
        found._which = None if self._which is None else self._which.copy()
        return found

    @property
    def rows(self) -> Ints:
        """The rows, ascending."""
        return NOTHING if self._which is None else np.flatnonzero(self._which >= 0)

    def which(self, rows: Ints) -> Any:
        """The numbers of the reasons, among `whys`, why these rows are rejected."""
        return np.zeros(0, np.int32) if self._which is None else self._which[rows]

    def __getitem__(self, row: int) -> Reject:
        if self._which is None or self._which[row] < 0:
            raise KeyError(row)
        return Reject(self.first_row + row, *self.whys[self._which[row]])

    def __iter__(self) -> Iterator[int]:
        return iter(self.rows.tolist())

    def __len__(self) -> int:
        return 0 if self._which is None else int(np.count_nonzero(self._which >= 0))

    def __bool__(self) -> bool:
        return self._which is not None
