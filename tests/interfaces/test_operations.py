"""The commands of those who run a desk, as they are called: verify, anchor, backup, restore."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crash.script import do, script
from desk.desks import a_counter
from duoceng.policy.library import Library
from duoceng.store.database import open_database


@pytest.fixture
def folder(tmp_path: Path, library: Library) -> Path:
    database = open_database(f"sqlite:///{tmp_path}/desk.db")
    do(a_counter(database, library), script(7, 12), 0)
    database.close()
    return tmp_path


def duoceng(folder: Path, *words: str, lang: str = "en") -> tuple[int, str]:
    environ = os.environ | {"DUOCENG_LANG": lang, "DUOCENG_DATABASE": "sqlite:///desk.db"}
    done = subprocess.run(
        [sys.executable, "-m", "duoceng", *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_a_desk_is_verified_anchored_backed_up_and_restored(folder: Path) -> None:
    assert duoceng(folder, "anchor", "-o", "anchor")[1].startswith("4 books, hash ")
    code, said = duoceng(folder, "verify", "--anchor", "anchor")
    assert (code, said.splitlines()[-1]) == (0, "All of it holds.")
    assert duoceng(folder, "backup", "-o", "b.zip")[0] == 0
    assert duoceng(folder, "restore", "b.zip", "--database", "sqlite:///again.db")[0] == 0
    code, said = duoceng(folder, "verify", "--database", "sqlite:///again.db", "--anchor", "anchor", lang="zh")
    assert (code, said.splitlines()[-1]) == (0, "全部相符。")


def test_what_was_changed_is_told_with_a_code(folder: Path) -> None:
    with sqlite3.connect(folder / "desk.db") as file:
        file.execute("DROP TRIGGER transfer_update")
        file.execute("UPDATE transfer SET amount = amount + 1 WHERE member = 'm0'")
    code, said = duoceng(folder, "verify", "--no-rules")
    assert code == 2
    assert "m0: V001 page 2 was changed" in said
    assert "m0: V001 第 2 页被改过" in duoceng(folder, "verify", "--no-rules", lang="zh")[1]


@pytest.mark.parametrize("words", [["verify", "--database", "mysql://desk"], ["verify", "--database", "sqlite:///none.db"],
                                   ["verify", "--anchor", "none"], ["restore", "none", "--database", "sqlite:///new.db"],
                                   ["anchor", "-o", "x", "--database", "sqlite:///strange.db"],
                                   ["backup", "-o", "x", "--database", "postgresql://nobody:secret@127.0.0.1:9/none"]])  # fmt: skip
def test_what_does_not_open_is_told(folder: Path, words: list[str]) -> None:
    (folder / "strange.db").write_text("something else, and long enough to be taken for a database\n" * 100)
    code, said = duoceng(folder, *words)
    assert code == 2
    assert "V010" in said
    assert "secret" not in said


def test_the_books_go_to_auditors_and_balance(folder: Path) -> None:
    code, said = duoceng(folder, "books", "-o", "books.beancount")
    checked = subprocess.run([sys.executable, "-m", "beancount.scripts.check", "books.beancount"], cwd=folder, capture_output=True,
                             text=True, check=False)  # fmt: skip
    text = (folder / "books.beancount").read_text(encoding="utf-8")

    assert code == 0
    assert said.strip().endswith(" transfers")
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    assert text.count("\n20") > 10
    tampered = text.replace(" CNY\n", "1 CNY\n", 1) if " CNY\n" in text else text
    (folder / "books.beancount").write_text(
        text.replace(".00 CNY", ".01 CNY", 1) if ".00 CNY" in text else tampered, encoding="utf-8"
    )
    again = subprocess.run(
        [sys.executable, "-m", "beancount.scripts.check", "books.beancount"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert again.returncode != 0
