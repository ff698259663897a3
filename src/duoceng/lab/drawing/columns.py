"""Columns of answers, drawn by looking up: for each class of rows a strip of 1,024 codes in which a value has its share.

    class of the row ──▶ which strip        ten random bits ──▶ where in it ──▶ code of the value, or none

A value that is less likely than one in a thousand may have no place in a strip.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from duoceng.lab.drawing.answers import Choice
from duoceng.policy.vocabulary import Attribute
from duoceng.records.bill import Value

Array = npt.NDArray[Any]
BITS = 10
SLOTS = 1 << BITS
EPOCH = date(1970, 1, 1).toordinal()


def strip(weights: Sequence[float] | Array, slots: int = SLOTS) -> Array:
    """Which value stands in each slot: every value has as many slots as its weight asks for."""
    sums = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(sums / sums[-1], (np.arange(slots) + 0.5) / slots).clip(max=len(sums) - 1)


def narrow(low: int, high: int) -> Any:
    """The smallest whole-number type that holds both."""
    return next(
        t for t in (np.int8, np.int16, np.int32, np.int64) if np.iinfo(t).min <= low and high <= np.iinfo(t).max
    )


@dataclass
class Strips:
    """The strips of a column under construction; alike ones are kept once. Strip 0 answers nothing."""

    choices: dict[Choice, int] = field(default_factory=dict)

    def of(self, choice: Choice) -> int:
        """The strip of a choice; 0 where there is nothing to choose."""
        return self.choices.setdefault(choice, len(self.choices) + 1) if choice[0] else 0


@dataclass
class Column:
    """One attribute as a column: which strip a class of rows draws from, and what its codes mean.

    `of` is what classes are of: the member (`home`) or the bill (`kind`). Where that has no strip, `held` may, by the
    products held. `words` are the values of a dictionary column; other columns hold numbers in `codes` themselves.
    """

    name: str
    attribute: Attribute
    of: str
    rows: Array
    held: Array
    codes: Array
    words: tuple[str, ...] = ()

    @property
    def form(self) -> pa.DataType:
        """Its type in the file."""
        if self.words:
            return pa.dictionary(pa.from_numpy_dtype(self.codes.dtype), pa.string())
        if self.attribute.type in ("yes_no", "day"):
            return pa.bool_() if self.attribute.type == "yes_no" else pa.date32()
        return pa.from_numpy_dtype(self.codes.dtype)


@dataclass
class Group:
    """The arrays of a row group under construction, with the bits that say which rows are answered."""

    capacity: int
    values: dict[str, Array] = field(default_factory=dict)
    valid: dict[str, Array] = field(default_factory=dict)
    nulls: dict[str, int] = field(default_factory=dict)
    start: int = 0
    size: int = 0

    def at(self, name: str, dtype: Any) -> Array:
        """The rows of a column that are being drawn."""
        if name not in self.values:
            self.values[name] = np.empty(self.capacity, dtype=dtype)
        return self.values[name][self.start : self.start + self.size]

    def bits(self, name: str) -> Array:
        """Their bits; none is set yet."""
        if name not in self.valid:
            self.valid[name] = np.zeros(self.capacity // 8, dtype=np.uint8)
        return self.valid[name][self.start // 8 : (self.start + self.size) // 8]

    def answered(self, name: str, nulls: int) -> None:
        """So many of them are not answered."""
        self.nulls[name] = self.nulls.get(name, 0) + int(nulls)

    def put(self, name: str, values: Array, answered: Array) -> None:
        """A column made elsewhere: its values, and which of them are answers."""
        self.at(name, values.dtype)[:] = np.where(answered, values, 0)
        self.bits(name)[:] = np.packbits(answered, bitorder="little")
        self.answered(name, len(values) - int(np.count_nonzero(answered)))

    def arrow(self, name: str, form: pa.DataType, words: Sequence[str] = ()) -> pa.Array:
        """The column as it stands in the file."""
        values, valid = self.values[name], self.valid.get(name)
        if pa.types.is_boolean(form):
            values = np.packbits(values != 0, bitorder="little")
        plain = form.index_type if words else form
        buffers = [None if valid is None else pa.py_buffer(valid), pa.py_buffer(values)]
        found = pa.Array.from_buffers(plain, self.capacity, buffers, self.nulls.get(name, 0))
        return pa.DictionaryArray.from_arrays(found, pa.array(words, pa.string())) if words else found


def column(
    name: str, attribute: Attribute, of: str, rows: tuple[Sequence[int], Sequence[int]], strips: Strips
) -> Column:
    """A column of the strips gathered; `rows` says which strip each class, and each class of products held, draws from."""
    mine, held = (np.asarray(r, dtype=np.int32) * SLOTS for r in rows)
    values = list(dict.fromkeys(v for choice in strips.choices for v in choice[0]))
    worded = attribute.type in ("choice", "set", "text")
    codes_of = {value: at if worded else _number(value) for at, value in enumerate(values)}
    numbers = [0, *codes_of.values()]
    kind = np.int32 if attribute.type == "day" else narrow(min(numbers), max(numbers))
    codes = np.zeros((len(strips.choices) + 1, SLOTS), dtype=kind)
    for choice, row in strips.choices.items():
        codes[row] = np.asarray([codes_of[v] for v in choice[0]], dtype=kind)[strip(choice[1])]
    words = tuple(word(v) for v in values) or ("",) if worded else ()
    return Column(name, attribute, of, mine, held if held.any() else held[:0], codes.ravel(), words)


def word(value: Value) -> str:
    """A value as a word of a dictionary: a set joined by `+`."""
    return "+".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def _number(value: Value) -> int:
    """A value as a whole number: days since 1970, yes as 1."""
    return value.toordinal() - EPOCH if isinstance(value, date) else int(value)  # type: ignore[arg-type]
