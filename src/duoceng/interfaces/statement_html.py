"""Statements as a page that stands alone: for the browser, for printing, and (through weasyprint) as PDF.

No script, no font and no picture from outside; the waterfall is drawn in SVG beside the same numbers as a table.
"""

from collections.abc import Iterable
from html import escape

from duoceng.base.money import yuan
from duoceng.engine.explain import Line, Statement
from duoceng.engine.words import say
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
.answer { display: flex; gap: 28px; flex-wrap: wrap; margin: 16px 0 4px; }
.answer div span { display: block; color: var(--soft); font-size: 13px; }
.answer div b { font-size: 24px; font-variant-numeric: tabular-nums; font-weight: 600; }
.answer .you b { color: #c8553d; }
svg { width: 100%; height: auto; display: block; margin: 10px 0 4px; }
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
@media (max-width: 560px) { body { padding: 16px 12px; font-size: 14px; } tr.move td.n, tr.kind td.n { padding-right: 6px; }
  tr.move td:first-child, tr.kind td:first-child, tr.refusal td:first-child { padding-left: 12px; } .answer b { font-size: 20px; } }
@media print { body { padding: 0; max-width: none; font-size: 12px; }
  section { break-inside: auto; } tr, li { break-inside: avoid; } a { color: inherit; } }
@page { size: A4; margin: 16mm 15mm; }
section + section { break-before: page; margin-top: 36px; }
"""


def page_of(statements: Iterable[Statement], lang: str) -> str:
    """A whole HTML page of one statement or several."""
    made = list(statements)
    title = escape(made[0].title if made else "")
    code = {"zh": "zh-CN", "en": "en"}[lang]
    body = "\n".join(_section(s, at) for at, s in enumerate(made))
    return (f'<!doctype html>\n<html lang="{code}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n")  # fmt: skip


def _section(statement: Statement, at: int) -> str:
    lang = statement.lang
    total = next(x for x in statement.lines if x.role == "total")
    member = next(x for x in statement.lines if x.role == "member")
    paid = (total.amount or 0) - (member.amount or 0)
    answer = "".join(f'<div class="{css}"><span>{escape(words)}</span><b>{yuan(amount)}</b></div>' for words, amount, css in (
        (total.label, total.amount or 0, ""), (say("covered", lang), paid, ""), (member.label, member.amount or 0, "you")))  # fmt: skip
    heading = " · ".join(escape(h) for h in statement.heading)
    warnings = "".join(f'<p class="warn">{escape(w)}</p>' for w in statement.warnings)
    rows = "".join(_row(x, at) for x in statement.lines)
    clauses = "".join(_clause(n, c, lang, at) for n, c in enumerate(statement.clauses, 1))
    return (f'<section>\n<h1>{escape(statement.title)}</h1>\n<div class="sub"><span>{heading}</span><span>{say("yuan", lang)}</span></div>\n'
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


ROW, LABEL_WIDTH, WIDTH, AMOUNT_WIDTH = 26, 210, 820, 110


def waterfall(statement: Statement) -> str:
    """The bill as a waterfall, one bar a line: the whole bill, what each layer takes off, what the member pays."""
    bars = [x for x in statement.lines if x.bar]
    whole = max((x.amount or 0 for x in bars if x.role == "total"), default=0) or 1
    scale = (WIDTH - LABEL_WIDTH - AMOUNT_WIDTH) / whole
    drawn = "".join(_bar(x, at, scale) for at, x in enumerate(bars))
    return (f'<svg viewBox="0 0 {WIDTH} {len(bars) * ROW + 6}" role="img" aria-label="{escape(say("waterfall", statement.lang))}" '
            f'font-size="13" font-family="inherit">{drawn}</svg>')  # fmt: skip


def _bar(line: Line, at: int, scale: float) -> str:
    assert line.bar is not None
    start, end = (LABEL_WIDTH + edge * scale for edge in line.bar)
    y = at * ROW + 4
    colour = {"total": BILLED, "member": MEMBER}.get(line.role, COLOURS.get(line.tier, COLOURS[""]))
    label = (
        line.label
        if len(line.label) <= 16
        else line.label.split(" · ", 1)[0]
        if line.role == "layer"
        else line.label[:15] + "…"
    )
    sign = "−" if line.role == "layer" and line.amount else ""
    width = max(end - start, 1.5 if line.amount else 0)
    drop = (
        f'<line x1="{start:.1f}" x2="{start:.1f}" y1="{y + ROW - 8}" y2="{y + ROW}" stroke="#b9c3cb"/>'
        if line.role == "layer" and line.amount
        else ""
    )
    return (f'<text x="{LABEL_WIDTH - 10}" y="{y + 14}" text-anchor="end" fill="#1d2730">{escape(label)}</text>'
            f'<rect x="{start:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 8}" rx="2" fill="{colour}"/>{drop}'
            f'<text x="{WIDTH}" y="{y + 14}" text-anchor="end" fill="#1d2730">{sign}{yuan(line.amount or 0)}</text>')  # fmt: skip
