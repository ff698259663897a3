"""A migrated database is what the schema says, and keeps what was written."""

import secrets
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from databases import ENGINES, a_database, new_url
from desk.desks import NOON, a_bill, a_counter, asked, undone, with_members
from duoceng.base.mistakes import Refused
from duoceng.policy.library import Library
from duoceng.store import migrations
from duoceng.store.database import Database, Sqlite, open_database, prepare
from duoceng.store.schema import META
from duoceng.store.upgrade import HEAD, revision_of

TABLES = sorted(META.tables)


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Database]:
    with a_database(request.param, tmp_path) as found:
        with_members(a_counter(found, library), "ada")
        yield found


def test_a_migrated_database_is_the_schema(database: Database) -> None:
    engine = create_engine(database.url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, META) == []
    engine.dispose()
    assert revision_of(database.url) == HEAD


def test_checks_and_collations_are_those_of_the_schema(database: Database, tmp_path: Path) -> None:
    """What alembic does not compare: made by hand beside, the words are the same."""
    beside = new_url("sqlite" if isinstance(database, Sqlite) else "postgresql", tmp_path)
    engine = create_engine(beside.replace("postgresql://", "postgresql+psycopg://", 1))
    META.create_all(engine)
    engine.dispose()
    assert shape(database.url) == shape(beside)


def shape(url: str) -> list[tuple[object, ...]]:
    if url.startswith("sqlite:///"):
        rows = sqlite3.connect(url.removeprefix("sqlite:///")).execute(
            "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE 'alembic%' ORDER BY name"
        )
        return [(name, " ".join((sql or "").split())) for name, sql in rows if "alembic" not in (sql or "alembic")]
    import psycopg

    with psycopg.connect(url) as connection:
        columns = """SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2"""
        checks = """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%' ORDER BY 1"""
        return [*connection.execute(columns).fetchall(), *connection.execute(checks).fetchall()]


def test_head_is_the_last_revision() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == HEAD


@pytest.mark.parametrize("engine", ENGINES)
def test_many_may_prepare_at_once(engine: str, tmp_path: Path) -> None:
    url = new_url(engine, tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: prepare(url), range(4)))
    assert revision_of(url) == HEAD
    prepare(url)


def test_sqlite_is_strict_durable_and_keeps_a_log(tmp_path: Path) -> None:
    database = open_database(new_url("sqlite", tmp_path))
    listed = database.rows("PRAGMA table_list")
    assert sorted(row["name"] for row in listed if row["strict"]) == TABLES
    assert database.rows("PRAGMA journal_mode") == [{"journal_mode": "wal"}]
    assert database.rows("PRAGMA synchronous") == [{"synchronous": 2}]
    database.close()


TAMPERINGS = [
    *[f"UPDATE {name} SET member = member" for name in ("entry", "audit")],
    *[f"DELETE FROM {name}" for name in ("entry", "audit")],
    "UPDATE transfer SET amount = amount + 1",
    "DELETE FROM transfer",
]


@pytest.mark.parametrize("sql", TAMPERINGS)
def test_what_is_written_stays(database: Database, sql: str) -> None:
    database.commit([("""INSERT INTO transfer (member, number, line, debit, credit, amount)
    VALUES ('ada', 1, 1, 'a', 'b', 5)""", {})])  # fmt: skip
    before = database.rows("SELECT * FROM transfer")
    with pytest.raises(Exception, match=r"stay as they were written|permission denied"):
        database.commit([(sql, {})])
    assert database.rows("SELECT * FROM transfer") == before


def test_what_is_written_is_not_replaced_either(database: Database) -> None:
    other = ("INSERT OR REPLACE INTO audit (member, id, actor) VALUES ('ada', '000000000001', 'nobody')"
             if isinstance(database, Sqlite) else "TRUNCATE audit")  # fmt: skip
    with pytest.raises(Exception, match=r"stay as they were written|permission denied"):
        database.commit([(other, {})])
    assert [row["actor"] for row in database.rows("SELECT actor FROM audit")] == ["teller"]


def test_a_role_of_few_rights_settles_and_changes_nothing_written(tmp_path: Path, library: Library) -> None:
    """The rights that docs/en/operations.md names are enough, and are all there are."""
    with a_database("postgresql", tmp_path) as owner:
        role = f"teller_{secrets.token_hex(6)}"
        for sql in (f"CREATE ROLE {role}", f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {role}",
                    f"GRANT UPDATE ON book, bill, person, balance, hold, outbox TO {role}", f"GRANT DELETE ON code TO {role}"):  # fmt: skip
            owner.commit([(sql, {})])
        with_members(a_counter(owner, library), "ada")
        few = open_database(owner.url + ("&" if "?" in owner.url else "?") + f"options=-c%20role%3D{role}")
        counter = a_counter(few, library)
        counter.calls = 50
        counter.desk.settle(asked("ada", a_bill("b1", NOON.date(), 5_000)), counter.call())
        counter.desk.reverse(undone("ada", "b1"), counter.call())
        assert few.rows("SELECT current_user AS me") == [{"me": role}]
        for sql in (
            "UPDATE entry SET actor = ''",
            "DELETE FROM answer",
            "DELETE FROM bill",
            "UPDATE answer SET page = 0",
        ):
            with pytest.raises(Exception, match="permission denied"):
                few.commit([(sql, {})])
        few.close()
        owner.commit([(f"DROP OWNED BY {role}", {})])
        owner.commit([(f"DROP ROLE {role}", {})])


def test_a_database_of_a_newer_release_is_left_alone(database: Database) -> None:
    database.commit([("UPDATE alembic_version SET version_num = '9999'", {})])
    with pytest.raises(Refused) as told:
        open_database(database.url)

    assert [m.code for m in told.value.mistakes] == ["V011"]
    assert revision_of(database.url) == "9999"
