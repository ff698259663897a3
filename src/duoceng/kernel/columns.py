"""Where each number stands in the kernel's rows. Plain integers, because compiled loops take nothing else.

`terms`  what one layer does to one charge on one day, written by `policy/rows.py`: fixed columns, then its bands, then
         its ceilings (those on cost and on times first). Rows of different lengths lie end to end; `at` is where one begins
`trail`  what it did, in fen, read by `engine/explain.py`; `on` is where a step's trail begins
`facts`  what the bill says of itself (`FACTS`), so that a limit may be per day or a share of the bill
"""

WHOLE = 10_000  # a rate of 100 %
BOUNDLESS = 10**15  # fen; above every amount that passes the door
BANDS_MAX = 10  # policy/check refuses more
CEILINGS_MAX = 8

# Kinds of money on a charge, in the order of the buckets. GLOSSARY.md gives the official terms.
KINDS = ("in_scope", "deductible", "share", "over_ceiling", "rate_cut",
         "borne_first", "borne_first_elsewhere", "over_price", "outside_scope")  # fmt: skip
IN_SCOPE, DEDUCTIBLE, SHARE, OVER_CEILING, RATE_CUT, BORNE_FIRST, BORNE_FIRST_ELSEWHERE = range(7)
KIND_COUNT = len(KINDS)

# Facts of a bill that limits may be multiplied by or be a share of.
FACTS = ("one", "billed", "in_scope", "days", "hours", "visits", "months", "quantity")
ONE, BILLED_FACT, IN_SCOPE_FACT = range(3)

# How the payable amount of a step comes about.
PAY, TOP_UP, CASH = range(3)
# What a ceiling bounds: money paid, cost above the deductible, cost with it, or the number of times.
PAYMENT, EXPENSE, EXPENSE_WITH_DEDUCTIBLE, TIMES = range(4)
# How the part beyond a payment ceiling is measured.
AS_PAYMENT, AS_EXPENSE = range(2)
# Where a half fen is rounded: once for the layer and bill, or in each band.
ROUND_LAYER, ROUND_BAND = range(2)

# ── terms ──
# What every row needs comes first, so that a plain row (see `plain`) is read from few lines of memory.
PLAIN, LAYER, CHARGE, SEES, SEES_COUNT, TELLS = range(6)
DUE, DUE_SLOT, FROM_ZERO, RUN_SLOT, CARRY_SLOT, PAID_SLOT = range(6, 12)
BANDS, CEILINGS = 12, 13  # how many bands; how many ceilings in all
MODE, COSTS, AS_BILLED, BEYOND_OF, FIRST_RATE, FIRST_KIND = range(14, 20)  # costs: how many ceilings not on payment
DUE_PER, DUE_RATE, DUE_OF, DUE_LOW, DUE_HIGH, DUE_OFF_PAYMENT = range(20, 26)
CREDIT_LAYERS, CREDIT_SLOT, ROUND, RESULT_RATE = range(26, 30)
FIXED, FIXED_PER, FIXED_RATE, FIXED_OF = range(30, 34)
BAND = 34
BAND_TO, BAND_RATE, BAND_UNCUT = range(3)
BAND_WIDTH = 3
AXIS, LIMIT, LIMIT_PER, LIMIT_RATE, LIMIT_OF, LIMIT_SLOT, LIMIT_BEYOND = range(7)
CEILING_WIDTH = 7
SLOTS = (DUE_SLOT, CREDIT_SLOT, RUN_SLOT, CARRY_SLOT, PAID_SLOT)  # columns that name a running sum

# ── trail ──
SEEN, FIRST, DUE_WHOLE, DUE_BEFORE, CREDITED, DEDUCTED, ABOVE, RUN_BEFORE = range(8)
PAYABLE, CUT, OVER, BOUND_BY, LIMIT_LEFT, PAID, TIMES_USED_UP = range(8, 15)
SLICE = 15
SLICE_PAID = SLICE + BANDS_MAX
TRAIL_WIDTH = SLICE_PAID + BANDS_MAX


def bands_of(terms: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The bands of one row: where each ends (fen), the rate paid on it, the rate without what a malus takes."""
    return [terms[at : at + BAND_WIDTH] for at in range(BAND, BAND + terms[BANDS] * BAND_WIDTH, BAND_WIDTH)]


def ceilings_of(terms: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The ceilings of one row, in the order the trail's BOUND_BY counts them."""
    first = BAND + terms[BANDS] * BAND_WIDTH
    return [
        terms[at : at + CEILING_WIDTH] for at in range(first, first + terms[CEILINGS] * CEILING_WIDTH, CEILING_WIDTH)
    ]
