"""The moves of a plain layer down the columns of some lanes: what `kernel.plain` does to one bill, done to many at once.

What is left of each kind, and what each move comes to, is a working column; running sums are fetched from their members and brought
back. The numbers of the layer are the same for all lanes. Columns are worked on in whole steps of eight, so the last ones may hold
what nobody asked for; only what is fetched and brought back goes by the lanes there are.
"""

from duoceng.engine.batch.compiled import KINDS, LOCALS, inner, memory_at, pointer, reached
from duoceng.kernel.columns import (
    BAND,
    BAND_RATE,
    BAND_WIDTH,
    BANDS,
    CARRY_SLOT,
    CEILING_WIDTH,
    CEILINGS,
    DEDUCTIBLE,
    DUE,
    DUE_SLOT,
    FROM_ZERO,
    IN_SCOPE,
    LIMIT,
    LIMIT_SLOT,
    OVER_CEILING,
    PAID_SLOT,
    RUN_SLOT,
    SEES,
    SEES_COUNT,
    SHARE,
    TELLS,
    WHOLE,
)

MEMBERS = 1 << 11  # members of a round at most: as many as have their sums near
WIDE = 128  # lanes that are worked on together: their working columns stay nearest
STEP = 8  # lanes of one instruction

# The working columns: what is left of each kind, and what the moves come to.
(SEEN, DEDUCTED, START, STOP, EXACT, REACHED, PAYABLE, AMOUNT, USED, REST, COVERED, BILLED) = range(KINDS, KINDS + 12)
COLUMNS = KINDS + 12


@inner
def whole_of(exact):
    """A share in fen, of one that is still to be divided by 10,000; exact for what is not negative and below 2**53.

    By multiplications, which go eight at a time where divisions go one by one: 10,000 is 16 times 625, and 2**25 is 53,687 times
    625 and 57 more.
    """
    high, low = exact >> 29, (exact >> 4) & ((1 << 25) - 1)
    return high * 53_687 + (((high * 57 + low) * 1_759_218_605) >> 40)


@inner
def fetch(work, into, columns, at, lanes, on, count):
    """Numbers of the lanes from `on` into a working column."""
    for lane in range(count):
        work[into + lane] = columns[at + lanes[on + lane]]


@inner
def bring(work, of, columns, at, lanes, on, count):
    """A working column back to its lanes."""
    for lane in range(count):
        columns[at + lanes[on + lane]] = work[of + lane]


@inner
def fill(work, into, number, wide):
    """One number for all lanes."""
    for lane in range(wide):
        work[into + lane] = number


@inner
def see_lanes(terms, at, sees, work, wide):
    """What is left of the kinds a layer sees."""
    first = terms[at + SEES]
    of = sees[first] * WIDE
    for lane in range(wide):
        work[SEEN * WIDE + lane] = work[of + lane]
    for index in range(first + 1, first + terms[at + SEES_COUNT]):
        of = sees[index] * WIDE
        for lane in range(wide):
            work[SEEN * WIDE + lane] += work[of + lane]


@inner
def deduct_lanes(terms, at, work, sums, members, on, count, wide):
    """What is borne of what is seen, less what this period has borne."""
    due, slot = terms[at + DUE], terms[at + DUE_SLOT] - LOCALS
    if slot < 0:
        for lane in range(wide):
            work[DEDUCTED * WIDE + lane] = min(work[SEEN * WIDE + lane], due)
        return
    fetch(work, USED * WIDE, sums, slot * MEMBERS, members, on, count)
    for lane in range(wide):
        deducted = min(work[SEEN * WIDE + lane], max(due - work[USED * WIDE + lane], 0))
        work[DEDUCTED * WIDE + lane] = deducted
        work[USED * WIDE + lane] += deducted
    bring(work, USED * WIDE, sums, slot * MEMBERS, members, on, count)


@inner
def run_lanes(terms, at, work, sums, members, on, count, wide):
    """From where to where the cost moves the running sum that the bands are measured on."""
    slot = terms[at + RUN_SLOT] - LOCALS
    if slot < 0:
        fill(work, START * WIDE, 0, wide)
    else:
        fetch(work, START * WIDE, sums, slot * MEMBERS, members, on, count)
    from_zero = -terms[at + FROM_ZERO]
    for lane in range(wide):
        deducted = work[DEDUCTED * WIDE + lane]
        start = work[START * WIDE + lane] + (deducted & from_zero)
        work[START * WIDE + lane] = start
        work[STOP * WIDE + lane] = start + work[SEEN * WIDE + lane] - deducted
    if slot >= 0:
        bring(work, STOP * WIDE, sums, slot * MEMBERS, members, on, count)


@inner
def share_lanes(terms, at, work, sums, members, on, count, wide):
    """The share of each slice, rounded once; what is left of the rounding is carried."""
    slot = terms[at + CARRY_SLOT] - LOCALS
    if slot < 0:
        fill(work, EXACT * WIDE, WHOLE // 2, wide)
    else:
        fetch(work, EXACT * WIDE, sums, slot * MEMBERS, members, on, count)
        for lane in range(wide):
            work[EXACT * WIDE + lane] += WHOLE // 2
    fill(work, REACHED * WIDE, 0, wide)
    for band in range(at + BAND, at + BAND + terms[at + BANDS] * BAND_WIDTH, BAND_WIDTH):
        high, rate = terms[band], terms[band + BAND_RATE]
        for lane in range(wide):
            below = reached(work[START * WIDE + lane], work[STOP * WIDE + lane], high)
            work[EXACT * WIDE + lane] += (below - work[REACHED * WIDE + lane]) * rate
            work[REACHED * WIDE + lane] = below
    for lane in range(wide):
        payable = whole_of(work[EXACT * WIDE + lane])
        work[PAYABLE * WIDE + lane] = payable
        work[EXACT * WIDE + lane] -= payable * WHOLE + WHOLE // 2
    if slot >= 0:
        bring(work, EXACT * WIDE, sums, slot * MEMBERS, members, on, count)


@inner
def hold_lanes(terms, at, work, sums, members, on, count, wide):
    """What the ceilings allow of the payment, noted with them."""
    for lane in range(wide):
        work[AMOUNT * WIDE + lane] = work[PAYABLE * WIDE + lane]
    first = at + BAND + terms[at + BANDS] * BAND_WIDTH
    last = first + terms[at + CEILINGS] * CEILING_WIDTH
    for limit in range(first, last, CEILING_WIDTH):
        most, slot = terms[limit + LIMIT], terms[limit + LIMIT_SLOT] - LOCALS
        if slot < 0:
            for lane in range(wide):
                work[AMOUNT * WIDE + lane] = min(work[AMOUNT * WIDE + lane], most)
        else:
            fetch(work, USED * WIDE, sums, slot * MEMBERS, members, on, count)
            for lane in range(wide):
                work[AMOUNT * WIDE + lane] = min(work[AMOUNT * WIDE + lane], max(most - work[USED * WIDE + lane], 0))
    for limit in range(first, last, CEILING_WIDTH):
        note_lanes(terms[limit + LIMIT_SLOT] - LOCALS, work, sums, members, on, count)
    note_lanes(terms[at + PAID_SLOT] - LOCALS, work, sums, members, on, count)


@inner
def note_lanes(slot, work, sums, members, on, count):
    """The payment added to a sum, if it is one that is kept."""
    if slot >= 0:
        for lane in range(count):
            sums[slot * MEMBERS + members[on + lane]] += work[AMOUNT * WIDE + lane]


@inner
def take_lanes(terms, at, sees, work, wide):
    """The payment taken off the kinds in their order; what is left in scope told apart."""
    first = terms[at + SEES]
    for lane in range(wide):
        amount = work[AMOUNT * WIDE + lane]
        work[REST * WIDE + lane] = amount
        work[COVERED * WIDE + lane] += amount
    for index in range(first, first + terms[at + SEES_COUNT]):
        of = sees[index] * WIDE
        for lane in range(wide):
            taken = min(work[REST * WIDE + lane], work[of + lane])
            work[of + lane] -= taken
            work[REST * WIDE + lane] -= taken
    if terms[at + TELLS]:
        for lane in range(wide):
            rest = work[IN_SCOPE * WIDE + lane]
            deducted = min(rest, work[DEDUCTED * WIDE + lane])
            over = min(rest - deducted, work[PAYABLE * WIDE + lane] - work[AMOUNT * WIDE + lane])
            work[IN_SCOPE * WIDE + lane] = 0
            work[DEDUCTIBLE * WIDE + lane] += deducted
            work[OVER_CEILING * WIDE + lane] += over
            work[SHARE * WIDE + lane] += rest - deducted - over


@inner
def lay_lanes(bills, work, rows, on, count, wide):
    """The amounts of the bills into the columns of their kinds, and what they come to."""
    for kind in range(KINDS):
        fill(work, kind * WIDE, 0, wide)
    fill(work, COVERED * WIDE, 0, wide)
    fill(work, BILLED * WIDE, 0, wide)
    money, kind_of = pointer(bills.money), pointer(bills.money_kind)
    for column in range(len(bills.money_kind)):
        into = kind_of[column] * WIDE
        fetch(work, into, memory_at(money[column]), 0, rows, on, count)
        for lane in range(wide):
            work[BILLED * WIDE + lane] += work[into + lane]


@inner
def note_paid(work, tiers, at, rows, on, count):
    """What a layer paid, in the column of its tier. Returns a bill of which it paid more than it was shown, or -1."""
    wrong = -1
    for lane in range(count):
        amount, row = work[AMOUNT * WIDE + lane], rows[on + lane]
        tiers[at + row] += amount
        if amount < 0 or amount > work[SEEN * WIDE + lane]:
            wrong = row
    return wrong


@inner
def note_lefts(out, work, rows, on, count, wide, wants_kinds, n):
    """What is left to the members; which of the bills is not conserved, or -1."""
    billed, member_pays, kinds = pointer(out.billed), pointer(out.member_pays), pointer(out.kinds)
    fill(work, REST * WIDE, 0, wide)
    for kind in range(KINDS):
        for lane in range(wide):
            work[REST * WIDE + lane] += work[kind * WIDE + lane]
        if wants_kinds:
            bring(work, kind * WIDE, kinds, kind * n, rows, on, count)
    wrong = -1
    for lane in range(count):
        row, pays, whole = rows[on + lane], work[REST * WIDE + lane], work[BILLED * WIDE + lane]
        billed[row] = whole
        member_pays[row] = pays
        if whole != pays + work[COVERED * WIDE + lane]:
            wrong = row
    return wrong
