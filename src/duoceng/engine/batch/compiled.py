"""The kernel compiled by numba from the source that the counter runs, and the loops that walk columns of bills with it.

Compiled code sees the arrays as bare memory (`pointer`): no reference counts, no wrapped indices; that is a factor of
ten. Nothing is compiled again for another policy: policies are rows of numbers. Importing this module imports numba.

A member's running sums stand in `state.value`, one place for each sum, with the number of the period they are of in
`state.stamp`. A sum of another period (a bill of last year that was settled late) is set aside and found again.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic, register_jitable
from numba.np.arrayobj import make_array

from duoceng.kernel import columns as k
from duoceng.kernel import layer, mark

Array = np.ndarray[Any, np.dtype[np.int64]]
BARE = {"forceinline": True, "_nrt": False}  # no allocation inside, so nothing to count


@intrinsic
def pointer(typing_context, array):
    """The memory of an array. The caller keeps the array alive, and every index inside it."""

    def codegen(context, builder, signature, arguments):
        return make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), codegen


@intrinsic
def memory_at(typing_context, address):
    """The int64 memory at an address, for columns that stand wherever they were read to."""

    def codegen(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.CPointer(types.int64)(types.int64), codegen


for _function in mark.MARKED:
    register_jitable(**BARE)(_function)
pay_plan: Callable[..., None] = layer.pay_plan


@numba.njit(_nrt=False, cache=True)
def pay_plan_on_arrays(terms, rows, first, last, sees, left, billed, facts, counters, paid, trail, on, keep):
    """`kernel.layer.pay_plan`, on arrays of int64."""
    pay_plan(pointer(terms), pointer(rows), first, last, pointer(sees), pointer(left), pointer(billed), pointer(facts),
             pointer(counters), pointer(paid), pointer(trail), on, keep)  # fmt: skip


NONE = -(2**62)  # no answer; a place that holds nothing
LOCALS = 1024  # places for the sums that live for one bill; the kept ones stand after them
KINDS, FACTS, TRAIL = k.KIND_COUNT, len(k.FACTS), k.TRAIL_WIDTH
HISTORY_MAX = 64  # counts of bills from here on are one cell

# A plan: where its parts stand in the tables.
(FIRST, LAST, LOCAL_COUNT, LAYER_COUNT, LAYER_AT, STAMP_AT, STAMP_END, COUNT_AT, COUNT_END, SETTLED_AT, SETTLED_END,
 CHARGE_COUNT) = range(12)  # fmt: skip
PLAN_WIDTH = 12
# A stamp or a count: the place of a sum, and the period it must be of.
PLACE, PERIOD, NUMBER = range(3)
STAMP_WIDTH = 3
BY_NUMBER, BY_EPISODE = -1, -2  # instead of a period: the number is known, or it is the episode's
# A count of bills that decides about the plan.
DIM_AGAIN, DIM_TABLE, DIM_STRIDE = 3, 4, 5
DIM_WIDTH = 6
# What stands where a plan is expected.
UNPLANNED, ODD, REFUSED = -1, -2, -10

# Why the loop came back.
DONE, MISSED, BY_HAND, FULL, BROKEN, NEW_MEMBER = range(6)
# Single numbers of the state.
MEMBER, TOUCHED, ASIDE, TRAIL_ON, LAYERS_ON, SUMS_ON, ROW, CODE = range(8)


class Rules(NamedTuple):
    """The plans of every kind of bill met so far, as numbers."""

    terms: Array
    rows: Array
    sees: Array
    plans: Array
    stamps: Array
    layers: Array  # of each layer: its column among the tiers, 1 if paid in cash, its number
    signature_plans: Array
    dims_at: Array  # of each group
    dims: Array
    dim_cells: Array
    again: Array  # places of `counted.*`, by attribute that counts bills
    numbers: Array  # of each period: its number for each day
    period_day: Array  # of each period: which day decides


class State(NamedTuple):
    """One member's running sums, and the working memory of one bill."""

    value: Array
    stamp: Array
    touched: Array
    aside: Array  # place, number, value of sums set aside
    single: Array
    left: Array
    billed: Array
    facts: Array
    paid: Array


class Bills(NamedTuple):
    """The bills of a table: members by number, three days, episode, amounts and units by column.

    Days, amounts and units are given by the addresses of their columns: nothing is copied.
    """

    member: Array
    days: Array  # addresses of discharge, admission, settlement
    day_zero: int
    day_count: int
    episode: Array
    money: Array  # addresses of the columns of `money_kind`
    money_kind: Array
    units: Array  # addresses by unit; 0 for those that no bill says
    settled: Array
    year_end: Array  # the first day of the year that a bill ends; -1 for other bills
    group: Array
    signature: Array  # where its plans stand among `signature_plans`; negative: refused
    charge_at: Array  # itemised: where the charges of each bill begin
    charges: Array
    import_at: Array
    import_name: Array
    import_value: Array
    name_place: Array
    name_number: Array


class Out(NamedTuple):
    """What comes of a block."""

    plan: Array
    billed: Array
    member_pays: Array
    cash: Array
    tiers: Array
    kinds: Array
    layers: Array  # row, layer, paid
    trail: Array
    trail_of: Array  # row and step of each trail
    sums: Array  # member, place, number, value


def _inner(function):
    return register_jitable(**BARE)(function)


@_inner
def close_member(state_value, state_stamp, touched, aside, single, sums, sums_room, wants):
    """Leave nothing of the member before; false where there is no room to say what is left."""
    if wants:
        if single[TOUCHED] + single[ASIDE] + single[SUMS_ON] > sums_room:
            return False
        on = single[SUMS_ON]
        for index in range(single[TOUCHED]):
            place = touched[index]
            if state_value[place] != 0:
                sums[on * 4] = single[MEMBER]
                sums[on * 4 + 1] = place
                sums[on * 4 + 2] = state_stamp[place]
                sums[on * 4 + 3] = state_value[place]
                on += 1
        for index in range(single[ASIDE]):
            if aside[index * 3 + 2] != 0:
                sums[on * 4] = single[MEMBER]
                for part in range(3):
                    sums[on * 4 + 1 + part] = aside[index * 3 + part]
                on += 1
        single[SUMS_ON] = on
    for index in range(single[TOUCHED]):
        state_value[touched[index]] = 0
        state_stamp[touched[index]] = NONE
    single[TOUCHED] = 0
    single[ASIDE] = 0
    return True


@_inner
def turn_to(value, stamp, touched, aside, single, place, number):
    """Have the sum of this period in its place: what stands there is set aside, what was set aside comes back."""
    if stamp[place] == NONE:
        touched[single[TOUCHED]] = place
        single[TOUCHED] += 1
    elif value[place] != 0:
        on = single[ASIDE] * 3
        aside[on] = place
        aside[on + 1] = stamp[place]
        aside[on + 2] = value[place]
        single[ASIDE] += 1
    stamp[place] = number
    value[place] = 0
    for index in range(single[ASIDE]):
        if aside[index * 3] == place and aside[index * 3 + 1] == number:
            value[place] = aside[index * 3 + 2]
            last = (single[ASIDE] - 1) * 3
            for part in range(3):
                aside[index * 3 + part] = aside[last + part]
            single[ASIDE] -= 1
            break


@_inner
def number_of(stamps, at, numbers, period_day, days, day_zero, day_count, row, episode):
    """The number of the period a stamp asks for, for this bill."""
    period = stamps[at + PERIOD]
    if period >= 0:
        return numbers[period * day_count + memory_at(days[period_day[period]])[row] - day_zero]
    return stamps[at + NUMBER] if period == BY_NUMBER else episode[row]


@_inner
def turn_all(rules, state, bills, first, last, row, step):
    """Have the sums of a plan's stamps in their places; with `step`, count one more in each."""
    stamps, numbers, period_day = pointer(rules.stamps), pointer(rules.numbers), pointer(rules.period_day)
    days, episode = pointer(bills.days), pointer(bills.episode)
    value, stamp = pointer(state.value), pointer(state.stamp)
    at = first
    while at < last:
        number = number_of(stamps, at, numbers, period_day, days, bills.day_zero, bills.day_count, row, episode)
        place = stamps[at + PLACE]
        if stamp[place] != number:
            turn_to(value, stamp, pointer(state.touched), pointer(state.aside), pointer(state.single), place, number)
        value[place] += step
        at += STAMP_WIDTH


@_inner
def plan_of(rules, state, bills, row):
    """The plan of a bill: by its signature and by how many bills the member has had."""
    signature = pointer(bills.signature)[row]
    if signature < 0:
        return signature
    value, stamp, single = pointer(state.value), pointer(state.stamp), pointer(state.single)
    touched, aside, dims = pointer(state.touched), pointer(state.aside), pointer(rules.dims)
    numbers, period_day, days = pointer(rules.numbers), pointer(rules.period_day), pointer(bills.days)
    code = 0
    episode = pointer(bills.episode)[row]
    if episode >= 0:
        for attribute in range(len(rules.again)):
            place = rules.again[attribute]
            if stamp[place] != episode:
                turn_to(value, stamp, touched, aside, single, place, episode)
            if value[place] > 0:
                code |= 1 << attribute
    again = code
    group = pointer(bills.group)[row]
    dims_at = pointer(rules.dims_at)
    for dim in range(dims_at[group], dims_at[group + 1]):
        at = dim * DIM_WIDTH
        number = number_of(
            dims, at, numbers, period_day, days, bills.day_zero, bills.day_count, row, pointer(bills.episode)
        )
        place = dims[at + PLACE]
        if stamp[place] != number:
            turn_to(value, stamp, touched, aside, single, place, number)
        order = value[place] + 1
        if (again >> dims[at + DIM_AGAIN]) & 1:
            order = max(order - 1, 1)
        order = min(order, HISTORY_MAX - 1)
        code += pointer(rules.dim_cells)[dims[at + DIM_TABLE] * HISTORY_MAX + order] * dims[at + DIM_STRIDE]
    single[CODE] = code
    return pointer(rules.signature_plans)[signature + code]


@_inner
def settle_rows(rules, state, bills, out, row, last, keep, wants_kinds, wants_layers, wants_sums):
    """Settle bills from `row` on. Comes back with why it stopped; `state.single[ROW]` is the bill it stopped at."""
    single, member, plans = pointer(state.single), pointer(bills.member), pointer(rules.plans)
    while row < last:
        single[ROW] = row
        if member[row] != single[MEMBER]:
            if not close_member(state.value, state.stamp, state.touched, state.aside, state.single, out.sums,
                                len(out.sums) // 4, wants_sums):  # fmt: skip
                return FULL
            single[MEMBER] = member[row]
            open_member(state, bills, member[row])
        chosen = plan_of(rules, state, bills, row)
        out.plan[row] = chosen
        if chosen >= 0:
            plan = chosen * PLAN_WIDTH
            trail_cells = (plans[plan + LAST] - plans[plan + FIRST]) * TRAIL
            if single[TRAIL_ON] + trail_cells > len(out.trail) or single[LAYERS_ON] * 3 + 192 > len(out.layers):
                return FULL
            if single[ASIDE] * 3 > len(state.aside) - 768 or not settle_one(
                rules, state, bills, out, row, plan, trail_cells, keep, wants_kinds, wants_layers
            ):
                return BROKEN
        elif chosen > REFUSED:
            return MISSED if chosen == UNPLANNED else BY_HAND
        row += 1
    single[ROW] = row
    return DONE


@_inner
def settle_one(rules, state, bills, out, row, plan, trail_cells, keep, wants_kinds, wants_layers):
    """One bill by its plan; false where money is not conserved."""
    plans, stamps, value = pointer(rules.plans), pointer(rules.stamps), pointer(state.value)
    left, billed, facts, paid = pointer(state.left), pointer(state.billed), pointer(state.facts), pointer(state.paid)
    trail, single = pointer(out.trail), pointer(state.single)
    turn_all(rules, state, bills, plans[plan + STAMP_AT], plans[plan + STAMP_END], row, 0)
    for local in range(plans[plan + LOCAL_COUNT]):
        value[local] = 0
    buckets = plans[plan + CHARGE_COUNT] * KINDS
    whole = lay_out(bills, out, row, left, billed, facts, buckets)
    layer_count = plans[plan + LAYER_COUNT]
    for place in range(layer_count):
        paid[place] = 0
    before, n = 0, len(bills.member)
    for at in range(plans[plan + SETTLED_AT], plans[plan + SETTLED_END], 2):
        amount = bills.settled[stamps[at + 1] * n + row]
        paid[stamps[at]] = amount
        before += amount
    if pointer(bills.year_end)[row] < 0:
        facts[1] = whole + before
    if keep:
        for cell in range(single[TRAIL_ON], single[TRAIL_ON] + trail_cells):
            trail[cell] = 0
    pay_plan(pointer(rules.terms), pointer(rules.rows), plans[plan + FIRST], plans[plan + LAST], pointer(rules.sees), left, billed,
             facts, value, paid, trail, single[TRAIL_ON], keep)  # fmt: skip
    turn_all(rules, state, bills, plans[plan + COUNT_AT], plans[plan + COUNT_END], row, 1)
    if keep:
        note_trail(out, single, row, trail_cells)
    covered = note_layers(rules, out, single, paid, row, n, plans[plan + LAYER_AT], layer_count, wants_layers)
    pays = note_left(out, left, row, n, buckets, wants_kinds)
    out.billed[row] = whole + before
    out.member_pays[row] = pays
    return whole + before == covered + pays


@_inner
def lay_out(bills, out, row, left, billed, facts, buckets):
    """The amounts of a bill into its buckets, and what it says of itself; what it came to, in fen."""
    for bucket in range(buckets):
        left[bucket] = 0
        billed[bucket] = 0
    whole, in_scope = 0, 0
    if pointer(bills.year_end)[row] >= 0:
        facts[1], in_scope = gather_year(bills, out, row, len(bills.member), left)
        for bucket in range(KINDS):
            billed[bucket] = left[bucket]
            whole += left[bucket]
    elif bills.charge_at[0] < 0:
        money, kind_of = pointer(bills.money), pointer(bills.money_kind)
        for column in range(len(bills.money_kind)):
            amount = memory_at(money[column])[row]
            left[kind_of[column]] = amount
            billed[kind_of[column]] = amount
            whole += amount
        in_scope = billed[0]
    else:
        charges, on = pointer(bills.charges), bills.charge_at[row] * KINDS
        for bucket in range(buckets):
            left[bucket] = charges[on + bucket]
            billed[bucket] = left[bucket]
            whole += left[bucket]
        for charge in range(buckets // KINDS):
            in_scope += billed[charge * KINDS]
    facts[2] = in_scope
    for unit in range(len(bills.units)):
        facts[unit + 3] = max(memory_at(bills.units[unit])[row], 0) if bills.units[unit] else 0
    return whole


@_inner
def note_layers(rules, out, single, paid, row, n, layer_at, layer_count, wants_layers):
    """What each layer paid, into the column of its tier; what was taken off the bill in all."""
    covered, cash = 0, 0
    layers, tiers = pointer(rules.layers), pointer(out.tiers)
    for place in range(layer_count):
        amount = paid[place]
        if amount == 0:
            continue
        at = (layer_at + place) * 3
        if layers[at + 1]:
            cash += amount
        else:
            covered += amount
        if layers[at] >= 0:
            tiers[layers[at] * n + row] += amount
        if wants_layers:
            on = single[LAYERS_ON] * 3
            out.layers[on] = row
            out.layers[on + 1] = layers[at + 2]
            out.layers[on + 2] = amount
            single[LAYERS_ON] += 1
    if cash:
        out.cash[row] = cash
    return covered


@_inner
def note_left(out, left, row, n, buckets, wants_kinds):
    """What is left to the member, by kind where that is asked for."""
    pays, kinds = 0, pointer(out.kinds)
    if not wants_kinds:
        for bucket in range(buckets):
            pays += left[bucket]
        return pays
    for kind in range(KINDS):
        total = left[kind]
        for charge in range(1, buckets // KINDS):
            total += left[charge * KINDS + kind]
        kinds[kind * n + row] = total
        pays += total
    return pays


@_inner
def note_trail(out, single, row, trail_cells):
    """Whose trail it is."""
    on = single[TRAIL_ON] // TRAIL
    for step in range(trail_cells // TRAIL):
        out.trail_of[(on + step) * 2] = row
        out.trail_of[(on + step) * 2 + 1] = step
    single[TRAIL_ON] += trail_cells


@_inner
def gather_year(bills, out, row, n, left):
    """What the bills of the year that ends here left to the member, by kind; what they came to, and how much of it was in scope."""
    billed, in_scope = 0, 0
    at = row - 1
    while at >= 0 and bills.member[at] == bills.member[row]:
        day = memory_at(bills.days[0])
        if bills.year_end[row] <= day[at] <= day[row] and bills.year_end[at] < 0 and out.plan[at] >= 0:
            billed += out.billed[at]
            for kind in range(KINDS):
                left[kind] += out.kinds[kind * n + at]
            for column in range(len(bills.money_kind)):
                if bills.money_kind[column] == 0:
                    in_scope += memory_at(bills.money[column])[at]
        at -= 1
    return billed, in_scope


@_inner
def open_member(state, bills, member):
    """The sums a member brings from before: set aside, until a bill asks for them."""
    on = 0
    for index in range(bills.import_at[member], bills.import_at[member + 1]):
        name = bills.import_name[index]
        place = bills.name_place[name]
        state.aside[on * 3] = place if place >= 0 else -2 - name
        state.aside[on * 3 + 1] = bills.name_number[name]
        state.aside[on * 3 + 2] = bills.import_value[index]
        on += 1
    state.single[ASIDE] = on


@numba.njit(nogil=True, _nrt=False, cache=True)
def settle_plain(rules, state, bills, out, row, last, wants_kinds, wants_layers, wants_sums):
    """Settle without the trail. A definition of its own: the disk cache mixes up two compilations of one function."""
    return settle_rows(rules, state, bills, out, row, last, False, wants_kinds, wants_layers, wants_sums)


@numba.njit(nogil=True, _nrt=False, cache=True)
def settle_with_trail(rules, state, bills, out, row, last, wants_kinds, wants_layers, wants_sums):
    """Settle and keep the whole trail."""
    return settle_rows(rules, state, bills, out, row, last, True, wants_kinds, wants_layers, wants_sums)


@numba.njit(nogil=True, _nrt=False, cache=True)
def close_last(state, out, wants_sums):
    """Leave the last member of a file; false where there is no room to say what is left."""
    return close_member(
        state.value, state.stamp, state.touched, state.aside, state.single, out.sums, len(out.sums) // 4, wants_sums
    )


@numba.njit(nogil=True, _nrt=False, cache=True)
def turn(state, place, number):
    """Have the sum of a period in its place, for a bill that is settled by hand."""
    if state.stamp[place] != number:
        turn_to(state.value, state.stamp, state.touched, state.aside, state.single, place, number)


# Which cell a value falls into: looked up in a table, found among edges, or the value itself.
BY_TABLE, BY_EDGE, AS_IS = range(3)
ENTRY_COLUMN, ENTRY_HOW, ENTRY_LOW, ENTRY_HIGH, ENTRY_AT, ENTRY_STRIDE = range(6)
ENTRY_WIDTH = 6
WORDS = 12  # most places need one


class Coding(NamedTuple):
    """How the answers of each group of bills become one signature, and the signatures known so far (a hash table)."""

    entry_at: Array
    word_count: Array
    codes: Array  # of each group: how many cases of the counts that decide
    entries: Array
    cells: Array
    keys: Array  # group and words of each slot
    found: Array  # signature of each slot, or -1
    single: Array  # how many signatures; where the plans of the next one will stand
    words: Array


@_inner
def cell_of(answer, entries, at, cells):
    """Which cell of an entry an answer falls into; 0 for none."""
    if answer == NONE:
        return 0
    how, low, high = entries[at + ENTRY_HOW], entries[at + ENTRY_LOW], entries[at + ENTRY_HIGH]
    if how == AS_IS:
        return answer + 1
    if how == BY_TABLE:
        return cells[entries[at + ENTRY_AT] + min(max(answer, low), high) - low]
    cell = 1
    for edge in range(low, high):
        if answer >= cells[edge]:
            cell += 1
    return cell


@numba.njit(nogil=True, _nrt=False, cache=True)
def cells_of_row(entries, cells, first, columns, active, row, into):
    """The cell of each entry of one bill; `active` says which row of the data each source has, if any."""
    entries_, cells_ = pointer(entries), pointer(cells)
    for entry in range(len(into)):
        at = (first + entry) * ENTRY_WIDTH
        column = active[entries[at + ENTRY_COLUMN]]
        into[entry] = cell_of(memory_at(columns[column])[row], entries_, at, cells_) if column >= 0 else 0


@_inner
def mixed(mix, word):
    """A hash with one word more."""
    mix = (mix ^ word) * 0x9E3779B97F4A7C1
    return mix ^ (mix >> 29)


@_inner
def same(keys, at, own, words, count):
    """Is this the signature that stands there?"""
    if keys[at] != own:
        return False
    alike = 0
    for word in range(count):
        alike += keys[at + 1 + word] == words[word]
    return alike == count


@numba.njit(nogil=True, _nrt=False, cache=True)
def sign(coding, group, columns, signature, first, last, only):
    """The signature of each bill; new ones get the next number. Stops, and says where, when the table is nearly full.

    `columns` holds the address of each column that entries look at.
    """
    entry_at, entries, cells = pointer(coding.entry_at), pointer(coding.entries), pointer(coding.cells)
    keys, found, words = pointer(coding.keys), pointer(coding.found), pointer(coding.words)
    addresses, groups, signatures, codes = pointer(columns), pointer(group), pointer(signature), pointer(coding.codes)
    word_count = pointer(coding.word_count)
    mask = len(coding.found) - 1
    for row in range(first, last):
        own = groups[row]
        if own < 0 or (only >= 0 and own != only):
            if own < 0:
                signatures[row] = own
            continue
        mix = own
        count = word_count[own]
        for word in range(count):
            total = 0
            for entry in range(entry_at[own * WORDS + word], entry_at[own * WORDS + word + 1]):
                at = entry * ENTRY_WIDTH
                answer = memory_at(addresses[entries[at + ENTRY_COLUMN]])[row]
                total += cell_of(answer, entries, at, cells) * entries[at + ENTRY_STRIDE]
            words[word] = total
            if total:
                mix = mixed(mix, total + word)
        slot = mix & mask
        while found[slot] >= 0 and not same(keys, slot * (WORDS + 1), own, words, count):
            slot = (slot + 1) & mask
        if found[slot] < 0:
            if coding.single[0] * 2 > mask:
                return row
            found[slot] = coding.single[1]
            keys[slot * (WORDS + 1)] = own
            for word in range(count):
                keys[slot * (WORDS + 1) + 1 + word] = words[word]
            coding.single[0] += 1
            coding.single[1] += codes[own]
        signatures[row] = found[slot]
    return last


@numba.njit(nogil=True, _nrt=False, cache=True)
def rehash(old_keys, old_found, keys, found):
    """Move the signatures known so far into a larger table."""
    mask = len(found) - 1
    for old in range(len(old_found)):
        if old_found[old] < 0:
            continue
        at = old * (WORDS + 1)
        mix = old_keys[at]
        for word in range(WORDS):
            if old_keys[at + 1 + word]:
                mix = mixed(mix, old_keys[at + 1 + word] + word)
        slot = mix & mask
        while found[slot] >= 0:
            slot = (slot + 1) & mask
        found[slot] = old_found[old]
        for part in range(WORDS + 1):
            keys[slot * (WORDS + 1) + part] = old_keys[at + part]
