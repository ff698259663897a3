"""The books in the hands of beancount: its own checker accepts them, and refuses what was tampered with."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duoceng.ledger.beancount import account_of, balances_of, beancount, name_of


class Transfer(NamedTuple):
    """A transfer as the books hold it."""

    debit: str
    credit: str
    amount: int
    tier: str


class Entry(NamedTuple):
    """An entry as the books hold it."""

    id: str
    day: date
    kind: str
    transfers: tuple[Transfer, ...]


ENTRIES = [
    Entry("b-2", date(2025, 7, 2), "settle", (
        Transfer("fund/beijing/310100", "hospital/H11010100001", 12_345_67, "basic"),
        Transfer("insurer/shanghai.huhuibao.2025/人保", "hospital/H11010100001", 1_000_00, "huiminbao"),
        Transfer("account/li-4", "hospital/H11010100001", 33, "member"),
        Transfer("cash/张三 (2)", "hospital/H11010100001", 1, "member"))),
    Entry("b-1", date(2025, 7, 1), "credit", (Transfer("income/beijing", "account/li-4", 160_00, ""),)),
    Entry('b-2 "back\\slash"\nnext line', date(2025, 7, 2), "reverse", (
        Transfer("hospital/H11010100001", "cash/张三 (2)", 1, "member"),)),
    Entry("w-1", date(2025, 12, 31), "send", (Transfer("account/li-4", "transit/wallet/cn", 50_00, ""),)),
]  # fmt: skip


def checked(lines: list[str], folder: Path) -> subprocess.CompletedProcess:
    """What beancount's checker says of a ledger."""
    pytest.importorskip("beancount")
    file = folder / "books.beancount"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "beancount.scripts.check", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_beancount_accepts_the_books(tmp_path):
    done = checked(list(beancount(ENTRIES, "北京")), tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


def test_books_without_entries(tmp_path):
    assert checked(list(beancount([])), tmp_path).returncode == 0


TAMPERED = [
    ("a fen more on one side", "  Assets:Account:Li-2d-4  160.00 CNY", "  Assets:Account:Li-2d-4  160.01 CNY", "does not balance"),
    ("a balance that is a fen off", "Assets:Account:Li-2d-4 109.67 ~", "Assets:Account:Li-2d-4 109.68 ~", "Balance failed"),
    ("an account nobody opened", "  Assets:Account:Li-2d-4  160.00 CNY", "  Assets:Account:Li-2d-5  160.00 CNY", "unknown account"),
    ("both sides of a transfer", "50.00 CNY", "50.01 CNY", "Balance failed"),
]  # fmt: skip


@pytest.mark.parametrize("case, right, wrong, said", TAMPERED)
def test_beancount_refuses_what_was_tampered_with(case, right, wrong, said, tmp_path):
    lines = list(beancount(ENTRIES))
    assert any(right in line for line in lines)
    done = checked([line.replace(right, wrong) for line in lines], tmp_path)

    assert done.returncode != 0
    assert said in done.stderr


def test_the_books_read():
    assert list(beancount(ENTRIES[1:2], "北京")) == [
        'option "title" "北京"',
        'option "operating_currency" "CNY"',
        "",
        "2025-07-01 open Assets:Account:Li-2d-4 CNY",
        "2025-07-01 open Income:Income:Beijing CNY",
        "",
        '2025-07-01 * "credit" "b-1"',
        "  Income:Income:Beijing  -160.00 CNY",
        "  Assets:Account:Li-2d-4  160.00 CNY",
        "",
        "2025-07-02 balance Assets:Account:Li-2d-4 160.00 ~ 0.00 CNY",
        "2025-07-02 balance Income:Income:Beijing -160.00 ~ 0.00 CNY",
    ]


@given(st.text())
def test_any_words_stay_on_their_line(words):
    lines = list(beancount([Entry(words, date(2025, 1, 1), words, (Transfer("a", "b", 1, words),))], words))

    assert all(len(line.splitlines()) <= 1 for line in lines)


def test_credits_less_debits():
    assert balances_of(ENTRIES)["account/li-4"] == 160_00 - 33 - 50_00
    assert sum(balances_of(ENTRIES).values()) == 0


NAMES = [
    ("fund/beijing/basic", "Assets:Fund:Beijing:Basic"),
    ("premium/beijing", "Income:Premium:Beijing"),
    ("cash/张", "Assets:Cash:Z-5f20-"),
    ("cash/Li", "Assets:Cash:ZLi"),
    ("cash/li", "Assets:Cash:Li"),
    ("cash/zhang", "Assets:Cash:Zzhang"),
    ("cash/0张", "Assets:Cash:0-5f20-"),
    ("cash/", "Assets:Cash:Z"),
    ("fund:x/a-b", "Assets:Fund-3a-x:A-2d-b"),
]


@pytest.mark.parametrize("name, account", NAMES)
def test_names_of_accounts(name, account):
    assert account_of(name) == account
    assert name_of(account) == name


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_name_comes_back_and_beancount_can_read_it(parts):
    name = "/".join(parts)
    account = account_of(name)

    assert name_of(account) == name
    assert account.isascii()
    assert all(part[0].isdigit() or part[0].isupper() for part in account.split(":"))
    assert all(letter.isalnum() or letter == "-" for letter in account.replace(":", ""))


def test_strange_names_pass_the_checker(tmp_path):
    strange = ["cash/" + word for word in ("张", "İ", "ß", "-", "Zz", "é", "\n", "\U0001f600", "1", "a b", "٣")]
    transfers = tuple(Transfer("income/cn", name, 1, "任何") for name in strange)

    assert checked(list(beancount([Entry("1", date(2025, 1, 1), "any", transfers)])), tmp_path).returncode == 0
