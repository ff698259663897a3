"""Files: sent (9101), fetched (9102). A text in a ZIP, a row a line, TAB between the columns, UTF-8; the word `null` is nothing.

Bytes come as base64, as a list of numbers, or as a part of a form (`app` makes base64 of it). A file belongs to one institution, and lies sealed.
What is for everybody (`plc`) is not kept: whoever publishes it makes it again when it is fetched.
"""

import io
import zipfile
import zlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from duoceng.interfaces.nhsa.check import read_value
from duoceng.interfaces.nhsa.fields import ALWAYS, Field
from duoceng.interfaces.nhsa.front import Asked, Front, No, moment, number_of
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.session import keep
from duoceng.store.database import Conflict
from duoceng.store.steps import Paper, keep_paper, paper_of

FILE = "file"
TEXT_MAX, FILE_MAX = 16_000_000, 3_000_000
KEPT_DAYS = 30
NOTHING = "null"
ZIPPED = (b"PK\x03\x04", b"PK\x05\x06")  # a ZIP, and one with nothing in it
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack without a bound
PUBLIC = "plc"
PUBLISHED: dict[str, Callable[[Front, str], bytes]] = {}


def write_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], name: str = "data.txt") -> bytes:
    """Rows as a text in a ZIP, in the order of the columns."""
    lines = ["\t".join(_cell(row.get(column)) for column in columns) for row in rows]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)),
            "".join(f"{line}\n" for line in lines).encode(),
            zipfile.ZIP_DEFLATED,
        )
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    text = f"{value:.2f}" if isinstance(value, float) else str(value)
    return text.replace("\t", " ").replace("\n", " ").replace("\r", " ")


def text_of(content: bytes) -> str:
    """The text of a file: of the only entry of a ZIP, or the bytes themselves. Raises No."""
    if content[:4] in ZIPPED:
        content = _unzipped(content)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise No("文件内容不是UTF-8文本，请上传TXT，或只含一个TXT的ZIP")


def _unzipped(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entry = _only(archive)
            with archive.open(entry) as part:
                found = part.read(TEXT_MAX + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise No("ZIP文件已损坏或加密，无法解压") from None
    if len(found) > TEXT_MAX:
        raise No(f"解压后超过{TEXT_MAX // 1_000_000}MB，请分次上传")
    return found


def _only(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) != 1:
        raise No(f"ZIP中应只有一个TXT文件，实有{len(entries)}个")
    if entries[0].compress_type not in PACKED:
        raise No("ZIP的压缩方式不受支持，请用普通（deflate）方式压缩")
    return entries[0]


def read_table(content: bytes, columns: Sequence[Field]) -> list[dict[str, Any]]:
    """The rows of a file, checked against their columns. Raises No, naming row and column."""
    found = []
    for at, line in enumerate(text_of(content).split("\n"), 1):
        if not line.strip():
            continue
        cells = line.removesuffix("\r").split("\t")
        if len(cells) != len(columns):
            raise No(f"文件第{at}行有{len(cells)}列，应为{len(columns)}列：{'、'.join(c.name for c in columns)}")
        row: dict[str, Any] = {}
        for column, cell in zip(columns, cells, strict=True):
            row[column.name] = _value(column, cell.strip(), at)
        found.append(row)
    return found


def _value(column: Field, cell: str, at: int) -> Any:
    if cell in ("", NOTHING):
        if column.required == ALWAYS:
            raise No(f"文件第{at}行{column.name}({column.title})不能为空")
        return ""
    try:
        return read_value(column, cell)
    except ValueError as error:
        raise No(f"文件第{at}行{column.name}({column.title}){error.args[0]}") from None


def keep_file(front: Front, asked: Asked, name: str, content: bytes) -> str:
    """Keep a file an institution may fetch; the number it is fetched by."""
    number = number_of(front, asked)
    said = {"filename": name, "content": b64encode(content).decode()}
    try:
        keep_paper(
            front.desk.database, front.seal, asked.institution.code, Paper(FILE, number, "", "", asked.now, said)
        )
    except Conflict:
        raise No("系统繁忙，请重试") from None
    return number


def file_of(front: Front, institution: str, number: str) -> bytes:
    """The bytes of a file of an institution. Raises No."""
    found = paper_of(front.desk.database, front.seal, institution, FILE, number)
    if found is None:
        raise No(f"文件查询号{number}不存在，或不属于本机构")
    return b64decode(str(found.said["content"]))


def until(front: Front) -> str:
    """Until when a file of now may be fetched."""
    return moment(front.desk.clock() + timedelta(days=KEPT_DAYS))


@transaction("9101")
def send_file(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Take a file."""
    data = asked.input["fsUploadIn"]
    if data["fixmedins_code"] != asked.institution.code:
        raise No("fixmedins_code与发送机构不一致")
    content = bytes_of(data["in"])
    text_of(content)
    name = number_of(front, asked)
    kept = {"number": name, "filename": data["filename"], "until": until(front), "content": b64encode(content).decode()}
    said = keep(front, asked, FILE, name, kept)
    return {
        "file_qury_no": said["number"],
        "filename": said["filename"],
        "fixmedins_code": asked.institution.code,
        "dld_endtime": said["until"],
    }


def bytes_of(said: Any) -> bytes:
    """The bytes of a field: base64, or a list of numbers (signed, as Java has them). Raises No."""
    try:
        found = _of_numbers(said) if isinstance(said, list) else b64decode("".join(str(said).split()), validate=True)
    except (NotBase64, TypeError, ValueError):
        raise No("in(文件数据)应为Base64文本或字节数组") from None
    if not found:
        raise No("in(文件数据)不能为空")
    if len(found) > FILE_MAX:
        raise No(f"文件超过{FILE_MAX // 1_000_000}MB，请分次上传")
    return found


def _of_numbers(said: list[Any]) -> bytes:
    if not all(type(number) is int and -128 <= number <= 255 for number in said):
        raise ValueError
    return bytes(number % 256 for number in said)


@transaction("9102")
def fetch_file(front: Front, asked: Asked) -> bytes:
    """Give a file: one of the institution, or one for everybody, for which clients give `plc` as the institution."""
    data = asked.input["fsDownloadIn"]
    if data["fixmedins_code"] not in (asked.institution.code, PUBLIC):
        raise No(f"只能下载本机构的文件，fixmedins_code请填本机构编号（目录文件可填{PUBLIC}）")
    bucket, _, rest = str(data["file_qury_no"]).partition("/")
    if bucket in PUBLISHED:
        return PUBLISHED[bucket](front, rest)
    return file_of(front, asked.institution.code, data["file_qury_no"])
