"""The outbox: what happened is told to others, at least once, in the order of each member's book.

    page written ──▶ waits ──▶ told ──▶ marked
                       ▲         └── killed here: told again, with the same id
                       └── not taken: this and what follows in the same book wait for the next round

Events are written with the page they are about, or not at all. Who is told must know an event by its `id`. Some are for the
desk itself: money on its way into another book (`accepted`, or help of a relative) arrives there before anybody hears of it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from duoceng.base.failpoint import reached
from duoceng.base.mistakes import Refused
from duoceng.desk import helping, wallets
from duoceng.desk.counter import Desk
from duoceng.store.database import Row
from duoceng.store.waiting import tell_waiting

UNFINISHED = """SELECT member, number, line, topic, said, at FROM outbox WHERE sent = '' AND at >= :since
AND (topic = 'accepted' OR said LIKE '%"asked"%') ORDER BY at LIMIT 1000"""


class NotTaken(Exception):
    """Whoever is told cannot take it now: tell it again later."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a member's book. The id is the same however often it is told."""

    id: str
    member: str
    topic: str
    said: Mapping[str, object]
    at: str


def deliver(desk: Desk, tell: Callable[[Event], None]) -> int:
    """Tell all that waits, and mark what was told; how many events that were. `tell` raises NotTaken to have it told later."""

    def told(rows: list[Row]) -> int:
        for count, row in enumerate(rows):
            try:
                deliver_one(desk, event_of(row), tell)
            except (NotTaken, Refused):
                return count
        reached("delivered")
        return len(rows)

    return tell_waiting(desk.database, told, desk.clock().isoformat())


def finish_waiting(desk: Desk, since: str) -> str:
    """Where nobody is to be told: only bring money on its way to its end, and leave events waiting. The time to go on from."""
    for row in desk.database.rows(UNFINISHED, since=since):
        finish(desk, event_of(row))
        since = row["at"]
    return since


def finish(desk: Desk, event: Event) -> None:
    """What an event asks of the desk; done once, however often it is asked."""
    if event.topic == "accepted":
        wallets.complete(desk, event.said)
    else:
        helping.complete(desk, event.said)


def deliver_one(desk: Desk, event: Event, tell: Callable[[Event], None]) -> None:
    """First do what an event asks of the desk, then tell it."""
    finish(desk, event)
    tell(event)


def event_of(row: Row) -> Event:
    """A waiting row as an event."""
    name = f"{row['member']}/{row['number']}/{row['line']}"
    return Event(name, row["member"], row["topic"], json.loads(row["said"]), row["at"])
