"""Statements as golden files: what people read is reviewed as a diff. `pytest --accept` rewrites them."""

import os
import subprocess
import sys

import pytest

from conftest import ROOT

GOLDEN = ROOT / "tests" / "golden"
EXAMPLES = {p.stem: p for p in sorted((ROOT / "examples").glob("*.yaml"))}
FORMS = {"zh.txt": ["--lang", "zh"], "en.txt": ["--lang", "en"], "json": ["--format", "json"]}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_statement_reads_so(name: str, form: str, accept: bool) -> None:
    command = [sys.executable, "-m", "duoceng", "settle", str(EXAMPLES[name]), "--allow-unverified", *FORMS[form]]
    surroundings = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "DUOCENG_LANG")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=surroundings)
    kept = GOLDEN / f"{name}.{form}"
    if accept:
        kept.write_text(done.stdout, encoding="utf-8")

    assert kept.read_text(encoding="utf-8") == done.stdout


def test_the_readme_shows_the_demo() -> None:
    """The first screen of the README is what `make demo` prints."""
    printed = (GOLDEN / "shanghai-five-layers.zh.txt").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown, cut_off, _ = readme.split("```text\n", 1)[1].split("```", 1)[0].partition("...\n")

    assert cut_off
    assert printed.startswith(shown)
