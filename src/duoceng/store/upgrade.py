"""Bring a database to the tables of this release: `ready` looks, `upgrade` runs the revisions that are missing.

alembic and SQLAlchemy are imported only where there is something to do, so that an open desk starts fast.
"""

from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from duoceng.base.mistakes import Place, refuse
from duoceng.store import migrations
from duoceng.store.migrations import HEAD

if TYPE_CHECKING:
    from sqlalchemy import Connection

ALONE = Lock()  # alembic knows one migration a process
KEPT = "SELECT version_num FROM alembic_version"


def revision_of(url: str) -> str:
    """The revision a database is at; nothing where it has no tables yet."""
    if url.startswith("sqlite:///"):
        return _of_sqlite(url.removeprefix("sqlite:///"))
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection, suppress(psycopg.errors.UndefinedTable):
        found = connection.execute(KEPT).fetchone()
        return str(found[0]) if found else ""
    return ""


def _of_sqlite(path: str) -> str:
    import sqlite3

    connection = sqlite3.connect(path, timeout=30)
    try:
        found = connection.execute(KEPT).fetchone()
        return str(found[0]) if found else ""
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return ""
        raise
    finally:
        connection.close()


def upgrade(url: str, to: str = HEAD) -> None:
    """Run the revisions up to one; where somebody else was quicker, nothing is left to do. Raises Refused."""
    stop_if_newer(revision_of(url))
    with ALONE:
        for attempt in range(5):
            if revision_of(url) == to:
                return
            try:
                _upgrade(url, to)
            except Exception:  # whatever a second runner stumbles over, it matters only if the first did not finish
                if attempt == 4:
                    raise
            else:
                return


def stop_if_newer(revision: str) -> None:
    """Raise Refused where the tables are of a revision that is not known here."""
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()}
    if revision and revision not in known:
        what = f"its tables are of revision {revision}, which is not known here"
        raise refuse(
            "V011",
            Place("--database", 0),
            what,
            "A newer release has written them.",
            "install that release or a later one",
        )


def _upgrade(url: str, to: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import NullPool, create_engine

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _alone_on_sqlite(connection)
        config = Config()
        config.set_main_option("script_location", "duoceng.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        connection.commit()


def _alone_on_sqlite(connection: "Connection") -> None:
    """One writer from the first statement on, so that a second runner waits and then finds the work done."""
    raw: Any = connection.connection.dbapi_connection
    raw.isolation_level = None
    raw.execute("PRAGMA busy_timeout=30000")
    raw.execute("BEGIN IMMEDIATE")
