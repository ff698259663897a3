"""No amount that passes the door can leave 64 bits, no bill is lost when something is wrong, and a broken one is named."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from duoceng.base.mistakes import Mistakes, Place, Refused
from duoceng.engine.batch import compiled as c
from duoceng.engine.batch.tables import AMOUNT_MAX, UNITS_MAX, bounded, numbers_of
from duoceng.kernel import columns as k
from duoceng.lab.batch.columns import ColumnMistake, Columns
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.plans import Batch, Years
from duoceng.lab.batch.reasons import reason_of, told
from duoceng.lab.batch.run import settle_table
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options
from duoceng.records.plan import LayerInfo, Plan, Step, Sum

OPTIONS = Options(allow_unverified=True)


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch(Library(find_policies()), OPTIONS)


def bills(**changed: object) -> pa.Table:
    """Two stays of one member of Beijing."""
    columns: dict[str, object] = {
        "member": [1, 1], "bill": [1, 2], "region": ["beijing"] * 2, "scheme": ["employee"] * 2, "status": ["active"] * 2,
        "age": [40, 40], "aid": ["none"] * 2, "care": ["inpatient"] * 2, "level": ["tertiary"] * 2,
        "discharged": [date(2025, 3, 1), date(2025, 5, 1)], "in_scope": [5_000_000, 2_000_000], "outside_scope": [0, 100],
    }  # fmt: skip
    return pa.table(columns | changed)


def test_the_largest_bills_are_settled_to_the_fen(batch: Batch) -> None:
    most = [AMOUNT_MAX, AMOUNT_MAX]
    table = bills(in_scope=most, outside_scope=most, borne_first=most, over_price=most)

    settled = settle_table(batch, Columns(table, batch.dictionary), Wants(trail=True, years=True))

    assert settled.billed.tolist() == [4 * AMOUNT_MAX] * 2
    assert (settled.tiers.sum(axis=0) + settled.member_pays).tolist() == settled.billed.tolist()
    assert (settled.trail >= -1).all()


def test_one_fen_more_is_refused_at_the_door(batch: Batch) -> None:
    columns = Columns(bills(in_scope=[AMOUNT_MAX + 1, 100]), batch.dictionary)

    settled = settle_table(batch, columns)

    assert [(r.row, r.field, r.code) for r in settled.rejects.values()] == [(0, "in_scope", "B004")]
    assert settled.billed.tolist() == [0, 200]


def product_bound() -> int:
    """The largest number any step of the kernel can form, from the bounds of the door and of `bounded`."""
    whole = AMOUNT_MAX * k.KIND_COUNT * 1024  # charges of one bill
    year = AMOUNT_MAX * k.KIND_COUNT * 100_000  # bills of one member
    return max(whole * k.WHOLE // 1024, AMOUNT_MAX * 10 * UNITS_MAX, year, k.BOUNDLESS * 2)


def test_no_product_leaves_64_bits() -> None:
    assert product_bound() < 2**63


def test_a_document_beyond_the_bounds_is_not_compiled() -> None:
    terms = [0] * k.BAND
    terms[k.DUE] = AMOUNT_MAX * 10 + 1
    plan = Plan((LayerInfo("p", "y", "basic", "", "", ""),), (Step(0, 0, tuple(terms), (0,)),), ())

    with pytest.raises(OverflowError, match="beyond"):
        bounded(plan)


def test_a_broken_rule_names_the_bill(batch: Batch) -> None:
    """A row of terms that would pay more than it saw: the assertion inside the compiled loop says whose bill it was."""
    columns = Columns(bills(), batch.dictionary)
    settle_table(batch, columns)
    broken = batch.tables.terms.array.copy()
    try:
        plan = int(settle_table(batch, columns).plan[0]) * c.PLAN_WIDTH
        row = batch.tables.rows.array[batch.tables.plan_rows.array[plan + c.FIRST]]
        batch.tables.terms.array[row + k.BAND + k.BAND_RATE] = 30_000
        batch.tables.terms.array[row + k.DUE] = 0
        with pytest.raises(AssertionError, match="row 1, member 1"):
            settle_table(batch, columns)
    finally:
        batch.tables.terms.array[:] = broken
        batch.state.single[c.MEMBER] = -1


DOOR = [
    ("a negative amount", {"in_scope": [-1, 100]}, 0, "in_scope", "B012"),
    ("an amount near the end of 64 bits", {"in_scope": [2**62 + 5, 100]}, 0, "in_scope", "B004"),
    ("the least number of 64 bits", {"in_scope": [-(2**63), 100]}, 0, "in_scope", "B012"),
    ("no place", {"region": [None, "beijing"]}, 0, "region", "B001"),
    ("a place not here", {"region": ["beijing", "atlantis"]}, 1, "region", "B009"),
    ("no day", {"discharged": [None, date(2025, 5, 1)]}, 0, "discharged", "B001"),
    ("admitted after discharge", {"admitted": [date(2025, 3, 2), None]}, 0, "admitted", "B013"),
    ("a level that is none", {"level": ["tertiary", "palace"]}, 1, "level", "B009"),
    ("an age that cannot be", {"age": [131, 40]}, 0, "age", "B009"),
    ("a product not here", {"products": ["", "moon.cover"]}, 1, "products", "B009"),
    (
        "no amount at all",
        {"in_scope": [None, 100], "outside_scope": pa.array([None, None], pa.int64())},
        0,
        "amounts",
        "B015",
    ),
    ("an answer is missing", {"status": ["active", None]}, 1, "status", "B020"),
]


@pytest.mark.parametrize("case, changed, row, field, code", DOOR, ids=[d[0] for d in DOOR])
def test_a_bad_row_never_stops_a_run(
    batch: Batch, case: str, changed: dict[str, object], row: int, field: str, code: str
) -> None:
    settled = settle_table(batch, Columns(bills(**changed), batch.dictionary, 10))

    assert [(r.row, r.field, r.code) for r in settled.rejects.values()] == [(10 + row, field, code)]
    assert (settled.plan >= 0).tolist() == [at != row for at in range(2)]


@pytest.mark.parametrize("changed, words", [
    ({"in_scope": [1.5, 2.0]}, "decimal point"),
    ({"colour": ["red", "blue"]}, "no such answer"),
])  # fmt: skip
def test_a_column_that_cannot_be_read_is_named(batch: Batch, changed: dict[str, object], words: str) -> None:
    with pytest.raises(ColumnMistake, match=words):
        Columns(bills(**changed), batch.dictionary)


def test_a_table_without_amounts_says_so_of_every_bill(batch: Batch) -> None:
    """A year's end has none, and needs none."""
    table = bills(year_end=[False, True]).drop_columns(["in_scope", "outside_scope"])

    assert {row: fault.code for row, fault in Columns(table, batch.dictionary).faults.items()} == {0: "B015"}


def test_decimals_are_yuan(batch: Batch) -> None:
    yuan = pa.array([50_000, 20_000], pa.decimal128(12, 2))

    plain = settle_table(batch, Columns(bills(), batch.dictionary))
    decimal = settle_table(batch, Columns(bills(in_scope=yuan), batch.dictionary))

    assert np.array_equal(plain.member_pays, decimal.member_pays)


def test_a_years_end_without_its_year_is_refused(batch: Batch) -> None:
    """B025: what the bills of the year left to the member is not among the running sums."""
    columns = Columns(bills(year_end=[False, True]), batch.dictionary)
    brought = Years(
        np.array([0, 1]), np.array([0]), np.array([5]), ["beijing.employee.outpatient/basic#deductible@2025"]
    )

    settled = settle_table(batch, columns, Wants(), brought)

    assert [(r.row, r.field, r.code) for r in settled.rejects.values()] == [(1, "year_end", "B025")]


SUMS = [
    Sum("s", "day", "discharge"), Sum("s", "month", "discharge"), Sum("s", "quarter", "discharge"), Sum("s", "year", "discharge"),
    Sum("s", "year", "discharge", (7, 1)), Sum("s", "year", "discharge", (2, 29)), Sum("s", "life", "discharge"),
    Sum("s", "blocks", "discharge", since=date(2021, 1, 1), block=3), Sum("s", "treatment", "discharge", since=date(2024, 2, 29)),
]  # fmt: skip


@pytest.mark.parametrize("made_of", SUMS, ids=str)
def test_periods_of_many_days_are_those_of_each(made_of: Sum) -> None:
    first, count = date(2019, 12, 25), 2600

    assert numbers_of(made_of, first, count).tolist() == [
        made_of.number(first + timedelta(days=n)) for n in range(count)
    ]


def test_a_reason_is_told_in_the_numbers_and_words_of_each_bill(batch: Batch) -> None:
    """Bills are refused alike whose ages, counts, days and words differ; each is told its own, or none. What a line says, it says."""
    mistakes = Mistakes()
    for words in (
        "x: `basic` says nothing for age 45",
        "x: `basic` says nothing for stay_order 2",
        "x: `basic` says nothing for level village",
        "x: `basic` says nothing for care_place elsewhere",
        "x: `basic` says nothing for item_kind device",
    ):
        mistakes.add("P023", Place("x"), words)
    mistakes.add("P021", Place("x"), "x: not read on 2025-03-01: share of `basic`")
    columns = Columns(bills(age=[45, 52], level=["village", "tertiary"]), batch.dictionary)

    _, code, words = reason_of(Refused(mistakes.found), columns.bill_of(0), batch.library.vocabulary)

    assert code == "P023"
    assert told(words, columns, 1) == (
        "P023 x: `basic` says nothing for age 52; P023 x: `basic` says nothing for stay_order …; "
        "P023 x: `basic` says nothing for level tertiary; P023 x: `basic` says nothing for care_place …; "
        "P023 x: `basic` says nothing for item_kind device; P021 x: not read on 2025-05-01: share of `basic`"
    )


def test_words_without_a_cell_are_refused_alike_and_told_apart(batch: Batch) -> None:
    """P023: no label of Beijing tells these from each other, so they share a reason; it names what each bill says."""
    table = bills(status=["student", "newborn"])

    settled = settle_table(batch, Columns(table, batch.dictionary))

    assert settled.plan[0] == settled.plan[1], "one reason for both"
    assert [(r.row, r.code) for r in settled.rejects.values()] == [(0, "P023"), (1, "P023")]
    for reject, status in zip(settled.rejects.values(), ("student", "newborn"), strict=True):
        assert f"says nothing for status {status}" in reject.reason
