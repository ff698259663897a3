"""What a terminal shows: widths, folded lines, carets, characters that do not show, help in both languages."""

import os
import subprocess
import sys

import pytest
import typer
from rich.cells import cell_len

from conftest import POLICIES, ROOT
from duoceng import __version__
from duoceng.cli.app import app
from duoceng.cli.help_zh import HELP
from duoceng.cli.show_mistakes import LINE, window
from duoceng.engine.words import LANGUAGES, WORDS
from duoceng.interfaces.bill_file import read_case
from duoceng.interfaces.statement_html import BESIDE, _short
from duoceng.interfaces.statement_text import text_of, wrapped
from duoceng.policy.library import Library

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
BILL = """member: {region: jiangmen, scheme: employee, name: "a\\u202Eb\\u0007c"}
bill: {id: "b\\u200Bx", title: "x\\u202Ey", day: 2024-06-03, care: inpatient, level: secondary, referral: local, amounts: {in_scope: 8000}}
"""


def run(*arguments: str, **words: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "duoceng", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=os.environ | words)
    return done.stdout


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [20, 75, 300])
def test_the_text_is_as_wide_as_the_terminal(width: int, lang: str) -> None:
    for example in EXAMPLES:
        printed = run("settle", str(example), "--allow-unverified", "--lang", lang, COLUMNS=str(width))

        widest = max(cell_len(row) for row in printed.splitlines())
        assert widest <= max(min(width, 110), 60)


def test_amounts_stand_in_one_column() -> None:
    printed = run("settle", str(EXAMPLES[-1]), "--allow-unverified", COLUMNS="60")
    ends = {
        cell_len(row) for row in printed.split("[1] ")[0].splitlines() if row[:1].strip() and row.rstrip()[-3:-2] == "."
    }

    assert ends == {60}


@pytest.mark.parametrize(
    "text", ["字" * 40 + "，" + "字" * 40, "（" * 3 + "字" * 60 + "）", "word " * 40, "字word，" * 30]
)
def test_folded_lines_keep_every_character_and_their_width(text: str) -> None:
    rows = wrapped(text, 30, 2)

    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(row) <= 32 for row in rows)
    assert not any(row.lstrip()[:1] in "，）" for row in rows)


def test_characters_that_do_not_show_are_made_to() -> None:
    case = read_case(BILL, "bill.yaml", Library(POLICIES).vocabulary)

    assert case.member.name == r"a\u202eb\u0007c"
    assert (case.bills[0].id, case.bills[0].title) == (r"b\u200bx", r"x\u202ey")


@pytest.mark.parametrize(
    "line, at, shown, caret",
    [
        ("short: line", 7, "short: line", 7),
        ("标题: 值", 4, "标题: 值", 6),
        ("x" * 300 + "HERE" + "y" * 300, 300, None, 41),
        ("字" * 150 + "HERE", 150, None, 81),
        ("a\u202eb: c", 5, "a\\u202eb: c", 10),
    ],
)
def test_the_caret_stands_below_what_it_means(line: str, at: int, shown: str | None, caret: int) -> None:
    said, before, width = window(line, at, 4)

    assert before == caret
    assert cell_len(said) <= 2 * LINE
    if shown:
        assert said == shown
    else:
        assert said.startswith("…")
        assert "HERE" in said
        assert width == 4


def test_long_bars_of_one_tier_are_told_apart() -> None:
    labels = ["惠民保 · 特定住院自费医疗费用保险金（药品）", "惠民保 · 特定住院自费医疗费用保险金（手术材料）"]
    from duoceng.engine.explain import Line

    shown = [_short(Line("layer", label)) for label in labels]

    assert len(set(shown)) == 2
    assert all(cell_len(s) <= BESIDE and s.startswith("惠民保 · …") for s in shown)


def test_the_version_is_told() -> None:
    assert run("--version") == f"duoceng {__version__}\n"


def test_help_is_told_in_the_language_asked_for() -> None:
    assert "结算" in run("settle", "--help")
    assert "用法：" in run("policy", "show", "--help")
    assert "Settle a bill" in run("settle", "--help", DUOCENG_LANG="en")


def test_every_sentence_of_the_help_has_its_chinese() -> None:
    said = set()

    def gather(command: object) -> None:
        said.add(" ".join((getattr(command, "help", "") or "").split()))
        said.update(h for p in getattr(command, "params", []) if (h := getattr(p, "help", None)))
        for child in getattr(command, "commands", {}).values():
            gather(child)

    gather(typer.main.get_command(app))
    assert said - {""} == HELP.keys()


def test_words_of_statements_take_the_same_parts_in_both_languages() -> None:
    import string

    for key, both in WORDS.items():
        parts = [{name for _, name, _, _ in string.Formatter().parse(words) if name} for words in both]
        assert parts[0] == parts[1], key


def test_a_statement_without_a_head_still_reads() -> None:
    from duoceng.engine.explain import Line, Statement

    statement = Statement("zh", "标题", ("单据",), [Line("total", "总额", 100), Line("member", "个人负担", 100)])

    assert text_of(statement, 60).splitlines()[1].startswith("─")
