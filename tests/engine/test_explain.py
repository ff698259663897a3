"""What a statement says: every move in money that adds up to the payment, and whose bill it is."""

import pytest

from conftest import ROOT
from duoceng.cli.settle import names
from duoceng.desk.year import Year, settle_year
from duoceng.engine.explain import Line, Statement, explain
from duoceng.interfaces.bill_file import Case, read_case
from duoceng.policy.library import Library

BEIJING = ROOT / "examples" / "beijing-year.yaml"


@pytest.fixture
def beijing(library: Library) -> tuple[Case, Year]:
    """A year whose stays pass the ceiling of the pool; the large-amount fund goes on from its cost."""
    case = read_case(BEIJING.read_text(encoding="utf-8"), BEIJING.name, library.vocabulary)
    return case, settle_year(library, case.member, case.bills)


def statement(library: Library, given: tuple[Case, Year], bill: str, lang: str = "zh") -> Statement:
    """The statement of one bill."""
    settlement = given[1].of(bill)
    assert settlement
    return explain(settlement, lang, names(library, given[0], lang), given[0].member)


def moves(lines: list[Line], layer: str) -> list[Line]:
    """The moves below a layer."""
    at = next(n for n, x in enumerate(lines) if x.role == "layer" and layer in x.label)
    below = [n for n, x in enumerate(lines) if n > at and x.role != "move"]
    return lines[at + 1 : below[0]]


@pytest.mark.parametrize("bill", ["stay", "late", "second"])
def test_shares_less_what_the_ceiling_took_are_the_payment(
    bill: str, library: Library, beijing: tuple[Case, Year]
) -> None:
    said = moves(statement(library, beijing, bill).lines, "统筹基金")
    settlement = beijing[1].of(bill)
    assert settlement

    paid = sum(x.amount or 0 for x in said if x.label[0].isdigit() or x.label.startswith("超过"))

    assert paid == settlement.paid_by("basic")


def test_a_ceiling_goes_by_its_official_words_and_shows_money_and_cost(
    library: Library, beijing: tuple[Case, Year]
) -> None:
    said = moves(statement(library, beijing, "stay").lines, "统筹基金")[-2:]

    assert [(x.label, x.detail, x.amount) for x in said] == [
        ("超过“统筹基金年度最高支付限额”", "100,000.00", -14239500),
        ("超过部分对应费用", "149,889.47", None),
    ]


def test_the_head_says_whose_bill_it_is(library: Library, beijing: tuple[Case, Year]) -> None:
    assert dict(statement(library, beijing, "stay").about) == {
        "参保人": "王工（BJ-0001）", "统筹区": "北京市", "险种": "职工医保", "人员类别": "在职", "医疗类别": "住院", "医院等级": "三级",
        "单据": "stay", "入院": "2024-02-20",
    }  # fmt: skip
    assert dict(statement(library, beijing, "stay", "en").about)["scheme"] == "employee scheme"


def test_a_refusal_names_a_wrong_answer_once(library: Library, beijing: tuple[Case, Year]) -> None:
    refused = [x.detail for x in statement(library, beijing, "stay").lines if x.role == "refusal"]

    assert refused == ["救助身份为“非救助对象”"]
