"""Members as this process left them, so that who comes again need not be looked up first.

What is remembered decides nothing: a page is written only onto the page before it, a key and a bill only once. Where somebody was
first, or a refusal would follow, the database is looked at and the act is done anew.

    remembered ──▶ act ──▶ page written: remembered as it is now
         └─ the page is not the last any more, the key was answered, the bill is there, refused ──▶ look, act
"""

from collections.abc import Callable

from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Receipt
from duoceng.store.books import Seen
from duoceng.store.database import Busy, Conflict, Floor

MOST = 4096  # members; where there are more, all are forgotten
DOUBT = 32  # so often, and more than half of the time, may memory be wrong before nothing is remembered any more


class Unsaid(Exception):
    """What is remembered does not say enough for this act."""


class Recent:
    """The members that were seen last. Where others write in the same books all the time, nothing is remembered any more."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._right = self._wrong = 0

    def keep(self, member: str, seen: Seen) -> None:
        """A member as a page left them."""
        if self._wrong * 2 > self._right + 2 * DOUBT:
            return
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[member] = seen

    def take(self, member: str) -> Seen | None:
        """A member as they were left, for one act: who acts next finds nothing, until it is kept anew."""
        return self._seen.pop(member, None)

    def done(self, member: str, act: Callable[[Seen], Receipt]) -> Receipt | None:
        """What an act comes to by what is remembered; nothing where the database must be looked at first."""
        seen = self.take(member)
        if seen is None:
            return None
        try:
            done = act(seen)
        except Conflict:
            self._wrong += 1
            return None
        except (Unsaid, Refused, Busy, Floor):
            return None
        self._right += 1
        return done
