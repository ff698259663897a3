"""FHIR R4 out of every settlement, validated by the library's own models; claims in, sums to the fen, nonsense refused in FHIR's words."""

import json
import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fhir.resources")

from fhir.resources.R4B.claim import Claim
from fhir.resources.R4B.claimresponse import ClaimResponse
from fhir.resources.R4B.codesystem import CodeSystem
from fhir.resources.R4B.coverageeligibilityresponse import CoverageEligibilityResponse
from fhir.resources.R4B.explanationofbenefit import ExplanationOfBenefit
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.structuredefinition import StructureDefinition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import POLICIES
from databases import ENGINES
from duoceng.desk.asks import Call
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.interfaces.fhir import build, terms
from duoceng.kernel.columns import KINDS
from duoceng.policy.library import Library
from duoceng.store.pages import trial_balance
from interfaces.rest.services import Front, a_front

OUT = {"ClaimResponse": ClaimResponse, "ExplanationOfBenefit": ExplanationOfBenefit, "OperationOutcome": OperationOutcome,
       "CoverageEligibilityResponse": CoverageEligibilityResponse}  # fmt: skip


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Front]:
    with a_front(request.param, tmp_path, library) as found:
        found.enrol("ada")
        yield found


def item(name: str, yuan: str, kind: str = "in_scope") -> dict[str, Any]:
    return {"sequence": 1, "productOrService": {"text": name}, "net": {"value": float(yuan), "currency": "CNY"},
            "extension": [{"url": terms.url("cost-class"), "valueCode": kind}]}  # fmt: skip


def answer(name: str, value: str) -> dict[str, Any]:
    return {
        "url": terms.url("answer"),
        "extension": [{"url": "name", "valueCode": name}, {"url": "value", "valueString": value}],
    }


def a_claim(name: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    rows = [{**one, "sequence": at} for at, one in enumerate(items or (item("住院费用", "50000.00"),), 1)]
    return {"resourceType": "Claim", "status": "active", "use": "claim", "identifier": [{"value": name}], "created": "2024-01-11",
            "type": {"coding": [{"system": terms.CARE, "code": "inpatient"}]}, "patient": {"reference": "Patient/ada"},
            "provider": {"identifier": {"value": "H1"}}, "priority": {"coding": [{"code": "normal"}]},
            "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "基本医保"}}], "item": rows,
            "billablePeriod": {"start": "2024-01-03", "end": "2024-01-10"},
            "extension": [answer("level", "secondary"), answer("referral", "local")], **more}  # fmt: skip


def asked(front: Front, path: str, body: Any, role: str = "hospital", status: int = 200) -> dict[str, Any]:
    found = front.ask(role, "POST" if body is not None else "GET", path, body)
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/fhir+json"
    said: dict[str, Any] = json.loads(found.text, parse_float=Decimal)
    OUT[said["resourceType"]].model_validate_json(found.text)
    return said


def total(said: dict[str, Any], code: str) -> Decimal:
    return sum(
        (Decimal(row["amount"]["value"]) for row in said["total"] if row["category"]["coding"][0]["code"] == code),
        Decimal(0),
    )


def payers(said: dict[str, Any]) -> Decimal:
    return sum(
        (
            Decimal(row["amount"]["value"])
            for row in said["total"]
            if row["category"]["coding"][0]["system"] in (terms.PAYER, terms.TIER)
        ),
        Decimal(0),
    )


def holds(said: dict[str, Any]) -> None:
    """Submitted = payers + patient; every item's classes add up to it; the payment is what the payers paid."""
    assert total(said, "submitted") == payers(said) + total(said, "patient")
    assert Decimal(said["payment"]["amount"]["value"]) == payers(said)
    for row in said.get("item", ()):
        submitted, *classes = (Decimal(one["amount"]["value"]) for one in row["adjudication"])
        assert submitted == sum(classes, Decimal(0))


def test_a_claim_is_settled_once(front: Front) -> None:
    quoted = asked(front, "/fhir/Claim/$submit", a_claim("c1", use="predetermination"))
    assert quoted["use"] == "predetermination"
    settled = asked(front, "/fhir/Claim/$submit", a_claim("c1"))
    again = asked(front, "/fhir/Claim/$submit", a_claim("c1"))
    assert settled["total"] == again["total"] == quoted["total"]
    assert total(settled, "submitted") == 50000
    assert payers(settled) > 0
    holds(settled)
    assert [cover["order"] for cover in settled["contained"]] == list(range(1, len(settled["contained"]) + 1))
    notes = [note for note in settled["processNote"] if note.get("extension")]
    assert notes
    assert all(one["url"] == terms.url("clause") for note in notes for one in note["extension"])
    other = asked(front, "/fhir/Claim/$submit", a_claim("c1", item("住院费用", "1.00")), status=409)
    assert other["issue"][0]["code"] == "conflict"


def test_it_is_explained_and_taken_back(front: Front) -> None:
    asked(front, "/fhir/Claim/$submit", a_claim("c1", item("药品", "30000.10"), item("自费", "99.90", "outside_scope")))
    said = asked(front, "/fhir/ExplanationOfBenefit/ada/c1", None)
    holds(said)
    assert (said["status"], total(said, "submitted")) == ("active", Decimal("30100"))
    assert said["item"][1]["adjudication"][1]["category"]["coding"][0]["code"] == "outside_scope"
    gone = asked(front, "/fhir/Claim/$submit", a_claim("c1", status="cancelled"))
    assert gone["status"] == "cancelled"
    assert asked(front, "/fhir/Claim/$submit", a_claim("c1", status="cancelled"))["status"] == "cancelled"
    assert asked(front, "/fhir/ExplanationOfBenefit/ada/c1", None)["status"] == "cancelled"
    assert set(trial_balance(front.desk.database).values()) == {0}  # all that moved has moved back


def test_a_correction_takes_the_place_of_a_claim(front: Front) -> None:
    asked(front, "/fhir/Claim/$submit", a_claim("c1"))
    related = [{"claim": {"identifier": {"value": "c1"}}, "relationship": {"coding": [{"code": "prior"}]}}]
    holds(asked(front, "/fhir/Claim/$submit", a_claim("c2", item("住院费用", "40000.00"), related=related)))
    assert asked(front, "/fhir/ExplanationOfBenefit/ada/c1", None)["status"] == "cancelled"


def test_what_a_member_has(front: Front) -> None:
    wanted = {"resourceType": "CoverageEligibilityRequest", "status": "active", "purpose": ["benefits"], "patient": {"reference": "Patient/ada"},
              "created": "2024-12-01", "insurer": {"display": "x"}, "servicedDate": "2024-12-01",
              "item": [{"category": {"coding": [{"system": terms.CARE, "code": "inpatient"}]}}],
              "extension": [answer("level", "secondary"), answer("referral", "local")]}  # fmt: skip
    fresh = asked(front, "/fhir/CoverageEligibilityRequest/$submit", wanted)
    assert fresh["insurance"]
    asked(front, "/fhir/Claim/$submit", a_claim("c1"))
    later = asked(front, "/fhir/CoverageEligibilityRequest/$submit", wanted)

    def used(said: dict[str, Any]) -> list[Decimal]:
        return [Decimal(one["usedMoney"]["value"]) for row in said["insurance"] for one in row["item"][0].get("benefit", ())
                if one["type"]["coding"][0]["code"] == "ceiling"]  # fmt: skip

    assert sum(used(fresh)) == 0 < sum(used(later))
    assert asked(
        front, "/fhir/CoverageEligibilityRequest/$submit", {**wanted, "item": []} | {"extension": []}, status=422
    )["issue"]


@pytest.mark.parametrize("change, says", [
    ({"identifier": []}, "Claim.identifier"), ({"status": "draft"}, "Claim.status"), ({"use": "preauthorization"}, "Claim.use"),
    ({"item": []}, "Claim.item"), ({"total": {"value": 1, "currency": "CNY"}}, ""), ({"billablePeriod": None}, "Claim.billablePeriod.end"),
    ({"provider": {"display": "x"}}, "Claim.provider"), ({"patient": {"reference": "Patient/nobody"}}, ""),
    ({"item": [{**item("x", "1.005")}]}, "Claim.item[0].net"), ({"item": [{**item("x", "1"), "net": {"value": 1, "currency": "USD"}}]}, "Claim.item[0].net"),
    ({"item": [item("x", "1", "nonsense")]}, "Claim.item[0].extension"), ({"resourceType": "Patient"}, ""), ({"created": "yesterday"}, "Claim.created"),
])  # fmt: skip
def test_what_cannot_be_settled_says_where(front: Front, change: dict[str, Any], says: str) -> None:
    body = {name: value for name, value in (a_claim("c1") | change).items() if value not in (None, [])}
    found = front.ask("hospital", "POST", "/fhir/Claim/$submit", body)
    said = json.loads(found.text)
    assert 400 <= found.status_code < 500, found.text
    OperationOutcome.model_validate(said)
    assert says in " ".join(issue.get("expression", [""])[0] for issue in said["issue"])
    assert front.ask("bureau", "GET", "/v1/members/ada").json().get("bills", []) == []


def test_only_those_who_may(front: Front) -> None:
    for role in ("insurer", "member", "auditor", "operator"):
        assert asked(front, "/fhir/Claim/$submit", a_claim("c1"), role, 403)["issue"][0]["code"] == "forbidden"
    assert front.http.request("POST", "/fhir/Claim/$submit", json=a_claim("c1")).status_code == 401
    other = a_claim("c1", provider={"identifier": {"value": "H2"}})
    assert asked(front, "/fhir/Claim/$submit", other, status=403)["issue"][0]["code"] == "forbidden"


ANYTHING = st.recursive(st.none() | st.booleans() | st.integers(-10, 10**6) | st.text(max_size=8),
                        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2), max_leaves=6)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(a_claim("x"))), value=ANYTHING)
def test_nonsense_is_refused_and_never_an_error(front: Front, name: str, value: Any) -> None:
    found = front.ask(
        "hospital", "POST", "/fhir/Claim/$submit", {**a_claim("fuzz", use="predetermination"), name: value}
    )
    assert found.status_code < 500, found.text


def test_random_settlements_of_all_kinds(tmp_path: Path) -> None:
    """The shipped documents: cities, schemes, products, classes of money."""
    draw = random.Random(7)
    with a_front("sqlite", tmp_path, Library(POLICIES)) as front:
        people = {"b1": ("beijing", {"scheme": "employee", "status": "retired", "age": 75, "aid": "none"}),
                  "b2": ("beijing", {"scheme": "resident", "status": "elderly", "age": 66, "aid": "dibao"}),
                  "s1": ("shanghai", {"scheme": "employee", "status": "active", "age": 40, "aid": "none"})}  # fmt: skip
        for name, (region, answers) in people.items():
            product = Fact(
                "contract",
                date(2020, 1, 1),
                answers={"pre_existing": False, "healthy_years": 0},
                policy="shanghai.huhuibao.2025.standard",
            )
            consent = Fact("consent", date(2020, 1, 1), policy="shanghai.huhuibao.2025.standard")
            facts = (
                Fact("enrolment", date(2020, 1, 1), answers=answers, region=region),
                *((product, consent) if name == "s1" else ()),
            )
            enrol(front.desk, Told(name, facts), Call("t", "t", name))
        paid = 0
        for at in range(40):
            who = draw.choice(sorted(people))
            kinds = draw.sample(KINDS, draw.randint(1, 3))
            items = [item("x", f"{draw.randint(1, 9_000_000) / 100:.2f}", kind) for kind in kinds]
            more = {
                "patient": {"reference": f"Patient/{who}"},
                "billablePeriod": {"start": "2026-03-02", "end": f"2026-03-{draw.randint(10, 28)}"},
            }
            extension = [
                answer("level", "tertiary"),
                answer("referral", "local"),
                answer("settled_by_basic", "yes"),
                answer("insured_by_basic", "yes"),
            ]
            body = a_claim(f"r{at}", *items, **more, extension=extension)
            body["extension"][2]["extension"][1] = body["extension"][3]["extension"][1] = {
                "url": "value",
                "valueBoolean": True,
            }
            found = front.ask("hospital", "POST", "/fhir/Claim/$submit", body)
            said = json.loads(found.text, parse_float=Decimal)
            if found.status_code != 200:
                assert said["issue"][0]["details"]["coding"][0]["code"] in ("B020", "B024"), said
                continue
            ClaimResponse.model_validate_json(found.text)
            holds(said)
            paid += 1
            holds(asked(front, f"/fhir/ExplanationOfBenefit/{who}/r{at}", None))
        assert paid > 20


def test_a_claim_out_is_a_claim(front: Front) -> None:
    asked(front, "/fhir/Claim/$submit", a_claim("c1"))
    settlement = front.desk.settled("ada", "c1")
    assert settlement is not None
    from duoceng.engine.explain import explain

    told = build.Told(settlement, "ada", "H1", front.desk.clock(), explain(settlement), settlement.bill.parts)
    Claim.model_validate_json(json.dumps(build.claim(told), default=float))


def test_definitions_are_published_and_served(front: Front) -> None:
    for name, said in terms.definitions().items():
        form = {"StructureDefinition": StructureDefinition, "CodeSystem": CodeSystem}[said["resourceType"]]
        form.model_validate(said)
        assert front.http.get(f"/fhir/{said['resourceType']}/{name}").json() == said
        published = Path(__file__).parents[3] / "docs" / "reference" / "fhir" / f"{name}.json"
        assert json.loads(published.read_text(encoding="utf-8")) == said
    assert front.http.get("/fhir/StructureDefinition/nothing").status_code == 404
    assert front.http.get("/fhir/metadata").json()["fhirVersion"] == "4.3.0"
