"""The door: one way in for every operation.

token ──▶ bucket ──▶ role ──▶ key, address, body ──▶ a window: object ──▶ table of access ──▶ the act ──▶ answer, audit
"""

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.interfaces.rest.access import Caller, may, may_ever
from duoceng.interfaces.rest.acts import Answer, Asked
from duoceng.interfaces.rest.fields import Id, MemberId, holds_identity
from duoceng.interfaces.rest.operations import Operation
from duoceng.interfaces.rest.refusals import language, not_valid, refusal
from duoceng.interfaces.rest.service import STRANGER, Service
from duoceng.store.books import AUDIT

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
NAME: TypeAdapter[str] = TypeAdapter(Id)
MEMBER: TypeAdapter[str] = TypeAdapter(MemberId)
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(service: Service, operation: Operation) -> Endpoint:
    """The route of an operation."""

    async def answer(request: Request) -> Response:
        lang = language(request.headers.get("accept-language", ""))
        noted = request.scope.setdefault("noted", {})
        noted["route"] = operation.path
        try:
            caller = await known(service, operation, request)
            noted["caller"] = caller.shown
            service.buckets.take(caller)
            asked = await asked_of(service, operation, caller, request)
            return answer_of(await service.windows.work(attend, operation, asked))
        except Refused as refused:
            noted["codes"] = sorted({mistake.code for mistake in refused.mistakes})
            return refusal(refused, lang)

    return answer


async def known(service: Service, operation: Operation, request: Request) -> Caller:
    """Who asks; a stranger is counted by address, and written down. Raises Refused."""
    try:
        return service.settings.doorkeeper.caller(request.headers.get("authorization", ""))
    except Refused:
        address = request.client.host if request.client else ""
        service.buckets.take(Caller("", STRANGER, address))
        await service.windows.work(note, service, Caller("", STRANGER), (operation.action, "", "", "refused"))
        raise


async def asked_of(service: Service, operation: Operation, caller: Caller, request: Request) -> Asked:
    """What was asked, read and bounded. Raises Refused."""
    if not may_ever(caller, operation.action):
        await service.windows.work(note, service, caller, (operation.action, "", "", "refused"))
        raise not_yours()
    asked = Asked(service, caller, lang=language(request.headers.get("accept-language", "")))
    asked.path = {name: named(name, value) for name, value in request.path_params.items()}
    if "lang" in request.query_params:
        asked.lang = language(request.query_params["lang"])
    if operation.writes:
        asked.key = request.headers.get("idempotency-key", "")
        if not KEY.fullmatch(asked.key) or holds_identity(asked.key):
            raise refuse(
                "S004",
                Place("Idempotency-Key"),
                "the header Idempotency-Key is missing or is no key",
                "Without it a request that is sent again could count twice.",
                "send 1 to 64 letters, digits and . _ : -, new for each bill, the same when you try again",
            )
    if operation.body:
        try:
            asked.body = operation.body.model_validate_json(await body_of(request, service.settings.body_max))
        except ValidationError as error:
            raise not_valid(error, "body") from None
    return asked


def named(name: str, value: str) -> str:
    """A name in the address. Raises Refused."""
    try:
        return (MEMBER if name == "member" else NAME).validate_python(value)
    except ValidationError as error:
        raise not_valid(error, name) from None


async def body_of(request: Request, most: int) -> bytes:
    """The body, as far as it may be long. Raises Refused."""
    said = request.headers.get("content-length", "0")
    body = bytearray()
    if not said.isdecimal() or int(said[:12]) <= most:
        async for piece in request.stream():
            body += piece
            if len(body) > most:
                break
        else:
            return bytes(body)
    raise refuse("S005", Place("body", 0), f"the body is longer than {most} bytes", "", "send less")


def attend(operation: Operation, asked: Asked) -> Answer:
    """At a window: find what it is about, ask the table, act, and write down who read."""
    concern = operation.about(asked)
    who = (operation.action, concern.member, concern.bill)
    if not may(asked.caller, operation.action, concern):
        note(asked.service, asked.caller, (*who, "refused"))
        raise not_yours()
    answer = operation.run(asked, concern)
    if operation.personal:
        note(asked.service, asked.caller, (operation.action, concern.member, concern.bill, "read"))
    return answer


def note(service: Service, caller: Caller, what: tuple[str, str, str, str]) -> None:
    """Write down who read, or was refused: action, member, bill, outcome."""
    action, member, bill, outcome = what
    row: dict[str, Any] = {
        "member": member,
        "id": f"r{secrets.token_hex(12)}",
        "at": service.desk.clock().isoformat(),
        "actor": f"{caller.scope} {caller.name}",
        "action": action,
        "object": bill or member,
        "outcome": outcome,
    }
    service.desk.database.commit([(AUDIT, row)])


def not_yours() -> Refused:
    """What a caller may not see or do; whether it is there is not said."""
    return refuse(
        "S003",
        Place("Authorization"),
        "you may not do this, or not with this",
        "Whether it exists is told only to those who may see it.",
        "ask with a token of whoever it belongs to",
    )


def answer_of(answer: Answer) -> Response:
    """An answer as JSON, or as the file it is."""
    headers = {"Idempotency-Replayed": "true"} if answer.repeated else {}
    if answer.media:
        return Response(answer.said, 200, headers, answer.media)
    return Response(to_json(answer.said), 200, headers, "application/json")
