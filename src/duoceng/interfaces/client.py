"""A client of the service: settle, quote, reverse, find. What gets no answer is sent again under the same key, so that nothing counts twice.

client = Client("https://desk.example", token)
receipt = client.settle("demo-retired", "H1", bill)      # a dict, amounts in whole fen
"""

from collections.abc import Callable, Mapping
from time import sleep
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

TRIES, WAIT_MAX = 6, 10.0
AGAIN = (429, 502, 503, 504)
Said = dict[str, Any]


class NotDone(Exception):
    """The service refused, with every reason; or did not answer in all the tries, and then `mistakes` is empty and `key` finds out later."""

    def __init__(self, status: int, mistakes: list[Said], key: str):
        super().__init__("; ".join(f"{m['code']} {m['what']}" for m in mistakes) or f"no answer ({status})")
        self.status, self.mistakes, self.key = status, mistakes, key


class Client:
    """One caller of one service. `wait` sleeps between two tries."""

    def __init__(
        self, address: str, token: str, lang: str = "zh", wait: Callable[[float], object] = sleep, **more: Any
    ):
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": lang}
        self._http = httpx.Client(base_url=address, headers=headers, **{"timeout": 30.0} | more)
        self._wait = wait

    def settle(self, member: str, hospital: str, bill: Mapping[str, Any], key: str = "", **more: Any) -> Said:
        """Settle a bill. `more`: `pays`, `use`."""
        return self._ask("POST", "/v1/settlements", {"member": member, "hospital": hospital, "bill": bill, **more}, key)

    def quote(self, member: str, hospital: str, bill: Mapping[str, Any], **more: Any) -> Said:
        """What a bill would come to."""
        return self._ask("POST", "/v1/quotes", {"member": member, "hospital": hospital, "bill": bill, **more})

    def reverse(self, member: str, bill: str = "", of_key: str = "", key: str = "") -> Said:
        """Take a bill back, by its id or by the key it was sent under."""
        named = {"bill": bill} if bill else {"key": of_key}
        return self._ask("POST", "/v1/reversals", {"member": member, **named}, key)

    def find(self, key: str) -> Said | None:
        """What became of a key; None where it never arrived."""
        try:
            return self._ask("GET", f"/v1/keys/{key}")
        except NotDone as error:
            if error.status == 404:
                return None
            raise

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "") -> Said:
        key, status = key or str(uuid4()), 0
        for attempt in range(TRIES):
            try:
                answer = self._http.request(method, path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                self._wait(min(0.1 * 2**attempt, WAIT_MAX))
                continue
            status = answer.status_code
            if status == 200:
                said: Said = answer.json()
                return said
            if status not in AGAIN:
                raise NotDone(status, mistakes_of(answer), key)
            self._wait(max(seconds(answer), 0.1 * 2**attempt))
        raise NotDone(status, [], key)

    def __enter__(self) -> Self:
        """The client, to be closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()


def mistakes_of(answer: httpx.Response) -> list[Said]:
    """The reasons of a refusal."""
    try:
        found: list[Said] = answer.json()["mistakes"]
    except (ValueError, KeyError, TypeError):
        return []
    return found


def seconds(answer: httpx.Response) -> float:
    """How long to wait before the next try, as the service says."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), WAIT_MAX) if said.isdecimal() else 0.0
