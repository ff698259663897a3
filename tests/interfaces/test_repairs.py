"""Repairs that fit: what a counter sees when a file is saved wrongly, a place is written in Chinese, a figure is mistyped."""

import os
from pathlib import Path

import pytest
import yaml

from conftest import POLICIES
from duoceng.base.mistakes import Mistake, Mistakes, Place, Refused
from duoceng.cli.show_mistakes import words_of
from duoceng.desk.year import settle_year
from duoceng.interfaces.bill_file import read_case, read_file
from duoceng.interfaces.mistakes_zh import in_chinese
from duoceng.interfaces.system_zh import YAML
from duoceng.policy.library import Library, read_text
from duoceng.policy.nodes import read_nodes

BILL = """member: {region: jiangmen, scheme: employee}
bill: {id: b, title: 江门市中心医院, day: 2024-06-03, care: inpatient, level: secondary, referral: local, amounts: {in_scope: 8000}}
"""


def refused(text: str) -> list[Mistake]:
    """The mistakes of a bill, in Chinese."""
    library = Library(POLICIES)
    try:
        case = read_case(text, "bill.yaml", library.vocabulary)
        settle_year(library, case.member, case.bills)
    except Refused as found:
        return [in_chinese(m) for m in found.mistakes]
    return []


@pytest.mark.parametrize(
    "data, what, repair",
    [
        (BILL.encode("gbk"), "以 GBK 编码保存", "编码选 UTF-8"),
        (BILL.encode("utf-16"), "以 UTF-16 编码保存", "编码选 UTF-8"),
        (bytes(range(256)), "这不是文本", "YAML 或 JSON"),
    ],
    ids=["gbk", "utf-16", "no text"],
)
def test_a_file_that_is_not_utf8_says_what_it_is(data: bytes, what: str, repair: str, tmp_path: Path) -> None:
    path = tmp_path / "bill.yaml"
    path.write_bytes(data)
    for read in (lambda: read_file(str(path)), lambda: read_file("-", lambda most: data[:most])):
        with pytest.raises(Refused) as found:
            read()
        mistake = in_chinese(found.value.mistakes[0])
        assert what in mistake.what
        assert repair in mistake.repair
    noted = Mistakes()
    read_text(path, noted)
    assert what in in_chinese(noted.found[0]).what


def test_a_file_that_may_not_be_read_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(Refused) as found:
        read_file("bill.yaml")

    assert in_chinese(found.value.mistakes[0]).what == "没有读取权限"


@pytest.mark.parametrize(
    "old, new, code, what, repair",
    [
        ("2024-06-03", "0001-06-03", "B006", "0001-06-03 不在 1980-01-01 至 2100-12-31 之内", "核对所写的内容"),
        ("8000", "1000000000000", "B004", "1000000000000 元超过这里结算的任何账单", "核对所写的内容"),
        (
            "8000",
            "8千",
            "B004",
            "'8千' 不是以元为单位的金额，例如 1300 或 1300.05",
            "以元为单位，小数不超过两位，例如 1300",
        ),
        ("scheme: employee", "scheme: employee, age: -1", "B009", "age 不能是负数（-1）", "写整数"),
        ("jiangmen", "江门", "B030", "这里没有 `江门` 的政策", "是否想写 `jiangmen` 江门市？全部名称见 COVERAGE.md"),
        (
            "jiangmen",
            "江门市",
            "B030",
            "这里没有 `江门市` 的政策",
            "是否想写 `jiangmen` 江门市？全部名称见 COVERAGE.md",
        ),
    ],
)
def test_the_repair_fits(old: str, new: str, code: str, what: str, repair: str) -> None:
    mistake = refused(BILL.replace(old, new, 1))[0]

    assert (mistake.code, mistake.what, mistake.repair) == (code, what, repair)


@pytest.mark.parametrize("text", ["", "\n", "# later\n"])
def test_an_empty_bill_is_told_what_a_bill_holds(text: str) -> None:
    assert "`member:` 和 `bill:`" in refused(text)[0].repair


BROKEN = ["a: b: c", "a: {b: 1", "a: [1", "a: 'x", "a: \"\\q\"", "a:\n\t- 1", "a: 1\n b: 2", "- a\nb", "a: @x", "a: *", "--- 1\n--- 2",
          "a: 1\n- 2", "{a: 1}}", "a: |\n x\n--- 3", "key\nb: 1", "? a\n  b", "%TAG x", "a: &x", "a: \x07"]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_reasons_of_the_yaml_reader_are_told_in_chinese(text: str) -> None:
    mistakes = Mistakes()
    read_nodes(text, "a.yaml", mistakes)
    for mistake in mistakes.found:
        reason = in_chinese(mistake).what.removeprefix("不是可读的 YAML：")
        assert any("一" <= c <= "鿿" for c in reason), reason


def test_the_reader_of_yaml_still_says_what_we_know() -> None:
    said = set()
    for text in BROKEN:
        try:
            yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError as error:
            said.add(getattr(error, "problem", None))

    assert len(said & YAML.keys()) > 6


def test_words_of_the_system_are_told_in_chinese() -> None:
    mistake = Mistake("B036", Place("x"), f"cannot be written: {os.strerror(28)}")

    assert in_chinese(mistake).what == "不能写入：磁盘已满"


def test_a_remark_in_english_is_left_out_of_chinese() -> None:
    what = "p.q: not verified: share of `basic` (machine-written page)"
    mistake = Mistake("P035", Place("x"), what)

    assert in_chinese(mistake).what == "p.q：`basic` 的支付比例未核实"
    assert "machine-written page" in words_of(mistake, {}, "en")
