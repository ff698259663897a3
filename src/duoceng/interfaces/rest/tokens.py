"""Bearer tokens: signed with Ed25519 by whoever gives out access, checked here with public keys. This service gives out none.

header   {"alg": "EdDSA", "kid": <which key>}
claims   {"sub": <person or machine>, "role": ..., "of": <institution or member>, "aud": "duoceng", "iat": ..., "exp": ...}
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.interfaces.rest.access import BOUND, ROLES, Caller

AUDIENCE, KEPT, NAME_MAX, TOKEN_MAX = "duoceng", 10_000, 64, 4096
LEEWAY = 30  # seconds that two clocks may differ
CLAIMS = ["sub", "aud", "exp", "iat", "role"]


@dataclass
class Doorkeeper:
    """Checks tokens, and remembers those it has checked until they expire. `keys`: public keys by their id."""

    keys: Mapping[str, Ed25519PublicKey]
    clock: Callable[[], datetime]
    audience: str = AUDIENCE
    _known: OrderedDict[str, tuple[Caller, float]] = field(default_factory=OrderedDict, repr=False)
    _gate: Lock = field(default_factory=Lock, repr=False)

    def caller(self, authorization: str) -> Caller:
        """Who a header `Authorization: Bearer ...` speaks for. Raises Refused."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_MAX:
            raise no_token("there is no bearer token")
        now = self.clock().timestamp()
        with self._gate:
            known = self._known.get(token)
        if known is None:
            known = self._checked(token, now)
            with self._gate:
                self._known[token] = known
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
        if known[1] <= now:
            raise no_token("the token has expired")
        return known[0]

    def _checked(self, token: str, now: float) -> tuple[Caller, float]:
        try:
            key = self.keys[str(jwt.get_unverified_header(token).get("kid", ""))]
            checks: Any = {"require": CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
            said = jwt.decode(token, key, algorithms=["EdDSA"], audience=self.audience, options=checks)
            begins, ends = float(said.get("nbf", said["iat"])), float(said["exp"])
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, OverflowError):
            raise no_token("the token is not one of ours") from None
        if begins > now + LEEWAY:
            raise no_token("the token is not yet valid")
        return caller_of(said), ends


def caller_of(said: Mapping[str, Any]) -> Caller:
    """The caller of claims whose signature was checked. Raises Refused."""
    name, role, of = (said.get(claim, "") for claim in ("sub", "role", "of"))
    words = all(isinstance(one, str) and len(one) <= NAME_MAX for one in (name, role, of))
    if not words or not name or role not in ROLES or bool(of) != (role in BOUND):
        raise no_token("the token is not one of ours")
    return Caller(name, role, of)


def no_token(what: str) -> Refused:
    """Whoever asks has not said who they are."""
    return refuse(
        "S002",
        Place("Authorization"),
        what,
        "Nothing is told to strangers.",
        "send `Authorization: Bearer <token>` with a valid token",
    )


def new_key() -> Ed25519PrivateKey:
    """A key to sign tokens with, for development and tests."""
    return Ed25519PrivateKey.generate()


def token_for(key: Ed25519PrivateKey, kid: str, caller: Caller, now: datetime, hours: int = 12) -> str:
    """A token as whoever gives out access would sign it; for development and tests."""
    ends = now + timedelta(hours=hours)
    claims = {
        "sub": caller.name,
        "role": caller.role,
        "of": caller.of,
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int(ends.timestamp()),
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})
