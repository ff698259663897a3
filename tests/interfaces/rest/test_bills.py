"""Bills over HTTP, on both databases: settled once, quoted without a trace, taken back by id and by key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES
from duoceng.policy.library import Library
from duoceng.store.pages import entries_of, trial_balance
from interfaces.rest.services import Front, a_bill, a_front, to_settle


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Front]:
    with a_front(request.param, tmp_path, library) as found:
        for member in ("ada", "bo"):
            assert found.enrol(member).status_code == 200
        yield found


def codes(answer: Any) -> list[str]:
    return [mistake["code"] for mistake in answer.json()["mistakes"]]


def test_a_bill_is_settled_once(front: Front) -> None:
    body = to_settle("ada", a_bill("b1"))
    first = front.ask("hospital", "POST", "/v1/settlements", body, "once")
    again = front.ask("hospital", "POST", "/v1/settlements", body, "once")

    assert first.status_code == 200, first.text
    assert (first.json()["billed"], first.json()["covered"], first.json()["member_pays"]) == (
        40_000_000,
        38_966_900,
        1_033_100,
    )
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert {**again.json(), "repeated": False} == first.json()
    assert trial_balance(front.desk.database)["hospital/H1"] == 40_000_000


def test_a_quote_leaves_no_trace_in_the_books(front: Front) -> None:
    before = len(entries_of(front.desk.database, "ada"))
    found = front.ask("hospital", "POST", "/v1/quotes", to_settle("ada", a_bill("b1")))

    assert found.json()["covered"] == 38_966_900
    assert len(entries_of(front.desk.database, "ada")) == before


REFUSED = [
    ("the same key for another bill", "once", to_settle("ada", a_bill("b2")), 409, "D002"),
    ("a bill settled already", "", to_settle("ada", a_bill("b1")), 409, "D003"),
    ("nobody of that name", "", to_settle("nobody", a_bill("b9")), 404, "D001"),
    ("a correction of nothing", "", to_settle("ada", a_bill("b3", replaces="b9")), 404, "D004"),
    ("a key that is none", "no key!", to_settle("ada", a_bill("b4")), 400, "S004"),
    ("an answer that cannot be", "", to_settle("ada", a_bill("b5", answers={"care": "sorcery"})), 422, "B009"),
    ("a question not answered", "", to_settle("ada", a_bill("b6", answers={"care": "inpatient"})), 422, "B020"),
    ("an unknown attribute", "", to_settle("ada", a_bill("b7", answers={"magic": True})), 422, "B001"),
    ("parts that do not add up", "", to_settle("ada", a_bill("b8", total=1)), 422, "B010"),
    ("a field that is not known", "", to_settle("ada", a_bill("b9", colour="red")), 422, "S001"),
    ("a float for money", "", to_settle("ada", a_bill("b9", amounts={"in_scope": 1.5})), 422, "S001"),
    ("more than any bill", "", to_settle("ada", a_bill("b9", amounts={"in_scope": 10**11 + 1})), 422, "S001"),
    ("impossible days", "", to_settle("ada", a_bill("b9", admitted="2024-02-01")), 422, "B013"),
    ("an account that is none", "", to_settle("ada", a_bill("b9"), pays=["gold"]), 422, "S001"),
    ("an identity number for a name", "", to_settle("11010519491231002X", a_bill("b9")), 422, "S001"),
]  # fmt: skip


@pytest.mark.parametrize("key, body, status, code", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_is_refused_in_one_form(key: str, body: Any, status: int, code: str, front: Front) -> None:
    front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1")), "once")
    before = trial_balance(front.desk.database)
    english = front.ask("hospital", "POST", "/v1/settlements", body, key)
    chinese = front.ask("hospital", "POST", "/v1/settlements", body, key, **{"Accept-Language": "zh-CN,en;q=0.5"})

    assert (english.status_code, codes(english)[0]) == (status, code), english.text
    for mistake in english.json()["mistakes"]:
        asks = {"question"} if mistake["code"] == "B020" else set()
        assert set(mistake) == {"code", "what", "why", "repair", "field"} | asks
    assert all(any("一" <= c <= "鿿" for c in m["what"]) for m in chinese.json()["mistakes"])
    assert trial_balance(front.desk.database) == before


def test_a_mistake_names_its_field(front: Front) -> None:
    answer = front.ask(
        "hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b5", answers={"care": "sorcery"}))
    )
    missing = front.ask("hospital", "POST", "/v1/settlements", {"member": "ada", "hospital": "H1"})

    assert answer.json()["mistakes"][0]["field"] == "bill.answers.care"
    assert missing.json()["mistakes"][0]["field"] == "body.bill"


def test_a_reversal_by_bill_and_by_key(front: Front) -> None:
    front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1")), "first")
    front.ask("hospital", "POST", "/v1/settlements", to_settle("bo", a_bill("b2")), "second")

    assert front.ask("hospital", "POST", "/v1/reversals", {"member": "ada", "bill": "b1"}).json()["kind"] == "reverse"
    assert front.ask("hospital", "POST", "/v1/reversals", {"member": "bo", "key": "second"}).json()["bill"] == "b2"
    assert not any(trial_balance(front.desk.database).values())
    barred = front.ask("hospital", "POST", "/v1/reversals", {"member": "ada", "key": "lost"})
    assert barred.json()["kind"] == "never arrived"
    late = front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b3")), "lost")
    assert (late.status_code, codes(late)) == (409, ["D005"])
    assert front.ask("hospital", "GET", "/v1/keys/lost").json()["state"] == "never"
    assert front.ask("hospital", "GET", "/v1/keys/first").json()["receipt"]["bill"] == "b1"
    assert codes(front.ask("hospital elsewhere", "GET", "/v1/keys/first")) == ["S009"]


def test_a_bill_with_its_statement(front: Front) -> None:
    front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1")))
    chinese = front.ask("member", "GET", "/v1/members/ada/bills/b1?lang=zh").json()
    english = front.ask("hospital", "GET", "/v1/members/ada/bills/b1").json()

    assert chinese["form" if "form" in chinese else "bill"]
    assert chinese["member_pays"] == english["member_pays"] == 1_033_100
    assert chinese["statement"][0]["label"] != english["statement"][0]["label"]
    assert english["state"] == "live"


def test_the_year_so_far(front: Front) -> None:
    front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1")))
    found = front.ask("bureau", "GET", "/v1/members/ada").json()

    assert found["region"] == "jiangmen"
    assert [row["bill"] for row in found["bills"]] == ["b1"]
    assert found["sums"]
    assert [fact["kind"] for fact in found["facts"]] == ["enrolment"]


def test_a_late_bill_shows_a_hospital_only_what_is_its_own(front: Front) -> None:
    front.ask(
        "hospital elsewhere", "POST", "/v1/settlements", to_settle("ada", a_bill("mar", "2024-03-10", 30_000_001), "H2")
    )
    late = front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("jan")), "late").json()
    whole = front.desk.answer("hospital/H1", "late")

    assert late["kind"] == "settle late"
    assert late["changed"] == []
    assert {one["bill"] for one in late["moved"]} == {"jan"}
    assert whole is not None and whole[2] is not None and [one.bill for one in whole[2].changed] == ["mar"]
