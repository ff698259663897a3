"""The addresses of the page: what was built of `web/`, and the open questions it asks. No token, no person, nothing kept.

GET  /                  the page          /assets/...   its parts, under names that change with their content
GET  /page/start, /page/examples          what it knows at the start
POST /page/settle ...                     a scenario in, an answer out
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.interfaces.page import asked, law, lines, pay, shelf, start
from duoceng.interfaces.page.built import files_of, missing_page
from duoceng.interfaces.rest.access import Caller
from duoceng.interfaces.rest.door import body_of
from duoceng.interfaces.rest.fields import Strict
from duoceng.interfaces.rest.refusals import STATUS, language, not_valid
from duoceng.interfaces.rest.service import VISITOR, Buckets, Service, Windows
from duoceng.policy.library import Library

WINDOWS, WAITING = 2, 64
BODY_MAX = 1_000_000
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
          "connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")  # fmt: skip
Endpoint = Callable[[Request], Awaitable[Response]]
Answering = Callable[[Library, Any], Any]

ASKED: Mapping[str, tuple[type[Strict], Answering]] = {
    "settle": (asked.SettleIn, pay.settle),
    "compare": (asked.CompareIn, pay.side_by_side),
    "sweep": (asked.SweepIn, pay.sweep),
    "statement": (asked.FileIn, pay.as_file),
    "lines": (asked.TableIn, lambda _, one: lines.pasted(one.text, one.lang)),
    "terms": (asked.LangIn, shelf.terms),
    "drugs": (asked.LangIn, shelf.drugs),
    "try": (asked.ShelfIn, shelf.tried),
    "policy": (asked.PolicyIn, law.policy),
    "diff": (asked.DiffIn, law.diff),
    "documents": (asked.LangIn, law.documents),
    "coverage": (asked.LangIn, law.coverage),
}
SEEN: Mapping[str, Callable[[Library], Any]] = {"start": start.start, "examples": start.examples}


@dataclass
class Page:
    """The page of one service: windows and buckets of its own, so that whoever looks does not stand in the way of settling."""

    service: Service
    windows: Windows
    buckets: Buckets
    kept: dict[str, bytes]

    @property
    def library(self) -> Library:
        """The policies."""
        return self.service.desk.library

    def seen(self, name: str) -> bytes:
        """What changes only with the policies, made once."""
        if name not in self.kept:
            self.kept[name] = to_json(SEEN[name](self.library))
        return self.kept[name]


def routes(service: Service) -> list[Route]:
    """The routes of the page."""
    page = Page(service, Windows(WINDOWS, WAITING), Buckets(service.settings.rates), {})
    service.others.append(page.windows)
    service.at_start.append(partial(page.seen, "start"))
    return [
        Route("/", whole(page), methods=["GET"]),
        Route("/assets/{name}", part, methods=["GET"]),
        *(Route(f"/page/{name}", seeing(page, name), methods=["GET"]) for name in SEEN),
        *(Route(f"/page/{name}", asking(page, name), methods=["POST"]) for name in ASKED),
        Route("/page/table", table(page), methods=["POST"]),
        Route("/page/counter", counter(page), methods=["GET"]),
    ]


def noted(request: Request, route: str) -> str:
    """Note the route for the log; the language of the answer."""
    request.scope.setdefault("noted", {})["route"] = route
    return language(request.headers.get("accept-language", ""))


def whole(page: Page) -> Endpoint:
    """The page itself."""

    async def answer(request: Request) -> Response:
        lang = noted(request, "/")
        found = files_of().get("index.html")
        headers = {"content-security-policy": POLICY, "cache-control": "no-cache"}
        if found is None:
            return Response(missing_page(lang), 503, headers, "text/html; charset=utf-8")
        return found.response(request, headers)

    return answer


async def part(request: Request) -> Response:
    """A part of the page: its name changes with its content, so it may be kept for ever."""
    noted(request, "/assets")
    found = files_of().get(f"assets/{request.path_params['name']}")
    if found is None:
        return Response("", 404)
    return found.response(request, {"cache-control": "public, max-age=31536000, immutable"})


def seeing(page: Page, name: str) -> Endpoint:
    """Something that is the same for everybody."""

    async def answer(request: Request) -> Response:
        lang = noted(request, f"/page/{name}")
        try:
            body = await at_window(page, request, page.seen, name)
        except Refused as error:
            return refusal(error, lang)
        return Response(body, 200, {"cache-control": "no-cache"}, "application/json")

    return answer


def asking(page: Page, name: str) -> Endpoint:
    """A question and its answer."""
    form, run = ASKED[name]

    async def answer(request: Request) -> Response:
        lang = noted(request, f"/page/{name}")
        try:
            body = read(form, await body_of(request, BODY_MAX))
            lang = getattr(body, "lang", lang)
            found = await at_window(page, request, run, page.library, body)
        except Refused as error:
            return refusal(error, lang)
        if isinstance(found, tuple):
            return Response(found[0], 200, {}, found[1])
        return Response(to_json(found), 200, {}, "application/json")

    return answer


def read(form: type[Strict], raw: bytes) -> Strict:
    """The body as its form. Raises Refused."""
    try:
        return form.model_validate_json(raw)
    except ValidationError as error:
        raise not_valid(error, "body") from None


def table(page: Page) -> Endpoint:
    """A file of lines, as its bytes; its name stands in the address."""

    async def answer(request: Request) -> Response:
        lang = language(request.query_params.get("lang", noted(request, "/page/table")))
        try:
            raw = await body_of(request, 5 * BODY_MAX)
            found = await at_window(
                page, request, lines.uploaded, request.query_params.get("name", "")[:200], raw, lang
            )
        except Refused as error:
            return refusal(error, lang)
        return Response(to_json(found), 200, {}, "application/json")

    return answer


def counter(page: Page) -> Endpoint:
    """What the counter needs to begin: the day, and in a service to try the invented people and who may be played."""

    async def answer(request: Request) -> Response:
        noted(request, "/page/counter")
        today = page.service.desk.clock().date().isoformat()
        tries = page.service.settings.tries
        return Response(
            json.dumps({"today": today, "tries": tries() if tries else None}, ensure_ascii=False),
            200,
            {},
            "application/json",
        )

    return answer


async def at_window(page: Page, request: Request, run: Callable[..., Any], *args: Any) -> Any:
    """Run at one of the page's windows, as far as the visitor's bucket goes. Raises Refused."""
    page.buckets.take(Caller("", VISITOR, request.client.host if request.client else ""))
    try:
        return await page.windows.work(run, *args)
    except RecursionError:
        raise refuse("Y003", Place("body", 0), "nested too deeply to be a document", "", "check the brackets") from None


def refusal(error: Refused, lang: str) -> Response:
    """What cannot be settled, and what the page must ask."""
    return Response(to_json(pay.refused(error, lang)), STATUS.get(error.mistakes[0].code, 422), {}, "application/json")
