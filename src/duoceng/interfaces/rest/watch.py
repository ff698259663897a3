"""What is seen of every request from outside: an id, a line in the log, numbers for Prometheus, headers. No person in any of them."""

import json
import logging
import re
import secrets
import sqlite3
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.interfaces.rest.refusals import language, refusal
from duoceng.interfaces.rest.service import Service
from duoceng.store.database import Busy

LOG = logging.getLogger("duoceng.rest")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # a UUID; anything else might be a person's number
SAFE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
}
SLICES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Numbers:
    """The numbers of one service."""

    def __init__(self, service: Service):
        self.registry = CollectorRegistry()
        labels = ("route", "method")
        self.requests = Counter("duoceng_requests", "Requests", (*labels, "status"), registry=self.registry)
        self.seconds = Histogram(
            "duoceng_seconds", "Seconds until the answer", labels, registry=self.registry, buckets=SLICES
        )
        self.refused = Counter("duoceng_refused", "Mistakes told, by code", ("code",), registry=self.registry)
        inside = Gauge("duoceng_inside", "Requests at a window, or waiting for one", registry=self.registry)
        inside.set_function(lambda: service.windows.inside)


class Watch:
    """Stands around the whole service."""

    def __init__(self, app: ASGIApp, numbers: Numbers):
        self.app, self.numbers = app, numbers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, headers = perf_counter(), Headers(scope=scope)
        noted: dict[str, Any] = {"id": id_of(headers.get("x-request-id", "")), "status": 500}
        scope["noted"] = noted

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                noted["status"] = message["status"]
                found = MutableHeaders(scope=message)
                for name, value in (*SAFE.items(), ("x-request-id", noted["id"])):
                    found.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except Exception as error:  # noqa: BLE001  the last stand: told without a word of what was in it
            failed = failure(error, noted)
            noted["codes"] = [failed.mistakes[0].code]
            await refusal(failed, language(headers.get("accept-language", "")))(scope, receive, sent)
        self.note(scope, noted, perf_counter() - began)

    def note(self, scope: Scope, noted: MutableMapping[str, Any], seconds: float) -> None:
        """A line in the log, and the numbers."""
        route, method = noted.get("route", "other"), scope["method"] if scope["method"] in METHODS else "other"
        self.numbers.requests.labels(route, method, noted["status"]).inc()
        self.numbers.seconds.labels(route, method).observe(seconds)
        for code in noted.get("codes", ()):
            self.numbers.refused.labels(code).inc()
        line = {
            "request": noted["id"],
            "caller": noted.get("caller", ""),
            "method": method,
            "route": route,
            "status": noted["status"],
            "ms": round(seconds * 1000, 2),
            "codes": noted.get("codes", []),
            "error": noted.get("error", ""),
        }
        LOG.info(json.dumps({name: value for name, value in line.items() if value not in ("", [])}))


METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")


def id_of(given: str) -> str:
    """The id that was sent along, if it can be one; or a new one."""
    return given if ID.fullmatch(given) else secrets.token_hex(8)


def failure(error: Exception, noted: MutableMapping[str, Any]) -> Refused:
    """What is told of an error of ours, or of the database; where it was is noted, without the values it had."""
    frames, last = error.__traceback__, None
    while frames:
        last, frames = frames, frames.tb_next
    where = f" {last.tb_frame.f_code.co_qualname}:{last.tb_lineno}" if last else ""
    noted["error"] = type(error).__name__ + where
    if isinstance(error, (Busy, sqlite3.OperationalError)) or type(error).__module__.startswith("psycopg"):
        return refuse(
            "S012",
            Place("body", 0),
            "the database does not answer now",
            "Whether it was done is not known.",
            "send it again, under the same key",
        )
    return refuse(
        "S011",
        Place("body", 0),
        "an error of ours",
        "Whether it was done is not known.",
        "send it again, under the same key; tell the operator the request's id",
    )
