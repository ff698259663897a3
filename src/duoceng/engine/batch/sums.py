"""The running sums of the member at hand, in the compiled loop: each in its place, of the period that the bill at hand asks for.

Whether the sums of a plan are of the right periods is asked for every bill, and is nearly always so: plans that keep the same
sums (a stamp set) share a note of when they were last found so.
"""

from duoceng.engine.batch.compiled import (
    ASIDE,
    BY_NUMBER,
    MEMBER,
    NONE,
    NUMBER,
    PERIOD,
    PLACE,
    STAMP_AT,
    STAMP_END,
    STAMP_SET,
    STAMP_WIDTH,
    SUMS_ON,
    TOUCHED,
    TURNS,
    inner,
    memory_at,
    pointer,
)


@inner
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
    forget(state_value, state_stamp, touched, single)
    return True


@inner
def forget(value, stamp, touched, single):
    """Nothing is left of a member's sums."""
    for index in range(single[TOUCHED]):
        value[touched[index]] = 0
        stamp[touched[index]] = NONE
    single[TOUCHED] = 0
    single[ASIDE] = 0
    single[TURNS] += 1


@inner
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
    single[TURNS] += 1
    for index in range(single[ASIDE]):
        if aside[index * 3] == place and aside[index * 3 + 1] == number:
            value[place] = aside[index * 3 + 2]
            last = (single[ASIDE] - 1) * 3
            for part in range(3):
                aside[index * 3 + part] = aside[last + part]
            single[ASIDE] -= 1
            break


@inner
def number_of(stamps, at, numbers, period_day, days, day_zero, day_count, row, episode):
    """The number of the period a stamp asks for, for this bill."""
    period = stamps[at + PERIOD]
    if period >= 0:
        return numbers[period * day_count + memory_at(days[period_day[period]])[row] - day_zero]
    return stamps[at + NUMBER] if period == BY_NUMBER else episode[row]


@inner
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


@inner
def turn_to_plan(rules, state, bills, plans, plan, row):
    """Have the sums of a plan in their places; nothing is to be done where no sum was turned since it was last so."""
    at, kept = plans[plan + STAMP_AT], plans[plan + STAMP_SET]
    if kept < 0:
        turn_all(rules, state, bills, at, plans[plan + STAMP_END], row, 0)
        return
    ready, single = pointer(state.ready), pointer(state.single)
    number = number_of(pointer(rules.stamps), at, pointer(rules.numbers), pointer(rules.period_day), pointer(bills.days),
                       bills.day_zero, bills.day_count, row, pointer(bills.episode))  # fmt: skip
    if ready[kept * 2] != single[TURNS] or ready[kept * 2 + 1] != number:
        turn_all(rules, state, bills, at, plans[plan + STAMP_END], row, 0)
        ready[kept * 2] = single[TURNS]
        ready[kept * 2 + 1] = number
