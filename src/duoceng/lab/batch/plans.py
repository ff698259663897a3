"""The plans of one process: made once for each signature of bills, by the very `plan_for` of the counter, and kept as tables."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from duoceng.engine.batch import coding as coding_loop
from duoceng.engine.batch import compiled as c
from duoceng.engine.batch.lane_moves import MEMBERS
from duoceng.engine.batch.lanes import Lanes, new_lanes
from duoceng.engine.batch.recall import plan_kinds
from duoceng.engine.batch.tables import PLACES, Numbers, Tables
from duoceng.lab.batch.answers import Answers
from duoceng.lab.batch.columns import Dictionary
from duoceng.lab.batch.groups import SPLIT, Group, Groups
from duoceng.lab.batch.memory import Memory
from duoceng.lab.batch.reading import NONE, Ints
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.paths import Names
from duoceng.policy.plan import CONTRACT_OF, Options
from duoceng.records.plan import Sum

BUFFER = 1 << 17  # payments of layers, before they are taken out of the loop
AT_HAND = ("_words", "_new", "state", "lanes", "crowded")  # of a batch: room for the bills at hand
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
        self.again_places = np.array(self.again, np.int64)
        self.signature_plans, self.codes, self.homes = Numbers(), Numbers(), Numbers()
        self.dims_at, self.dims, self.dim_cells = Numbers(), Numbers(), Numbers()
        self.dims_at.add(0)
        self.memory = Memory()
        self._looked: dict[tuple[tuple[int, ...], frozenset[str]], frozenset[int]] = {}
        self._dim_sizes: list[list[int]] = []
        self._dim_tables: dict[tuple[int, ...], int] = {}
        self._room = 1 << 16
        self._coding = self._new_coding()
        self._begin()

    # ── memory ──

    @property
    def kinds(self) -> int:
        """How many kinds of bills it has met: signatures."""
        return int(self._coding.single[c.SIGNATURES])

    def __getstate__(self) -> dict[str, Any]:
        """What another process may go on from (`kept`): all plans, and nothing of the bills at hand."""
        return {name: thing for name, thing in self.__dict__.items() if name not in AT_HAND}

    def __setstate__(self, known: dict[str, Any]) -> None:
        self.__dict__.update(known)
        self._begin()
        self.grow()

    def _begin(self) -> None:
        """Room for the bills at hand."""
        self._words: Ints = np.zeros((c.WORDS + 1) * coding_loop.BLOCK, np.int64)
        self._new: Ints = np.empty(0, np.int64)  # bills of new kinds
        self.state = self._new_state()
        self.lanes = new_lanes(256, 256, 1 << 12, 64)
        self.crowded = True  # do many bills go by one plan, so that rounds are quicker than one bill after the other?

    def _new_coding(self) -> c.Coding:
        room = self._room
        none = np.zeros(1, np.int64)
        return c.Coding(word_count=none, codes=none, entries=none, cells=none, entry_of=np.zeros((1, 1), np.int32),
                        keys=np.zeros(room * 2, np.int64), found=np.full(room, -1, np.int64),
                        single=np.zeros(4, np.int64))  # fmt: skip

    def _new_state(self) -> c.State:
        places = PLACES + c.LOCALS
        single = np.zeros(16, np.int64)
        single[c.MEMBER] = -1
        facts = np.zeros(c.FACTS, np.int64)
        facts[0] = 1
        return c.State(np.zeros(places, np.int64), np.full(places, NONE, np.int64), np.zeros(places, np.int64),
                       np.zeros(3 << 16, np.int64), single, np.zeros(c.KINDS * 64, np.int64), np.zeros(c.KINDS * 64, np.int64),
                       facts, np.zeros(64, np.int64), np.full(128, -1, np.int64))  # fmt: skip

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
        sets = 2 * len(self.tables.stamp_sets)
        ready = state.ready if len(state.ready) >= sets else np.full(sets * 2, -1, np.int64)
        self.state = state._replace(ready=ready, value=value, stamp=stamp, touched=touched, left=np.zeros(buckets, np.int64),
                                    billed=np.zeros(buckets, np.int64), paid=np.zeros(max(layers, 64), np.int64))  # fmt: skip

    def lanes_for(self, bills: int) -> Lanes:
        """The lanes of rounds, with room for all running sums and plans there are by now, and so many bills."""
        need = (len(self.tables.sums) * MEMBERS, len(self.tables.plans), bills, len(self.dictionary.of("region").words))
        lanes = self.lanes
        have = (len(lanes.value), len(lanes.tally), len(lanes.first), len(lanes.begins) - 1)
        if any(room < wanted for room, wanted in zip(have, need, strict=True)):
            more = [max(room, wanted * 3 // 2) for room, wanted in zip(have, need, strict=True)]
            self.lanes = new_lanes(more[0] // MEMBERS + 1, more[1], more[2], more[3])
        return self.lanes

    def rules(self) -> c.Rules:
        """The plans made so far, as the loop takes them."""
        t = self.tables
        return c.Rules(t.terms.array, t.rows.array, t.sees.array, t.plan_rows.array, t.brief.array, self.homes.array,
                       t.stamps.array, t.layer_rows.array, self.signature_plans.array, self.dims_at.array, self.dims.array,
                       self.dim_cells.array, self.again_places, t.numbers.array, t.period_day.array)  # fmt: skip

    # ── signatures ──

    def sign(self, answers: Answers, group: Ints, signature: Ints, first: int, last: int, only: int = -1) -> None:
        """The signature of each bill from `first` to `last`: where its plans stand; or only of the bills of one group."""
        while self.codes.length < len(self.groups.known):
            self._new_group(self.groups.known[self.codes.length])
        if len(self._new) < last - first:
            self._new = np.empty(last - first, np.int64)
        groups, cursors = self.groups, np.empty(len(answers.few[0]), np.int64)
        said = groups.every(answers.at, answers.columns, group[first:last])
        coding = self._coding._replace(word_count=groups.word_count.array, codes=self.codes.array, entries=groups.entries.array,
                                       cells=groups.cells.array, entry_of=groups.entry_of)  # fmt: skip
        row = first
        while row < last:
            row = coding_loop.sign(
                coding, group, said, answers.few, cursors, self._words, signature, self._new, row, last, only
            )
            self.signature_plans.fill(int(coding.single[1]), c.UNPLANNED)
            if row < last:
                self._rehash()
                coding = coding._replace(keys=self._coding.keys, found=self._coding.found, single=self._coding.single)
        self._recall(answers, group, signature)

    def _recall(self, answers: Answers, group: Ints, signature: Ints) -> None:
        """Plans of earlier bills for the kinds that are new."""
        new = self._new[: int(self._coding.single[c.NEW])]
        self._coding.single[c.NEW] = 0
        if len(new):
            said, cells = np.empty(len(answers.at), np.int64), np.empty(self.memory.widest, np.int64)
            plan_kinds(self.memory.recall, self.rules(), self.codes.array, self.groups.cells.array,
                       (answers.columns, answers.at, answers.few), group, signature, new, said, cells)  # fmt: skip

    def _rehash(self) -> None:
        """Room for twice as many signatures."""
        old, kept = self._coding, int(self._coding.single[c.KEPT])
        self._room *= 2
        self._coding = self._new_coding()
        self._coding.single[:], self._coding.keys[:kept] = old.single, old.keys[:kept]
        coding_loop.find_places(self._coding.keys, kept, self.groups.word_count.array, self._coding.found)

    def _new_group(self, group: Group) -> None:
        """The counts that decide about the plans of a group, and how many cases they make."""
        stride, sizes = 1 << len(self.again), []
        for place, again, name, made_of in group.dims:
            cells = self.groups.order_cells(group, name)
            key = tuple(cells)
            if key not in self._dim_tables:
                self._dim_tables[key] = self.dim_cells.add(*cells) // c.HISTORY_MAX
            self.dims.add(place, self.tables.period(made_of), 0, again, self._dim_tables[key], stride)
            sizes.append(max(cells) + 1)
            stride *= sizes[-1]
        self._dim_sizes.append(sizes)
        self.dims_at.add(self.dims.length // c.DIM_WIDTH)
        self.codes.add(stride)
        self.homes.add(group.key[0])
        self.memory.add_group(group)

    # ── what was planned before ──

    def planned(self, group: Group, cells: Ints) -> int | None:
        """The plan of an earlier bill of the place that agrees in every answer its plan looked at."""
        return self.memory.find(group, cells)

    def remember(self, group: Group, cells: Ints, looked: frozenset[int], plan: int) -> bool:
        """Keep a plan for all bills that agree in what it looked at; true where the group must be coded by more from now on."""
        self.memory.keep(group, cells, looked, plan)
        used = frozenset(at for at in looked if at < len(group.entries))
        if used <= group.used:
            return False
        self.groups.use(group, group.used | used)
        return True

    def cells(self, group: Group, answers: Answers, row: int, code: int) -> Ints:
        """The cell of every answer of a bill, of every count that decides, and whether its episode was counted already."""
        found = np.zeros(len(group.entries), np.int64)
        coding_loop.cells_of_row(group.table, self.groups.cells.array, answers.of(row), found)
        again = code % (1 << len(self.again))
        rest = code >> len(self.again)
        dims = []
        for size in self._dim_sizes[group.number]:
            rest, cell = divmod(rest, size)
            dims.append(cell)
        return np.append(found, [*dims, again])

    def looked_at(self, group: Group, reads: Names) -> frozenset[int]:
        """Which of `cells` a plan depends on, from the names of the answers it looked at."""
        key = (group.key[:3], frozenset(reads))
        if key not in self._looked:
            self._looked[key] = self._looks(group, reads)
        return self._looked[key]

    def _looks(self, group: Group, reads: Names) -> frozenset[int]:
        always = {name for a in self.library.vocabulary.of_history for name in a.counts} | {"year_end", *SPLIT}
        contracts = {read.removeprefix(CONTRACT_OF) for read in reads if read.startswith(CONTRACT_OF)}
        wanted = {*reads} | always | ({"contract_from"} if contracts else set())
        looked = set()
        for at, (column, name) in enumerate(group.answered_by):
            of, _, _ = column.rpartition("/")
            if not name or (name in wanted and (name != "contract_from" or name in reads or not of or of in contracts)):
                looked.add(at)
        for at, (_, _, name, _) in enumerate(group.dims):
            if name in reads:
                looked.add(len(group.entries) + at)
        return frozenset(looked | {len(group.entries) + len(group.dims)})

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
