"""Tokens: only those signed with a known key, for this service, in their time, for a role that exists."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from desk.desks import NOON, Clock
from duoceng.base.mistakes import Refused
from duoceng.interfaces.rest.access import Caller
from duoceng.interfaces.rest.tokens import Doorkeeper, new_key, token_for

KEY, OTHER = new_key(), new_key()
CLAIMS = {
    "sub": "till",
    "role": "hospital",
    "of": "H1",
    "aud": "duoceng",
    "iat": int(NOON.timestamp()),
    "exp": int(NOON.timestamp()) + 60,
}


def signed(key: Any = KEY, algorithm: str = "EdDSA", kid: str = "k1", **claims: Any) -> str:
    said = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(said, key, algorithm=algorithm, headers={"kid": kid})


def unsigned() -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none", "kid": "k1"}, CLAIMS)
    ]
    return ".".join([*parts, ""])


PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
GOOD = signed()
REFUSED = {
    "nothing": "", "no bearer": f"Basic {GOOD}", "no token": "Bearer ", "words": "Bearer a.b.c", "unsigned": f"Bearer {unsigned()}",
    "another key": f"Bearer {signed(OTHER)}", "an unknown key": f"Bearer {signed(kid='k9')}",
    "the public key as a secret": f"Bearer {signed(PUBLIC, 'HS256')}", "another audience": f"Bearer {signed(aud='elsewhere')}",
    "no audience": f"Bearer {signed(aud=None)}", "no end": f"Bearer {signed(exp=None)}", "over": f"Bearer {signed(exp=int(NOON.timestamp()))}",
    "not yet": f"Bearer {signed(nbf=int(NOON.timestamp()) + 3600)}", "no role": f"Bearer {signed(role=None)}",
    "a role that is none": f"Bearer {signed(role='king')}", "a hospital that is none": f"Bearer {signed(of='')}",
    "an auditor of something": f"Bearer {signed(role='auditor')}", "a list for a name": f"Bearer {signed(of=['H1'])}",
    "changed": f"Bearer {GOOD[:-8]}AAAAAAAA", "endless": f"Bearer {GOOD}{'A' * 5000}",
}  # fmt: skip


@pytest.mark.parametrize("header", REFUSED.values(), ids=list(REFUSED))
def test_a_token_that_is_not_ours_is_refused(header: str) -> None:
    with pytest.raises(Refused) as told:
        Doorkeeper({"k1": KEY.public_key()}, Clock()).caller(header)

    assert [m.code for m in told.value.mistakes] == ["S002"]


def test_a_token_holds_until_it_ends() -> None:
    clock = Clock()
    keeper = Doorkeeper({"k1": KEY.public_key()}, clock)
    header = f"Bearer {token_for(KEY, 'k1', Caller('till', 'hospital', 'H1'), clock.now, hours=1)}"

    assert keeper.caller(header) == keeper.caller(header) == Caller("till", "hospital", "H1")
    clock.now += timedelta(hours=1)
    with pytest.raises(Refused):
        keeper.caller(header)
