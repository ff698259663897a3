"""Every operation that writes answers a key once: asked again, by many at once, with another body, after a restart."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from databases import ENGINES
from desk.desks import CHINA, a_counter
from duoceng.interfaces.rest.app import application
from duoceng.interfaces.rest.operations import OPERATIONS
from duoceng.policy.library import Library
from duoceng.store.database import open_database
from duoceng.store.pages import entries_of
from interfaces.rest.services import Front, a_bill, a_front, enrolment, to_settle

RELATIVE = {"kind": "relative", "begins": "2020-01-01", "who": "bo", "relation": "sibling", "proof": "book"}
SENT_AS_KEY = ("accept", "recall")  # the sending itself is the key
# By operation: who asks, where, a body, another body; settled before: bill b0.
WRITES: dict[str, tuple[str, str, Any, Any]] = {
    "settle": ("hospital", "/v1/settlements", to_settle("ada", a_bill("b1", "2024-02-10")), to_settle("ada", a_bill("b1", "2024-02-10", 1))),
    "reverse": ("hospital", "/v1/reversals", {"member": "ada", "bill": "b0"}, {"member": "ada", "key": "another"}),
    "enrol": ("bureau", "/v1/members/ada/facts", {"facts": [RELATIVE]}, {"facts": [enrolment()]}),
    "consent": ("member", "/v1/members/ada/consents", {"product": "zhenai.million-medical", "begins": "2024-01-01"},
                {"product": "zhenai.million-medical", "begins": "2024-01-02"}),
    "revoke": ("member", "/v1/members/ada/consents/revocations", {"product": "shanghai.huhuibao.2023"}, {"product": "zhenai.million-medical"}),
    "credit": ("bureau", "/v1/members/ada/credits", {"amount": 500, "purpose": "2025-03"}, {"amount": 501, "purpose": "2025-03"}),
    "premium": ("member", "/v1/members/ada/premiums", {"relative": "ada", "amount": 100}, {"relative": "ada", "amount": 101}),
    "send": ("member", "/v1/members/ada/sendings", {"to": "bo", "amount": 100}, {"to": "bo", "amount": 101}),
}  # fmt: skip


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Front]:
    with a_front(request.param, tmp_path, library) as found:
        found.clock.now = datetime(2025, 3, 3, 12, tzinfo=CHINA)
        for member in ("ada", "bo"):
            assert found.enrol(member).status_code == 200
        ready = [("bureau", "/v1/members/ada/facts", {"facts": [RELATIVE]}),
                 ("bureau", "/v1/members/ada/credits", {"amount": 90_000, "purpose": "2025-02"}),
                 ("member", "/v1/members/ada/consents", {"product": "shanghai.huhuibao.2023", "begins": "2024-01-01"}),
                 ("hospital", "/v1/settlements", to_settle("ada", a_bill("b0")))]  # fmt: skip
        for who, path, body in ready:
            assert found.ask(who, "POST", path, body).status_code == 200
        yield found


def test_every_operation_that_writes_is_here() -> None:
    assert {o.action for o in OPERATIONS if o.writes} == {*WRITES, *SENT_AS_KEY}


@pytest.mark.parametrize("action", WRITES)
def test_a_key_is_answered_once(action: str, front: Front, library: Library) -> None:
    who, path, body, other = WRITES[action]
    pages = len(entries_of(front.desk.database, "ada"))
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: front.ask(who, "POST", path, body, "one-key"), range(16)))

    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers].count("true") == 15
    assert len({answer.json()["page"] for answer in answers}) == 1
    assert len(entries_of(front.desk.database, "ada")) == pages + 1
    refused = front.ask(who, "POST", path, other, "one-key")
    assert (refused.status_code, refused.json()["mistakes"][0]["code"]) == (409, "D002")
    restarted = a_counter(open_database(front.desk.database.url), library).desk
    restarted.clock.now = front.clock.now
    with TestClient(application(restarted, front.settings)) as http:
        again = Front(http, restarted, front.clock, front.settings).ask(who, "POST", path, body, "one-key")
    restarted.database.close()
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (200, "true")
    assert again.json()["page"] == answers[0].json()["page"]
    assert len(entries_of(front.desk.database, "ada")) == pages + 1


def test_a_commercial_code_lets_insurers_pay_one_bill(front: Front) -> None:
    code = front.ask("member", "POST", "/v1/members/ada/codes", {"kind": "commercial"}).json()["code"]
    basic = front.ask("member", "POST", "/v1/members/ada/codes", {"kind": "basic"}).json()["code"]
    assert front.ask("hospital", "POST", "/v1/members/shown", {"code": basic}).json() == {"member": "ada"}
    asked = to_settle("ada", a_bill("b5", "2024-05-10"), commercial_code=code)
    first = front.ask("hospital", "POST", "/v1/settlements", asked, "with-code")
    front.clock.now = datetime(2025, 3, 3, 13, tzinfo=CHINA)
    again = front.ask("hospital", "POST", "/v1/settlements", asked, "with-code")
    late = front.ask(
        "hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b6", "2024-06-10"), commercial_code=code)
    )
    wrong = front.ask(
        "hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b7", "2024-07-10"), commercial_code=basic)
    )

    assert (first.status_code, again.status_code, again.headers.get("Idempotency-Replayed")) == (200, 200, "true")
    assert [answer.json()["mistakes"][0]["code"] for answer in (late, wrong)] == ["D014", "D014"]
