"""What one layer pays, in both forms of the one source. Amounts are yuan, as in the notices; one row, one case."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from duoceng.base.money import fen, rate
from duoceng.engine.batch.loop import pay_plan_on_arrays
from duoceng.kernel import columns as k
from duoceng.kernel.layer import pay_plan
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


run_plain = run_with(pay_plan, list)
run_compiled = run_with(pay_plan_on_arrays, lambda numbers: np.array(numbers, np.int64))

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
