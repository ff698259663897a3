"""Rounds: the next bill of each member, those of one plan together, as lanes. See `lanes` for who goes, `lane_moves` for what is done."""

from duoceng.engine.batch.compiled import (
    FIRST,
    LAST,
    LAYER_AT,
    LOCALS,
    PERIOD,
    PERIOD_A,
    PERIOD_B,
    PLACE,
    PLAN_WIDTH,
    STAMP_AT,
    STAMP_END,
    STAMP_WIDTH,
    SUM_SET,
    compiled,
    inner,
    memory_at,
    pointer,
)
from duoceng.engine.batch.lane_moves import (
    MEMBERS,
    STEP,
    WIDE,
    deduct_lanes,
    hold_lanes,
    lay_lanes,
    note_lefts,
    note_paid,
    run_lanes,
    see_lanes,
    share_lanes,
    take_lanes,
)
from duoceng.engine.batch.lanes import BILLS, EVEN, LEAST, MOST, RUNS, STRETCH
from duoceng.kernel.columns import LAYER

NUMBERS = 21  # bits of the number of a period (days of 5,000 years)


@inner
def turn_lanes(rules, bills, lanes, plan, on, count):
    """Have the sums of a plan in their periods: those of another period, or of another member, begin with nothing."""
    plans, numbers, single = pointer(rules.plans), pointer(rules.numbers), pointer(lanes.single)
    rows, members, key, day = pointer(lanes.rows), pointer(lanes.members), pointer(lanes.key), memory_at(bills.days[0])
    mask = (1 << NUMBERS) - 1
    one, other = plans[plan + PERIOD_A] * bills.day_count, plans[plan + PERIOD_B] * bills.day_count
    least, most = single[LEAST] - bills.day_zero, single[MOST] - bills.day_zero
    number, second = numbers[one + least] & mask, numbers[other + least] & mask
    alike = numbers[one + most] & mask == number and numbers[other + most] & mask == second
    for lane in range(on, on + count):
        if not alike:
            at = day[rows[lane]] - bills.day_zero
            number, second = numbers[one + at] & mask, numbers[other + at] & mask
        wanted = ((plans[plan + SUM_SET] << NUMBERS | number) << NUMBERS) | second
        if key[members[lane]] != wanted:
            key[members[lane]] = wanted
            turn_member(rules, lanes, plan, members[lane], number, second)


@inner
def turn_member(rules, lanes, plan, member, number, second):
    """Have a member's sums in these periods."""
    plans, stamps = pointer(rules.plans), pointer(rules.stamps)
    value, stamp = pointer(lanes.value), pointer(lanes.stamp)
    at_hand, first = lanes.single[STRETCH] << NUMBERS, plans[plan + PERIOD_A]
    for each in range(plans[plan + STAMP_AT], plans[plan + STAMP_END], STAMP_WIDTH):
        place = (stamps[each + PLACE] - LOCALS) * MEMBERS + member
        held = at_hand | (number if stamps[each + PERIOD] == first else second)
        if stamp[place] != held:
            stamp[place] = held
            value[place] = 0


@inner
def settle_lanes(rules, bills, out, lanes, chosen, on, count, wants_kinds):
    """Up to `WIDE` bills of one plan, each of another member. Returns a bill that went wrong, or -1."""
    plans, terms, steps, sees = pointer(rules.plans), pointer(rules.terms), pointer(rules.rows), pointer(rules.sees)
    work, sums, rows, members = (
        pointer(lanes.work),
        pointer(lanes.value),
        pointer(lanes.rows),
        pointer(lanes.members),
    )
    layers, tiers, n = pointer(rules.layers), pointer(out.tiers), len(bills.member)
    plan, wide = chosen * PLAN_WIDTH, (count + STEP - 1) // STEP * STEP
    if plans[plan + PERIOD_A] >= 0:
        turn_lanes(rules, bills, lanes, plan, on, count)
    lay_lanes(bills, work, rows, on, count, wide)
    wrong = -1
    for step in range(plans[plan + FIRST], plans[plan + LAST]):
        at = steps[step]
        see_lanes(terms, at, sees, work, wide)
        deduct_lanes(terms, at, work, sums, members, on, count, wide)
        run_lanes(terms, at, work, sums, members, on, count, wide)
        share_lanes(terms, at, work, sums, members, on, count, wide)
        hold_lanes(terms, at, work, sums, members, on, count, wide)
        take_lanes(terms, at, sees, work, wide)
        layer = (plans[plan + LAYER_AT] + terms[at + LAYER]) * 3
        wrong = max(wrong, note_paid(work, tiers, layers[layer] * n, rows, on, count))
    return max(wrong, note_lefts(out, work, rows, on, count, wide, wants_kinds, n))


@compiled
def settle_rounds(rules, bills, out, lanes, wants_kinds):
    """The bills of all members that `choose` let in, some thousand members at a time. Returns a bill that went wrong, or -1."""
    wrong, at = -1, 0
    while at < lanes.single[EVEN] and wrong < 0:
        some = min(lanes.single[EVEN] - at, MEMBERS)
        wrong = settle_members(rules, bills, out, lanes, at, some, wants_kinds)
        at += some
    return wrong


@inner
def settle_members(rules, bills, out, lanes, begin, left, wants_kinds):
    """The bills of some members, round by round."""
    going, key, met, tally = pointer(lanes.going), pointer(lanes.key), pointer(lanes.met), pointer(lanes.tally)
    lanes.single[STRETCH] += 1
    for lane in range(left):
        going[lane] = lane
        key[lane] = -1
    turn = 0
    while left > 0:
        left, plans = line_up(out, lanes, begin, left, turn)
        on, turn = 0, turn + 1
        for index in range(plans):
            chosen = met[index]
            end = tally[chosen]
            tally[chosen] = 0
            while on < end:
                some = min(end - on, WIDE)
                wrong = settle_lanes(rules, bills, out, lanes, chosen, on, some, wants_kinds)
                if wrong >= 0:
                    return wrong
                on += some
        lanes.single[BILLS] += on
        lanes.single[RUNS] += plans
    return -1


@inner
def line_up(out, lanes, begin, left, turn):
    """The bills of a round, those of one plan together: how many members have another one, and how many plans there are."""
    first, count, order, going = (
        pointer(lanes.first),
        pointer(lanes.bills),
        pointer(lanes.order),
        pointer(lanes.going),
    )
    tally, met, rows, members = pointer(lanes.tally), pointer(lanes.met), pointer(lanes.rows), pointer(lanes.members)
    chosen_at, plans, on, kept = pointer(out.plan), 0, 0, 0
    for index in range(left):
        chosen = chosen_at[first[order[begin + going[index]]] + turn]
        if chosen >= 0:
            if tally[chosen] == 0:
                met[plans] = chosen
                plans += 1
            tally[chosen] += 1
    for index in range(plans):
        bound = tally[met[index]]
        tally[met[index]] = on
        on += bound
    for index in range(left):
        lane = going[index]
        member = order[begin + lane]
        row = first[member] + turn
        chosen = chosen_at[row]
        if chosen >= 0:
            rows[tally[chosen]] = row
            members[tally[chosen]] = lane
            tally[chosen] += 1
        if turn + 1 < count[member]:
            going[kept] = lane
            kept += 1
    return kept, plans
