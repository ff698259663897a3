"""Who may do what to what: the whole matrix, every role by every operation by what is its own and what is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from duoceng.desk.codes import BASIC, issue
from duoceng.interfaces.page.app import ASKED, SEEN
from duoceng.interfaces.rest.access import ROLES, RULES, Caller, may
from duoceng.interfaces.rest.operations import OPERATIONS
from duoceng.policy.library import Library
from duoceng.store.pages import entries_of
from interfaces.rest.services import CALLERS, NUMBERS, PRODUCT, Front, a_bill, a_front, enrolment, to_settle

# own: what is its own, and 403 for the rest; any: whatever it is; scope: found in its own keys, 404 in those of others; -: never
MATRIX = """
            bureau  hospital  insurer  member  auditor  operator
quote       own     own       -        own     -        -
preview     own     -         -        own     -        -
settle      own     own       -        -       -        -
reverse     own     own       -        -       -        -
key         scope   scope     -        scope   -        -
bill        own     own       own      own     any      -
statement   own     own       -        own     -        -
file        own     -         -        own     any      -
standing    own     -         -        own     any      -
offers      own     -         -        own     -        -
identity    own     -         -        own     -        -
find        own     any       -        -       -        -
code        -       -         -        own     -        -
shown       -       any       -        -       -        -
enrol       own     -         -        -       -        -
consent     own     -         -        own     -        -
revoke      own     -         -        own     -        -
credit      own     -         -        -       -        -
premium     -       -         -        own     -        -
send        -       -         -        own     -        -
accept      -       -         -        own     -        -
recall      -       -         -        own     -        -
trial       -       -         -        -       any      any
metrics     -       -         -        -       -        any
"""
HEAD, *LINES = [line.split() for line in MATRIX.strip().splitlines()]
WANTED = {(action, role): word for action, *words in LINES for role, word in zip(HEAD, words, strict=True)}
CELLS = [(action, role, mine) for action, role in WANTED for mine in (True, False)]


@dataclass(frozen=True)
class Side:
    """What is the caller's own, or another's."""

    member: str
    hospital: str
    region: str
    others: str  # how its callers are called in CALLERS


OWN, FOREIGN = Side("ada", "H1", "shanghai", ""), Side("bo", "H2", "jiangmen", " elsewhere")
SHEN = {"scheme": "resident", "status": "elderly", "age": 67, "aid": "dibao"}
CONTRACT = {
    "kind": "contract",
    "begins": "2023-01-01",
    "policy": PRODUCT,
    "answers": {"pre_existing": False, "healthy_years": 0},
}


def a_stay(name: str, **more: Any) -> dict[str, Any]:
    answers = {
        "care": "inpatient",
        "level": "tertiary",
        "diseases": ["cancer"],
        "settled_by_basic": True,
        "item_kind": "service",
        "referral": "local",
    }
    return a_bill(name, "2024-03-01", 11_830_037, answers=answers, **more)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Iterator[Front]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    here = {
        "bureau": Caller("clerk", "bureau", OWN.region),
        "bureau elsewhere": Caller("clerk", "bureau", FOREIGN.region),
    }
    with pytest.MonkeyPatch.context() as patch, a_front("sqlite", folder, library) as found:
        for name, caller in here.items():
            patch.setitem(CALLERS, name, caller)
        begun(found)
        yield found


def begun(front: Front) -> None:
    """Two members in two places, each with a bill in one of two hospitals; the first agreed to an insurer."""
    own = [{**enrolment(OWN.region), "answers": SHEN}, CONTRACT]
    who = {"name": "沈阿婆", "number": NUMBERS["ada"]}
    done(front.ask("bureau", "POST", "/v1/members/ada/facts", {"facts": own, "identity": who}))
    who = {"name": "周先生", "number": NUMBERS["bo"]}
    done(front.ask("bureau elsewhere", "POST", "/v1/members/bo/facts", {"facts": [enrolment()], "identity": who}))
    done(front.ask("member", "POST", "/v1/members/ada/consents", {"product": PRODUCT, "begins": "2023-01-01"}))
    done(front.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_stay("b0")), "own"))
    done(front.ask("bureau", "POST", "/v1/members/ada/credits", {"amount": 100_000, "purpose": "2024-10"}))
    done(front.ask("hospital elsewhere", "POST", "/v1/settlements", to_settle("bo", a_bill("b0"), "H2"), "foreign"))
    for side in (OWN, FOREIGN):
        for role in ("bureau", "member"):
            agreed = {"product": PRODUCT, "begins": "2023-02-01"}
            done(front.ask(role + side.others, "POST", f"/v1/members/{side.member}/consents", agreed, f"{role}-key"))


def done(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def request_of(front: Front, action: str, role: str, side: Side) -> tuple[str, str, Any]:
    """A request that nothing but access can refuse."""
    front.calls += 1
    bill, member = f"x{front.calls}", f"/v1/members/{side.member}"
    body = to_settle(side.member, a_stay(bill) if side is OWN else a_bill(bill), side.hospital)
    if action == "reverse":
        done(front.ask("hospital" + side.others, "POST", "/v1/settlements", body))
    if action == "revoke":
        done(
            front.ask(
                "member" + side.others, "POST", f"{member}/consents", {"product": PRODUCT, "begins": "2023-01-01"}
            )
        )
    key = (
        ("own" if side is OWN else "foreign") if role == "hospital" else f"{role}-key" if side is OWN else "nobody-key"
    )
    found: dict[str, tuple[str, str, Any]] = {
        "quote": ("POST", "/v1/quotes", body),
        "preview": ("POST", "/v1/quotes/statement", body),
        "settle": ("POST", "/v1/settlements", body),
        "reverse": ("POST", "/v1/reversals", {"member": side.member, "bill": bill}),
        "key": ("GET", f"/v1/keys/{key}", None),
        "bill": ("GET", f"{member}/bills/b0", None),
        "statement": ("GET", f"{member}/bills/b0/statement/html", None),
        "file": ("GET", member, None),
        "standing": (
            "POST",
            f"{member}/standing",
            {"answers": body["bill"]["answers"], "day": body["bill"]["discharged"]},
        ),
        "offers": ("GET", f"{member}/offers", None),
        "identity": ("GET", f"{member}/identity", None),
        "find": ("POST", "/v1/members/find", {"number": NUMBERS[side.member]}),
        "code": ("POST", f"{member}/codes", {"kind": "basic"}),
        "shown": ("POST", "/v1/members/shown", {"code": issue(front.desk, side.member, BASIC)[0]}),
        "enrol": (
            "POST",
            f"{member}/facts",
            {"facts": [{"kind": "status", "begins": "2024-01-01", "answers": {"aid": "none"}}]},
        ),
        "consent": ("POST", f"{member}/consents", {"product": PRODUCT, "begins": "2023-01-01"}),
        "revoke": ("POST", f"{member}/consents/revocations", {"product": PRODUCT}),
        "credit": ("POST", f"{member}/credits", {"amount": 100_000, "purpose": "2024-11"}),
        "premium": ("POST", f"{member}/premiums", {"relative": side.member, "amount": 1}),
        "send": ("POST", f"{member}/sendings", {"to": "eve", "amount": 1}),
        "accept": ("POST", f"{member}/acceptances", {"sender": "eve", "number": 1}),
        "recall": ("POST", f"{member}/recalls", {"number": 1}),
        "trial": ("GET", "/v1/trial-balance", None),
        "metrics": ("GET", "/metrics", None),
    }
    return found[action]


@pytest.mark.parametrize("action, role, mine", CELLS, ids=[f"{a} {r} {'own' if m else 'foreign'}" for a, r, m in CELLS])
def test_every_cell_of_the_matrix(action: str, role: str, mine: bool, front: Front) -> None:
    side, word = (OWN if mine else FOREIGN), WANTED[action, role]
    method, path, body = request_of(front, action, role, side)
    pages = [len(entries_of(front.desk.database, member)) for member in ("ada", "bo")]
    answer = front.ask(role, method, path, body)

    wanted = 200 if word == "any" or (mine and word in ("own", "scope")) else 404 if word == "scope" else 403
    if wanted == 200 and action in ("send", "accept", "recall"):  # the table lets it pass; nothing waits there
        assert [mistake["code"][0] for mistake in answer.json()["mistakes"]] == ["D"]
        return
    assert answer.status_code == wanted, answer.text
    if wanted != 200:
        assert [len(entries_of(front.desk.database, member)) for member in ("ada", "bo")] == pages
        assert answer.json()["mistakes"][0]["code"] == ("S009" if wanted == 404 else "S003")


def test_the_matrix_is_whole() -> None:
    assert set(HEAD) == set(ROLES)
    assert {action for action, _ in WANTED} == set(RULES) == {o.action for o in OPERATIONS} | {"metrics"}
    assert len(CELLS) == len(ROLES) * len(RULES) * 2


def test_every_address_stands_in_a_row(front: Front) -> None:
    open_to_all = {"/health/live", "/health/ready", "/openapi.json", "/docs"}
    open_to_all |= {
        "/fhir/metadata",
        "/fhir/StructureDefinition/{name}",
        "/fhir/CodeSystem/{name}",
    }  # definitions, and nobody in them
    open_to_all |= {"/", "/assets/{name}"} | {
        f"/page/{name}" for name in (*SEEN, *ASKED, "table", "counter")
    }  # nobody is kept
    app: Any = front.http.app
    for route in app.routes:
        if route.path not in open_to_all:
            path = route.path.format(member="ada", bill="b0", key="k", form="html")
            method = min(route.methods - {"HEAD"})
            assert front.http.request(method, path, json={}).status_code == 401, path


def test_what_is_not_in_the_table_is_refused() -> None:
    class Anything:
        member = region = hospital = "x"
        agreed = frozenset({"x"})

    for role in ROLES:
        assert not may(Caller("somebody", role, "x"), "no such action", Anything())
    assert not may(Caller("somebody", "no such role", "x"), "settle", Anything())
    assert not may(Caller("somebody", "hospital", ""), "settle", Anything())


def test_an_insurer_sees_its_part_and_no_more(front: Front) -> None:
    seen = done(front.ask("insurer", "GET", "/v1/members/ada/bills/b0"))

    assert set(seen) == {"bill", "product", "state", "day", "layers", "paid"}
    assert {layer["layer"].split("/")[0] for layer in seen["layers"]} == {PRODUCT}
    assert seen["paid"] == sum(layer["paid"] for layer in seen["layers"])


def test_an_insurer_sees_nothing_once_consent_is_taken_back(front: Front) -> None:
    path = "/v1/members/ada/bills/b0"
    assert front.ask("insurer", "GET", path).status_code == 200
    done(front.ask("member", "POST", "/v1/members/ada/consents/revocations", {"product": PRODUCT}))
    assert front.ask("insurer", "GET", path).status_code == 403
    done(front.ask("member", "POST", "/v1/members/ada/consents", {"product": PRODUCT, "begins": "2023-01-01"}))
    assert front.ask("insurer", "GET", path).status_code == 200


def test_what_is_unknown_looks_like_what_is_foreign(front: Front) -> None:
    foreign = front.ask("hospital", "GET", "/v1/members/bo/bills/b0")
    unknown = front.ask("hospital", "GET", "/v1/members/nobody/bills/b77")

    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())


def test_a_bureau_enrols_only_in_its_place(front: Front) -> None:
    for facts in ([enrolment(FOREIGN.region)], [enrolment(OWN.region), enrolment(FOREIGN.region, "2021-01-01")]):
        answer = front.ask("bureau", "POST", "/v1/members/newcomer/facts", {"facts": facts})
        assert answer.status_code == 403


def test_reads_and_refusals_are_written_down(front: Front) -> None:
    front.ask("auditor", "GET", "/v1/members/ada")
    front.ask("member elsewhere", "GET", "/v1/members/ada")
    rows = front.desk.database.rows(
        "SELECT actor, action, object, outcome FROM audit WHERE member = 'ada' AND action = 'file'"
    )
    found = [(row["actor"], row["outcome"]) for row in rows]

    assert ("auditor/ auditor", "read") in found
    assert ("member/bo bo", "refused") in found
