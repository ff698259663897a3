"""Mistakes as a terminal shows them: place, excerpt, what, why, repair."""

import sys
from pathlib import Path

from duoceng.base.mistakes import Mistake, Place
from duoceng.interfaces.codes import CODES

SHOWN = 60


def show_mistakes(mistakes: list[Mistake], sources: dict[str, str] | None = None) -> None:
    """Every mistake, to the standard error."""
    for mistake in mistakes[:SHOWN]:
        print(words_of(mistake, sources or {}), file=sys.stderr)
    if len(mistakes) > SHOWN:
        print(f"... and {len(mistakes) - SHOWN} more\n", file=sys.stderr)
    if mistakes:
        count, ask = len(mistakes), f"duoceng help {min(m.code for m in mistakes)}"
        plural = "" if count == 1 else "s"
        print(f"{count} mistake{plural}; `{ask}` says more. 共 {count} 处错误，`{ask}` 有详细说明。", file=sys.stderr)


def words_of(mistake: Mistake, sources: dict[str, str]) -> str:
    """One mistake, with the lines it is about."""
    parts = [mistake.head()]
    shown = [line for place in (mistake.also, mistake.place) if place for line in _excerpt(place, sources)]
    if shown:
        parts += ["", *shown, ""]
    parts += [f"  {words}" for words in (mistake.why, mistake.repair) if words]
    if known := CODES.get(mistake.code):
        parts.append(f"  {known[0]}：{known[1]}")
    return "\n".join(parts) + "\n"


def _excerpt(place: Place, sources: dict[str, str]) -> list[str]:
    text = sources.get(place.file)
    if text is None:
        path = Path(place.file)
        try:
            text = path.read_text(encoding="utf-8") if path.is_file() and path.stat().st_size < 10**7 else ""
        except (OSError, UnicodeDecodeError):
            text = ""
    lines = text.splitlines()
    if not 0 < place.line <= len(lines):
        return []
    line = lines[place.line - 1]
    return [
        f"  {place.line:>5} | {line[:160]}",
        f"        | {' ' * (place.column - 1)}{'^' * min(place.width, 80)}",
    ]
