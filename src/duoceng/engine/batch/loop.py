"""The compiled loop over the bills of a table: one member's running sums at a time, one plan for each bill."""

from duoceng.engine.batch.brought import ends_at, lay_money, lay_out, open_member
from duoceng.engine.batch.compiled import (
    ASIDE,
    BROKEN,
    BY_HAND,
    CHARGE_COUNT,
    CODE,
    COUNT_AT,
    COUNT_END,
    DIM_AGAIN,
    DIM_STRIDE,
    DIM_TABLE,
    DIM_WIDTH,
    DONE,
    FIRST,
    FLAT,
    FULL,
    HISTORY_MAX,
    KINDS,
    LAST,
    LAYER,
    LAYER_AT,
    LAYER_COUNT,
    LAYERS_ON,
    LOCAL_COUNT,
    MEMBER,
    MISSED,
    NONE,
    ODD,
    PLACE,
    PLAN_WIDTH,
    ROW,
    SETTLED_AT,
    SETTLED_END,
    TRAIL,
    TRAIL_ON,
    UNPLANNED,
    compiled,
    inner,
    pay_plainly,
    pay_plan,
    pointer,
)
from duoceng.engine.batch.sums import close_member, number_of, turn_all, turn_to, turn_to_plan

NEAR = 64  # trails that are turned together: as many as stay nearest
FEW = 8  # sums for one bill that are cleared at once


@compiled
def pay_plan_on_arrays(terms, rows, first, last, sees, left, billed, facts, counters, paid, trail, on, keep):
    """`kernel.layer.pay_plan`, on arrays of int64."""
    pay_plan(pointer(terms), pointer(rows), first, last, pointer(sees), pointer(left), pointer(billed), pointer(facts),
             pointer(counters), pointer(paid), pointer(trail), on, keep)  # fmt: skip


@inner
def plan_of(rules, state, bills, row):
    """The plan of a bill: by its signature and by how many bills the member has had."""
    signature = pointer(bills.signature)[row]
    if signature < 0:
        return signature
    value, stamp, single = pointer(state.value), pointer(state.stamp), pointer(state.single)
    touched, aside, dims = pointer(state.touched), pointer(state.aside), pointer(rules.dims)
    numbers, period_day, days = pointer(rules.numbers), pointer(rules.period_day), pointer(bills.days)
    code = 0
    episode = pointer(bills.episode)[row] if len(bills.episode) else NONE
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


@inner
def settle_spans(rules, state, bills, out, spans, row, keep, wants_kinds, wants_layers, wants_sums):
    """Settle the bills of some spans (first and last of each) from `row` on. Comes back with why it stopped; `state.single[ROW]` is the
    bill it stopped at."""
    for span in range(len(spans) // 2):
        if row < spans[span * 2 + 1]:
            status = settle_rows(rules, state, bills, out, max(row, spans[span * 2]), spans[span * 2 + 1], keep, wants_kinds,
                                 wants_layers, wants_sums)  # fmt: skip
            if status != DONE:
                return status
    return DONE


@inner
def settle_rows(rules, state, bills, out, row, last, keep, wants_kinds, wants_layers, wants_sums):
    """Settle the bills from `row` to `last`."""
    single, member, plans = pointer(state.single), pointer(bills.member), pointer(rules.plans)
    itemised, chosen_at = bills.charge_at[0] >= 0, pointer(out.plan)
    while row < last:
        single[ROW] = row
        if member[row] != single[MEMBER]:
            if not close_member(state.value, state.stamp, state.touched, state.aside, state.single, out.sums,
                                len(out.sums) // 4, wants_sums):  # fmt: skip
                return FULL
            single[MEMBER] = member[row]
            open_member(state, bills, member[row])
        chosen = plan_of(rules, state, bills, row)
        chosen_at[row] = chosen
        if chosen >= 0:
            plan = chosen * PLAN_WIDTH
            trail_cells = (plans[plan + LAST] - plans[plan + FIRST]) * TRAIL
            if single[TRAIL_ON] + trail_cells > len(out.trail) or single[LAYERS_ON] * 3 + 192 > len(out.layers):
                return FULL
            conserved = single[ASIDE] * 3 <= len(state.aside) - 768
            ends = ends_at(bills, row)
            kinds_too = wants_kinds or ends != -1
            if plans[plan + FLAT] and ends < 0 and not itemised:
                conserved &= settle_flat(
                    rules, state, bills, out, row, plan, trail_cells, keep, kinds_too, wants_layers
                )
            else:
                conserved &= settle_one(rules, state, bills, out, row, plan, trail_cells, keep, kinds_too, wants_layers)
            if not conserved:
                return BROKEN
        elif chosen == UNPLANNED:
            return MISSED
        elif chosen == ODD:
            return BY_HAND
        row += 1
    single[ROW] = row
    return DONE


@inner
def settle_flat(rules, state, bills, out, row, plan, trail_cells, keep, wants_kinds, wants_layers):
    """One bill, one charge, plain steps only: what `settle_one` does, without what such a bill has no use for."""
    plans, terms, rows, sees = pointer(rules.plans), pointer(rules.terms), pointer(rules.rows), pointer(rules.sees)
    value, left, trail, single = pointer(state.value), pointer(state.left), pointer(out.trail), pointer(state.single)
    turn_to_plan(rules, state, bills, plans, plan, row)
    clear_locals(value, plans[plan + LOCAL_COUNT])
    for kind in range(KINDS):
        left[kind] = 0
    whole, n = lay_money(bills, left, row), len(bills.member)
    on = single[TRAIL_ON]
    if keep:
        for cell in range(on, on + trail_cells):
            trail[cell] = 0
    covered, layer_at = 0, plans[plan + LAYER_AT]
    for step in range(plans[plan + FIRST], plans[plan + LAST]):
        at = rows[step]
        amount = pay_plainly(terms, at, sees, left, value, trail, on, keep)
        on += TRAIL
        if amount:
            covered += amount
            note_layer(rules, out, single, (layer_at + terms[at + LAYER]) * 3, row, n, amount, wants_layers)
    turn_all(rules, state, bills, plans[plan + COUNT_AT], plans[plan + COUNT_END], row, 1)
    if keep:
        note_trail(out, single, row, trail_cells)
    pays = note_left(out, left, row, n, KINDS, wants_kinds)
    pointer(out.billed)[row] = whole
    pointer(out.member_pays)[row] = pays
    return whole == covered + pays


@inner
def clear_locals(value, count):
    """The sums that live for one bill begin with nothing. Most plans have few: these are cleared at once, without a loop."""
    for local in range(FEW):
        value[local] = 0
    if count > FEW:
        for local in range(FEW, count):
            value[local] = 0


@inner
def note_layer(rules, out, single, at, row, n, amount, wants_layers):
    """What a layer paid, in the column of its tier and in the list of layers."""
    layers, tiers = pointer(rules.layers), pointer(out.tiers)
    if layers[at] >= 0:
        tiers[layers[at] * n + row] += amount
    if wants_layers:
        written, on = pointer(out.layers), single[LAYERS_ON] * 3
        written[on] = row
        written[on + 1] = layers[at + 2]
        written[on + 2] = amount
        single[LAYERS_ON] += 1


@inner
def settle_one(rules, state, bills, out, row, plan, trail_cells, keep, wants_kinds, wants_layers):
    """One bill by its plan; false where money is not conserved."""
    plans, stamps, value = pointer(rules.plans), pointer(rules.stamps), pointer(state.value)
    left, billed, facts, paid = pointer(state.left), pointer(state.billed), pointer(state.facts), pointer(state.paid)
    trail, single = pointer(out.trail), pointer(state.single)
    turn_to_plan(rules, state, bills, plans, plan, row)
    clear_locals(value, plans[plan + LOCAL_COUNT])
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
    if ends_at(bills, row) < 0:
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


@inner
def note_layers(rules, out, single, paid, row, n, layer_at, layer_count, wants_layers):
    """What each layer paid, into the column of its tier; what was taken off the bill in all."""
    covered, cash = 0, 0
    layers = pointer(rules.layers)
    for place in range(layer_count):
        amount = paid[place]
        if amount == 0:
            continue
        at = (layer_at + place) * 3
        if layers[at + 1]:
            cash += amount
        else:
            covered += amount
        note_layer(rules, out, single, at, row, n, amount, wants_layers)
    if cash:
        out.cash[row] = cash
    return covered


@inner
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


@inner
def note_trail(out, single, row, trail_cells):
    """Whose trail it is."""
    on = single[TRAIL_ON] // TRAIL
    for step in range(trail_cells // TRAIL):
        out.trail_of[(on + step) * 2] = row
        out.trail_of[(on + step) * 2 + 1] = step
    single[TRAIL_ON] += trail_cells


@compiled
def settle_plain(rules, state, bills, out, spans, row, wants_kinds, wants_layers, wants_sums):
    """Settle without the trail. A definition of its own: the disk cache mixes up two compilations of one function."""
    return settle_spans(rules, state, bills, out, spans, row, False, wants_kinds, wants_layers, wants_sums)


@compiled
def settle_with_trail(rules, state, bills, out, spans, row, wants_kinds, wants_layers, wants_sums):
    """Settle and keep the whole trail."""
    return settle_spans(rules, state, bills, out, spans, row, True, wants_kinds, wants_layers, wants_sums)


@compiled
def close_last(state, out, wants_sums):
    """Leave the last member of a file; false where there is no room to say what is left."""
    return close_member(
        state.value, state.stamp, state.touched, state.aside, state.single, out.sums, len(out.sums) // 4, wants_sums
    )


@compiled
def turn(state, place, number):
    """Have the sum of a period in its place, for a bill that is settled by hand."""
    if state.stamp[place] != number:
        turn_to(state.value, state.stamp, state.touched, state.aside, state.single, place, number)


@compiled
def turn_trail(trail, steps, columns, room, at):
    """The trails of some steps, one after the other, into columns of their own, each with `room`; what is nothing is not written."""
    cells, into = pointer(trail), pointer(columns)
    for first in range(0, steps, NEAR):
        last = min(first + NEAR, steps)
        for column in range(TRAIL):
            on, anything = column * room + at, 0
            for step in range(first, last):
                anything |= cells[step * TRAIL + column]
            if anything != 0:
                for step in range(first, last):
                    into[on + step] = cells[step * TRAIL + column]
