"""What is done to a database beside the desk is found: every column flipped, rows deleted, added, exchanged, tails written anew."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from conftest import new_library
from crash.script import do, script
from databases import ENGINES, a_database
from desk.desks import Counter, a_bill, a_counter, asked, with_members
from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Receipt, Undo
from duoceng.desk.counter import known_book
from duoceng.desk.plans import Plans
from duoceng.desk.verify import Found, read_anchor, verify, write_anchor
from duoceng.ledger.chain import digest_of
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Part
from duoceng.store.books import Seen, append, packed, unpacked, words
from duoceng.store.columns import COLUMNS
from duoceng.store.database import open_database
from duoceng.store.marks import MARKS, mark, name_of
from duoceng.store.pages import entry_from
from duoceng.store.snapshot import snapshot
from duoceng.store.steps import STEP

UNSEEN = {
    ("person", "sealed"),
    ("person", "lookup"),
    ("outbox", "sent"),
}  # sealed by a key of its own; told or not yet told
IN_BOOKS = [
    table for table in COLUMNS if table != "paper"
]  # papers are an institution's own; they are sealed one by one
CELLS = [
    (table, column)
    for table, columns in COLUMNS.items()
    if table in IN_BOOKS
    for column in columns
    if (table, column) not in UNSEEN
]


@cache
def rules() -> Library:
    return new_library()


def a_day(counter: Counter) -> None:
    """Bills in and out of order, taken back, helped with; a key barred; an insurer's page."""
    do(counter, script(7, 40), 0)
    counter.desk.reverse(Undo("m0", key="lost"), counter.call())
    for at in range(4):
        a_step(counter, f"m{at % 2}", at)


def a_step(counter: Counter, member: str, at: int) -> None:
    """A message of a hospital, as it stands beside a page; what it said is sealed, so any bytes will do."""
    call = counter.call()

    def act(seen: Seen) -> Receipt:
        book = known_book(seen, member)
        receipt = Receipt("encounter", member, "", book.pages + 1)
        page = counter.desk.page(call, receipt, "a step")
        row = {"member": member, "number": receipt.page, "encounter": "e1", "infno": "2201", "msgid": f"M{at}", "hospital": "H1",
               "at": f"2024-12-01 12:00:0{at}", "undoes": 0, "setl": f"s{at}", "scheme": "310", "clearing": "11", "billed": at, "fund": at,
               "account": at, "cash": at, "said": bytes([at])}  # fmt: skip
        page.rows = [(STEP, row)]
        append(counter.desk.database, book, page)
        return receipt

    counter.desk.once(member, call, "a step", act)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of a day, untouched, and its anchor beside it."""
    folder = tmp_path_factory.mktemp("whole")
    database = open_database(f"sqlite:///{folder}/whole.db")
    a_day(a_counter(database, rules()))
    database.commit([("INSERT INTO audit (member, id, actor) VALUES ('m0', 'seen by a teller', 'teller')", {})])
    database.close()
    with snapshot(database.url) as reading:
        write_anchor(reading, folder / "anchor")
    return folder / "whole.db"


def look(url: str, anchor: Path | None = None, replay: bool = False) -> Found:
    plans = Plans(rules(), Options(allow_unverified=True)) if replay else None
    with snapshot(url) as reading:
        return verify(reading, plans, read_anchor(anchor) if anchor else iter(()), lambda done: None)


def tampered(whole: Path, folder: Path, how: Callable[[sqlite3.Connection], object]) -> str:
    """A copy of a database somebody with all rights has worked on."""
    copy = folder / "copy.db"
    shutil.copy(whole, copy)
    connection = sqlite3.connect(copy, isolation_level=None)
    connection.row_factory = sqlite3.Row
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    how(connection)
    connection.close()
    return f"sqlite:///{copy}"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_busy_day_is_whole(engine: str, tmp_path: Path) -> None:
    with a_database(engine, tmp_path) as database:
        a_day(a_counter(database, rules()))
        with snapshot(database.url) as reading:
            write_anchor(reading, tmp_path / "anchor")
        found = look(database.url, tmp_path / "anchor", replay=True)
    assert found.mistakes == []
    assert found.members == 4
    assert found.replayed > 5
    assert found.rows > 300


def test_the_untouched_copy_is_whole(whole: Path) -> None:
    assert look(f"sqlite:///{whole}", whole.parent / "anchor", replay=True).mistakes == []


@pytest.mark.parametrize("table, column", CELLS, ids=lambda word: word)
@pytest.mark.parametrize("end", ["ASC", "DESC"])
def test_any_cell_changed_is_found(whole: Path, tmp_path: Path, table: str, column: str, end: str) -> None:
    def flip(connection: sqlite3.Connection) -> None:
        only = "WHERE id < 'a'" if table == "audit" else ""  # the other audit rows belong to no page
        row = connection.execute(f"SELECT rowid, {column} FROM {table} {only} ORDER BY rowid {end} LIMIT 1").fetchone()
        old = row[column]
        new: object = old + 1000 if isinstance(old, int) else old[:-1] + b"x" if isinstance(old, bytes) else f"{old}0"
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (7 if old is None else new, row["rowid"])
        )

    assert look(tampered(whole, tmp_path, flip)).mistakes


@pytest.mark.parametrize("table", IN_BOOKS)
def test_any_row_taken_away_is_found(whole: Path, tmp_path: Path, table: str) -> None:
    for end in ("ASC", "DESC"):
        only = "WHERE id < 'a'" if table == "audit" else ""
        url = tampered(whole, tmp_path, lambda c, end=end, only=only: c.execute(
            f"DELETE FROM {table} WHERE rowid = (SELECT rowid FROM {table} {only} ORDER BY rowid {end} LIMIT 1)"))  # fmt: skip
        assert look(url).mistakes


@pytest.mark.parametrize("table", [name for name in IN_BOOKS if name != "plan"])
@pytest.mark.parametrize("whose", ["m1", "nobody"])
def test_any_row_added_is_found(whole: Path, tmp_path: Path, table: str, whose: str) -> None:
    def add(connection: sqlite3.Connection) -> None:
        row = dict(connection.execute(f"SELECT * FROM {table} WHERE member = 'm0'").fetchone())
        row["member"] = whose
        for key in ("number", "page"):
            row.update({key: row[key] + 77} if key in row else {})
        for key in ("bill", "key", "account", "reverses"):
            row.update(
                {key: None if key == "reverses" else "another"} if isinstance(row.get(key, 0), str | None) else {}
            )
        row.update({"id": "000000000777"} if "id" in row else {})
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))
        if not connection.execute("SELECT changes()").fetchone()[0]:
            pytest.skip("there can be only one")

    assert look(tampered(whole, tmp_path, add)).mistakes


@pytest.mark.parametrize("table, column", [("entry", "said"), ("entry", "at"), ("transfer", "amount"), ("transfer", "line"), ("answer", "said"),
                                           ("bill", "settled"), ("bill", "asked"), ("hold", "until"), ("audit", "at"), ("balance", "amount"),
                                           ("outbox", "said"), ("person", "file"), ("book", "head"), ("book", "sums")])  # fmt: skip
def test_any_two_rows_exchanged_are_found(whole: Path, tmp_path: Path, table: str, column: str) -> None:
    def swap(connection: sqlite3.Connection) -> None:
        only = (
            "WHERE member = 'm0' AND number = (SELECT MAX(number) FROM transfer WHERE member = 'm0' AND line = 2)"
            if column == "line"
            else ""
        )
        rows = connection.execute(f"SELECT rowid, {column} FROM {table} {only} ORDER BY rowid").fetchall()
        one = rows[0]
        other = next(row for row in rows if row[column] != one[column])
        key = "-1" if column == "line" else f"'{one[column]}x'" if isinstance(one[column], str) else "x'00'"
        key = "-1" if isinstance(one[column], int) else key
        connection.execute(f"UPDATE {table} SET {column} = {key} WHERE rowid = ?", (one["rowid"],))
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (one[column], other["rowid"]))
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (other[column], one["rowid"]))

    assert look(tampered(whole, tmp_path, swap)).mistakes


def rechain(connection: sqlite3.Connection, member: str, change: Callable[[dict[str, object]], None]) -> None:
    """Change pages of a book, and hash the whole tail anew, as one would who knows how."""
    before = "0" * 64
    for row in connection.execute("SELECT * FROM entry WHERE member = ? ORDER BY number", (member,)).fetchall():
        new = dict(row)
        change(new)
        moved = connection.execute("SELECT debit, credit, amount, tier, bill FROM transfer WHERE member = ? AND number = ? ORDER BY line",
                                   (member, row["number"])).fetchall()  # fmt: skip
        new["before"] = before
        before = digest_of(entry_from(new, tuple(tuple(m) for m in moved)), before)  # type: ignore[misc]
        connection.execute("UPDATE entry SET actor = ?, said = ?, before = ?, digest = ? WHERE member = ? AND number = ?",
                           (new["actor"], new["said"], new["before"], before, member, row["number"]))  # fmt: skip
        if row["number"] == 1:
            connection.execute(
                "UPDATE audit SET actor = ? WHERE member = ? AND id = '000000000001'", (new["actor"], member)
            )
    connection.execute("UPDATE book SET head = ? WHERE member = ?", (before, member))


def codes(found: Found) -> set[str]:
    return {mistake.code for mistake in found.mistakes}


def test_a_tail_written_anew_is_found_by_the_anchor(whole: Path, tmp_path: Path) -> None:
    url = tampered(
        whole,
        tmp_path,
        lambda c: rechain(c, "m2", lambda row: row.update(actor="somebody else") if row["number"] == 1 else None),
    )
    assert codes(look(url, replay=True)) == set()
    assert codes(look(url, whole.parent / "anchor")) == {"V002"}


def test_a_book_taken_away_is_found_by_the_anchor(whole: Path, tmp_path: Path) -> None:
    def burn(connection: sqlite3.Connection) -> None:
        for table in COLUMNS:
            if table != "plan":
                connection.execute(f"DELETE FROM {table} WHERE member = 'm3'")

    url = tampered(whole, tmp_path, burn)
    assert codes(look(url)) == set()
    assert codes(look(url, whole.parent / "anchor")) == {"V002"}


def test_an_anchor_holds_while_books_grow(whole: Path, tmp_path: Path) -> None:
    copy = tampered(whole, tmp_path, lambda c: None)
    database = open_database(copy)
    counter = a_counter(database, rules())
    counter.calls = 900
    with_members(counter, "zoe")
    counter.desk.settle(asked("m1", a_bill("one more", counter.clock.now.date(), 5_000)), counter.call())
    database.close()
    assert look(copy, whole.parent / "anchor", replay=True).mistakes == []


@pytest.mark.parametrize(
    "change", [lambda t: t.replace("m1", "m9"), lambda t: t[:-3], lambda t: "\n", lambda t: t.rpartition("\t")[0]]
)
def test_an_anchor_that_was_changed_is_refused(whole: Path, tmp_path: Path, change: Callable[[str], str]) -> None:
    (tmp_path / "anchor").write_text(change((whole.parent / "anchor").read_text()))
    with pytest.raises(Refused) as told:
        read_anchor(tmp_path / "anchor")
    assert told.value.mistakes[0].code == "V002"


def test_a_settlement_against_the_rules_is_found(whole: Path, tmp_path: Path) -> None:
    """Somebody who knows everything sends a bill of other answers, with its marks and the whole chain anew: the rules say otherwise."""

    def cheat(connection: sqlite3.Connection) -> None:
        row = dict(
            connection.execute("SELECT * FROM bill WHERE state = 'live' AND member_pays < billed LIMIT 1").fetchone()
        )
        bill = unpacked(row["asked"])
        assert isinstance(bill, Bill)
        parts = (Part(tuple(amount * 2 for amount in bill.parts[0].amounts)),)
        row["asked"] = packed(replace(bill, parts=parts))
        connection.execute(
            "UPDATE bill SET asked = ? WHERE member = ? AND bill = ?", (row["asked"], row["member"], row["bill"])
        )
        name = name_of("bill", row)

        def mend(entry: dict[str, object]) -> None:
            said = json.loads(str(entry["said"]))
            if name in said[MARKS]:
                said[MARKS][name] = mark("bill", {**row, "state": "live"})
                entry["said"] = words(said)

        rechain(connection, row["member"], mend)

    url = tampered(whole, tmp_path, cheat)
    assert codes(look(url)) == set()
    assert codes(look(url, replay=True)) == {"V006"}
    assert codes(look(url, whole.parent / "anchor")) == {"V002"}


@pytest.mark.parametrize("sql", ["UPDATE transfer SET amount = amount + 1 WHERE member = 'ada' AND line = 1", "DELETE FROM entry WHERE number = 2",
                                 "UPDATE bill SET hospital = 'H2'"])  # fmt: skip
def test_a_postgresql_changed_by_its_superuser_is_found(sql: str, tmp_path: Path) -> None:
    with a_database("postgresql", tmp_path) as database:
        counter = a_counter(database, rules())
        with_members(counter, "ada")
        counter.desk.settle(asked("ada", a_bill("b", counter.clock.now.date(), 5_000)), counter.call())
        assert look(database.url, replay=True).mistakes == []
        database.commit(
            [
                ("SET LOCAL session_replication_role = replica", {}),
                ("GRANT ALL ON entry, transfer TO CURRENT_USER", {}),
                (sql, {}),
            ]
        )
        assert look(database.url).mistakes
