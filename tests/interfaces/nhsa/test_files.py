"""Files: sent in every form that is met, fetched by whom they belong to; what is no text, too much or a trap is refused."""

import bz2
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from databases import ENGINES, a_database
from duoceng.interfaces.nhsa.app import application
from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.fields import Field
from duoceng.interfaces.nhsa.files import FILE_MAX, TEXT_MAX, read_table, text_of, write_table
from duoceng.interfaces.nhsa.front import Front, No
from duoceng.interfaces.rest.service import Windows
from interfaces.nhsa.his import CLINIC, His, Said, a_front, a_his

COLUMNS = (
    Field("setl_id", "结算ID", "c4", "Y"),
    Field("medfee_sumamt", "医疗费总额", "n16.2", "Y"),
    Field("memo", "备注", "c10", "."),
)
NAMES = [column.name for column in COLUMNS]
TEXT = "S1\t12.30\t甲\nS2\t0.50\tnull\n"
ROWS = [
    {"setl_id": "S1", "medfee_sumamt": "12.30", "memo": "甲"},
    {"setl_id": "S2", "medfee_sumamt": "0.50", "memo": ""},
]


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    with a_database(request.param, tmp_path) as database:
        yield a_front(database)


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def to_send(content: Any, code: str, name: str = "3202.txt.zip") -> Said:
    return {"fsUploadIn": {"in": content, "filename": name, "fixmedins_code": code}}


def to_fetch(number: str, code: str) -> Said:
    return {"fsDownloadIn": {"file_qury_no": number, "filename": "3202.txt.zip", "fixmedins_code": code}}


def fetched(his: His, number: str, code: str = "") -> bytes:
    """The bytes of a file, as 9102 gives them."""
    return his.send(json.dumps(his.envelope("9102", to_fetch(number, code or his.code))).encode())


FORMS: dict[str, Callable[[bytes], Any]] = {
    "base64": lambda content: b64encode(content).decode(),
    "base64 in lines": lambda content: "\n".join(
        b64encode(content).decode()[at : at + 20] for at in range(0, 4 * len(content), 20)
    ),
    "numbers": list,
    "signed numbers": lambda content: [byte - 256 if byte > 127 else byte for byte in content],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [TEXT.encode(), TEXT.encode("gbk"), zipped(("3202.txt", TEXT.encode())), write_table(NAMES, ROWS)],
                         ids=["text", "text in GBK", "zip", "our own"])  # fmt: skip
def test_a_file_comes_back_as_it_was_sent(front: Front, form: str, content: bytes) -> None:
    his = a_his(front)
    sent = his.ok("9101", to_send(FORMS[form](content), his.code))
    assert (sent["filename"], sent["fixmedins_code"], sent["dld_endtime"][:10]) == (
        "3202.txt.zip",
        his.code,
        "2026-04-09",
    )
    body = json.dumps(his.envelope("9102", to_fetch(sent["file_qury_no"], his.code))).encode()
    answer, _, kind = receive(front, body)
    assert (answer, kind) == (content, "application/octet-stream")
    assert read_table(answer, COLUMNS) == ROWS


def test_sent_again_it_is_the_same_file(front: Front) -> None:
    his = a_his(front)
    given = to_send(b64encode(TEXT.encode()).decode(), his.code)
    first = his.ok("9101", given)
    assert his.ok("9101", given, his.last) == first
    assert his.ok("9101", given)["file_qury_no"] != first["file_qury_no"]
    other = to_send(b64encode(b"S9\t1.00\tx\n").decode(), his.code)
    assert "msgid" in his.no("9101", other, his.last)


def test_nobody_else_has_it_and_nobody_reads_it_in_the_database(front: Front) -> None:
    his, other = a_his(front), a_his(front, CLINIC)
    number = his.ok("9101", to_send(b64encode(("SECRETSECRET" * 50).encode()).decode(), his.code))["file_qury_no"]
    for code in (CLINIC, "plc"):
        assert f"文件查询号{number}不存在" in json.loads(fetched(other, number, code))["err_msg"]
    assert "只能下载本机构的文件" in json.loads(fetched(other, number, his.code))["err_msg"]
    assert "不存在" in json.loads(fetched(his, "nothing"))["err_msg"]
    assert "fixmedins_code" in his.no("9101", to_send("QQ==", CLINIC))
    [row] = front.desk.database.rows("SELECT said FROM paper WHERE kind = 'file'")
    assert b"SECRET" not in bytes(row["said"])


BAD = {
    "two texts": (zipped(("a.txt", b"1"), ("b.txt", b"2")), "实有2个"),
    "no text": (zipped(), "实有0个"),
    "a folder only": (zipped(("a/", b"")), "实有0个"),
    "a bomb": (zipped(("a.txt", b"0" * (TEXT_MAX + 1))), "解压后超过16MB"),
    "cut off": (zipped(("a.txt", TEXT.encode() * 99))[:-30], "已损坏"),
    "packed in another way": (zipped(("a.txt", b"0" * 9999), method=zipfile.ZIP_BZIP2), "deflate"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是UTF-8文本"),
    "a ZIP in a ZIP": (zipped(("a.zip", zipped(("a.txt", b"1")))), "不是UTF-8文本"),
    "not a ZIP that is called one": (bz2.compress(TEXT.encode()), "不是UTF-8文本"),
    "nothing": (b"", "不能为空"),
    "too much": (b"1" * (FILE_MAX + 1), "超过3MB"),
}


@pytest.fixture(scope="module")
def his(tmp_path_factory: pytest.TempPathFactory) -> Iterator[His]:
    with a_database("sqlite", tmp_path_factory.mktemp("files")) as database:
        yield a_his(a_front(database))


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_file_is_refused(his: His, case: str) -> None:
    content, words = BAD[case]
    # what is too much for one message in base64 is refused before it is a file
    message = his.no("9101", to_send(b64encode(content).decode() or [], his.code))
    assert words in message or "报文超过4MB" in message


@pytest.mark.parametrize("content", ["not base64!", [256], [-129], [1.5], [True], [[1]], {"a": 1}, ["1"]])
def test_what_are_no_bytes_is_refused(his: His, content: Any) -> None:
    assert "Base64" in his.no("9101", to_send(content, his.code))


def test_an_encrypted_zip_is_refused() -> None:
    content = bytearray(zipped(("a.txt", b"1")))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(No, match="加密"):
        text_of(bytes(content))


def test_a_zip_with_any_byte_wrong_is_read_or_refused() -> None:
    content = zipped(("a.txt", TEXT.encode() * 3))
    refused = 0
    for at in range(len(content)):
        for change in (1, 8, 0x80, 0xFF):
            broken = bytearray(content)
            broken[at] ^= change
            try:
                text_of(bytes(broken))
            except No:
                refused += 1
    assert refused > len(content)


WRONG = (
    ("S1\t1.00\n", "第1行有2列，应为3列：setl_id、medfee_sumamt、memo"),
    ("S1\t1.00\t\t\n", "第1行有4列"),
    ("S1\t1.00\tx\n\nS12345\t1.00\tx\n", "第3行setl_id(结算ID)长度6超过4"),
    ("S1\tmany\tx\n", "第1行medfee_sumamt(医疗费总额)的值「many」不是数字"),
    ("S1\t1.005\tx\n", "第1行medfee_sumamt(医疗费总额)的值「1.005」小数位过多"),
    ("S1\tnull\tx\n", "第1行medfee_sumamt(医疗费总额)不能为空"),
)


@pytest.mark.parametrize("text, words", WRONG)
def test_a_wrong_cell_is_named(text: str, words: str) -> None:
    with pytest.raises(No) as refused:
        read_table(text.encode(), COLUMNS)
    assert words in str(refused.value)


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, TEXT.rstrip("\n"), "\n\n" + TEXT + " \n", TEXT.replace("null", "")],
                         ids=["plain", "lines of Windows", "byte order mark", "no last end of line", "empty lines", "empty cell"])  # fmt: skip
def test_a_table_is_read_in_every_form(text: str) -> None:
    assert read_table(text.encode(), COLUMNS) == ROWS


def test_a_row_stays_a_row_whatever_is_in_it() -> None:
    rows = [
        {"setl_id": "S\t1", "medfee_sumamt": 0.1, "memo": "a\r\nb\u2028c"},
        {"setl_id": "S2", "medfee_sumamt": "1", "memo": None},
    ]
    content = write_table(NAMES, rows, "a.txt")
    assert text_of(content) == "S 1\t0.10\ta  b\u2028c\nS2\t1\tnull\n"
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["a.txt"]
    assert len(read_table(content, COLUMNS)) == 2
    assert write_table(NAMES, rows, "a.txt") == content  # no time is in it


def test_over_http_a_file_is_a_part_of_a_form_and_comes_back_as_bytes(tmp_path: Path) -> None:
    content = zipped(("3202.txt", TEXT.encode()))
    with a_database("sqlite", tmp_path) as database:
        front = a_front(database)
        his = a_his(front)
        with TestClient(application(front, Windows(2, 8))) as client:
            said = json.dumps(his.envelope("9101", to_send("", his.code)))
            sent = client.post(
                "/fsi/api/fileupload/upload", data={"jsonStr": said}, files={"file": ("a.zip", content)}
            ).json()
            assert sent["infcode"] == 0, sent
            number = sent["output"]["file_qury_no"]
            got = client.post("/fsi/api/fileupload/download", json=his.envelope("9102", to_fetch(number, his.code)))
    assert (got.content, got.headers["content-type"]) == (content, "application/octet-stream")
