"""`duoceng serve`: the desk over HTTP. This is where the clock is read, in China time."""

import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duoceng.base.mistakes import Place, refuse

if TYPE_CHECKING:
    from fastapi import FastAPI

    from duoceng.interfaces.rest.demo import Keys

PARTS = ("fastapi", "uvicorn", "jwt", "cryptography", "prometheus_client", "sqlalchemy")
CHINA = timezone(timedelta(hours=8))
FOLDER, WORKER = "duoceng-data", "DUOCENG_WORKER"
NEAR = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    database: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    keys: str = ""
    policies: str = ""
    allow_unverified: bool = False
    workers: int = 1
    institutions: str = ""
    page: bool = True


def now() -> datetime:
    """The time in China; everything else is handed it."""
    return datetime.now(CHINA)  # noqa: TID251  the one place where the clock is read


def run(wanted: Wanted) -> None:
    """Serve until told to stop. Without a database and keys: a file here, invented members, and tokens to try."""
    needs_parts()
    import uvicorn

    demo = not wanted.database and not wanted.keys
    how: Any = {"host": wanted.host, "port": wanted.port, "log_config": None, "access_log": False, "server_header": False,
                "timeout_graceful_shutdown": 20}  # fmt: skip
    if wanted.workers > 1:
        if not wanted.database.startswith("postgresql://"):
            what, why = "several processes need PostgreSQL", "A file has one writer."
            raise refuse("S015", Place("--workers"), what, why, "name a server with --database, or leave --workers out")
        prepared(wanted, demo)[1]()  # tables are made, and mistakes told, once
        os.environ[WORKER] = json.dumps(asdict(wanted))
        uvicorn.run("duoceng.cli.serve:worker", factory=True, workers=wanted.workers, **how)
        return
    app, close = prepared(wanted, demo)
    if demo:
        print(shown(wanted), flush=True)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        uvicorn.run(app, **how)
    finally:
        close()


def worker() -> "FastAPI":
    """The application of one process among several."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    return prepared(Wanted(**json.loads(os.environ[WORKER])), False)[0]


def prepared(wanted: Wanted, demo: bool) -> "tuple[FastAPI, Callable[[], None]]":
    """The application on its database, and what closes it."""
    from duoceng.base import garbage
    from duoceng.desk.counter import Desk
    from duoceng.interfaces.rest.app import application
    from duoceng.interfaces.rest.demo import enrol_members, who_may_be_played
    from duoceng.interfaces.rest.demo_year import live
    from duoceng.interfaces.rest.service import Settings
    from duoceng.interfaces.rest.tokens import Doorkeeper
    from duoceng.policy.library import Library, find_policies
    from duoceng.policy.plan import Options
    from duoceng.store.database import open_database

    garbage.seldom()
    keys = keys_for(wanted, demo)
    database = open_database(wanted.database or f"sqlite:///{FOLDER}/duoceng.db")
    options = Options(allow_unverified=wanted.allow_unverified)
    desk = Desk(database, Library(find_policies(wanted.policies or None)), now, options)
    if demo:
        enrol_members(desk, keys.seal)
        live(desk)
    windows = 2 if database.url.startswith("sqlite") else 4  # a file has one writer; and threads share one interpreter
    tries = (lambda: who_may_be_played(Path(FOLDER), now())) if demo and wanted.host in NEAR else None
    app = application(desk, Settings(Doorkeeper(keys.public, now), keys.seal, windows, page=wanted.page, tries=tries))
    if wanted.institutions:
        from duoceng.interfaces.nhsa.app import beside

        beside(app, desk, Path(wanted.institutions), wanted.host in NEAR)
    return app, database.close


def keys_for(wanted: Wanted, demo: bool) -> "Keys":
    """The keys of a file, or of the folder of the demo."""
    from duoceng.interfaces.rest.demo import FILE, make_keys, read_keys

    if demo:
        Path(FOLDER).mkdir(mode=0o700, exist_ok=True)
        make_keys(Path(FOLDER))
        return read_keys(Path(FOLDER) / FILE)
    path = wanted.keys or os.environ.get("DUOCENG_KEYS", "")
    if not path:
        what, why = (
            "a service with a database of its own needs keys",
            "Tokens could not be checked, nor identities sealed.",
        )
        repair = "name a file with --keys; docs/en/service.md shows one"
        raise refuse("S015", Place("--keys"), what, why, repair)
    return read_keys(Path(path))


def shown(wanted: Wanted) -> str:
    """Tokens and lines to try."""
    from duoceng.interfaces.rest.demo import lines_to_try, tokens

    return lines_to_try(f"http://{wanted.host}:{wanted.port}", tokens(Path(FOLDER), now()))


def needs_parts() -> None:
    """Raise Refused where a part of the service is not installed."""
    missing = [name for name in PARTS if find_spec(name) is None]
    if missing:
        what, why = f"{', '.join(missing)} is not installed", "The service is built of them."
        raise refuse("B038", Place("duoceng serve", 0), what, why, "pip install 'duoceng[serve]'")
