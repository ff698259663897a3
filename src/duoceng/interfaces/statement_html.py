"""Statements as a page that stands alone: for the browser, for printing, and (through weasyprint) as PDF.

No script, no font and no picture from outside; the waterfall is drawn in SVG beside the same numbers as a table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from rich.cells import cell_len, set_cell_size

from duoceng.base.money import signed, yuan
from duoceng.desk.year import Year
from duoceng.engine.explain import Line, Statement
from duoceng.engine.words import say
from duoceng.interfaces.statement_json import layer_differences, owed
from duoceng.records.plan import Clause

# One hue a tier, dark enough on white for text beside it; the member's part is the one warm colour.
COLOURS = {
    "basic": "#1f6f8b", "large_amount": "#2f86a6", "supplement": "#3a9d8f", "civil_servant": "#4f8a5b", "critical_illness": "#3f5fa8",
    "assistance": "#6a53a1", "charity": "#8a5fa6", "huiminbao": "#0f8a6d", "commercial": "#7a6a2f", "maternity": "#a65f86",
    "long_term_care": "#5f7f3a", "package": "#5b6b73", "allowance": "#8a7340", "": "#5b6b73",
}  # fmt: skip
MEMBER, BILLED = "#c8553d", "#8b98a1"

STYLE = """
:root { --ink: #1d2730; --soft: #5c6a75; --line: #d9dfe4; --pale: #f5f7f9; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px 20px 40px; max-width: 860px; color: var(--ink); background: #fff; line-height: 1.5; font-size: 15px;
  font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans", sans-serif; }
h1 { font-size: 21px; margin: 0 0 2px; } h2 { font-size: 16px; margin: 28px 0 8px; }
.sub { color: var(--soft); display: flex; justify-content: space-between; gap: 12px; flex-wrap: wrap; }
.about { margin: 8px 0 0; font-size: 13px; overflow-wrap: anywhere; } .about span { display: inline-block; margin-right: 22px; }
.about i { color: var(--soft); font-style: normal; margin-right: 6px; }
.answer { display: flex; gap: 28px; flex-wrap: wrap; margin: 16px 0 4px; }
.answer div span { display: block; color: var(--soft); font-size: 13px; }
.answer div b { font-size: 24px; font-variant-numeric: tabular-nums; font-weight: 600; }
.answer .you b { color: #c8553d; }
svg { width: 100%; height: auto; display: block; margin: 10px 0 4px; } svg.narrow { display: none; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
td { padding: 4px 6px; vertical-align: top; } td.n { text-align: right; white-space: nowrap; width: 9em; }
tr.total td, tr.layer td, tr.member td { font-weight: 600; border-top: 1px solid var(--line); padding-top: 7px; }
tr.member td { border-top: 2px solid #c8553d; } tr.move td, tr.kind td, tr.refusal td { color: var(--soft); padding-top: 1px; }
tr.move td:first-child, tr.kind td:first-child, tr.refusal td:first-child { padding-left: 26px; }
tr.move td.n, tr.kind td.n { padding-right: 30px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 8px; }
a.c { color: #1f6f8b; text-decoration: none; font-size: 12px; vertical-align: super; line-height: 0; margin-left: 2px; }
ol.clauses { padding-left: 26px; font-size: 13px; } ol.clauses li { margin-bottom: 8px; }
ol.clauses q { color: var(--ink); display: block; } ol.clauses .src { color: var(--soft); overflow-wrap: anywhere; }
.tag { border-radius: 3px; padding: 0 5px; font-size: 12px; margin-left: 6px; background: var(--pale); color: var(--soft); white-space: nowrap; }
.tag.unverified { background: #fbe9e5; color: #a13c26; } .tag.verified { background: #e6f3ec; color: #1e6b45; }
.warn { background: #fbe9e5; color: #8d3421; padding: 8px 12px; border-radius: 4px; margin: 12px 0; }
@media (max-width: 560px) { svg.wide { display: none; } svg.narrow { display: block; }
  body { padding: 16px 12px; font-size: 14px; } tr.move td.n, tr.kind td.n { padding-right: 6px; }
  tr.move td:first-child, tr.kind td:first-child, tr.refusal td:first-child { padding-left: 12px; } .answer b { font-size: 20px; } }
@media print { body { padding: 0; max-width: none; font-size: 12px; }
  section { break-inside: auto; } tr, li { break-inside: avoid; } a { color: inherit; } }
@page { size: A4; margin: 16mm 15mm; @bottom-center { content: PAGES; font-size: 10px; color: #5c6a75;
  font-family: "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans", sans-serif; } }
section + section { break-before: page; margin-top: 36px; }
"""


def page_of(statements: Iterable[Statement], lang: str, year: Year = Year()) -> str:
    """A whole HTML page of one statement or several; of several, with the year, and with who owes whom where a bill changed others."""
    made = list(statements)
    title = escape(made[0].title if made else "")
    code = {"zh": "zh-CN", "en": "en"}[lang]
    pages = say("page", lang, page="|counter(page)|", pages="|counter(pages)|").split("|")
    style = STYLE.replace("PAGES", " ".join(p if p.startswith("counter") else f'"{p}"' for p in pages))
    body = "\n".join([*(_section(s, at) for at, s in enumerate(made)), _year(year, lang)])
    return (f'<!doctype html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n")  # fmt: skip


def _year(year: Year, lang: str) -> str:
    """The bills of a year and their sums; what the arrival of a bill changed in others."""
    if len(year.settlements) < 2 and not year.differences:
        return ""
    head = "".join(f'<th class="n">{say(word, lang)}</th>' for word in ("billed", "covered", "member_pays"))
    rows = [(f"{s.bill.id} · {s.bill.discharged}", (s.billed, s.covered, s.member_pays)) for s in year.settlements]
    body = "".join(f'<tr class="move"><td>{escape(words)}</td>{_amounts(amounts)}</tr>' for words, amounts in rows)
    total = f'<tr class="member"><td>{say("year", lang)}</td>{_amounts(year.totals())}</tr>'
    section = f"<h2>{say('year', lang)}</h2>\n<table><tr><td></td>{head}</tr>{body}{total}</table>"
    if year.differences:
        changes = "".join(
            f'<tr class="layer"><td>{escape(d.arrived)} → {escape(d.bill)}</td><td class="n">{say("member_pays", lang)} {signed(owed(d))}</td></tr>'
            + "".join(
                f'<tr class="move"><td>{escape(layer)}</td><td class="n">{signed(amount)}</td></tr>'
                for layer, amount in layer_differences(d.before, d.after).items()
            )
            for d in year.differences
        )
        section += f"\n<h2>{say('differences', lang)}</h2>\n<table>{changes}</table>"
    return f"<section>\n{section}\n</section>"


def _amounts(amounts: tuple[int, ...]) -> str:
    return "".join(f'<td class="n">{yuan(a)}</td>' for a in amounts)


def _section(statement: Statement, at: int) -> str:
    lang = statement.lang
    total = next(x for x in statement.lines if x.role == "total")
    member = next(x for x in statement.lines if x.role == "member")
    paid = (total.amount or 0) - (member.amount or 0)
    answer = "".join(f'<div class="{css}"><span>{escape(words)}</span><b>{yuan(amount)}</b></div>' for words, amount, css in (
        (total.label, total.amount or 0, ""), (say("covered", lang), paid, ""), (member.label, member.amount or 0, "you")))  # fmt: skip
    heading = " · ".join(escape(h) for h in statement.heading)
    about = "".join(f"<span><i>{escape(label)}</i>{escape(said)}</span> " for label, said in statement.about)
    warnings = "".join(f'<p class="warn">{escape(w)}</p>' for w in statement.warnings)
    rows = "".join(_row(x, at) for x in statement.lines)
    clauses = "".join(_clause(n, c, lang, at) for n, c in enumerate(statement.clauses, 1))
    return (f'<section>\n<h1>{escape(statement.title)}</h1>\n<div class="sub"><span>{heading}</span><span>{say("yuan", lang)}</span></div>\n'
            f'<p class="about">{about}</p>\n'
            f'<div class="answer">{answer}</div>\n{waterfall(statement)}\n{warnings}<table>{rows}</table>\n'
            f'<h2>{say("clauses", lang)}</h2>\n<ol class="clauses">{clauses}</ol>\n</section>')  # fmt: skip


def _row(line: Line, at: int) -> str:
    marks = "".join(f'<a class="c" href="#b{at}c{n}">[{n}]</a>' for n in line.clauses)
    dot = ""
    if line.role in ("layer", "member"):
        colour = MEMBER if line.role == "member" else COLOURS.get(line.tier, COLOURS[""])
        dot = f'<span class="dot" style="background:{colour}"></span>'
    detail = f" {escape(line.detail)}" if line.detail else ""
    amount = (
        ""
        if line.amount is None
        else ("−" if line.role == "layer" and line.amount else "") + yuan(line.amount).replace("-", "−")
    )
    return f'<tr class="{line.role}"><td>{dot}{escape(line.label)}{detail}{marks}</td><td class="n">{amount}</td></tr>'


def _clause(number: int, clause: Clause, lang: str, at: int) -> str:
    tag = f'<span class="tag {clause.status}">{say(f"status_{clause.status}", lang)}</span>'
    note = f'<span class="tag">{say("from_note", lang)}</span>' if clause.quoted_from == "note" else ""
    source = escape(" ".join(filter(None, (clause.source, clause.cite))))
    address = f" · {escape(clause.url)}" if clause.url else ""
    since = say("since", lang, day=str(clause.begins))
    return (f'<li id="b{at}c{number}"><q>{escape(clause.quote)}</q><span class="src">{source}{address} · {escape(clause.policy)} '
            f"{escape(clause.part)} · {since}</span>{tag}{note}</li>")  # fmt: skip


@dataclass(frozen=True)
class _Sheet:
    """Where the parts of a waterfall stand: words beside the bars, or above them where the page is narrow."""

    width: int
    left: int
    right: int
    row: int
    words_above: bool


WIDE = _Sheet(820, 210, 110, 26, False)
NARROW = _Sheet(360, 0, 0, 42, True)
BAR = 18
BESIDE = 28  # columns of words beside a bar


def waterfall(statement: Statement) -> str:
    """The bill as a waterfall, one bar a line: the whole bill, what each layer takes off, what the member pays. Drawn for both widths."""
    return _drawn(statement, WIDE, "wide") + _drawn(statement, NARROW, "narrow")


def _drawn(statement: Statement, sheet: _Sheet, name: str) -> str:
    bars = [x for x in statement.lines if x.bar]
    whole = max((x.amount or 0 for x in bars if x.role == "total"), default=0) or 1
    scale = (sheet.width - sheet.left - sheet.right) / whole
    drawn = "".join(_bar(x, at, scale, sheet) for at, x in enumerate(bars))
    words = escape(say("waterfall", statement.lang))
    return (f'<svg class="{name}" viewBox="0 0 {sheet.width} {len(bars) * sheet.row + 6}" role="img" aria-label="{words}" '
            f'font-size="13" font-family="inherit">{drawn}</svg>')  # fmt: skip


def _bar(line: Line, at: int, scale: float, sheet: _Sheet) -> str:
    assert line.bar is not None
    start, end = (sheet.left + edge * scale for edge in line.bar)
    top = at * sheet.row + 4
    bar = top + (sheet.row - BAR - 4 if sheet.words_above else 0)
    colour = {"total": BILLED, "member": MEMBER}.get(line.role, COLOURS.get(line.tier, COLOURS[""]))
    layer = line.role == "layer" and bool(line.amount)
    down = f'x1="{start:.1f}" x2="{start:.1f}" y1="{bar + BAR}" y2="{bar + sheet.row}"'
    drop = f'<line {down} stroke="#b9c3cb"/>' if layer and not sheet.words_above else ""
    label = escape(_cut(line.label, 38) if sheet.words_above else _short(line))
    word = f'x="0" y="{top + 12}"' if sheet.words_above else f'x="{sheet.left - 10}" y="{top + 14}" text-anchor="end"'
    amount = ("−" if layer else "") + yuan(line.amount or 0)
    width = max(end - start, 1.5 if line.amount else 0)
    return (f'<text {word} fill="#1d2730">{label}</text>{drop}'
            f'<rect x="{start:.1f}" y="{bar}" width="{width:.1f}" height="{BAR}" rx="2" fill="{colour}"/>'
            f'<text x="{sheet.width}" y="{top + (12 if sheet.words_above else 14)}" text-anchor="end" fill="#1d2730">{amount}</text>')  # fmt: skip


def _short(line: Line) -> str:
    """As much of a label as stands beside its bar: where it starts and how it ends, since long titles differ at their end."""
    if cell_len(line.label) <= BESIDE:
        return line.label
    tier, separator, title = line.label.partition(" · ")
    start = tier + separator if title else _cut(line.label, BESIDE // 2)[:-1]
    end = line.label
    while cell_len(start) + 1 + cell_len(end) > BESIDE:
        end = end[1:]
    return f"{start}…{end.lstrip()}"


def _cut(words: str, columns: int) -> str:
    """Words cut to a width in columns; Chinese characters take two."""
    return words if cell_len(words) <= columns else set_cell_size(words, columns - 1).rstrip() + "…"
