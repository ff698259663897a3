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

Rows lie end to end in flat sequences and are reached by their offset (`at` in terms, `on` in the trail), because the
compiled form runs on bare memory. `keep` says whether the whole trail is wanted, or only what later steps read of it.
"""

from duoceng.kernel.columns import (
    AS_BILLED,
    AXIS,
    BEYOND_OF,
    BOUND_BY,
    CASH,
    CEILING_WIDTH,
    CEILINGS,
    CHARGE,
    COSTS,
    CUT,
    DUE_OFF_PAYMENT,
    FIRST,
    FIRST_KIND,
    FIRST_RATE,
    FIXED,
    FIXED_OF,
    FIXED_PER,
    FIXED_RATE,
    IN_SCOPE,
    LAYER,
    LIMIT_SLOT,
    MODE,
    OVER,
    PAID,
    PAID_SLOT,
    PAY,
    PAYABLE,
    PLAIN,
    RESULT_RATE,
    SEEN,
    SEES,
    SEES_COUNT,
    TELLS,
    TIMES,
    TIMES_USED_UP,
    TOP_UP,
    TRAIL_WIDTH,
    WHOLE,
)
from duoceng.kernel.mark import kernel
from duoceng.kernel.moves import (
    ceilings_from,
    deduct,
    hold_to_ceilings,
    pay_deductible,
    run_on,
    share_bands,
    share_of,
    take_off,
    tell_apart,
    times_left,
)
from duoceng.kernel.plain import pay_plainly


@kernel
def pay_plan(terms, rows, first, last, sees, left, billed, facts, counters, paid, trail, on, keep):
    """Pay the steps `rows[first:last]` in order. Changes `left`, `counters`, `paid` (by layer) and `trail` in place."""
    beginning = on
    for step in range(first, last):
        at = rows[step]
        above = beginning + terms[at + BEYOND_OF] * TRAIL_WIDTH
        if terms[at + PLAIN]:
            amount = pay_plainly(terms, at, sees, left, counters, trail, on, keep)
        else:
            amount = pay_step(terms, at, sees, left, billed, facts, counters, paid, trail, on, above, keep)
        paid[terms[at + LAYER]] += amount
        on += TRAIL_WIDTH


@kernel
def pay_step(terms, at, sees, left, billed, facts, counters, paid, trail, on, above, keep):
    """Fen that one layer pays on one charge. `above` is the trail of the step it follows, if it follows one."""
    seen, within = see(terms, at, sees, left, billed, trail, above)
    mode = terms[at + MODE]
    if keep:
        trail[on + SEEN] = seen
    trail[on + OVER] = 0
    if within <= 0 and mode != CASH:
        return 0
    deducted, over, cut, payable = 0, 0, 0, 0
    start, stop = 0, 0
    open_times = mode == TOP_UP or terms[at + COSTS] == 0 or times_left(terms, at, counters)
    if not open_times:
        over = seen if mode == PAY else 0
        if keep:
            trail[on + TIMES_USED_UP] = 1
    elif mode != PAY:
        payable = fixed_amount(terms, at, facts, counters, seen)
    else:
        cost = seen
        if terms[at + FIRST_RATE] > 0:
            cost -= bear_first(terms, at, left, trail, on, seen, keep)
            within = still_left(terms, at, sees, left)
        deducted, counted = pay_deductible(terms, at, facts, counters, paid, trail, on, cost, keep)
        over = cost - deducted - counted
        start, stop = run_on(terms, at, counters, trail, on, deducted, counted, keep)
        payable, cut = share_bands(terms, at, counters, trail, on, start, stop, keep)
        if terms[at + DUE_OFF_PAYMENT]:
            deducted = deduct(terms, at, facts, counters, paid, trail, on, payable, keep)
            payable -= deducted
    allowed, beyond, bound = hold_to_ceilings(
        terms, at, facts, counters, trail, on, payable, deducted, start, stop, keep
    )
    over += beyond
    if terms[at + RESULT_RATE] < WHOLE:
        lowered = share_of(allowed, terms[at + RESULT_RATE])
        cut += allowed - lowered
        allowed = lowered
    amount = allowed
    if mode != CASH:
        assert 0 <= allowed <= seen  # no layer pays more than it was shown
        amount = min(allowed, within)
        take_off(terms, at, sees, left, amount)
        if terms[at + TELLS]:
            tell_apart(terms[at + CHARGE], left, deducted, over, cut)
    trail[on + OVER] = over
    if keep:
        trail[on + PAYABLE] = payable
        trail[on + CUT] = cut
        trail[on + BOUND_BY] = bound
        trail[on + PAID] = amount
    note(terms, at, counters, amount)
    return amount


@kernel
def see(terms, at, sees, left, billed, trail, above):
    """What the layer looks at, and what is left of it: less than it looks at where it measures bills as billed."""
    first = terms[at + SEES]
    last = first + terms[at + SEES_COUNT]
    within = 0
    for index in range(first, last):
        within += left[sees[index]]
    seen = within
    if terms[at + AS_BILLED]:
        seen = 0
        for index in range(first, last):
            seen += billed[sees[index]]
    if terms[at + BEYOND_OF] >= 0:
        seen = min(seen, trail[above + OVER])
        if seen == 0:
            within = 0
    return seen, within


@kernel
def still_left(terms, at, sees, left):
    """What is left of the kinds a layer sees, after some of it was moved elsewhere."""
    total = 0
    for index in range(terms[at + SEES], terms[at + SEES] + terms[at + SEES_COUNT]):
        total += left[sees[index]]
    return total


@kernel
def bear_first(terms, at, left, trail, on, seen, keep):
    """Move the share borne first out of what is in scope."""
    charge = terms[at + CHARGE]
    first = min(share_of(seen, terms[at + FIRST_RATE]), left[charge + IN_SCOPE])
    left[charge + IN_SCOPE] -= first
    left[charge + terms[at + FIRST_KIND]] += first
    if keep:
        trail[on + FIRST] = first
    return first


@kernel
def fixed_amount(terms, at, facts, counters, seen):
    """A benefit in cash, or what is missing to a guaranteed amount."""
    target = terms[at + FIXED] * facts[terms[at + FIXED_PER]] + share_of(
        facts[terms[at + FIXED_OF]], terms[at + FIXED_RATE]
    )
    if terms[at + MODE] == CASH:
        return target
    return min(max(target - counters[terms[at + PAID_SLOT]], 0), seen)


@kernel
def note(terms, at, counters, amount):
    """Add the payment to the ceilings on payment and on times."""
    counters[terms[at + PAID_SLOT]] += amount
    limit = ceilings_from(terms, at)
    costs = terms[at + COSTS]
    for index in range(terms[at + CEILINGS]):
        if index >= costs:
            counters[terms[limit + LIMIT_SLOT]] += amount
        elif terms[limit + AXIS] == TIMES and amount > 0 and terms[at + MODE] != TOP_UP:
            counters[terms[limit + LIMIT_SLOT]] += 1
        limit += CEILING_WIDTH
