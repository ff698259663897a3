"""Bills in the tables that offices keep: CSV and Excel in, CSV and Excel out, in Chinese or English words, amounts in yuan.

What cannot be read in a row is told of that row, and the others go on; a heading that nobody knows stops the reading.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from duoceng.base.day import EARLIEST_BIRTH, day
from duoceng.base.mistakes import Place, refuse
from duoceng.base.money import fen, whole_number, yuan
from duoceng.engine.words import say
from duoceng.interfaces.sheets import iso, rows_of
from duoceng.kernel.columns import FACTS, KINDS
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.places import place_name
from duoceng.policy.questions import nearest
from duoceng.policy.vocabulary import Attribute

SUFFIXES = (".csv", ".xlsx")
DAYS = ("discharged", "admitted", "settled")
HEADINGS = {"参保人": "member", "人员编号": "member", "单据号": "bill", "统筹区": "region", "产品": "products", "出院日期": "discharged",
            "就诊日期": "discharged", "入院日期": "admitted", "结算日期": "settled", "住院号": "episode", "年终结算": "year_end",
            "天数": "days", "小时数": "hours", "次数": "visits", "月数": "months", "数量": "quantity"}  # fmt: skip
OUT = {"member": "参保人", "bill": "单据号", "billed": "费用总额", "member_pays": "个人负担", "cash": "另付现金", "row": "行号", "field": "字段",
       "code": "错误代码", "reason": "原因", "policy": "政策", "layer": "层", "paid": "支付", "sum": "累计", "amount": "金额"}  # fmt: skip
# How offices write the two schemes, beside the words of the vocabulary.
SCHEMES = {"职工": "employee", "城镇职工": "employee", "职工基本医疗保险": "employee", "居民": "resident", "城乡居民": "resident",
           "城乡居民医保": "resident", "城乡居民基本医疗保险": "resident"}  # fmt: skip
MONEY = ("billed", "member_pays", "cash", "paid", "amount")
Cell = Callable[[str], Any]


@dataclass(frozen=True)
class BillTable:
    """A table as it was read: rows that could be, and (row, column, reason) for the others.

    Rows are numbered as the sheet numbers them: headings stand in row 1. `written`: the heading of each column, as it stands there.
    """

    table: pa.Table
    faults: tuple[tuple[int, str, str], ...]
    chinese: bool
    written: dict[str, str]


def read_bill_table(path: Path, library: Library) -> BillTable:
    """A CSV or Excel file of bills. Raises Refused where a heading is not known."""
    rows = list(rows_of(path.name, path.read_bytes()))
    if not rows:
        raise refuse("B044", Place(str(path)), "the table is empty", "", "write headings in the first row")
    known = headings(library)
    names = [_heading(path, written, known) for written in rows[0]]
    columns: dict[str, list[Any]] = {name: [] for name in ("file_row", *names)}
    faults: list[tuple[int, str, str]] = []
    readers = {name: _reader(name, library) for name in names}
    for number, row in enumerate(rows[1:], 2):
        if not any(row):
            continue
        found, wrong = _row(dict(zip(names, [*row, *[""] * len(names)], strict=False)), readers)
        faults += [(number, name, reason) for name, reason in wrong]
        if not wrong:
            for name, value in {"file_row": number, **found}.items():
                columns[name].append(value)
    types = {"file_row": pa.int64(), **{name: _type(name, library) for name in names}}
    table = pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})
    table = table.sort_by([("member", "ascending"), ("discharged", "ascending"), ("file_row", "ascending")])
    chinese = any(written in known and not written.isascii() for written in rows[0])
    return BillTable(table, tuple(faults), chinese, dict(zip(names, rows[0], strict=True)))


def headings(library: Library) -> dict[str, str]:
    """Every heading that is understood, and the column it names."""
    vocabulary = library.vocabulary
    chinese = {**{a.zh: a.name for a in vocabulary.values()}, **{say(kind, "zh"): kind for kind in KINDS}, **HEADINGS}
    plain = [*HEADINGS.values(), *vocabulary, *KINDS, *FACTS[3:]]
    plain += [f"{before}.{tier}" for before in ("settled_before", "paid_by_others") for tier in TIERS]
    return {**chinese, **{name: name for name in plain}}


def _heading(path: Path, written: str, known: dict[str, str]) -> str:
    if written in known:
        return known[written]
    if "/" in written and written.rpartition("/")[2] in known:
        return f"{written.rpartition('/')[0]}/{known[written.rpartition('/')[2]]}"
    raise refuse(
        "B042", Place(str(path)), f"column `{written}`: nobody knows this heading", "", nearest(written, list(known))
    )


def _row(row: dict[str, str], readers: dict[str, Cell]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    found: dict[str, Any] = {}
    wrong = []
    for name, read in readers.items():
        written = row[name].strip()
        try:
            found[name] = read(written) if written else None
        except ValueError as error:
            wrong.append((name, str(error)))
    return found, wrong


def _reader(name: str, library: Library) -> Cell:
    """How a cell of a column is read."""
    if name in ("member", "bill", "products", "episode"):
        return str
    if name == "region":
        names = {region: place_name(library, region) for region in library.regions()}
        places = {form: region for region, name in names.items() for form in (name, name.rstrip("市省"))}
        return lambda written: places.get(written, written)
    if name in DAYS:
        return _day
    if name == "year_end":
        return _yes
    if name in KINDS or ("." in name and "/" not in name):
        return lambda written: fen(written.replace(",", "").replace("，", ""))
    attribute = library.vocabulary.get(name.rpartition("/")[2])
    return _answer(attribute) if attribute else whole_number


def _answer(attribute: Attribute) -> Cell:
    words = {term.zh: value for value, term in attribute.values.items()}
    if attribute.type == "yes_no":
        return _yes
    if attribute.type == "day":
        return _day
    if attribute.type == "set":
        return lambda written: "+".join(words.get(w, w) for w in written.replace("、", "+").split("+"))
    if attribute.type in ("choice", "text"):
        return partial(_word, attribute, {**words, **(SCHEMES if attribute.name == "scheme" else {})})
    return lambda written: attribute.parse(written.replace(",", "") if attribute.type == "money" else written)


def _word(attribute: Attribute, words: dict[str, str], written: str) -> str:
    found = words.get(written) or words.get(written.removesuffix("医院"), written)
    if attribute.type == "choice" and not attribute.open and found not in attribute.values:
        raise ValueError(
            f"`{written[:30]}` is none of: {', '.join(f'{term.zh} {value}' for value, term in attribute.values.items())}"
        )
    return found


def _day(written: str) -> date:
    return day(iso(written), EARLIEST_BIRTH)


def _yes(written: str) -> bool:
    if written.lower() not in ("yes", "no", "是", "否", "true", "false", "1", "0"):
        raise ValueError(f"{written[:30]!r} is neither yes nor no")
    return written.lower() in ("yes", "是", "true", "1")


def _type(name: str, library: Library) -> pa.DataType:
    if name in ("member", "bill"):
        return pa.string()
    if name in DAYS:
        return pa.date32()
    if name == "year_end":
        return pa.bool_()
    attribute = library.vocabulary.get(name.rpartition("/")[2])
    kind = attribute.type if attribute else "number"
    if name in ("products", "episode", "region") or kind in ("choice", "text", "set"):
        return pa.string()
    return {"day": pa.date32(), "yes_no": pa.bool_()}.get(kind, pa.int64())


def write_bill_table(path: Path, table: pa.Table, chinese: bool) -> None:
    """One table of what came of the bills, amounts in yuan; columns with nothing in them are left out."""
    names = [
        n for n in table.column_names if n != "plan" and (not _money(n) or n == "billed" or any(table[n].to_pylist()))
    ]
    heads = [_head(name) if chinese else name for name in names]
    columns = [[yuan(v).replace(",", "") if _money(n) else v for v in table[n].to_pylist()] for n in names]
    rows = zip(*columns, strict=True)
    if path.suffix.lower() == ".xlsx":
        _to_xlsx(path, heads, [_money(n) for n in names], list(rows))
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([heads, *rows])


def _money(name: str) -> bool:
    return name in MONEY or name.startswith(("pays.", "left."))


def _head(name: str) -> str:
    before, _, rest = name.partition(".")
    if before == "pays":
        return f"{say(f'tier_{rest}', 'zh')}支付"
    return f"个人负担·{say(rest, 'zh')}" if before == "left" else OUT.get(name, name)


def _to_xlsx(path: Path, heads: list[str], money: list[bool], rows: list[Any]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet, form = book.add_worksheet(), book.add_format({"num_format": "#,##0.00"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(heads), 14)
        sheet.write_row(0, 0, heads)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if money[column]:
                    sheet.write_number(at, column, float(value), form)
                else:
                    sheet.write(at, column, value)
