"""Names and identity numbers at rest: sealed with SM4, found again by a keyed hash, under keys that can be changed.

sealed   <key id>.<base64 of nonce, cipher text and tag>     SM4 in GCM; the member is bound in, so that no seal fits another person
lookup   <key id>.<HMAC-SM3 of the number>                   the same number, the same hash; without the key nobody can try numbers
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC

from duoceng.store.database import Database

NONCE, TAG, KEY = 12, 16, 16
PEOPLE = "SELECT member, sealed FROM person WHERE member > :after AND sealed <> '' ORDER BY member LIMIT 500"
PERSON = "SELECT sealed, lookup FROM person WHERE member = :member"
FOUND = "SELECT member FROM person WHERE lookup = :lookup"
RESEAL = "UPDATE person SET sealed = :sealed, lookup = :lookup WHERE member = :member"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a member is to the authorities. `kind`: the national code of the document, 01 the identity card."""

    name: str
    number: str
    kind: str = "01"


@dataclass(frozen=True)
class Seal:
    """Secrets by their id; `current` seals what is new, the others still open what is old. A secret has 32 bytes or more."""

    secrets: Mapping[str, bytes]
    current: str

    def __post_init__(self) -> None:
        assert self.current in self.secrets, "the key in use is among the keys"
        assert all(len(secret) >= 2 * KEY for secret in self.secrets.values()), "a secret has 32 bytes or more"

    def __repr__(self) -> str:
        return f"Seal(current={self.current!r})"

    def seal(self, member: str, identity: Identity) -> str:
        """An identity as it lies in the database."""
        nonce, words = secrets.token_bytes(NONCE), "\x1f".join((identity.kind, identity.number, identity.name))
        cipher = Cipher(algorithms.SM4(self._key("seal", self.current)), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(member.encode())
        sealed = cipher.update(words.encode()) + cipher.finalize()
        return f"{self.current}.{b64encode(nonce + sealed + cipher.tag).decode()}"

    def open(self, member: str, sealed: str) -> Identity:
        """The identity that was sealed for this member."""
        name, _, text = sealed.partition(".")
        raw = b64decode(text)
        nonce, body, tag = raw[:NONCE], raw[NONCE:-TAG], raw[-TAG:]
        cipher = Cipher(algorithms.SM4(self._key("seal", name)), modes.GCM(nonce, tag)).decryptor()
        cipher.authenticate_additional_data(member.encode())
        kind, number, words = (cipher.update(body) + cipher.finalize()).decode().split("\x1f")
        return Identity(words, number, kind)

    def close(self, owner: str, words: bytes) -> bytes:
        """Words of somebody as they lie in the database: id of the key, nonce, cipher text and tag."""
        nonce, name = secrets.token_bytes(NONCE), self.current.encode()
        cipher = Cipher(algorithms.SM4(self._key("words", self.current)), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(owner.encode())
        return bytes([len(name)]) + name + nonce + cipher.update(words) + cipher.finalize() + cipher.tag

    def reveal(self, owner: str, closed: bytes) -> bytes:
        """The words that were closed for this owner."""
        raw = bytes(closed)
        name, body = raw[1 : 1 + raw[0]].decode(), raw[1 + raw[0] :]
        cipher = Cipher(algorithms.SM4(self._key("words", name)), modes.GCM(body[:NONCE], body[-TAG:])).decryptor()
        cipher.authenticate_additional_data(owner.encode())
        return cipher.update(body[NONCE:-TAG]) + cipher.finalize()

    def lookup(self, kind: str, number: str, key: str = "") -> str:
        """By what an identity number is found again."""
        name = key or self.current
        return f"{name}.{_hmac(self._key('lookup', name), f'{kind} {number.upper()}'.encode()).hex()}"

    def find(self, database: Database, kind: str, number: str) -> str | None:
        """The member with this number, sealed under whichever key."""
        for key in self.secrets:
            found = database.row(FOUND, lookup=self.lookup(kind, number, key))
            if found:
                return str(found["member"])
        return None

    def _key(self, use: str, name: str) -> bytes:
        return _derived(self.secrets[name], use)


def identity_of(database: Database, seal: Seal, member: str) -> Identity | None:
    """Who a member is; None where nothing was told."""
    found = database.row(PERSON, member=member)
    return seal.open(member, found["sealed"]) if found and found["sealed"] else None


def reseal(database: Database, seal: Seal) -> int:
    """Seal under the current key whatever is sealed under another; how many that were."""
    after, count = "", 0
    while rows := database.rows(PEOPLE, after=after):
        for row in rows:
            if not row["sealed"].startswith(f"{seal.current}."):
                who = seal.open(row["member"], row["sealed"])
                values = {"member": row["member"], "sealed": seal.seal(row["member"], who)}
                database.commit([(RESEAL, {**values, "lookup": seal.lookup(who.kind, who.number)})])
                count += 1
        after = rows[-1]["member"]
    return count


@lru_cache(maxsize=64)
def _derived(secret: bytes, use: str) -> bytes:
    """The key of a secret for one use."""
    return _hmac(secret, f"duoceng {use}".encode())[:KEY]


def _hmac(key: bytes, words: bytes) -> bytes:
    made = HMAC(key, hashes.SM3())
    made.update(words)
    return made.finalize()
