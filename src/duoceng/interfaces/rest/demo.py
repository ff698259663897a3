"""A service to try: keys made on the spot, a few invented members, and the lines to ask it with."""

import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.asks import Call
from duoceng.desk.counter import Desk
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.interfaces.rest.access import Caller
from duoceng.interfaces.rest.tokens import new_key, token_for
from duoceng.store.seal import Identity, Seal

FILE, SIGNING, KID = "service.json", "demo-signing-key.pem", "demo"
KNOWN = "SELECT member FROM person WHERE member = :member"
BEGINS, PLACE, HOSPITAL = date(2024, 1, 1), "beijing", "H11010500001"
MEMBERS: dict[
    str, tuple[str, str, dict[str, Any]]
] = {  # invented; the numbers are the examples of the standard, and made alike
    "demo-retired": (
        "王建国",
        "11010519491231002X",
        {"scheme": "employee", "status": "retired", "age": 75, "aid": "none"},
    ),
    "demo-child": ("李小禾", "110105201806010018", {"scheme": "resident", "status": "child", "age": 7, "aid": "none"}),
    "demo-poor": (
        "赵秀英",
        "11010519600303002X",
        {"scheme": "resident", "status": "elderly", "age": 65, "aid": "dibao"},
    ),
    "demo-chronic": (
        "陈\U00030edd",
        "110105198507070032",
        {"scheme": "employee", "status": "active", "age": 40, "aid": "none"},
    ),
}
CALLERS = (Caller("clerk", "bureau", PLACE), Caller("till", "hospital", HOSPITAL), Caller("claims", "insurer", "zhenai.million-medical"),
           Caller("demo-retired", "member", "demo-retired"), Caller("auditor", "auditor"), Caller("operator", "operator"))  # fmt: skip


@dataclass(frozen=True)
class Keys:
    """What a service trusts and keeps secret: public keys of whoever signs tokens, secrets that seal."""

    public: dict[str, Ed25519PublicKey]
    seal: Seal


def read_keys(path: Path) -> Keys:
    """The keys of a file. Raises Refused."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        public = {kid: load_pem_public_key(pem.encode()) for kid, pem in said["token_keys"].items()}
        secrets = {kid: b64decode(text) for kid, text in said["seal_keys"].items()}
        assert all(isinstance(key, Ed25519PublicKey) for key in public.values())
        return Keys(public, Seal(secrets, said["seal_with"]))  # type: ignore[arg-type]
    except (OSError, ValueError, KeyError, AttributeError, TypeError, AssertionError):
        what, why = "these are no keys of a service", "Tokens could not be checked, nor identities sealed."
        repair = "write token_keys, seal_keys and seal_with as docs/en/service.md shows"
        raise refuse("S015", Place(str(path), 0), what, why, repair) from None


def make_keys(folder: Path) -> None:
    """New keys for a service to try, readable by their owner alone; those that are there stay."""
    if (folder / FILE).exists():
        return
    key = new_key()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    said = {"token_keys": {KID: public}, "seal_keys": {"k1": b64encode(token_bytes(32)).decode()}, "seal_with": "k1"}
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, content in ((FILE, json.dumps(said, indent=1).encode()), (SIGNING, private)):
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)


def tokens(folder: Path, now: datetime) -> dict[str, str]:
    """A token for each role, where the signing key of the demo lies in the folder."""
    path = folder / SIGNING
    if not path.exists():
        return {}
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return {caller.role: token_for(key, KID, caller, now) for caller in CALLERS}


def enrol_members(desk: Desk, seal: Seal) -> None:
    """The invented members, once."""
    for member, (name, number, answers) in MEMBERS.items():
        if desk.database.row(KNOWN, member=member):
            continue
        facts: tuple[Fact, ...] = (Fact("enrolment", BEGINS, answers=answers, region=PLACE),)
        if member == "demo-chronic":
            facts += (Fact("filing", BEGINS, answers={"conditions": frozenset({"diabetes"})}),)
        sealed, lookup = seal.seal(member, Identity(name, number)), seal.lookup("01", number)
        enrol(desk, Told(member, facts, sealed, lookup), Call("demo", "demo", f"enrol-{member}"))


def lines_to_try(address: str, found: dict[str, str]) -> str:
    """What to write into a terminal."""
    bill = {"id": "B1", "discharged": "2025-03-10", "answers": {"care": "inpatient", "level": "tertiary"},
            "amounts": {"in_scope": 5_000_000, "outside_scope": 200_000}}  # fmt: skip
    body = json.dumps({"member": "demo-retired", "hospital": HOSPITAL, "bill": bill}, ensure_ascii=False)
    sets = "\n".join(f"{role.upper()}={token}" for role, token in found.items())
    return f"""网页 page: {address}/

{sets}

curl -s {address}/v1/quotes -H "Authorization: Bearer $HOSPITAL" -d '{body}'
curl -s {address}/v1/settlements -H "Authorization: Bearer $HOSPITAL" -H "Idempotency-Key: try-1" -d '{body}'
curl -s "{address}/v1/members/demo-retired/bills/B1?lang=zh" -H "Authorization: Bearer $MEMBER"
curl -s {address}/v1/members/demo-retired -H "Authorization: Bearer $BUREAU"
curl -s {address}/v1/trial-balance -H "Authorization: Bearer $AUDITOR"
{address}/docs
"""


def who_may_be_played(folder: Path, now: datetime) -> dict[str, Any]:
    """The invented people, and a token for each role and each of them, for the page of a service to try."""
    path = folder / SIGNING
    if not path.exists():
        return {"people": [], "roles": []}
    key = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    callers = [*(c for c in CALLERS if c.role != "member"), *(Caller(m, "member", m) for m in MEMBERS)]
    roles = [{"role": c.role, "of": c.of, "name": c.name, "token": token_for(key, KID, c, now)} for c in callers]
    people = [
        {"member": m, "name": name, "number": number, "region": PLACE} for m, (name, number, _) in MEMBERS.items()
    ]
    return {"people": people, "roles": roles}
