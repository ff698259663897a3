"""What the page may ask: bounded, strict, without a person in it."""

from typing import Annotated, Any, Literal

from pydantic import Field

from duoceng.interfaces.rest.fields import Day, Fen, Id, Strict

BILLS_MAX = 60

Lang = Literal["zh", "en"]
Form = Literal["pdf", "html", "xlsx", "text", "json"]
Policy = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[a-z0-9][a-z0-9.-]*$")]


class Scenario(Strict):
    """A case as a bill file has it, and how it is to be settled: unverified values or not, another order of tiers."""

    case: dict[str, Any]
    allow_unverified: bool = False
    order: Annotated[list[Id], Field(max_length=20)] = []
    reforms: Annotated[list[Policy], Field(max_length=5)] = []


class SettleIn(Scenario):
    """One scenario."""

    lang: Lang = "zh"


class FileIn(SettleIn):
    """One scenario as a file."""

    format: Form


class CompareIn(Strict):
    """Two to four scenarios; the first is the one the others are held against."""

    scenarios: Annotated[list[Scenario], Field(min_length=2, max_length=4)]
    lang: Lang = "zh"


class SweepIn(SettleIn):
    """One scenario over growing amounts of one kind of money, from nothing to `most`."""

    kind: Literal["in_scope", "outside_scope", "borne_first"] = "in_scope"
    most: Annotated[int, Field(ge=100, le=10**10)] = 50_000_000
    points: Annotated[int, Field(ge=2, le=81)] = 41


class ShelfIn(SettleIn):
    """One scenario with each product in turn; `answers` are what every contract answers unless the case says otherwise."""

    products: Annotated[list[Policy], Field(min_length=1, max_length=30)]
    answers: Annotated[dict[str, Any], Field(max_length=40)] = {}


class TableIn(Strict):
    """Lines that were pasted: text between tabs or commas, with a row of headings."""

    text: Annotated[str, Field(max_length=900_000)]
    lang: Lang = "zh"


class PolicyIn(Strict):
    """One document on a day."""

    policy: Policy
    day: Day
    lang: Lang = "zh"


class DiffIn(Strict):
    """Two documents, or one on two days."""

    first: Policy
    second: Policy
    day: Day
    other_day: Day
    lang: Lang = "zh"


class LangIn(Strict):
    """Nothing but a language."""

    lang: Lang = "zh"


__all__ = [
    "BILLS_MAX",
    "CompareIn",
    "DiffIn",
    "Fen",
    "FileIn",
    "LangIn",
    "PolicyIn",
    "Scenario",
    "SettleIn",
    "ShelfIn",
    "SweepIn",
    "TableIn",
]
