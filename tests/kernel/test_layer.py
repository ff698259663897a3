"""What one layer pays, in both forms of the one source. Amounts are yuan, as in the notices; one row, one case."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.base.money import fen, rate
from duoceng.engine.batch.loop import pay_plan_on_arrays
from duoceng.kernel import columns as k
from duoceng.kernel.layer import pay_plan
from duoceng.kernel.plain import is_plain
from tables import table

# Running sums of the rows made here.
DUE, CREDIT, RUN, CARRY, PAID, LIMIT = range(6)
Run = Callable[..., tuple[list[int], list[int], list[int], list[list[int]]]]


def row(due: str = "0", bands: tuple[tuple[str, str], ...] = (("", "100%"),), **more: int) -> list[int]:
    """A kernel row that sees what is in scope: deductible, bands as (up to, share), and columns by name."""
    terms = [0] * k.BAND
    terms[k.BEYOND_OF], terms[k.RESULT_RATE], terms[k.DUE_HIGH] = -1, k.WHOLE, k.BOUNDLESS
    terms[k.SEES_COUNT], terms[k.TELLS] = 1, 1
    terms[k.DUE], terms[k.DUE_SLOT], terms[k.CREDIT_SLOT] = fen(due), DUE, CREDIT
    terms[k.RUN_SLOT], terms[k.CARRY_SLOT], terms[k.PAID_SLOT] = RUN, CARRY, PAID
    terms[k.BANDS] = len(bands)
    for up_to, share in bands:
        terms += [fen(up_to) if up_to else k.BOUNDLESS, rate(share), rate(share)]
    for name, value in more.items():
        terms[getattr(k, name)] = value
    return terms


def ceiling(terms: list[int], axis: int, limit: str, beyond: int = k.AS_PAYMENT) -> list[int]:
    """The row with one ceiling more."""
    terms = [*terms, axis, fen(limit), 0, 0, 0, LIMIT, beyond]
    terms[k.CEILINGS] += 1
    terms[k.COSTS] += axis != k.PAYMENT
    return terms


def run_with(pay: Callable[..., None], make: Callable[[list[int]], Any]) -> Run:
    """The kernel in one of its forms, on the sequences that form takes."""

    def run(terms: list[list[int]], left: list[int], counters: list[int]) -> Any:
        flat, rows = [], []
        for one in terms:
            rows.append(len(flat))
            flat += one
        facts = [1, sum(left), left[0], *[0] * 5]
        left_, billed, counters_, paid = make(left), make(left), make(counters), make([0] * len(terms))
        trail = make([0] * k.TRAIL_WIDTH * len(terms))
        pay(
            make(flat), make(rows), 0, len(rows), make([0]), left_, billed, make(facts), counters_, paid, trail, 0, True
        )
        trails = [list(map(int, trail[on : on + k.TRAIL_WIDTH])) for on in range(0, len(trail), k.TRAIL_WIDTH)]
        return [int(x) for x in left_], [int(x) for x in counters_], [int(x) for x in paid], trails

    return run


def int64(numbers: list[int]) -> Any:
    return np.array(numbers, np.int64)


run_plain = run_with(pay_plan, list)
run_compiled = run_with(pay_plan_on_arrays, int64)

FORMS = pytest.mark.parametrize("run", [run_plain, run_compiled], ids=["plain", "compiled"])
BASIC = ceiling(row("800", (("50000", "85%"), ("", "90%"))), k.PAYMENT, "200000")
FROM_ZERO = row("1300", (("30000", "85%"), ("40000", "90%"), ("", "95%")), FROM_ZERO=1)

CASES = table("""
    case                      plan        seen          paid before   pays          over ceiling
    nothing seen              basic       0.00          0.00          0.00          0.00
    at the deductible         basic       800.00        0.00          0.00          0.00
    one fen above it          basic       800.01        0.00          0.01          0.00
    half a fen rounds up      basic       800.10        0.00          0.09          0.00
    last fen of band one      basic       50,800.00     0.00          42,500.00     0.00
    first fen of band two     basic       50,800.01     0.00          42,500.01     0.00
    exactly the ceiling       basic       225,800.00    0.00          200,000.00    0.00
    one yuan too far          basic       225,801.00    0.00          200,000.00    0.90
    year nearly used up       basic       10,800.00     199,000.00    1,000.00      7,500.00
    year used up              basic       10,800.00     200,000.00    0.00          8,500.00
    inside band one           from zero   30,000.00     0.00          24,395.00     0.00
    one fen into band two     from zero   30,000.01     0.00          24,395.01     0.00
    two bands whole           from zero   40,000.00     0.00          33,395.00     0.00
""")


@FORMS
@pytest.mark.parametrize("case, plan, seen, before, pays, over", CASES, ids=[c[0] for c in CASES])
def test_layer_pays(run: Any, case: str, plan: str, seen: str, before: str, pays: str, over: str) -> None:
    counters = [0, 0, 0, 0, 0, fen(before)]

    left, _, paid, trails = run([{"basic": BASIC, "from zero": FROM_ZERO}[plan]], [fen(seen), *[0] * 8], counters)

    assert paid == [fen(pays)]
    assert trails[0][k.OVER] == fen(over)
    assert sum(left) == fen(seen) - fen(pays)
    assert left[k.OVER_CEILING] == fen(over)
    assert left[k.IN_SCOPE] == 0


@FORMS
def test_payment_ceiling_is_turned_back_into_cost(run: Any) -> None:
    """Qingyuan (X04): 65,000 at 91 % is the share of a cost of 71,428.57; the rest of the cost goes on."""
    terms = ceiling(row("1200", (("", "91%"),)), k.PAYMENT, "65000", k.AS_EXPENSE)

    left, *_ = run([terms], [fen("300000"), *[0] * 8], [0] * 6)

    assert left[k.OVER_CEILING] == fen("227371.43")
    assert left[k.SHARE] == fen("6428.57")


@FORMS
def test_a_split_cost_adds_up_to_the_whole(run: Any) -> None:
    """The carry keeps what rounding leaves, so that pieces pay as much as the whole."""
    pieces = [fen("33.33"), fen("33.33"), fen("33.34")]
    counters = [0] * 6
    total = 0
    for piece in pieces:
        _, counters, paid, _ = run([row(bands=(("", "66.67%"),))], [piece, *[0] * 8], counters)
        total += paid[0]

    assert total == run([row(bands=(("", "66.67%"),))], [sum(pieces), *[0] * 8], [0] * 6)[2][0] == fen("66.67")


@FORMS
def test_cost_beyond_an_expense_ceiling_is_not_shared(run: Any) -> None:
    terms = ceiling(row("600", (("", "90%"),)), k.EXPENSE, "10000")

    left, counters, paid, _ = run([terms], [fen("20600"), *[0] * 8], [0] * 6)

    assert paid == [fen("9000")]
    assert left[k.OVER_CEILING] == fen("10000")
    assert counters[LIMIT] == fen("10000")
    assert run([terms], [fen("20600"), *[0] * 8], [0, 0, 0, 0, 0, fen("10000")])[2] == [0]


@FORMS
def test_a_malus_is_kept_apart(run: Any) -> None:
    terms = row("0", (("", "70%"),))
    terms[k.BAND + k.BAND_UNCUT] = rate("90%")

    left, *_ = run([terms], [fen("1000"), *[0] * 8], [0] * 6)

    assert (left[k.SHARE], left[k.RATE_CUT]) == (fen("100"), fen("200"))


@FORMS
def test_a_deductible_of_the_year_is_borne_once(run: Any) -> None:
    first = run([row("1000")], [fen("400"), *[0] * 8], [0] * 6)
    second = run([row("1000")], [fen("900"), *[0] * 8], [first[1][0], *[0] * 5])

    assert (first[2], second[2]) == ([0], [fen("300")])


@FORMS
def test_times_used_up_pay_nothing(run: Any) -> None:
    terms = ceiling(row(), k.TIMES, "0.01")

    once = run([terms], [fen("100"), *[0] * 8], [0] * 6)
    again = run([terms], [fen("100"), *[0] * 8], once[1])

    assert (once[2], again[2]) == ([fen("100")], [0])
    assert again[0][k.OVER_CEILING] == fen("100")


# ── plain rows ──

AMOUNTS = st.integers(0, 3_000_000)
PLAIN_ROWS = st.builds(
    lambda due, ends, rates, limits, zero, sees: (due, sorted(ends), rates, limits, zero, sees),
    AMOUNTS, st.lists(st.integers(1, 2_000_000), max_size=3), st.lists(st.integers(0, k.WHOLE), min_size=4, max_size=4),
    st.lists(st.tuples(AMOUNTS, st.integers(5, 6)), max_size=2), st.integers(0, 1),
    st.lists(st.integers(0, k.KIND_COUNT - 1), min_size=1, max_size=4, unique=True),
)  # fmt: skip


def plain_row(due: int, ends: list[int], rates: list[int], limits: Any, zero: int, sees: list[int]) -> list[int]:
    """A row of plain moves, with the running sums of `row` and two for its ceilings."""
    terms = row()[: k.BAND]
    terms[k.DUE], terms[k.FROM_ZERO], terms[k.BANDS], terms[k.CEILINGS] = due, zero, len(ends) + 1, len(limits)
    terms[k.SEES_COUNT], terms[k.TELLS] = len(sees), int(k.IN_SCOPE in sees)
    for end, share in zip([*ends, k.BOUNDLESS], rates, strict=False):
        terms += [end, share, share]
    for limit, slot in limits:
        terms += [k.PAYMENT, limit, 0, 0, 0, slot, k.AS_PAYMENT]
    assert is_plain(terms)
    return terms


@settings(max_examples=400, deadline=None)
@given(st.lists(PLAIN_ROWS, min_size=1, max_size=3), st.lists(AMOUNTS, min_size=k.KIND_COUNT, max_size=k.KIND_COUNT),
       st.lists(AMOUNTS, min_size=7, max_size=7), st.integers(-5000, 4999))  # fmt: skip
def test_plain_rows_are_paid_as_any_row(parts: Any, left: list[int], counters: list[int], carry: int) -> None:
    """In one go or move by move, in Python or compiled: the same money, running sums and trail."""
    counters[CARRY] = carry
    found = []
    for plain, pay, make in (
        (1, pay_plan, list),
        (0, pay_plan, list),
        (1, pay_plan_on_arrays, int64),
        (0, pay_plan_on_arrays, int64),
    ):
        flat, rows, looked = [], [], []
        for layer, part in enumerate(parts):
            terms = plain_row(*part)
            terms[k.PLAIN], terms[k.SEES], terms[k.LAYER] = plain, len(looked), layer
            rows.append(len(flat))
            flat, looked = flat + terms, looked + part[-1]
        sequences = [make(left), make(left), make([1, sum(left), left[0], 0, 0, 0, 0, 0]), make(counters), make([0] * len(rows)),
                     make([0] * k.TRAIL_WIDTH * len(rows))]  # fmt: skip
        pay(make(flat), make(rows), 0, len(rows), make(looked), *sequences, 0, True)
        found.append([[int(number) for number in sequence] for sequence in sequences])
    assert all(other == found[0] for other in found)


RARE = {"MODE": k.TOP_UP, "COSTS": 1, "AS_BILLED": 1, "FIRST_RATE": 1000, "DUE_RATE": 100, "DUE_PER": 3, "DUE_LOW": 90_000, "DUE_HIGH": 100,
        "DUE_OFF_PAYMENT": 1, "CREDIT_LAYERS": 2, "BEYOND_OF": 0, "ROUND": k.ROUND_BAND, "RESULT_RATE": 5000}  # fmt: skip


@pytest.mark.parametrize("column", RARE)
def test_a_row_with_a_rare_move_is_not_plain(column: str) -> None:
    assert is_plain(row("800"))
    assert not is_plain(row("800", **{column: RARE[column]}))


@pytest.mark.parametrize("part, value", [(k.LIMIT_RATE, 1), (k.LIMIT_PER, 3), (k.LIMIT_BEYOND, k.AS_EXPENSE)])
def test_a_ceiling_that_is_worked_out_is_not_plain(part: int, value: int) -> None:
    terms = ceiling(row("800"), k.PAYMENT, "100")
    assert is_plain(terms)
    terms[part - k.CEILING_WIDTH] = value
    assert not is_plain(terms)


def test_a_share_that_a_malus_lowers_is_not_plain() -> None:
    terms = row("800")
    terms[k.BAND + k.BAND_UNCUT] += 1
    assert not is_plain(terms)
