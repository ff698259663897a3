"""Where two results part: the first step that differs, and what decided it."""

from dataclasses import replace

import pytest

from conftest import ROOT
from duoceng.desk.year import settle_year
from duoceng.engine.compare import Comparison, compare
from duoceng.interfaces.bill_file import Case, read_case
from duoceng.policy.library import Library
from duoceng.policy.plan import Options

DEMO = ROOT / "examples" / "shanghai-five-layers.yaml"


@pytest.fixture
def demo(library: Library) -> Case:
    return read_case(DEMO.read_text(encoding="utf-8"), DEMO.name, library.vocabulary)


def compared(library: Library, one: Case, two: Case) -> Comparison:
    first, second = (
        settle_year(library, case.member, case.bills, Options(allow_unverified=True)).settlements[0]
        for case in (one, two)
    )
    return compare(first, second, "en")


def test_a_result_does_not_part_from_itself(library: Library, demo: Case) -> None:
    assert compared(library, demo, demo).first is None


def test_another_hospital_parts_at_the_deductible_and_shows_its_clause(library: Library, demo: Case) -> None:
    other = replace(demo.bills[0], attributes={**demo.bills[0].attributes, "level": "secondary"})

    first = compared(library, demo, replace(demo, bills=(other,))).first

    assert first is not None
    assert (first.layer, first.move) == ("shanghai.resident.inpatient/basic", "deductible")
    assert (first.first, first.second) == (30_000, 10_000)
    assert first.clauses[0] is not None and "三级医疗机构300元" in first.clauses[0].quote


def test_a_product_no_longer_held_is_named_first_though_the_lines_fall_together_anew(
    library: Library, demo: Case
) -> None:
    """Without the product nobody asks what the money was for: three charges become one, and still the layers above are alike."""
    fewer = replace(demo.member, products=demo.member.products[1:])

    comparison = compared(library, demo, replace(demo, member=fewer))

    assert [p.layer for p in comparison.partings][:2] == [
        "shanghai.huhuibao.2023/inpatient-drugs",
        "shanghai.huhuibao.2023/inpatient-materials",
    ]
    assert {p.layer for p in comparison.partings[2:]} == {"zhenai.million-medical/general"}
