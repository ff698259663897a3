"""Back a database up into one file, and restore it, into either engine.

    a zip of   <table>.jsonl    one row a line, as a JSON list in the order of `COLUMNS`; bytes as base64
               manifest.json    the revision of the tables, and of every table its rows and their SHA-256

The whole is one moment (`snapshot`); the desk may go on meanwhile. It is restored into an empty database in one transaction, which
is given up where a hash differs, so that there is all of it or nothing.
"""

import base64
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Any

from duoceng.base.compact import compact
from duoceng.base.mistakes import Place, refuse
from duoceng.store.columns import BYTES, COLUMNS
from duoceng.store.database import prepare
from duoceng.store.migrations import HEAD
from duoceng.store.snapshot import Snapshot, snapshot
from duoceng.store.upgrade import revision_of, upgrade

FORM, MANIFEST, MANY = "duoceng backup 1", "manifest.json", 5_000
Row = tuple[Any, ...]
Tell = Callable[[str, int], None]


def backup(reading: Snapshot, file: Path, now: datetime, tell: Tell) -> int:
    """Write all tables of a moment into a file; how many rows. The file is there when it is whole."""
    parts: dict[str, dict[str, object]] = {}
    half = file.with_name(file.name + ".half")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for table in COLUMNS:
            with out.open(f"{table}.jsonl", "w", force_zip64=True) as part:
                rows, digest = _write(reading.stream(table), table, part)
            parts[table] = {"rows": rows, "sha256": digest, "columns": COLUMNS[table]}
            tell(table, rows)
        manifest = {"form": FORM, "revision": HEAD, "made": now.isoformat(), "tables": parts}
        out.writestr(MANIFEST, json.dumps(manifest, indent=1))
    half.replace(file)
    return sum(int(str(part["rows"])) for part in parts.values())


def _write(rows: Iterator[Row], table: str, part: IO[bytes]) -> tuple[int, str]:
    """The rows of a table; how many, and the hash of their lines."""
    whole, count = sha256(), 0
    packed = [column in BYTES.get(table, ()) for column in COLUMNS[table]]
    for some in batches(rows):
        if any(packed):
            some = [
                tuple(_text(value) if is_bytes else value for value, is_bytes in zip(row, packed, strict=True))
                for row in some
            ]
        lines = "".join([compact(row) + "\n" for row in some]).encode()
        whole.update(lines)
        part.write(lines)
        count += len(some)
    return count, whole.hexdigest()


def _text(value: bytes | memoryview | None) -> str | None:
    return None if value is None else base64.b64encode(bytes(value)).decode()


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Some rows at a time."""
    while some := list(islice(rows, MANY)):
        yield some


# ── restore ──


def restore(file: Path, url: str, tell: Tell) -> int:
    """Fill an empty database from a backup; how many rows. Raises Refused; then nothing was written."""
    with opened(file) as source:
        manifest = manifest_of(source, file)
        if not is_empty(url, manifest["revision"]):
            what = "there is something in this database already"
            raise refuse(
                "V009",
                Place("--database", 0),
                what,
                "A restore fills a new database, and overwrites nothing.",
                "name a new one",
            )
        upgrade(url, manifest["revision"])
        parts = ((table, _rows(source, table, part, file)) for table, part in manifest["tables"].items())
        rows = (_into_sqlite if url.startswith("sqlite:///") else _into_postgresql)(url, parts, tell)
    prepare(url)
    return rows


def is_empty(url: str, revision: str) -> bool:
    """May a database be filled: has it no tables yet, or tables of this revision without a row?"""
    if not revision_of(url):
        return True
    with snapshot(url) as reading:
        return revision_of(url) == revision and not any(reading.count(table) for table in COLUMNS)


def opened(file: Path) -> zipfile.ZipFile:
    """The file, where it is a backup."""
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        why = "It is cut off, or something else."
        raise refuse(
            "V008", Place(str(file), 0), "this is no backup that can be read", why, "use another copy"
        ) from error


def manifest_of(source: zipfile.ZipFile, file: Path) -> Any:
    """What a backup says of itself."""
    try:
        manifest = json.loads(source.read(MANIFEST))
        known = manifest["form"] == FORM and all(
            tuple(part["columns"]) == COLUMNS[name] for name, part in manifest["tables"].items()
        )
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile):
        known = False
    if not known or set(manifest["tables"]) != set(COLUMNS):
        what = "this backup is of a form that this release does not read"
        raise refuse(
            "V008", Place(str(file), 0), what, "", "restore it with the release that wrote it, and upgrade then"
        )
    return manifest


def _rows(source: zipfile.ZipFile, table: str, part: dict[str, Any], file: Path) -> Iterator[Row]:
    """The rows of a table; refused at the end where they are not those that were written."""
    whole, count = sha256(), 0
    packed = [at for at, column in enumerate(COLUMNS[table]) if column in BYTES.get(table, ())]
    try:
        with source.open(f"{table}.jsonl") as lines:
            for line in lines:
                whole.update(line)
                row = json.loads(line)
                for at in packed:
                    row[at] = None if row[at] is None else base64.b64decode(row[at])
                yield tuple(row)
                count += 1
    except (zipfile.BadZipFile, ValueError, KeyError, IndexError, EOFError):
        count = -1
    if (count, whole.hexdigest()) != (part["rows"], part["sha256"]):
        what = f"table `{table}` is not as it was backed up"
        raise refuse(
            "V008",
            Place(str(file), 0),
            what,
            "The file was damaged or changed; nothing was restored.",
            "use another copy",
        )


Parts = Iterator[tuple[str, Iterator[Row]]]


def _into_sqlite(url: str, parts: Parts, tell: Tell) -> int:
    """Into a file, in one transaction."""
    total = 0
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in parts:
            marks = ", ".join("?" * len(COLUMNS[table]))
            sql = f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) VALUES ({marks})"
            many = connection.executemany(sql, rows).rowcount
            total += max(many, 0)
            tell(table, max(many, 0))
        connection.execute("COMMIT")
    finally:
        connection.close()
    return total


def _into_postgresql(url: str, parts: Parts, tell: Tell) -> int:
    """Into a server by COPY, in one transaction."""
    import psycopg

    total = 0
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, rows in parts:
            many = 0
            with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
                    many += 1
            total += many
            tell(table, many)
    return total
