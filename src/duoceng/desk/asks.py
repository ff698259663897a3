"""What is asked of the desk, and what it answers. Amounts in fen."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from duoceng.base.compact import in_order
from duoceng.records.bill import Bill
from duoceng.records.entry import Transfer
from duoceng.records.plain import plain
from duoceng.records.settlement import Settlement
from duoceng.store.books import Book, Seen
from duoceng.store.database import Statement

CASH, ACCOUNT, WALLET, HELP, RULES = "cash", "account", "wallet", "help:", "rules"


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, and the key they gave this asking: the same key is answered the same, whatever happens on the way.

    `asked`: a digest of what was asked in the caller's own words, where one asking comes to several of the desk's. `beside`: rows
    that are written with the page or not at all; told the receipt, the book before the page, and the settlement. `looked`: what the
    caller has just seen of the member under this key; if somebody was first since, the desk looks again.
    """

    actor: str
    scope: str
    key: str
    asked: str = ""
    beside: "Beside | None" = None
    looked: Seen | None = None


Beside = Callable[["Receipt", Book, Settlement | None], list[Statement]]


@dataclass(frozen=True)
class Ask:
    """A bill to settle. `pays`: what pays the member's part, in this order, and cash the rest: `account`, `wallet`, `help:<relative>`;
    `rules` stands for all of them, in the order of the rules of accounts."""

    member: str
    bill: Bill
    hospital: str
    pays: tuple[str, ...] = ()
    agreed: bool = (
        False  # the member showed the commercial code: all insurers of products held may see and pay this bill
    )

    @cached_property
    def plain_bill(self) -> object:
        """The bill as JSON has it."""
        return plain(self.bill)

    def digest(self) -> str:
        """The same for the same asking."""
        return digest_of("settle", self.member, self.plain_bill, self.hospital, list(self.pays), self.agreed)


@dataclass(frozen=True, slots=True)
class Purse:
    """What may pay the member's part of one bill: sources in order, and the fen each relative has set aside."""

    pays: tuple[str, ...] = ()
    helps: Mapping[str, int] = field(default_factory=dict)


def use_of(bill: Bill) -> str:
    """What accounts pay when they pay this bill: care at a hospital, or a pharmacy."""
    return "pharmacy" if bill.attributes.get("care") == "pharmacy" else "hospital"


@dataclass(frozen=True, slots=True)
class Undo:
    """Take a settled bill back: the bill by its id, or whatever was settled under a key, even if that never arrived."""

    member: str
    bill: str = ""
    key: str = ""

    def digest(self) -> str:
        """The same for the same asking."""
        return digest_of("reverse", self.member, self.bill, self.key)


@dataclass(frozen=True, slots=True)
class Changed:
    """What the arrival of one bill changed in another, and the money that moved for it."""

    bill: str
    before: Mapping[str, int]
    after: Mapping[str, int]
    moved: tuple[Transfer, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done: the page it stands on, what the bill came to, who paid, and what it changed in other bills.

    `withheld`: products held whose insurers were not asked, because the member has not agreed.
    `repeated`: this was answered before, and nothing was done now.
    """

    kind: str
    member: str
    bill: str
    page: int
    digest: str = ""
    billed: int = 0
    covered: int = 0
    member_pays: int = 0
    cash: int = 0
    paid: tuple[tuple[str, str, int], ...] = ()  # layer, tier, amount
    left: Mapping[str, int] = field(default_factory=dict)
    drawn: tuple[tuple[str, int], ...] = ()
    moved: tuple[Transfer, ...] = ()
    changed: tuple[Changed, ...] = ()
    withheld: tuple[str, ...] = ()
    repeated: bool = False

    def said(self) -> dict[str, object]:
        """As JSON has it."""
        found = {name: getattr(self, name) for name in self.__slots__}
        found["moved"] = [moved._asdict() for moved in self.moved]
        found["changed"] = [{"bill": c.bill, "before": c.before, "after": c.after, "moved": [m._asdict() for m in c.moved]}
                            for c in self.changed]  # fmt: skip
        return found


def receipt_of(said: Mapping[str, object], repeated: bool = True) -> Receipt:
    """The receipt that was kept."""
    found = json.loads(json.dumps(said))

    def moved(rows: list[dict[str, Any]]) -> tuple[Transfer, ...]:
        return tuple(Transfer(**row) for row in rows)

    found["moved"] = moved(found["moved"])
    found["changed"] = tuple(Changed(c["bill"], c["before"], c["after"], moved(c["moved"])) for c in found["changed"])
    found["paid"] = tuple((layer, tier, amount) for layer, tier, amount in found["paid"])
    found["withheld"] = tuple(found["withheld"])
    found["drawn"] = tuple((account, amount) for account, amount in found["drawn"])
    return Receipt(**{**found, "repeated": repeated})


def digest_of(*parts: object) -> str:
    """A hash that is the same for the same words."""
    return sha256(in_order(parts).encode()).hexdigest()
