"""The trip of a table of bills: columns ──▶ groups ──▶ signatures ──▶ plans ──▶ the compiled kernel ──▶ columns.

What the compiled loop cannot do (a year's end, a sum that would be needed in two periods at once) is settled by the counter's own
trip, on the same running sums.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import numpy as np

from duoceng.base.mistakes import Refused
from duoceng.desk.trip import charges_for
from duoceng.desk.year import year_before
from duoceng.engine.batch import compiled as c
from duoceng.engine.batch import lanes, loop, rounds
from duoceng.engine.batch.tables import number_from
from duoceng.lab.batch.answers import Answers
from duoceng.lab.batch.by_hand import settle_by_hand
from duoceng.lab.batch.columns import UNITS, Columns
from duoceng.lab.batch.groups import Group
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.plans import BUFFER, FIRST_DAY, Batch, Years
from duoceng.lab.batch.reading import NONE, Ints, addresses, end_of_members
from duoceng.lab.batch.reasons import DAYS, note_refused, reason_of
from duoceng.lab.batch.settled import Settled, Trails
from duoceng.policy.grammar import TIERS
from duoceng.policy.paths import Names
from duoceng.policy.plan import plan_for
from duoceng.records.bill import Bill, Part

NEAR = 1 << 16  # bills that are signed before they are settled: as many as stay near
CROWD = 32  # bills of one plan in a round from which on rounds are used: a dozen gain nothing, some hundreds a third
SOME = 1 << 10  # bills after which whoever waits is told
STEPS = 4096  # trails in the buffer of the loop: as many as stay near
NO_YEAR = "a year's end needs the bills of its year in the same file (settle the whole year in one file)"
Tell = Callable[[int], None]


def _to_nobody(bills: int) -> None:
    """Nobody waits to be told."""


class Run:
    """One table on its way through a batch."""

    def __init__(self, batch: Batch, bills: Columns, wants: Wants, years: Years | None, tell: Tell = _to_nobody):
        self.batch, self.bills, self.wants, self.years, self.tell = batch, bills, wants, years, tell
        self.in_rounds = not (wants.layers or wants.trail or wants.years or bills.itemised)
        n, ends = bills.n, bills.has("year_end") and "year_end" not in bills.empty
        self.ends = bills.columns.said["year_end"].where(partial(np.equal, 1)) if ends else np.zeros(0, np.int64)
        kinds = wants.kinds or len(self.ends) > 0  # a year's end counts what was left
        layers, sums = 3 * (BUFFER if wants.layers else 0) + 3 * 64, 4 << 16 if wants.years else 4
        self.out = c.Out(plan=np.full(n, c.UNPLANNED, np.int64), billed=np.zeros(n, np.int64), member_pays=np.zeros(n, np.int64),
                         cash=np.zeros(n, np.int64), tiers=np.zeros(len(TIERS) * n, np.int64),
                         kinds=np.zeros(c.KINDS * n if kinds else 0, np.int64), layers=np.zeros(layers, np.int64),
                         trail=np.zeros(1, np.int64), trail_of=np.zeros(1, np.int64), sums=np.zeros(sums, np.int64))  # fmt: skip
        self.done: dict[str, list[Ints]] = {"layers": [], "trail_of": [], "sums": []}
        self.trails = Trails(n * 5 // 2 + STEPS if wants.trail else 0)  # address space: memory comes as it is written
        self.rejects = bills.faults.copy()
        self.trail_room(1)

    def trail_room(self, steps: int) -> None:
        """A trail buffer that holds at least one plan's steps."""
        need = max(steps, STEPS if self.wants.trail else 64) * c.TRAIL
        if len(self.out.trail) < need:
            self.flush()
            self.out = self.out._replace(
                trail=np.zeros(need, np.int64), trail_of=np.zeros(need // c.TRAIL * 2, np.int64)
            )

    def settled(self) -> Settled:
        """Everything that came of the table."""
        bills, batch = self.bills, self.batch
        group = batch.groups.of(bills)
        self._open_years()  # after the groups: the counts that decide about their plans have places now
        group[bills.faults.rows] = c.FAULT
        self.answers = Answers(batch.groups, bills)
        self.group, self.signature, self.signed, self.told = group, np.zeros(bills.n, np.int64), 0, 0
        self.coded = len(batch.groups.known)
        batch.state.single[c.MEMBER] = -1
        self._walk()
        while not loop.close_last(batch.state, self.out, self.wants.years):
            self.flush()
        batch.state.single[c.MEMBER] = -1
        self.flush()
        joined = {name: np.concatenate(parts) if parts else np.zeros(0, np.int64) for name, parts in self.done.items()}
        out = self.out
        return Settled(out.plan, out.billed, out.member_pays, out.cash, out.tiers.reshape(len(TIERS), -1),
                       (out.kinds if self.wants.kinds else out.kinds[:0]).reshape(c.KINDS, -1), joined["layers"].reshape(-1, 3), self.trails.found(),
                       joined["trail_of"].reshape(-1, 2), joined["sums"].reshape(-1, 4), self.rejects)  # fmt: skip

    def flush(self) -> None:
        """Take what the loop has written out of its buffers."""
        single, out = self.batch.state.single, self.out
        steps = int(single[c.TRAIL_ON]) // c.TRAIL
        if steps and self.wants.trail:
            self.trails.add(out.trail, steps)
            self.done["trail_of"].append(out.trail_of[: steps * 2].copy())
        self.done["layers"].append(out.layers[: int(single[c.LAYERS_ON]) * 3].copy())
        self.done["sums"].append(out.sums[: int(single[c.SUMS_ON]) * 4].copy())
        single[c.TRAIL_ON] = single[c.LAYERS_ON] = single[c.SUMS_ON] = 0

    # ── years ──

    def _open_years(self) -> None:
        if self.years is None:
            nothing = np.zeros(1, np.int64)
            self.years = Years(nothing, nothing, nothing, [])
        self.name_place = np.full(max(len(self.years.names), 1), -1, np.int64)
        self.name_number = np.zeros(max(len(self.years.names), 1), np.int64)
        self._resolved = 0
        self.resolve()

    def resolve(self) -> None:
        """Find the places of the names that members brought, as far as plans have asked for them."""
        assert self.years is not None
        tables, state = self.batch.tables, self.batch.state
        if self._resolved == len(tables.sums) or not self.years.names:
            return
        by_stem: dict[str, list[int]] = {}
        for at in range(self._resolved, len(tables.sums)):
            by_stem.setdefault(tables.sums[at].stem, []).append(at)
        self._resolved = len(tables.sums)
        for number, name in enumerate(self.years.names):
            stem, _, words = name.partition("@")
            for at in by_stem.get(stem, ()):
                made_of = tables.sums[at]
                found = self.episode(words) if made_of.kind == "episode" else number_from(words, made_of)
                if found is not None and self.name_place[number] < 0:
                    self.name_place[number], self.name_number[number] = c.LOCALS + at, found
        aside = state.aside
        for on in range(int(state.single[c.ASIDE])):
            brought = -2 - int(aside[on * 3])
            if brought >= 0 and self.name_place[brought] >= 0:
                aside[on * 3], aside[on * 3 + 1] = self.name_place[brought], self.name_number[brought]

    def episode(self, words: str) -> int:
        """The number of an episode."""
        return self.batch.dictionary.number("episode", words)

    # ── the loop ──

    def _walk(self) -> None:
        """Run the compiled loop from bill to bill, and do what it comes back for."""
        columns, row = self._bills(), 0
        while row < self.bills.n:
            self.signed = end_of_members(self.bills.member, row, row + NEAR)
            self.batch.groups.recode(self.group[row : self.signed], self.coded)
            self.batch.sign(self.answers, self.group, self.signature, row, self.signed)
            if self.in_rounds and self.batch.crowded:
                self._rounds(columns, row)
            else:
                self._one_by_one(columns, np.array([row, self.signed]))
            self._told(self.signed, 1)
            row = self.signed
        refused = np.flatnonzero(self.out.plan <= c.REFUSED)
        why = c.REFUSED - self.out.plan[refused]
        for number in np.unique(why).tolist():
            note_refused(self.rejects, self.bills, refused[why == number], self.batch.reasons[number])

    def _rounds(self, columns: c.Bills, row: int) -> None:
        """The members of a stretch in rounds; those that cannot go so, bill by bill after them."""
        batch, room = self.batch, self.batch.lanes_for(self.signed - row)
        lanes.choose(batch.rules(), batch.state, columns, self.out, room, row, self.signed)
        batch.state.single[c.MEMBER] = -1
        wrong = int(rounds.settle_rounds(batch.rules(), columns, self.out, room, self.wants.kinds))
        if wrong >= 0:
            raise AssertionError(f"{self._whose(wrong)}: money is not conserved, or a layer paid more than it saw")
        batch.crowded = int(room.single[lanes.BILLS]) >= CROWD * int(room.single[lanes.RUNS])
        self._one_by_one(columns, room.odd[: 2 * int(room.single[lanes.ODDS])])

    def _one_by_one(self, columns: c.Bills, spans: Ints) -> None:
        """Run the compiled loop from bill to bill, and do what it comes back for. `spans`: first and last of some bills."""
        row, last = (int(spans[0]), int(spans[-1])) if len(spans) else (0, 0)
        batch, wants, single = self.batch, self.wants, self.batch.state.single
        settle = loop.settle_with_trail if wants.trail else loop.settle_plain
        while row < last:
            try:
                status = settle(batch.rules(), batch.state, columns, self.out, spans, row, wants.kinds, wants.layers, wants.years)  # fmt: skip
            except AssertionError:
                status = c.BROKEN
            row = int(single[c.ROW])
            self._told(row, SOME)
            if status == c.MISSED:
                self._plan(row)
            elif status == c.BY_HAND:
                settle_by_hand(self, row)
                row += 1
            elif status == c.FULL:
                self.flush()
            elif status != c.DONE:
                raise AssertionError(f"{self._whose(row)}: money is not conserved, or there are too many sums")

    def _told(self, row: int, least: int) -> None:
        """Tell whoever waits that the bills before this row are settled, if they are some more."""
        if row - self.told >= least:
            self.tell(row - self.told)
            self.told = row

    def _whose(self, row: int) -> str:
        """A bill, for people to find."""
        return f"row {self.bills.first_row + row + 1}, member {self.bills.table.column('member')[row].as_py()}"

    def _bills(self) -> c.Bills:
        bills, n, columns = self.bills, self.bills.n, self.bills.columns
        self.kept = [np.ascontiguousarray(bills.day(by)) for by in DAYS]
        days = addresses(self.kept)
        episode = columns["episode"] if "episode" in columns and "episode" not in bills.empty else np.zeros(0, np.int64)
        filled = [(kind, name) for kind, name in bills.money if name not in bills.empty]
        settled = np.zeros((0, n), np.int64)
        if any(name.startswith(("settled_before.", "paid_by_others.")) for name in columns.keys() - bills.empty):
            settled = np.zeros((len(TIERS), n), np.int64)
            for at, tier in enumerate(TIERS):
                for name in (f"settled_before.{tier}", f"paid_by_others.{tier}"):
                    if name in columns and name not in bills.empty:
                        settled[at] += np.where(columns[name] == NONE, 0, columns[name])
        units = np.zeros((3, len(UNITS)), np.int64)
        for at, name in enumerate(UNITS):
            if name in columns and name not in bills.empty:
                said = columns.said[name]
                units[0, at] = said.rows.ctypes.data if said.rows is not None else 0
                units[1:, at] = said.numbers.ctypes.data, len(said.numbers)
        years = self.years
        assert years is not None
        return c.Bills(bills.member, days, FIRST_DAY.toordinal(), self.batch.tables.day_count, np.ascontiguousarray(episode),
                       addresses([columns[name] for _, name in filled]), np.array([kind for kind, _ in filled], np.int64),
                       units, np.zeros(len(UNITS), np.int64), settled.ravel(), self._year_ends(), self.group, self.signature,
                       bills.charge_at, bills.charges, years.at, years.name, years.value, self.name_place, self.name_number)  # fmt: skip

    def _year_ends(self) -> Ints:
        """The first day of each year that a bill ends, -2 for other bills of its member. What members brought from before is not in the rows."""
        bills, rows = self.bills, self.ends
        if not len(rows):
            return rows
        assert self.years is not None
        if self.years.names:
            at, member = self.years.at, bills.member[rows]
            brought = rows[(self.group[rows] >= 0) & (at[member] != at[member + 1])]
            if len(brought):
                self.group[brought] = self.batch.reason("year_end", "B025", NO_YEAR)
        days, which = np.unique(bills.columns["discharged"][rows], return_inverse=True)
        begun = [
            year_before(date.fromordinal(day) + timedelta(days=1)).toordinal() for day in np.maximum(days, 1).tolist()
        ]
        of_members = np.full(int(bills.member[-1]) + 1, -1, np.int64)
        of_members[bills.member[rows]] = -2
        found = of_members[bills.member]
        found[rows] = np.array(begun, np.int64)[which]
        return found

    # ── plans ──

    def _history(self, group: Group, bill: Bill) -> dict[str, int]:
        """The counts that `plan_for` may look at, by their names for this bill."""
        state, found = self.batch.state, {}
        for place, _, _, made_of in group.dims:
            when = bill.decided(made_of.by)
            if state.stamp[place] == made_of.number(when):
                found[made_of.name(when)] = int(state.value[place])
        if bill.episode:
            for place, attribute in zip(self.batch.again, self.batch.library.vocabulary.of_history, strict=True):
                if state.value[place]:
                    found[f"counted.{attribute.name}@{bill.episode}"] = 1
        return found

    def _plan(self, row: int) -> None:
        """Find or make the plan this bill asks for, and note it for all bills like it.

        A plan that looked at an answer by which its group is not coded yet makes the bills from here on be coded anew.
        """
        batch = self.batch
        group = batch.groups.known[int(self.group[row])]
        code = int(batch.state.single[c.CODE])
        cells = batch.cells(group, self.answers, row, code)
        found = batch.planned(group, cells)
        if found is None:
            reads = Names()
            found = self._made(group, row, reads)
            before = group.number
            if batch.remember(group, cells, batch.looked_at(group, reads), found):
                rest = self.group[row : self.signed]
                rest[rest == before] = group.number
                batch.sign(self.answers, self.group, self.signature, row, self.signed, group.number)
            batch.grow()
            self.trail_room(batch.tables.widest[2])
            self.resolve()
        batch.signature_plans[int(self.signature[row]) + code] = found

    def _made(self, group: Group, row: int, reads: Names) -> int:
        """The number of a new plan; why there is none; or that the counter must settle such bills."""
        batch, member, bill = self.batch, self.bills.member_of(row), self.bills.bill_of(row)
        if group.by_hand or (bill.year_end and "billed" in group.cells.asked):
            return c.ODD
        if bill.year_end:
            bill = replace(bill, parts=(Part((0,) * c.KINDS),))
        try:
            charges = charges_for(batch.library, member, bill, group.grouping)
            options = replace(batch.options, reads=reads)
            plan = plan_for(batch.library, member, bill, charges, self._history(group, bill), options)
        except Refused as refused:
            return batch.reason(*reason_of(refused, bill, batch.library.vocabulary))
        return batch.tables.add(plan, len(charges), any(charge.day for charge in charges))


def settle_table(
    batch: Batch, bills: Columns, wants: Wants = Wants(), years: Years | None = None, tell: Tell = _to_nobody
) -> Settled:
    """Every bill of a table, in its order. Members must stand together; their sums begin with those of `years`.

    `tell` is told of every stretch of bills that is settled: how many they were.
    """
    return Run(batch, bills, wants, years, tell).settled()
