"""One moment of a database, read as long as it takes: nothing written meanwhile is seen, and nobody is held up.

SQLite: a read transaction on the log. PostgreSQL: REPEATABLE READ, read only.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from duoceng.store.columns import COLUMNS
from duoceng.store.database import Row, raw

MANY = 2_000


class Snapshot(ABC):
    """A database as of the moment it was opened."""

    @abstractmethod
    def rows(self, sql: str, **values: object) -> list[Row]:
        """What a question finds."""

    @abstractmethod
    def stream(self, table: str) -> Iterator[tuple[Any, ...]]:
        """Every row of a table, its columns in the order of `COLUMNS`, sorted by its key."""

    def members(self, many: int = 500) -> Iterator[list[str]]:
        """Everybody who has a book, a few at a time, in order."""
        after = ""
        while found := self.rows(
            "SELECT member FROM book WHERE member > :after ORDER BY member LIMIT :many", after=after, many=many
        ):
            yield [row["member"] for row in found]
            after = found[-1]["member"]

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.rows(f"SELECT COUNT(*) AS many FROM {table}")[0]["many"])


class _Sqlite(Snapshot):
    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection

    def rows(self, sql: str, **values: object) -> list[Row]:
        cursor = self.connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def stream(self, table: str) -> Iterator[tuple[Any, ...]]:
        yield from self.connection.execute(_all_of(table))


class _Postgres(Snapshot):
    def __init__(self, connection: Any):
        self.connection = connection

    def rows(self, sql: str, **values: object) -> list[Row]:
        cursor = self.connection.execute(*raw((sql, values)))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def stream(self, table: str) -> Iterator[tuple[Any, ...]]:
        from psycopg import ServerCursor

        with ServerCursor(self.connection, "stream") as cursor:
            cursor.itersize = MANY
            yield from cursor.execute(_all_of(table))


def _all_of(table: str) -> str:
    return f"SELECT {', '.join(COLUMNS[table])} FROM {table} ORDER BY 1, 2"


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """A database at an address, as it is now."""
    if url.startswith("sqlite:///"):
        file = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
        try:
            file.execute("BEGIN")
            file.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # the moment is the first look
            yield _Sqlite(file)
        finally:
            file.close()
        return
    import psycopg

    with psycopg.connect(url, cursor_factory=psycopg.RawCursor) as connection:
        connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
        connection.execute("SELECT 1")  # the moment is the first look
        yield _Postgres(connection)
