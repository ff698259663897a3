"""The compiled loops that find the plan of an earlier bill which agreed in everything that its plan looked at.

A plan was worked out from the cells of some answers: a set of positions among all that a place may ask for. What the bills before it
had in these positions is kept under a hash. A new kind of bill is looked up set by set, and only in sets whose answers its group is
coded by: else bills of one signature could differ in them.
"""

from typing import NamedTuple

from duoceng.engine.batch.coding import answers_into, cell_of, mixed
from duoceng.engine.batch.compiled import (
    DIM_STRIDE,
    DIM_WIDTH,
    ENTRY_COLUMN,
    ENTRY_WIDTH,
    UNPLANNED,
    Array,
    compiled,
    inner,
    pointer,
)

NEXT_SET, POSITIONS_AT, POSITION_COUNT = range(3)  # of a set: the next one of its place, and its positions
SET_WIDTH = 3
CASES = 16  # of the counts that decide, for which a plan is looked up; the first are by far the most frequent
KEPT_SET, KEPT_PLAN, KEPT_CELLS = range(3)  # what is kept: its set, its plan, and then the cells


class Recall(NamedTuple):
    """What is kept, as the loops take it."""

    heads: Array  # of each place with its products: its first set, or -1
    sets: Array
    positions: Array
    kept: Array  # end to end
    slots: Array  # where it is kept, or -1; a power of two, half of them empty
    kin_of: Array  # of each group: the number of its place with its products
    used_at: Array  # of each group: where its flags begin
    used: Array  # flags of its entries: is it coded by them?
    entry_at: Array  # of each kin: where its entries begin; and of the one behind the last
    entries: Array  # every entry of each kin


@inner
def slot_of(recall, chosen, cells):
    """The slot that holds the cells of a set, or the empty one where they would stand."""
    slots, kept, positions = pointer(recall.slots), pointer(recall.kept), pointer(recall.positions)
    first = recall.sets[chosen * SET_WIDTH + POSITIONS_AT]
    count = recall.sets[chosen * SET_WIDTH + POSITION_COUNT]
    mix, mask = chosen, len(recall.slots) - 1
    for at in range(first, first + count):
        mix = mixed(mix, cells[positions[at]] + at)
    slot = mix & mask
    while slots[slot] >= 0:
        here = slots[slot]
        alike = kept[here + KEPT_SET] == chosen
        for at in range(count):
            alike &= kept[here + KEPT_CELLS + at] == cells[positions[first + at]]
        if alike:
            break
        slot = (slot + 1) & mask
    return slot


@inner
def coded_by(recall, chosen, own, entries):
    """Is the group coded by every entry of a set?"""
    flags = recall.used_at[own]
    first = recall.sets[chosen * SET_WIDTH + POSITIONS_AT]
    for at in range(first, first + recall.sets[chosen * SET_WIDTH + POSITION_COUNT]):
        position = recall.positions[at]
        if position < entries and recall.used[flags + position] == 0:
            return False
    return True


@inner
def found_plan(recall, own, cells):
    """The plan of an earlier bill that agrees with these cells in every position its plan looked at; `UNPLANNED` where there is none."""
    kin = recall.kin_of[own]
    entries = recall.entry_at[kin + 1] - recall.entry_at[kin]
    chosen = recall.heads[kin]
    while chosen >= 0:
        if coded_by(recall, chosen, own, entries):
            at = recall.slots[slot_of(recall, chosen, cells)]
            if at >= 0:
                return recall.kept[at + KEPT_PLAN]
        chosen = recall.sets[chosen * SET_WIDTH + NEXT_SET]
    return UNPLANNED


@compiled
def recalled(recall, own, cells):
    """`found_plan` of one bill of a group."""
    return found_plan(recall, own, pointer(cells))


@compiled
def keep(recall, chosen, cells, plan, at):
    """Keep a plan under the cells of a set, at the end of what is kept; returns where that ends now."""
    cells_, kept = pointer(cells), pointer(recall.kept)
    slot = slot_of(recall, chosen, cells_)
    if recall.slots[slot] >= 0:
        kept[recall.slots[slot] + KEPT_PLAN] = plan
        return at
    recall.slots[slot] = at
    kept[at + KEPT_SET], kept[at + KEPT_PLAN] = chosen, plan
    first, count = recall.sets[chosen * SET_WIDTH + POSITIONS_AT], recall.sets[chosen * SET_WIDTH + POSITION_COUNT]
    for position in range(count):
        kept[at + KEPT_CELLS + position] = cells_[recall.positions[first + position]]
    return at + KEPT_CELLS + count


@compiled
def find_slots(recall, end):
    """Give all that is kept a slot of an empty table."""
    kept, slots = pointer(recall.kept), pointer(recall.slots)
    mask, here = len(recall.slots) - 1, 0
    while here < end:
        chosen = kept[here + KEPT_SET]
        first, count = recall.sets[chosen * SET_WIDTH + POSITIONS_AT], recall.sets[chosen * SET_WIDTH + POSITION_COUNT]
        mix = chosen
        for at in range(count):
            mix = mixed(mix, kept[here + KEPT_CELLS + at] + first + at)
        slot = mix & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = here
        here += KEPT_CELLS + count


@compiled
def plan_kinds(recall, rules, codes, cells_of, answers, group, signature, rows, said, cells):
    """Plans of earlier bills for kinds that are new: `rows` are bills of them. Those that count again what was counted are left.

    `answers`: addresses of the columns that every row answers, where each source stands among them, and the few. `said` and `cells`
    are room for the answers and cells of one bill.
    """
    every, at, few = answers
    looked, found, edges = pointer(said), pointer(cells), pointer(cells_of)
    plans, dims, agains = pointer(rules.signature_plans), pointer(rules.dims), 1 << len(rules.again)
    for index in range(len(rows)):
        row = rows[index]
        own = group[row]
        kin = recall.kin_of[own]
        if recall.heads[kin] < 0:
            continue
        answers_into(every, at, few, row, said)
        entries = recall.entry_at[kin + 1] - recall.entry_at[kin]
        for entry in range(entries):
            here = (recall.entry_at[kin] + entry) * ENTRY_WIDTH
            found[entry] = cell_of(looked[recall.entries[here + ENTRY_COLUMN]], pointer(recall.entries), here, edges)
        first, last = rules.dims_at[own], rules.dims_at[own + 1]
        found[entries + last - first] = 0
        for code in range(0, min(codes[own], CASES * agains), agains):
            for dim in range(first, last):
                stride = dims[dim * DIM_WIDTH + DIM_STRIDE]
                whole = dims[(dim + 1) * DIM_WIDTH + DIM_STRIDE] if dim + 1 < last else codes[own]
                found[entries + dim - first] = code % whole // stride
            into = signature[row] + code
            if plans[into] == UNPLANNED:
                plans[into] = found_plan(recall, own, found)
