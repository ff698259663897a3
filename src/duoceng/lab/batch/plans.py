"""The plans of one process: made once for each signature of bills, by the very `plan_for` of the counter, and kept as tables."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from duoceng.engine.batch import compiled as c
from duoceng.engine.batch.tables import PLACES, Numbers, Tables
from duoceng.lab.batch.columns import NONE, Dictionary, Ints
from duoceng.lab.batch.groups import Answers, Group, Groups
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.plan import Sum

BLOCK = 1 << 15
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2100, 12, 31)


@dataclass
class Years:
    """The running sums that members bring: for each member in the order of the rows, names and amounts."""

    at: Ints
    name: Ints
    value: Ints
    names: list[str]


class Batch:
    """The plans of one process, and the running sums of one member at a time."""

    def __init__(self, library: Library, options: Options = Options(allow_unverified=False)):
        self.library, self.options = library, options
        self.dictionary = Dictionary(library)
        self.tables = Tables(FIRST_DAY, LAST_DAY, tiers=TIERS)
        self.groups = Groups(library, self.dictionary, self.tables, options)
        self.reasons: list[tuple[str, str, str]] = []
        self._reason_numbers: dict[tuple[str, str, str], int] = {}
        self.again = [
            self.tables.place(Sum(f"counted.{a.name}", "episode", "discharge")) for a in library.vocabulary.of_history
        ]
        self.signature_plans, self.codes = Numbers(), Numbers()
        self.dims_at, self.dims, self.dim_cells = Numbers(), Numbers(), Numbers()
        self.dims_at.add(0)
        self.made: dict[tuple[int, frozenset[int]], dict[tuple[int, ...], int]] = {}
        self.looks: dict[int, list[frozenset[int]]] = {}
        self._dim_tables: dict[tuple[int, ...], int] = {}
        self._room = 1 << 16
        self._coding = self._new_coding()
        self.state = self._new_state()

    # ── memory ──

    def _new_coding(self) -> c.Coding:
        room = self._room
        return c.Coding(*(np.zeros(1, np.int64) for _ in range(5)), np.zeros(room * (c.WORDS + 1), np.int64),
                        np.full(room, -1, np.int64), np.zeros(2, np.int64), np.zeros(c.WORDS, np.int64))  # fmt: skip

    def _new_state(self) -> c.State:
        places = PLACES + c.LOCALS
        single = np.zeros(16, np.int64)
        single[c.MEMBER] = -1
        facts = np.zeros(c.FACTS, np.int64)
        facts[0] = 1
        return c.State(np.zeros(places, np.int64), np.full(places, NONE, np.int64), np.zeros(places, np.int64),
                       np.zeros(3 << 16, np.int64), single, np.zeros(c.KINDS * 64, np.int64), np.zeros(c.KINDS * 64, np.int64),
                       facts, np.zeros(64, np.int64))  # fmt: skip

    def grow(self) -> None:
        """Room for the widest plan and all places, kept as they are."""
        charges, layers, _ = self.tables.widest
        state, places = self.state, c.LOCALS + len(self.tables.sums) + 64
        value, stamp, touched = state.value, state.stamp, state.touched
        if places > len(value):
            more = places * 2 - len(value)
            value = np.concatenate([value, np.zeros(more, np.int64)])
            stamp = np.concatenate([stamp, np.full(more, NONE, np.int64)])
            touched = np.concatenate([touched, np.zeros(more, np.int64)])
        buckets = max(charges * c.KINDS, len(state.left))
        self.state = state._replace(value=value, stamp=stamp, touched=touched, left=np.zeros(buckets, np.int64),
                                    billed=np.zeros(buckets, np.int64), paid=np.zeros(max(layers, 64), np.int64))  # fmt: skip

    def rules(self) -> c.Rules:
        t = self.tables
        return c.Rules(t.terms.array, t.rows.array, t.sees.array, t.plan_rows.array, t.stamps.array, t.layer_rows.array,
                       self.signature_plans.array, self.dims_at.array, self.dims.array,
                       self.dim_cells.array, np.array(self.again, np.int64), t.numbers.array, t.period_day.array)  # fmt: skip

    # ── signatures ──

    def sign(self, answers: Answers, group: Ints) -> Ints:
        """The signature of each bill: where its plans stand."""
        while self.codes.length < len(self.groups.known):
            self._new_group(self.groups.known[self.codes.length])
        n = len(group)
        signature = np.zeros(n, np.int64)
        entry_at, word_count, entries = self.groups.active(answers.at)
        row = 0
        while True:
            coding = self._coding._replace(entry_at=entry_at, word_count=word_count, codes=self.codes.array, entries=entries,
                                           cells=self.groups.cells.array)  # fmt: skip
            row = int(c.sign(coding, group, answers.addresses, signature, row, n))
            self.signature_plans.fill(int(coding.single[1]), c.UNPLANNED)
            if row >= n:
                return signature
            self._rehash()

    def _rehash(self) -> None:
        old = self._coding
        if int(old.single[0]) * 4 > self._room:
            self._room *= 4
        self._coding = self._new_coding()
        self._coding.single[:] = old.single
        c.rehash(old.keys, old.found, self._coding.keys, self._coding.found)

    def _new_group(self, group: Group) -> None:
        """The counts that decide about the plans of a group, and how many cases they make."""
        stride = 1 << len(self.again)
        for place, again, name, made_of in group.dims:
            cells = self.groups.order_cells(group, name)
            key = tuple(cells)
            if key not in self._dim_tables:
                self._dim_tables[key] = self.dim_cells.add(*cells) // c.HISTORY_MAX
            self.dims.add(place, self.tables.period(made_of), 0, again, self._dim_tables[key], stride)
            stride *= max(cells) + 1
        self.dims_at.add(self.dims.length // c.DIM_WIDTH)
        self.codes.add(stride)

    # ── what was planned before ──

    def planned(self, group: int, cells: tuple[int, ...]) -> int | None:
        """The plan of an earlier bill of the group that agrees in every answer its plan looked at."""
        for looked in self.looks.get(group, ()):
            found = self.made[group, looked].get(tuple(cells[at] for at in sorted(looked)))
            if found is not None:
                return found
        return None

    def remember(self, group: int, cells: tuple[int, ...], looked: frozenset[int], plan: int) -> None:
        """Keep a plan for all bills that agree in what it looked at."""
        if (group, looked) not in self.made:
            self.made[group, looked] = {}
            self.looks.setdefault(group, []).append(looked)
        self.made[group, looked][tuple(cells[at] for at in sorted(looked))] = plan

    def cells(self, group: int, answers: Answers, row: int, code: int) -> tuple[int, ...]:
        """The cell of every entry of a bill, of every count that decides, and whether its episode was counted already."""
        first, last = (int(self.groups.entry_at.array[group * c.WORDS + word]) for word in (0, c.WORDS))
        found = np.zeros(last - first, np.int64)
        c.cells_of_row(self.groups.entries.array, self.groups.cells.array, first, answers.addresses, answers.at, row, found)
        again = code % (1 << len(self.again))
        rest = code >> len(self.again)
        dims = []
        for _, _, name, _ in self.groups.known[group].dims:
            rest, cell = divmod(rest, max(self.groups.order_cells(self.groups.known[group], name)) + 1)
            dims.append(cell)
        return (*(int(cell) for cell in found), *dims, again)

    def looked_at(self, group: int, reads: set[str]) -> frozenset[int]:
        """Which of `cells` a plan depends on, from the names of the answers it looked at."""
        known = self.groups.known[group]
        always = {name for a in self.library.vocabulary.of_history for name in a.counts} | {"contract_from", "year_end"}
        looked = set()
        for at, source in enumerate(known.sources):
            name = source[1].rpartition("/")[2] if source[0] == "answer" else source[1] if source[0] == "since" else ""
            if not name or name in reads | always:
                looked.add(at)
        for at, (_, _, name, _) in enumerate(known.dims):
            if name in reads:
                looked.add(len(known.sources) + at)
        return frozenset(looked | {len(known.sources) + len(known.dims)})

    def sum_name(self, place: int, number: int, years: Years | None) -> str:
        """The name of a running sum, as the counter writes it."""
        if place < 0:
            assert years is not None
            return years.names[-2 - place]
        made_of = self.tables.sums[place - c.LOCALS]
        if made_of.kind == "episode":
            return f"{made_of.stem}@{self.dictionary.of('episode').words[number]}"
        return f"{made_of.stem}@{made_of.words(number)}"

    def reason(self, field: str, code: str, words: str) -> int:
        """The number of a reason why bills are refused, as it stands in place of a plan."""
        key = (field, code, words)
        number = self._reason_numbers.setdefault(key, len(self._reason_numbers))
        if number == len(self.reasons):
            self.reasons.append(key)
        return c.REFUSED - number
