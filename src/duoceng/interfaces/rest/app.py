"""The application: operations as plain routes behind one description, health, numbers, the page of the description."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI
from prometheus_client import generate_latest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from duoceng import __version__
from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.desk import helping, outbox
from duoceng.desk.counter import Desk
from duoceng.interfaces.rest.access import may_ever
from duoceng.interfaces.rest.description import description
from duoceng.interfaces.rest.door import endpoint, not_yours
from duoceng.interfaces.rest.operations import OPERATIONS
from duoceng.interfaces.rest.page import page_of
from duoceng.interfaces.rest.refusals import language, refusal
from duoceng.interfaces.rest.service import Service, Settings
from duoceng.interfaces.rest.watch import LOG, Numbers, Watch


def application(desk: Desk, settings: Settings) -> FastAPI:
    """The service on a desk."""
    service = Service(desk, settings)
    numbers = Numbers(service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.closing = False
        for windows in (service.windows, *service.others):
            windows.open()
        rounds = asyncio.create_task(keep_going(service))
        for ready in service.at_start:
            asyncio.get_running_loop().run_in_executor(None, ready)
        yield
        service.closing = True
        rounds.cancel()
        for windows in (service.windows, *service.others):
            windows.close()

    app = FastAPI(
        title="Duoceng", version=__version__, openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan
    )
    routes = [Route(o.path, endpoint(service, o), methods=[o.method]) for o in OPERATIONS]
    app.router.routes.extend([*routes, *fhir_routes(service), *page_routes(service), *around(app, service, numbers)])
    app.openapi = lambda: description(OPERATIONS)  # type: ignore[method-assign]
    app.add_exception_handler(404, no_route)
    app.add_exception_handler(405, no_method)
    app.add_middleware(Watch, numbers=numbers)
    app.state.service = service
    return app


def fhir_routes(service: Service) -> list[Route]:
    """The FHIR addresses, where their library is installed."""
    if find_spec("fhir") is None or find_spec("fhir.resources") is None:
        return []
    from duoceng.interfaces.fhir.app import routes

    return routes(service)


def page_routes(service: Service) -> list[Route]:
    """The page and its open questions, unless the installation wants none."""
    if not service.settings.page:
        return []
    from duoceng.interfaces.page.app import routes

    return routes(service)


async def keep_going(service: Service) -> None:
    """Every few seconds: money on its way arrives, what was not accepted goes back, events are marked as told."""
    while True:
        await asyncio.sleep(service.settings.round_seconds)
        try:
            await service.windows.work(one_round, service)
        except Exception as error:  # noqa: BLE001  the next round tries again; the service goes on
            LOG.warning(json.dumps({"round": type(error).__name__}))


def one_round(service: Service) -> None:
    """What is due now."""
    if service.settings.tell:
        outbox.deliver(service.desk, service.settings.tell)
    else:
        service.finished = outbox.finish_waiting(service.desk, service.finished)
    helping.return_due(service.desk)


def around(app: FastAPI, service: Service, numbers: Numbers) -> list[Route]:
    """What is not about bills: health, numbers, the description."""

    async def live(request: Request) -> Response:
        request.scope["noted"]["route"] = "/health/live"
        return JSONResponse({"state": "live"})

    async def ready(request: Request) -> Response:
        request.scope["noted"]["route"] = "/health/ready"
        if service.closing:
            return JSONResponse({"state": "closing"}, 503)
        await service.windows.work(service.desk.database.rows, "SELECT 1 AS one")
        return JSONResponse({"state": "ready"})

    async def metrics(request: Request) -> Response:
        request.scope["noted"]["route"] = "/metrics"
        try:
            caller = service.settings.doorkeeper.caller(request.headers.get("authorization", ""))
            if not may_ever(caller, "metrics"):
                raise not_yours()
        except Refused as refused:
            return refusal(refused, language(request.headers.get("accept-language", "")))
        return Response(generate_latest(numbers.registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def schema(request: Request) -> Response:
        request.scope["noted"]["route"] = "/openapi.json"
        return JSONResponse(app.openapi())

    async def docs(request: Request) -> Response:
        request.scope["noted"]["route"] = "/docs"
        return HTMLResponse(page_of(app.openapi(), language(request.headers.get("accept-language", ""))))

    shown = {"/health/live": live, "/health/ready": ready, "/metrics": metrics, "/openapi.json": schema, "/docs": docs}
    return [Route(path, shows, methods=["GET"]) for path, shows in shown.items()]


async def no_route(request: Request, _: Any) -> Response:
    """An address that is not there."""
    return refusal(
        refuse("S008", Place("address"), "there is no such address", "", "the page /docs lists them"),
        language(request.headers.get("accept-language", "")),
    )


async def no_method(request: Request, error: Any) -> Response:
    """A method that the address does not take."""
    told = refuse("S013", Place("address"), "this address does not take this method", "", "the page /docs lists them")
    found = refusal(told, language(request.headers.get("accept-language", "")))
    found.headers.update(error.headers or {})
    return found
