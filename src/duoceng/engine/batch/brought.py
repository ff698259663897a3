"""What a bill and its member bring into the loop: amounts laid into their buckets, units, the year that ends, sums from before."""

from duoceng.engine.batch.coding import first_from
from duoceng.engine.batch.compiled import (
    ASIDE,
    KINDS,
    inner,
    memory_at,
    pointer,
)


@inner
def ends_at(bills, row):
    """The first day of the year that a bill ends; -1 or less for other bills."""
    return pointer(bills.year_end)[row] if len(bills.year_end) else -1


@inner
def lay_money(bills, left, row):
    """The amounts of a bill into the buckets of its one charge, which are empty; what they come to."""
    money, kind_of, whole = pointer(bills.money), pointer(bills.money_kind), 0
    for column in range(len(bills.money_kind)):
        amount = memory_at(money[column])[row]
        left[kind_of[column]] = amount
        whole += amount
    return whole


@inner
def lay_out(bills, out, row, left, billed, facts, buckets):
    """The amounts of a bill into its buckets, and what it says of itself; what it came to, in fen."""
    for bucket in range(buckets):
        left[bucket] = 0
        billed[bucket] = 0
    whole, in_scope = 0, 0
    if ends_at(bills, row) >= 0:
        facts[1], in_scope = gather_year(bills, out, row, len(bills.member), left)
        for bucket in range(KINDS):
            billed[bucket] = left[bucket]
            whole += left[bucket]
    elif bills.charge_at[0] < 0:
        whole = lay_money(bills, left, row)
        for bucket in range(KINDS):
            billed[bucket] = left[bucket]
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
    for unit in range(bills.units.shape[1]):
        facts[unit + 3] = unit_of(bills, pointer(bills.units), pointer(bills.unit_on), unit, row)
    return whole


@inner
def unit_of(bills, units, on, unit, row):
    """How many units a bill says; 0 where it says none. Rows that say some are looked for from where the last one was found."""
    count = bills.units.shape[1]
    of, said, last = units[unit], memory_at(units[count + unit]), units[2 * count + unit]
    if of == 0:
        return max(said[row], 0) if last else 0
    rows, at = memory_at(of), on[unit]
    if at > 0 and rows[at - 1] >= row:
        at = first_from(rows, last, row)
    while at < last and rows[at] < row:
        at += 1
    on[unit] = at
    return max(said[at], 0) if at < last and rows[at] == row else 0


@inner
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


@inner
def open_member(state, bills, member):
    """The sums a member brings from before: set aside, until a bill asks for them."""
    if len(bills.import_at) == 1:
        return
    on = 0
    for index in range(bills.import_at[member], bills.import_at[member + 1]):
        name = bills.import_name[index]
        place = bills.name_place[name]
        state.aside[on * 3] = place if place >= 0 else -2 - name
        state.aside[on * 3 + 1] = bills.name_number[name]
        state.aside[on * 3 + 2] = bills.import_value[index]
        on += 1
    state.single[ASIDE] = on
