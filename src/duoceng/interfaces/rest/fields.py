"""What may stand in a field: lengths, bounds, and no identity number where none belongs. Amounts are whole fen."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from duoceng.base.day import EARLIEST, EARLIEST_BIRTH, LATEST
from duoceng.base.money import FEN_MAX
from duoceng.base.text import visible

WEIGHTS, CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"
LONG = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")


def is_identity_number(text: str) -> bool:
    """A number of a Chinese identity card: a day of birth in it, and its check digit."""
    if not LONG.fullmatch(text):
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    summed = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, text, strict=False))
    return born >= EARLIEST_BIRTH and CHECKS[summed % 11] == text[17].upper()


def holds_identity(text: str) -> bool:
    """Does an identity number stand in these words?"""
    return any(is_identity_number(found) for found in LONG.findall(text))


def without_identity(text: str) -> str:
    """Words in which no identity number stands."""
    if holds_identity(text):
        raise PydanticCustomError("identity_number", "an identity number stands here")
    return text


def plain_text(text: str) -> str:
    """Characters that can be shown; rare ones, too."""
    if visible(text) != text:
        raise PydanticCustomError("no_text", "characters that are not text")
    return text


def possible(day: date) -> date:
    """A day that bills may have."""
    if not EARLIEST <= day <= LATEST:
        raise PydanticCustomError("impossible_day", "a day that no bill has")
    return day


NAME = r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=NAME)]
MemberId = Annotated[Id, AfterValidator(without_identity)]
Words = Annotated[str, Field(max_length=200), AfterValidator(plain_text), AfterValidator(without_identity)]
Fen = Annotated[int, Field(ge=0, le=FEN_MAX)]
Some = Annotated[int, Field(ge=1, le=FEN_MAX)]
Day = Annotated[date, AfterValidator(possible)]
Count = Annotated[int, Field(ge=0, le=999_999)]
Word = Annotated[
    str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$"), AfterValidator(without_identity)
]
Answer = bool | Annotated[int, Field(ge=0, le=FEN_MAX)] | Words | Annotated[list[Words], Field(max_length=50)]
Answers = Annotated[dict[Word, Answer], Field(max_length=80)]
Pays = Annotated[str, Field(max_length=70, pattern=r"^(account|wallet|cash|rules|help:[A-Za-z0-9][A-Za-z0-9._:-]*)$")]
Lang = Literal["zh", "en"]


class Strict(BaseModel):
    """What is asked: nothing is turned into something else, and nothing unknown is passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)
