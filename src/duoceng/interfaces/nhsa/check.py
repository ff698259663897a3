"""A message held against its table: every field that is missing, of another type, too long, or of an unknown code.

What is good comes back in one form, whatever the client sent: text without blanks around it, numbers as plain decimals, days as
2026-03-01, times as 2026-03-01 08:30:00, lists as lists. Fields the table does not name are left as they came.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from duoceng.interfaces.nhsa.fields import ALSO, ALWAYS, NEWER, Field, Node, Table, dictionaries, meaning

EMPTY = ("", "null", "NULL")
DAY = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})")
TIME = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})[ T]?(\d{2}):?(\d{2})(?::?(\d{2}))?(?:\.?\d{1,3})?")
Input = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that is wrong: where it stands, what is wrong, what would do."""

    node: str
    row: int  # 0 where the node is no list
    field: str
    title: str
    what: str
    repair: str

    def __str__(self) -> str:
        where = "" if self.node == "-" else f"{self.node}{f'[{self.row}]' if self.row else ''}."
        return f"{where}{self.field}({self.title}){self.what}"


def check(table: Table, said: object, strict: bool = False) -> tuple[Input, list[Fault]]:
    """The input in one form, and its faults. `strict`: what only the newer texts require is required."""
    faults: list[Fault] = []
    if not isinstance(said, Mapping):
        return {}, [Fault("-", 0, "input", "交易输入", "不是对象", "input 应为 JSON 对象，或内容为 JSON 对象的字符串")]
    found: Input = _named(table, said)
    for node in table.asked():
        if not node.nested:
            _node(node, found, strict, faults)
    return found, faults


def _node(node: Node, found: Input, strict: bool, faults: list[Fault]) -> None:
    if node.name == "-":
        found.update(_row(node, found, 0, strict, faults))
        return
    said = found.get(node.name)
    if said is None or said in EMPTY:
        if any(field.required == ALWAYS for field in node.fields) and (not node.many or _must(node)):
            title = next(f.name for f in node.fields if f.required == ALWAYS)
            faults.append(Fault("-", 0, node.name, "节点", "不能为空", f"补上节点 {node.name}，其中至少有 {title}"))
        found[node.name] = [] if node.many else {}
        return
    found[node.name] = _rows(node, said, strict, faults)


def _rows(node: Node, said: object, strict: bool, faults: list[Fault], path: str = "") -> Any:
    """The rows of a node in their one form. `path`: where a node stands that is inside another."""
    rows = list(said) if isinstance(said, list) else [said]
    if not node.many and len(rows) != 1:
        faults.append(Fault(path or "-", 0, node.name, "节点", "应为一个对象", "列表中只放一个对象，或直接给出对象"))
        return said
    clean = []
    for at, row in enumerate(rows, 1):
        if isinstance(row, Mapping):
            clean.append(_row(node, row, at if node.many else 0, strict, faults, path))
        else:
            faults.append(Fault(_under(path, node.name), at, "-", "行", "不是对象", "每一行都应为 JSON 对象"))
    return clean if node.many else (clean[0] if clean else {})


def _under(path: str, name: str, at: int = 0) -> str:
    """The path of a node, or of one of its rows: data.patient_dtos[1].fsi_encounter_dtos."""
    return f"{path}{'.' if path else ''}{name}{f'[{at}]' if at else ''}"


MUST = ("feedetail", "drugdetail", "data", "warns")


def _must(node: Node) -> bool:
    """May this list not be empty? Diagnoses and the like may."""
    return node.name in MUST


def _row(node: Node, said: Mapping[str, Any], at: int, strict: bool, faults: list[Fault], path: str = "") -> Input:
    found = dict(said)
    where = _under(path, node.name)
    for field in node.fields:
        value = said.get(field.name)
        if value is None or (isinstance(value, str) and value.strip() in EMPTY):
            if field.required == ALWAYS or (strict and field.required == NEWER):
                faults.append(Fault(where, at, field.name, field.title, "不能为空", f"必填，类型 {field.type}"))
            found[field.name] = ""
            continue
        try:
            found[field.name] = read_value(field, value)
        except ValueError as error:
            what, repair = error.args
            faults.append(Fault(where, at, field.name, field.title, what, repair))
            found[field.name] = ""
    for field, inner in node.inner:
        _inside(field, inner, found, strict, faults, _under(path, node.name, at))
    return found


def _inside(field: Field, node: Node, found: Input, strict: bool, faults: list[Fault], path: str) -> None:
    """The rows of a node that is a field of the row `found`; where they are missing, that was said of the field."""
    said = found[field.name]
    if said == "":
        found[field.name] = [] if node.many else {}
    elif said == [] and (field.required == ALWAYS or (strict and field.required == NEWER)):
        faults.append(Fault(path, 0, field.name, field.title, "不能为空", f"至少一行，其中有 {node.fields[0].name}"))
    elif said != []:
        found[field.name] = _rows(node, said, strict, faults, path)


def read_value(field: Field, value: object) -> Any:
    """A value in the one form of its type. Raises ValueError with what is wrong and what would do."""
    if field.type in ("any", "bytes"):
        return value
    if isinstance(value, list | dict):
        raise ValueError("应为单个值", f"类型 {field.type}，不是列表或对象")
    text = ("1" if value else "0") if isinstance(value, bool) else str(value).strip()
    if field.type == "flag":
        return text
    if field.type in ("date", "time"):
        return _when(field.type, text)
    if field.type.startswith("n"):
        return _number(field, text)
    if field.places and len(text) > field.places:
        raise ValueError(f"长度{len(text)}超过{field.places}", f"最多 {field.places} 个字符")
    if field.codes and not meaning(field.codes, text):
        known = list(dictionaries()[field.codes].items())
        some = "、".join(f"{code} {said}" for code, said in known[:6])
        raise ValueError(
            f"的值「{text[:20]}」不在字典内", f"字典 {field.codes}：{some}{'……' if len(known) > 6 else ''}"
        )
    if any(ord(c) < 32 and c not in "\t\r\n" for c in text):
        raise ValueError("含有控制字符", "去掉不可见字符")
    return text


def _when(kind: str, text: str) -> str:
    found = TIME.fullmatch(text) or DAY.fullmatch(text)
    try:
        if not found:
            raise ValueError
        parts = [int(part or 0) for part in found.groups()]
        day = date(parts[0], parts[1], parts[2]).isoformat()
        hour, minute, second = (*parts[3:], 0, 0, 0)[:3]
        return day if kind == "date" else f"{day} {time(hour, minute, second).isoformat()}"
    except ValueError:
        form = "2026-03-01" if kind == "date" else "2026-03-01 08:30:00"
        raise ValueError(f"的值「{text[:30]}」不是{'日期' if kind == 'date' else '时间'}", f"写成 {form}") from None


def _number(field: Field, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"的值「{text[:30]}」不是数字", f"类型 {field.type}") from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError(f"的值「{text[:30]}」不是数字", f"类型 {field.type}")
    whole = len(str(abs(int(number))))
    if field.places and whole > max(field.places - field.decimals, 1) and int(number) != 0:
        raise ValueError(f"的值「{text[:30]}」超出长度", f"最多 {field.places - field.decimals} 位整数")
    rounded = number.quantize(Decimal(1).scaleb(-field.decimals))
    if rounded != number:
        raise ValueError(f"的值「{text[:30]}」小数位过多", f"最多 {field.decimals} 位小数")
    return str(rounded)


def _named(table: Table, said: Mapping[str, Any]) -> Input:
    """The input with its node under the name of the table, where clients call it otherwise."""
    for other in ALSO.get(table.number, ()) if "data" not in said else ():
        if other in said:
            return {"data": said[other]}
        if other == "-" and any(field.name in said for node in table.asked() for field in node.fields):
            return {"data": dict(said)}
    return dict(said)


def said(faults: list[Fault], most: int = 200) -> str:
    """What `err_msg` says of the faults: as many as fit, and how many there are."""
    first = f"{faults[0]}"
    rest = [str(fault) for fault in faults[1:]]
    while rest and len("；".join([first, *rest])) > most - 12:
        rest.pop()
    words = "；".join([first, *rest])
    left = len(faults) - 1 - len(rest)
    return (words + (f"；另有{left}处" if left else ""))[:most]


def required(table: Table, strict: bool = False) -> Iterator[tuple[Node, Field]]:
    """Every field that must be there."""
    for node in table.asked():
        for field in node.fields:
            if field.required == ALWAYS or (strict and field.required == NEWER):
                yield node, field
