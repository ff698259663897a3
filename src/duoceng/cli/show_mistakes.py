"""Mistakes as a terminal shows them: place, excerpt, what, why, repair; in Chinese, or in English where that is asked for."""

import sys
from pathlib import Path

from rich.cells import cell_len

from duoceng.base.mistakes import Mistake, Place
from duoceng.base.text import visible
from duoceng.cli.language import language, option
from duoceng.interfaces.mistakes_zh import in_chinese
from duoceng.policy.library import find_policies

SHOWN = 60
LINE = 160  # characters of a line that are shown; of a longer one those around the mistake


def show_mistakes(mistakes: list[Mistake]) -> None:
    """Every mistake, to the standard error."""
    lang = language()
    for mistake in mistakes[:SHOWN]:
        print(words_of(mistake, {}, lang), file=sys.stderr)
    if mistakes:
        count, ask, more = len(mistakes), f"duoceng help {min(m.code for m in mistakes)}", len(mistakes) - SHOWN
        shown = f"，以上是前 {SHOWN} 处" if more > 0 else "", f", the first {SHOWN} above" if more > 0 else ""
        zh = f"共 {count} 处错误{shown[0]}。`{ask}` 有详细说明。"
        en = f"{count} mistake{'' if count == 1 else 's'}{shown[1]}; `{ask}` says more."
        print(zh if lang == "zh" else en, file=sys.stderr)


def words_of(mistake: Mistake, sources: dict[str, str], lang: str) -> str:
    """One mistake, with the lines it is about."""
    if lang == "zh":
        mistake = in_chinese(mistake)
    parts = [visible(mistake.head())]
    shown = [line for place in (mistake.also, mistake.place) if place for line in _excerpt(place, sources)]
    if shown:
        parts += ["", *shown, ""]
    parts += [f"  {visible(words)}" for words in (mistake.why, mistake.repair) if words]
    return "\n".join(parts) + "\n"


def _file(name: str) -> Path:
    """The file as it was named, or the policy that goes by this name in the folder in use."""
    folder = find_policies(option("--policies") or None)
    policy = folder.parent / name
    return (
        policy
        if name.startswith(f"{folder.name}/") and not Path(name).is_file() and policy.is_file()
        else _shipped(name)
    )


def _shipped(name: str) -> Path:
    folder = find_policies()
    shipped = folder.parent / name.replace("policies/", f"{folder.name}/", 1)
    return shipped if name.startswith("policies/") and not Path(name).is_file() else Path(name)


def _excerpt(place: Place, sources: dict[str, str]) -> list[str]:
    text = sources.get(place.file)
    if text is None:
        path = _file(place.file)
        try:
            text = path.read_text(encoding="utf-8") if path.is_file() and path.stat().st_size < 10**7 else ""
        except (OSError, UnicodeDecodeError):
            text = ""
    lines = text.splitlines()
    if not 0 < place.line <= len(lines):
        return []
    line, caret, width = window(lines[place.line - 1], place.column - 1, min(place.width, 80))
    return [f"  {place.line:>5} | {line}", f"        | {' ' * caret}{'^' * width}"]


def window(line: str, at: int, width: int) -> tuple[str, int, int]:
    """As much of a line as is shown, where the caret stands below it, in columns, and how wide it is."""
    far = cell_len(line[:at]) > LINE // 2 and cell_len(line) > LINE
    first = at - LINE // 4 if far else 0
    last = first + LINE
    head, tail = "…" if first else "", "…" if last < len(line) else ""
    shown, before = visible(line[first:last]), cell_len(head + visible(line[first:at]))
    marked = min(cell_len(visible(line[at : min(at + width, last)])), 80)
    return head + shown + tail, before, max(marked, 1)
