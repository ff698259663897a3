"""A document in words: cells of a table, what was not read, and what differs between days."""

from datetime import date
from pathlib import Path

import pytest

from conftest import POLICIES
from duoceng.base.mistakes import Refused
from duoceng.cli.policy_show import diff, show
from duoceng.policy.library import Library
from duoceng.policy.show import Words, in_words

CITED = "cite: notice art. 9, quote: words, quoted_from: page, status: verified"
DOCUMENT = f"""policy: qingshi.resident.inpatient
title: 青石市居民医保住院待遇
english: Qingshi, residents, in-patient
region: qingshi
kind: public
covers: {{scheme: resident, care: inpatient}}
year_starts: "01-01"
decided_by: discharge
rounding: layer
sources:
  notice: {{title: 青石市居民医保办法, trust: government}}
layers:
  - name: basic
    tier: basic
    title: 居民医保统筹基金
    english: residents' pooled fund
    payer: "390100"
    sees: [in_scope]
    deductible: none
    share:
      - {{from: 2025-01-01, pays: {{by: [level, age], primary: {{"<18": 90%, else: 85%}}, tertiary/secondary: 60%}}, {CITED}}}
      - {{from: 2026-01-01, pays: {{by: [level, age], primary: {{"<18": 95%, else: 85%}}, tertiary/secondary: 60%}}, {CITED}}}
      - {{from: 2027-01-01, gap: 2027 年的比例没有读到, {CITED}}}
    ceilings:
      - name: year
        title: 年度最高支付限额
        versions:
          - {{from: 2025-01-01, limit: 250000, per: year, bounds: payment, beyond_as: payment, {CITED}}}
          - {{from: 2026-01-01, limit: 300000, per: year, bounds: payment, beyond_as: payment, {CITED}}}
gaps: [门诊待遇没有读到]
"""


@pytest.fixture
def invented(tmp_path: Path) -> Library:
    """A folder with one document."""
    folder = tmp_path / "policies"
    (folder / "cn" / "qingshi").mkdir(parents=True)
    (folder / "vocabulary.yaml").write_text(
        (POLICIES / "vocabulary.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (folder / "cn" / "qingshi" / "resident-inpatient.yaml").write_text(DOCUMENT, encoding="utf-8")
    return Library(folder)


def test_a_table_is_shown_cell_by_cell(invented: Library) -> None:
    document = invented.document(invented.paths()[0])
    assert document

    said = in_words(document, date(2025, 6, 1), Words(invented.vocabulary, "zh"))["basic", "share"]

    assert said.cells == {"支付": [("一级 · 年龄 <18", "90%"), ("一级 · 其他", "85%"), ("三级 / 二级", "60%")]}


def test_what_is_shown_is_in_words(invented: Library) -> None:
    words = show(invented, "qingshi.resident.inpatient", "2025-06-01", "zh")

    assert "起付标准  无" in words
    assert ["一级", "·", "年龄", "<18", "90%"] in [row.split() for row in words.splitlines()]
    assert "青石市居民医保办法 art. 9：“words”" in words
    assert "缺口：门诊待遇没有读到" in words
    assert "{" not in words


@pytest.mark.parametrize(
    "day, said",
    [
        ("2024-12-31", "支付比例  没有读到：最早的版本自 2025-01-01 起"),
        ("2027-01-01", "支付比例  没有读到：2027 年的比例没有读到"),
    ],
)
def test_what_was_not_read_says_so(day: str, said: str, invented: Library) -> None:
    assert said in show(invented, "qingshi.resident.inpatient", day, "zh")


def test_without_days_a_document_is_compared_version_by_version(invented: Library) -> None:
    assert diff(invented, "qingshi.resident.inpatient", "", ("", ""), "en").splitlines() == [
        "qingshi.resident.inpatient 2025-01-01 → 2026-01-01",
        "basic · share · pays · level 1 · age <18",
        "  - 90%",
        "  + 95%",
        "basic · ceiling year · limit",
        "  - 250000",
        "  + 300000",
        "",
        "qingshi.resident.inpatient 2026-01-01 → 2027-01-01",
        "basic · share",
        "  - pays: level 1 · age <18 95%, level 1 · else 85%, level 3 / level 2 60%",
        "  + not read: 2027 年的比例没有读到",
    ]


def test_a_day_before_the_first_version_is_no_absence(invented: Library) -> None:
    words = diff(invented, "qingshi.resident.inpatient", "", ("2024-01-01", "2025-01-01"), "en")

    assert "  - not read: the first version begins on 2025-01-01\n  + limit: 250000" in words


@pytest.mark.parametrize(
    "asked, offered",
    [
        ("北京", "beijing.employee.inpatient"),
        ("beijing", "beijing.assistance"),
        ("jiangmen.employee.inpatients", "jiangmen.employee.inpatient"),
    ],
)
def test_a_name_that_is_not_known_offers_near_ones(asked: str, offered: str) -> None:
    with pytest.raises(Refused) as refused:
        show(Library(POLICIES), asked, "", "zh")

    assert offered in refused.value.mistakes[0].repair


def test_every_document_can_be_shown_in_both_languages() -> None:
    library = Library(POLICIES)
    for path in library.paths():
        document = library.document(path)
        assert document
        for lang in ("zh", "en"):
            assert "{by" not in show(library, document.policy, "", lang)
