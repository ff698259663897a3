"""A backup holds all of a moment, and comes back whole on either engine, or not at all."""

import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from crash.script import MEMBERS, do, script
from databases import ENGINES, a_database, new_url
from desk.desks import NOON, a_bill, a_counter, asked, undone
from duoceng.base.mistakes import Refused
from duoceng.desk.digest import digest_of_member
from duoceng.desk.plans import Plans
from duoceng.desk.verify import read_anchor, verify, write_anchor
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.store.backup import backup, restore
from duoceng.store.columns import BYTES, COLUMNS
from duoceng.store.database import open_database
from duoceng.store.schema import META
from duoceng.store.snapshot import snapshot
from duoceng.store.upgrade import revision_of


def silent(*_: object) -> None:
    """Nobody is told."""


def test_the_columns_are_those_of_the_schema() -> None:
    assert {name: tuple(table.columns.keys()) for name, table in META.tables.items() if name != "code"} == COLUMNS
    held = {name: tuple(c.name for c in table.columns if str(c.type) == "BLOB") for name, table in META.tables.items()}
    assert {name: columns for name, columns in held.items() if columns} == BYTES


@pytest.mark.parametrize("into", ENGINES)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_comes_back_whole(engine: str, into: str, tmp_path: Path, library: Library) -> None:
    with a_database(engine, tmp_path) as database:
        counter = a_counter(database, library)
        do(counter, script(7, 30), 0)
        with snapshot(database.url) as reading:
            counter.desk.settle(asked("m1", a_bill("meanwhile", date(2025, 9, 9), 100)), counter.call())
            backup(reading, tmp_path / "b.zip", NOON, silent)
            write_anchor(reading, tmp_path / "anchor")
        counter.desk.reverse(undone("m1", "meanwhile"), counter.call())
        digests = [digest_of_member(database, member) for member in MEMBERS]
    url = new_url(into, tmp_path)
    restore(tmp_path / "b.zip", url, silent)
    with snapshot(url) as reading:
        found = verify(
            reading, Plans(library, Options(allow_unverified=True)), read_anchor(tmp_path / "anchor"), silent
        )
        write_anchor(reading, tmp_path / "again")
    assert found.mistakes == []
    assert (tmp_path / "again").read_bytes() == (tmp_path / "anchor").read_bytes()
    restored = open_database(url)
    assert [digest_of_member(restored, member) for member in MEMBERS] == digests
    counter = a_counter(restored, library)
    counter.calls = 500
    counter.desk.settle(asked("m1", a_bill("after", date(2025, 9, 9), 100)), counter.call())
    restored.close()


@pytest.fixture
def a_backup(tmp_path: Path, library: Library) -> Path:
    with a_database("sqlite", tmp_path) as database:
        do(a_counter(database, library), script(7, 5), 0)
        with snapshot(database.url) as reading:
            backup(reading, tmp_path / "b.zip", NOON, silent)
    return tmp_path / "b.zip"


def rewritten(file: Path, change: dict[str, bytes]) -> Path:
    """A backup with other parts."""
    other = file.with_name("other.zip")
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(other, "w") as out:
        for name in source.namelist():
            out.writestr(name, change.get(name, source.read(name)))
    return other


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("part", ["transfer.jsonl", "plan.jsonl", "bill.jsonl", "audit.jsonl"])
def test_a_damaged_backup_restores_nothing(engine: str, part: str, a_backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(a_backup) as source:
        lines = source.read(part).splitlines(keepends=True)
    url = new_url(engine, tmp_path)
    with pytest.raises(Refused) as told:
        restore(rewritten(a_backup, {part: b"".join(lines[:-1])}), url, silent)
    assert told.value.mistakes[0].code == "V008"
    restore(a_backup, url, silent)  # from another copy
    with snapshot(url) as reading:
        assert all(reading.count(table) for table in COLUMNS if table not in ("hold", "step", "paper"))
    url = new_url(engine, tmp_path)
    with pytest.raises(Refused):
        restore(rewritten(a_backup, {part: b"".join(lines[:-1])}), url, silent)
    with snapshot(url) as reading:
        assert [reading.count(table) for table in COLUMNS] == [0] * len(COLUMNS)


def test_what_is_no_backup_is_refused(a_backup: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(a_backup.read_bytes()[:-100])
    strange = rewritten(a_backup, {"manifest.json": json.dumps({"form": "of another release"}).encode()})
    for file in (cut, strange, tmp_path / "not there"):
        with pytest.raises(Refused) as told:
            restore(file, f"sqlite:///{tmp_path}/new.db", silent)
        assert told.value.mistakes[0].code == "V008"


def test_a_restore_overwrites_nothing(a_backup: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    restore(a_backup, url, silent)
    with pytest.raises(Refused) as told:
        restore(a_backup, url, silent)
    assert told.value.mistakes[0].code == "V009"
    with closing(sqlite3.connect(tmp_path / "new.db")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert revision_of(url)
