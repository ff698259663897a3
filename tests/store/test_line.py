"""A line to PostgreSQL: values go and come as they are, statements by their names, several at once or not at all."""

from collections.abc import Iterator
from decimal import Decimal
from threading import Thread
from time import monotonic
from typing import Any

import pytest

from databases import new_url

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def line(tmp_path: Any) -> Iterator[Any]:
    from duoceng.store.line import Line

    with Line.connect(new_url("postgresql", tmp_path), autocommit=True) as found:
        found.run("CREATE TABLE kept (name text PRIMARY KEY, many bigint, said bytea)", [])
        yield found


ROWS = [("ada", 7, b"\x00\xff'"), ("八", -(2**62), b""), ("o'neil\t\\", None, None)]


def test_values_come_back_as_they_went_the_first_time_and_by_name(line: Any) -> None:
    for row in ROWS:
        line.run("INSERT INTO kept VALUES ($1, $2, $3)", row)
    for _ in range(3):
        for name, many, said in ROWS:
            assert line.run("SELECT * FROM kept WHERE name = $1", [name]) == [
                {"name": name, "many": many, "said": said}
            ]
    assert line.run("SELECT SUM(many) AS all, COUNT(*) AS n FROM kept", []) == [{"all": Decimal(7 - 2**62), "n": 3}]


def test_several_are_done_in_order_and_answered_each(line: Any) -> None:
    insert, count = "INSERT INTO kept (name) VALUES ($1)", "SELECT COUNT(*) AS n FROM kept"
    found = line.together([(insert, ["a"]), (count, []), (insert, ["b"]), (count, [])])
    assert found == [[], [{"n": 1}], [], [{"n": 2}]]


def test_where_one_fails_nothing_was_done_and_the_line_goes_on(line: Any) -> None:
    insert, count = "INSERT INTO kept (name) VALUES ($1)", "SELECT COUNT(*) AS n FROM kept"
    for _ in range(3):
        with pytest.raises(psycopg.errors.UniqueViolation) as told:
            line.together([(insert, ["a"]), (insert, ["a"]), (insert, ["b"])])
        assert told.value.diag.constraint_name == "kept_pkey"
        assert line.run(count, []) == [{"n": 0}]


def test_more_statements_than_a_line_remembers(line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duoceng.store.line.NAMED", 3)
    for _ in range(4):
        for n in range(8):
            assert line.run(f"SELECT $1::bigint + {n} AS n", [1]) == [{"n": n + 1}]
    assert len(line.run("SELECT name FROM pg_prepared_statements", [])) <= 3


def test_a_line_that_was_cut_says_so(line: Any, tmp_path: Any) -> None:
    pid = line.run("SELECT pg_backend_pid() AS pid", [])[0]["pid"]
    with psycopg.connect(line.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(psycopg.OperationalError):
        line.run("SELECT 1", [])
    with pytest.raises(psycopg.OperationalError):
        line.together([("SELECT 1", []), ("SELECT 2", [])])


@pytest.mark.parametrize("several", [False, True])
def test_others_work_while_one_waits(line: Any, several: bool) -> None:
    def wait() -> None:
        if several:
            line.together([("SELECT pg_sleep(0.5)", []), ("SELECT 1", [])])
        else:
            line.run("SELECT pg_sleep(0.5)", [])

    waiting, steps, began = Thread(target=wait), 0, monotonic()
    waiting.start()
    while waiting.is_alive() and monotonic() - began < 5:
        steps += 1
    assert steps > 10_000
