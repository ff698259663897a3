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
    """A block of bills: members by number, three days, episode, amounts and units by column."""

    member: Array
    days: Array  # discharge, admission, settlement, each as days since `day_zero`
    day_zero: int
    day_count: int
    episode: Array
    money: Array  # columns of `money_kind`, end to end
    money_kind: Array
    units: Array
    settled: Array
    year_end: Array  # the first day of the year that a bill ends, as `days`; -1 for other bills
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
def number_of(stamps, at, numbers, period_day, days, day_count, n, row, episode):
    """The number of the period a stamp asks for, for this bill."""
    period = stamps[at + PERIOD]
    if period >= 0:
        return numbers[period * day_count + days[period_day[period] * n + row]]
    return stamps[at + NUMBER] if period == BY_NUMBER else episode[row]


@_inner
def plan_of(rules, state, bills, row, n):
    """The plan of a bill: by its signature and by how many bills the member has had."""
    signature = bills.signature[row]
    if signature < 0:
        return signature
    code = 0
    episode = bills.episode[row]
    if episode >= 0:
        for attribute in range(len(rules.again)):
            place = rules.again[attribute]
            if state.stamp[place] != episode:
                turn_to(state.value, state.stamp, state.touched, state.aside, state.single, place, episode)
            if state.value[place] > 0:
                code |= 1 << attribute
    again = code
    group = bills.group[row]
    for dim in range(rules.dims_at[group], rules.dims_at[group + 1]):
        at = dim * DIM_WIDTH
        number = number_of(
            rules.dims, at, rules.numbers, rules.period_day, bills.days, bills.day_count, n, row, bills.episode
        )
        place = rules.dims[at + PLACE]
        if state.stamp[place] != number:
            turn_to(state.value, state.stamp, state.touched, state.aside, state.single, place, number)
        order = state.value[place] + 1
        if (again >> rules.dims[at + DIM_AGAIN]) & 1:
            order = max(order - 1, 1)
        order = min(order, HISTORY_MAX - 1)
        code += rules.dim_cells[rules.dims[at + DIM_TABLE] * HISTORY_MAX + order] * rules.dims[at + DIM_STRIDE]
    state.single[CODE] = code
    return rules.signature_plans[signature + code]


@_inner
def settle_rows(rules, state, bills, out, row, last, keep, wants_kinds, wants_layers, wants_sums):
    """Settle bills from `row` on. Comes back with why it stopped; `state.single[ROW]` is the bill it stopped at."""
    n = len(bills.member)
    columns = len(bills.money_kind)
    terms, rows, sees, plans = pointer(rules.terms), pointer(rules.rows), pointer(rules.sees), pointer(rules.plans)
    stamps, layers = pointer(rules.stamps), pointer(rules.layers)
    value, stamp, single = pointer(state.value), pointer(state.stamp), pointer(state.single)
    left, billed, facts, paid = pointer(state.left), pointer(state.billed), pointer(state.facts), pointer(state.paid)
    money, kind_of, units = pointer(bills.money), pointer(bills.money_kind), pointer(bills.units)
    trail = pointer(out.trail)
    layers_room = len(out.layers) - 3 * 64
    while row < last:
        single[ROW] = row
        if bills.member[row] != single[MEMBER]:
            if not close_member(state.value, state.stamp, state.touched, state.aside, state.single, out.sums,
                                len(out.sums) // 4, wants_sums):  # fmt: skip
                return FULL
            single[MEMBER] = bills.member[row]
            open_member(state, bills, bills.member[row])
        chosen = plan_of(rules, state, bills, row, n)
        out.plan[row] = chosen
        if chosen < 0:
            if chosen == UNPLANNED:
                return MISSED
            if chosen == ODD:
                return BY_HAND
            row += 1
            continue
        plan = chosen * PLAN_WIDTH
        trail_cells = (plans[plan + LAST] - plans[plan + FIRST]) * TRAIL
        if single[TRAIL_ON] + trail_cells > len(out.trail) or single[LAYERS_ON] * 3 > layers_room:
            return FULL
        if single[ASIDE] * 3 > len(state.aside) - 768:
            return BROKEN
        if keep:
            for cell in range(single[TRAIL_ON], single[TRAIL_ON] + trail_cells):
                trail[cell] = 0
        for at in range(plans[plan + STAMP_AT], plans[plan + STAMP_END], STAMP_WIDTH):
            number = number_of(
                stamps, at, rules.numbers, rules.period_day, bills.days, bills.day_count, n, row, bills.episode
            )
            if stamp[stamps[at + PLACE]] != number:
                turn_to(state.value, state.stamp, state.touched, state.aside, state.single, stamps[at + PLACE], number)
        for local in range(plans[plan + LOCAL_COUNT]):
            value[local] = 0
        # ── the bill ──
        whole = 0
        buckets = plans[plan + CHARGE_COUNT] * KINDS
        for bucket in range(buckets):
            left[bucket] = 0
            billed[bucket] = 0
        in_scope, year_billed = 0, 0
        if bills.year_end[row] >= 0:
            year_billed, in_scope = gather_year(bills, out, row, n, left)
            for bucket in range(KINDS):
                billed[bucket] = left[bucket]
                whole += left[bucket]
        elif bills.charge_at[0] < 0:
            for column in range(columns):
                amount = money[column * n + row]
                left[kind_of[column]] = amount
                billed[kind_of[column]] = amount
                whole += amount
            in_scope = billed[0]
        else:
            on = bills.charge_at[row] * KINDS
            for bucket in range(buckets):
                left[bucket] = bills.charges[on + bucket]
                billed[bucket] = left[bucket]
                whole += left[bucket]
            for bucket in range(0, buckets, KINDS):
                in_scope += billed[bucket]
        layer_count = plans[plan + LAYER_COUNT]
        for place in range(layer_count):
            paid[place] = 0
        before = 0
        for at in range(plans[plan + SETTLED_AT], plans[plan + SETTLED_END], 2):
            amount = bills.settled[stamps[at + 1] * n + row]
            paid[stamps[at]] = amount
            before += amount
        facts[1] = year_billed if bills.year_end[row] >= 0 else whole + before
        facts[2] = in_scope
        for unit in range(3, FACTS):
            facts[unit] = max(units[(unit - 3) * n + row], 0)
        # ── its layers ──
        pay_plan(terms, rows, plans[plan + FIRST], plans[plan + LAST], sees, left, billed, facts, value, paid, trail,
                 single[TRAIL_ON], keep)  # fmt: skip
        for at in range(plans[plan + COUNT_AT], plans[plan + COUNT_END], STAMP_WIDTH):
            number = number_of(
                stamps, at, rules.numbers, rules.period_day, bills.days, bills.day_count, n, row, bills.episode
            )
            if stamp[stamps[at + PLACE]] != number:
                turn_to(state.value, state.stamp, state.touched, state.aside, state.single, stamps[at + PLACE], number)
            value[stamps[at + PLACE]] += 1
        # ── what comes of it ──
        covered, cash = 0, 0
        for place in range(layer_count):
            amount = paid[place]
            if amount == 0:
                continue
            at = (plans[plan + LAYER_AT] + place) * 3
            if layers[at + 1]:
                cash += amount
            else:
                covered += amount
            if layers[at] >= 0:
                out.tiers[layers[at] * n + row] += amount
            if wants_layers:
                on = single[LAYERS_ON] * 3
                out.layers[on] = row
                out.layers[on + 1] = layers[at + 2]
                out.layers[on + 2] = amount
                single[LAYERS_ON] += 1
        pays = 0
        for bucket in range(buckets):
            pays += left[bucket]
        if wants_kinds:
            for bucket in range(buckets):
                out.kinds[bucket % KINDS * n + row] += left[bucket]
        if whole + before != covered + pays:
            return BROKEN
        out.billed[row] = whole + before
        out.member_pays[row] = pays
        out.cash[row] = cash
        if keep:
            steps = plans[plan + LAST] - plans[plan + FIRST]
            on = single[TRAIL_ON] // TRAIL
            for step in range(steps):
                out.trail_of[(on + step) * 2] = row
                out.trail_of[(on + step) * 2 + 1] = step
            single[TRAIL_ON] += trail_cells
        row += 1
    single[ROW] = row
    return DONE


@_inner
def gather_year(bills, out, row, n, left):
    """What the bills of the year that ends here left to the member, by kind; what they came to, and how much of it was in scope."""
    billed, in_scope = 0, 0
    at = row - 1
    while at >= 0 and bills.member[at] == bills.member[row]:
        if bills.year_end[row] <= bills.days[at] <= bills.days[row] and bills.year_end[at] < 0 and out.plan[at] >= 0:
            billed += out.billed[at]
            for kind in range(KINDS):
                left[kind] += out.kinds[kind * n + at]
            for column in range(len(bills.money_kind)):
                if bills.money_kind[column] == 0:
                    in_scope += bills.money[column * n + at]
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
    for word in range(count):
        if keys[at + 1 + word] != words[word]:
            return False
    return True


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
