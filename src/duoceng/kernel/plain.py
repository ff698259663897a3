"""Pay one plain layer: most rows ask for no rare move, and say so (`PLAIN`); they are paid in one go.

Plain is a layer that pays shares of what it sees above a fixed deductible, up to fixed ceilings on payment, rounded once.
What it does is what `layer.pay_step` does with such a row, to the last number of the trail and of the running sums; a test
pays plain rows both ways.
"""

from collections.abc import Sequence

from duoceng.kernel.columns import (
    ABOVE,
    AS_BILLED,
    AS_PAYMENT,
    BAND,
    BAND_RATE,
    BAND_UNCUT,
    BAND_WIDTH,
    BANDS,
    BEYOND_OF,
    BOUND_BY,
    CARRY_SLOT,
    CEILING_WIDTH,
    CEILINGS,
    CHARGE,
    COSTS,
    CREDIT_LAYERS,
    DEDUCTED,
    DUE,
    DUE_BEFORE,
    DUE_HIGH,
    DUE_LOW,
    DUE_OFF_PAYMENT,
    DUE_PER,
    DUE_RATE,
    DUE_SLOT,
    DUE_WHOLE,
    FIRST_RATE,
    FROM_ZERO,
    LIMIT,
    LIMIT_BEYOND,
    LIMIT_LEFT,
    LIMIT_PER,
    LIMIT_RATE,
    LIMIT_SLOT,
    MODE,
    ONE,
    OVER,
    PAID,
    PAID_SLOT,
    PAY,
    PAYABLE,
    RESULT_RATE,
    ROUND,
    ROUND_LAYER,
    RUN_BEFORE,
    RUN_SLOT,
    SEEN,
    SEES,
    SEES_COUNT,
    SLICE,
    SLICE_PAID,
    TELLS,
    WHOLE,
    bands_of,
    ceilings_of,
)
from duoceng.kernel.mark import kernel
from duoceng.kernel.moves import take_off, tell_apart

NOTHING = (COSTS, AS_BILLED, FIRST_RATE, DUE_RATE, DUE_OFF_PAYMENT, CREDIT_LAYERS)


def is_plain(terms: Sequence[int]) -> bool:
    """Does a row ask for plain moves only?"""
    row = tuple(terms)
    return (
        row[MODE] == PAY and row[ROUND] == ROUND_LAYER and row[BEYOND_OF] < 0 and row[RESULT_RATE] == WHOLE
        and not any(row[column] for column in NOTHING) and row[DUE_PER] == ONE and row[DUE_LOW] <= row[DUE] <= row[DUE_HIGH]
        and all(band[BAND_RATE] == band[BAND_UNCUT] for band in bands_of(row))
        and all(limit[LIMIT_PER] == ONE and not limit[LIMIT_RATE] and limit[LIMIT_BEYOND] == AS_PAYMENT for limit in ceilings_of(row))
    )  # fmt: skip


@kernel
def pay_plainly(terms, at, sees, left, counters, trail, on, keep):
    """Fen that a plain layer pays on one charge."""
    first = terms[at + SEES]
    last = first + terms[at + SEES_COUNT]
    seen = 0
    for index in range(first, last):
        seen += left[sees[index]]
    trail[on + OVER] = 0
    if keep:
        trail[on + SEEN] = seen
    if seen <= 0:
        return 0
    due, slot = terms[at + DUE], terms[at + DUE_SLOT]
    before = counters[slot]
    deducted = min(seen, max(due - before, 0))
    counters[slot] = before + deducted
    counted, slot = seen - deducted, terms[at + RUN_SLOT]
    start = counters[slot]
    if keep:
        trail[on + DUE_WHOLE] = due
        trail[on + DUE_BEFORE] = before
        trail[on + DEDUCTED] = deducted
        trail[on + ABOVE] = counted
        trail[on + RUN_BEFORE] = start
        trail[on + BOUND_BY] = -1
    if terms[at + FROM_ZERO]:
        start += deducted
    stop = start + counted
    counters[slot] = stop
    amount, over = 0, 0
    if counted > 0:
        payable = share_plainly(terms, at, counters, trail, on, start, stop, keep)
        amount = hold_plainly(terms, at, counters, trail, on, payable, keep)
        assert 0 <= amount <= seen  # no layer pays more than it was shown
        over = payable - amount
        take_off(terms, at, sees, left, amount)
        trail[on + OVER] = over
        if keep:
            trail[on + PAYABLE] = payable
            trail[on + PAID] = amount
    if terms[at + TELLS]:
        tell_apart(terms[at + CHARGE], left, deducted, over, 0)
    return amount


@kernel
def share_plainly(terms, at, counters, trail, on, start, stop, keep):
    """The share of each slice between two positions, rounded once; what is left of the rounding is carried."""
    slot = terms[at + CARRY_SLOT]
    exact, below, band, told = counters[slot], 0, at + BAND, 0
    for number in range(terms[at + BANDS]):
        within = reached(start, stop, terms[band])
        inside = within - below
        exact += inside * terms[band + BAND_RATE]
        below = within
        band += BAND_WIDTH
        if keep:
            total = (exact + WHOLE // 2) // WHOLE
            trail[on + SLICE + number] = inside
            trail[on + SLICE_PAID + number] = total - told
            told = total
    payable = (exact + WHOLE // 2) // WHOLE
    counters[slot] = exact - payable * WHOLE
    return payable


@kernel
def reached(start, stop, high):
    """How much of the way from start to stop lies below an edge."""
    return min(stop, high) - min(start, high)


@kernel
def hold_plainly(terms, at, counters, trail, on, payable, keep):
    """What the ceilings allow of a payment, noted with them."""
    limit = at + BAND + terms[at + BANDS] * BAND_WIDTH
    amount, count = payable, terms[at + CEILINGS]
    for index in range(count):
        room = max(terms[limit + LIMIT] - counters[terms[limit + LIMIT_SLOT]], 0)
        if keep and room < amount:
            trail[on + BOUND_BY] = index
            trail[on + LIMIT_LEFT] = room
        amount = min(amount, room)
        limit += CEILING_WIDTH
    counters[terms[at + PAID_SLOT]] += amount
    for _ in range(count):
        limit -= CEILING_WIDTH
        counters[terms[limit + LIMIT_SLOT]] += amount
    return amount
