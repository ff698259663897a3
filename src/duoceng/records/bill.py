"""A bill as it arrives, and the member it is for.

Attributes are the answers that policies may ask for (hospital level, kind of care, status ...). Which exist, and what
they may be, is data: `policies/vocabulary.yaml`. A missing answer is asked for, never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from duoceng.base.mistakes import Place
from duoceng.kernel.columns import KIND_COUNT

Value = str | int | bool | date | frozenset[str]
Attributes = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Held:
    """A product a member holds: its policy id, and what is known of this contract (since when, claim-free years ...)."""

    policy: str
    attributes: Attributes = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person: place of insurance, dated answers, products held in the order they are claimed.

    `dated` lists (from, attributes): later entries lay over earlier ones from their day on.
    """

    id: str
    region: str
    attributes: Attributes
    name: str = ""
    dated: tuple[tuple[date, Attributes], ...] = ()
    products: tuple[Held, ...] = ()
    place: Place | None = None

    def on(self, when: date) -> dict[str, Value]:
        """The member's answers on a day."""
        answers = dict(self.attributes)
        for begins, changed in self.dated:
            if begins <= when:
                answers.update(changed)
        return answers


@dataclass(frozen=True, slots=True)
class Line:
    """One item of an itemised bill. Amount in fen; quantity in thousandths of its unit; day of the expense.

    `borne_first` (parts of 10,000) and `price_limit` (fen for one unit) are what the line says of itself, if it does.
    """

    code: str
    name: str
    amount: int
    quantity: int = 1000
    day: date | None = None
    borne_first: int | None = None
    price_limit: int | None = None
    attributes: Attributes = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Scoped:
    """How one line falls: its answers, the rate borne first, the limit in fen for one unit (None: no limit)."""

    attributes: Attributes
    borne_first: int = 0
    price_limit: int | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Money of a bill that arrived classified: fen by kind (`kernel.columns.KINDS`), with attributes of its own."""

    amounts: tuple[int, ...]
    attributes: Attributes = field(default_factory=dict)
    day: date | None = None
    item: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        assert len(self.amounts) == KIND_COUNT


@dataclass(frozen=True, slots=True)
class Bill:
    """One encounter to settle, itemised (`lines`) or classified (`parts`).

    `settled_before` holds what tiers have paid elsewhere, in fen, outside `parts`: these tiers are done, but for those in
    `others`, where somebody else paid and our layers are still to settle; `units` the facts that limits may count by (days,
    hours, visits, months); `replaces` and `void` make corrections.
    """

    id: str
    discharged: date
    admitted: date | None = None
    settled: date | None = None
    attributes: Attributes = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    lines: tuple[Line, ...] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    settled_before: Mapping[str, int] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    episode: str = ""
    title: str = ""
    arrived: int = 0
    replaces: str = ""
    void: bool = False
    year_end: bool = False
    account_balance: int | None = None
    late: bool = False
    place: Place | None = None

    def is_done(self, tier: str) -> bool:
        """Was the tier settled before the bill came here?"""
        return tier in self.settled_before and tier not in self.others

    def decided(self, by: str) -> date:
        """The day a policy decides by: discharge, admission, settlement; `expense` falls back to discharge."""
        if by == "admission" and self.admitted:
            return self.admitted
        if by == "settlement" and self.settled:
            return self.settled
        return self.discharged


@dataclass(frozen=True, slots=True)
class Charge:
    """Money of a bill that every layer treats alike, by kind; made by `engine.scope` from lines or parts."""

    amounts: tuple[int, ...]
    attributes: Attributes = field(default_factory=dict)
    day: date | None = None
    item: str = ""
    title: str = ""
    lines: tuple[int, ...] = ()
