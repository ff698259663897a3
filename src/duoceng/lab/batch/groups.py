"""Which bills are alike: members of one place with the same products form a group; inside it, answers in the same cells make one
signature, and one plan (or a few, by how many bills the member has had) serves all bills of a signature.

    row ──▶ group (region, products) ──▶ entries: column, cell, weight ──▶ signature ──▶ plan
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from duoceng.desk.trip import grouping_for
from duoceng.engine.batch import compiled as c
from duoceng.engine.batch.tables import Numbers, Tables
from duoceng.engine.scope import Grouping
from duoceng.lab.batch.columns import NONE, UNITS, Columns, Dictionary, Ints
from duoceng.policy.cells import Cells, cells_of
from duoceng.policy.document import Document
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.overlay import laid_over
from duoceng.policy.plan import Options
from duoceng.policy.vocabulary import LIMITS
from duoceng.records.plan import Sum

Source = tuple[str, ...]
BY_DAY = {"discharge": "discharged", "admission": "admitted", "settlement": "settled"}
WIDE = 1 << 16  # a number cut at edges further apart is searched, not looked up
ROOM = 2**61


Entry = tuple[Source, int, int, int, int, int]  # source, how, low, high, where its cells stand, how many cells
SPLIT = ("care", "scheme")  # answers that most documents ask first: groups are told apart by them


@dataclass
class Group:
    """Members of one place with the same products, and one kind of care and scheme.

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

    def __post_init__(self) -> None:
        self.entry_at, self.word_count, self.entries, self.cells = Numbers(), Numbers(), Numbers(), Numbers()
        self.entry_at.add(0)

    def of(self, bills: Columns) -> Ints:
        """The number of the group of each row; -1 where there is none."""
        key, wides = np.zeros(bills.n, np.int64), []
        for name in ("region", "products", *SPLIT):
            wide = 1
            if name in bills.columns and name not in bills.empty:
                column = bills.columns[name]
                wide = int(column.max(initial=0)) + 2
                key = key * wide + np.where(column == NONE, 0, column + 1)
            wides.append(wide)
        table = np.full(int(key.max(initial=0)) + 1, -1, np.int64)
        seen = np.zeros(len(table), bool)
        seen[key] = True
        for one in np.flatnonzero(seen):
            rest, parts = int(one), []
            for wide in reversed(wides):
                rest, part = divmod(rest, wide)
                parts.append(part - 1)
            table[one] = self._number((parts[3], parts[2], int(bills.itemised), parts[1], parts[0]))
        return table[key]

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
        documents = [self._reformed(d) for d in documents]
        group = Group(key[:3], region, products, documents, cells_of(library, region, documents), grouping)
        deciding = {d.decided_by for d in documents if d.decided_by != "expense"}
        group.by_hand = len(deciding) > 1
        group.dims = tuple(self._dims(group))
        group.entries = self._wanted(group, key[2] == 1)
        group.answered_by = [_answered_by(entry[0]) for entry in group.entries]
        rows = [(self.sources.setdefault(e[0], len(self.sources)), *e[1:5], 1) for e in group.entries]
        group.table = np.array(rows, np.int64).ravel()
        self._kin[key[:3]] = group
        return group

    def use(self, group: Group, used: frozenset[int]) -> None:
        """Code a group by some of its entries from now on, under a new number."""
        group.used, group.number = used, len(self.known)
        self.known.append(group)
        weight = _Weight()
        words: list[list[tuple[int, ...]]] = [[] for _ in range(c.WORDS)]
        for at in sorted(used):
            source, how, low, high, where, radix = group.entries[at]
            stride, word = weight.next(radix)
            words[word].append((self.sources[source], how, low, high, where, stride))
        self.word_count.add(max((at + 1 for at, entries in enumerate(words) if entries), default=0))
        for entries in words:
            for entry in entries:
                self.entries.add(*entry)
            self.entry_at.add(self.entries.length // c.ENTRY_WIDTH)

    def _reformed(self, document: Document) -> Document:
        for reform in self.options.reforms:
            document = laid_over(document, reform)
        return document

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

    def active(self, at: Ints) -> tuple[Ints, Ints, Ints]:
        """The entries whose source answers anything here: where each word of each group begins, how many words, the entries."""
        rows = self.entries.array[: self.entries.length].reshape(-1, c.ENTRY_WIDTH)
        kept = at[rows[:, c.ENTRY_COLUMN]] >= 0
        before = np.concatenate([[0], np.cumsum(kept)])
        entries = rows[kept].copy()
        entries[:, c.ENTRY_COLUMN] = at[entries[:, c.ENTRY_COLUMN]]
        return before[self.entry_at.array[: self.entry_at.length]], self.word_count.array, entries.ravel()

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
            found.append((("answer", column), c.AS_IS, 0, 0, 0, 2**20))
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
        if attribute.type in ("choice", "yes_no"):
            radix = 2**16 if attribute.open else max(len(attribute.values), 2) + 1
            return (source, c.AS_IS, 0, 0, 0, radix)
        if attribute.type in ("set", "text"):
            return (source, c.AS_IS, 0, 0, 0, 2**20)
        if name in cells.exact or attribute.type == "rate" or name not in cells.edges:
            most = {"money": 2**38, "day": 2**20, "rate": 2**14}.get(attribute.type, LIMITS.get(name, 2**30) + 2)
            return (source, c.AS_IS, 0, 0, 0, most)
        return self._cut(source, cells.edges[name])

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


def _answered_by(source: Source) -> tuple[str, str]:
    """The column an entry reads and the answer it gives; no names for what every plan depends on."""
    if source[0] == "since":
        return source[2], source[1]
    return (source[1], source[1].rpartition("/")[2]) if source[0] == "answer" else ("", "")


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


@dataclass
class Answers:
    """What entries look at: the columns of a table that answer anything, where they stand in memory, and which source is which."""

    columns: list[Ints]
    addresses: Ints
    at: Ints


def answers_of(groups: Groups, bills: Columns) -> Answers:
    """The columns of a table as its groups' entries look at them."""
    columns: list[Ints] = []
    at = np.full(len(groups.sources) + 1, -1, np.int64)
    for source, number in groups.sources.items():
        if _answers(source, bills):
            at[number] = len(columns)
            columns.append(np.ascontiguousarray(_column(source, bills), np.int64))
    return Answers(columns, np.array([column.ctypes.data for column in columns] or [0], np.int64), at)


def _answers(source: Source, bills: Columns) -> bool:
    """Is there anything in this table that the source could say?"""
    if source[0] == "after" and not _there(source[2], bills):
        return False
    if source[0] in ("answer", "given", "after"):
        return _there(source[1], bills)
    if source[0] == "since":
        return _there(source[2], bills)
    return True


def _there(column: str, bills: Columns) -> bool:
    return column in bills.columns and column not in bills.empty


def _column(source: Source, bills: Columns) -> Ints:
    kind, name = source[0], source[1] if len(source) > 1 else ""
    columns = bills.columns
    if kind == "given":
        return np.where(columns[name] != NONE, 1, NONE)
    if kind == "after":
        begun, day = columns[name], columns[source[2]]
        return np.where((begun == NONE) | (day == NONE), NONE, (day >= begun).astype(np.int64))
    if kind == "since":
        return _since(source, bills)
    plain = {"day": bills.day, "answer": columns.__getitem__}
    if kind in plain:
        return plain[kind](name)
    return bills.whole() if kind == "billed" else bills.charges_code


def _since(source: Source, bills: Columns) -> Ints:
    """A number that follows from a day, where it is not given itself."""
    _, name, since, by = source
    day, begun = bills.day({"admitted": "admission", "settled": "settlement"}.get(by, "")), bills.columns[since]
    ok = (begun != NONE) & (begun <= day) & (day != NONE)
    found = np.full(bills.n, NONE, np.int64)
    found[ok] = passed_many(bills.dictionary.vocabulary[name].unit, begun[ok], day[ok])
    return found


def passed_many(unit: str, begun: Ints, when: Ints) -> Ints:
    """`base.day.passed` for many days at once."""
    if unit == "days":
        return when - begun
    first, second = (_parts(days) for days in (begun, when))
    months: Ints = (second[0] - first[0]) - (second[1] < first[1])
    if unit == "months":
        return months
    years: Any = second[0] // 12 - first[0] // 12
    before = (second[0] % 12 < first[0] % 12) | ((second[0] % 12 == first[0] % 12) & (second[1] < first[1]))
    found: Ints = years - before
    return found


def _parts(days: Ints) -> tuple[Ints, Ints]:
    """Month counted from year 0, and day of the month."""
    stamps = (days - 719163).astype("datetime64[D]")
    months = stamps.astype("datetime64[M]")
    return months.astype(np.int64) + 1970 * 12, (stamps - months).astype(np.int64)
