"""Files sent and fetched, catalogues as dated downloads and in pages, matches of an institution's own items."""

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from databases import ENGINES, a_database
from duoceng.interfaces.nhsa.app import application
from duoceng.interfaces.nhsa.catalogues import COLUMNS, LIST_OF, NOT_HELD
from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.fields import Field
from duoceng.interfaces.nhsa.files import TEXT_MAX, read_table, text_of, write_table
from duoceng.interfaces.nhsa.front import Front, No
from duoceng.interfaces.rest.service import Windows
from interfaces.nhsa.his import CLINIC, HOSPITAL, His, a_front, a_his

AMOUNT, NAME = Field("amt", "金额", "n16.2", "Y"), Field("name", "名称", "c4", ".")


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    with a_database(request.param, tmp_path) as database:
        yield a_front(database)


def sent(content: Any, code: str = HOSPITAL, name: str = "a.zip") -> dict[str, Any]:
    return {"fsUploadIn": {"in": content, "filename": name, "fixmedins_code": code}}


def fetched(front: Front, his: His, number: str, code: str = HOSPITAL) -> bytes:
    asked = his.envelope(
        "9102", {"fsDownloadIn": {"file_qury_no": number, "filename": "a.zip", "fixmedins_code": code}}
    )
    return receive(front, json.dumps(asked).encode())[0]


def test_a_file_comes_back_as_it_was(front: Front) -> None:
    his, other = a_his(front), a_his(front, CLINIC)
    content = write_table(("a", "b"), [{"a": 1.5, "b": None}, {"a": "x\ty", "b": "z"}])
    numbers = []
    for form in (b64encode(content).decode(), list(content), [byte - 256 if byte > 127 else byte for byte in content]):
        found = his.ok("9101", sent(form))
        numbers.append(found["file_qury_no"])
        assert fetched(front, his, found["file_qury_no"]) == content
    assert len(set(numbers)) == 3
    assert text_of(content) == "1.50\tnull\nx y\tz\n"
    assert "不存在" in json.loads(fetched(front, other, numbers[0], CLINIC))["err_msg"]
    assert "本机构" in json.loads(fetched(front, his, numbers[0], CLINIC))["err_msg"]
    again = his.envelope("9101", sent(b64encode(content).decode()), "M-9101")
    body = json.dumps(again).encode()
    first, second = (json.loads(receive(front, body)[0])["output"]["file_qury_no"] for _ in range(2))
    assert first == second


def test_a_file_as_part_of_a_form_and_bytes_out(front: Front) -> None:
    content = write_table(("a",), [{"a": "1"}])
    with TestClient(application(front, Windows(2, 8))) as client:
        his = His(lambda body: client.post("/", content=body).content).sign_in()
        said = his.envelope("9101", {"fsUploadIn": {"filename": "a.zip", "fixmedins_code": HOSPITAL}})
        answer = client.post(
            "/fsi/api/fileupload/upload", data={"jsonStr": json.dumps(said)}, files={"file": content}
        ).json()
        asked = his.envelope(
            "9102",
            {
                "fsDownloadIn": {
                    "file_qury_no": answer["output"]["file_qury_no"],
                    "filename": "x",
                    "fixmedins_code": HOSPITAL,
                }
            },
        )
        got = client.post("/fsi/api/fileupload/download", json=asked)
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.content == content


def zipped(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("content, says", [
    ("not base64!", "Base64"), ("", "不能为空"), (["x"], "Base64"), (b64encode(b"PK\x03\x04broken").decode(), "ZIP"),
    (b64encode(zipped(("a.txt", b"1"), ("b.txt", b"2"))).decode(), "只有一个"),
    (b64encode(zipped(("a.txt", b"0" * (TEXT_MAX + 10)))).decode(), "解压后超过"),
    (b64encode(b"\xff\xff\xff").decode(), "UTF-8"),
])  # fmt: skip
def test_files_that_are_none(tmp_path: Path, content: Any, says: str) -> None:
    with a_database("sqlite", tmp_path) as database:
        assert says in a_his(a_front(database)).no("9101", sent(content))


@pytest.mark.parametrize(
    "text, says",
    [
        ("1.00\tab\n1.0", "第2行有1列"),
        ("x\tab", "第1行amt(金额)"),
        ("null\tab", "不能为空"),
        ("1\tabcde", "第1行name(名称)长度"),
    ],
)
def test_a_row_that_is_wrong_is_named(text: str, says: str) -> None:
    with pytest.raises(No) as no:
        read_table(text.encode(), (AMOUNT, NAME))
    assert says in str(no.value)


def test_what_is_written_is_read() -> None:
    rows = [{"amt": "1.50", "name": "甲"}, {"amt": "-2.00", "name": ""}]
    assert read_table(write_table(("amt", "name"), rows), (AMOUNT, NAME)) == rows


def test_catalogues_are_downloaded_by_version(front: Front) -> None:
    his = a_his(front)
    found = his.ok("1301", {"data": {"ver": "0"}})
    lines = text_of(fetched(front, his, found["file_qury_no"])).splitlines()
    assert len(lines) == found["data_cnt"] > 10
    row = dict(zip(COLUMNS, next(line for line in lines if line.startswith("SBX-X0003")).split("\t"), strict=True))
    assert (row["chrgitm_lv"], row["lmt_used_flag"], row["med_chrgitm_type"], row["vali_flag"]) == (
        "02",
        "1",
        "09",
        "1",
    )
    again = his.ok("1301", {"data": {"ver": row["ver"]}})
    assert again["data_cnt"] == 0
    assert text_of(fetched(front, his, again["file_qury_no"])) == ""
    for number in (*LIST_OF, *NOT_HELD):
        assert his.ok(number, {"data": {"ver": "0"}})["data_cnt"] >= (
            0 if number in NOT_HELD else int(number in ("1301", "1302", "1305", "1306"))
        )


def test_catalogues_are_asked_by_page(front: Front) -> None:
    his = a_his(front)
    page = {"updt_time": "2019-01-01", "page_num": 1, "page_size": 4}
    first = his.ok("1312", {"data": page})
    assert (first["size"], first["pages"], first["firstPage"], first["lastPage"]) == (
        4,
        -(-first["recordCounts"] // 4),
        True,
        False,
    )
    codes = [
        row["hilist_code"]
        for at in range(1, first["pages"] + 1)
        for row in his.ok("1312", {"data": {**page, "page_num": at}})["data"]
    ]
    assert len(codes) == first["recordCounts"]
    assert codes == sorted(codes)
    limits = his.ok("1318", {"data": {**page, "hilist_code": "SBX-C0001", "page_size": 50}})["data"]
    assert {row["hilist_lmtpric_type"]: row["hilist_pric_uplmt_amt"] for row in limits} == {
        "1": 500,
        "2": 500,
        "3": 500,
    }
    shares = his.ok("1319", {"data": {**page, "hilist_code": "SBX-X0003"}})["data"]
    assert {row["selfpay_prop_psn_type"]: row["selfpay_prop"] for row in shares} == {"310": 0.2, "390": 0.2}
    assert his.ok("1316", {"data": {**page, "med_list_codg": "SBX-X0001"}})["data"][0]["hilist_code"] == "SBX-X0001"
    assert his.ok("1312", {"data": {**page, "updt_time": "2999-01-01"}})["data"] == []
    assert "正整数" in his.no("1312", {"data": {**page, "page_num": "-1"}})


def test_own_items_are_matched(front: Front) -> None:
    his = a_his(front)
    row = {"fixmedins_hilist_id": "H1", "fixmedins_hilist_name": "本院胶囊", "list_type": "101", "med_list_codg": "SBX-X0001", "begndate": "2026-01-01",
           "enddate": "2026-12-31"}  # fmt: skip
    his.ok("3301", {"data": row}, "M-1")
    his.ok("3301", {"data": row}, "M-1")
    asked = {"data": {"updt_time": "2020-01-01", "page_num": 1, "page_size": 10}}
    assert [found["medins_list_name"] for found in his.ok("1317", asked)["data"]] == ["本院胶囊"]
    gone = {"fixmedins_code": HOSPITAL, "fixmedins_hilist_id": "H1", "list_type": "101", "med_list_codg": "SBX-X0001"}
    his.ok("3302", gone, "M-2")
    his.ok("3302", gone, "M-2")
    assert his.ok("1317", asked)["data"] == []
    assert "没有这条" in his.no("3302", gone)
    strict = replace(front, sandbox=False)
    real = His(lambda body: receive(strict, body)[0], sign_no=his.sign_no)
    assert "不在本地目录" in real.no("3301", {"data": {**row, "med_list_codg": "NOBODY"}})


def test_institutions_and_code_lists(front: Front) -> None:
    his = a_his(front)
    assert his.ok("1201", {"medinsinfo": {"fixmedins_type": "1"}})["medinsinfo"][0]["fixmedins_code"] == HOSPITAL
    assert his.ok("1201", {"medinsinfo": {"fixmedins_type": "2", "fixmedins_name": "药店"}})["medinsinfo"][0][
        "fixmedins_code"
    ].startswith("P")
    assert "未查询到" in his.no("1201", {"medinsinfo": {"fixmedins_type": "1", "fixmedins_code": "H0"}})
    rows = his.ok(
        "1901",
        {"data": {"type": "med_type", "parent_value": "", "admdvs": "110000", "date": "2026-03-10", "Vali_Flag": "1"}},
    )["list"]
    assert {"value": "41", "label": "定点药店购药"}.items() <= next(row for row in rows if row["value"] == "41").items()
    assert "没有字典" in his.no("1901", {"data": {"type": "nothing", "admdvs": "110000", "date": "2026-03-10"}})
