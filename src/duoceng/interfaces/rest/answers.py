"""What the service answers, for its description."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field, RootModel


class Moved(BaseModel):
    """Money from account to account, in fen."""

    debit: str
    credit: str
    amount: int
    tier: str
    bill: str


class ChangedOut(BaseModel):
    """What the arrival of a bill changed in another."""

    bill: str
    before: dict[str, int]
    after: dict[str, int]
    moved: list[Moved]


class ReceiptOut(BaseModel):
    """What was done: the page it stands on, what the bill came to, who paid, what it changed in other bills."""

    kind: str
    member: str
    bill: str
    page: int
    billed: int
    covered: int
    member_pays: int
    cash: int
    paid: list[tuple[str, str, int]] = Field(description="layer, tier, fen")
    left: dict[str, int] = Field(description="what is left to the member, by kind of money")
    drawn: list[tuple[str, int]] = Field(description="account, fen")
    moved: list[Moved]
    changed: list[ChangedOut]
    withheld: list[str] = Field(description="products whose insurers were not asked: no consent")
    repeated: bool


class QuoteOut(BaseModel):
    """What a bill would come to now."""

    bill: str
    billed: int
    covered: int
    member_pays: int
    cash: int
    paid: list[tuple[str, str, int]]
    left: dict[str, int]
    withheld: list[str]


class StandingOut(BaseModel):
    """Deductibles and ceilings that outlive a bill: of a layer, how much and how much of it is used, in fen."""

    member: str
    day: date
    standing: list[dict[str, Any]]


class OffersOut(BaseModel):
    """Money sent to relatives, and money that waits to be accepted."""

    member: str
    sent: list[dict[str, Any]]
    offered: list[dict[str, Any]]


class FileBytes(RootModel[bytes]):
    """A file."""


class KeyOut(BaseModel):
    """What became of a key: `done`, or `never` (taken back before it arrived)."""

    key: str
    member: str
    state: str
    receipt: ReceiptOut | None


class BillOut(BaseModel, extra="allow"):
    """A settled bill with its statement (form `duoceng.settlement/1`); to an insurer what its product paid."""

    bill: str
    state: str


class Balance(BaseModel):
    """An account: what is in it, and how much of that is set aside."""

    amount: int
    held: int


class FileOut(BaseModel):
    """A member's facts, running sums, money in accounts, bills."""

    member: str
    region: str
    pages: int
    facts: list[dict[str, Any]]
    sums: dict[str, int]
    balances: dict[str, Balance]
    bills: list[dict[str, Any]]


class IdentityOut(BaseModel):
    """Name and number of the identity document."""

    member: str
    name: str
    number: str
    kind: str


class CodeOut(BaseModel):
    """A code to show, and until when it is good."""

    code: str
    until: str


class FoundOut(BaseModel):
    """A member."""

    member: str


class TrialOut(BaseModel):
    """Accounts, and their sum: nothing, or money was lost or made."""

    accounts: dict[str, int]
    sum: int


class MistakeOut(BaseModel):
    """One thing that is wrong."""

    code: str
    what: str
    why: str
    repair: str
    field: str
    question: str = Field("", description="the answer that the rules ask for, where that is what is missing")


class RefusalOut(BaseModel):
    """Everything that is wrong, at once."""

    mistakes: list[MistakeOut]
