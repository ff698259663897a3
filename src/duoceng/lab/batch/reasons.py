"""Why bills are refused, in words that serve all bills refused for the same reason, and in those of one of them."""

import re
from datetime import date

import numpy as np

from duoceng.base.mistakes import Mistake, Refused
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.reading import Ints
from duoceng.lab.batch.rejects import Rejects, Why
from duoceng.policy.paths import NUMBERS
from duoceng.policy.vocabulary import Vocabulary
from duoceng.records.bill import Bill

DAYS = ("discharge", "admission", "settlement")
LACKS, ANSWER = re.compile(r"(.* says nothing for (\w+) )\S+$"), re.compile(r"\{answer (\w+)\}")
UNSAID = "…"  # where the table does not say the number itself: how many bills there were, an age


def reason_of(refused: Refused, bill: Bill, vocabulary: Vocabulary) -> Why:
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


def note_refused(rejects: Rejects, bills: Columns, rows: Ints, why: Why) -> None:
    """These rows are refused for one reason, each in its own words: it was met on other days, and with other numbers."""
    field_, code, words = why
    days = [bills.day(by) for by in DAYS if f"{{{by}}}" in words]
    answers = [bills.columns.said[name] for name in ANSWER.findall(words) if name in bills.columns]
    first, which = alike([day[rows] for day in days] + [said.at(rows) for said in answers], len(rows))
    rejects.note_each(rows, which, [(field_, code, told(words, bills, row)) for row in rows[first].tolist()])


def alike(columns: list[Ints], count: int) -> tuple[Ints, Ints]:
    """Rows that agree in every column are of one kind: where the first of each kind stands, and of which kind each of so many rows is."""
    first, kind = np.zeros(min(count, 1), np.int64), np.zeros(count, np.int64)
    for column in columns:
        values, which = np.unique(column, return_inverse=True)
        _, first, kind = np.unique(kind * len(values) + which, return_index=True, return_inverse=True)
    return first, kind


def told(words: str, bills: Columns, row: int) -> str:
    """A reason in the words of one bill."""
    if "{" in words:
        for by in DAYS:
            if (place := f"{{{by}}}") in words:
                words = words.replace(place, date.fromordinal(int(bills.day(by)[row])).isoformat())
        words = ANSWER.sub(lambda found: str(bills.answer(found[1], row) or UNSAID), words)
    return words
