"""Columns of bills, as they come from a file: read, checked at the door, and turned back into one bill where a person is meant.

One row is one bill. Columns are named as in a bill file: `member`, `bill`, `region`, `products` (ids in the order they claim, joined
by `;`), `discharged`, `admitted`, `settled`, `episode`, `year_end`, money by kind (`in_scope` ...), units (`days` ...),
`settled_before.<tier>`, `paid_by_others.<tier>`, and every other column is an answer of the vocabulary; `<product>/<answer>` is that of
one contract. Whole numbers are fen, decimals are yuan; sets are joined by `+`; nothing means not answered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duoceng.base.day import EARLIEST, EARLIEST_BIRTH, LATEST
from duoceng.engine.batch.tables import AMOUNT_MAX, UNITS_MAX
from duoceng.kernel.columns import FACTS, KINDS
from duoceng.lab.batch.reading import MOST, NONE, Ints, Read, Rows, Said, added_up, said_by
from duoceng.lab.batch.rejects import Rejects
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.vocabulary import LIMITS, Attribute
from duoceng.records.bill import Bill, Held, Member, Part, Value

UNITS = FACTS[3:]
DAYS = ("discharged", "admitted", "settled")
EPOCH = date(1970, 1, 1).toordinal()
SETTLED_BEFORE, PAID_BY_OTHERS = (
    [f"{before}.{tier}" for tier in TIERS] for before in ("settled_before", "paid_by_others")
)
PLAIN = ("member", "bill", "region", "products", "episode", "year_end", *DAYS)


@dataclass
class Words:
    """Numbers for the words of one column, the same in every block."""

    numbers: dict[str, int] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def number(self, word: str) -> int:
        """The number of a word; a new one gets the next."""
        if word not in self.numbers:
            self.numbers[word] = len(self.words)
            self.words.append(word)
        return self.numbers[word]


class Dictionary:
    """What the words of each column mean: numbers that stay the same from block to block, and which words may stand there."""

    def __init__(self, library: Library):
        self.library = library
        self.vocabulary = library.vocabulary
        self.words: dict[str, Words] = {}
        self.wrong: dict[str, dict[int, str]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """What another process may go on from; the episodes of persons are nothing to it."""
        return {**self.__dict__, "words": {name: words for name, words in self.words.items() if name != "episode"}}

    def of(self, column: str) -> Words:
        """The words of a column; those of the vocabulary come first."""
        if column not in self.words:
            found = self.words[column] = Words()
            attribute = self.attribute(column)
            for value in attribute.values if attribute and attribute.type == "choice" else ():
                found.number(value)
        return self.words[column]

    def attribute(self, column: str) -> Attribute | None:
        """The attribute a column answers."""
        return self.vocabulary.get(column.rpartition("/")[2])

    def number(self, column: str, word: str) -> int:
        """The number of a word, which is checked when it is met first."""
        words = self.of(column)
        known = word in words.numbers
        number = words.number(word)
        if not known and (fault := self._fault(column, word)):
            self.wrong.setdefault(column, {})[number] = fault
        return number

    def _fault(self, column: str, word: str) -> str:
        if column == "region":
            return "" if word in self.library.regions() else f"`{word}` is no place whose policies are here"
        if column == "products":
            unknown = [p for p in word.split(";") if p and self.library.product(p) is None]
            return f"`{unknown[0]}` is no product whose terms are here" if unknown else ""
        attribute = self.attribute(column)
        if attribute is None:
            return ""
        try:
            for value in word.split("+") if attribute.type == "set" else [word]:
                if value:
                    attribute.parse(value)
        except ValueError as error:
            return str(error)
        return ""

    def value(self, column: str, number: int) -> Value:
        """An answer as bills have it."""
        return self.reader(column)(number)

    def reader(self, column: str) -> Callable[[int], Value]:
        """How the numbers of a column become answers."""
        attribute = self.attribute(column)
        kind = attribute.type if attribute else "text"
        if kind == "yes_no":
            return bool
        if kind == "day":
            return date.fromordinal
        if kind not in ("choice", "text", "set"):
            return int
        words = self.of(column).words
        return (
            words.__getitem__ if kind != "set" else lambda number: frozenset(v for v in words[number].split("+") if v)
        )


class Columns:
    """The bills of one table. `faults` are the rows that do not pass the door; the others can be settled."""

    def __init__(self, table: pa.Table, dictionary: Dictionary, first_row: int = 0):
        self.table, self.dictionary, self.first_row = table, dictionary, first_row
        self.n = table.num_rows
        self.faults = Rejects(self.n, first_row)
        self.columns = Read()
        self.money: list[tuple[int, str]] = []
        self.empty: set[str] = set()
        self._days_by: dict[str, Ints] = {}
        self._owners: dict[str, tuple[str, str, Callable[[int], Value]]] = {}
        self._answered: tuple[dict[str, int], dict[str, dict[str, Value]]] = ({}, {})
        self._bills = table.column("bill") if "bill" in table.column_names else None
        self._rows: Rows | None = None
        self.itemised = False
        self.charges_code: Ints = np.zeros(0, np.int64)
        self.charge_at: Ints = np.full(1, -1, np.int64)
        self.charges: Ints = np.zeros(1, np.int64)
        for name in table.column_names:
            if name not in ("member", "bill", "file_row"):
                self._read(name, table.column(name))
        self._door()
        self.member = self._members(table.column("member"))

    def has(self, column: str) -> bool:
        """Does the table answer this at all?"""
        return column in self.columns

    def lined(self) -> Ints | None:
        """Of each bill, 1 where it has lines; nothing where the table has none."""
        return None

    def day(self, by: str) -> Ints:
        """The day a document decides by: where admission or settlement is not given, discharge."""
        if by not in self._days_by:
            found = self.columns["discharged"]
            name = {"admission": "admitted", "settlement": "settled"}.get(by, "discharged")
            if name != "discharged" and name in self.columns and name not in self.empty:
                rows, days = self.columns.said[name].given()
                found = found.copy()
                found[rows] = days
            self._days_by[by] = found
        return self._days_by[by]

    def whole(self) -> Ints:
        """The whole bill, with what was settled before."""
        before = [
            n for n in self.columns if n.startswith(("settled_before.", "paid_by_others.")) and n not in self.empty
        ]
        said = [self.columns.said[name].given() for name in [n for _, n in self.money if n not in self.empty] + before]
        total = added_up([amounts for rows, amounts in said if isinstance(rows, slice)], self.n)
        for rows, amounts in said:
            if not isinstance(rows, slice):
                total[rows] += amounts
        return total

    def _read(self, name: str, column: pa.ChunkedArray) -> None:
        read = self._reader(name)
        if column.null_count == self.n:
            self.empty.add(name)
            self.columns[name] = np.broadcast_to(np.int64(0 if name in KINDS else NONE), self.n)
            return
        try:
            said = read(name, in_one(column))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
            raise ColumnMistake(name, str(column.type), str(error)) from None
        self.columns.said[name] = said

    def _reader(self, name: str) -> Callable[[str, pa.Array], Said]:
        """How the values of a column are read, by its name."""
        if name in KINDS:
            self.money.append((KINDS.index(name), name))
        before, _, tier = name.partition(".")
        amounts = name in KINDS or (before in ("settled_before", "paid_by_others") and tier in TIERS)
        plain = {"region": self._words, "products": self._words, "episode": self._words, "year_end": self._whole,
                 **dict.fromkeys(DAYS, self._days), **dict.fromkeys(UNITS, self._counts)}  # fmt: skip
        if amounts or name in plain:
            return self._amounts if amounts else plain[name]
        attribute = self.dictionary.attribute(name)
        if attribute is None:
            raise ColumnMistake(name, "", "the vocabulary has no such answer")
        return {"choice": self._words, "text": self._words, "set": self._words, "day": self._days, "money": self._amounts,
                "number": self._counts, "rate": self._counts, "yes_no": self._whole}[attribute.type]  # fmt: skip

    def _words(self, name: str, column: pa.Array) -> Said:
        if not pa.types.is_dictionary(column.type) or column.dictionary.null_count:
            column = column.cast(pa.string()).dictionary_encode()
        words = [self.dictionary.number(name, word) for word in column.dictionary.cast(pa.string()).to_pylist()]
        said = said_by(column, np.array(words or [NONE], np.int64))
        for number, fault in self.dictionary.wrong.get(name, {}).items():
            self._note_said(said, partial(np.equal, number), name, "B009", fault)
        return said

    def _whole(self, name: str, column: pa.Array) -> Said:
        if pa.types.is_floating(column.type):
            raise ValueError("a number with a decimal point is never read as money or a count")
        return said_by(column)

    def _days(self, name: str, column: pa.Array) -> Said:
        said = said_by(column if pa.types.is_date32(column.type) else column.cast(pa.date32()), add=EPOCH)
        early = EARLIEST if name in DAYS else EARLIEST_BIRTH
        self._within(said, early.toordinal(), LATEST.toordinal(), name, "B013", f"a day outside {early} to {LATEST}")
        return said

    def _amounts(self, name: str, column: pa.Array) -> Said:
        if pa.types.is_decimal(column.type):
            column = pc.multiply(column, pa.scalar(100, pa.int64())).cast(pa.int64())
        said = self._whole(name, column)
        self._within(said, 0, MOST, name, "B012", "a negative amount")
        self._within(said, NONE, AMOUNT_MAX, name, "B004", f"more than {AMOUNT_MAX // 100} yuan")
        if name in KINDS and (said.missing or said.low < 0):
            return Said(said.n, None, np.maximum(said.all(), 0), 0, said.high)
        return said

    def _counts(self, name: str, column: pa.Array) -> Said:
        said = self._whole(name, column)
        most = UNITS_MAX if name in UNITS else LIMITS.get(name.rpartition("/")[2], 10**9)
        self._within(said, 0, most, name, "B009", f"outside 0 to {most}")
        return said

    def _within(self, said: Said, low: int, high: int, name: str, code: str, reason: str) -> None:
        """What is said lies between these, or it is noted."""
        if said.low < low or said.high > high:
            self._note_said(said, lambda found: (found < low) | (found > high), name, code, reason)

    def _note_said(self, said: Said, wrong: Callable[[Ints], Any], name: str, code: str, reason: str) -> None:
        self.faults.note(said.where(wrong), name, code, reason)

    def _note(self, wrong: np.ndarray[Any, Any], name: str, code: str, reason: str) -> None:
        self.faults.note(np.flatnonzero(wrong), name, code, reason)

    def _door(self) -> None:
        """What no bill may lack, and days that cannot be."""
        for name in ("region", "discharged"):
            if name not in self.columns:
                raise ColumnMistake(name, "", "every bill needs it")
            if name in self.empty or self.columns.said[name].missing:
                self._note(self.columns[name] == NONE, name, "B001", "missing")
        if "admitted" in self.columns and "admitted" not in self.empty:
            discharged, admitted = self.columns["discharged"], self.columns.said["admitted"]
            rows, _ = admitted.given()
            self._note_said(
                admitted, lambda days: days > discharged[rows], "admitted", "B013", "admitted after discharge"
            )

        self._priced()

    def _priced(self) -> None:
        """A bill that says no amount at all is no bill of nothing; a year's end has none."""
        money = [self.table.column(name) for _, name in self.money]
        if any(column.null_count == 0 for column in money):
            return
        given = np.zeros(self.n, bool)
        for column in money:
            given |= pc.is_valid(column).to_numpy()
        if "year_end" in self.columns and "year_end" not in self.empty:
            given[self.columns.said["year_end"].where(partial(np.equal, 1))] = True
        self._note(~given, "amounts", "B015", "the bill has neither amounts nor lines")

    def _members(self, column: pa.ChunkedArray) -> Ints:
        """Members numbered in the order of the rows; a member's bills stand together."""
        column = in_one(column)
        if column.null_count:
            self._note(column.is_null().to_numpy(zero_copy_only=False), "member", "B001", "missing")
        if pa.types.is_integer(column.type):
            ids = column.fill_null(-1).cast(pa.int64()).to_numpy(zero_copy_only=False)
        else:
            encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
            ids = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        changed = np.ones(self.n, bool)
        changed[1:] = ids[1:] != ids[:-1]
        return np.cumsum(changed, dtype=np.int64) - 1

    # ── one bill ──

    def parts_of(self, row: int) -> tuple[Part, ...] | None:
        """The parts of an itemised bill; None where the row itself says its amounts."""
        return None

    def in_scope(self, row: int) -> int:
        """What of a bill came in scope, in fen."""
        return sum(self.number(name, row) for kind, name in self.money if kind == 0)

    def number(self, column: str, row: int) -> int:
        """What a column says of one row, as a number."""
        return self.columns.said[column].of(row)

    def answer(self, column: str, row: int) -> Value | None:
        """An answer of one row, or None."""
        number = self.number(column, row) if column in self.columns else NONE
        return None if number == NONE else self.dictionary.value(column, number)

    def _said(self, row: int) -> dict[str, int]:
        """What all columns say of one row; those that say nothing are not there."""
        if self._rows is None or self._rows.changes != self.columns.changes:
            self._rows = Rows(self.columns, [name for name in self.columns if name not in self.empty])
        return self._rows.of(row)

    def _owner(self, column: str) -> tuple[str, str, Callable[[int], Value]]:
        """Of what a column says something (member, product, bill or line; `<product>/`: one contract; else nothing), what, and how."""
        policy, of_contract, name = column.partition("/")
        attribute = self.dictionary.vocabulary.get(column)
        of = attribute.of if attribute and column not in PLAIN else ""
        whose, what = (f"{policy}/", name) if of_contract else (of, column)
        self._owners[column] = (whose, what, self.dictionary.reader(column))
        return self._owners[column]

    def _answers(self, row: int) -> dict[str, dict[str, Value]]:
        """What a row answers, by whom it is about."""
        said = self._said(row)
        if said is not self._answered[0]:
            found: dict[str, dict[str, Value]] = {"member": {}, "product": {}, "bill": {}, "line": {}}
            for column, number in said.items():
                of, name, read = self._owners.get(column) or self._owner(column)
                if of:
                    found.setdefault(of, {})[name] = read(number)
            self._answered = (said, found)
        return self._answered[1]

    def member_of(self, row: int) -> Member:
        """The member as this bill knows them."""
        said, words, answers = self._said(row), self.dictionary.of, self._answers(row)
        held = words("products").words[said["products"]].split(";") if "products" in said else []
        products = tuple(Held(p, {**answers["product"], **answers.get(f"{p}/", {})}) for p in held if p)
        name, region = str(self.table.column("member")[row].as_py()), words("region").words[said["region"]]
        return Member(name, region, answers["member"], products=products)

    def bill_of(self, row: int, parts: tuple[Part, ...] | None = None) -> Bill:
        """One row as a bill."""
        said, answers = self._said(row), self._answers(row)

        def day(name: str) -> date | None:
            return date.fromordinal(said[name]) if name in said else None

        def numbers(names: Iterable[str]) -> dict[str, int]:
            return {name.rpartition(".")[2]: said[name] for name in names if name in said}

        money = [0] * len(KINDS)
        for kind, name in self.money:
            money[kind] = said.get(name, 0)
        others = numbers(PAID_BY_OTHERS)
        discharged = day("discharged")
        assert discharged is not None
        number = self._bills[row].as_py() if self._bills is not None else self.first_row + row + 1
        return Bill(str(number), discharged, day("admitted"), day("settled"), answers["bill"],
                    parts if parts is not None else (Part(tuple(money), answers["line"]),), units=numbers(UNITS),
                    settled_before={**numbers(SETTLED_BEFORE), **others}, others=frozenset(others),
                    episode=self.dictionary.of("episode").words[said["episode"]] if "episode" in said else "",
                    year_end=said.get("year_end", 0) == 1)  # fmt: skip


def in_one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column in one piece; what is in one is not copied."""
    if isinstance(column, pa.ChunkedArray):
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column


class ColumnMistake(ValueError):
    """A whole column that cannot be read: its name, its type and why."""

    def __init__(self, column: str, type_: str, why: str):
        super().__init__(f"column `{column}`{f' ({type_})' if type_ else ''}: {why}")
        self.column = column
