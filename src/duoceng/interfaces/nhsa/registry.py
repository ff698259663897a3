"""Who answers which transaction. The table of what is supported is made from this, not written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duoceng.interfaces.nhsa.front import Asked, Front

Output = Mapping[str, Any] | list[dict[str, Any]] | bytes | None
Handler = Callable[["Front", "Asked"], Output]


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction that is answered. `signed`: only after a sign-in."""

    number: str
    handle: Handler
    signed: bool = True


KNOWN: dict[str, Transaction] = {}


def transaction(*numbers: str, signed: bool = True) -> Callable[[Handler], Handler]:
    """Put a function down as the one that answers these numbers."""

    def note(handle: Handler) -> Handler:
        for number in numbers:
            assert number not in KNOWN, f"{number} has two answers"
            KNOWN[number] = Transaction(number, handle, signed)
        return handle

    return note


def all_known() -> dict[str, Transaction]:
    """Every transaction that is answered; their modules are read once."""
    import duoceng.interfaces.nhsa.transactions  # noqa: F401

    return KNOWN
