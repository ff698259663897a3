"""What of a bill the layers may look at: itemised lines by catalogue, or money that arrived classified.

    line ──▶ price limit ──▶ borne first ──▶ in scope          class A, B
         └─▶ outside scope                                     class C, or on no list

Lines that every layer treats alike become one charge. Catalogues are resolved by `policy`; here they are plain rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from duoceng.kernel import columns as k
from duoceng.records.bill import Attributes, Bill, Charge, Line, Part, Scoped

ScopeOf = Callable[[Line, date], Scoped]


@dataclass(frozen=True, slots=True)
class Grouping:
    """What keeps lines apart: answers some layer asks for, each item, each day, each line."""

    answers: frozenset[str] = frozenset()
    items: bool = False
    days: bool = False
    lines: bool = False


def charges_of(bill: Bill, scope_of: ScopeOf | None, grouping: Grouping) -> tuple[Charge, ...]:
    """The charges of a bill, in the order of day, answers and item; the order of the file does not matter.

    Those without money are left out, unless there is no money at all (a benefit in cash may still be due).
    """
    parts = list(bill.parts)
    if bill.lines:
        assert scope_of is not None, "an itemised bill needs catalogues"
        parts += [part_of(line, scope_of(line, line.day or bill.discharged)) for line in bill.lines]
    groups: dict[tuple[str, tuple[str, ...], str, str], list[Part]] = {}
    for at, part in enumerate(parts):
        groups.setdefault(_label(part, at, grouping), []).append(part)
    charges = tuple(_charge(groups[label], grouping) for label in sorted(groups))
    return tuple(c for c in charges if any(c.amounts)) or charges


def _label(part: Part, at: int, grouping: Grouping) -> tuple[str, tuple[str, ...], str, str]:
    return (str(part.day) if grouping.days else "", label_of(part.attributes, grouping), part.item if grouping.items else "",
            f"{at:06d}" if grouping.lines else "")  # fmt: skip


def label_of(answers: Attributes, grouping: Grouping) -> tuple[str, ...]:
    """The answers that keep lines apart, in order."""
    return tuple(sorted(f"{a}={_text(v)}" for a, v in answers.items() if a in grouping.answers))


def _charge(parts: list[Part], grouping: Grouping) -> Charge:
    amounts = tuple(sum(p.amounts[kind] for p in parts) for kind in range(k.KIND_COUNT))
    attributes = {a: v for a, v in parts[0].attributes.items() if a in grouping.answers}
    alike = len(parts) == 1 or len({(p.item, p.title) for p in parts}) == 1
    return Charge(amounts, attributes, parts[0].day, parts[0].item if alike else "", parts[0].title if alike else "")


def _text(value: object) -> str:
    return "+".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def part_of(line: Line, scoped: Scoped) -> Part:
    """One line as money by kind."""
    amounts = [0] * k.KIND_COUNT
    if scoped.outside:
        amounts[-1] = line.amount
    else:
        within = line.amount
        if scoped.price_limit is not None:
            within = min(within, (scoped.price_limit * line.quantity + 500) // 1000)
        first = (within * scoped.borne_first + k.WHOLE // 2) // k.WHOLE
        amounts[k.KINDS.index("over_price")] = line.amount - within
        amounts[k.BORNE_FIRST] = first
        amounts[k.IN_SCOPE] = within - first
    return Part(tuple(amounts), scoped.attributes, line.day, line.code, line.name)
