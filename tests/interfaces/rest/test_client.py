"""The client: what gets no answer is sent again under the same key, and counts once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from duoceng.interfaces.client import Client, NotDone
from duoceng.policy.library import Library
from duoceng.store.pages import trial_balance
from interfaces.rest.services import Front, a_bill, a_front


class Line(httpx.BaseTransport):
    """A line to the service that loses requests, answers, or says it is busy, in this order."""

    def __init__(self, front: Front, faults: str):
        self.front, self.faults, self.keys = front, list(faults), []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fault = self.faults.pop(0) if self.faults else "."
        self.keys.append(request.headers["Idempotency-Key"])
        if fault == "q":
            raise httpx.ConnectError("the request is lost")
        if fault == "b":
            return httpx.Response(503, headers={"Retry-After": "2"}, json={"mistakes": []})
        sent = {
            n: v for n, v in request.headers.items() if n in ("authorization", "idempotency-key", "accept-language")
        }
        answer = self.front.http.request(request.method, request.url.path, content=request.read(), headers=sent)
        if fault == "a":
            raise httpx.ReadTimeout("the answer is lost")
        return httpx.Response(answer.status_code, content=answer.content, headers={"content-type": "application/json"})


@pytest.fixture
def front(tmp_path: Path, library: Library) -> Iterator[Front]:
    with a_front("sqlite", tmp_path, library) as found:
        found.enrol("ada")
        yield found


def client(front: Front, faults: str, waits: list[float] | None = None) -> tuple[Client, Line]:
    line = Line(front, faults)
    wait: Any = (waits if waits is not None else []).append
    return Client("http://desk", front.token("hospital"), "en", wait, transport=line), line


@pytest.mark.parametrize("faults", ["", "q", "a", "b", "aab", "qqaab"])
def test_a_bill_counts_once_whatever_is_lost(faults: str, front: Front) -> None:
    asked, line = client(front, faults)
    with asked:
        receipt = asked.settle("ada", "H1", a_bill("b1"))

    assert receipt["billed"] == 40_000_000
    assert receipt["repeated"] == ("a" in faults)
    assert len(set(line.keys)) == 1
    assert trial_balance(front.desk.database)["hospital/H1"] == 40_000_000


def test_it_waits_as_long_as_it_is_told(front: Front) -> None:
    waits: list[float] = []
    client(front, "b", waits)[0].quote("ada", "H1", a_bill("b1"))
    assert waits == [2.0]


def test_a_refusal_is_not_tried_again(front: Front) -> None:
    asked, line = client(front, "")
    with pytest.raises(NotDone) as told:
        asked.settle("nobody", "H1", a_bill("b1"))

    assert (told.value.status, told.value.mistakes[0]["code"], len(line.keys)) == (404, "D001", 1)


def test_a_key_is_found_and_taken_back(front: Front) -> None:
    asked, _ = client(front, "")
    asked.settle("ada", "H1", a_bill("b1"), key="mine")
    found = asked.find("mine")

    assert found is not None and found["state"] == "done"
    assert asked.find("lost") is None
    assert asked.reverse("ada", of_key="mine")["bill"] == "b1"
    with pytest.raises(NotDone) as told:
        client(front, "qqqqqq")[0].settle("ada", "H1", a_bill("b2"), key="away")
    assert (told.value.status, told.value.key) == (0, "away")
