"""The FHIR addresses of the service: the same desk, tokens and table of access as the REST operations, in FHIR's words.

POST /fhir/Claim/$submit                          settle (use claim), quote (predetermination), take back (status cancelled)
POST /fhir/CoverageEligibilityRequest/$submit     which layers a member has, and what is left
GET  /fhir/ExplanationOfBenefit/{member}/{bill}   a settled bill, step by step
GET  /fhir/metadata   /fhir/StructureDefinition/{id}   /fhir/CodeSystem/{id}
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from fhir.resources.R4B.claim import Claim
from fhir.resources.R4B.coverageeligibilityrequest import CoverageEligibilityRequest
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from duoceng import __version__
from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.desk.standing import tried
from duoceng.engine.explain import explain
from duoceng.engine.scope import part_of
from duoceng.interfaces.fhir import build, eligibility, read
from duoceng.interfaces.fhir.terms import CARE, definitions
from duoceng.interfaces.names import names_for
from duoceng.interfaces.rest import acts
from duoceng.interfaces.rest.access import may_ever
from duoceng.interfaces.rest.acts import Answer, Asked
from duoceng.interfaces.rest.asking import ask_of
from duoceng.interfaces.rest.concern import Concern
from duoceng.interfaces.rest.door import KEY, attend, body_of, known, named, not_yours
from duoceng.interfaces.rest.fields import holds_identity
from duoceng.interfaces.rest.models import SettleIn
from duoceng.interfaces.rest.operations import OPERATIONS, Operation
from duoceng.interfaces.rest.refusals import as_json, language, status_of
from duoceng.interfaces.rest.service import Service
from duoceng.policy.catalogue import scope_for
from duoceng.records.bill import Part
from duoceng.records.settlement import Settlement
from duoceng.store.settlements import settlement_of

JSON = "application/fhir+json"
BY_ACTION: dict[str, Operation] = {operation.action: operation for operation in OPERATIONS}
KINDS = {"S001": "structure", "S002": "login", "S003": "forbidden", "S006": "throttled", "S007": "throttled", "S009": "not-found",
         "D001": "not-found",
         "D002": "conflict", "D003": "duplicate", "D004": "not-found", "D005": "conflict"}  # fmt: skip


def routes(service: Service) -> list[Route]:
    """The FHIR routes of a service."""
    return [
        Route("/fhir/Claim/$submit", way(service, "claim", submit), methods=["POST"]),
        Route("/fhir/CoverageEligibilityRequest/$submit", way(service, "eligibility", check), methods=["POST"]),
        Route("/fhir/ExplanationOfBenefit/{member}/{bill}", way(service, "explanation", explanation), methods=["GET"]),
        Route("/fhir/metadata", open_to_all(statement), methods=["GET"]),
        *(
            Route(f"/fhir/{kind}/{{name}}", open_to_all(definition), methods=["GET"])
            for kind in ("StructureDefinition", "CodeSystem")
        ),
    ]


Act = Callable[[Asked, bytes, Request], tuple[Operation, Asked]]


def way(service: Service, name: str, act: Act) -> Callable[[Request], Awaitable[Response]]:
    """A route: who asks, what, and the answer in FHIR's words, also where it is refused."""

    async def answer(request: Request) -> Response:
        lang = language(request.headers.get("accept-language", ""))
        noted = request.scope.setdefault("noted", {})
        noted["route"] = f"/fhir/{name}"
        try:
            caller = await known(service, BY_ACTION["settle"], request)
            noted["caller"] = caller.shown
            service.buckets.take(caller)
            body = await body_of(request, service.settings.body_max) if request.method == "POST" else b""
            operation, asked = act(Asked(service, caller, lang=lang), body, request)
            if not may_ever(caller, operation.action):
                raise not_yours()
            found = await service.windows.work(attend, operation, asked)
            return resource(found.said)
        except Refused as refused:
            noted["codes"] = sorted({mistake.code for mistake in refused.mistakes})
            return outcome(refused, lang)

    return answer


def resource(said: Any, status: int = 200) -> Response:
    """A resource as JSON; amounts keep their two decimals."""
    return Response(json.dumps(said, ensure_ascii=False, default=_plain), status, media_type=JSON)


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def outcome(refused: Refused, lang: str) -> Response:
    """A refusal as an OperationOutcome."""
    issues = []
    for mistake in refused.mistakes[:50]:
        said = as_json(mistake, lang)
        words = "；".join(said[name] for name in ("what", "why", "repair") if said[name])
        details = {"coding": [{"code": mistake.code}], "text": words}
        path = mistake.place.file if "." in mistake.place.file else ""
        issue = {"severity": "error", "code": KINDS.get(mistake.code, "business-rule"), "details": details}
        issues.append(issue | ({"expression": [path]} if path else {}))
    return resource({"resourceType": "OperationOutcome", "issue": issues}, status_of(refused))


def parsed(form: Any, body: bytes) -> Any:
    """A resource out of a body. Raises Refused."""
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        path = ".".join([form.__name__, *(str(part) for part in first["loc"] if not str(part).startswith("_"))])
        raise refuse(
            "S001",
            Place(path, 0),
            "this is not what FHIR allows here",
            str(first["msg"])[:200],
            "compare it with FHIR R4",
        ) from None
    except (ValueError, TypeError, RecursionError, AttributeError, KeyError, AssertionError):
        raise refuse("S014", Place("body"), "this is not JSON", "", "send a JSON object as UTF-8") from None


# ── claims ──


def submit(asked: Asked, body: bytes, request: Request) -> tuple[Operation, Asked]:
    """A claim: what it asks for, and the operation that does it."""
    claim = parsed(Claim, body)
    action = read.action_of(claim)
    asked.key = read.key_of(claim)
    if not KEY.fullmatch(asked.key) or holds_identity(asked.key):
        raise read.wrong("Claim.identifier", "this is no key", "write 1 to 64 letters, digits and . _ : -")
    asked.body = read.reverse_in(claim) if action == "reverse" else read.settle_in(claim)
    run = {"settle": settled, "quote": quoted, "reverse": reversed_}[action]
    return replace(BY_ACTION[action], run=run), asked


def settled(asked: Asked, concern: Concern) -> Answer:
    """Settle, and answer with what it came to."""
    done = acts.settle(asked, concern)
    settlement = settlement_of(asked.service.desk.database, concern.member, concern.bill)
    assert settlement is not None
    return Answer(
        build.claim_response(
            told(asked, concern, settlement, asked.body.hospital, withheld=tuple(done.said["withheld"]))
        ),
        done.repeated,
    )


def quoted(asked: Asked, concern: Concern) -> Answer:
    """What a claim would come to; leaves no trace in the books."""
    desk = asked.service.desk
    settlement, withheld = desk.quote(ask_of(asked.body, desk.library, acts.shown(asked)))
    found = told(asked, concern, settlement, asked.body.hospital, use="predetermination", withheld=withheld)
    return Answer(build.claim_response(found))


def reversed_(asked: Asked, concern: Concern) -> Answer:
    """Take a claim back."""
    done = acts.reverse(asked, concern)
    at = asked.service.desk.clock()
    said = {"resourceType": "ClaimResponse", "identifier": [{"value": concern.bill}], "status": "cancelled", "use": "claim", "outcome": "complete",
            "type": build.concept(CARE, "unknown"), "patient": build.named("Patient", concern.member), "created": at.isoformat(timespec="seconds"),
            "insurer": {"display": "Duoceng"}, "request": build.named("Claim", concern.bill), "disposition": "已冲正 taken back"}  # fmt: skip
    return Answer(said, done.repeated)


def told(asked: Asked, concern: Concern, settlement: Settlement, hospital: str, **more: Any) -> build.Told:
    """A settlement with its statement and the money of each item."""
    library = asked.service.desk.library
    file = concern.opened[1]
    member = file.member(concern.member, settlement.bill.discharged, file.held(settlement.bill.discharged))
    words = explain(settlement, asked.lang, names_for(library, member, asked.lang), member)
    items = settlement.bill.parts or tuple(items_of(library, member, settlement))
    return build.Told(settlement, concern.member, hospital, asked.service.desk.clock(), words, tuple(items), **more)


def items_of(library: Any, member: Any, settlement: Settlement) -> list[Part]:
    """Itemised lines as money by kind, as the catalogues have them."""
    bill = settlement.bill
    fall = scope_for(library, member, bill)
    return [part_of(line, fall(line, line.day or bill.discharged)) for line in bill.lines]


# ── a settled bill, and what a member has ──


def explanation(asked: Asked, body: bytes, request: Request) -> tuple[Operation, Asked]:
    """The explanation of a settled bill."""
    asked.path = {name: named(name, value) for name, value in request.path_params.items()}
    return replace(BY_ACTION["bill"], run=explained), asked


def explained(asked: Asked, concern: Concern) -> Answer:
    """A settled bill as an ExplanationOfBenefit. Insurers see their part over REST; here it is whole, or not at all."""
    if asked.caller.role == "insurer":
        raise not_yours()
    settlement = settlement_of(asked.service.desk.database, concern.member, concern.bill)
    if settlement is None or concern.row is None:
        raise acts.nothing_there("bill")
    state = "active" if concern.row["state"] == "live" else "cancelled"
    return Answer(build.explanation(told(asked, concern, settlement, str(concern.row["hospital"])), state))


def check(asked: Asked, body: bytes, request: Request) -> tuple[Operation, Asked]:
    """Which layers a member has."""
    wanted = parsed(CoverageEligibilityRequest, body)
    member = read.referred(wanted.patient, "CoverageEligibilityRequest.patient")
    asked.body = wanted

    def about(one: Asked) -> Concern:
        return Concern(one.service, member, "", one.caller.of if one.caller.role == "hospital" else "")

    return replace(BY_ACTION["quote"], about=about, run=eligible), asked


def eligible(asked: Asked, concern: Concern) -> Answer:
    """A CoverageEligibilityResponse."""
    wanted, desk = asked.body, asked.service.desk
    when = (
        wanted.servicedDate
        or (read.day_of(wanted.servicedPeriod.start) if wanted.servicedPeriod else None)
        or desk.clock().date()
    )
    assert isinstance(when, date)
    answers: dict[str, Any] = {}
    for at, item in enumerate(wanted.item or []):
        for coding in (item.category.coding or []) if item.category else []:
            if coding.system == CARE:
                answers["care"] = coding.code
        answers |= read.answers_in(item.extension, f"CoverageEligibilityRequest.item[{at}]")
    answers |= read.answers_in(wanted.extension, "CoverageEligibilityRequest")
    if "care" not in answers:
        raise read.wrong(
            "CoverageEligibilityRequest.item",
            "no kind of care is named",
            "give item.category with a code of our care codes",
        )
    book, file = concern.opened
    settlement = tried(desk, book, file, (when, checked(asked, answers, when), asked.caller.of))
    return Answer(eligibility.response(settlement, book, when, desk.clock()))


def checked(asked: Asked, answers: dict[str, Any], when: date) -> dict[str, Any]:
    """Answers read by the grammar of bills, so that they are refused alike. Raises Refused."""
    bill = {"id": "b", "discharged": when.isoformat(), "answers": answers, "amounts": {"in_scope": 1}}
    body = read.made(SettleIn, {"member": "m", "hospital": "h", "bill": bill})
    return dict(ask_of(body, asked.service.desk.library).bill.attributes)


# ── open to all ──


def open_to_all(act: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """A route without a token: nothing of anybody is in it."""

    async def answer(request: Request) -> Response:
        request.scope.setdefault("noted", {})["route"] = "/fhir/definitions"
        return act(request)

    return answer


def definition(request: Request) -> Response:
    """One of our definitions."""
    found = definitions().get(request.path_params["name"])
    kind = request.url.path.split("/")[2]
    if found is None or found["resourceType"] != kind:
        return outcome(refuse("S009", Place("address"), "there is nothing by this name", "", "check the name"), "en")
    return resource(found)


def statement(_: Request) -> Response:
    """What is answered here."""
    at = "2026-11-23"
    rest = [{"type": "Claim", "operation": [{"name": "submit", "definition": "http://hl7.org/fhir/OperationDefinition/Claim-submit"}]},
            {"type": "CoverageEligibilityRequest",
             "operation": [{"name": "submit", "definition": "http://hl7.org/fhir/OperationDefinition/CoverageEligibilityRequest-submit"}]},
            {"type": "ExplanationOfBenefit", "interaction": [{"code": "read"}]}]  # fmt: skip
    return resource({"resourceType": "CapabilityStatement", "status": "active", "date": at, "kind": "instance", "fhirVersion": "4.3.0",
                     "format": ["json"],
                     "software": {"name": "Duoceng", "version": __version__}, "implementation": {"description": "Duoceng 多层"},
                     "rest": [{"mode": "server", "resource": rest}]})  # fmt: skip
