"""What keeps the service up: bodies, rates, windows, health, numbers, headers; errors of ours say nothing of what was in them."""

import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from duoceng.base.mistakes import Refused
from duoceng.interfaces.rest.access import Caller
from duoceng.interfaces.rest.service import Buckets, Rate, Windows
from duoceng.policy.library import Library
from interfaces.rest.services import Front, a_bill, a_front, to_settle


@pytest.fixture
def front(tmp_path: Path, library: Library) -> Iterator[Front]:
    with a_front("sqlite", tmp_path, library, workers=2, waiting=1, body_max=2000) as found:
        found.enrol("ada")
        yield found


def test_a_body_has_an_end(front: Front) -> None:
    whole = front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1", title="长" * 3000)))
    pieces = front.http.post("/v1/settlements", content=(b"x" * 500 for _ in range(9)),
                             headers={"Authorization": f"Bearer {front.token('hospital')}", "Idempotency-Key": "k"})  # fmt: skip

    assert (whole.status_code, pieces.status_code) == (413, 413)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"nul\x00l", b"[" * 500])
def test_a_body_that_is_no_object_is_refused(content: bytes, front: Front) -> None:
    headers = {"Authorization": f"Bearer {front.token('hospital')}", "Idempotency-Key": "k"}
    assert front.http.post("/v1/settlements", content=content, headers=headers).status_code in (400, 422)


def test_a_bucket_fills_by_the_second() -> None:
    now = [0.0]
    buckets = Buckets({"hospital": Rate(2, 3)}, lambda: now[0])
    one, other = Caller("till", "hospital", "H1"), Caller("till", "hospital", "H2")
    for _ in range(3):
        buckets.take(one)
    with pytest.raises(Refused):
        buckets.take(one)
    buckets.take(other)
    now[0] = 0.5
    buckets.take(one)
    with pytest.raises(Refused):
        buckets.take(one)


def test_too_many_requests_of_a_caller_are_told_so(tmp_path: Path, library: Library) -> None:
    rates = {"hospital": Rate(0.001, 2), "bureau": Rate(10, 10), "auditor": Rate(10, 10)}
    with a_front("sqlite", tmp_path, library, rates=rates) as front:
        found = [front.ask("hospital", "GET", "/v1/keys/none").status_code for _ in range(4)]
        last = front.ask("hospital", "GET", "/v1/keys/none")

        assert found == [404, 404, 429, 429]
        assert last.headers["Retry-After"]
        assert front.ask("auditor", "GET", "/v1/trial-balance").status_code == 200


def test_over_the_bound_nobody_waits() -> None:
    go, windows = Event(), Windows(2, 1)

    async def crowd() -> list[Any]:
        begun = [asyncio.create_task(windows.work(go.wait, 10)) for _ in range(5)]
        await asyncio.sleep(0.05)
        refused = [task.exception() for task in begun if task.done()]
        waiting = [task for task in begun if not task.done()]
        go.set()
        served = [await task for task in waiting]
        assert await windows.work(lambda: "recovered") == "recovered"
        return [len(refused), len(served), [type(error) for error in refused]]

    assert asyncio.run(crowd()) == [2, 3, [Refused, Refused]]
    windows.close()


def test_a_crowd_is_told_to_come_again_and_then_served(front: Front) -> None:
    go, here, desk = Event(), Event(), front.desk
    real, found = desk.quote, []

    def slow(ask: Any) -> Any:
        here.set()
        go.wait(10)
        return real(ask)

    desk.quote = slow  # type: ignore[method-assign]
    front.token("hospital")
    threads = [
        Thread(target=lambda: found.append(front.ask("hospital", "POST", "/v1/quotes", to_settle("ada", a_bill("b1")))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    here.wait(10)
    Event().wait(0.5)
    go.set()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status_code for answer in found)
    busy = [answer for answer in found if answer.status_code == 503]

    assert set(statuses) == {200, 503}
    assert len(busy) >= 4
    assert all(answer.headers["Retry-After"] and answer.json()["mistakes"][0]["code"] == "S007" for answer in busy)
    assert front.ask("hospital", "POST", "/v1/quotes", to_settle("ada", a_bill("b1"))).status_code == 200


def test_an_error_of_ours_says_nothing_of_what_was_in_it(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "duoceng.rest")

    def broken(ask: Any) -> Any:
        raise ZeroDivisionError("the secret of ada")

    front.desk.quote = broken  # type: ignore[method-assign]
    answer = front.ask("hospital", "POST", "/v1/quotes", to_settle("ada", a_bill("b1")))

    assert (answer.status_code, answer.json()["mistakes"][0]["code"]) == (500, "S011")
    assert "secret" not in answer.text + caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_every_request_is_a_line_without_a_person(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "duoceng.rest")
    answer = front.ask("member", "GET", "/v1/members/ada")
    line = json.loads([r.getMessage() for r in caplog.records if r.name == "duoceng.rest"][-1])

    assert {k: v for k, v in line.items() if k not in ("ms", "request")} == {
        "caller": "member", "method": "GET", "route": "/v1/members/{member}", "status": 200}  # fmt: skip
    assert line["request"] == answer.headers["X-Request-Id"]


def test_health_numbers_and_headers(front: Front) -> None:
    live, ready = front.http.get("/health/live"), front.http.get("/health/ready")
    front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1")))
    numbers = front.ask("operator", "GET", "/metrics").text

    assert (live.status_code, ready.json()) == (200, {"state": "ready"})
    assert 'duoceng_requests_total{method="POST",route="/v1/settlements",status="200"} 1.0' in numbers
    for name in ("X-Content-Type-Options", "Content-Security-Policy", "Cache-Control"):
        assert name in live.headers


@pytest.mark.parametrize(
    "method, path, status", [("GET", "/nothing", 404), ("GET", "/v1/settlements", 405), ("PUT", "/v1/members/ada", 405)]
)
def test_a_wrong_address_is_refused_in_the_same_form(method: str, path: str, status: int, front: Front) -> None:
    answer = front.http.request(method, path)
    assert (answer.status_code, list(answer.json())) == (status, ["mistakes"])


def test_the_page_of_the_description_asks_nobody_else(front: Front) -> None:
    page = front.http.get("/docs").text
    schema = front.http.get("/openapi.json").json()

    assert schema["openapi"] == "3.1.0"
    assert "http://" not in page and "https://" not in page and "<script" not in page
    assert all(path.replace("<", "") in page for path in schema["paths"])


def test_a_closing_service_is_not_ready(front: Front) -> None:
    app: Any = front.http.app
    app.state.service.closing = True
    assert front.http.get("/health/ready").status_code == 503
