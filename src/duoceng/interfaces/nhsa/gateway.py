"""The gateway before the interface: who may come in, by the headers of the family that a region uses.

    signed   _api_name, _api_version, _api_timestamp (13 digits), _api_access_key, _api_signature: base64 of HMAC-SHA1
             over the four others as `k=v`, by name, joined by `&`
    tif      x-tif-paasid, x-tif-timestamp (seconds), x-tif-nonce, x-tif-signature: SHA-256 of timestamp, token, nonce, timestamp
    key      apikey
    none     nothing is asked: for a service that only listens to its own machine

Refusals say what the gateway of Hunan says, as far as a public client of it tells; hints after the colon are ours, and so are the
words for a nonce that came before. A `signed` message has no nonce: sent again it is let in, and answered as it was by its msgid.
Proxies that drop headers with underscores (nginx, unless told otherwise) have to be told.
"""

import heapq
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, digest
from threading import Lock

from duoceng.base.mistakes import Mistakes, Place, refuse

HEADERS = {
    "none": (),
    "signed": ("_api_name", "_api_version", "_api_timestamp", "_api_access_key", "_api_signature"),
    "tif": ("x-tif-paasid", "x-tif-timestamp", "x-tif-nonce", "x-tif-signature"),
    "key": ("apikey",),
}
MISSING, LATE, UNKNOWN, WRONG, AGAIN = "缺少服务网关的请求头", "签名时间戳超时", "非法用户", "签名不一致", "重复请求"
WINDOW = timedelta(minutes=30)
NONCE = re.compile("[!-~]{1,128}")
NONCES_MAX = 20_000
NEW, SEEN, TOO_OLD = range(3)


class NotLetIn(Exception):
    """A message stopped before the interface: the HTTP status, and the words of the gateway."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status, self.message = status, message

    def __reduce__(self) -> tuple[type["NotLetIn"], tuple[int, str]]:
        """From one process to another."""
        return NotLetIn, (self.status, self.message)

    def body(self) -> dict[str, object]:
        """The answer: no envelope."""
        return {"code": self.status, "message": self.message}


class Nonces:
    """Nonces of the time window, each caller's apart, in bounded memory. It knows one process.

    Where there are too many the oldest is forgotten, and nothing as old as that is let in any more: what is forgotten is not let in twice.
    """

    def __init__(self, most: int = NONCES_MAX):
        self.most = most
        self._known: dict[str, set[str]] = {}
        self._by_age: dict[str, list[tuple[int, str]]] = {}
        self._forgotten: dict[str, int] = {}
        self._lock = Lock()

    def note(self, caller: str, nonce: str, stamp: int, oldest: int) -> int:
        """NEW, SEEN or TOO_OLD. `oldest`: what is older is outside the window, and need not be known."""
        with self._lock:
            known, by_age = self._known.setdefault(caller, set()), self._by_age.setdefault(caller, [])
            while by_age and by_age[0][0] < oldest:
                known.discard(heapq.heappop(by_age)[1])
            if nonce in known:
                return SEEN
            if stamp <= self._forgotten.get(caller, stamp - 1):
                return TOO_OLD
            known.add(nonce)
            heapq.heappush(by_age, (stamp, nonce))
            if len(by_age) > self.most:
                self._forgotten[caller], gone = heapq.heappop(by_age)
                known.discard(gone)
            return NEW

    def __len__(self) -> int:
        return sum(map(len, self._by_age.values()))


@dataclass(frozen=True)
class Gateway:
    """Whom a gateway lets in: secrets by the name a caller gives (access key, paasid; for `key` a name of ours)."""

    family: str = "none"
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    version: str = "1.0.0"  # what `sign` writes; any is taken
    window: timedelta = WINDOW
    nonces: Nonces = field(default_factory=Nonces, repr=False, compare=False)

    def __post_init__(self) -> None:
        assert self.family in HEADERS, "a family that is known"
        assert self.family == "none" or (self.secrets and all(self.secrets.values())), "a secret for everybody"

    @classmethod
    def read(cls, said: Mapping[str, object], at: str = "gateway") -> "Gateway":
        """From a settings file; `at` says where in it. Raises Refused with all that is wrong; no secret is ever repeated."""
        found, known = Mistakes(), ("family", "secrets", "version")
        if not isinstance(said, Mapping):
            what, repair = "the settings of a gateway are no mapping", f"write some of {', '.join(known)}"
            raise refuse("N001", Place(at, 0), what, "", repair)
        family, secrets, version = said.get("family", "none"), said.get("secrets", {}), said.get("version", "1.0.0")
        for name in said:
            if name not in known:
                what, repair = f"there is no setting `{name}`", f"write one of {', '.join(known)}"
                found.add("N001", Place(f"{at}.{name}", 0), what, "", repair)
        if not isinstance(family, str) or family not in HEADERS:
            what, repair = "`family` cannot be that", f"write one of {', '.join(HEADERS)}"
            found.add("N001", Place(f"{at}.family", 0), what, "", repair)
        repair = "write names with their secrets, in quotes"
        if not _are_texts(secrets):
            found.add("N001", Place(f"{at}.secrets", 0), "`secrets` are no texts by name", "", repair)
        elif not secrets and family != "none":
            found.add("N001", Place(f"{at}.secrets", 0), "`secrets` is missing", "", repair)
        if not isinstance(version, str):
            what, repair = "`version` is not text", "write it in quotes: YAML takes bare digits for a number"
            found.add("N001", Place(f"{at}.version", 0), what, "", repair)
        found.stop_if_any()
        return cls(str(family), dict(secrets), str(version))  # type: ignore[call-overload]


def check(gateway: Gateway, headers: Mapping[str, str], infno: str, now: datetime) -> None:
    """Let a message in, or raise NotLetIn. Names of headers are told apart without regard to capitals."""
    assert now.tzinfo is not None, "a moment, not the face of a clock"
    found = {name.lower(): value for name, value in headers.items()}
    said = [found.get(name, "").strip() for name in HEADERS[gateway.family]]
    if not all(said):
        missing = [name for name, value in zip(HEADERS[gateway.family], said, strict=True) if not value]
        raise NotLetIn(401, f"{MISSING}：{'、'.join(missing)}")
    if gateway.family == "signed":
        _check_signed(gateway, said, infno, now)
    elif gateway.family == "tif":
        _check_tif(gateway, said, now)
    elif gateway.family == "key" and not sum(_is_same(said[0], secret) for secret in gateway.secrets.values()):
        raise NotLetIn(401, UNKNOWN)  # every key was compared: time does not tell whose it nearly was


def sign(gateway: Gateway, infno: str, now: datetime, nonce: str, name: str = "") -> dict[str, str]:
    """The headers a caller sends; without a name those of the first."""
    assert now.tzinfo is not None, "a moment, not the face of a clock"
    if gateway.family == "none":
        return {}
    caller = name or next(iter(gateway.secrets))
    secret, seconds = gateway.secrets[caller], now.timestamp()
    if gateway.family == "key":
        return {"apikey": secret}
    if gateway.family == "signed":
        said = [infno, gateway.version, str(int(seconds * 1000)), caller]
        signature = _signed(secret, said)
    else:
        said = [caller, str(int(seconds)), nonce]
        signature = _tif(secret, said[1], nonce)
    return dict(zip(HEADERS[gateway.family], [*said, signature], strict=True))


def _check_signed(gateway: Gateway, said: list[str], infno: str, now: datetime) -> None:
    *signed, signature = said
    api, _, stamp, caller = signed
    _stamp(gateway, stamp, 13, now)
    secret = _secret(gateway, caller)
    if not _is_same(signature, _signed(secret, signed)):
        raise NotLetIn(401, WRONG)
    if not _is_same(api, infno):
        raise NotLetIn(401, f"{WRONG}：_api_name与报文infno不同")


def _check_tif(gateway: Gateway, said: list[str], now: datetime) -> None:
    caller, stamp, nonce, signature = said
    moment = _stamp(gateway, stamp, 10, now)
    secret = _secret(gateway, caller)
    if not NONCE.fullmatch(nonce):  # a plain hash can be continued, but not without bytes that are no letters
        raise NotLetIn(401, f"{WRONG}：x-tif-nonce应为1至128位可见ASCII字符")
    if not _is_same(signature.lower(), _tif(secret, stamp, nonce)):
        raise NotLetIn(401, WRONG)
    # only what was signed is remembered: strangers do not fill the memory
    seen = gateway.nonces.note(caller, nonce, moment, int((now - gateway.window).timestamp()))
    if seen != NEW:
        raise NotLetIn(401, LATE if seen == TOO_OLD else f"{AGAIN}：x-tif-nonce已使用")


def _stamp(gateway: Gateway, stamp: str, digits: int, now: datetime) -> int:
    """The number of a time stamp that is inside the window."""
    if not re.fullmatch(f"[0-9]{{{digits}}}", stamp):
        raise NotLetIn(401, f"{LATE}：时间戳应为{digits}位数字")
    seconds = int(stamp) / (1000 if digits == 13 else 1)
    if abs(now.timestamp() - seconds) > gateway.window.total_seconds():
        raise NotLetIn(401, LATE)
    return int(stamp)


def _secret(gateway: Gateway, caller: str) -> str:
    secret = gateway.secrets.get(caller)
    if secret is None:
        raise NotLetIn(401, UNKNOWN)
    return secret


def _signed(secret: str, said: list[str]) -> str:
    pairs = zip(HEADERS["signed"], said, strict=False)
    text = "&".join(f"{name}={value}" for name, value in sorted(pairs))
    return b64encode(digest(_bytes(secret), _bytes(text), "sha1")).decode()


def _tif(secret: str, stamp: str, nonce: str) -> str:
    return sha256(_bytes(f"{stamp}{secret}{nonce}{stamp}")).hexdigest()


def _is_same(said: str, known: str) -> bool:
    return compare_digest(_bytes(said), _bytes(known))


def _are_texts(said: object) -> bool:
    return isinstance(said, Mapping) and all(isinstance(one, str) and one for pair in said.items() for one in pair)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
