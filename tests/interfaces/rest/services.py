"""A service for tests: keys made on the spot, a desk with a clock, and a client that asks through it without a network."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from databases import a_database
from desk.desks import Clock, a_counter
from duoceng.desk.counter import Desk
from duoceng.interfaces.rest.access import Caller
from duoceng.interfaces.rest.app import application
from duoceng.interfaces.rest.service import Rate, Settings
from duoceng.interfaces.rest.tokens import Doorkeeper, new_key, token_for
from duoceng.policy.library import Library
from duoceng.store.seal import Seal

KEY, SECRETS = new_key(), {"k1": bytes(range(32))}
PRODUCT = "shanghai.huhuibao.2023"
CALLERS = {
    "bureau": Caller("clerk", "bureau", "jiangmen"), "bureau elsewhere": Caller("clerk", "bureau", "shanghai"),
    "hospital": Caller("till", "hospital", "H1"), "hospital elsewhere": Caller("till", "hospital", "H2"),
    "insurer": Caller("claims", "insurer", PRODUCT), "insurer elsewhere": Caller("claims", "insurer", "zhenai.million-medical"),
    "member": Caller("ada", "member", "ada"), "member elsewhere": Caller("bo", "member", "bo"),
    "auditor": Caller("auditor", "auditor"), "operator": Caller("operator", "operator"),
}  # fmt: skip
NUMBERS = {"ada": "11010519491231002X", "bo": "440524188001010014"}
FREELY = {
    role: Rate(1e9, 1e9)
    for role in ("bureau", "hospital", "insurer", "member", "auditor", "operator", "stranger", "visitor")
}


@dataclass
class Front:
    """A service and whoever asks it."""

    http: TestClient
    desk: Desk
    clock: Clock
    settings: Settings
    calls: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, who: str) -> str:
        """A token of one of CALLERS."""
        if who not in self.tokens:
            self.tokens[who] = token_for(KEY, "dev", CALLERS[who], self.clock.now, 24 * 3650)
        return self.tokens[who]

    def ask(self, who: str, method: str, path: str, body: Any = None, key: str = "", **headers: str) -> Any:
        """Ask as one of CALLERS, under a key of its own where none is given."""
        self.calls += 1
        sent = {
            "Authorization": f"Bearer {self.token(who)}",
            "Accept-Language": "en",
            "Idempotency-Key": key or f"k{self.calls}",
        }
        return self.http.request(method, path, json=body, headers=sent | headers)

    def enrol(self, member: str, **identity: str) -> Any:
        """Enrol a member of the place."""
        said: dict[str, Any] = {"facts": [enrolment()]}
        if identity:
            said["identity"] = identity
        return self.ask("bureau", "POST", f"/v1/members/{member}/facts", said)


def settings_for(clock: Clock, **more: Any) -> Settings:
    """Settings with keys of tests."""
    return Settings(
        **{"doorkeeper": Doorkeeper({"dev": KEY.public_key()}, clock), "seal": Seal(SECRETS, "k1"), "rates": FREELY}
        | more
    )


@contextmanager
def a_front(engine: str, folder: Path, library: Library, **more: Any) -> Iterator[Front]:
    """A service on a new database."""
    with a_database(engine, folder) as database:
        counter = a_counter(database, library)
        settings = settings_for(counter.clock, **more)
        with TestClient(application(counter.desk, settings), raise_server_exceptions=True) as http:
            yield Front(http, counter.desk, counter.clock, settings)


def enrolment(region: str = "jiangmen", begins: str = "2020-01-01") -> dict[str, Any]:
    return {"kind": "enrolment", "begins": begins, "region": region, "answers": {"scheme": "employee"}}


def a_bill(name: str, day: str = "2024-01-10", in_scope: int = 40_000_000, **more: Any) -> dict[str, Any]:
    answers = {"care": "inpatient", "level": "secondary", "referral": "local"}
    return {"id": name, "discharged": day, "answers": answers, "amounts": {"in_scope": in_scope}} | more


def to_settle(member: str, bill: dict[str, Any], hospital: str = "H1", **more: Any) -> dict[str, Any]:
    return {"member": member, "hospital": hospital, "bill": bill} | more
