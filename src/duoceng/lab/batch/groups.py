"""Which bills are alike: members of one place with the same products form a group; inside it, answers in the same cells make one
signature, and one plan (or a few, by how many bills the member has had) serves all bills of a signature.

    row ──▶ group (region, products) ──▶ entries: column, cell, weight ──▶ signature ──▶ plan
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from duoceng.desk.trip import grouping_for
from duoceng.engine.batch import compiled as c
from duoceng.engine.batch import reading
from duoceng.engine.batch.coding import BLOCK
from duoceng.engine.batch.tables import Numbers, Tables
from duoceng.engine.scope import Grouping
from duoceng.lab.batch.columns import UNITS, Columns, Dictionary
from duoceng.lab.batch.reading import NONE, Ints
from duoceng.policy.cells import Cells, cells_of
from duoceng.policy.document import Document
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.overlay import reformed
from duoceng.policy.plan import Options
from duoceng.policy.vocabulary import LIMITS
from duoceng.records.plan import Sum

Source = tuple[str, ...]
Yes = np.ndarray[Any, np.dtype[np.bool_]]
BY_DAY = {"discharge": "discharged", "admission": "admitted", "settlement": "settled"}
WIDE = 1 << 16  # a number cut at edges further apart is searched, not looked up
ROOM = 2**61


Entry = tuple[Source, int, int, int, int, int]  # source, how, low, high, where its cells stand, how many cells
UNKNOWN = -2  # a kind of bill that was not met yet
SPLIT = ("care", "scheme")  # answers that most documents ask first: groups are told apart by them
OF_GROUP = {("answer", name) for name in SPLIT}  # the same for all bills of a group
SAMPLE = 256  # bills that are looked at to find how many look at a source
OFTEN = 10  # more than one in so many: then it is quicker not to ask
NOTHING = (0, c.BY_TABLE, 0, 0, 0, 0, 0, 0)  # the entry of what a group does not look at: it weighs nothing


@dataclass
class Group:
    """Members of one place with the same products, and one kind of care and scheme. Of bills with lines, or of bills without.

    `entries` are all answers that some document may look at; `used` those that a plan of this group has looked at so far.
    `number` is that of the group as it is coded now: with every answer more that is used it gets another.
    """

    key: tuple[int, ...]
    region: str
    products: tuple[str, ...]
    documents: list[Document]
    cells: Cells
    grouping: Grouping
    by_hand: bool = False
    dims: tuple[tuple[int, int, str, Sum], ...] = ()
    entries: list[Entry] = field(default_factory=list)
    answered_by: list[tuple[str, str]] = field(
        default_factory=list
    )  # column and answer of each entry; none: always looked at
    table: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    used: frozenset[int] = frozenset()
    number: int = -1


@dataclass
class Groups:
    """The groups met so far, and their entries as the compiled loop takes them. `known` is by number."""

    library: Library
    dictionary: Dictionary
    tables: Tables
    options: Options
    sources: dict[Source, int] = field(default_factory=dict)
    known: list[Group] = field(default_factory=list)
    _by_key: dict[tuple[int, ...], Group] = field(default_factory=dict)
    _kin: dict[tuple[int, ...], Group] = field(default_factory=dict)
    _cuts: dict[tuple[int, ...], int] = field(default_factory=dict)
    _worded: dict[tuple[int, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.word_count, self.entries, self.cells = Numbers(), Numbers(), Numbers()
        self.entry_of = np.zeros((1, 1), np.int32)  # by source and group: where its entry stands; 0 where there is none
        self.looked = np.zeros(1, np.bool_)  # by source: does a group look at it?
        self.tabled = np.ones(1, np.bool_)  # by source: are its cells all looked up in tables?
        self._entries: dict[tuple[int, ...], int] = {}
        self._entry(NOTHING)

    def of(self, bills: Columns) -> Ints:
        """The number of the group of each row; -1 where there is none."""
        columns, wides = [], []
        for name in ("region", "products", *SPLIT):
            wide = 1
            if name in bills.columns and name not in bills.empty:
                columns.append(bills.columns[name])
                wide = len(self.dictionary.of(name).words) + 1
            wides.append(wide)
        lined = bills.lined()
        columns += [lined] if lined is not None else []
        wides.append(3 if lined is not None else 1)
        addresses = np.array([column.ctypes.data for column in columns], np.int64)
        table, found = np.full(math.prod(wides), UNKNOWN, np.int64), np.empty(bills.n, np.int64)
        row, kept = 0, np.array([wide for wide in wides if wide > 1], np.int64)
        while (row := int(reading.numbers_of_keys(addresses, kept, table, found, row, bills.n, UNKNOWN))) < bills.n:
            parts = [int(column[row]) if column[row] != NONE else -1 for column in columns]
            key, own = 0, []
            for wide in wides:
                own.append(parts.pop(0) if wide > 1 else -1)
                key = key * wide + own[-1] + 1
            table[key] = self._number((own[0], own[1], max(own[4], 0), own[2], own[3]))
        return found

    def _number(self, key: tuple[int, ...]) -> int:
        wrong = self.dictionary.wrong
        if key[0] < 0 or key[0] in wrong.get("region", {}) or key[1] in wrong.get("products", {}):
            return -1
        if key not in self._by_key:
            kin = self._kin.get(key[:3]) or self._made(key)
            group = self._by_key[key] = replace(kin, key=key)
            self.use(
                group, frozenset(at for at, entry in enumerate(group.entries) if entry[0][0] not in ("answer", "since"))
            )
        return self._by_key[key].number

    def _made(self, key: tuple[int, ...]) -> Group:
        """What the groups of one place and the same products have in common."""
        library, words = self.library, self.dictionary
        region = words.of("region").words[key[0]]
        products = tuple(p for p in (words.of("products").words[key[1]] if key[1] >= 0 else "").split(";") if p)
        documents = library.of_region(region) + [d for p in products if (d := library.product(p))]
        grouping = grouping_for(library, documents)
        documents = [reformed(library, d, self.options.reforms) for d in documents]
        group = Group(key[:3], region, products, documents, cells_of(library, region, documents), grouping)
        deciding = {d.decided_by for d in documents if d.decided_by != "expense"}
        group.by_hand = len(deciding) > 1
        group.dims = tuple(self._dims(group))
        group.entries = self._wanted(group, key[2] == 1)
        group.answered_by = [_answered_by(entry[0]) for entry in group.entries]
        rows = [_row(self.sources.setdefault(e[0], len(self.sources)), *e[1:5], 1, 0) for e in group.entries]
        group.table = np.array(rows, np.int64).ravel()
        self._kin[key[:3]] = group
        return group

    def use(self, group: Group, used: frozenset[int]) -> None:
        """Code a group by some of its entries from now on, under a new number."""
        group.used, group.number = used, len(self.known)
        self.known.append(group)
        self._make_room()
        weight = _Weight()
        count = 0
        for at in sorted(used):
            source, how, low, high, where, radix = group.entries[at]
            if source in OF_GROUP:
                continue
            stride, word = weight.next(radix)
            number = self.sources[source]
            self.entry_of[number, group.number] = self._entry(_row(0, how, low, high, where, stride, word))
            self.looked[number], self.tabled[number] = True, self.tabled[number] and how == c.BY_TABLE
            count = max(count, word + 1)
        self.word_count.add(count)

    def _entry(self, row: tuple[int, ...]) -> int:
        """Where an entry stands; the same entry stands there once, whatever source or group it is of."""
        if row not in self._entries:
            self._entries[row] = self.entries.add(*row)
        return self._entries[row]

    def recode(self, group: Ints, known: int) -> None:
        """Put the numbers that groups have now in place of those they had when so many were known."""
        if len(self.known) != known:
            now = np.array([one.number for one in self.known], np.int64)
            some = group >= 0
            group[some] = now[group[some]]

    def _make_room(self) -> None:
        """Room in `entry_of` for every source and group known."""
        sources, groups = self.entry_of.shape
        if len(self.sources) > sources or len(self.known) > groups:
            more = np.zeros((len(self.sources) * 2, len(self.known) * 2), np.int32)
            more[:sources, :groups] = self.entry_of
            self.entry_of = more
            self.looked = np.concatenate([self.looked, np.zeros(len(more) - sources, np.bool_)])
            self.tabled = np.concatenate([self.tabled, np.ones(len(more) - sources, np.bool_)])

    def _dims(self, group: Group) -> list[tuple[int, int, str, Sum]]:
        """The counts of bills that decide about plans: place, number of the attribute, its name, what the count is made of."""
        found: dict[tuple[str, Sum], None] = {}
        for document in group.documents:
            for attribute in self.library.vocabulary.of_history:
                if attribute.name in document.asks:
                    if document.year_starts == (0, 0) or document.decided_by == "expense":
                        group.by_hand = True
                        continue
                    by = f".{document.decided_by}" if document.decided_by in ("admission", "settlement") else ""
                    made_of = Sum(f"count.{attribute.name}{by}", "year", document.decided_by, document.year_starts)
                    found[attribute.name, made_of] = None
        names = [a.name for a in self.library.vocabulary.of_history]
        return [(self.tables.place(m), names.index(name), name, m) for name, m in found]

    def order_cells(self, group: Group, name: str) -> list[int]:
        """The cell of each order of a bill in the year (the first, the second ...)."""
        if name in group.cells.exact:
            return list(range(c.HISTORY_MAX))
        edges = sorted(group.cells.edges.get(name, ()))
        return [sum(order >= edge for edge in edges) for order in range(c.HISTORY_MAX)]

    # ── entries ──

    def every(self, at: Ints, columns: Ints, group: Ints) -> tuple[Ints, Ints, Yes]:
        """The sources that some group looks at and every row of a table answers, their columns, and which of them go without asking bill by
        bill: those that many bills are looked at for, and whose cells are all looked up in tables.

        `at`: which of the columns a source is, or -1. `group`: that of each bill; some of them tell how many look.
        """
        sources = np.flatnonzero((at >= 0) & self.looked[: len(at)])
        some = np.maximum(group[:: max(len(group) // SAMPLE, 1)], 0)
        often = np.count_nonzero(self.entry_of[sources][:, some], axis=1) * OFTEN > len(some)
        return sources, columns[at[sources]], self.tabled[sources] & often

    def _wanted(self, group: Group, itemised: bool) -> list[Entry]:
        """Every answer a document of the group may look at, whether a table has it or not: what is not there costs nothing."""
        cells, vocabulary = group.cells, self.library.vocabulary
        by_expense = cells.days.get("expense", set())
        exact_days = itemised and "expense" in cells.days
        found: list[Entry] = []
        for by in cells.days:
            if by != "expense":
                edges = cells.days[by] | (by_expense if by == "discharge" else set())
                found.append(self._days(("day", by), edges, exact_days))
        if exact_days:
            found += [self._days(("day", by), set(), True) for by in BY_DAY if by not in cells.days]
        counted = {name for a in vocabulary.of_history for name in a.counts}
        for name in sorted(cells.asked | counted):
            attribute = vocabulary.get(name)
            if attribute is None or attribute.of == "history" or name == "region":
                continue
            for column in self._columns(group, name):
                found.append(self._answer(("answer", column), name, cells))
            for by in {d.decided_by for d in group.documents} if attribute.since else ():
                for column in self._columns(group, attribute.since):
                    found.append(self._answer(("since", name, column, BY_DAY.get(by, "discharged")), name, cells))
        if cells.contract:
            found += self._contracts(group)
        return found + self._presence(cells, itemised)

    def _columns(self, group: Group, name: str) -> list[str]:
        """The columns that may answer an attribute: its own, and for a contract that of each product held."""
        of = self.library.vocabulary[name].of
        return [name, *(f"{p}/{name}" for p in group.products if of == "product")]

    def _contracts(self, group: Group) -> list[Entry]:
        """A product whose year begins with the contract: its first day, and on which side of it the bill lies."""
        found: list[Entry] = []
        for column in self._columns(group, "contract_from"):
            found.append((("begun", column), c.AS_IS, 0, 0, 0, 2**20))
            found += [(("after", column, day), c.AS_IS, 0, 0, 0, 3) for day in ("discharged", "admitted")]
        return found

    def _presence(self, cells: Cells, itemised: bool) -> list[Entry]:
        found: list[Entry] = [(("answer", "year_end"), c.AS_IS, 0, 0, 0, 3)]
        if "billed" in cells.asked:
            found.append(self._cut(("billed",), cells.edges.get("billed", set())))
        if itemised:
            found.append((("charges",), c.AS_IS, 0, 0, 0, 2**30))
        names = [
            "episode",
            "admitted",
            *UNITS,
            *(f"{b}.{t}" for b in ("settled_before", "paid_by_others") for t in TIERS),
        ]
        return found + [(("given", name), c.AS_IS, 0, 0, 0, 3) for name in names]

    def _days(self, source: Source, edges: set[int], exact: bool) -> Entry:
        return (source, c.AS_IS, 0, 0, 0, 2**20) if exact else self._cut(source, edges)

    def _answer(self, source: Source, name: str, cells: Cells) -> Entry:
        attribute = self.library.vocabulary[name]
        if words := cells.words(attribute):
            return self._words(source, list(words.values()))
        if attribute.type in ("choice", "yes_no"):
            radix = 2**16 if attribute.open else max(len(attribute.values), 2) + 1
            return (source, c.AS_IS, 0, 0, 0, radix)
        if attribute.type in ("set", "text"):
            return (source, c.AS_IS, 0, 0, 0, 2**20)
        if name in cells.exact or attribute.type == "rate" or name not in cells.edges:
            most = {"money": 2**38, "day": 2**20, "rate": 2**14}.get(attribute.type, LIMITS.get(name, 2**30) + 2)
            return (source, c.AS_IS, 0, 0, 0, most)
        return self._cut(source, cells.edges[name])

    def _words(self, source: Source, counts_as: list[tuple[str, ...]]) -> Entry:
        """Words, by their numbers: those that count as the same fall into one cell; cell 0 where there is none."""
        of: dict[tuple[str, ...], int] = {}
        cells = tuple(of.setdefault(one, len(of) + 1) for one in counts_as)
        if cells not in self._worded:
            self._worded[cells] = self.cells.add(*cells)
        return (source, c.BY_TABLE, 0, len(cells) - 1, self._worded[cells], len(of) + 1)

    def _cut(self, source: Source, edges: set[int]) -> Entry:
        """A number cut at its edges: cell 0 where there is none, then one cell for each stretch."""
        ordered = sorted(edges)
        wide = not ordered or ordered[-1] - ordered[0] > WIDE
        if tuple(ordered) not in self._cuts:
            stretches = range(0) if wide else range(ordered[0] - 1, ordered[-1] + 1)
            cells = ordered if wide else (1 + np.searchsorted(ordered, stretches, side="right")).tolist()
            self._cuts[tuple(ordered)] = self.cells.add(*cells)
        at = self._cuts[tuple(ordered)]
        if wide:
            return (source, c.BY_EDGE, at, at + len(ordered), 0, len(ordered) + 2)
        return (source, c.BY_TABLE, ordered[0] - 1, ordered[-1], at, len(ordered) + 2)


def _row(column: int, how: int, low: int, high: int, where: int, stride: int, word: int) -> tuple[int, ...]:
    """An entry as the compiled loops take it."""
    return column, how, low, high, where - low, stride, word * BLOCK, 0


def _answered_by(source: Source) -> tuple[str, str]:
    """The column an entry reads and the answer it gives; no names for what every plan depends on."""
    if source[0] == "since":
        return source[2], source[1]
    return (source[1], source[1].rpartition("/")[2]) if source[0] in ("answer", "begun") else ("", "")


class _Weight:
    """Packs cells into words of 62 bits, side by side."""

    def __init__(self) -> None:
        self.filled = [1] * c.WORDS

    def next(self, radix: int) -> tuple[int, int]:
        for word in range(c.WORDS):
            if self.filled[word] * radix < ROOM:
                stride = self.filled[word]
                self.filled[word] *= radix
                return stride, word
        raise OverflowError("the policies of one place ask for more answers than a signature holds")
