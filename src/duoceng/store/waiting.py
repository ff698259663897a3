"""Events that wait to be told: one member's at a time, in order, by one worker at a time.

PostgreSQL   the first waiting event of a member is locked while its events are told; other workers skip it, and with it
             the member. The lock and the marks end together
SQLite       one worker a file, held by a lock beside it (`<file>.outbox`)
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from duoceng.store.database import Database, Postgres, Row, Sqlite, Statement

WHO = """SELECT member, MIN(at) AS at FROM outbox WHERE sent = '' GROUP BY member HAVING (MIN(at), member) > (:at, :member)
ORDER BY 2, 1 LIMIT 1000"""
FIRST = """SELECT number FROM outbox o WHERE member = :member AND sent = '' AND NOT EXISTS (SELECT 1 FROM outbox e
WHERE e.member = :member AND e.sent = '' AND (e.number, e.line) < (o.number, o.line)) FOR UPDATE SKIP LOCKED"""
OF_MEMBER = """SELECT member, number, line, topic, said, at FROM outbox WHERE member = :member AND sent = ''
ORDER BY number, line LIMIT 1000"""
SENT = """UPDATE outbox SET sent = :sent WHERE member = :member AND sent = '' AND (number, line) <= (:number, :line)"""

Told = Callable[[list[Row]], int]  # tells events of one member, in order; how many of them were told


def tell_waiting(database: Database, told: Told, at: str) -> int:
    """One round through all who have events waiting; how many were told. `at`: what is written on those that were."""
    if isinstance(database, Sqlite):
        with one_worker(Path(f"{database.path}.outbox")) as mine:
            return sum(_of_sqlite(database, who, told, at) for who in waiting(database)) if mine else 0
    assert isinstance(database, Postgres)
    return sum(_of_postgresql(database, who, told, at) for who in waiting(database))


def waiting(database: Database) -> Iterator[str]:
    """The members who have events waiting, the longest first."""
    after: Row = {"at": "", "member": ""}
    while found := database.rows(WHO, **after):
        yield from (row["member"] for row in found)
        after = found[-1]


def _of_sqlite(database: Sqlite, member: str, told: Told, at: str) -> int:
    rows = database.rows(OF_MEMBER, member=member)
    done = told(rows)
    if done:
        database.commit([sent(rows[done - 1], at)])
    return done


def _of_postgresql(database: Postgres, member: str, told: Told, at: str) -> int:
    with database.transaction() as run:
        if not run((FIRST, {"member": member})):  # somebody else tells them, or has
            return 0
        rows = run((OF_MEMBER, {"member": member}))
        done = told(rows)
        if done:
            run(sent(rows[done - 1], at))
    return done


def sent(last: Row, at: str) -> Statement:
    """All that waited up to this event was told."""
    return SENT, {"member": last["member"], "number": last["number"], "line": last["line"], "sent": at}


@contextmanager
def one_worker(path: Path) -> Iterator[bool]:
    """Are we the only one? The lock goes when the process does, however it ends."""
    with path.open("a") as file:
        mine = False
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        yield mine
