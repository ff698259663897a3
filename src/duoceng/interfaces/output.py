"""A settled year in the form asked for: text, json, html, pdf or xlsx."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from duoceng.base.mistakes import Place, refuse
from duoceng.base.money import signed, yuan
from duoceng.desk.year import Year
from duoceng.engine.explain import Statement, explain
from duoceng.engine.words import say
from duoceng.records.bill import Member

FORMATS = ("text", "json", "html", "pdf", "xlsx")
NEEDS_FILE = ("pdf", "xlsx")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The form asked for, the language, and the file to write (empty: the standard output)."""

    form: str
    lang: str
    file: str


def wanted(form: str, lang: str, file: str) -> Wanted:
    """What is asked for; a format that does not exist is refused before anything is settled."""
    if form not in FORMATS:
        raise refuse("B035", Place("--format"), f"`{form}` is no format", "", f"one of: {', '.join(FORMATS)}")
    suffix = Path(file).suffix.removeprefix(".").lower()
    if suffix in FORMATS and suffix != form:
        raise refuse(
            "B035",
            Place("--output"),
            f"`{file}` is named {suffix}, but the format is {form}",
            "",
            f"add `--format {suffix}`, or name the file .{form}",
        )
    if form in NEEDS_FILE and not file:
        repair = f"add `-o statement.{form}`"
        raise refuse("B036", Place("--output"), f"a {form} needs a file to be written to", "", repair)
    return Wanted(form, lang, file)


def put(member: Member, year: Year, names: Mapping[str, str], asked: Wanted) -> None:
    """Write a settled year to a file, or to the standard output. A file is written whole or not at all."""
    form, lang = asked.form, asked.lang
    statements = [explain(s, lang, names, member) for s in year.settlements]
    if form == "text":
        text = as_text(year, statements, lang, columns(asked.file))
    elif form == "json":
        from duoceng.interfaces.statement_json import year_as_json

        text = json.dumps(year_as_json(member, year, lang, names), ensure_ascii=False, indent=1) + "\n"
    else:
        from duoceng.interfaces.statement_html import page_of

        text = page_of(statements, lang, year)
    if form in NEEDS_FILE:
        _binary(Path(asked.file), form, text, year, statements, lang)
    elif asked.file:
        _whole(Path(asked.file), lambda part: part.write_text(text, encoding="utf-8"))
    else:
        sys.stdout.write(text)


def columns(file: str = "") -> int:
    """The columns that the terminal or COLUMNS gives; a hundred in a file, and where neither says."""
    if not file and (sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal()):
        return shutil.get_terminal_size((100, 40)).columns
    return 100


def as_text(year: Year, statements: list[Statement], lang: str, width: int = 100) -> str:
    """Every bill of a year, then the year and its differences."""
    from duoceng.interfaces.statement_text import text_of

    blocks = [text_of(s, width) for s in statements]
    if len(blocks) > 1:
        blocks.append(_year_text(year, lang, width))
    if year.differences:
        blocks.append(differences_text(year, lang))
    return "\n".join(blocks)


def _year_text(year: Year, lang: str, width: int) -> str:
    """The bills of a year with their three amounts, and their sums."""
    from rich.cells import cell_len

    from duoceng.interfaces.statement_text import pad

    column, head = (16, 34) if width >= 34 + 3 * 16 else (14, max(width - 3 * 14, 18))
    rows = [say("year", lang)]
    for s in year.settlements:
        amounts = "".join(f"{yuan(a):>{column}}" for a in (s.billed, s.covered, s.member_pays))
        name = f"  {s.bill.id}  {s.bill.discharged}"
        rows += [pad(name, head) + amounts] if cell_len(name) < head else [name, " " * head + amounts]
    rows.append(f"  {say('billed', lang)} · {say('covered', lang)} · {say('member_pays', lang)}")
    rows.append(" " * head + "".join(f"{yuan(t):>{column}}" for t in year.totals()))
    return "\n".join(rows) + "\n"


def differences_text(year: Year, lang: str) -> str:
    """Who pays more and who less, bill by bill, because a bill came late, was corrected or taken back."""
    from duoceng.interfaces.statement_json import layer_differences, owed

    rows = [say("differences", lang)]
    for d in year.differences:
        rows.append(f"  {d.arrived} → {d.bill}: {say('member_pays', lang)} {signed(owed(d))}")
        rows += [f"      {layer}  {signed(amount)}" for layer, amount in layer_differences(d.before, d.after).items()]
    return "\n".join(rows) + "\n"


def _binary(path: Path, form: str, html: str, year: Year, statements: list[Statement], lang: str) -> None:
    if form == "xlsx":
        from duoceng.interfaces.statement_xlsx import write_workbook

        _whole(path, lambda part: write_workbook(part, year, statements, lang))
        return
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise refuse("B037", Place("--format pdf"), "PDF needs weasyprint and Pango, and one of them is missing", str(error).splitlines()[0],
                     "install the extra `duoceng[pdf]` and the system library Pango, or print the html") from None  # fmt: skip
    _whole(path, lambda part: HTML(string=html).write_pdf(str(part)))


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside the file and move it into place, so that a half-written file is never seen."""
    part = path.with_name(f".{path.name}.part{path.suffix}")
    try:
        write(part)
        part.replace(path)
    except OSError as error:
        raise refuse(
            "B036",
            Place(str(path)),
            f"cannot be written: {error.strerror}",
            "",
            "name a folder that exists and may be written to",
        ) from None
    finally:
        part.unlink(missing_ok=True)
