"""The examples of the documentation run: files are written, commands are run, and what they print is what the page shows.

A line `...` stands for anything. `$POLICIES` is the project's folder of policies. A python block is run too; a text block
that follows it at once is what it prints.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import POLICIES, ROOT

PAGES = sorted(
    p for p in (ROOT / "docs").rglob("*.md") if p.name == "desk.md" or "```console" in p.read_text(encoding="utf-8")
)
BLOCK = re.compile(r"^```(console|yaml|python)\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=[p.relative_to(ROOT).as_posix() for p in PAGES])
def test_the_page_shows_what_happens(page: Path, tmp_path: Path) -> None:
    commands, lang = 0, "en" if "en" in page.parts else "zh"
    for kind, body, printed in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "yaml":
            if name := re.match(r"# file: (\S+)\n", body):
                (tmp_path / name[1]).write_text(body, encoding="utf-8")
            continue
        if kind == "python":
            commands += 1
            (tmp_path / "example.py").write_text(body, encoding="utf-8")
            assert_shown("python example.py", printed, run("python example.py", tmp_path, lang))
            continue
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
            commands += 1
            assert_shown(command, shown, run(command, tmp_path, lang))
    assert commands or page.parent.name == "zh", "a page with examples runs at least one"


def run(command: str, folder: Path, lang: str) -> str:
    """Both outputs of a command, as a terminal shows them; mistakes in the language of the page."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    words = os.environ | {"POLICIES": str(POLICIES), "PATH": path, "DUOCENG_LANG": lang}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=words, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stderr + done.stdout


def assert_shown(command: str, shown: str, printed: str) -> None:
    """Every line shown is printed, in order; `...` stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()) + r"[ ]*\n" for line in shown.splitlines()
    )
    assert re.fullmatch(pattern, printed), f"$ {command}\nshown:\n{shown}\nprinted:\n{printed}"
