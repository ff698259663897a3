"""The commands as a user runs them: exit codes, what goes where, and nothing half-printed."""

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pypdf
import pytest

from conftest import POLICIES, ROOT
from duoceng.interfaces.codes import CODES

EXAMPLE = ROOT / "examples" / "shanghai-five-layers.yaml"
BILL = """member: {id: M1, name: 𡍟㛃·买买提, region: jiangmen, scheme: employee}
bill: {id: b, title: "=1+1 医院", day: 2024-06-03, care: inpatient, level: secondary, referral: unfiled, amounts: {in_scope: 8000, outside_scope: 500}, account: 300}
"""


def duoceng(*arguments: str, given: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command and check its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "duoceng", *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def bill(tmp_path: Path) -> str:
    """A bill file."""
    path = tmp_path / "bill.yaml"
    path.write_text(BILL, encoding="utf-8")
    return str(path)


def test_a_bill_from_the_standard_input() -> None:
    assert "个人负担" in duoceng("settle", "-", given=BILL).stdout
    assert "member pays" in duoceng("settle", "-", "--lang", "en", given=BILL).stdout


def test_json_is_versioned_and_carries_the_whole_trail(bill: str) -> None:
    found = json.loads(duoceng("settle", bill, "--format", "json").stdout)

    assert (found["form"], found["unit"]) == ("duoceng.settlement/1", "fen")
    settled = found["bills"][0]
    assert settled["billed"] == settled["covered"] + settled["member_pays"] == 850000
    assert settled["trail"][0]["moves"]["deducted"] == 150000
    assert settled["trail"][0]["bands"] == [{"slice": 650000, "rate": 7000, "paid": 455000}]
    assert settled["self_pay"]["rate_cut"] == 130000
    assert settled["setlinfo"]["medfee_sumamt"] == "8500.00"
    assert settled["setlinfo"]["acct_pay"] == "300.00"
    assert settled["clauses"][0]["quote"]


def test_every_form_of_a_file_holds_the_same_figure(bill: str, tmp_path: Path) -> None:
    made = {}
    for form in ("text", "json", "html", "pdf", "xlsx"):
        made[form] = tmp_path / f"out.{form}"
        duoceng("settle", bill, "--format", form, "-o", str(made[form]))

    assert "4,550.00" in made["text"].read_text(encoding="utf-8")
    assert "4,550.00" in made["html"].read_text(encoding="utf-8")
    assert "4,550.00" in "".join(page.extract_text() for page in pypdf.PdfReader(made["pdf"]).pages)
    book = openpyxl.load_workbook(made["xlsx"])
    assert [cell.value for cell in book["汇总"][2]][2:5] == [8500, 4550, 3950]
    assert {cell.value for cell in book["结算明细"]["B"]} == {"类别", "总额", "费用", "层", "步骤", "个人"}


def test_every_form_says_whose_bill_it_is(bill: str, tmp_path: Path) -> None:
    made = {form: tmp_path / f"out.{form}" for form in ("text", "html", "json", "xlsx")}
    for form, path in made.items():
        duoceng("settle", bill, "--format", form, "-o", str(path))
    book = openpyxl.load_workbook(made["xlsx"])["汇总"]
    texts = [made[form].read_text(encoding="utf-8") for form in ("text", "html", "json")]
    texts.append(" ".join(str(cell.value) for row in book.iter_rows() for cell in row))

    for text in texts:
        assert all(word in text for word in ("𡍟㛃·买买提", "M1", "江门市", "职工医保"))


def test_pages_of_a_pdf_are_numbered(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    duoceng("settle", str(EXAMPLE), "--allow-unverified", "--format", "pdf", "--lang", "en", "-o", str(out))
    pages = [page.extract_text() for page in pypdf.PdfReader(out).pages]

    assert len(pages) > 1
    assert all(f"page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1))


def test_a_name_never_becomes_markup_or_a_formula(tmp_path: Path) -> None:
    path, out = tmp_path / "bill.yaml", tmp_path / "out.html"
    path.write_text(BILL.replace("=1+1 医院", "<script>alert(1)</script>"), encoding="utf-8")
    duoceng("settle", str(path), "--format", "html", "-o", str(out))

    assert "<script>" not in out.read_text(encoding="utf-8")


def test_html_asks_nobody_for_anything(bill: str) -> None:
    page = duoceng("settle", bill, "--format", "html").stdout

    assert "<script" not in page
    assert "src=" not in page
    assert "@import" not in page
    assert "<link" not in page


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["settle", "nowhere.yaml"], "B019"),
        (["settle", "/"], "B019"),
        (["settle", "/dev/zero"], "B017"),
        (["settle", "BILL", "--format", "word"], "B035"),
        (["settle", "BILL", "--lang", "fr"], "B035"),
        (["settle", "BILL", "--format", "pdf"], "B036"),
        (["settle", "BILL", "--format", "html", "-o", "/nowhere/at/all.html"], "B036"),
        (["settle", "BILL", "--order", "basic,moon"], "B032"),
        (["settle", "BILL", "--order", "basic,basic"], "B032"),
        (["settle", "BILL", "--order", "basic"], "P036"),
        (["whatif", "BILL", "--order", "critical_illness"], "P036"),
        (["policy", "show", "jiangmen.employee.inpatient", "--lang", "fr"], "B035"),
        (["settle", "BILL", "--reform", str(POLICIES / "cn" / "jiangmen" / "employee-inpatient.yaml")], "B033"),
        (["settle", "BILL", "--policies", "/nowhere"], "P033"),
        (["whatif", "BILL", "--set", "hospital"], "B034"),
        (["whatif", "BILL", "--set", "no-such-bill:level=primary"], "B034"),
        (["whatif", "BILL", "--set", "region=beijing"], "B034"),
        (["whatif", "BILL", "--set", "stay_order=2"], "B034"),
        (["policy", "check", "no-such-policy"], "P037"),
        (["policy", "check", "--policies", "/nowhere"], "P033"),
        (["settle", "BILL", "-o", "statement.pdf"], "B035"),
        (["whatif", "BILL", "--drop-product", "held.by.nobody"], "B031"),
        (["whatif", "BILL", "--set", "level=moon"], "B009"),
        (["policy", "show", "jiangmen.employee.inpatients"], "P037"),
        (["help", "X999"], "B056"),
        (["policy", "new", "青石"], "B007"),
        (["policy", "new", "qingshi", "nobody"], "B009"),
        (["policy", "new", "qingshi", "resident", "everything"], "B009"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_printed(arguments: list[str], code: str, bill: str) -> None:
    done = duoceng(*[bill if a == "BILL" else a for a in arguments], code=2)

    assert f" {code} " in done.stderr
    assert done.stdout == ""


def test_pdf_without_its_parts_says_what_to_install(bill: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weasyprint.py").write_text("raise ImportError('no Pango')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    done = duoceng("settle", bill, "--format", "pdf", "-o", str(tmp_path / "out.pdf"), code=2)

    assert " B037 " in done.stderr
    assert not (tmp_path / "out.pdf").exists()


def test_help_knows_every_code() -> None:
    listed = duoceng("help").stdout
    for code, words in CODES.items():
        assert f"{code}  {words[0]}" in listed
    assert "deductible" not in duoceng("help", "B020", "--lang", "en").stdout
    assert duoceng("help", "b020").stdout.startswith("B020")


def test_why_names_the_first_step_where_two_results_part(bill: str, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(BILL.replace("unfiled", "local"), encoding="utf-8")

    words = duoceng("why", bill, str(other), "--lang", "en").stdout
    assert "they first part here: jiangmen.employee.inpatient/basic · deductible  1,500.00 → 600.00" in words
    assert "+2,110.00" in words
    assert "the same, step by step" in duoceng("why", bill, bill, "--lang", "en").stdout


def test_whatif_replays_the_rest_of_the_year(tmp_path: Path) -> None:
    year = tmp_path / "year.yaml"
    one = "care: inpatient, level: secondary, referral: local"
    year.write_text(
        f"member: {{region: jiangmen, scheme: employee}}\nbills:\n"
        f"  - {{id: a, day: 2024-01-03, {one}, amounts: {{in_scope: 620000}}}}\n  - {{id: b, day: 2024-03-03, {one}, amounts: {{in_scope: 20000}}}}\n",
        encoding="utf-8",
    )

    words = duoceng("whatif", str(year), "--set", "a:referral=unfiled", "--lang", "en").stdout

    assert "bill b" in words
    assert "the year so far differs" in words or "beyond a ceiling" in words


STAYS = "  - {{id: {}, day: {}, care: inpatient, level: secondary, referral: local, amounts: {{in_scope: {}}}}}\n"
JANUARY, MARCH = STAYS.format("a", "2024-01-03", 620000), STAYS.format("b", "2024-03-03", 20000)


def year_of(path: Path, *bills: str) -> str:
    """A file with these bills of a year."""
    path.write_text("member: {region: jiangmen, scheme: employee}\nbills:\n" + "".join(bills), encoding="utf-8")
    return str(path)


def test_why_pairs_bills_by_their_ids_and_lists_those_that_stand_alone(tmp_path: Path) -> None:
    one = year_of(tmp_path / "one.yaml", JANUARY, MARCH)
    two = year_of(
        tmp_path / "two.yaml", MARCH, STAYS.format("c", "2024-06-03", 500), STAYS.format("d", "2024-07-03", 500)
    )

    words = duoceng("why", one, two, "--lang", "en").stdout

    assert "bill b\n" in words
    assert "beyond a ceiling  14,920.00 → 0.00 (the year so far differs)" in words
    assert "bill a · 2024-01-03: only in the first, billed 620,000.00" in words
    assert "bill c · 2024-06-03: only in the second" in words
    assert "bill d · 2024-07-03: only in the second" in words


def test_why_pairs_the_one_bill_that_was_renamed(tmp_path: Path) -> None:
    one, two = (
        year_of(tmp_path / "one.yaml", JANUARY, MARCH),
        year_of(tmp_path / "two.yaml", JANUARY, MARCH.replace("id: b", "id: c")),
    )
    words = duoceng("why", one, two, "--lang", "en").stdout

    assert "bill b → c: the two settlements are the same" in words


def test_whatif_and_why_print_the_warnings_of_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "bill.yaml"
    path.write_text(
        "member: {region: shanghai, scheme: resident, status: elderly, age: 67, aid: none}\n"
        "bill: {id: b, day: 2024-03-01, care: inpatient, level: tertiary, diseases: [], amounts: {in_scope: 8000}}\n",
        encoding="utf-8",
    )
    limit = "b：城乡居民医保统筹基金：年度最高支付限额没有读到，未计入。"

    assert limit in duoceng("whatif", str(path), "--set", "level=primary").stdout
    assert limit in duoceng("why", str(path), str(path)).stdout
    assert "没有改变任何内容" in duoceng("whatif", str(path)).stdout
    assert "没有改变任何内容" in duoceng("whatif", str(path), "--set", "level=tertiary").stdout
    assert "没有改变任何内容" not in duoceng("whatif", str(path), "--set", "level=primary").stdout


def test_schema_of_a_bill_accepts_the_bill() -> None:
    import jsonschema
    import yaml

    schema = json.loads(duoceng("schema", "bill").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.load(BILL, yaml.BaseLoader), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.load(BILL.replace("level:", "levle:"), yaml.BaseLoader), schema)


def test_schema_of_policies_accepts_every_document() -> None:
    import jsonschema
    import yaml

    schema = json.loads(duoceng("policy", "schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    for path in [*POLICIES.glob("cn/**/*.yaml"), *POLICIES.glob("products/*.yaml")]:
        if path.name not in ("order.yaml", "indexes.yaml"):
            errors = [
                e.message[:200]
                for e in validator.iter_errors(yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader))
            ]
            assert errors == [], path


def test_new_documents_ask_every_open_question(tmp_path: Path) -> None:
    made = duoceng("policy", "new", "qingshi", "employee", "inpatient").stdout
    assert all(word in made for word in ("deductible:", "share:", "ceilings:", "beyond_as:", "quoted_from:", "worked:"))
    assert "# 文件的标题" in made
    assert "# the notice's own title" in duoceng("policy", "new", "qingshi", "--lang", "en").stdout
    assert "http" not in made


def test_what_is_blank_in_a_new_document_is_called_blank(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "cn" / "qingshi").mkdir(parents=True)
    for name in ("vocabulary.yaml", "cn/order.yaml"):
        (folder / name).write_text((POLICIES / name).read_text(encoding="utf-8"), encoding="utf-8")
    made = duoceng("policy", "new", "qingshi").stdout
    (folder / "cn" / "qingshi" / "resident-inpatient.yaml").write_text(made, encoding="utf-8")

    said = duoceng("policy", "check", "--policies", str(folder), "--lang", "en", code=2).stderr

    assert said.count("P002 nothing is written here yet") == 18
    assert "      4 | title: " in said
    assert {line.split(": ")[1][:4] for line in said.splitlines() if line.startswith("mine/")} == {"P002"}
