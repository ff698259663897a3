"""A statement for the terminal: the waterfall in characters, amounts in a column, clauses below."""

from dataclasses import dataclass

from rich.cells import cell_len

from duoceng.base.money import yuan
from duoceng.engine.explain import Line, Statement
from duoceng.engine.words import say
from duoceng.records.plan import Clause

AMOUNT, BAR = 15, 26
LABEL = 46  # columns of words where there is room
INDENT = {"total": 0, "layer": 0, "member": 0, "kind": 2, "move": 4, "refusal": 4}
NARROWEST, WIDEST = 60, 110


def text_of(statement: Statement, width: int = 100) -> str:
    """The statement as lines of at most `width` columns (narrow screens leave the bars out)."""
    page = Page.of(width)
    whole = max((line.amount or 0) for line in statement.lines if line.role == "total") or 1
    unit = say("yuan", statement.lang)
    *above, title = wrapped(f"{statement.title} · {' · '.join(statement.heading)}", page.width - cell_len(unit) - 2, 2)
    rows = [*above, pad(title, max(page.label + AMOUNT - cell_len(unit), cell_len(title) + 2)) + unit]
    about = "  ".join(f"{label} {said}" for label, said in statement.about)
    rows += [*(wrapped(about, page.width, 0) if about else []), page.rule]
    before = ""
    for line in statement.lines:
        if line.role in ("layer", "member") and before not in ("layer", ""):
            rows.append(page.rule if line.role == "member" and before != "kind" else "")
        rows += _rows(line, whole, page)
        before = line.role
    rows.append(page.rule)
    rows += [row for warning in statement.warnings for row in wrapped(warning, page.width, 2)]
    rows += [""] if statement.warnings else []
    rows += [
        r
        for number, clause in enumerate(statement.clauses, 1)
        for r in clause_rows(number, clause, statement.lang, page.width)
    ]
    return "\n".join(r.rstrip() for r in rows) + "\n"


@dataclass(frozen=True, slots=True)
class Page:
    """How wide the text is, how many columns its words have before the amounts, and whether bars stand beside them."""

    width: int
    label: int
    bars: bool

    @classmethod
    def of(cls, width: int) -> "Page":
        """The page for a width in columns."""
        width = max(min(width, WIDEST), NARROWEST)
        return cls(width, min(LABEL, width - AMOUNT), width >= LABEL + AMOUNT + BAR + 2)

    @property
    def rule(self) -> str:
        """A line across the page."""
        return "─" * (self.label + AMOUNT + (BAR + 2 if self.bars else 0))


def _rows(line: Line, whole: int, page: Page) -> list[str]:
    """A line with its amount in the column; where it is too long for its room, the detail goes below, and on."""
    marks = "".join(f"[{n}]" for n in line.clauses)
    detail = " ".join(filter(None, (line.detail, marks)))
    indent = " " * INDENT[line.role]
    amount = yuan(line.amount) if line.amount is not None else ""
    if line.role == "layer" and line.amount:
        amount = f"-{amount}"
    if line.role in ("move", "kind"):
        amount = f"{amount}  "
    room = page.label + AMOUNT - cell_len(amount)
    left = indent + line.label + (f"  {line.detail}" if line.detail else "") + (f" {marks}" if marks else "")
    if cell_len(left) < room:
        rows = [left]
    elif line.amount is None:
        rows = wrapped(left, len(page.rule), len(indent) + 2)
    else:
        rows = wrapped(indent + line.label, room - 1, len(indent) + 2)
        rows += wrapped(f"{indent}  {detail}", room - 1, len(indent) + 2) if detail else []
    rows[-1] = pad(rows[-1], room) + amount
    if page.bars and line.bar:
        rows[-1] = pad(rows[-1], page.label + AMOUNT + 2) + _bar(line.bar, whole)
    return rows


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


CLOSING, OPENING = "，。；：、）》”！？", "（《“"


def pieces(text: str) -> list[str]:
    """Where a line may break: each wide character by itself, Latin words whole with the space before them.

    Closing marks stay with what they close, opening ones with what they open.
    """
    found: list[str] = []
    for character in text:
        narrow = cell_len(character) == 1 and character != " "
        if found and (character in CLOSING or found[-1] in OPENING or (narrow and cell_len(found[-1][-1]) == 1)):
            found[-1] += character
        else:
            found.append(character)
    return found


def pad(text: str, width: int) -> str:
    """Text filled with spaces to a width in columns; Chinese characters take two."""
    return text + " " * max(width - cell_len(text), 0)
