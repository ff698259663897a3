"""Where a member stands: what was borne of each deductible and used of each ceiling, read off a settlement and the sums of the year.

Only what lasts longer than one bill is told: a deductible for each stay starts anew, and says nothing about the year.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from duoceng.kernel import columns as k
from duoceng.records.plan import Clause, Plan
from duoceng.records.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Standing:
    """One running sum of a layer, in fen: how much it may come to, and how much it has. `of`: deductible, payment, expense.

    `name` is the ceiling's name (nothing for a deductible), `sum` the running sum's, whose end tells the period.
    """

    layer: int
    of: str
    name: str
    sum: str
    limit: int
    used: int
    clause: Clause | None = None


AXES = {k.PAYMENT: "payment", k.EXPENSE: "expense", k.EXPENSE_WITH_DEDUCTIBLE: "expense"}


def standing(settlement: Settlement, sums: Mapping[str, int]) -> list[Standing]:
    """Every deductible and ceiling in money that a plan goes by and that outlives the bill; each once, in the order of layers."""
    found: dict[tuple[int, str], Standing] = {}
    for step, trail in zip(settlement.plan.steps, settlement.trails, strict=True):
        due, whole = _kept(settlement.plan, step.terms[k.DUE_SLOT]), _deductible(step.terms, trail)
        if due and whole:
            used, clause = min(sums.get(due, 0), whole), step.clauses.get("deductible")
            found.setdefault((step.layer, due), Standing(step.layer, "deductible", "", due, whole, used, clause))
        for row, name in zip(k.ceilings_of(step.terms), step.ceilings, strict=False):
            kept = _kept(settlement.plan, row[k.LIMIT_SLOT])
            if kept and row[k.AXIS] in AXES and row[k.LIMIT] < k.BOUNDLESS and not row[k.LIMIT_RATE]:
                limit, clause = row[k.LIMIT], step.clauses.get(f"ceiling {name}")
                used = min(sums.get(kept, 0), limit)
                found.setdefault(
                    (step.layer, kept), Standing(step.layer, AXES[row[k.AXIS]], name, kept, limit, used, clause)
                )
    return list(found.values())


def _deductible(terms: tuple[int, ...], trail: tuple[int, ...]) -> int:
    """The whole deductible: as the run found it, or, where the run had nothing to look at, as a fixed one stands in the terms."""
    fixed = not terms[k.DUE_RATE] and terms[k.DUE_PER] == k.ONE and terms[k.DUE] < k.BOUNDLESS
    return trail[k.DUE_WHOLE] or (terms[k.DUE] if fixed else 0)


def _kept(plan: Plan, slot: int) -> str:
    """The name of a running sum that is kept beyond the bill, or nothing."""
    name = plan.counters[slot] if slot >= 0 else "~"
    return "" if name.startswith("~") else name
