"""The open questions behind the page: the same fen as the library, bounded, and nothing left of what was asked."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from conftest import ROOT
from databases import a_database
from desk.desks import a_counter
from duoceng.base.mistakes import Refused
from duoceng.desk.year import Year, settle_year
from duoceng.interfaces.page.start import plain
from duoceng.interfaces.rest.app import application
from duoceng.interfaces.worked import case_in, every_case
from duoceng.kernel.columns import KINDS
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from interfaces.rest.services import settings_for

CASES = 200
SHANGHAI: dict[str, Any] = {
    "case": {
        "member": {"region": "shanghai", "scheme": "resident", "status": "elderly", "age": "70", "aid": "none"},
        "bills": [
            {"id": "1", "discharged": "2024-03-01", "care": "inpatient", "level": "tertiary", "diseases": ["cancer"],
             "amounts": {"in_scope": "118300.37", "borne_first": "4000", "outside_scope": "64120.50"}}
        ],
    }
}  # fmt: skip


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[TestClient]:
    with a_database("sqlite", tmp_path_factory.mktemp("page")) as database:
        counter = a_counter(database, library)
        with TestClient(application(counter.desk, settings_for(counter.clock))) as client:
            yield client


def asked(http: TestClient, name: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = http.post(f"/page/{name}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def changed(**bill: Any) -> dict[str, Any]:
    scenario: dict[str, Any] = json.loads(json.dumps(SHANGHAI))
    scenario["case"]["bills"][0].update(bill)
    return scenario


# ── the number on the page is the number of the engine ──


def figures(year: Year) -> list[Any]:
    return [(s.bill.id, s.billed, s.member_pays, s.cash, [(y.id, p) for y, p in zip(s.plan.layers, s.paid, strict=True)],
             s.self_pay, [sum(c.amounts[n] for c in s.charges) for n in range(len(KINDS))]) for s in year.settlements]  # fmt: skip


def figures_of_page(said: dict[str, Any]) -> list[Any]:
    return [(b["bill"], b["billed"], b["member_pays"], b["cash"], [(y["layer"], y["paid"]) for y in b["layers"]],
             b["self_pay"], [sum(c["amounts"][kind] for c in b["charges"]) for kind in KINDS]) for b in said["year"]["bills"]]  # fmt: skip


def test_every_case_is_the_librarys(http: TestClient, library: Library) -> None:
    compared, refused = 0, 0
    for file, said in every_case(library, ROOT / "tests" / "cases"):
        if said.get("reforms") or said.get("order"):
            continue
        options = Options(allow_unverified=bool(said.get("allow_unverified", False)))
        bills = [plain(b) for b in said.get("bills") or [said["bill"]]]
        body = {"case": {"member": plain(said["member"]), "bills": bills}, "allow_unverified": options.allow_unverified}
        answer = http.post("/page/settle", json=body)
        try:
            case = case_in(said, library, file)
            year = settle_year(library, case.member, case.bills, options)
        except Refused as error:
            assert [m["code"] for m in answer.json()["mistakes"]] == [m.code for m in error.mistakes][:50], said["id"]
            refused += 1
            continue
        if answer.status_code == 422 and {m["code"] for m in answer.json()["mistakes"]} == {"B024"}:
            continue  # the page refuses a bill that no rule covers, as commands do
        assert answer.status_code == 200, (said["id"], answer.text)
        assert figures_of_page(answer.json()) == figures(year), said["id"]
        compared += 1
    assert compared > CASES and refused


def test_what_a_year_carries_on_is_carried(http: TestClient) -> None:
    scenario = changed()
    scenario["case"]["member"] = {
        "region": "beijing",
        "scheme": "employee",
        "status": "active",
        "age": "40",
        "aid": "none",
    }
    bill = {"care": "inpatient", "level": "tertiary", "amounts": {"in_scope": "50000"}}
    scenario["case"]["bills"] = [
        {"id": "1", "discharged": "2024-03-01", **bill},
        {"id": "2", "discharged": "2024-05-01", **bill},
    ]
    said = asked(http, "settle", scenario)

    first, second = said["year"]["bills"]
    assert [b["layers"][0]["paid"] for b in (first, second)] == [
        4_289_500,
        4_344_750,
    ]  # the second stay bears 650 instead of 1,300, at 85 %
    pool = next(
        one for one in said["standing"] if one["layer"] == "beijing.employee.inpatient/basic" and one["of"] == "payment"
    )
    assert pool["limit"] == 10_000_000
    assert pool["used"] == sum(b["layers"][0]["paid"] for b in said["year"]["bills"])


# ── questions ──


def test_a_question_names_what_it_asks_for(http: TestClient) -> None:
    scenario = changed()
    del scenario["case"]["bills"][0]["diseases"]
    said = asked(http, "settle", scenario, 422)

    assert [(m["question"], m["at"]) for m in said["mistakes"]] == [("diseases", "bills.0")]
    assert "level" in said["asked"]


def test_a_mistake_names_its_field(http: TestClient) -> None:
    said = asked(http, "settle", changed(amounts={"in_scope": "12,3x"}), 422)
    assert said["mistakes"][0]["at"] == "bills.0.amounts.in_scope"


def test_unverified_values_are_used_only_where_asked_for(http: TestClient) -> None:
    scenario = changed(diseases=[], hospital_kind="general")
    scenario["case"]["member"] |= {"region": "jinan", "scheme": "employee", "status": "active"}
    assert {m["code"] for m in asked(http, "settle", scenario, 422)["mistakes"]} == {"P035"}

    said = asked(http, "settle", scenario | {"allow_unverified": True})
    bill = said["year"]["bills"][0]
    marked = {c["number"] for c in bill["clauses"] if c["status"] == "unverified"}
    assert marked & {n for line in bill["statement"] for n in line["clauses"]}


# ── side by side, growing, shelf ──


def test_the_first_difference_is_told(http: TestClient) -> None:
    other = changed(level="secondary")
    said = asked(http, "compare", {"scenarios": [SHANGHAI, other, changed(level=None)], "lang": "en"})

    first, second, third = said["sides"]
    assert "against" not in first and third["mistakes"][0]["question"] == "level"
    parting = second["against"][0]["partings"][0]
    assert (parting["move"], parting["first"], parting["second"]) == ("deductible", 30_000, 10_000)
    totals = {row["name"]: row["second"] - row["first"] for row in second["against"][0]["totals"]}
    assert totals["member_pays"] == second["year"]["bills"][0]["member_pays"] - first["year"]["bills"][0]["member_pays"]
    assert sum(amount for name, amount in totals.items() if name.startswith("tier_")) == -totals["member_pays"]


def test_every_point_of_a_growing_bill_adds_up(http: TestClient) -> None:
    said = asked(http, "sweep", {**SHANGHAI, "kind": "in_scope", "most": 40_000_000, "points": 21})
    assert [p["amount"] for p in said["points"]] == [2_000_000 * n for n in range(21)]
    for point in said["points"]:
        assert point["billed"] == sum(point["tiers"].values()) + point["member_pays"]
    again = asked(
        http, "settle", changed(amounts={"in_scope": "400000", "borne_first": "4000", "outside_scope": "64120.50"})
    )
    assert said["points"][-1]["member_pays"] == again["year"]["bills"][0]["member_pays"]


def test_a_product_tried_is_the_product_held(http: TestClient) -> None:
    product, answers = "shanghai.huhuibao.2023", {"pre_existing": "no", "healthy_years": "0"}
    bill = {"settled_by_basic": "yes", "item_kind": "service"}
    said = asked(http, "try", {**changed(**bill), "allow_unverified": True, "products": [product], "answers": answers})
    held = changed(**bill)
    held["case"]["member"]["products"] = [{"policy": product, **answers}]
    settled = asked(http, "settle", held | {"allow_unverified": True})["year"]["bills"][0]

    (row,) = said["products"]
    assert row["paid"] == sum(y["paid"] for y in settled["layers"] if y["layer"].startswith(product)) > 0
    assert row["member_pays"] == settled["member_pays"] == said["without"]["member_pays"] - row["paid"]


def test_nobody_asks_the_impossible(http: TestClient) -> None:
    assert asked(http, "settle", {"case": {"member": {"region": "shanghai"}, "bills": []}}, 422)
    many = changed()
    many["case"]["bills"] = [{**many["case"]["bills"][0], "id": str(n)} for n in range(61)]
    assert asked(http, "settle", many, 422)["mistakes"][0]["code"] == "W002"
    lines = changed(lines=[{"code": "a", "amount": "1", "item_class": "class_a"}])
    del lines["case"]["bills"][0]["amounts"]
    assert asked(http, "sweep", lines, 422)["mistakes"][0]["code"] == "W003"
    assert (
        asked(http, "policy", {"policy": "nowhere.at.all", "day": "2024-01-01"}, 422)["mistakes"][0]["code"] == "W003"
    )
    assert http.post("/page/settle", content=b"[" * 100_000).status_code == 400
    assert http.post("/page/settle", content=b"x" * 1_100_000).status_code == 413


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["member", "bills", "region", "amounts", "in_scope", "lines", "products", "policy", "care", "discharged", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(JUNK, st.sampled_from(["settle", "compare", "sweep", "try", "statement", "policy", "diff", "terms"]))
def test_no_junk_is_an_error_of_ours(http: TestClient, junk: Any, name: str) -> None:
    for body in (
        junk,
        {"case": junk, "products": ["quanminbao.2026"], "format": "json", "scenarios": [{"case": junk}, SHANGHAI]},
    ):
        assert http.post(f"/page/{name}", json=body).status_code in (200, 400, 422)


def test_tables_are_read_as_offices_write_them(http: TestClient) -> None:
    text = "住院费用清单\t\t\t\t\n项目名称\t金额\t等级\t自付比例\t科室\n床位费\t1,200.00\t乙\t10%\t内科\n自费药\t￥300\t丙\t\t\n坏\tabc\t甲\t\t\n合计\t1500\t\t\t\n"
    said = asked(http, "lines", {"text": text})
    assert [(x["name"], x["amount"], x["item_class"]) for x in said["lines"]] == [
        ("床位费", "1200.00", "class_b"),
        ("自费药", "300", "class_c"),
    ]
    assert said["lines"][0]["borne_first"] == "10%"
    assert [f["row"] for f in said["faults"]] == [5] and said["unknown"] == ["科室"]
    assert any("一" <= c <= "鿿" for c in said["faults"][0]["why"])
    assert asked(http, "lines", {"text": "a\tb\n1\t2\n"}, 422)["mistakes"][0]["code"] == "W001"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_files_are_read_like_what_is_pasted(kind: str, http: TestClient, tmp_path: Path) -> None:
    rows = [
        ["项目名称", "金额", "数量", "费用日期", "收费项目等级"],
        ["CT检查", 480.5, 1, "2024年2月3日", "甲"],
        ["耗材", 99, 2, "2024/2/4", "丙"],
    ]
    if kind == "xlsx":
        from openpyxl import Workbook

        book = Workbook()
        for row in rows:
            book.active.append(row)  # type: ignore[union-attr]
        book.save(tmp_path / "lines.xlsx")
        raw = (tmp_path / "lines.xlsx").read_bytes()
    else:
        raw = "\n".join(",".join(map(str, row)) for row in rows).encode("gb18030")
    answer = http.post(f"/page/table?name=lines.{kind}", content=raw).json()
    assert [(x["name"], x["amount"], x["day"]) for x in answer["lines"]] == [
        ("CT检查", "480.5", "2024-02-03"),
        ("耗材", "99", "2024-02-04"),
    ]
    settled = asked(http, "settle", changed(amounts=None, lines=answer["lines"]))
    assert settled["year"]["bills"][0]["billed"] == 57_950
    assert http.post("/page/table?name=x.xlsx", content=b"no workbook").json()["mistakes"][0]["code"] == "W001"


def a_workbook(rows: int = 3) -> bytes:
    from openpyxl import Workbook

    book, raw = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    sheet.append(["项目名称", "金额"])
    for number in range(rows):
        sheet.append([f"item {number}", 1])
    book.save(raw)
    return raw.getvalue()


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=40))
def test_no_broken_workbook_is_an_error_of_ours(http: TestClient, at: int, junk: bytes) -> None:
    raw = a_workbook()
    broken = raw[:at] + junk + raw[at + len(junk) :]
    assert http.post("/page/table?name=a.xlsx", content=broken).status_code in (200, 422)
    assert http.post("/page/table?name=a.csv", content=broken).status_code in (200, 422)


def test_no_table_is_larger_than_a_bill(http: TestClient) -> None:
    assert len(http.post("/page/table?name=a.xlsx", content=a_workbook(2000)).json()["lines"]) == 2000
    for rows in (2001, 20_000):
        assert http.post("/page/table?name=a.xlsx", content=a_workbook(rows)).json()["mistakes"][0]["code"] == "W002"
    swollen = BytesIO()
    with ZipFile(swollen, "w", ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 70_000_000)
    assert http.post("/page/table?name=a.xlsx", content=swollen.getvalue()).json()["mistakes"][0]["code"] == "W002"
    assert asked(http, "lines", {"text": "金额\n" + "1" * 200_000}, 422)["mistakes"][0]["code"] == "W001"


@pytest.mark.parametrize(
    "form, begins",
    [("pdf", b"%PDF"), ("xlsx", b"PK"), ("html", b"<!doctype html>"), ("json", b"{"), ("text", "医疗费用".encode())],
)
def test_statements_come_as_files(form: str, begins: bytes, http: TestClient) -> None:
    answer = http.post("/page/statement", json={**SHANGHAI, "format": form})
    assert answer.status_code == 200 and answer.content.startswith(begins)
    if form == "json":
        assert answer.json()["bills"][0]["member_pays"] == 8_240_054


# ── nothing is kept ──


def test_nothing_is_written_down(http: TestClient, library: Library) -> None:
    service = http.app.state.service  # type: ignore[attr-defined]
    tables = [row["name"] for row in service.desk.database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    before = {name: service.desk.database.row(f"SELECT count(*) AS n FROM {name}")["n"] for name in tables}
    asked(http, "settle", SHANGHAI)
    assert before == {name: service.desk.database.row(f"SELECT count(*) AS n FROM {name}")["n"] for name in tables}


def test_a_service_may_go_without_the_page(tmp_path: Path, library: Library) -> None:
    with a_database("sqlite", tmp_path) as database:
        counter = a_counter(database, library)
        with TestClient(application(counter.desk, settings_for(counter.clock, page=False))) as client:
            assert client.get("/").status_code == 404 == client.get("/page/start").status_code


def test_tokens_to_play_with_are_only_where_the_service_is_to_try(http: TestClient) -> None:
    assert http.get("/page/counter").json()["tries"] is None
