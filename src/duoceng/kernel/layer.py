"""Pay one layer of cover on one charge, in whole fen.

Integers in, integers out: no dates, no names, no files. That is why one source serves both the counter and
the census. A step of the plan pays in moves, always in this order, and each leaves its amount in `trail`:

    sees         the kinds of money it covers, as the layers above left them
    borne first  a share the member bears before anything else (care elsewhere)
    deductible   what the member bears, less what is already borne or credited
    counted      how much cost the ceilings on cost let in
    bands        a share of each slice
    ceilings     what the visit, the day, the year ... still allow
    takes off    the payment, from the kinds in their order; the rest is told apart by kind

What depends on the day, the person or the hospital is already in `terms`; what depends on the year so far is
in `counters`, the only state there is. `carry` is the rounding that is left over, so that pieces of a
bill add up to the whole.
"""

from duoceng.kernel.columns import (
    ABOVE,
    AS_BILLED,
    AS_EXPENSE,
    AXIS,
    BAND_RATE,
    BAND_TO,
    BAND_UNCUT,
    BANDS,
    BEYOND_OF,
    BOUND_BY,
    BOUNDLESS,
    CARRY_SLOT,
    CASH,
    CEILING,
    CEILING_WIDTH,
    CEILINGS,
    CHARGE,
    CREDIT_LAYERS,
    CREDIT_SLOT,
    CREDITED,
    CUT,
    DEDUCTED,
    DEDUCTIBLE,
    DUE,
    DUE_BEFORE,
    DUE_HIGH,
    DUE_LOW,
    DUE_OF,
    DUE_OFF_PAYMENT,
    DUE_PER,
    DUE_RATE,
    DUE_SLOT,
    DUE_WHOLE,
    EXPENSE,
    EXPENSE_WITH_DEDUCTIBLE,
    FIRST,
    FIRST_KIND,
    FIRST_RATE,
    FIXED,
    FIXED_OF,
    FIXED_PER,
    FIXED_RATE,
    FROM_ZERO,
    IN_SCOPE,
    LAYER,
    LIMIT,
    LIMIT_BEYOND,
    LIMIT_LEFT,
    LIMIT_OF,
    LIMIT_PER,
    LIMIT_RATE,
    LIMIT_SLOT,
    MODE,
    OVER,
    OVER_CEILING,
    PAID,
    PAID_SLOT,
    PAY,
    PAYABLE,
    PAYMENT,
    RATE_CUT,
    RESULT_RATE,
    ROUND,
    ROUND_BAND,
    RUN_BEFORE,
    RUN_SLOT,
    SEEN,
    SHARE,
    SLICE,
    SLICE_PAID,
    TIMES,
    TIMES_USED_UP,
    TOP_UP,
    WHOLE,
)
from duoceng.kernel.mark import kernel


@kernel
def pay_plan(terms, sees, left, billed, facts, counters, paid, trails):
    """Pay every step in order. Changes `left`, `counters`, `paid` (by layer) and `trails` in place."""
    for step in range(len(terms)):
        row = terms[step]
        paid[row[LAYER]] += pay_step(row, sees[step], left, billed, facts, counters, paid, trails, step)


@kernel
def pay_step(terms, sees, left, billed, facts, counters, paid, trails, step):
    """Fen that one layer pays on one charge."""
    trail = trails[step]
    seen, within = see(terms, sees, left, billed, trails)
    trail[SEEN] = seen
    if within > 0 or terms[MODE] == CASH:
        open_times = terms[MODE] == TOP_UP or times_left(terms, counters, trail)
        if terms[MODE] != PAY:
            payable = fixed_amount(terms, facts, counters, seen)
        elif open_times:
            payable = pay_bands(terms, left, facts, counters, paid, trail, seen)
            if trail[FIRST]:
                within = still_left(sees, left)
        else:
            payable = 0
            trail[OVER] = seen
        if not open_times:
            payable = 0
        amount = hold_to_ceilings(terms, facts, counters, trail, payable, within)
        take_off(terms, sees, left, trail, amount)
        note(terms, counters, trail, amount)
    return trail[PAID]


@kernel
def see(terms, sees, left, billed, trails):
    """What the layer looks at, and what is left of it: less than it looks at where it measures bills as billed."""
    within = 0
    seen = 0
    for bucket in sees:
        if bucket < 0:
            break
        within += left[bucket]
        seen += billed[bucket]
    if not terms[AS_BILLED]:
        seen = within
    if terms[BEYOND_OF] >= 0:
        seen = min(seen, trails[terms[BEYOND_OF]][OVER])
        if seen == 0:
            within = 0
    return seen, within


@kernel
def still_left(sees, left):
    """What is left of the kinds a layer sees, after some of it was moved elsewhere."""
    total = 0
    for bucket in sees:
        if bucket < 0:
            break
        total += left[bucket]
    return total


@kernel
def times_left(terms, counters, trail):
    """False where the layer has already paid as often as it may."""
    for at in range(CEILING, CEILING + terms[CEILINGS] * CEILING_WIDTH, CEILING_WIDTH):
        if terms[at + AXIS] == TIMES and counters[terms[at + LIMIT_SLOT]] >= terms[at + LIMIT]:
            trail[TIMES_USED_UP] = 1
            return False
    return True


@kernel
def fixed_amount(terms, facts, counters, seen):
    """A benefit in cash, or what is missing to a guaranteed amount."""
    target = terms[FIXED] * facts[terms[FIXED_PER]] + share_of(facts[terms[FIXED_OF]], terms[FIXED_RATE])
    if terms[MODE] == CASH:
        return target
    return min(max(target - counters[terms[PAID_SLOT]], 0), seen)


@kernel
def pay_bands(terms, left, facts, counters, paid, trail, seen):
    """Deductible, counted cost and bands: the payable amount before ceilings on payment."""
    if terms[FIRST_RATE] > 0:
        seen -= bear_first(terms, left, trail, seen)
    counted = count_cost(terms, facts, counters, seen, EXPENSE_WITH_DEDUCTIBLE)
    deducted = 0 if terms[DUE_OFF_PAYMENT] else deduct(terms, facts, counters, paid, trail, counted)
    above = count_cost(terms, facts, counters, counted - deducted, EXPENSE)
    trail[ABOVE] = above
    trail[OVER] = seen - deducted - above
    note_cost(terms, counters, deducted, above)
    start = counters[terms[RUN_SLOT]]
    trail[RUN_BEFORE] = start
    if terms[FROM_ZERO]:
        start += deducted
    counters[terms[RUN_SLOT]] = start + above
    payable = share_bands(terms, counters, trail, start, start + above)
    if terms[DUE_OFF_PAYMENT]:
        payable -= deduct(terms, facts, counters, paid, trail, payable)
    return payable


@kernel
def bear_first(terms, left, trail, seen):
    """Move the share borne first out of what is in scope."""
    first = min(share_of(seen, terms[FIRST_RATE]), left[terms[CHARGE] + IN_SCOPE])
    left[terms[CHARGE] + IN_SCOPE] -= first
    left[terms[CHARGE] + terms[FIRST_KIND]] += first
    trail[FIRST] = first
    return first


@kernel
def count_cost(terms, facts, counters, cost, axis):
    """How much of the cost the ceilings of one axis still let in."""
    for at in range(CEILING, CEILING + terms[CEILINGS] * CEILING_WIDTH, CEILING_WIDTH):
        if terms[at + AXIS] == axis:
            cost = min(cost, max(limit_of(terms, facts, at) - counters[terms[at + LIMIT_SLOT]], 0))
    return cost


@kernel
def limit_of(terms, facts, at):
    """A ceiling in fen: so much, so much a day or unit, or a share of the bill."""
    if terms[at + LIMIT] >= BOUNDLESS:
        return terms[at + LIMIT]
    whole = terms[at + LIMIT] * facts[terms[at + LIMIT_PER]]
    return whole + share_of(facts[terms[at + LIMIT_OF]], terms[at + LIMIT_RATE])


@kernel
def deduct(terms, facts, counters, paid, trail, most):
    """What the member bears (of the cost, or of the payment), less what this period has borne or others have filled."""
    due = terms[DUE] * facts[terms[DUE_PER]] + share_of(facts[terms[DUE_OF]], terms[DUE_RATE])
    due = min(max(due, terms[DUE_LOW]), terms[DUE_HIGH])
    before = counters[terms[DUE_SLOT]]
    missing = max(due - before, 0)
    credited = 0
    if terms[CREDIT_LAYERS]:
        credited = min(missing, credit(terms, counters, paid))
        counters[terms[CREDIT_SLOT]] += credited
    deducted = min(most, missing - credited)
    counters[terms[DUE_SLOT]] = before + credited + deducted
    trail[DUE_WHOLE] = due
    trail[DUE_BEFORE] = before
    trail[CREDITED] = credited
    trail[DEDUCTED] = deducted
    return deducted


@kernel
def credit(terms, counters, paid):
    """Payments of other layers on this bill that may fill the deductible and have not yet done so."""
    total = 0
    layers = terms[CREDIT_LAYERS]
    for layer in range(len(paid)):
        if (layers >> layer) & 1:
            total += paid[layer]
    return max(total - counters[terms[CREDIT_SLOT]], 0)


@kernel
def note_cost(terms, counters, deducted, above):
    """Add the counted cost to the ceilings on cost."""
    for at in range(CEILING, CEILING + terms[CEILINGS] * CEILING_WIDTH, CEILING_WIDTH):
        if terms[at + AXIS] == EXPENSE:
            counters[terms[at + LIMIT_SLOT]] += above
        elif terms[at + AXIS] == EXPENSE_WITH_DEDUCTIBLE:
            counters[terms[at + LIMIT_SLOT]] += deducted + above


@kernel
def share_bands(terms, counters, trail, start, end):
    """The share of each slice between two positions; what a malus takes away is told apart."""
    exact = 0
    uncut = 0
    rounded = 0
    low = 0
    carry = counters[terms[CARRY_SLOT]]
    for band in range(terms[BANDS]):
        high = terms[BAND_TO + band]
        inside = max(min(end, high) - max(start, low), 0)
        low = high
        exact += inside * terms[BAND_RATE + band]
        uncut += inside * terms[BAND_UNCUT + band]
        if terms[ROUND] == ROUND_BAND:
            total = rounded + share_of(inside, terms[BAND_RATE + band])
        else:
            total = (exact + carry + WHOLE // 2) // WHOLE
        trail[SLICE + band] = inside
        trail[SLICE_PAID + band] = total - rounded
        rounded = total
        if end <= high:
            break
    if terms[ROUND] != ROUND_BAND:
        counters[terms[CARRY_SLOT]] = exact + carry - rounded * WHOLE
    if uncut > exact:
        trail[CUT] = max((uncut + WHOLE // 2) // WHOLE - rounded, 0)
    return rounded


@kernel
def hold_to_ceilings(terms, facts, counters, trail, payable, within):
    """The payment the ceilings allow. Notes which one bound it and what lies beyond."""
    trail[PAYABLE] = payable
    trail[BOUND_BY] = -1
    allowed = payable
    as_expense = False
    index = 0
    for at in range(CEILING, CEILING + terms[CEILINGS] * CEILING_WIDTH, CEILING_WIDTH):
        if terms[at + AXIS] == PAYMENT:
            room = max(limit_of(terms, facts, at) - counters[terms[at + LIMIT_SLOT]], 0)
            if room < allowed:
                allowed = room
                trail[BOUND_BY] = index
                trail[LIMIT_LEFT] = room
                as_expense = terms[at + LIMIT_BEYOND] == AS_EXPENSE
        index += 1
    if allowed < payable and terms[MODE] == PAY:
        if as_expense:
            off = trail[DEDUCTED] if terms[DUE_OFF_PAYMENT] else 0
            trail[OVER] += trail[ABOVE] - expense_for(terms, trail, allowed + off)
        else:
            trail[OVER] += payable - allowed
    if terms[RESULT_RATE] < WHOLE:
        lowered = share_of(allowed, terms[RESULT_RATE])
        trail[CUT] += allowed - lowered
        allowed = lowered
    if terms[MODE] == CASH:
        return allowed
    assert 0 <= allowed <= max(trail[SEEN], 0)  # no layer pays more than it was shown
    return min(allowed, within)


@kernel
def expense_for(terms, trail, payment):
    """The cost whose share is just the payment: a ceiling on payment turned back into cost (R45)."""
    cost = 0
    rest = payment * WHOLE
    for band in range(terms[BANDS]):
        inside = trail[SLICE + band]
        rate = terms[BAND_RATE + band]
        if inside * rate > rest:
            return min(cost + (2 * rest + rate) // (2 * rate), trail[ABOVE])
        cost += inside
        rest -= inside * rate
    return cost


@kernel
def take_off(terms, sees, left, trail, amount):
    """Take the payment off the kinds in their order, and tell what is left in scope apart."""
    trail[PAID] = amount
    if terms[MODE] == CASH:
        return
    rest = amount
    for bucket in sees:
        if bucket < 0 or rest == 0:
            break
        taken = min(rest, left[bucket])
        left[bucket] -= taken
        rest -= taken
    assert rest == 0
    if terms[MODE] == PAY:
        for bucket in sees:
            if bucket == terms[CHARGE] + IN_SCOPE:
                tell_apart(terms[CHARGE], left, trail)


@kernel
def tell_apart(charge, left, trail):
    """What is left in scope becomes deductible, beyond a ceiling, lost to a malus, or own share."""
    rest = left[charge + IN_SCOPE]
    left[charge + IN_SCOPE] = 0
    part = min(rest, trail[DEDUCTED])
    left[charge + DEDUCTIBLE] += part
    rest -= part
    part = min(rest, trail[OVER])
    left[charge + OVER_CEILING] += part
    rest -= part
    part = min(rest, trail[CUT])
    left[charge + RATE_CUT] += part
    left[charge + SHARE] += rest - part


@kernel
def note(terms, counters, trail, amount):
    """Add the payment to the ceilings on payment and on times."""
    counters[terms[PAID_SLOT]] += amount
    for at in range(CEILING, CEILING + terms[CEILINGS] * CEILING_WIDTH, CEILING_WIDTH):
        if terms[at + AXIS] == PAYMENT:
            counters[terms[at + LIMIT_SLOT]] += amount
        elif terms[at + AXIS] == TIMES and amount > 0 and terms[MODE] != TOP_UP:
            counters[terms[at + LIMIT_SLOT]] += 1


@kernel
def share_of(amount, rate):
    """`rate` of `amount`; half a fen rounds up."""
    return (amount * rate + WHOLE // 2) // WHOLE
