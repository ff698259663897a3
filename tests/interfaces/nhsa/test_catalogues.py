"""Catalogues as files and as pages, institutions, code lists: what the documents say, and nothing where they say nothing."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import a_database
from duoceng.interfaces.nhsa.catalogues import DOWNLOADS
from duoceng.interfaces.nhsa.fields import dictionaries, table_of
from duoceng.interfaces.nhsa.files import NOTHING, text_of
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.nhsa.sandbox import FOLDER
from duoceng.policy.library import Library, find_policies
from interfaces.nhsa.his import CLINIC, DAY, ELSEWHERE, HOSPITAL, PHARMACY, His, Said, a_front, a_his

CITED = "cite: invented, quote: 虚构, quoted_from: note, status: unverified"
BEIJING = f"""catalogue: beijing.invented
title: 虚构
english: invented
region: beijing
kind: scope
sources:
  invented: {{title: 虚构, trust: memory}}
items:
  - {{code: BJ-1, name: 京药, brand: 京, english: jing, item_kind: drug, class: class_b, borne_first: {{by: scheme, employee: 10%, resident: 20%}}, from: 2021-05-01, {CITED}}}
  - {{code: BJ-2, name: 旧药, item_kind: drug, class: class_a, from: 2020-01-01, until: 2026-03-09, {CITED}}}
  - {{code: BJ-3, name: 新药, item_kind: drug, class: class_a, from: 2026-04-01, {CITED}}}
  - {{code: BJ-4, name: 改类药, item_kind: drug, class: class_a, from: 2020-01-01, until: 2025-12-31, {CITED}}}
  - {{code: BJ-4, name: 改类药, item_kind: drug, class: class_c, from: 2026-01-01, {CITED}}}
  - {{code: BJ-5, name: 支架, item_kind: surgical_material, class: class_a, price_limit: {{by: level, primary: 100, secondary: 200, tertiary: 300.50}}, from: 2020-01-01, {CITED}}}
  - {{code: BJ-6, name: 民族药, item_kind: drug, list_type: "104", class: class_a, from: 2020-01-01, {CITED}}}
  - {{code: BJ-7, name: 制剂, item_kind: drug, list_type: "103", class: class_a, from: 2020-01-01, {CITED}}}
  - {{code: BJ-8, name: 看情况, item_kind: service, class: class_b, borne_first: {{by: status, active: 10%, retired: 5%}}, from: 2020-01-01, {CITED}}}
  - {{code: BJ-9, name: 先, item_kind: drug, class: class_a, from: 2023-01-01, until: 2024-12-31, {CITED}}}
  - {{code: BJ-9, name: 更先, item_kind: drug, class: class_a, from: 2020-01-01, until: 2022-12-31, {CITED}}}
  - {{code: BJ-10, name: 更后, item_kind: drug, class: class_a, from: 2026-08-01, {CITED}}}
  - {{code: BJ-10, name: 后, item_kind: drug, class: class_a, from: 2026-07-01, until: 2026-07-31, {CITED}}}
  - {{code: BJ-11, name: 床位, item_kind: bed, class: class_a, price_limit: {{by: level, tertiary: none, else: 50}}, from: 2020-01-01, {CITED}}}
  - {{code: CB-5664846D2C, name: 两处都有, item_kind: drug, class: class_b, borne_first: 10%, from: 2020-01-01, {CITED}}}
"""


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """The sandbox, with a catalogue of a place beside that of the country."""
    with a_database("sqlite", tmp_path) as database:
        found = a_front(database)
        written(found, tmp_path, BEIJING)
        yield found


def written(front: Front, folder: Path, text: str) -> None:
    """Let a desk read this catalogue, and the others anew."""
    (folder / "catalogues").mkdir(exist_ok=True)
    (folder / "catalogues" / "beijing.invented.yaml").write_text(text, encoding="utf-8")
    fresh = Library(find_policies(), (FOLDER, folder))
    library = front.desk.library
    library.also, library.catalogues_read, library._listed = fresh.also, {}, {}


def downloaded(his: His, infno: str, ver: str = "0") -> tuple[Said, list[dict[str, str]]]:
    """A list, by 130x and 9102 as clients do it; the rows of the file by the names of its columns."""
    told = his.ok(infno, {"data": {"ver": ver}})
    given = {
        "fsDownloadIn": {"file_qury_no": told["file_qury_no"], "filename": told["filename"], "fixmedins_code": "plc"}
    }
    content = his.send(json.dumps(his.envelope("9102", given)).encode())
    assert f"{zipfile.ZipFile(io.BytesIO(content)).namelist()[0]}.zip" == told["filename"]
    table = table_of(infno)
    assert table is not None
    names = [field.name for field in table.columns("<<")]
    rows = [dict(zip(names, line.split("\t"), strict=True)) for line in text_of(content).splitlines()]
    assert len(rows) == told["data_cnt"]
    return told, rows


def asked(his: His, infno: str, **more: Any) -> Any:
    return his.ok(infno, {"data": {"updt_time": "1990-01-01", "page_num": 1, "page_size": 1000, **more}})


def test_a_list_is_what_the_documents_say(front: Front) -> None:
    _, rows = downloaded(a_his(front), "1301")
    of = {row["med_list_codg"]: row for row in rows}
    assert len(of) == len(rows)  # a row a code
    assert {"SBX-X0001", "SBX-Z0001", "BJ-1", "BJ-2", "BJ-3", "BJ-4", "CB-49543A442D"} <= set(of)
    assert not {"SBX-T0001", "SBX-S0001", "SBX-C0001", "BJ-5", "BJ-6", "BJ-7", "BJ-8"} & set(of)
    one = of["BJ-1"]
    assert {name: words for name, words in one.items() if words != NOTHING and name not in ("rid", "ver", "ver_name")} == {
        "med_list_codg": "BJ-1", "drug_prodname": "京", "drug_genname": "京药", "reg_name": "京药", "eng_name": "jing", "tcmpat_flag": "0",
        "begndate": "2021-05-01", "lmt_used_flag": "0", "hi_nego_drug_flag": "0", "vali_flag": "1", "crte_time": "2021-05-01 00:00:00",
        "updt_time": "2021-05-01 00:00:00", "nat_hi_druglist_chrgitm_lv": "02"}  # fmt: skip
    assert (one["rid"], one["ver"]) != (NOTHING, NOTHING) and one["ver"] == one["ver_name"]
    assert (of["BJ-2"]["vali_flag"], of["BJ-2"]["enddate"], of["BJ-2"]["updt_time"][:10]) == (
        "0",
        "2026-03-09",
        "2026-03-10",
    )
    assert (of["BJ-3"]["vali_flag"], of["BJ-3"]["begndate"]) == ("1", "2026-04-01")
    assert (of["BJ-4"]["nat_hi_druglist_chrgitm_lv"], of["BJ-4"]["begndate"]) == ("03", "2026-01-01")
    assert (of["BJ-9"]["drug_genname"], of["BJ-10"]["drug_genname"]) == ("先", "后")
    assert of["CB-5664846D2C"]["drug_genname"] == "两处都有"  # what decides scope comes before what is on a list only
    assert (of["SBX-X0003"]["lmt_used_flag"], of["SBX-Z0001"]["tcmpat_flag"]) == ("1", "1")


@pytest.mark.parametrize("infno, code, name", [("1302", "SBX-T0001", "tcmherb_name"), ("1303", "BJ-7", "drug_prodname"), ("1305", "SBX-S0004", "servitem_name"),
                                               ("1306", "BJ-5", "mcs_name")])  # fmt: skip
def test_every_list_has_its_own(front: Front, infno: str, code: str, name: str) -> None:
    _, rows = downloaded(a_his(front), infno)
    [one] = [row for row in rows if row["med_list_codg"] == code]
    assert one[name] not in ("", NOTHING)
    assert not {row["med_list_codg"] for row in rows} & {"SBX-X0001", "BJ-1", "BJ-6"}


# Where three public clients look for the version, the record number and the flag: the first column is 1.
PLACES = {
    "1301": (92, 84, 80, 79),
    "1302": (29, 19, 15, 14),
    "1303": (78, 72, 68, 65),
    "1305": (16, 16, 14, 7),
    "1306": (71, 71, 69, 68),
}


@pytest.mark.parametrize("infno", PLACES)
def test_columns_stand_where_clients_look_for_them(infno: str) -> None:
    table = table_of(infno)
    assert table is not None
    names = [field.name for field in table.columns("<<")]
    assert names[0] == "med_list_codg" and len(set(names)) == len(names)
    assert (len(names), *(names.index(name) + 1 for name in ("ver_name", "rid", "vali_flag"))) == PLACES[infno]


def test_who_has_the_version_is_given_nothing(front: Front) -> None:
    his = a_his(front)
    told, rows = downloaded(his, "1301")
    version = rows[0]["ver"]
    assert {row["ver"] for row in rows} == {version} and version.startswith("20260310_")  # BJ-2 ended yesterday
    again, nothing = downloaded(his, "1301", version)
    assert (again["data_cnt"], nothing) == (0, [])
    for other in ("0", "F001_19970101000000_C", version[:-1] + "x"):
        assert downloaded(his, "1301", other)[1] == rows
    assert len(told["file_qury_no"]) <= 40 and len(version) <= 20


def test_a_new_version_comes_with_its_day_or_with_its_words(front: Front, tmp_path: Path) -> None:
    his = a_his(front)
    version = downloaded(his, "1301")[1][0]["ver"]
    front.desk.clock.now = DAY + timedelta(days=21)  # type: ignore[attr-defined]  # the day before BJ-3 begins
    assert downloaded(his.sign_in(), "1301", version)[1] == []
    front.desk.clock.now = DAY + timedelta(days=22)  # type: ignore[attr-defined]
    told, rows = downloaded(his.sign_in(), "1301", version)
    assert rows[0]["ver"].startswith("20260401_")
    written(front, tmp_path, BEIJING.replace("京药", "京新药"))
    given = {"fsDownloadIn": {"file_qury_no": told["file_qury_no"], "filename": "plc", "fixmedins_code": "plc"}}
    assert "已更新" in his.no("9102", given)
    assert downloaded(his, "1301", rows[0]["ver"])[1] != rows


def test_a_file_of_yesterday_is_still_that_of_yesterday(front: Front) -> None:
    his = a_his(front)
    told = his.ok("1301", {"data": {"ver": "0"}})
    given = {"fsDownloadIn": {"file_qury_no": told["file_qury_no"], "filename": "x", "fixmedins_code": "plc"}}
    first = his.send(json.dumps(his.envelope("9102", given)).encode())
    front.desk.clock.now = DAY + timedelta(days=29)  # type: ignore[attr-defined]
    his.sign_in()
    assert his.send(json.dumps(his.envelope("9102", given)).encode()) == first
    assert told["dld_end_time"] == "2026-04-09"


@pytest.mark.parametrize("infno", sorted(set(DOWNLOADS) - {"1301", "1302", "1303", "1305", "1306"}))
def test_of_what_we_hold_nothing_the_file_is_empty(front: Front, infno: str) -> None:
    told, rows = downloaded(a_his(front), infno)
    assert (told["data_cnt"], rows) == (0, [])


def test_the_lists_are_those_of_the_place_of_care(front: Front) -> None:
    codes = {row["med_list_codg"] for row in downloaded(a_his(front, ELSEWHERE, "310101"), "1301")[1]}
    assert "SBX-X0001" in codes and "BJ-1" not in codes
    assert "BJ-1" not in {row["med_list_codg"] for row in downloaded(a_his(front, care="999999"), "1301")[1]}


@pytest.mark.parametrize("number", ["plc/", "plc/1301", "plc/1301/110000/20260310/ffffffff", "plc/9999/110000/20260310/0", "plc/1304/110000/20260310/0",
                                    "plc/1301/110000/xx/0"])  # fmt: skip
def test_a_number_nobody_gave(front: Front, number: str) -> None:
    words = a_his(front).no(
        "9102", {"fsDownloadIn": {"file_qury_no": number, "filename": "plc", "fixmedins_code": "plc"}}
    )
    assert "不存在" in words or "已更新" in words


def codes_of(found: Any) -> list[str]:
    return [row["hilist_code"] for row in found["data"]]


def test_pages_come_to_the_whole(front: Front) -> None:
    his = a_his(front)
    whole = asked(his, "1312")
    total = whole["recordCounts"]
    assert (total, whole["pages"], whole["firstPage"], whole["lastPage"]) == (len(whole["data"]), 1, True, True)
    pages = [asked(his, "1312", page_num=at, page_size=5) for at in range(1, -(-total // 5) + 1)]
    assert [row for page in pages for row in page["data"]] == whole["data"]
    assert [page["firstPage"] for page in pages] == [True] + [False] * (len(pages) - 1)
    assert [page["lastPage"] for page in pages] == [False] * (len(pages) - 1) + [True]
    assert {(page["pages"], page["recordCounts"], page["pageSize"]) for page in pages} == {(len(pages), total, 5)}
    assert [page["startRow"] for page in pages] == [5 * at + 1 for at in range(len(pages))]
    beyond = asked(his, "1312", page_num=999, page_size=5)
    assert (beyond["data"], beyond["size"], beyond["lastPage"]) == ([], 0, True)
    for wrong in ({"page_num": 0}, {"page_size": 0}, {"page_num": -1}, {"page_size": "-5"}):
        assert "page_num" in his.no(
            "1312", {"data": {"updt_time": "1990-01-01", "page_num": 1, "page_size": 5, **wrong}}
        )


@pytest.mark.parametrize("more, codes", [
    ({"hilist_code": "BJ-1"}, ["BJ-1"]), ({"hilist_name": "改类"}, ["BJ-4", "BJ-4"]), ({"hilist_name": "改类", "query_date": "2025-12-31"}, ["BJ-4"]),
    ({"hilist_code": "BJ-2", "query_date": "2026-03-09"}, ["BJ-2"]), ({"hilist_code": "BJ-2", "query_date": "2026-03-10"}, []),
    ({"hilist_code": "BJ-2", "vali_flag": "1"}, []), ({"hilist_code": "BJ-1", "insu_admdvs": "310000"}, []), ({"hilist_code": "BJ-1", "insu_admdvs": "110105"}, ["BJ-1"]),
    ({"lmt_used_flag": "1"}, ["SBX-X0003"]), ({"med_chrgitm_type": "11"}, ["SBX-Z0001"]), ({"list_type": "102"}, ["SBX-T0001"]),
    ({"updt_time": "2026-03-10"}, ["BJ-10", "BJ-10", "BJ-2", "BJ-3"]), ({"updt_time": "2026-07-02"}, ["BJ-10"]), ({"begndate": "2021-05-01"}, ["BJ-1"]),
    ({"hilist_code": "CB-49543A442D"}, []),
])  # fmt: skip
def test_what_is_asked_for_is_found(front: Front, more: Said, codes: list[str]) -> None:
    assert codes_of(asked(a_his(front), "1312", **more)) == codes


def test_an_insured_item_has_its_class(front: Front) -> None:
    his = a_his(front)
    [one] = asked(his, "1312", hilist_code="SBX-X0003")["data"]
    table = table_of("1312")
    assert table is not None
    assert list(one) == [field.name for field in table.answered()[1].fields]
    assert {name: one[name] for name in ("hilist_name", "insu_admdvs", "chrgitm_lv", "med_chrgitm_type", "lmt_used_flag", "list_type", "begndate", "enddate")} == {
        "hilist_name": "示例限制用药乙", "insu_admdvs": "110000", "chrgitm_lv": "02", "med_chrgitm_type": "09", "lmt_used_flag": "1", "list_type": "101",
        "begndate": "2020-01-01", "enddate": ""}  # fmt: skip
    classes = {row["hilist_code"]: row["chrgitm_lv"] for row in asked(his, "1312", query_date="2026-03-10")["data"]}
    assert (classes["BJ-4"], classes["BJ-5"], classes["BJ-1"]) == ("03", "01", "02")
    [same] = asked(his, "1316", med_list_codg="BJ-1")["data"]
    assert (same["hilist_code"], same["med_list_codg"], same["list_type"]) == ("BJ-1", "BJ-1", "101")


def test_price_limits_by_level(front: Front) -> None:
    his = a_his(front)
    found = {
        (row["hilist_code"], row["hilist_lmtpric_type"]): row["hilist_pric_uplmt_amt"]
        for row in asked(his, "1318")["data"]
    }
    assert found == {("BJ-5", "1"): 100, ("BJ-5", "2"): 200, ("BJ-5", "3"): 300.5, ("BJ-11", "1"): 50, ("BJ-11", "2"): 50,
                     **{("SBX-S0006", level): 60 for level in "123"}, **{("SBX-C0001", level): 500 for level in "123"}}  # fmt: skip
    [one] = asked(his, "1318", hilist_code="BJ-5", hilist_lmtpric_type="3")["data"]
    assert one["hilist_pric_uplmt_amt"] == 300.5


def test_shares_borne_first_by_scheme(front: Front) -> None:
    found: dict[str, dict[str, float]] = {}
    for row in asked(a_his(front), "1319", query_date="2026-03-10")["data"]:
        assert row["selfpay_prop_type"] == "10"
        found.setdefault(row["hilist_code"], {})[row["selfpay_prop_psn_type"]] = row["selfpay_prop"]
    assert found["BJ-1"] == {"310": 0.1, "390": 0.2}
    assert found["BJ-4"] == {"310": 1, "390": 1}  # class C since January
    assert found["SBX-X0001"] == {"310": 0, "390": 0}
    assert found["SBX-Z0001"] == {"310": 0.05, "390": 0.05}
    assert "BJ-8" not in found  # asks for more than the scheme


def test_drugs_of_the_nationalities(front: Front) -> None:
    his = a_his(front)
    [one] = asked(his, "1304", drug_genname="民族")["data"]
    assert (one["med_list_codg"], one["vali_flag"], one["updt_time"]) == ("BJ-6", "1", "2020-01-01")
    assert asked(his, "1304", med_list_codg="BJ-1")["data"] == []
    assert asked(a_his(front, ELSEWHERE, "310101"), "1304")["data"] == []


def test_a_share_that_is_answered_is_the_share_that_is_taken(front: Front) -> None:
    """What 1318 and 1319 say is what a fee line meets."""
    from interfaces.nhsa.his import a_line, diagnoses, registration

    his = a_his(front)
    mdtrt = his.ok("2201", registration("2"))["data"]["mdtrt_id"]
    his.ok("2203", diagnoses("2", mdtrt))
    lines = his.ok(
        "2204", {"feedetail": [a_line("2", mdtrt, "1", "BJ-1", "100"), a_line("2", mdtrt, "2", "BJ-5", "400")]}
    )["result"]
    assert [(line["selfpay_prop"], line["pric_uplmt_amt"]) for line in lines] == [(0.1, 999999), (0, 300.5)]


@pytest.mark.parametrize("given, code, level", [
    ({"fixmedins_type": "1"}, HOSPITAL, "12"), ({"fixmedins_type": "1", "fixmedins_code": CLINIC}, CLINIC, "14"),
    ({"fixmedins_type": "2", "fixmedins_code": PHARMACY}, PHARMACY, ""), ({"fixmedins_type": "2", "fixmedins_name": "示例药店"}, PHARMACY, ""),
    ({"fixmedins_type": "1", "fixmedins_name": "上海示例三级医院"}, ELSEWHERE, "12"),
])  # fmt: skip
def test_an_institution_is_found(front: Front, given: Said, code: str, level: str) -> None:
    found = a_his(front).ok("1201", {"medinsinfo": given})["medinsinfo"]
    assert (found["fixmedins_code"], found["fixmedins_type"], found["hosp_lv"]) == (
        code,
        given["fixmedins_type"],
        level,
    )
    assert found["fixmedins_name"]


@pytest.mark.parametrize("given, words", [({"fixmedins_type": "2", "fixmedins_code": CLINIC}, "未查询到"), ({"fixmedins_type": "1", "fixmedins_code": "H99999999999"}, "未查询到"),
                                          ({"fixmedins_type": "1", "fixmedins_name": "医院"}, "请填fixmedins_code")])  # fmt: skip
def test_an_institution_is_not_found(front: Front, given: Said, words: str) -> None:
    assert words in a_his(front).no("1201", {"medinsinfo": given})


def test_a_guest_of_the_sandbox_knows_itself(front: Front) -> None:
    found = a_his(front, "H99999999999").ok("1201", {"medinsinfo": {"fixmedins_type": "1"}})["medinsinfo"]
    assert (found["fixmedins_code"], found["fixmedins_name"]) == ("H99999999999", "示例医院")


def test_a_code_list_is_whole(front: Front) -> None:
    his = a_his(front)
    data = {"type": "med_type", "admdvs": "110000", "date": "2026-03-10", "parent_value": "", "Vali_Flag": "1"}
    rows = his.ok("1901", {"data": data})["list"]
    assert {row["value"]: row["label"] for row in rows} == dictionaries()["med_type"]
    assert [row["sort"] for row in rows] == list(range(1, len(rows) + 1))
    assert his.ok("1901", {"data": {**data, "type": "MED_TYPE"}})["list"] == rows
    assert his.ok("1901", {"data": {"type": "med_type", "admdvs": "110000", "date": "2026-03-10"}})["list"] == rows
    assert his.ok("1901", {"data": {**data, "Vali_Flag": "0"}})["list"] == []
    assert "med_type(医疗类别)" in his.no("1901", {"data": {**data, "type": "医疗类别"}})
    assert "没有字典xyz" in his.no("1901", {"data": {**data, "type": "xyz"}})
