"""Where each number stands in the kernel's rows. Plain integers, because compiled loops take nothing else.

`terms`  what one layer does to one charge on one day, written by `policy/rows.py`
`trail`  what it did, in fen, read by `engine/explain.py`
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
MODE, LAYER, CHARGE, AS_BILLED, BEYOND_OF = range(5)
FIRST_RATE, FIRST_KIND = 5, 6
DUE, DUE_PER, DUE_RATE, DUE_OF, DUE_LOW, DUE_HIGH, DUE_SLOT = range(7, 14)
CREDIT_LAYERS, CREDIT_SLOT = 14, 15
FROM_ZERO, RUN_SLOT, CARRY_SLOT, ROUND = 16, 17, 18, 19
RESULT_RATE = 20
FIXED, FIXED_PER, FIXED_RATE, FIXED_OF = 21, 22, 23, 24
PAID_SLOT = 25
DUE_OFF_PAYMENT = 26
BANDS, BAND_TO = 27, 28
BAND_RATE = BAND_TO + BANDS_MAX
BAND_UNCUT = BAND_RATE + BANDS_MAX
CEILINGS = BAND_UNCUT + BANDS_MAX
CEILING = CEILINGS + 1
AXIS, LIMIT, LIMIT_PER, LIMIT_RATE, LIMIT_OF, LIMIT_SLOT, LIMIT_BEYOND = range(7)
CEILING_WIDTH = 7
TERMS_WIDTH = CEILING + CEILINGS_MAX * CEILING_WIDTH

# ── trail ──
SEEN, FIRST, DUE_WHOLE, DUE_BEFORE, CREDITED, DEDUCTED, ABOVE, RUN_BEFORE = range(8)
PAYABLE, CUT, OVER, BOUND_BY, LIMIT_LEFT, PAID, TIMES_USED_UP = range(8, 15)
SLICE = 15
SLICE_PAID = SLICE + BANDS_MAX
TRAIL_WIDTH = SLICE_PAID + BANDS_MAX
