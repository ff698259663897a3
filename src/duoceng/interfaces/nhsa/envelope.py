"""The envelope: bytes in, an asking; an answer, bytes out. Tolerant of all forms that are met in practice, and answered in kind.

UTF-8 or GBK; `input` as an object or as a string of JSON; infver and infno as number or text; times with or without dashes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from duoceng.interfaces.nhsa.check import EMPTY

OK, REFUSED, FAILED = (
    0,
    -2,
    -1,
)  # fine; refused, for the operator to read; failed, so that nobody knows: the client takes it back
ERR_MAX, OUTPUT_MAX, BODY_MAX = 200, 40_000, 4_000_000
PARTS = {"infno": 6, "msgid": 40, "mdtrtarea_admvs": 6, "insuplc_admdvs": 6, "recer_sys_code": 10, "infver": 6, "opter_type": 3, "opter": 30,
         "opter_name": 50, "inf_time": 19, "fixmedins_code": 12, "fixmedins_name": 200, "sign_no": 30}  # fmt: skip
NEEDED = ("infno", "msgid", "fixmedins_code", "opter")
TITLES = {"infno": "交易编号", "msgid": "发送方报文ID", "mdtrtarea_admvs": "就医地医保区划",
          "insuplc_admdvs": "参保地医保区划", "recer_sys_code": "接收方系统代码",
          "infver": "接口版本号", "opter_type": "经办人类别", "opter": "经办人", "opter_name": "经办人姓名", "inf_time": "交易时间",
          "fixmedins_code": "定点医药机构编号", "fixmedins_name": "定点医药机构名称", "sign_no": "交易签到流水号"}  # fmt: skip


class Unreadable(Exception):
    """What came is no envelope: what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as it came. `encoding`: that of the bytes; `wrapped`: its input was a string."""

    said: Mapping[str, Any]
    encoding: str = "utf-8"
    wrapped: bool = False
    input: Any = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        value = self.said.get(name)
        text = "" if value is None or isinstance(value, dict | list) else str(value).strip()
        return "" if text in EMPTY else text


def read(body: bytes) -> Envelope:
    """The envelope in some bytes. Raises Unreadable."""
    if len(body) > BODY_MAX:
        raise Unreadable(f"报文超过{BODY_MAX // 1_000_000}MB")
    encoding = "utf-8"
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = "gb18030"
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            raise Unreadable("报文编码既不是UTF-8也不是GBK") from None
    try:
        said = _json(text)
        _dump(said).encode()
    except UnicodeEncodeError:
        raise Unreadable("报文含有不成对的代理字符") from None
    except (ValueError, RecursionError):
        raise Unreadable("报文不是JSON") from None
    if not isinstance(said, dict):
        raise Unreadable("报文不是JSON对象")
    return opened(said, encoding)


def opened(said: Mapping[str, Any], encoding: str = "utf-8") -> Envelope:
    """The envelope of what was said; an input in a string is opened."""
    inner, wrapped = said.get("input"), False
    if isinstance(inner, str) and inner.strip()[:1] in ("{", "["):
        try:
            inner, wrapped = _json(inner), True
        except (ValueError, RecursionError):
            raise Unreadable("input字符串不是JSON") from None
    return Envelope(said, encoding, wrapped, {} if inner is None or inner in EMPTY else inner)


def faults(envelope: Envelope) -> list[str]:
    """What is wrong with the envelope itself."""
    found = [f"{name}({TITLES[name]})不能为空" for name in NEEDED if not envelope[name]]
    found += [f"{name}({TITLES[name]})含有控制字符" for name in PARTS if any(ord(c) < 32 for c in envelope[name])]
    found += [f"{name}({TITLES[name]})长度超过{most}" for name, most in PARTS.items() if len(envelope[name]) > most]
    return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `output` None: the transaction has none."""

    code: int = OK
    message: str = ""
    output: Mapping[str, Any] | list[dict[str, Any]] | None = None  # 5204 has rows directly under output
    file: bytes | None = None  # 9102 answers with the bytes of a file
    warning: str = ""


def answered(answer: Answer, came: datetime, left: datetime, serial: str, style: str = "number") -> dict[str, Any]:
    """The envelope of an answer. `style`: `infcode` as a number, or as text for clients that compare with \"0\"."""
    return {
        "infcode": str(answer.code) if style == "text" else answer.code,
        "inf_refmsgid": serial,
        "refmsg_time": stamp(came),
        "respond_time": stamp(left),
        "err_msg": answer.message[:ERR_MAX],
        "warn_msg": answer.warning[:ERR_MAX],
        "signtype": "",
        "cainfo": "",
        "enctype": "",
        "output": answer.output if answer.output is not None else {},
    }


def stamp(when: datetime) -> str:
    """A time as 17 digits."""
    return when.strftime("%Y%m%d%H%M%S") + f"{when.microsecond // 1000:03d}"


def written(answer: Mapping[str, Any], encoding: str = "utf-8", wrapped: bool = False) -> bytes:
    """An answer as bytes, in the encoding and the form of what was asked."""
    said = (
        {**answer, "output": _dump(answer["output"])} if wrapped and not isinstance(answer["output"], str) else answer
    )
    return _dump(said).encode(encoding, "replace")


def _dump(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _json(text: str) -> Any:
    def nothing(word: str) -> Any:
        raise ValueError(word)

    return json.loads(text, parse_constant=nothing, parse_float=str)
