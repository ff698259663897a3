"""The envelope's own signature and encryption, where a region asks for them: SM2 over its fields, SM4 over input and output.

    infno=2207&infver=V1.0&msgid=...     fields by name, without cainfo, input and output: the text that is signed
    cainfo                               SM2 with SM3 over that text, in UTF-8, signer 1234567812345678
    input, output                        base64 of SM4 over the JSON text

Known from sources: fields, order and `&` (chapter 4 of the specification, as a client quotes it), the signer's name, hexadecimal
signatures (the same client), 64 bytes in base64 and SM4 output in base64 (an answer of Jilin).
Assumed, where no text was found, and settings for that reason: an answer is signed as an asking is; empty fields are left out, as
national mobile payment does (the client mentioned keeps them: `empty: kept`); SM4 in ECB with PKCS#7; under `covers: fields+data`
the data as they are sent, an object as JSON without blanks. What is signed is checked before anything is decrypted.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from duoceng.base.mistakes import Mistakes, Place, refuse

APART = ("cainfo", "input", "output")
SIGNER = "1234567812345678"
WORDS = {"style": ("plain", "sm2"), "covers": ("fields", "fields+data"), "empty": ("left out", "kept"), "form": ("raw", "der"),
         "written": ("base64", "hex"), "sm4_mode": ("ecb", "cbc")}  # fmt: skip
BLOCK = 16

# The curve of GB/T 32918.5: its name in DER, field, coefficient, order and base point.
CURVE = bytes.fromhex("06082a811ccf5501822d")
P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
G = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)
Point = tuple[int, int]


@dataclass(frozen=True)
class Signing:
    """How an institution's messages are signed and encrypted. `public_key` is theirs, 64 bytes; `private_key` ours, 32 bytes.

    `form`, `written`: how we write a signature; all forms are read. `covers`, `empty`: what the signed text holds.
    """

    style: str = "plain"
    private_key: bytes = field(default=b"", repr=False)
    public_key: bytes = field(default=b"", repr=False)
    encrypted: bool = False
    sm4_key: bytes = field(default=b"", repr=False)
    sm4_iv: bytes = field(default=b"", repr=False)
    sm4_mode: str = "ecb"
    covers: str = "fields"
    empty: str = "left out"
    form: str = "raw"
    written: str = "base64"
    signer: str = SIGNER

    def __post_init__(self) -> None:
        assert all(getattr(self, name) in words for name, words in WORDS.items()), "a word that is known"
        assert self.style == "plain" or (len(self.private_key), len(self.public_key)) == (32, 64), "both keys of SM2"
        assert not self.encrypted or len(self.sm4_key) == BLOCK, "a key of SM4"
        assert not self.encrypted or self.sm4_mode == "ecb" or len(self.sm4_iv) == BLOCK, "a first block for CBC"

    @classmethod
    def read(cls, said: Mapping[str, object], at: str = "signing") -> "Signing":
        """From a settings file; `at` says where in it. Raises Refused with all that is wrong; no key is ever repeated."""
        settings = _Settings(said, at)
        values = settings.values()
        settings.found.stop_if_any()
        return cls(**values)

    @cached_property
    def own_public_key(self) -> bytes:
        """What the others check our signatures with, 64 bytes."""
        return public_of(self.private_key)


def open_asked(envelope: Mapping[str, Any], signing: Signing) -> dict[str, Any]:
    """What was asked: its signature checked, its input plain. Raises Refused, and nothing else whatever comes."""
    asked = dict(envelope)
    if signing.style == "sm2":
        _check(asked, signing)
    if signing.encrypted:
        asked["input"] = _opened(asked.get("input"), signing)
    return asked


def close_answer(answer: Mapping[str, Any], signing: Signing) -> dict[str, Any]:
    """An answer as it leaves: its output encrypted, its fields signed."""
    closed = dict(answer)
    if signing.encrypted:
        output = closed.get("output")
        closed["output"] = encrypt(_text({} if output is None else output).encode("utf-8", "replace"), signing)
        closed["enctype"] = "SM4"
    if signing.style == "sm2":
        closed["signtype"] = "SM2"
        closed["cainfo"] = sign(signed_text(closed, closed.get("output"), signing), signing)
    return closed


def signed_text(envelope: Mapping[str, Any], data: object, signing: Signing) -> str:
    """The text that is signed. `data`: input or output as it is sent, encrypted or plain; it counts under `fields+data`."""
    fields = {name: _text(value) for name, value in envelope.items() if name not in APART}
    if signing.covers == "fields+data":
        fields["input" if "input" in envelope else "output"] = _text(data)
    kept = sorted((name, value) for name, value in fields.items() if value or signing.empty == "kept")
    return "&".join(f"{name}={value}" for name, value in kept)


def sign(text: str, signing: Signing) -> str:
    """The signature of a text, in the form that is set."""
    keys = signing.private_key, signing.own_public_key
    der = _sm2().sm2_sign(*keys, text.encode("utf-8", "replace"), signing.signer.encode())
    first, second = _whole(bytes(der))
    raw = first.to_bytes(32, "big") + second.to_bytes(32, "big") if signing.form == "raw" else _der_of(first, second)
    return raw.hex().upper() if signing.written == "hex" else b64encode(raw).decode()


def is_signed(text: str, cainfo: object, signing: Signing) -> bool:
    """Is this their signature of the text? As base64 or hexadecimal, r and s side by side or in DER."""
    library = _sm2()
    for raw in _decodings(cainfo):
        try:
            der = _der_of(*_whole(raw))  # only what we wrote ourselves goes to the library
            message = text.encode("utf-8", "surrogatepass")
            if library.sm2_verify(signing.public_key, message, der, signing.signer.encode()):
                return True
        except (ValueError, library.GmsslInnerError):
            continue
    return False


def encrypt(data: bytes, signing: Signing) -> str:
    """Data under SM4, as base64."""
    padder, cipher = PKCS7(8 * BLOCK).padder(), _sm4(signing).encryptor()
    return b64encode(cipher.update(padder.update(data) + padder.finalize()) + cipher.finalize()).decode()


def decrypt(said: str, signing: Signing) -> bytes:
    """What was encrypted. Raises ValueError."""
    cipher, padder = _sm4(signing).decryptor(), PKCS7(8 * BLOCK).unpadder()
    padded = cipher.update(b64decode("".join(said.split()), validate=True)) + cipher.finalize()
    return padder.update(padded) + padder.finalize()


def public_of(private: bytes) -> bytes:
    """The public key of a private one. The library does not give it; computed once, and not in constant time."""
    scalar, found, power = int.from_bytes(private, "big"), None, G
    while scalar:
        if scalar & 1:
            found = power if found is None else _sum(found, power)
        scalar, power = scalar >> 1, _sum(power, power)
    assert found is not None, "a private key is not zero"
    return found[0].to_bytes(32, "big") + found[1].to_bytes(32, "big")


def _sum(one: Point, other: Point) -> Point:
    """One point added to another, or to itself; none of our sums is the point at infinity."""
    if one == other:
        rise, run = 3 * (one[0] ** 2 - 1), 2 * one[1]
    else:
        rise, run = other[1] - one[1], other[0] - one[0]
    slope = rise * pow(run, -1, P)
    across = (slope**2 - one[0] - other[0]) % P
    return across, (slope * (one[0] - across) - one[1]) % P


def _check(asked: Mapping[str, Any], signing: Signing) -> None:
    place, cainfo = Place("cainfo", 0), asked.get("cainfo")
    if cainfo is None or cainfo in ("", "null", "NULL"):
        what = "the message is not signed: `cainfo` is empty"
        why = "Nobody could tell whether it is the institution's."
        raise refuse("N004", place, what, why, "sign the fields with SM2, and send the signature as `cainfo`")
    for name, value in asked.items():
        if name not in APART and _is_double(name, _text(value)):
            what, why = (
                f"the field `{name[:30]}` could be read as two",
                "Another message would have the same signature.",
            )
            raise refuse("N005", place, what, why, "leave `&` and `=` out of fields that are signed")
    if not is_signed(signed_text(asked, asked.get("input"), signing), cainfo, signing):
        what = "the signature is not that of this message"
        why = "The message was changed on its way, or signed in another way or with another key."
        raise refuse("N005", place, what, why, "compare key, signed fields and their order with the settings")


def _is_double(name: str, value: str) -> bool:
    """Could the pair be taken for two? `a=1&b=2` is the text of one field and of two."""
    return "&" in name or "=" in name or any("=" in part for part in value.split("&")[1:])


def _opened(said: object, signing: Signing) -> dict[str, Any] | list[Any]:
    def no_number(word: str) -> Any:
        raise ValueError(word)

    try:
        if not isinstance(said, str):
            raise ValueError
        found = json.loads(decrypt(said, signing).decode("utf-8"), parse_float=str, parse_constant=no_number)
        if not isinstance(found, dict | list):
            raise ValueError
        return found
    except (ValueError, RecursionError):
        what = "`input` cannot be decrypted into JSON"  # one sentence for all: what failed helps nobody but whoever guesses
        why = "It must be base64 of JSON under SM4."
        raise refuse("N006", Place("input", 0), what, why, "compare key and mode of SM4 with the settings") from None


def _text(value: object) -> str:
    """A field, or the data, as it stands in the signed text."""
    if value is None or isinstance(value, str):
        return value or ""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (ValueError, TypeError, RecursionError):
        return repr(type(value))  # nothing JSON could have brought; no signature fits it


def _sm4(signing: Signing) -> Cipher[Any]:
    mode = modes.ECB() if signing.sm4_mode == "ecb" else modes.CBC(signing.sm4_iv)
    return Cipher(algorithms.SM4(signing.sm4_key), mode)


def _sm2() -> ModuleType:
    try:
        import gmssl_pyx
    except ImportError:
        what, why = "the library for SM2 is not here", "Without it nothing can be signed or checked."
        raise refuse("N003", Place("signing", 0), what, why, "pip install 'duoceng[nhsa]'") from None
    return gmssl_pyx  # type: ignore[no-any-return]


def _decodings(said: object) -> list[bytes]:
    """What some text may stand for: hexadecimal and base64 are told apart by trying."""
    words = "".join(said.split()) if isinstance(said, str) else ""
    found = [bytes.fromhex(words)] if re.fullmatch("(?:[0-9a-fA-F]{2})+", words) else []
    try:
        return [*found, b64decode(words, validate=True)]
    except ValueError:
        return found


def _whole(raw: bytes) -> tuple[int, int]:
    """The two numbers of a signature. Raises ValueError."""
    if len(raw) == 64:
        first, second = raw[:32], raw[32:]
    else:
        (_, first), (_, second) = _within(raw, 0x30, 0x02, 0x02)
    numbers = int.from_bytes(first, "big"), int.from_bytes(second, "big")
    if len(first) > 33 or len(second) > 33 or not all(1 <= number < N for number in numbers):
        raise ValueError
    return numbers


def _der_of(*numbers: int) -> bytes:
    """Numbers of a signature, in DER."""
    bodies = [number.to_bytes(number.bit_length() // 8 + 1, "big") for number in numbers]
    body = b"".join(bytes((0x02, len(one))) + one for one in bodies)
    return bytes((0x30, len(body))) + body


def _within(raw: bytes, tag: int, *inner: int) -> list[tuple[int, bytes]]:
    """What stands in the one value of `raw`, whose tags must begin with `inner`. Raises ValueError."""
    whole = _values(raw)
    if len(whole) != 1 or whole[0][0] != tag:
        raise ValueError
    found = _values(whole[0][1])
    if tuple(one[0] for one in found[: len(inner)]) != inner:
        raise ValueError
    return found


def _values(raw: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents of DER, one after the other. Raises ValueError."""
    found = []
    while raw:
        tag, size, start = raw[0], raw[1] if len(raw) > 1 else 0, 2
        if size & 0x80:
            start = 2 + (size & 0x7F)
            size = int.from_bytes(raw[2:start], "big")
        if len(raw) < 2 or start + size > len(raw):
            raise ValueError
        found.append((tag, raw[start : start + size]))
        raw = raw[start + size :]
    return found


class _Settings:
    """The part of a settings file that tells how messages are signed, on its way to a Signing."""

    def __init__(self, said: Mapping[str, object], at: str):
        self.said, self.at, self.found = said, at, Mistakes()

    def values(self) -> dict[str, Any]:
        """What Signing is made of; what is wrong is in `found`."""
        keys = {"private_key": _private, "public_key": _public, "sm4_key": _block, "sm4_iv": _block}
        words = {**WORDS, "encrypted": ("no", "yes")}
        known = (*words, *keys, "signer")
        if not isinstance(self.said, Mapping):
            self.wrong("N001", "", "the settings of signing are no mapping", "", f"write some of {', '.join(known)}")
            return {}
        for name in self.said:
            if name not in known:
                self.wrong("N001", str(name), f"there is no setting `{name}`", "", f"write one of {', '.join(known)}")
        values: dict[str, Any] = {name: self.word(name, some) for name, some in words.items() if name in self.said}
        values |= {name: self.key(name, read) for name, read in keys.items() if self.said.get(name) not in (None, "")}
        values |= {"encrypted": values.get("encrypted") == "yes", "signer": self.text("signer") or SIGNER}
        needed = ["private_key", "public_key"] if values.get("style") == "sm2" else []
        if values["encrypted"]:
            needed += ["sm4_key", "sm4_iv"] if values.get("sm4_mode") == "cbc" else ["sm4_key"]
        for name in needed:
            if name not in values:
                self.wrong("N001", name, f"`{name}` is missing", "", "add it, as hexadecimal, base64 or PEM")
        return values

    def text(self, name: str) -> str:
        said = self.said.get(name, "")
        if isinstance(said, str):
            return said
        self.wrong("N001", name, f"`{name}` is not text", "", "write it in quotes: YAML takes bare digits for a number")
        return ""

    def word(self, name: str, words: tuple[str, ...]) -> str:
        said = self.said[name]
        if isinstance(said, bool):  # YAML takes yes and no for it
            said = "yes" if said else "no"
        if said not in words:
            self.wrong("N001", name, f"`{name}` cannot be that", "", f"write one of {', '.join(words)}")
        return str(said)

    def key(self, name: str, read: Callable[[str], bytes]) -> bytes:
        said = self.text(name)
        try:
            return read(said) if said else b""
        except (ValueError, IndexError):
            what, why = f"`{name}` cannot be read", "It is no key of SM2 or SM4, or of another form."
            repair = "write a key of SM2 as hexadecimal, base64 or PEM, unencrypted; of SM4 16 bytes as hexadecimal, base64 or letters"
            self.wrong("N002", name, what, why, repair)
            return b""

    def wrong(self, code: str, name: str, what: str, why: str, repair: str) -> None:
        self.found.add(code, Place(f"{self.at}.{name}" if name else self.at, 0), what, why, repair)


def _private(said: str) -> bytes:
    """A private key of SM2: 32 bytes, PKCS#8 or SEC1. Raises ValueError or IndexError."""
    raw = _bytes_of(said)
    if len(raw) == 33 and raw[0] == 0:  # as Java writes whole numbers
        raw = raw[1:]
    if len(raw) != 32:
        if CURVE not in raw:
            raise ValueError
        found = _within(raw, 0x30, 0x02)
        if found[1][0] == 0x30:
            found = _within(found[2][1], 0x30, 0x02, 0x04)
        raw = found[1][1].rjust(32, b"\0")
    if len(raw) != 32 or not 1 <= int.from_bytes(raw, "big") < N - 1:
        raise ValueError
    return raw


def _public(said: str) -> bytes:
    """A public key of SM2: a point, whole or compressed, or with its curve as PEM holds it. Raises ValueError."""
    raw = _bytes_of(said)
    if len(raw) > 65:
        if CURVE not in raw:
            raise ValueError
        raw = _within(raw, 0x30, 0x30, 0x03)[1][1][1:]
    library = _sm2()
    try:
        return bytes(library.normalize_sm2_public_key(raw))
    except library.GmsslInnerError:
        raise ValueError from None


def _block(said: str) -> bytes:
    """16 bytes: as they are, hexadecimal or base64. Raises ValueError."""
    raw = said.encode() if len(said.encode()) == BLOCK else _bytes_of(said)
    if len(raw) != BLOCK:
        raise ValueError
    return raw


def _bytes_of(said: str) -> bytes:
    """Hexadecimal, base64 or PEM. Raises ValueError."""
    parts = re.findall("-----BEGIN [A-Z0-9 ]*KEY-----(.*?)-----END", said, re.DOTALL)
    words = "".join((parts[-1] if parts else said).split())
    if re.fullmatch("(?:[0-9a-fA-F]{2})+", words):
        return bytes.fromhex(words)
    return b64decode(words, validate=True)
