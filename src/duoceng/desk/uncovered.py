"""A bill that no public rule read here covers: settled at nothing, it would look as if nothing were due.

A bill is covered when a public layer looks at its money in scope (or pays in cash), or when it says itself that the first
tiers are done: `settled_before: {basic: 0}`. Commands refuse the rest; the engine alone settles what it is given.
"""

from duoceng.base.mistakes import Mistakes, Place
from duoceng.desk.year import Year
from duoceng.kernel.columns import IN_SCOPE
from duoceng.policy.conditions import Condition
from duoceng.policy.document import Document
from duoceng.policy.library import Library
from duoceng.policy.vocabulary import as_text
from duoceng.records.bill import Bill, Member
from duoceng.records.settlement import Settlement

FIRST = ("package", "basic", "maternity", "long_term_care", "allowance")  # tiers that look at money in scope
SHOWN = 12


def stop_if_uncovered(library: Library, member: Member, year: Year) -> None:
    """Raise Refused with every bill of a year that no public layer covers and that does not answer for the first tiers itself."""
    documents, mistakes = library.of_region(member.region), Mistakes()
    for settlement in year.settlements:
        bill = settlement.bill
        if bill.year_end or any(bill.is_done(tier) for tier in FIRST) or _covered(settlement, documents):
            continue
        what = f"no rule read here covers bill `{bill.id}` of {bill.discharged} ({_said(documents, member, bill)})"
        why = f"Read for {member.region}: {_read(documents)}."
        repair = (
            "correct these answers, or go on without the first tiers: write `settled_before: {basic: 0}` into the bill"
        )
        mistakes.add("B024", bill.place or Place("bill"), what, why, repair)
    mistakes.stop_if_any()


def _covered(settlement: Settlement, documents: list[Document]) -> bool:
    """Does a public layer of the plan look at money in scope, or pay in cash? Where there is none in scope, any layer will do."""
    public = {document.policy: document for document in documents}
    layers = [layer for y in settlement.plan.layers if y.policy in public
              for layer in public[y.policy].layers if layer.name == y.name]  # fmt: skip
    in_scope = sum(c.amounts[IN_SCOPE] for c in settlement.charges)
    return any("in_scope" in y.sees or y.cash or not in_scope for y in layers)


def _said(documents: list[Document], member: Member, bill: Bill) -> str:
    """What the bill answers to the questions by which the documents of the place choose their bills."""
    answers = {**member.on(bill.discharged), **bill.attributes}
    asked = dict.fromkeys(a for d in documents for c in d.covers for a in _asked(c))
    return ", ".join(f"{a}: {as_text(answers[a])}" for a in asked if a in answers)


def _asked(condition: Condition) -> list[str]:
    return [condition.attribute] if condition.attribute else [a for c in condition.inner for a in _asked(c)]


def _read(documents: list[Document]) -> str:
    names = []
    for document in documents:
        first, last, _ = document.window
        names.append(
            f"{document.policy} {document.title}" + (f" ({first or ''}..{last or ''})" if first or last else "")
        )
    return "; ".join(names[:SHOWN]) + ("; …" if len(names) > SHOWN else "")
