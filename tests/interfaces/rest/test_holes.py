"""What somebody might try: the correction of another's bill, the list of who is known, tokens by guessing, a number in a key."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from duoceng.interfaces.rest.service import Rate
from duoceng.policy.library import Library
from interfaces.rest.services import FREELY, NUMBERS, PRODUCT, Front, a_bill, a_front, to_settle

TRACES = "SELECT COUNT(*) AS n FROM audit WHERE actor LIKE 'stranger%'"


@pytest.fixture
def front(tmp_path: Path, library: Library) -> Iterator[Front]:
    with a_front("sqlite", tmp_path, library, rates=FREELY | {"stranger": Rate(0.001, 3)}) as found:
        found.enrol("ada")
        found.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1")))
        yield found


@pytest.mark.parametrize("path", ["/v1/settlements", "/v1/quotes"])
def test_a_hospital_corrects_only_its_own_bills(path: str, front: Front) -> None:
    correction = a_bill("x1", in_scope=1, replaces="b1")
    taken = front.ask("hospital elsewhere", "POST", path, to_settle("ada", correction, "H2"))

    assert (taken.status_code, taken.json()["mistakes"][0]["code"]) == (403, "S003")
    assert front.ask("hospital", "GET", "/v1/members/ada/bills/b1").json()["state"] == "live"
    assert front.ask("hospital", "POST", path, to_settle("ada", correction)).status_code == 200


ASKED = [
    ("GET", "/v1/members/{}", None),
    ("GET", "/v1/members/{}/identity", None),
    ("POST", "/v1/reversals", {"member": "{}", "bill": "b1"}),
    ("POST", "/v1/members/{}/consents", {"product": PRODUCT, "begins": "2024-01-01"}),
]


@pytest.mark.parametrize("method, path, body", ASKED, ids=[f"{method} {path}" for method, path, _ in ASKED])
def test_who_is_known_elsewhere_is_not_told(method: str, path: str, body: dict[str, str] | None, front: Front) -> None:
    found = []
    for member in ("ada", "nobody"):
        said = {name: value.format(member) for name, value in body.items()} if body else None
        answer = front.ask("bureau elsewhere", method, path.format(member), said)
        found.append((answer.status_code, answer.json()))

    assert found[0] == found[1]
    assert found[0][0] == 403


def test_a_number_that_is_known_elsewhere_looks_like_one_that_is_not(front: Front) -> None:
    front.enrol("bo", name="王", number=NUMBERS["bo"])
    found = [
        front.ask("bureau elsewhere", "POST", "/v1/members/find", {"number": number}) for number in NUMBERS.values()
    ]

    assert [answer.status_code for answer in found] == [403, 403]
    assert front.ask("hospital", "POST", "/v1/members/find", {"number": NUMBERS["ada"]}).status_code == 404


def test_strangers_are_written_down_and_soon_wait(front: Front) -> None:
    found = [front.http.get("/v1/members/ada", headers={"Authorization": "Bearer a.b.c"}).status_code for _ in range(5)]
    row = front.desk.database.row(TRACES)

    assert found == [401, 401, 401, 429, 429]
    assert row == {"n": 3}


def test_no_identity_number_is_a_key(front: Front, tmp_path: Path) -> None:
    number = NUMBERS["ada"]
    answer = front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b2", "2024-05-01")), key=number)

    assert answer.status_code == 400
    assert not any(number.encode() in path.read_bytes() for path in tmp_path.glob("*.db*"))


def test_a_consent_is_taken_back_once_however_often_it_is_asked(front: Front) -> None:
    front.ask("member", "POST", "/v1/members/ada/consents", {"product": PRODUCT, "begins": "2024-01-01"})
    path, body = "/v1/members/ada/consents/revocations", {"product": PRODUCT}
    first, again = (front.ask("member", "POST", path, body, key="revoke-1") for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["idempotency-replayed"] == "true"
    assert front.ask("member", "POST", path, {"product": "zhenai.million-medical"}, key="revoke-1").status_code == 409
