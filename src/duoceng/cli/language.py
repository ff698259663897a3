"""The language of a command, before its options are read: mistakes and help need it, too."""

import os
import sys
from itertools import pairwise

import typer

from duoceng.base.mistakes import Place, refuse


def language() -> str:
    """en where the command line says `--lang en` or the environment DUOCENG_LANG=en; else zh."""
    return "en" if (option("--lang") or os.environ.get("DUOCENG_LANG", "zh")) == "en" else "zh"


def option(name: str) -> str:
    """What the command line says behind an option; nothing where it is not there."""
    words = [part for word in sys.argv for part in (word.split("=", 1) if word.startswith(f"{name}=") else [word])]
    return next((behind for word, behind in pairwise(words) if word == name), "")


def a_language(lang: str) -> str:
    """A language of ours. Raises Refused."""
    if lang not in ("zh", "en"):
        raise refuse("B035", Place("--lang"), f"`{lang}` is no language of the statements", "", "zh or en")
    return lang


LANG = typer.Option(
    "zh", envvar="DUOCENG_LANG", show_envvar=False, callback=a_language,
    help="zh or en; the environment DUOCENG_LANG says it for every command",
)  # fmt: skip
