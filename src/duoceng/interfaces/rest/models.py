"""What the service is asked, as JSON: amounts in whole fen, days as 2025-03-31, answers by the words of the vocabulary."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from duoceng.interfaces.rest.fields import (
    Answers,
    Count,
    Day,
    Fen,
    Id,
    MemberId,
    Pays,
    Some,
    Strict,
    Word,
    Words,
    is_identity_number,
    plain_text,
)


class Amounts(Strict):
    """Money by kind, in fen."""

    in_scope: Fen = 0
    deductible: Fen = 0
    share: Fen = 0
    over_ceiling: Fen = 0
    rate_cut: Fen = 0
    borne_first: Fen = 0
    borne_first_elsewhere: Fen = 0
    over_price: Fen = 0
    outside_scope: Fen = 0


class PartIn(Strict):
    """Money of a classified bill with answers of its own."""

    amounts: Amounts
    answers: Answers = {}
    day: Day | None = None
    item: Id | None = None
    title: Words = ""


class LineIn(Strict):
    """One item. Quantity in thousandths of its unit; `borne_first` in parts of 10,000."""

    code: Id
    name: Words = ""
    amount: Fen
    quantity: Annotated[int, Field(ge=1, le=10**10 - 1)] = 1000
    day: Day | None = None
    borne_first: Annotated[int, Field(ge=0, le=10_000)] | None = None
    price_limit: Fen | None = None
    answers: Answers = {}


class Units(Strict):
    """How many of what limits may be counted by."""

    days: Count | None = None
    hours: Count | None = None
    visits: Count | None = None
    months: Count | None = None
    quantity: Count | None = None


Tier = Annotated[str, Field(max_length=40, pattern=r"^[a-z_]+$")]
ByTier = Annotated[dict[Tier, Fen], Field(max_length=20)]


class BillIn(Strict):
    """One bill: `amounts`, `parts` or `lines`, one of the three. `replaces` corrects a settled bill."""

    id: Id
    title: Words = ""
    discharged: Day
    admitted: Day | None = None
    settled: Day | None = None
    answers: Answers = {}
    amounts: Amounts | None = None
    parts: Annotated[list[PartIn], Field(min_length=1, max_length=100)] | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=2000)] | None = None
    total: Fen | None = None
    units: Units = Units()
    settled_before: ByTier = {}
    paid_by_others: ByTier = {}
    episode: Id | None = None
    replaces: Id | None = None
    year_end: bool = False


Code = Annotated[str, Field(min_length=10, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]


class CodeIn(Strict):
    """A code to show: the basic one says who the member is, the commercial one lets insurers see and pay a bill."""

    kind: Literal["basic", "commercial"]


class ShownIn(Strict):
    """A basic code that was shown."""

    code: Code


class SettleIn(Strict):
    """A bill to settle, or to quote. `pays`: what pays the member's part, in this order, and cash the rest.

    `commercial_code`: shown by the member, it lets the insurers of products held see and pay this bill.
    """

    member: MemberId
    hospital: Id
    bill: BillIn
    pays: Annotated[list[Pays], Field(max_length=10)] = []
    commercial_code: Code | None = None


class StandingIn(Strict):
    """Where a member stands: for a kind of care, on a day (today where none is named)."""

    answers: Answers = {}
    day: Day | None = None


class ReverseIn(Strict):
    """A settled bill to take back: by its id, or by the key it was sent under, even if that never arrived."""

    member: MemberId
    bill: Id | None = None
    key: Id | None = None

    @model_validator(mode="after")
    def one_of_two(self) -> Self:
        """One of the two names what is to be taken back."""
        if (self.bill is None) == (self.key is None):
            raise PydanticCustomError("one_of_two", "either a bill or a key")
        return self


class IdentityIn(Strict):
    """Name and identity document. `kind` is the national code: 01 the identity card. Sealed at once; never shown in an error."""

    name: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(plain_text)]
    number: Annotated[str, Field(min_length=4, max_length=30, pattern=r"^[0-9A-Za-z()-]+$")]
    kind: Annotated[str, Field(pattern=r"^[0-9]{2}$")] = "01"

    @model_validator(mode="after")
    def checks(self) -> Self:
        """A number of an identity card bears out its check digit."""
        if self.kind == "01" and not is_identity_number(self.number):
            raise PydanticCustomError("no_identity_number", "this is no number of an identity card")
        return self


class NumberIn(Strict):
    """An identity number to find a member by; in the body, so that it stands in no address."""

    number: Annotated[str, Field(min_length=4, max_length=30, pattern=r"^[0-9A-Za-z()-]+$")]
    kind: Annotated[str, Field(pattern=r"^[0-9]{2}$")] = "01"


class DatedIn(Strict):
    """A fact with its days; `after` says what holds when it has ended."""

    begins: Day
    ends: Day | None = None

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """A fact does not end before it begins."""
        if self.ends and self.ends < self.begins:
            raise PydanticCustomError("impossible_day", "it ends before it begins")
        return self


class EnrolmentIn(DatedIn):
    """A place of insurance and a scheme, from a day on."""

    kind: Literal["enrolment"]
    region: Id
    answers: Answers


class StatusIn(DatedIn):
    """A status (poor household, disability) or a filing (chronic disease, referral), with its days."""

    kind: Literal["status", "filing"]
    answers: Answers
    after: Answers = {}


class ContractIn(DatedIn):
    """A product held, and what its contract answers."""

    kind: Literal["contract"]
    policy: Id
    answers: Answers = {}


class RelativeIn(DatedIn):
    """A near relative, with the proof of it."""

    kind: Literal["relative"]
    who: MemberId
    relation: Word
    proof: Annotated[Words, Field(min_length=1)]


FactIn = Annotated[EnrolmentIn | StatusIn | ContractIn | RelativeIn, Field(discriminator="kind")]


class EnrolIn(Strict):
    """Facts of a member, new or known. `identity` comes with the first of them."""

    facts: Annotated[list[FactIn], Field(min_length=1, max_length=50)]
    identity: IdentityIn | None = None


class ConsentIn(DatedIn):
    """The member agrees that the insurer of a product sees and pays."""

    product: Id
    purpose: Literal["settlement"] = "settlement"


class RevokeIn(Strict):
    """The member no longer agrees, from today on."""

    product: Id


class CreditIn(Strict):
    """Money for a personal account: `purpose` is the month it is for, or `interest`."""

    amount: Some
    purpose: Annotated[str, Field(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2])|interest)$")]


class PremiumIn(Strict):
    """A premium paid out of the account, for the member or a near relative."""

    relative: MemberId
    amount: Some


class SendIn(Strict):
    """Money offered to a near relative's wallet."""

    to: MemberId
    amount: Some


Number = Annotated[int, Field(ge=1, le=10**12)]


class AcceptIn(Strict):
    """Money that a relative offered; `number` is that of the sending."""

    sender: MemberId
    number: Number


class RecallIn(Strict):
    """Money offered and not yet accepted."""

    number: Number
