"""Accounts and wallets over HTTP: credited, sent to a near relative, accepted once, called back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES
from duoceng.policy.library import Library
from interfaces.rest.services import Front, a_bill, a_front, enrolment, to_settle


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Front]:
    with a_front(request.param, tmp_path, library) as found:
        for member, other in (("ada", "bo"), ("bo", "ada")):
            sibling = {
                "kind": "relative",
                "begins": "2020-01-01",
                "who": other,
                "relation": "sibling",
                "proof": "户口簿",
            }
            done(found.ask("bureau", "POST", f"/v1/members/{member}/facts", {"facts": [enrolment(), sibling]}))
        done(found.ask("bureau", "POST", "/v1/members/ada/credits", {"amount": 500_000, "purpose": "2024-11"}))
        yield found


def done(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def held(front: Front, who: str, member: str) -> Any:
    return done(front.ask(who, "GET", f"/v1/members/{member}"))["balances"]


def test_money_is_sent_and_accepted_once(front: Front) -> None:
    number = int(
        done(front.ask("member", "POST", "/v1/members/ada/sendings", {"to": "bo", "amount": 10_000}))["drawn"][0][0]
    )
    for _ in range(2):
        done(front.ask("member elsewhere", "POST", "/v1/members/bo/acceptances", {"sender": "ada", "number": number}))

    assert held(front, "member", "ada")["account/ada"] == {"amount": 490_000, "held": 0}
    assert held(front, "member elsewhere", "bo")["wallet/bo"] == {"amount": 10_000, "held": 0}


def test_money_is_called_back_before_it_is_accepted(front: Front) -> None:
    number = int(
        done(front.ask("member", "POST", "/v1/members/ada/sendings", {"to": "bo", "amount": 10_000}))["drawn"][0][0]
    )
    done(front.ask("member", "POST", "/v1/members/ada/recalls", {"number": number}))
    late = front.ask("member elsewhere", "POST", "/v1/members/bo/acceptances", {"sender": "ada", "number": number})

    assert (late.status_code, late.json()["mistakes"][0]["code"]) == (404, "D012")
    assert held(front, "member", "ada")["account/ada"] == {"amount": 500_000, "held": 0}


def test_a_relative_helps_to_pay_a_bill(front: Front) -> None:
    body = to_settle("bo", a_bill("b1", in_scope=500_000), pays=["help:ada"])
    receipt = done(front.ask("hospital", "POST", "/v1/settlements", body))

    assert receipt["drawn"]
    assert held(front, "member", "ada")["account/ada"]["amount"] == 500_000 - receipt["drawn"][0][1]
    done(front.ask("hospital", "POST", "/v1/reversals", {"member": "bo", "bill": "b1"}))
    assert held(front, "member", "ada")["account/ada"] == {"amount": 500_000, "held": 0}
