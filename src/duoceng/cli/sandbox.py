"""`duoceng sandbox`: the national interface on a laptop, with invented people. This is where the clock is read, in China time."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from duoceng.base.mistakes import Place, refuse
from duoceng.base.text import unreadable
from duoceng.cli.serve import FOLDER, needs_parts, now

if TYPE_CHECKING:
    from duoceng.interfaces.nhsa.front import Front
    from duoceng.store.seal import Seal


@dataclass(frozen=True)
class Wanted:
    """What the command line asks for."""

    host: str = "127.0.0.1"
    port: int = 8097
    database: str = ""
    institutions: str = ""
    record: str = ""
    infcode: str = ""
    sign_in: bool = True


def run(wanted: Wanted) -> None:
    """Serve until told to stop; every message is a line on the terminal, and of a file where one is named."""
    needs_parts()
    import uvicorn

    from duoceng.interfaces.nhsa.app import application
    from duoceng.interfaces.nhsa.board import Board
    from duoceng.interfaces.nhsa.sandbox import who_is_who
    from duoceng.interfaces.nhsa.tape import Tape
    from duoceng.interfaces.rest.service import Windows
    from duoceng.store.database import open_database

    database = open_database(wanted.database or f"sqlite:///{_folder()}/sandbox.db")
    front, board = _front(wanted, database), Board()
    tape = Tape(Path(wanted.record).open("a", encoding="utf-8"), now) if wanted.record else None  # noqa: SIM115  open as long as the service

    def watch(asked: bytes, answered: bytes, outcome: Any) -> None:
        row = board.note(f"{now():%H:%M:%S}", asked, answered, outcome)
        print(
            f"{row['at']}  {row['infno']:<6}{row['institution']:<14}{'✓' if row['infcode'] == 0 else '✗ ' + row['err_msg']}",
            flush=True,
        )
        for fault in outcome.faults:
            print(f"          {fault} → {fault.repair}", flush=True)
        if tape:
            tape.note(asked, answered, outcome)

    print(
        f"{who_is_who()}\n\nhttp://{wanted.host}:{wanted.port}/   报文 POST 到任意路径，例如 /fsi/api/rsfComIfsService/callService\n",
        flush=True,
    )
    app = application(front, Windows(2 if database.url.startswith("sqlite") else 4, 64), watch, board.routes())
    try:
        uvicorn.run(app, host=wanted.host, port=wanted.port, log_config=None, access_log=False, server_header=False)
    finally:
        database.close()
        if tape:
            tape.file.close()


def _folder() -> Path:
    Path(FOLDER).mkdir(mode=0o700, exist_ok=True)
    return Path(FOLDER)


def _seal() -> "Seal":
    from duoceng.interfaces.rest.demo import FILE, make_keys, read_keys

    make_keys(_folder())
    return read_keys(_folder() / FILE).seal


def _front(wanted: Wanted, database: Any, seal: "Seal | None" = None, clock: Callable[[], datetime] = now) -> "Front":
    from duoceng.interfaces.nhsa.institutions import Institutions, read_institutions
    from duoceng.interfaces.nhsa.sandbox import GUEST, INSTITUTIONS, sandbox
    from duoceng.policy.library import Library, find_policies

    told = read_institutions(Path(wanted.institutions), Library(find_policies())) if wanted.institutions else None
    change: dict[str, Any] = {"sign_in": wanted.sign_in} | ({"infcode": wanted.infcode} if wanted.infcode else {})
    known = {code: replace(one, **change) for code, one in INSTITUTIONS.items()} | dict(told.known if told else {})
    return sandbox(database, seal or _seal(), clock, Institutions(known, replace(GUEST, **change)))


def replay(path: str, to: str, wanted: Wanted) -> int:
    """Play a recorded day again, to a new sandbox or to an address; how many answers are others."""
    from duoceng.interfaces.nhsa.tape import Player, recorded

    with TemporaryDirectory() as folder:
        send, set_clock = _there(to) if to else _here(wanted, folder)
        player, count, other = Player(send), 0, 0
        for one in recorded(Path(path)):
            set_clock(one.at)
            count += 1
            for found in player.play(one):
                other += 1
                print(f"{path}:{found.line}  {found.infno}  {found.where}: {_short(found.then)} → {_short(found.now)}")
    print(f"{count} 条报文，{other} 处不同")
    return other


def _there(to: str) -> tuple[Callable[[bytes], bytes], Callable[[datetime], None]]:
    import httpx

    client = httpx.Client(timeout=30)

    def send(body: bytes) -> bytes:
        try:
            return client.post(to, content=body).content
        except httpx.HTTPError as error:
            raise refuse(
                "N021",
                Place("--to"),
                f"nobody answers at `{to}`",
                str(error)[:200],
                "start the service, or correct the address",
            ) from None

    return send, lambda _: None


def _here(wanted: Wanted, folder: str) -> tuple[Callable[[bytes], bytes], Callable[[datetime], None]]:
    from duoceng.interfaces.nhsa.door import receive
    from duoceng.store.database import open_database
    from duoceng.store.seal import Seal

    time: list[datetime] = [now()]
    front = _front(wanted, open_database(f"sqlite:///{folder}/replay.db"), Seal({"r": bytes(32)}, "r"), lambda: time[0])

    def set_clock(at: datetime) -> None:
        time[0] = at

    return lambda body: receive(front, body)[0], set_clock


def explain(path: str) -> int:
    """Every fault of one message, field by field, without sending it anywhere; how many there are."""
    from duoceng.interfaces.nhsa import check, envelope
    from duoceng.interfaces.nhsa.fields import table_of

    try:
        read = envelope.read(Path(path).read_bytes())
    except OSError as error:
        what, repair = unreadable(error)
        raise refuse("B019", Place(path, 0), what, "", repair) from None
    except envelope.Unreadable as wrong_form:
        print(f"✗ {wrong_form}")
        return 1
    wrong = [f"✗ {fault}" for fault in envelope.faults(read)]
    table = table_of(read["infno"])
    if table is None:
        wrong.append(f"✗ 交易编号{read['infno']}不受支持")
    else:
        with suppress(KeyError):
            wrong += [f"✗ {fault} → {fault.repair}" for fault in check.check(table, read.input)[1]]
    print("\n".join(wrong) or f"✓ {read['infno']} {table.title if table else ''}：没有发现问题")
    return len(wrong)


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:120]
