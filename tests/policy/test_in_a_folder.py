"""Mistakes that only a folder of policies shows."""

from pathlib import Path

import pytest

from conftest import POLICIES
from duoceng.base.mistakes import Refused
from duoceng.cli.policy_check import check_policies
from duoceng.desk.year import settle_year
from duoceng.interfaces.bill_file import read_case
from duoceng.policy.check import check_folder
from duoceng.policy.library import Library
from duoceng.policy.nodes import SIZE_MAX, read_nodes

CITED = "cite: s, quote: q, quoted_from: note, status: secondary"
DOCUMENT = """policy: home.resident.inpatient
title: 示例
region: home
kind: example
covers: {scheme: resident, care: inpatient}
year_starts: "01-01"
decided_by: discharge
rounding: layer
sources: {s: {title: t, trust: memory}}
layers:
  - name: basic
    tier: basic
    title: t
    payer: p
    sees: [in_scope]
    deductible: [{from: 2025-01-01, per: stay, amount: AMOUNT, CITED}]
    share: [{from: 2025-01-01, pays: 80%, CITED}]
    ceilings: none
""".replace("CITED", CITED)
INDEXES = """sources: {s: {title: t, trust: memory}}
indexes:
  - {index: home.wage, title: 工资, values: [{year: 2024, value: 100000, cite: s, quote: q, quoted_from: note, status: secondary}]}
"""
BILL = "member: {region: home, scheme: resident}\nbill: {id: b, day: DAY, care: inpatient, amounts: {in_scope: 9000}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder of policies."""
    home = tmp_path / "policies" / "cn" / "home"
    home.mkdir(parents=True)
    (tmp_path / "policies" / "products").mkdir()
    for name in ("vocabulary.yaml", "cn/order.yaml"):
        (tmp_path / "policies" / name).write_text((POLICIES / name).read_text(encoding="utf-8"), encoding="utf-8")
    (home / "indexes.yaml").write_text(INDEXES, encoding="utf-8")
    put(tmp_path / "policies", DOCUMENT.replace("AMOUNT", "500"))
    return tmp_path / "policies"


def put(folder: Path, document: str, name: str = "cn/home/resident-inpatient.yaml") -> None:
    """A document of the folder."""
    (folder / name).write_text(document, encoding="utf-8")


def codes(folder: Path, day: str = "2025-06-01") -> set[str]:
    """Every mistake of a folder, and of settling a bill by it."""
    library = Library(folder)
    check_folder(library)
    found = {m.code for m in library.mistakes.found}
    library.mistakes.found.clear()
    try:
        case = read_case(BILL.replace("DAY", day), "bill.yaml", library.vocabulary)
        settle_year(library, case.member, case.bills)
    except Refused as refused:
        found |= {m.code for m in refused.mistakes}
    return found


def test_a_sound_folder_has_none(folder: Path) -> None:
    assert codes(folder) == set()
    assert check_policies(str(folder)) == 0


def test_an_index_without_the_years_figure(folder: Path) -> None:
    put(folder, DOCUMENT.replace("AMOUNT", "{index: home.wage, times: 5%, of_year: last}"))

    assert codes(folder, "2025-06-01") == set()
    assert codes(folder, "2027-06-01") == {"P026"}


def test_a_printed_figure_that_is_not_its_formula(folder: Path) -> None:
    put(
        folder,
        DOCUMENT.replace(
            "AMOUNT", "{index: home.wage, times: 5%, of_year: last, official: 5000.90, official_for: 2025}"
        ),
    )
    assert codes(folder) == set()

    put(
        folder,
        DOCUMENT.replace("AMOUNT", "{index: home.wage, times: 5%, of_year: last, official: 5001, official_for: 2025}"),
    )
    assert codes(folder) == {"P027"}
    assert check_policies(str(folder)) == 2


def test_a_document_that_lies_elsewhere_and_one_named_twice(folder: Path) -> None:
    put(folder, DOCUMENT.replace("AMOUNT", "500"), "cn/home/other.yaml")

    assert codes(folder) >= {"P029", "P030"}


def test_no_order_of_tiers(folder: Path) -> None:
    (folder / "cn" / "order.yaml").unlink()

    assert codes(folder) == {"P034"}


def test_an_order_that_forgets_a_tier(folder: Path) -> None:
    order = (folder / "cn" / "order.yaml").read_text(encoding="utf-8")
    (folder / "cn" / "order.yaml").write_text(order.replace(" basic,", "", 1), encoding="utf-8")

    assert codes(folder) == {"P036"}


def test_a_document_of_forty_megabytes() -> None:
    from duoceng.base.mistakes import Mistakes

    mistakes = Mistakes()
    assert read_nodes("a" * (SIZE_MAX + 1), "big.yaml", mistakes) is None
    assert [m.code for m in mistakes.found] == ["Y002"]


def test_a_worked_example_that_does_not_come_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worked = "worked:\n  - {id: w, member: {region: home, scheme: resident}, bill: {id: b, day: 2025-02-01, care: inpatient, amounts: {in_scope: 1500}}, expect: {basic: 801}}\n"
    put(folder, DOCUMENT.replace("AMOUNT", "500") + worked)

    assert check_policies(str(folder), lang="en") == 2
    assert "expected 801.00, found 800.00" in capsys.readouterr().out
