"""Tables of offices: Chinese and English words, yuan and fen, the encodings of Excel, and cells that cannot be read."""

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from duoceng.base.mistakes import Refused
from duoceng.cli import explain
from duoceng.cli.batch import Asked, run
from duoceng.interfaces.bill_table import headings, read_bill_table
from duoceng.interfaces.mistakes_zh import chinese, chinese_reason
from duoceng.interfaces.output import wanted
from duoceng.policy.library import Library, find_policies

HEADS = [
    "参保人",
    "单据号",
    "统筹区",
    "险种",
    "人员类别",
    "年龄",
    "救助身份",
    "医疗类别",
    "医院等级",
    "出院日期",
    "政策范围内费用",
    "全自费",
]
ROWS = [
    ["张三", "1", "北京市", "职工医保", "在职", "40", "非救助对象", "住院", "三级医院", "2025/3/1", "50,000.00", "100"],
    ["张三", "2", "beijing", "employee", "active", "40", "none", "inpatient", "tertiary", "2025-05-01", "20000", ""],
]
HOW = explain.How("", (), True, "zh")


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(find_policies())


def written(path: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows), encoding=encoding)
    return path


def heads(library: Library) -> list[str]:
    known = headings(library)
    return [head for head in HEADS if head in known]


def test_every_heading_is_known(library: Library) -> None:
    assert heads(library) == HEADS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_words_of_either_language_are_the_same_bills(library: Library, tmp_path: Path, encoding: str) -> None:
    table = read_bill_table(written(tmp_path / "b.csv", [HEADS, *ROWS], encoding), library)

    first, second = table.table.to_pylist()
    assert table.chinese
    assert table.faults == ()
    same = ("member", "region", "scheme", "status", "age", "aid", "care", "level")
    assert {name: first[name] for name in same} == {name: second[name] for name in same}
    assert (first["in_scope"], first["outside_scope"], second["outside_scope"]) == (5_000_000, 10_000, None)


def test_what_cannot_be_read_is_told_of_its_row(library: Library, tmp_path: Path) -> None:
    bad = [*ROWS[0][:9], "2025-02-30", "12.345", "x"]
    table = read_bill_table(written(tmp_path / "b.csv", [HEADS, bad, ROWS[1]]), library)

    assert table.table.num_rows == 1
    assert [(row, column) for row, column, _ in table.faults] == [
        (2, "discharged"),
        (2, "in_scope"),
        (2, "outside_scope"),
    ], "headings stand in row 1"


def test_a_heading_that_nobody_knows(library: Library, tmp_path: Path) -> None:
    with pytest.raises(Refused) as stopped:
        read_bill_table(written(tmp_path / "b.csv", [["参保人", "颜色"], ["a", "b"]]), library)

    assert [m.code for m in stopped.value.mistakes] == ["B042"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_from_table_to_table(tmp_path: Path, suffix: str) -> None:
    """A CSV or Excel file in, the same kind out, in Chinese, in yuan; a bad row is a reject."""
    bad = [*ROWS[0][:1], "3", *ROWS[0][2:9], "soon", "1", "1"]
    bills, out = tmp_path / f"bills{suffix}", tmp_path / f"out{suffix}"
    if suffix == ".xlsx":
        book = Workbook()
        for row in [HEADS, *ROWS, bad]:
            book.active.append(row)
        book.save(bills)
    else:
        written(bills, [HEADS, *ROWS, bad])

    code = run(Asked(str(bills), str(out), True, False, "", "", False, 1, "", False, "", "", (), True, True))

    rows, rejects = (table_of(path) for path in (out, tmp_path / f"out.rejects{suffix}"))
    assert code == 1
    assert rows[0][:3] == ["参保人", "单据号", "费用总额"]
    assert [[row[1], float(row[2])] for row in rows[1:]] == [["1", 50100.0], ["2", 20000.0]]
    assert "基本医保支付" in rows[0]
    assert [[row[0], row[3]] for row in rejects[1:]] == [["4", "出院日期"]], "as the sheet has them"


def test_places_and_schemes_as_offices_write_them(library: Library, tmp_path: Path) -> None:
    rows = [[*ROWS[0][:2], place, scheme, *ROWS[0][4:]] for place, scheme in (("北京", "职工"), ("北京市", "城乡居民"))]
    table = read_bill_table(written(tmp_path / "b.csv", [HEADS, *rows]), library)

    assert table.faults == ()
    assert [(bill["region"], bill["scheme"]) for bill in table.table.to_pylist()] == [
        ("beijing", "employee"),
        ("beijing", "resident"),
    ]


def test_a_word_that_nobody_knows_is_told_with_those_there_are(library: Library, tmp_path: Path) -> None:
    table = read_bill_table(written(tmp_path / "b.csv", [HEADS, [*ROWS[0][:3], "城市", *ROWS[0][4:]]]), library)

    assert table.faults == ((2, "scheme", "`城市` is none of: 职工医保 employee, 居民医保 resident"),)


def test_rejects_are_told_in_the_language_of_the_run(tmp_path: Path) -> None:
    """Several mistakes of a bill, each in Chinese and once; the files of a run name themselves, not what it passed through."""
    bills, out = written(tmp_path / "b.csv", [HEADS, [*ROWS[0][:8], "", *ROWS[0][9:]]]), tmp_path / "out.csv"

    run(Asked(str(bills), str(out), True, False, "", "", False, 1, "", False, "", "", (), False, True))

    [told] = [row[5] for row in table_of(tmp_path / "out.rejects.csv")[1:]]
    assert "账单没有写 `level`（医院等级）（加上 `level: ...`" in told
    assert "the bill does not say" not in told


def test_a_reason_of_several_mistakes() -> None:
    one = "P023 beijing.x: `basic` says nothing for level village (add the cell with its source, or `else:`)"
    other = "B020 the bill does not say `level` (医院等级, hospital level) (add `level: ...`: village 村卫生室)"

    assert chinese_reason(f"{one}; {one}; {other}") == (
        "P023 beijing.x：`basic` 没有 level 为 village 的规定（补上这一格和来源，或写 `else:`）；"
        "B020 账单没有写 `level`（医院等级）（加上 `level: ...`：village 村卫生室）"
    )
    assert chinese_reason("a negative amount") == chinese("a negative amount")
    assert chinese_reason("X999 words of a system") == "X999 words of a system"


def table_of(path: Path) -> list[list[str]]:
    if path.suffix == ".xlsx":
        rows = load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_bill_of_a_sheet_is_explained(tmp_path: Path) -> None:
    """`duoceng explain bills.csv --bill 1`: the statement of the counter, the bill of a bad row refused by the row of the sheet."""
    bad = [*ROWS[0][:1], "3", *ROWS[0][2:10], "", ""]
    bills = written(tmp_path / "bills.csv", [HEADS, *ROWS, bad])
    out = tmp_path / "told.txt"

    explain.run(explain.Asked(str(bills), "2", "", "", "", ""), HOW, wanted("text", "zh", str(out)))

    told = out.read_text(encoding="utf-8")
    assert "张三" in told
    assert "20,000.00" in told
    with pytest.raises(Refused, match=r"bills\.csv row 4") as stopped:
        explain.run(explain.Asked(str(bills), "3", "", "", "", ""), HOW, wanted("text", "zh", str(out)))
    assert stopped.value.mistakes[0].code == "B015"
    with pytest.raises(Refused, match=r"bills\.csv: B057"):
        explain.run(explain.Asked(str(bills), "9", "", "", "", ""), HOW, wanted("text", "zh", str(out)))


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_folder_that_cannot_be_is_told_before_anything_is_settled(tmp_path: Path, name: str) -> None:
    bills = written(tmp_path / "bills.csv", [HEADS, *ROWS])

    with pytest.raises(Refused, match="B036"):
        run(Asked(str(bills), str(bills / name), True, False, "", "", False, 1, "", False, "", "", (), True, True))

    assert [*tmp_path.iterdir()] == [bills]
