"""An open database: read rows; commit a list of statements, all or none.

Statements are written once, with `:names`, for both engines. SQLite: a file in WAL mode, synchronous=FULL, one writer at a time.
PostgreSQL: psycopg, a small pool of connections, one round trip for a whole transaction.
"""

import re
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from duoceng.base.failpoint import reached

Row = dict[str, Any]
Values = Mapping[str, object]
Statement = tuple[str, Values]
BEFORE = "NOT NULL constraint failed: entry.before"  # the page that was to follow is not the last one of its book


class Conflict(Exception):
    """Somebody else was first: a row that must be the only one of its key stands there. Read anew and try again."""

    def __init__(self, rule: str):
        super().__init__(rule)
        self.rule = rule


class Floor(Exception):
    """An account would fall below nothing."""


class Busy(Exception):
    """The database could not take this now; nothing was written."""


class Database(ABC):
    """SQLite or PostgreSQL, by its address."""

    def __init__(self, url: str):
        self.url = url

    @abstractmethod
    def rows(self, sql: str, **values: object) -> list[Row]:
        """What a question finds, as of now."""

    @abstractmethod
    def commit(self, statements: Sequence[Statement], at_once: bool = False) -> None:
        """All statements or none; durable when it returns. Raises Conflict, Floor or Busy.

        `at_once`: no two of them touch the same row, so that their order does not matter.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the connections of this process."""

    def ask(self, *questions: Statement) -> list[list[Row]]:
        """Several questions at once."""
        return [self.rows(sql, **values) for sql, values in questions]

    def row(self, sql: str, **values: object) -> Row | None:
        """The first row a question finds."""
        found = self.rows(sql, **values)
        return found[0] if found else None


class Sqlite(Database):
    """A file. Readers do not wait; writers queue at a lock of this process, and then at that of the file."""

    def __init__(self, url: str):
        super().__init__(url)
        self.path = url.removeprefix("sqlite:///")
        self._writing, self._gate = threading.Lock(), threading.Lock()
        self._free: list[sqlite3.Connection] = []

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses now."""
        with self._gate:
            held = self._free.pop() if self._free else None
        if held is None:
            held = sqlite3.connect(self.path, isolation_level=None, timeout=30, check_same_thread=False)
            held.row_factory = sqlite3.Row
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "recursive_triggers=ON", "busy_timeout=30000"):
                held.execute(f"PRAGMA {pragma}")
        try:
            yield held
        finally:
            with self._gate:
                self._free.append(held)

    def rows(self, sql: str, **values: object) -> list[Row]:
        """What a question finds."""
        with self._connection() as connection:
            return [dict(row) for row in connection.execute(sql, values)]

    def commit(self, statements: Sequence[Statement], at_once: bool = False) -> None:
        """All statements or none, in the order given."""
        with self._connection() as connection, self._writing:
            try:
                connection.execute("BEGIN IMMEDIATE")
                reached("begun")
                for at, (sql, values) in enumerate(statements):
                    connection.execute(sql, values)
                    if at == 0:
                        reached("half_written")
                reached("written")
                connection.execute("COMMIT")
                reached("committed")
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise _sqlite_reason(error) from error

    def close(self) -> None:
        """Close every connection of this process."""
        with self._gate:
            while self._free:
                self._free.pop().close()


def _sqlite_reason(error: sqlite3.Error) -> Exception:
    words = str(error)
    if "UNIQUE constraint failed" in words or BEFORE in words:
        return Conflict(words.partition(": ")[2])
    if "CHECK constraint failed" in words:
        return Floor(words) if "balance_" in words else error
    return Busy(words) if "locked" in words or "busy" in words else error


class Postgres(Database):
    """A server, and a few connections to it: more than 8 to 16 only wait for each other."""

    def __init__(self, url: str, connections: int = 8):
        super().__init__(url)
        from psycopg_pool import ConnectionPool

        from duoceng.store.line import Line

        self._pool: ConnectionPool[Line] = ConnectionPool(
            url,
            connection_class=Line,
            kwargs={"autocommit": True},
            min_size=1,
            max_size=connections,
            open=True,
            timeout=30,
        )

    def rows(self, sql: str, **values: object) -> list[Row]:
        """What a question finds."""
        with self._pool.connection() as line:
            return line.run(*raw((sql, values)))

    @contextmanager
    def transaction(self) -> Iterator[Callable[[Statement], list[Row]]]:
        """Ask and write inside one transaction: rows that are locked there stay locked until it ends."""
        with self._pool.connection() as line, line.transaction():
            yield lambda statement: line.run(*raw(statement))

    def ask(self, *questions: Statement) -> list[list[Row]]:
        """Several questions in one round trip."""
        with self._pool.connection() as line:
            return line.together([raw(question) for question in questions])

    def commit(self, statements: Sequence[Statement], at_once: bool = False) -> None:
        """All statements or none; one round trip, as a single statement where their order does not matter."""
        import psycopg

        try:
            with self._pool.connection() as line:
                reached("begun")
                reached("half_written")
                reached("written")
                if at_once:
                    line.run(*raw(*statements))
                else:
                    line.together([raw(statement) for statement in statements])
                reached("committed")
        except psycopg.errors.UniqueViolation as error:
            raise Conflict(error.diag.constraint_name or "") from error
        except psycopg.errors.NotNullViolation as error:
            if f"{error.diag.table_name}.{error.diag.column_name}" in BEFORE:
                raise Conflict(BEFORE) from error
            raise
        except psycopg.errors.CheckViolation as error:
            if "balance_" in (error.diag.constraint_name or ""):
                raise Floor(str(error)) from error
            raise
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
            raise Busy(str(error)) from error

    def close(self) -> None:
        """Close every connection of this process."""
        self._pool.close()


@lru_cache(maxsize=1024)
def joined(statements: tuple[str, ...]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Statements as one for PostgreSQL, done together or not at all; which value of which statement each `$n` is."""
    order: list[tuple[int, str]] = []

    def numbered(at: int) -> Callable[[re.Match[str]], str]:
        def number(name: re.Match[str]) -> str:
            value = (at, name.group(1))
            if value not in order:
                order.append(value)
            return f"${order.index(value) + 1}"

        return number

    parts = [re.sub(r":([a-z_]+)", numbered(at), sql) for at, sql in enumerate(statements)]
    before = ",\n".join(f"s{at} AS ({sql})" for at, sql in enumerate(parts[:-1]))
    return (f"WITH {before}\n{parts[-1]}" if before else parts[-1]), tuple(order)


def raw(*statements: Statement) -> tuple[str, list[object]]:
    """Statements as one, and their values in order."""
    sql, order = joined(tuple(sql for sql, _ in statements))
    return sql, [statements[at][1][name] for at, name in order]


def open_database(url: str) -> Database:
    """The database at an address: `sqlite:///file` or `postgresql://...`; its tables are brought to this release."""
    prepare(url)
    return Sqlite(url) if url.startswith("sqlite:///") else Postgres(url)


def prepare(url: str) -> None:
    """Bring the tables to this release where they are not there yet."""
    from duoceng.store.migrations import HEAD
    from duoceng.store.upgrade import revision_of, upgrade

    if revision_of(url) != HEAD:
        upgrade(url)
