"""Why bills are refused, in words that serve all bills refused for the same reason, and in those of one of them."""

import re
from collections.abc import Callable

from duoceng.base.mistakes import Mistake, Refused
from duoceng.policy.paths import NUMBERS
from duoceng.policy.vocabulary import Vocabulary
from duoceng.records.bill import Bill

DAYS = ("discharge", "admission", "settlement")
LACKS, ANSWER = re.compile(r"(.* says nothing for (\w+) )\S+$"), re.compile(r"\{answer (\w+)\}")
UNSAID = "…"  # where the table does not say the number itself: how many bills there were, an age


def reason_of(refused: Refused, bill: Bill, vocabulary: Vocabulary) -> tuple[str, str, str]:
    """Field, code and words of why a bill is refused; the first field that is asked for.

    Its own days are left open, its own numbers and words: bills with others may be refused for the same reason.
    """
    first = refused.mistakes[0]
    field_ = first.what.split("`")[1] if first.what.count("`") > 1 else ""
    words = "; ".join(
        f"{m.code} {_open(m, bill, vocabulary)}" + (f" ({m.repair})" if m.repair else "") for m in refused.mistakes
    )
    for by in DAYS:
        words = words.replace(bill.decided(by).isoformat(), f"{{{by}}}")
    return field_, first.code, words


def _open(mistake: Mistake, bill: Bill, vocabulary: Vocabulary) -> str:
    """What a mistake says, without the number or word for which a document lacks a cell; what lines say they say themselves."""
    found = LACKS.match(mistake.what) if mistake.code == "P023" else None
    attribute = vocabulary.get(found[2]) if found else None
    if found is None or attribute is None or not (attribute.type in NUMBERS or attribute.type == "choice"):
        return mistake.what
    if attribute.of == "line" and not any(attribute.name in part.attributes for part in bill.parts):
        return mistake.what
    return f"{found[1]}{{answer {attribute.name}}}"


def told_of(words: str, day: Callable[[str], str], answer: Callable[[str], object]) -> str:
    """A reason in the words of one bill: it was met on another day, and with other numbers."""
    if "{" in words:
        for by in DAYS:
            if (place := f"{{{by}}}") in words:
                words = words.replace(place, day(by))
        words = ANSWER.sub(lambda found: str(answer(found[1]) or UNSAID), words)
    return words
