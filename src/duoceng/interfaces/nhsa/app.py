"""The door over HTTP: any path, one message in, one answer out; both styles of request that are met (one address, an address each).

A file may come as multipart form data (`jsonStr`, `file`); one that is fetched goes out as bytes.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.desk import helping, outbox
from duoceng.desk.counter import Desk
from duoceng.interfaces.nhsa import envelope, gateway
from duoceng.interfaces.nhsa.door import Outcome, receive
from duoceng.interfaces.nhsa.envelope import FAILED, Answer
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.nhsa.institutions import read_institutions, read_regions
from duoceng.interfaces.rest.service import Windows
from duoceng.ledger.wallet import china_time

Watcher = Callable[[bytes, bytes, Outcome], None]
PREFIXES = ("/fsi", "/mbs", "/mss", "/ebus", "/nhsa")  # the beginnings of paths that are met
ROUND_SECONDS = 5.0


def mouth(front: Front, windows: Windows, watch: Watcher | None = None) -> Callable[[Request], Awaitable[Response]]:
    """The route that takes messages."""

    async def take(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("报文过大", 413)
        request.scope.get("noted", {})["route"] = "national"
        refused = _let_in(front, request, body)
        if refused is not None:
            return refused
        try:
            answer, outcome, kind = await windows.work(receive, front, body, dict(request.headers))
        except Refused:  # too many inside
            return Response(busy(china_time(front.desk.clock())), 503, media_type="application/json")
        if watch is not None:
            await asyncio.to_thread(watch, body, answer, outcome)
        return Response(answer, media_type=kind)

    return take


def busy(now: datetime) -> bytes:
    """The answer to a message there was no room for: nothing was done."""
    return envelope.written(envelope.answered(Answer(FAILED, "系统繁忙，请稍后用同一msgid重发"), now, now, ""))


def _let_in(front: Front, request: Request, body: bytes) -> Response | None:
    """The gateway's refusal, in its own form; None where the message may come in."""
    if not front.institutions.guarded:
        return None
    try:
        read = envelope.read(body)
    except envelope.Unreadable:
        return None  # the door says so, in an envelope
    institution = front.institutions.find(read["fixmedins_code"], "", "")
    if institution is None or institution.gateway.family == "none":
        return None
    try:
        gateway.check(institution.gateway, dict(request.headers), read["infno"], china_time(front.desk.clock()))
    except gateway.NotLetIn as refused:
        return JSONResponse(refused.body(), refused.status)
    return None


async def _body(request: Request) -> bytes | None:
    """The envelope: the body, or the text part of a form with the bytes of its file put into the input."""
    size = 0
    parts = []
    async for part in request.stream():
        size += len(part)
        if size > envelope.BODY_MAX:
            return None
        parts.append(part)
    body = b"".join(parts)
    kind = request.headers.get("content-type", "")
    return _of_form(body, kind) if kind.startswith("multipart/form-data") else body


def _of_form(body: bytes, kind: str) -> bytes:
    from email import policy
    from email.parser import BytesParser

    message = BytesParser(policy=policy.HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    fields: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        fields[str(name)] = content if isinstance(content, bytes) else b""
    try:
        said: dict[str, Any] = json.loads(fields.get("jsonStr", b""))
        held = said["input"]["fsUploadIn"]
        held["in"] = b64encode(fields["file"]).decode()
    except (ValueError, KeyError, TypeError):
        return fields.get("jsonStr", b"")
    return json.dumps(said, ensure_ascii=False).encode()


def beside(app: FastAPI, desk: Desk, institutions: Path, near: bool = False) -> None:
    """Let the service on a desk speak the national interface too, to the institutions of a file. Raises Refused.

    `near`: only this machine can call, so that nobody has to prove who they are.
    """
    service = app.state.service
    known = read_institutions(institutions, desk.library)
    bare = [one.code for one in known.known.values() if one.gateway.family == "none" and one.signing.style == "plain"]
    if bare and not near:
        what, why = f"{', '.join(bare[:5])} proves nothing of itself", "Anybody could speak in its name."
        raise refuse(
            "S015", Place(str(institutions), 0), what, why, "add `gateway` or `signing`, or listen at 127.0.0.1 only"
        )
    front = Front(desk, service.seal, known, read_regions(desk.library.folder))
    app.router.routes += [
        Route(prefix + "/{path:path}", mouth(front, service.windows), methods=["POST"]) for prefix in PREFIXES
    ]


def application(
    front: Front, windows: Windows, watch: Watcher | None = None, pages: list[Route] | None = None
) -> Starlette:
    """A service that speaks nothing else: the sandbox."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        windows.open()
        rounds = asyncio.create_task(_keep_going(front, windows))
        yield
        rounds.cancel()
        windows.close()

    async def live(_: Request) -> Response:
        return JSONResponse({"state": "live"})

    routes = [Route("/health/live", live, methods=["GET"]), *(pages or [])]
    return Starlette(
        routes=[*routes, Route("/{path:path}", mouth(front, windows, watch), methods=["POST"])], lifespan=lifespan
    )


async def _keep_going(front: Front, windows: Windows) -> None:
    """Every few seconds: money on its way arrives, what was not accepted goes back."""
    finished = ""
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        finished = await windows.work(outbox.finish_waiting, front.desk, finished)
        await windows.work(helping.return_due, front.desk)
