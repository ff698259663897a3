"""Plain bills of many members at a time, move by move: what nearly every bill of a file asks for.

A member's bills come one after the other, but members do not wait for each other. So a stretch of bills is settled in rounds: the
first bill of each member, then the second of those that have one. In a round the bills of one plan stand together as lanes, and each
move of a layer goes down their columns. The numbers of the plan are then the same for all lanes, and the moves of eight of them are
one instruction.

    choose      which plan binds each bill: that needs only the counts, no amounts
    round       the next bill of each member, those of one plan together
    lanes       amounts and running sums fetched ──▶ the moves of each layer, column by column ──▶ brought back

A lane does what `kernel.plain` does to one bill; a test holds them together. What is not plain, members whose days go back, and bills
without a plan so far are left to `loop`, with all the bills of that member.
"""

from typing import NamedTuple

import numpy as np

from duoceng.engine.batch.compiled import (
    ASIDE,
    COUNT_AT,
    COUNT_END,
    COUNTS_BIT,
    FAULT,
    LANED_BIT,
    PLAN_WIDTH,
    REFUSED,
    TOUCHED,
    Array,
    compiled,
    inner,
    memory_at,
    pointer,
)
from duoceng.engine.batch.lane_moves import COLUMNS, MEMBERS, WIDE
from duoceng.engine.batch.loop import plan_of
from duoceng.engine.batch.sums import forget, turn_all


class Lanes(NamedTuple):
    """The members of a stretch that are settled in rounds, and their running sums: a column of members for each sum.

    A sum counts as nothing where its stamp is not of the members at hand (`single[STRETCH]`) and of the period at hand.
    """

    value: Array
    stamp: Array
    key: Array  # of each member: the sums that were last found in their periods, and these
    first: Array  # of each member that goes in rounds: its first bill
    bills: Array  # how many bills
    home: Array  # which place it is of
    order: Array  # these members place by place
    begins: Array  # where those of each place begin among them
    odd: Array  # first and last of the bills of members that are left to the loop
    going: Array  # the members that have a bill in this round
    rows: Array  # the bills of a round, those of one plan together
    members: Array  # whose they are
    tally: Array  # of each plan: how many bills of the round it binds
    met: Array  # the plans of the round
    work: Array
    single: Array


# How many members go in rounds; how many are left to the loop; the number of the members at hand; bills settled so far, and in how many runs;
# first and last day of the bills of a stretch.
EVEN, ODDS, STRETCH, BILLS, RUNS, LEAST, MOST = range(7)


def new_lanes(sums: int, plans: int, bills: int, places: int) -> Lanes:
    """Room for so many running sums, plans, bills of a stretch, and places."""

    def room(count: int) -> Array:
        return np.zeros(count, np.int64)

    sums_of_members, many, few = sums * MEMBERS, bills, MEMBERS
    return Lanes(value=room(sums_of_members), stamp=room(sums_of_members), key=room(few), first=room(many), bills=room(many),
                 home=room(many), order=room(many), begins=room(places + 1), odd=room(many * 2), going=room(few), rows=room(few),
                 members=room(few), tally=room(plans), met=room(plans), work=room(COLUMNS * WIDE), single=room(7))  # fmt: skip


@compiled
def choose(rules, state, bills, out, lanes, row, last):
    """Which plan binds each bill from `row` to `last`, and which members go in rounds, place by place. Members are whole."""
    member, brief, chosen_at = pointer(bills.member), pointer(rules.brief), pointer(out.plan)
    ends, day, begins = pointer(bills.year_end), memory_at(bills.days[0]), pointer(bills.import_at)
    first, count, odd, single = pointer(lanes.first), pointer(lanes.bills), pointer(lanes.odd), pointer(lanes.single)
    groups, homes, home = pointer(bills.group), pointer(rules.homes), pointer(lanes.home)
    any_ends, evens, odds, least, most = len(bills.year_end) > 0, 0, 0, day[row], day[row]
    forget(state.value, state.stamp, state.touched, state.single)
    while row < last:
        own, at = member[row], row
        even = len(bills.import_at) == 1 or begins[own] == begins[own + 1]
        before = day[row]
        while at < last and member[at] == own:
            even &= day[at] >= before and not (any_ends and ends[at] != -1)
            before = day[at]
            least, most = min(least, before), max(most, before)
            if even:
                chosen = plan_of(rules, state, bills, at)
                chosen_at[at] = chosen
                if chosen >= 0:
                    even = brief[chosen] & LANED_BIT != 0
                    if brief[chosen] & COUNTS_BIT:
                        plans, plan = pointer(rules.plans), chosen * PLAN_WIDTH
                        turn_all(rules, state, bills, plans[plan + COUNT_AT], plans[plan + COUNT_END], at, 1)
                else:
                    even = chosen == FAULT or chosen <= REFUSED
            at += 1
        if state.single[TOUCHED] + state.single[ASIDE] > 0:
            forget(state.value, state.stamp, state.touched, state.single)
        if even:
            first[evens] = row
            count[evens] = at - row
            home[evens] = homes[groups[row]] if groups[row] >= 0 else 0
            evens += 1
        else:
            odd[odds * 2] = row
            odd[odds * 2 + 1] = at
            odds += 1
        row = at
    single[EVEN], single[ODDS], single[LEAST], single[MOST] = evens, odds, least, most
    put_in_order(lanes, evens)


@inner
def put_in_order(lanes, evens):
    """The members place by place: bills of one plan are then many in a round."""
    home, order, begins = pointer(lanes.home), pointer(lanes.order), pointer(lanes.begins)
    for place in range(len(lanes.begins)):
        begins[place] = 0
    for at in range(evens):
        begins[home[at] + 1] += 1
    for place in range(1, len(lanes.begins)):
        begins[place] += begins[place - 1]
    for at in range(evens):
        order[begins[home[at]]] = at
        begins[home[at]] += 1
