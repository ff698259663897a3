"""Mistakes as a terminal shows them: place, excerpt, what, why, repair; in Chinese, or in English where that is asked for."""

import os
import sys
from pathlib import Path

from duoceng.base.mistakes import Mistake, Place
from duoceng.interfaces.mistakes_zh import in_chinese
from duoceng.policy.library import find_policies

SHOWN = 60


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


def language() -> str:
    """en where the command line says `--lang en` or the environment DUOCENG_LANG=en; else zh."""
    said = " ".join(sys.argv).replace("--lang=", "--lang ")
    asked = "en" if "--lang en" in said else "zh" if "--lang zh" in said else os.environ.get("DUOCENG_LANG", "zh")
    return "en" if asked == "en" else "zh"


def words_of(mistake: Mistake, sources: dict[str, str], lang: str) -> str:
    """One mistake, with the lines it is about."""
    if lang == "zh":
        mistake = in_chinese(mistake)
    parts = [mistake.head()]
    shown = [line for place in (mistake.also, mistake.place) if place for line in _excerpt(place, sources)]
    if shown:
        parts += ["", *shown, ""]
    parts += [f"  {words}" for words in (mistake.why, mistake.repair) if words]
    return "\n".join(parts) + "\n"


def _file(name: str) -> Path:
    """The file as it was named, or the shipped policy that goes by this name."""
    shipped = find_policies().parent / name.replace("policies/", f"{find_policies().name}/", 1)
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
    line = lines[place.line - 1]
    return [
        f"  {place.line:>5} | {line[:160]}",
        f"        | {' ' * (place.column - 1)}{'^' * min(place.width, 80)}",
    ]
