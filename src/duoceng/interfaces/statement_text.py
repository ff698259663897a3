"""A statement for the terminal: the waterfall in characters, amounts in a column, clauses below."""

from rich.cells import cell_len

from duoceng.base.money import yuan
from duoceng.engine.explain import Line, Statement
from duoceng.engine.words import say
from duoceng.records.plan import Clause

LABEL, AMOUNT, BAR = 46, 15, 26
INDENT = {"total": 0, "layer": 0, "member": 0, "kind": 2, "move": 4, "refusal": 4}


def text_of(statement: Statement, width: int = 100) -> str:
    """The statement as lines of at most `width` columns (narrow screens leave the bars out)."""
    bars = width >= LABEL + AMOUNT + BAR + 4
    rule = "─" * min(width, LABEL + AMOUNT + (BAR + 2 if bars else 0))
    whole = max((line.amount or 0) for line in statement.lines if line.role == "total") or 1
    unit = say("yuan", statement.lang)
    title = f"{statement.title} · {' · '.join(statement.heading)}"
    head = pad(title, max(LABEL + AMOUNT - cell_len(unit), cell_len(title) + 2)) + unit
    rows = [head, rule]
    before = ""
    for line in statement.lines:
        if line.role in ("layer", "member") and before not in ("layer", ""):
            rows.append(rule if line.role == "member" and before != "kind" else "")
        rows.append(_row(line, whole, bars))
        before = line.role
    rows += [rule, *statement.warnings, *([""] if statement.warnings else [])]
    rows += [
        r
        for number, clause in enumerate(statement.clauses, 1)
        for r in clause_rows(number, clause, statement.lang, width)
    ]
    return "\n".join(r.rstrip() for r in rows) + "\n"


def _row(line: Line, whole: int, bars: bool) -> str:
    marks = "".join(f"[{n}]" for n in line.clauses)
    detail = f"  {line.detail}" if line.detail else ""
    left = " " * INDENT[line.role] + line.label + detail + (f" {marks}" if marks else "")
    amount = yuan(line.amount) if line.amount is not None else ""
    if line.role == "layer" and line.amount:
        amount = f"-{amount}"
    if line.role in ("move", "kind"):
        amount = f"{amount}  "
    room = LABEL + AMOUNT - cell_len(amount)
    text = (pad(left, room) if cell_len(left) < room else left + " ") + amount
    if bars and line.bar:
        text = pad(text, LABEL + AMOUNT + 2) + _bar(line.bar, whole)
    return text


def _bar(bar: tuple[int, int], whole: int) -> str:
    start, end = (round(edge * BAR / whole) for edge in bar)
    if bar[1] > bar[0] and end == start:
        return " " * min(start, BAR - 1) + "▏"
    return " " * start + "█" * (end - start)


def clause_rows(number: int, clause: Clause, lang: str, width: int = 100) -> list[str]:
    """A clause below a statement: number, source, words, status; wrapped to the width."""
    mark, zh = f"[{number}] ", lang == "zh"
    note = say("from_note", lang) if clause.quoted_from == "note" else ""
    since = say("since", lang, day=str(clause.begins))
    facts = ("，" if zh else ", ").join(
        filter(None, (f"{clause.policy} {clause.part}", since, say(f"status_{clause.status}", lang), note))
    )
    source = " ".join(filter(None, (clause.source, clause.cite)))
    first = f"{source}（{facts}）" if zh else f"{source} ({facts})"
    quote = f"“{clause.quote}”"
    return wrapped(mark + first, width, len(mark)) + wrapped(" " * len(mark) + quote, width, len(mark))


def wrapped(text: str, width: int, indent: int) -> list[str]:
    """Text in lines of at most `width` columns; Chinese may break anywhere, Latin words between."""
    rows, row = [], ""
    for piece in pieces(text):
        if cell_len(row) + cell_len(piece) > width and row.strip():
            rows.append(row)
            row = " " * indent + piece.lstrip()
        else:
            row += piece
    return [*rows, row]


def pieces(text: str) -> list[str]:
    """Where a line may break: each wide character by itself, Latin words whole with the space before them."""
    found: list[str] = []
    for character in text:
        if found and cell_len(character) == 1 and character != " " and cell_len(found[-1][-1]) == 1:
            found[-1] += character
        else:
            found.append(character)
    return found


def pad(text: str, width: int) -> str:
    """Text filled with spaces to a width in columns; Chinese characters take two."""
    return text + " " * max(width - cell_len(text), 0)
