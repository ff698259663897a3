"""Settle one bill: lay out the buckets, run the kernel over the plan, keep what it did.

charges ──▶ left[charge x kind] ──kernel──▶ paid by layer, left by kind, trail by step
benefit year ──▶ counters[] ────────────▶ changes to the benefit year
"""

from collections.abc import Mapping

from duoceng.kernel import columns as k
from duoceng.kernel.layer import pay_plan
from duoceng.records.bill import Bill, Charge
from duoceng.records.plan import Plan
from duoceng.records.settlement import Settlement


def settle(bill: Bill, charges: tuple[Charge, ...], plan: Plan, year: Mapping[str, int]) -> Settlement:
    """The settlement of a bill under a plan, given the running sums of the member's year. Changes nothing it is given."""
    left = [amount for charge in charges for amount in charge.amounts]
    billed = list(left)
    before = [0 if name[0] == "~" else year.get(name, 0) for name in plan.counters]
    counters = list(before)
    paid = [layer.settled_before for layer in plan.layers]
    terms, rows, sees = plan.flat
    trail = [0] * (k.TRAIL_WIDTH * len(rows))
    facts = facts_of(bill, billed)
    pay_plan(terms, rows, 0, len(rows), sees, left, billed, facts, counters, paid, trail, 0, True)
    cash = sum(p for p, layer in zip(paid, plan.layers, strict=True) if layer.cash)
    before_us = sum(bill.settled_before.values())
    assert sum(billed) + before_us == sum(left) + sum(paid) - cash, "money is conserved"
    changes = {
        name: now - was
        for name, now, was in zip(plan.counters, counters, before, strict=True)
        if name[0] != "~" and now != was
    }
    for name in plan.counts:
        changes[name] = 1
    return Settlement(bill, plan, charges, tuple(paid), tuple(left), trails_of(trail), changes)


def trails_of(trail: list[int]) -> tuple[tuple[int, ...], ...]:
    """The kernel's trail, step by step."""
    return tuple(tuple(trail[on : on + k.TRAIL_WIDTH]) for on in range(0, len(trail), k.TRAIL_WIDTH))


def facts_of(bill: Bill, billed: list[int]) -> list[int]:
    """What limits may be multiplied by or be a share of, in the order of `FACTS`."""
    units = bill.units
    whole = sum(billed) + sum(bill.settled_before.values())
    in_scope = sum(billed[k.IN_SCOPE :: k.KIND_COUNT])
    return [
        1,
        units.get("billed", whole),
        units.get("in_scope", in_scope),
        *(units.get(name, 0) for name in k.FACTS[3:]),
    ]


def added(year: Mapping[str, int], changes: Mapping[str, int], sign: int = 1) -> dict[str, int]:
    """The year after a bill (or before it, with sign -1). Sums that come back to nothing leave no trace."""
    after = dict(year)
    for name, change in changes.items():
        total = after.get(name, 0) + sign * change
        if total:
            after[name] = total
        else:
            after.pop(name, None)
    return after
