"""Draw a block of bills: members, how many bills each has, their days in order, then the answers and the money.

Every block has random bits of its own, keyed by (seed, number of the block): what is drawn does not depend on how many
blocks are drawn, nor by whom. A block holds whole members; the last one ends where the block is full.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from duoceng.lab.drawing import compiled
from duoceng.lab.drawing.answers import STAYS
from duoceng.lab.drawing.columns import SLOTS, Array, Group, strip
from duoceng.lab.drawing.money import EVEN_KINDS, Money
from duoceng.lab.drawing.plan import Cells, Plan, first_day
from duoceng.lab.drawing.population import ages

BLOCK = 1 << 16
EPISODES = 2
BEFORE = ("basic", "critical_illness", "huiminbao")
REAL_KINDS = ("in_scope", "borne_first", "over_price", "outside_scope")


@dataclass
class Block:
    """What all columns of a block look up: its members with where their rows start, and classes of its rows."""

    cells: Array
    starts: Array
    home: Array
    held: Array
    rng: np.random.Generator
    keys: Iterator[np.uint64]

    def per_row(self, of_member: Array) -> Array:
        """What a member has, for each row."""
        out = np.empty(BLOCK, dtype=of_member.dtype)
        compiled.spread(of_member, self.starts, out)
        return out


@dataclass
class Drawer:
    """Draws blocks of a plan."""

    plan: Plan
    cells: Cells
    money: Money

    @cached_property
    def _sums(self) -> Array:
        sums = np.cumsum(self.cells.chance)
        found: Array = sums / sums[-1]
        return found

    @cached_property
    def mean_bills(self) -> float:
        """Mean number of bills of a member who has one."""
        means = self.cells.count_strips.reshape(-1, SLOTS).mean(axis=1)
        return float((means[self.cells.counts // SLOTS] * self.cells.chance).sum())

    @cached_property
    def _is_stay(self) -> Array:
        return np.array([care in STAYS for care in self.plan.cares])

    @cached_property
    def _days(self) -> Array:
        """Days of a stay, by slot."""
        said = self.plan.population.weights("days")
        law = self.money.normal[2 : -1 : len(self.money.normal) // SLOTS]
        days = np.exp(said["sigma"] * law)
        found: Array = np.maximum(np.rint(days * said["mean"] / days.mean()), 1).astype(np.int16)
        return found

    @cached_property
    def _units(self) -> dict[str, Array]:
        """Quantities of a bill of long-term care, by slot."""
        found = {}
        for unit, table in self.plan.population.tables("care_units").items():
            low, high = ages(next(iter(table)))
            found[unit] = np.arange(low, high + 1)[strip([1.0] * (high + 1 - low))].astype(np.int16)
        return found

    def block(self, group: Group, seed: int, number: int) -> None:
        """One block of bills into its place in a group, sorted by member, then day of discharge."""
        group.size = BLOCK
        block = self._members(seed, number)
        group.at("member", np.int64)[:] = block.per_row(np.arange(len(block.cells), dtype=np.int64) + number * BLOCK)
        group.at("bill", np.int64)[:] = np.arange(number * BLOCK, (number + 1) * BLOCK)
        cares = np.int32(len(self.plan.cares))
        place, held = self._of_members(group, block)
        kind = np.empty(BLOCK, dtype=np.int32)
        care = group.at("care", np.int8)
        rows = block.per_row(self.cells.cares.take(block.cells))
        compiled.kinds_of((rows, cares), self.cells.care_strips, place, next(block.keys), care, kind)
        self._dated(group, block)
        held_care = held * cares + care
        for column in (c for c in self.plan.columns if c.of == "kind"):
            out = group.at(column.name, column.codes.dtype)
            nulls = compiled.pick(
                (column.rows, column.held),
                (kind, held_care),
                column.codes,
                next(block.keys),
                out,
                group.bits(column.name),
            )
            group.answered(column.name, nulls)
        self._stays(group, block, care)
        if self.plan.is_even:
            for name, amounts in self.money.draw_even(BLOCK, block.rng).items():
                group.at(name, np.int64)[:] = amounts
            self._odd(group, block)
        else:
            amounts_of = tuple(group.at(name, np.int32) for name in REAL_KINDS)
            self.money.draw(kind, group.at("level", np.int8), next(block.keys), amounts_of)
        if "year_end" in group.values:
            for name in (n for n in EVEN_KINDS if n in group.values):
                group.at(name, np.int64)[group.at("year_end", np.int8) != 0] = 0

    def _members(self, seed: int, number: int) -> Block:
        """Cells of members, and how many bills each has: enough to fill the block."""
        seeds = np.random.SeedSequence((seed, number))
        rng = np.random.Generator(np.random.SFC64(seeds))
        keys = iter(seeds.generate_state(len(self.plan.columns) + 16, np.uint64))
        found: list[Array] = []
        counts: list[Array] = []
        total = 0
        while total < BLOCK:
            some = int((BLOCK - total) / self.mean_bills * 1.02) + 32
            cells = np.searchsorted(self._sums, rng.random(some)).clip(max=len(self._sums) - 1).astype(np.int32)
            slot = rng.integers(0, SLOTS, some, dtype=np.int32)
            found.append(cells)
            ends = self.plan.year_end.take(self.cells.home.take(cells))  # a row more, for the end of the year
            counts.append(self.cells.count_strips.take(self.cells.counts.take(cells) + slot) + ends)
            total += int(counts[-1].sum())
        starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
        count = int(np.searchsorted(starts, BLOCK))
        starts = np.minimum(starts[: count + 1], BLOCK).astype(np.int32)
        cells = np.concatenate(found)[:count]
        home = self.cells.home.take(cells)
        rows, strips = self.plan.set_strips
        slot = rng.integers(0, SLOTS, count, dtype=np.int32)
        held = strips.take(rows.take(self.plan.place_of_home.take(home)) + slot).astype(np.int32)
        return Block(cells, starts, home, held, rng, keys)

    def _of_members(self, group: Group, block: Block) -> tuple[Array, Array]:
        """What is the same for all bills of a member. Returns each row's place and the set of products held."""
        cells, count = self.cells, len(block.cells)
        span = cells.span.take(block.cells)
        age = (cells.low.take(block.cells) + block.rng.random(count) * span).astype(np.int16)
        by_day = block.rng.random(count) < (0.5 if self.plan.is_even else 0.0)
        if self.plan.is_even:  # half of the members answer with their day of birth instead of their age
            born = first_day(self.plan) - age.astype(np.int32) * 365 - block.rng.integers(0, 365, count, dtype=np.int32)
            group.put("born", block.per_row(born), block.per_row(by_day))
            group.put("age", block.per_row(age), ~block.per_row(by_day))
        else:
            group.at("age", np.int16)[:] = block.per_row(age)
        place = block.per_row(self.plan.place_of_home.take(block.home))
        held = block.per_row(block.held)
        group.at("place", np.int32)[:] = place
        group.at("home", np.int32)[:] = block.per_row(block.home)
        group.at("products", np.int16)[:] = held
        group.at("sex", np.int8)[:] = block.per_row(cells.sex.take(block.cells).astype(np.int8))
        for column in (c for c in self.plan.columns if c.of == "home"):
            out = group.at(column.name, column.codes.dtype)
            nulls = compiled.pick_members((column.rows, column.held), (block.home, block.held), column.codes, next(block.keys),
                                          block.starts, out, group.bits(column.name))  # fmt: skip
            group.answered(column.name, nulls)
        return place, held

    def _dated(self, group: Group, block: Block) -> None:
        """Days of discharge, in order; the last row of a member may be the end of the year."""
        first, last = self.plan.wanted.days
        span = (last - first).days + 1
        firsts = np.full(len(block.cells), first_day(self.plan), dtype=np.int32)
        spans = np.full(len(block.cells), span, dtype=np.int32)
        if self.plan.is_even:  # most members' bills lie in one year, so that sums run up
            years = block.rng.random(len(firsts)) < 0.75
            firsts = np.where(
                years, firsts + block.rng.integers(0, span // 365, len(firsts), dtype=np.int32) * 365, firsts
            ).astype(np.int32)
            spans = np.where(years, 365, spans).astype(np.int32)
        day = group.at("discharged", np.int32)
        compiled.days_in_order((firsts, spans), next(block.keys), block.starts, day)
        ending = self.plan.year_end.take(block.home)
        if self.plan.year_end.any():
            if self.plan.is_even:
                ending &= block.rng.random(len(ending)) < 0.25
            rows = (block.starts[1:] - 1)[ending]
            group.at("year_end", np.int8)[:] = 0
            group.at("year_end", np.int8)[rows] = 1
            day[rows] = first_day(self.plan) + span - 1

    def _stays(self, group: Group, block: Block, care: Array) -> None:
        """Days of stays and when they began, quantities of long-term care, and what is settled late."""
        discharged = group.at("discharged", np.int32)
        days = np.empty(BLOCK, dtype=np.int16)
        out = (group.at("admitted", np.int32), days, group.bits("admitted"))
        group.answered("admitted", compiled.stays(self._is_stay, care, self._days, next(block.keys), discharged, out))
        stay = self._is_stay.take(care)
        if any("stay_days" in scene.asks for scene in self.plan.scenes.values()):
            group.put("stay_days", days, stay)
        later = self.plan.population.weights("settled_later")
        waits = np.flatnonzero(block.rng.random(BLOCK, dtype=np.float32) < later["share"] / 100)
        late = np.zeros(BLOCK, dtype=bool)
        late[waits] = True
        settled = discharged.copy()
        settled[waits] += block.rng.integers(int(later["low"]), int(later["high"]) + 1, len(waits), dtype=np.int32)
        group.put("settled", settled, late)
        nursed = care == self.plan.cares.index("long_term_care")
        for unit in () if self.plan.is_even else self.plan.units:
            amount = np.zeros(BLOCK, dtype=np.int16)
            amount[nursed] = self._units[unit].take(block.rng.integers(0, SLOTS, int(nursed.sum())))
            if unit == "days":
                amount += days
            group.put(unit, amount, nursed | stay if unit == "days" else nursed)

    def _odd(self, group: Group, block: Block) -> None:
        """What is seldom: episodes, tiers settled before, quantities of any size."""
        rng = block.rng
        year = group.at("discharged", np.int32).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32) + 1970
        year = np.minimum(year - self.plan.wanted.days[0].year, 8)
        group.put(
            "episode", (year * EPISODES + rng.integers(0, EPISODES, BLOCK)).astype(np.int8), rng.random(BLOCK) < 0.3
        )
        for tier in BEFORE:
            paid = self.money.thresholds[rng.integers(0, len(self.money.thresholds), BLOCK)]
            group.put(f"settled_before.{tier}", paid, rng.random(BLOCK) < 0.02)
        sizes = np.array([0, 1, 1, 2, 7, 30, 91, 200], dtype=np.int16)
        for unit in self.plan.units:
            group.put(unit, sizes[rng.integers(0, len(sizes), BLOCK)], np.ones(BLOCK, dtype=bool))
