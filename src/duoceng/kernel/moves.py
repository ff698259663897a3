"""The moves of a layer that know numbers only: deductible, counted cost, bands, ceilings. See `layer`, which calls them in order."""

from duoceng.kernel.columns import (
    ABOVE,
    AS_EXPENSE,
    AXIS,
    BAND,
    BAND_RATE,
    BAND_TO,
    BAND_UNCUT,
    BAND_WIDTH,
    BANDS,
    BOUNDLESS,
    CARRY_SLOT,
    CEILING_WIDTH,
    CEILINGS,
    COSTS,
    CREDIT_LAYERS,
    CREDIT_SLOT,
    CREDITED,
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
    FROM_ZERO,
    IN_SCOPE,
    LIMIT,
    LIMIT_BEYOND,
    LIMIT_LEFT,
    LIMIT_OF,
    LIMIT_PER,
    LIMIT_RATE,
    LIMIT_SLOT,
    MODE,
    OVER_CEILING,
    PAY,
    RATE_CUT,
    ROUND,
    ROUND_BAND,
    RUN_BEFORE,
    RUN_SLOT,
    SEES,
    SEES_COUNT,
    SHARE,
    SLICE,
    SLICE_PAID,
    TIMES,
    WHOLE,
)
from duoceng.kernel.mark import kernel


@kernel
def ceilings_from(terms, at):
    """Where the ceilings of a row begin: after its bands."""
    return at + BAND + terms[at + BANDS] * BAND_WIDTH


@kernel
def times_left(terms, at, counters):
    """False where the layer has already paid as often as it may."""
    limit = ceilings_from(terms, at)
    for _ in range(terms[at + COSTS]):
        if terms[limit + AXIS] == TIMES and counters[terms[limit + LIMIT_SLOT]] >= terms[limit + LIMIT]:
            return False
        limit += CEILING_WIDTH
    return True


@kernel
def pay_deductible(terms, at, facts, counters, paid, trail, on, cost, keep):
    """The deductible taken of the cost, and the cost above it that the ceilings on cost let in."""
    if terms[at + COSTS]:
        cost = count_cost(terms, at, facts, counters, cost, EXPENSE_WITH_DEDUCTIBLE)
    deducted = 0
    if not terms[at + DUE_OFF_PAYMENT]:
        deducted = deduct(terms, at, facts, counters, paid, trail, on, cost, keep)
    counted = cost - deducted
    if terms[at + COSTS]:
        counted = count_cost(terms, at, facts, counters, counted, EXPENSE)
        note_cost(terms, at, counters, deducted, counted)
    return deducted, counted


@kernel
def count_cost(terms, at, facts, counters, cost, axis):
    """How much of the cost the ceilings of one axis still let in."""
    limit = ceilings_from(terms, at)
    for _ in range(terms[at + COSTS]):
        if terms[limit + AXIS] == axis:
            cost = min(cost, max(limit_of(terms, facts, limit) - counters[terms[limit + LIMIT_SLOT]], 0))
        limit += CEILING_WIDTH
    return cost


@kernel
def limit_of(terms, facts, limit):
    """A ceiling in fen: so much, so much a day or unit, or a share of the bill."""
    if terms[limit + LIMIT] >= BOUNDLESS:
        return terms[limit + LIMIT]
    whole = terms[limit + LIMIT] * facts[terms[limit + LIMIT_PER]]
    if terms[limit + LIMIT_RATE]:
        whole += share_of(facts[terms[limit + LIMIT_OF]], terms[limit + LIMIT_RATE])
    return whole


@kernel
def deduct(terms, at, facts, counters, paid, trail, on, most, keep):
    """What the member bears (of the cost, or of the payment), less what this period has borne or others have filled."""
    due = terms[at + DUE] * facts[terms[at + DUE_PER]]
    if terms[at + DUE_RATE]:
        due += share_of(facts[terms[at + DUE_OF]], terms[at + DUE_RATE])
    due = min(max(due, terms[at + DUE_LOW]), terms[at + DUE_HIGH])
    before = counters[terms[at + DUE_SLOT]]
    missing = max(due - before, 0)
    credited = 0
    if terms[at + CREDIT_LAYERS]:
        credited = min(missing, credit(terms, at, counters, paid))
        counters[terms[at + CREDIT_SLOT]] += credited
    deducted = min(most, missing - credited)
    counters[terms[at + DUE_SLOT]] = before + credited + deducted
    if keep:
        trail[on + DUE_WHOLE] = due
        trail[on + DUE_BEFORE] = before
        trail[on + CREDITED] = credited
        trail[on + DEDUCTED] = deducted
    return deducted


@kernel
def credit(terms, at, counters, paid):
    """Payments of other layers on this bill that may fill the deductible and have not yet done so."""
    total = 0
    layers = terms[at + CREDIT_LAYERS]
    layer = 0
    while layers:
        if layers & 1:
            total += paid[layer]
        layers >>= 1
        layer += 1
    return max(total - counters[terms[at + CREDIT_SLOT]], 0)


@kernel
def note_cost(terms, at, counters, deducted, counted):
    """Add the counted cost to the ceilings on cost."""
    limit = ceilings_from(terms, at)
    for _ in range(terms[at + COSTS]):
        if terms[limit + AXIS] == EXPENSE:
            counters[terms[limit + LIMIT_SLOT]] += counted
        elif terms[limit + AXIS] == EXPENSE_WITH_DEDUCTIBLE:
            counters[terms[limit + LIMIT_SLOT]] += deducted + counted
        limit += CEILING_WIDTH


@kernel
def run_on(terms, at, counters, trail, on, deducted, counted, keep):
    """From where to where the cost moves the running sum that the bands are measured on."""
    start = counters[terms[at + RUN_SLOT]]
    if keep:
        trail[on + ABOVE] = counted
        trail[on + RUN_BEFORE] = start
    if terms[at + FROM_ZERO]:
        start += deducted
    stop = start + counted
    counters[terms[at + RUN_SLOT]] = stop
    return start, stop


@kernel
def share_bands(terms, at, counters, trail, on, start, stop, keep):
    """The share of each slice between two positions, and what a malus takes away of it."""
    exact, uncut, rounded, low, told = 0, 0, 0, 0, 0
    by_band = terms[at + ROUND] == ROUND_BAND
    carry = counters[terms[at + CARRY_SLOT]]
    for number in range(terms[at + BANDS]):
        band = at + BAND + number * BAND_WIDTH
        high = terms[band + BAND_TO]
        inside = max(min(stop, high) - max(start, low), 0)
        low = high
        exact += inside * terms[band + BAND_RATE]
        uncut += inside * terms[band + BAND_UNCUT]
        if by_band:
            rounded += share_of(inside, terms[band + BAND_RATE])
        if keep:
            total = rounded if by_band else (exact + carry + WHOLE // 2) // WHOLE
            trail[on + SLICE + number] = inside
            trail[on + SLICE_PAID + number] = total - told
            told = total
    if not by_band:
        rounded = (exact + carry + WHOLE // 2) // WHOLE
        counters[terms[at + CARRY_SLOT]] = exact + carry - rounded * WHOLE
    cut = max((uncut + WHOLE // 2) // WHOLE - rounded, 0) if uncut > exact else 0
    return rounded, cut


@kernel
def hold_to_ceilings(terms, at, facts, counters, trail, on, payable, deducted, start, stop, keep):
    """The payment the ceilings allow, what lies beyond them, and which one bound it (-1: none)."""
    allowed, bound, binding = payable, -1, 0
    costs = terms[at + COSTS]
    limit = ceilings_from(terms, at) + costs * CEILING_WIDTH
    for index in range(costs, terms[at + CEILINGS]):
        room = max(limit_of(terms, facts, limit) - counters[terms[limit + LIMIT_SLOT]], 0)
        if room < allowed:
            allowed, bound, binding = room, index, limit
        limit += CEILING_WIDTH
    beyond = 0
    if bound >= 0:
        if keep:
            trail[on + LIMIT_LEFT] = allowed
        if terms[at + MODE] == PAY:
            beyond = payable - allowed
            if terms[binding + LIMIT_BEYOND] == AS_EXPENSE:
                off = deducted if terms[at + DUE_OFF_PAYMENT] else 0
                beyond = stop - start - expense_for(terms, at, start, stop, allowed + off)
    return allowed, beyond, bound


@kernel
def expense_for(terms, at, start, stop, payment):
    """The cost whose share is just the payment: a ceiling on payment turned back into cost (R45)."""
    cost, low = 0, 0
    rest = payment * WHOLE
    band = at + BAND
    for _ in range(terms[at + BANDS]):
        inside = max(min(stop, terms[band + BAND_TO]) - max(start, low), 0)
        low = terms[band + BAND_TO]
        rate = terms[band + BAND_RATE]
        if inside * rate > rest:
            return min(cost + (2 * rest + rate) // (2 * rate), stop - start)
        cost += inside
        rest -= inside * rate
        band += BAND_WIDTH
    return cost


@kernel
def take_off(terms, at, sees, left, amount):
    """Take the payment off the kinds in their order."""
    rest = amount
    for index in range(terms[at + SEES], terms[at + SEES] + terms[at + SEES_COUNT]):
        bucket = sees[index]
        taken = min(rest, left[bucket])
        left[bucket] -= taken
        rest -= taken
    assert rest == 0


@kernel
def tell_apart(charge, left, deducted, over, cut):
    """What is left in scope becomes deductible, beyond a ceiling, lost to a malus, or own share."""
    rest = left[charge + IN_SCOPE]
    left[charge + IN_SCOPE] = 0
    part = min(rest, deducted)
    left[charge + DEDUCTIBLE] += part
    rest -= part
    part = min(rest, over)
    left[charge + OVER_CEILING] += part
    rest -= part
    part = min(rest, cut)
    left[charge + RATE_CUT] += part
    left[charge + SHARE] += rest - part


@kernel
def share_of(amount, rate):
    """`rate` of `amount`; half a fen rounds up."""
    return (amount * rate + WHOLE // 2) // WHOLE
