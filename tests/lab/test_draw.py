"""What is drawn: the same for the same seed, in order, near the published figures, and settled by the engine."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from conftest import POLICIES
from duoceng.base.mistakes import Refused
from duoceng.desk.trip import settle_bill
from duoceng.lab.drawing.draw import BLOCK
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import Maker, maker_of
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from lab.rows import case_of, line_of

SPREADS = ("real", "even")
BILLS = 4 * BLOCK


@pytest.fixture(scope="module")
def lab() -> Library:
    return Library(POLICIES)


def make(library: Library, spread: str, bills: int = BILLS, **more: object) -> Maker:
    return maker_of(library, population_of(library), Wanted(bills, 7, spread, **more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def drawn(lab: Library) -> dict[str, pa.Table]:
    return {spread: make(lab, spread).group(0)[0] for spread in SPREADS}


@pytest.mark.parametrize("spread", SPREADS)
def test_the_same_seed_draws_the_same(lab: Library, drawn: dict[str, pa.Table], spread: str) -> None:
    """Another plan, and fewer bills: what is drawn does not depend on how many are."""
    again = make(lab, spread, BLOCK + 1000).group(0)[0]

    assert again.equals(drawn[spread].slice(0, BLOCK + 1000))


def test_another_seed_draws_others(lab: Library, drawn: dict[str, pa.Table]) -> None:
    other = maker_of(lab, population_of(lab), Wanted(BLOCK, 8)).group(0)[0]

    assert not other["in_scope"].equals(drawn["real"]["in_scope"].slice(0, BLOCK))


@pytest.mark.parametrize("spread", SPREADS)
def test_rows_stand_by_member_then_day(drawn: dict[str, pa.Table], spread: str) -> None:
    table = drawn[spread]
    member, day, bill = (table[name].to_numpy().astype(np.int64) for name in ("member", "discharged", "bill"))
    same = member[1:] == member[:-1]

    assert (member[1:] >= member[:-1]).all()
    assert (day[1:] >= day[:-1])[same].all()
    assert (bill[1:] > bill[:-1]).all()


@pytest.mark.parametrize("spread", SPREADS)
def test_the_file_has_the_form_agreed(drawn: dict[str, pa.Table], spread: str) -> None:
    table, words = drawn[spread], Library(POLICIES).vocabulary
    assert table.schema.field("discharged").type == pa.date32()
    assert table["discharged"].null_count == 0
    for field in table.schema:
        name = field.name.rpartition("/")[2]
        if name not in words or name == "region":
            continue
        kind = words[name].type
        assert pa.types.is_dictionary(field.type) == (kind in ("choice", "set", "text")), field
        assert (field.type == pa.bool_()) == (kind == "yes_no"), field
        assert (field.type == pa.date32()) == (kind == "day"), field


FIGURES = [
    ("employee", "outpatient", 242, 0.04),
    ("resident", "outpatient", 113, 0.04),
    ("employee", "chronic", 608, 0.2),
    ("resident", "chronic", 451, 0.05),
    ("employee", "inpatient", 11522, 0.1),
    ("resident", "inpatient", 7339, 0.1),
]


@pytest.mark.parametrize("scheme, care, yuan, near", FIGURES)
def test_bills_cost_what_is_published(
    drawn: dict[str, pa.Table], scheme: str, care: str, yuan: int, near: float
) -> None:
    table = drawn["real"]
    mine = table.filter(
        pc.and_(pc.equal(table["scheme"].cast("string"), scheme), pc.equal(table["care"].cast("string"), care))
    )
    mine = mine.filter(pc.invert(mine["year_end"]))
    if mine.num_rows < 300:
        pytest.skip("no place with documents settles it this year")
    total = sum(
        mine[kind].to_numpy().astype(float) for kind in ("in_scope", "borne_first", "over_price", "outside_scope")
    )

    assert total.mean() / 100 == pytest.approx(yuan, rel=near)


def test_stays_are_as_long_and_as_high_as_published(lab: Library, drawn: dict[str, pa.Table]) -> None:
    table = drawn["real"]
    stays = table.filter(pc.and_(pc.equal(table["care"].cast("string"), "inpatient"), pc.invert(table["year_end"])))
    days = stays["discharged"].to_numpy().astype(int) - stays["admitted"].to_numpy().astype("datetime64[D]").astype(int)
    levels = Counter(lab.vocabulary["level"].chain(v)[-1] for v in stays["level"].to_pylist())

    assert days.mean() == pytest.approx(8.6, rel=0.04)
    assert levels["tertiary"] / stays.num_rows == pytest.approx(16104.5 / 29168, abs=0.06)


def test_what_is_left_in_scope(drawn: dict[str, pa.Table]) -> None:
    """0.85 of a bill at level 3, 0.92 at level 1 and below."""
    table = drawn["real"]
    level = np.array([str(v).startswith("tertiary") or "_tertiary" in str(v) for v in table["level"].to_pylist()])
    money = {k: table[k].to_numpy().astype(float) for k in ("in_scope", "borne_first", "over_price", "outside_scope")}
    share = money["in_scope"][level].sum() / sum(m[level].sum() for m in money.values())

    assert share == pytest.approx(0.85, abs=0.01)


def settled(library: Library, table: pa.Table, count: int) -> tuple[Counter[str], int]:
    """Why bills of a table are refused, and how many are; every place in the table comes into it."""
    rows = table.take(np.linspace(0, table.num_rows - 1, count).astype(int)).to_pylist()
    why: Counter[str] = Counter()
    refused = 0
    for row in rows:
        member, bill = case_of(row, library.vocabulary)
        try:
            settle_bill(library, member, bill, {}, Options(allow_unverified=True))
        except Refused as stopped:
            refused += 1
            why.update({f"{m.code} {m.what[:90]}" for m in stopped.mistakes})
    return why, refused


def test_real_bills_are_settled(lab: Library, drawn: dict[str, pa.Table]) -> None:
    why, refused = settled(lab, drawn["real"], 300)

    print(f"real: {refused} of 300 refused", why.most_common(10))
    assert refused / 300 < 0.03, why.most_common(10)
    assert not [reason for reason in why if reason.startswith("B020")], "an answer is missing"


def test_even_bills_reach_most_documents(lab: Library, drawn: dict[str, pa.Table]) -> None:
    why, refused = settled(lab, drawn["even"], 300)

    print(f"even: {refused} of 300 refused", why.most_common(10))
    assert refused / 300 < 0.5, why.most_common(10)
    assert not [reason for reason in why if reason.startswith("B020")], "an answer is missing"


def test_even_draws_every_place_and_value(lab: Library, drawn: dict[str, pa.Table]) -> None:
    table = drawn["even"]
    words = lab.vocabulary
    assert set(table["region"].unique().to_pylist()) == {r for r in lab.regions() if lab.of_region(r)}
    for name in ("care", "level", "status", "scheme", "sex", "referral", "aid", "birth"):
        assert set(words[name].values) <= set(table[name].unique().to_pylist()), name
    days = table["discharged"]
    assert (pc.min(days).as_py().year, pc.max(days).as_py().year) == (2019, 2026)
    held = {p for some in table["products"].unique().to_pylist() for p in some.split(";") if p}
    assert held == {p for p in lab.products() if (d := lab.product(p)) and d.kind == "product"}
    assert pc.max(table["in_scope"]).as_py() > 10**9
    assert pc.sum(pc.equal(table["in_scope"], 0)).as_py() > 1000


def test_a_year_s_end_has_no_amounts(drawn: dict[str, pa.Table]) -> None:
    ends = drawn["real"].filter(drawn["real"]["year_end"])

    assert ends.num_rows > 100
    assert pc.sum(ends["in_scope"]).as_py() == 0


def test_lines_come_to_their_bills_and_settle(lab: Library) -> None:
    plain, _ = make(lab, "real", BLOCK).group(0)
    table, lines = make(lab, "real", BLOCK, lines=True).group(0)
    assert lines is not None
    of_bill: dict[int, list[dict[str, object]]] = {}
    for row in lines.to_pylist():
        of_bill.setdefault(row["bill"], []).append(row)
    itemised = table.filter(pc.is_null(table["in_scope"]))

    assert itemised.num_rows == len(of_bill)
    assert itemised.num_rows == pytest.approx(0.1 * BLOCK, rel=0.1)
    refused = 0
    for row in itemised.slice(0, 60).to_pylist():
        before = plain.slice(row["bill"], 1).to_pylist()[0]
        mine = of_bill[row["bill"]]
        assert sum(int(str(one["amount"])) for one in mine) == sum(
            before[k] for k in ("in_scope", "borne_first", "over_price", "outside_scope")
        )
        member, bill = case_of(row, lab.vocabulary, tuple(line_of(one) for one in mine))
        try:
            settle_bill(lab, member, bill, {}, Options(allow_unverified=True))
        except Refused:
            refused += 1
    assert refused <= 3
