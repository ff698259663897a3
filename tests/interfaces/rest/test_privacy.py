"""Identities: sealed at rest, whole when opened, and in no file, log, number or error."""

import logging
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from databases import ENGINES, a_database
from duoceng.interfaces.rest.fields import is_identity_number
from duoceng.policy.library import Library
from duoceng.store.seal import Identity, Seal, identity_of, reseal
from interfaces.rest.services import NUMBERS, SECRETS, a_bill, a_front, to_settle

RARE = (
    "\U0002b8b8\U00030edd㛃\ue863"  # of planes 2 and 3, of extension A, and of the private area of the police's fonts
)


@pytest.mark.parametrize("text, is_one", [
    ("11010519491231002X", True), ("11010519491231002x", True), ("440524188001010014", True), ("110105194912310021", False),
    ("11010519491331002X", False), ("11010518491231002X", False), ("1101051949123100", False), ("x", False),
])  # fmt: skip
def test_an_identity_number_is_known_by_its_check_digit(text: str, is_one: bool) -> None:
    assert is_identity_number(text) == is_one


@pytest.mark.parametrize("engine", ENGINES)
def test_an_identity_is_opened_whole_and_found_by_its_number(engine: str, tmp_path: Path, library: Library) -> None:
    with a_front(engine, tmp_path, library) as front:
        assert front.enrol("ada", name=RARE, number=NUMBERS["ada"]).status_code == 200
        shown = front.ask("member", "GET", "/v1/members/ada/identity").json()
        found = front.ask("hospital", "POST", "/v1/members/find", {"number": NUMBERS["ada"].lower()})

        assert (shown["name"], shown["number"]) == (RARE, NUMBERS["ada"])
        assert found.json() == {"member": "ada"}
        assert front.enrol("eve", name="别人", number=NUMBERS["ada"]).status_code == 409
        assert front.ask("hospital", "POST", "/v1/members/find", {"number": NUMBERS["bo"]}).status_code == 404


def test_no_identity_anywhere_in_clear(tmp_path: Path, library: Library, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    number, name, said = NUMBERS["ada"], "欧阳慕容", []
    with a_front("sqlite", tmp_path, library) as front:
        said.append(front.enrol("ada", name=name, number=number))
        said.append(front.enrol("bo", name=name, number=number))  # somebody else's
        said.append(front.enrol(number, name=name, number=number))  # as the name of a member
        said.append(front.enrol("eve", name=name, number=number[:-1] + "1"))  # the check digit is wrong
        for body in (
            to_settle(number, a_bill("b1")),
            to_settle("ada", a_bill("b1", title=f"{name} {number}")),
            to_settle("ada", a_bill("b1", answers={"care": number})),
            to_settle("ada", a_bill("b1", **{number: 1})),
            to_settle("ada", a_bill("b1", answers={f"x{number.lower()}": True})),
        ):
            said.append(front.ask("hospital", "POST", "/v1/settlements", body))
        said.append(front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1"))))
        said.append(front.ask("hospital", "GET", f"/v1/members/{number}", **{"X-Request-Id": number}))
        said.append(front.ask("member", "GET", f"/v1/members/{number}"))
        said.append(front.ask("operator", "GET", "/metrics"))
        said.append(front.ask("auditor", "GET", "/v1/members/ada"))
        files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    kept = files.decode("utf-8", "ignore") + "".join(r.getMessage() for r in caplog.records if r.name != "httpx")
    refused = "".join(answer.text for answer in said if answer.status_code != 200)
    assert [answer.status_code for answer in said[:5]] == [200, 409, 422, 422, 422]
    assert len(files) > 50_000
    for planted in (number, number.lower(), name):
        assert planted not in kept
        assert planted not in said[-1].text + said[-2].text
        assert planted not in refused


def test_keys_are_changed_without_losing_anybody(tmp_path: Path, library: Library) -> None:
    with a_front("sqlite", tmp_path, library) as front:
        front.enrol("ada", name=RARE, number=NUMBERS["ada"])
        database = front.desk.database
        both = Seal(SECRETS | {"k2": bytes(32)}, "k2")

        assert both.find(database, "01", NUMBERS["ada"]) == "ada"
        assert reseal(database, both) == 1
        assert reseal(database, both) == 0
        only = Seal({"k2": bytes(32)}, "k2")
        assert identity_of(database, only, "ada") == Identity(RARE, NUMBERS["ada"])
        assert only.find(database, "01", NUMBERS["ada"]) == "ada"


def test_a_seal_is_one_members(tmp_path: Path) -> None:
    seal = Seal(SECRETS, "k1")
    sealed = seal.seal("ada", Identity("甲", NUMBERS["ada"]))

    assert seal.seal("ada", Identity("甲", NUMBERS["ada"])) != sealed
    with pytest.raises(InvalidTag):
        seal.open("bo", sealed)
    with a_database("sqlite", tmp_path) as database:
        assert identity_of(database, seal, "ada") is None
    assert "00010203" not in repr(seal)
