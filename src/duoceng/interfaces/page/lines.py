"""The items of a bill out of a table: pasted from a workbook, or a file of one. Headings as hospitals print them.

A row that cannot be read is told of by its number, and the others are taken.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from duoceng.base.day import day
from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.base.money import fen, rate
from duoceng.interfaces.mistakes_zh import chinese
from duoceng.interfaces.sheets import csv_rows, iso, rows_of

LINES_MAX = 2000
ROWS_MAX = LINES_MAX + 200  # with headings, sums and what cannot be read
UNPACKED_MAX = 60_000_000
HEADINGS = {
    "code": ("项目编码", "医保编码", "国家编码", "国家医保编码", "医保目录编码", "收费项目编码", "编码", "code"),
    "name": ("项目名称", "收费项目名称", "药品名称", "名称", "项目", "name", "item"),
    "amount": ("金额", "费用金额", "总金额", "费用", "合计", "金额(元)", "金额（元）", "amount"),
    "quantity": ("数量", "quantity", "qty"),
    "day": ("费用日期", "费用发生日期", "收费日期", "日期", "day", "date"),
    "item_class": ("收费项目等级", "医保等级", "医保类别", "费用等级", "等级", "类别", "甲乙丙", "class", "item_class"),
    "borne_first": ("先行自付比例", "自付比例", "首自付比例", "自理比例", "borne_first"),
    "price_limit": ("限价", "定价上限金额", "最高限价", "支付标准", "price_limit"),
}  # fmt: skip
KNOWN = {heading.lower(): key for key, headings in HEADINGS.items() for heading in headings}
CLASSES = {"甲": "class_a", "甲类": "class_a", "01": "class_a", "1": "class_a", "a": "class_a", "class_a": "class_a",
           "乙": "class_b", "乙类": "class_b", "02": "class_b", "2": "class_b", "b": "class_b", "class_b": "class_b",
           "丙": "class_c", "丙类": "class_c", "自费": "class_c", "全自费": "class_c", "03": "class_c", "3": "class_c", "c": "class_c",
           "class_c": "class_c"}  # fmt: skip
MONEY = re.compile(r"[,，￥¥\s元]")


def pasted(text: str, lang: str) -> dict[str, Any]:
    """Lines out of text that was pasted. Raises Refused."""
    return told(table(bounded(lambda: csv_rows(text.replace("\r\n", "\n").replace("\r", "\n")))), lang)


def uploaded(name: str, raw: bytes, lang: str) -> dict[str, Any]:
    """Lines out of a file. Raises Refused."""
    if name.lower().endswith(".xlsx"):
        stop_if_swollen(raw)
    return told(table(bounded(lambda: rows_of(name, raw))), lang)


def bounded(reading: Callable[[], Iterator[list[str]]]) -> list[list[str]]:
    """As many rows as a bill may have lines, with their headings; whatever a reader makes of what is no table is one answer."""
    try:
        rows = list(islice(reading(), ROWS_MAX + 1))
    except ImportError:
        repair = "pip install 'duoceng[xlsx]', or paste the cells"
        raise refuse("W001", Place("file", 0), "workbooks cannot be read here", "", repair) from None
    except Exception:  # noqa: BLE001  readers of workbooks raise what they like; nothing else runs in here
        raise no_table() from None
    if len(rows) > ROWS_MAX:
        raise too_many_lines()
    return rows


def stop_if_swollen(raw: bytes) -> None:
    """Raise Refused where a packed workbook would come to more than it may."""
    try:
        swollen = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(raw)).infolist()) > UNPACKED_MAX
    except (zipfile.BadZipFile, ValueError, OSError, IndexError):
        raise no_table() from None
    if swollen:
        raise too_many_lines()


def no_table() -> Refused:
    """What was sent cannot be read as rows."""
    return refuse("W001", Place("file", 0), "this file is no table", "", "save it as .xlsx or .csv, or paste the cells")


def too_many_lines() -> Refused:
    """More lines than one bill is settled with here."""
    repair = "settle the bill in parts, or write its amounts by kind"
    return refuse("W002", Place("file", 0), f"more than {LINES_MAX} lines", "", repair)


def told(found: dict[str, Any], lang: str) -> dict[str, Any]:
    """The same with its reasons in a language."""
    if lang == "zh":
        found["faults"] = [{**fault, "why": chinese(fault["why"])} for fault in found["faults"]]
    return found


def table(rows: list[list[str]]) -> dict[str, Any]:
    """Lines in the words of bill files, rows that could not be read, and headings nobody knows."""
    rows = [[cell.strip() for cell in row] for row in rows]
    head = next(
        (n for n, row in enumerate(rows[:20]) if any(c.lower() in KNOWN and KNOWN[c.lower()] == "amount" for c in row)),
        None,
    )
    if head is None:
        repair = f"put headings in the first row, such as: {'、'.join(names[0] for names in HEADINGS.values())}"
        raise refuse("W001", Place("file", 0), "no column of amounts was found", "", repair)
    keys = [KNOWN.get(cell.lower(), "") for cell in rows[head]]
    lines: list[dict[str, str]] = []
    faults: list[dict[str, Any]] = []
    for number, row in enumerate(rows[head + 1 :], head + 2):
        cells = {key: cell for key, cell in zip(keys, row, strict=False) if key and cell}
        if not any(row) or _is_total(row):
            continue
        if len(lines) == LINES_MAX:
            raise too_many_lines()
        try:
            lines.append(_line(cells, len(lines) + 1))
        except ValueError as error:
            faults.append({"row": number, "why": str(error), "cells": row[:8]})
    return {
        "lines": lines,
        "faults": faults,
        "unknown": [c for c, k in zip(rows[head], keys, strict=True) if c and not k],
    }


def _is_total(row: list[str]) -> bool:
    return next((cell for cell in row if cell), "").replace(" ", "") in ("合计", "总计", "小计", "total")


def _line(cells: dict[str, str], number: int) -> dict[str, str]:
    """One line, its cells checked and written as bill files write them. Raises ValueError."""
    if "amount" not in cells:
        raise ValueError("there is no amount")
    line = {
        "code": cells.get("code") or f"L{number}",
        "name": cells.get("name", ""),
        "amount": MONEY.sub("", cells["amount"]),
    }
    if fen(line["amount"]) < 0:
        raise ValueError("a line is never negative: leave out what was taken back, with its refund")
    if "quantity" in cells:
        line["quantity"] = cells["quantity"].replace(",", "")
    if "day" in cells:
        line["day"] = iso(cells["day"])
        day(line["day"])
    if "item_class" in cells:
        line["item_class"] = CLASSES.get(cells["item_class"].lower(), "")
        if not line["item_class"]:
            raise ValueError(f"`{cells['item_class'][:20]}` is no class: 甲, 乙 or 丙")
    if "borne_first" in cells:
        line["borne_first"] = _share(cells["borne_first"])
    if "price_limit" in cells and (limit := MONEY.sub("", cells["price_limit"])):
        fen(limit)
        line["price_limit"] = limit
    return line


def _share(written: str) -> str:
    """10%, 0.1 and 0.1000 as 10%; a whole number above one is a percentage."""
    if written.endswith(("%", "％")):
        found = written.replace("％", "%").replace(" ", "")
    else:
        plain = written.strip()
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", plain):
            raise ValueError(f"`{written[:20]}` is no share")
        whole, _, part = plain.partition(".")
        parts = int(whole) * 10_000 + int((part + "0000")[:4])  # of 10,000
        parts = parts if parts <= 10_000 else parts // 100
        found = f"{parts // 100}.{parts % 100:02d}%"
    rate(found)
    return found
