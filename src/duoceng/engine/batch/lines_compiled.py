"""The loops that walk lines of itemised bills: numbers for pairs of numbers, lines as money by kind, lines alike as one charge.

line ──▶ how it falls (known by number) ──▶ kinds ──▶ the charge of its label ──▶ the charges of its bill, in order
"""

from typing import NamedTuple

from duoceng.engine.batch.compiled import KINDS, NONE, Array, compiled, inner, pointer
from duoceng.kernel import columns as k

# How a line falls.
WITHIN, OUTSIDE, REFUSED = range(3)
KINDS_TOLD = (k.IN_SCOPE, k.BORNE_FIRST, k.KINDS.index("over_price"), KINDS - 1)
SCOPE, FIRST, OVER, OUT = KINDS_TOLD
ITEM_BITS, DAY_BITS = 22, 20
NO_DAY = (1 << DAY_BITS) - 1  # stands after every day


class Pairs(NamedTuple):
    """A hash table of pairs of numbers."""

    keys: Array  # two of each slot
    found: Array  # the number of each slot, or -1
    new: Array  # where each number that is new was met first
    single: Array  # how many there are


class Lines(NamedTuple):
    """Lines by column."""

    fall: Array
    code: Array
    name: Array
    day: Array
    amount: Array
    quantity: Array
    first: Array
    limit: Array


class Falls(NamedTuple):
    """How lines fall, by number: within or outside, first self-pay, limit, the place of the label in order, what plans see of it."""

    how: Array
    first: Array
    limit: Array
    label: Array
    cell: Array


class Runs(NamedTuple):
    """The lines of each itemised bill: from, to, the row of the bill, and what keeps its lines apart."""

    begins: Array
    ends: Array
    row: Array
    items: Array
    items_seen: Array
    days: Array
    lines: Array


class Work(NamedTuple):
    """The charges of one bill in the making."""

    key: Array
    item: Array  # where its item stands in order
    order: Array
    line: Array  # its first line
    alike: Array  # are all lines of one code and name
    amounts: Array


class Task(NamedTuple):
    """What is to be done: lines, how they fall, the order of codes, bills, memory for one bill."""

    lines: Lines
    falls: Falls
    codes: Array
    runs: Runs
    work: Work


class Charges(NamedTuple):
    """What comes of it: charges end to end, and by bill where they begin, their number and the money by kind."""

    charges: Array
    at: Array
    code: Array
    totals: Array  # of KINDS_TOLD, column by column
    bad: Array  # of each run: the first line that is refused, or -1
    single: Array  # how many charges there are


@inner
def _mixed(a, b):
    """A hash of two words."""
    mix = (a ^ (b * 0x5851F42D4C957F2D)) * 0x9E3779B97F4A7C1
    mix = (mix ^ (mix >> 29)) * 0x2545F4914F6CDD1D
    return mix ^ (mix >> 32)


@inner
def _slot_of(keys, found, mask, a, b):
    """Where a pair stands, or would."""
    slot = _mixed(a, b) & mask
    while found[slot] >= 0 and (keys[slot * 2] != a or keys[slot * 2 + 1] != b):
        slot = (slot + 1) & mask
    return slot


@compiled
def number_pairs(pairs, a, b, numbers, start):
    """The number of each pair; new ones get the next. Stops, and says where, when the table or the list of new ones is full."""
    keys, found, first, second = pointer(pairs.keys), pointer(pairs.found), pointer(a), pointer(b)
    mask, known, out = len(pairs.found) - 1, pairs.single[0], pointer(numbers)
    for at in range(start, len(a)):
        slot = _slot_of(keys, found, mask, first[at], second[at])
        if found[slot] < 0:
            count = pairs.single[0]
            if count * 2 > mask or count - known >= len(pairs.new):
                return at
            keys[slot * 2], keys[slot * 2 + 1], found[slot] = first[at], second[at], count
            pairs.new[count - known] = at
            pairs.single[0] += 1
        out[at] = found[slot]
    return len(a)


@compiled
def move_pairs(old, pairs):
    """Move the pairs known so far into a larger table."""
    mask = len(pairs.found) - 1
    for at in range(len(old.found)):
        if old.found[at] >= 0:
            a, b = old.keys[at * 2], old.keys[at * 2 + 1]
            slot = _slot_of(pointer(pairs.keys), pointer(pairs.found), mask, a, b)
            pairs.keys[slot * 2], pairs.keys[slot * 2 + 1], pairs.found[slot] = a, b, old.found[at]
    pairs.single[0] = old.single[0]


@inner
def _part_within(amount, quantity, limit):
    """What of a line is not above the limit for one unit; `engine.scope` says the same of one line."""
    if limit == NONE or limit > (1 << 62) // quantity:  # so high a limit is above any amount
        return amount
    return min(amount, (limit * quantity + 500) // 1000)


@inner
def _add_line(amounts, on, how, amount, quantity, first, limit):
    """Add one line to a charge, by kind."""
    if how == OUTSIDE:
        amounts[on + OUT] += amount
        return
    within = _part_within(amount, quantity, limit)
    borne = (within * first + k.WHOLE // 2) // k.WHOLE
    amounts[on + OVER] += amount - within
    amounts[on + FIRST] += borne
    amounts[on + SCOPE] += within - borne


@inner
def _charge_for(work, count, key, item, alone):
    """Where the charge of a label stands in order, and whether it is new: then it is put there."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        other = work.order[middle]
        if work.key[other] < key or (work.key[other] == key and work.item[other] <= item):
            low = middle + 1
        else:
            high = middle
    if low > 0 and not alone:
        before = work.order[low - 1]
        if work.key[before] == key and work.item[before] == item:
            return before
    for at in range(count, low, -1):
        work.order[at] = work.order[at - 1]
    work.order[low], work.key[count], work.item[count], work.alike[count] = count, key, item, 1
    for kind in range(KINDS):
        work.amounts[count * KINDS + kind] = 0
    return count


@inner
def _gather(lines, falls, codes, runs, work, run):
    """The charges of one bill in `work`; how many, or -1 minus the line that is refused."""
    count = 0
    for line in range(runs.begins[run], runs.ends[run]):
        fall = lines.fall[line]
        if falls.how[fall] == REFUSED:
            return -1 - line
        day = 0
        if runs.days[run]:
            day = NO_DAY if lines.day[line] == NONE else lines.day[line]
        item = codes[lines.code[line]] if runs.items[run] else 0
        at = _charge_for(work, count, day << 40 | falls.label[fall], item, runs.lines[run])
        if at == count:
            work.line[at] = line
            count += 1
        elif lines.code[work.line[at]] != lines.code[line] or lines.name[work.line[at]] != lines.name[line]:
            work.alike[at] = 0
        first, limit = lines.first[line], lines.limit[line]
        _add_line(work.amounts, at * KINDS, falls.how[fall], lines.amount[line], lines.quantity[line],
                 falls.first[fall] if first == NONE else first, falls.limit[fall] if limit == NONE else limit)  # fmt: skip
    return count


@inner
def _has_money(amounts, on):
    """Is there anything in this charge?"""
    return amounts[on + SCOPE] + amounts[on + FIRST] + amounts[on + OVER] + amounts[on + OUT] > 0


@inner
def _next_node(pairs, node, cell):
    """The number of a row of charges with one more behind it."""
    slot = _slot_of(pointer(pairs.keys), pointer(pairs.found), len(pairs.found) - 1, node, cell)
    if pairs.found[slot] < 0:
        pairs.keys[slot * 2], pairs.keys[slot * 2 + 1], pairs.found[slot] = node, cell, pairs.single[0]
        pairs.single[0] += 1
    return pairs.found[slot] + 1


@compiled
def bundle(task, out, pairs, run):
    """The charges of each bill from `run` on. Stops, and says where, when there is no room for the charges or for their numbers."""
    lines, falls, runs, work, n = task.lines, task.falls, task.runs, task.work, len(out.at)
    while run < len(runs.row):
        widest, row = runs.ends[run] - runs.begins[run], runs.row[run]
        if (out.single[0] + widest) * KINDS > len(out.charges) or (pairs.single[0] + widest) * 2 > len(pairs.found):
            return run
        count = _gather(lines, falls, task.codes, runs, work, run)
        out.bad[run] = -1 - count if count < 0 else -1
        out.at[row] = out.single[0]
        money = False
        for at in range(count):
            money = money or _has_money(work.amounts, at * KINDS)
        node = 0
        for place in range(count):
            at = work.order[place]
            on = at * KINDS
            if money and not _has_money(work.amounts, on):
                continue
            fall, line = lines.fall[work.line[at]], work.line[at]
            day = 0
            if runs.days[run]:
                day = NO_DAY if lines.day[line] == NONE else lines.day[line]
            item = lines.code[line] + 1 if runs.items_seen[run] and work.alike[at] else 0
            node = _next_node(pairs, node, ((falls.cell[fall] << ITEM_BITS) | item) << DAY_BITS | day)
            for kind in range(KINDS):
                out.charges[out.single[0] * KINDS + kind] = work.amounts[on + kind]
            for told in range(4):
                out.totals[told * n + row] += work.amounts[on + KINDS_TOLD[told]]
            out.single[0] += 1
        out.code[row] = node
        run += 1
    return run
