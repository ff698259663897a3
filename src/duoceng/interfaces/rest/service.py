"""What every request meets: the desk, the keys, the limits; a bounded number of windows at which the desk works.

requests ──▶ a bucket for each caller ──▶ windows (4 work, some wait, the rest is sent away at once) ──▶ the desk
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar, TypeVarTuple

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.counter import Desk
from duoceng.desk.outbox import Event
from duoceng.interfaces.rest.access import Caller
from duoceng.interfaces.rest.tokens import Doorkeeper
from duoceng.store.seal import Seal

T = TypeVar("T")
With = TypeVarTuple("With")
CALLERS_KEPT = 20_000
VISITOR = "visitor"  # whoever looks at the page, by address
STRANGER = "stranger"  # whoever has no token that is good, by address


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second in the long run, and at once."""

    a_second: float
    at_once: float


RATES = {
    "bureau": Rate(500, 1000),
    "hospital": Rate(500, 1000),
    "insurer": Rate(50, 100),
    "member": Rate(5, 20),
    "auditor": Rate(20, 100),
    "operator": Rate(20, 50),
    STRANGER: Rate(5, 50),
    VISITOR: Rate(60, 240),
}


@dataclass(frozen=True)
class Settings:
    """What an installation says: who signs tokens, which keys seal, how much at once."""

    doorkeeper: Doorkeeper
    seal: Seal
    workers: int = 4
    waiting: int = 64
    body_max: int = 1_000_000
    rates: Mapping[str, Rate] = field(default_factory=lambda: RATES)
    round_seconds: float = 5.0
    tell: Callable[[Event], None] | None = None  # who is told of what happened; while nobody is, events wait
    page: bool = True  # is there a page for people
    tries: Callable[[], object] | None = None  # in a service to try: the invented people, and tokens to play them


class Windows:
    """Threads at which the desk works. Over the bound nobody waits: whoever comes is told to come again."""

    def __init__(self, workers: int, waiting: int):
        self.bound, self.inside, self.workers = workers + waiting, 0, workers
        self.open()

    def open(self) -> None:
        """Begin, or begin again."""
        self._pool = ThreadPoolExecutor(self.workers, "desk")

    async def work(self, run: Callable[[*With], T], *args: *With) -> T:
        """Run something at a window. Raises Refused at once where too many are inside."""
        if self.inside >= self.bound:
            raise refuse(
                "S007",
                Place("body", 0),
                "too many requests at once",
                "Nothing was done.",
                "send it again, under the same key",
            )
        self.inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, run, *args)
        finally:
            self.inside -= 1

    def close(self) -> None:
        """Let what was begun end."""
        self._pool.shutdown(wait=True)


class Buckets:
    """A bucket of tokens for each caller; it fills by the second."""

    def __init__(self, rates: Mapping[str, Rate], clock: Callable[[], float] = monotonic):
        self.rates, self.clock = rates, clock
        self._left: OrderedDict[Caller, tuple[float, float]] = OrderedDict()

    def take(self, caller: Caller) -> None:
        """One request more. Raises Refused where the bucket is empty."""
        rate, now = self.rates.get(caller.role) or RATES[caller.role], self.clock()
        left, at = self._left.get(caller, (rate.at_once, now))
        left = min(rate.at_once, left + (now - at) * rate.a_second)
        if left < 1:
            raise refuse(
                "S006",
                Place("Authorization"),
                "too many requests in a short time",
                "Nothing was done.",
                "send it again, later",
            )
        self._left[caller] = (left - 1, now)
        self._left.move_to_end(caller)
        if len(self._left) > CALLERS_KEPT:
            self._left.popitem(last=False)


class Service:
    """The desk with all that stands before it."""

    def __init__(self, desk: Desk, settings: Settings):
        self.desk, self.settings, self.seal = desk, settings, settings.seal
        self.windows = Windows(settings.workers, settings.waiting)
        self.buckets = Buckets(settings.rates)
        self.closing, self.finished = False, ""  # up to when money on its way was looked after
        self.others: list[Windows] = []  # windows of what stands beside the desk
        self.at_start: list[Callable[[], object]] = []  # what may be made ready before the first request
