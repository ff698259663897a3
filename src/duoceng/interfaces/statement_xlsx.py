"""A settled year as an Excel workbook: one sheet of bills, one of every statement's lines, one of clauses. Amounts are numbers in yuan."""

from pathlib import Path
from typing import Any

from duoceng.desk.year import Year
from duoceng.engine.explain import Line, Statement
from duoceng.engine.words import say
from duoceng.interfaces.statement_json import layer_differences, owed
from duoceng.records.plan import Clause

SHEETS = {
    "zh": ("汇总", "结算明细", "依据", "提示", "差额"),
    "en": ("summary", "statement", "clauses", "warnings", "differences"),
}
WARNINGS = {"zh": ("单据", "提示"), "en": ("bill", "warning")}
CHANGES = {
    "zh": ("到达的单据", "受影响的单据", "项目", "差额"),
    "en": ("bill that arrived", "bill it changed", "line", "difference"),
}
Row = tuple[str, ...]
Columns = tuple[int, ...]
COLUMNS = {
    "zh": ("单据", "日期", "医疗费总额", "各层合计支付", "个人负担", "另行发放", "名称"),
    "en": ("bill", "day", "billed", "paid by layers", "member pays", "cash", "title"),
}
LINES = {
    "zh": ("单据", "类别", "项目", "说明", "金额", "依据"),
    "en": ("bill", "role", "line", "detail", "amount", "clauses"),
}
ROLES = {
    "zh": {"total": "总额", "kind": "费用", "layer": "层", "move": "步骤", "refusal": "不支付", "member": "个人"},
    "en": {role: role for role in ("total", "kind", "layer", "move", "refusal", "member")},
}
CLAUSES = {"zh": ("单据", "序号", "政策", "条款", "起始日", "来源", "原文", "状态", "地址"),
           "en": ("bill", "number", "policy", "part", "since", "source", "words", "status", "address")}  # fmt: skip


def write_workbook(path: Path, year: Year, statements: list[Statement], lang: str) -> None:
    """Write the workbook; warnings and who owes whom stand on sheets of their own, where there are any.

    Texts are written as texts, so that no name or code becomes a formula.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    head = book.add_format({"bold": True, "bg_color": "#E8EEF2", "border": 1})
    money = book.add_format({"num_format": "#,##0.00"})
    ids = [s.bill.id for s in year.settlements]
    sheets = SHEETS[lang]
    heads = [dict(s.about) for s in statements]
    facts = tuple(x for x in dict.fromkeys(label for head in heads for label in head) if x != say("bill", lang))
    summary: list[list[Any]] = [
        [s.bill.id, s.bill.discharged.isoformat(), s.billed, s.covered, s.member_pays, s.cash, s.bill.title]
        + [head.get(fact, "") for fact in facts]
        for s, head in zip(year.settlements, heads, strict=True)
    ]
    if len(ids) > 1:
        summary.append([say("year", lang), "", *year.totals(), sum(s.cash for s in year.settlements)])
    warnings = [[i, w] for i, s in zip(ids, statements, strict=True) for w in s.warnings]
    changes = [
        [d.arrived, d.bill, layer, amount]
        for d in year.differences
        for layer, amount in [(say("member_pays", lang), owed(d)), *layer_differences(d.before, d.after).items()]
    ]
    both = list(zip(ids, statements, strict=True))
    lines = [_line(i, x, lang) for i, s in both for x in s.lines]
    clauses = [_clause(i, n, c, lang) for i, s in both for n, c in enumerate(s.clauses, 1)]
    for name, columns, rows, amounts, widths in (
        (
            sheets[0],
            (*COLUMNS[lang], *facts),
            summary,
            (2, 3, 4, 5),
            (18, 12, 16, 16, 16, 14, 30, *(16 for _ in facts)),
        ),
        (sheets[1], LINES[lang], lines, (4,), (18, 10, 46, 40, 16, 10)),
        (sheets[2], CLAUSES[lang], clauses, (), (18, 6, 32, 24, 12, 40, 60, 14, 40)),
        (sheets[3], WARNINGS[lang], warnings, (), (18, 90)),
        (sheets[4], CHANGES[lang], changes, (3,), (18, 18, 46, 16)),
    ):
        if name in sheets[3:] and not rows:
            continue
        _sheet(book.add_worksheet(name), columns, rows, amounts, widths, head, money)
    book.close()


def _line(bill: str, line: Line, lang: str) -> list[object]:
    indent = "    " if line.role in ("move", "kind", "refusal") else ""
    marks = "".join(f"[{n}]" for n in line.clauses)
    return [bill, ROLES[lang][line.role], indent + line.label, line.detail, line.amount, marks]


def _clause(bill: str, number: int, clause: Clause, lang: str) -> list[object]:
    source = " ".join(filter(None, (clause.source, clause.cite)))
    since, status = clause.begins.isoformat(), say(f"status_{clause.status}", lang)
    return [bill, number, clause.policy, clause.part, since, source, clause.quote, status, clause.url]


def _sheet(
    sheet: Any, columns: Row, rows: list[list[Any]], amounts: Columns, widths: Columns, head: Any, money: Any
) -> None:
    """One sheet; `amounts` names the columns that hold fen."""
    sheet.freeze_panes(1, 0)
    for at, width in enumerate(widths):
        sheet.set_column(at, at, width)
    sheet.write_row(0, 0, columns, head)
    for line, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            if value is None:
                continue
            if at in amounts:
                sheet.write_number(line, at, value / 100, money)
            elif isinstance(value, int):
                sheet.write_number(line, at, value)
            else:
                sheet.write_string(line, at, value)
