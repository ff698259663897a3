"""Reference and engine side by side, bill by bill; where they differ, the smallest bill that still shows it.

A difference is a text; equal is no text at all. Both refusing the same bill is equal, too.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from duoceng.base.mistakes import Refused
from duoceng.base.money import yuan
from duoceng.desk.year import Year, settle_year
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill
from reference.random_bills import Case
from reference.settle import KINDS, Settled, settle

BEFORE = "settled before"  # the engine lists what came settled among its layers; the reference does not


class Compare:
    """Compares case by case, and counts what was compared."""

    def __init__(self, library: Library, folders: tuple[Path, ...]):
        self.library, self.folders = library, folders
        self.bills = self.refused = self.paying = 0

    def difference(self, case: Case) -> str:
        """What differs on the first bill that differs; empty where all agree."""
        options, year = Options(allow_unverified=True, order=case.order), Year()
        for one in settle(case.member, case.bills, self.folders, order=list(case.order) or None):
            self.bills += 1
            try:
                year = settle_year(self.library, case.member, (one.bill,), options, year)
            except Refused as why:
                self.refused += 1
                return "" if one.cannot else f"{one.bill.id}: only the engine refuses: {why}"
            if one.cannot:
                return f"{one.bill.id}: only the reference refuses: {one.cannot}"
            found = year.settlements[-1]
            paid = zip(found.plan.layers, found.paid, strict=True)
            engine = {layer.id: fen for layer, fen in paid if layer.policy != BEFORE}
            self.paying += any(engine.values())
            if text := _differ(one, engine, found.self_pay, found.cash):
                return f"{one.bill.id}: {text}"
        return ""

    def smallest(self, case: Case) -> Case:
        """A smaller case that differs in the same way, as far as one is found."""
        manner = _manner(self.difference(case))
        again = True
        while again:
            again = False
            for smaller in smaller_cases(case):
                if _manner(self.difference(smaller)) == manner:
                    case, again = smaller, True
                    break
        return case


def _manner(text: str) -> str:
    return text.split(": ")[1][:24] if text else ""


def _differ(one: Settled, engine: dict[str, int], left: dict[str, int], cash: int) -> str:
    """The amounts on which the two disagree."""
    pairs = {f"paid {name}": (one.paid.get(name, 0), engine.get(name, 0)) for name in sorted({*one.paid, *engine})}
    pairs |= {f"left {kind}": (one.left[kind], left[kind]) for kind in KINDS}
    pairs["cash"] = (one.cash, cash)
    wrong = [f"{name}: reference {yuan(a)}, engine {yuan(b)}" for name, (a, b) in pairs.items() if a != b]
    return "amounts: " + "; ".join(wrong) if wrong else ""


def smaller_cases(case: Case) -> Iterator[Case]:
    """Cases with something less in them: a bill, a product, a part, an amount, half of an amount, an extra."""
    for at in range(len(case.bills)):
        yield replace(case, bills=case.bills[:at] + case.bills[at + 1 :])
    if case.order:
        yield replace(case, order=())
    for at in range(len(case.member.products)):
        fewer = case.member.products[:at] + case.member.products[at + 1 :]
        yield replace(case, member=replace(case.member, products=fewer))
    if case.member.dated:
        yield replace(case, member=replace(case.member, dated=()))
    for at, bill in enumerate(case.bills):
        for smaller in _smaller_bills(bill):
            yield replace(case, bills=(*case.bills[:at], smaller, *case.bills[at + 1 :]))


def _smaller_bills(bill: Bill) -> Iterator[Bill]:
    for at in range(len(bill.parts)):
        yield replace(bill, parts=bill.parts[:at] + bill.parts[at + 1 :])
    for name, empty in (
        ("settled_before", {}),
        ("others", frozenset()),
        ("episode", ""),
        ("settled", None),
        ("admitted", None),
    ):
        if getattr(bill, name):
            yield replace(bill, **{name: empty})
    for at, part in enumerate(bill.parts):
        for kind, amount in enumerate(part.amounts):
            for less in _less(amount):
                amounts = (*part.amounts[:kind], less, *part.amounts[kind + 1 :])
                yield replace(bill, parts=(*bill.parts[:at], replace(part, amounts=amounts), *bill.parts[at + 1 :]))


def _less(amount: int) -> Iterator[int]:
    steps: tuple[Callable[[int], int], ...] = (
        lambda a: 0,
        lambda a: a // 2,
        lambda a: a // 10_000 * 10_000,
        lambda a: a // 100 * 100,
    )
    for step in steps:
        if step(amount) < amount:
            yield step(amount)


def as_text(case: Case, names: set[str] | None = None) -> str:
    """A case as people read it, with the answers that some document looks at."""

    def shown(answers: Any) -> str:
        return ", ".join(
            f"{k}: {sorted(v) if isinstance(v, frozenset) else v}"
            for k, v in answers.items()
            if not names or k in names
        )

    lines = [f"member of {case.member.region}: {shown(case.member.attributes)}"]
    lines += [f"  from {day}: {shown(answers)}" for day, answers in case.member.dated]
    lines += [f"  holds {held.policy}: {shown(held.attributes)}" for held in case.member.products]
    lines += [f"  order {case.order}"] if case.order else []
    for bill in case.bills:
        lines.append(
            f"bill {bill.id} {'year end ' if bill.year_end else ''}{bill.admitted} to {bill.discharged}, settled {bill.settled}, "
            f"episode {bill.episode!r}, before {dict(bill.settled_before)} by others in {sorted(bill.others)}, units {dict(bill.units)}: {shown(bill.attributes)}"
        )
        for part in bill.parts:
            amounts = ", ".join(f"{kind} {yuan(a)}" for kind, a in zip(KINDS, part.amounts, strict=True) if a)
            lines.append(f"  part {part.day} {part.item!r}: {amounts}; {shown(part.attributes)}")
    return "\n".join(lines)
