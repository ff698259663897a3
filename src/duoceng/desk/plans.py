"""Plans made before: bills that agree in all that their plan looked at share it, and it is kept once.

    base      place, products and their contracts, days, charges, what was settled before: always the same for the same plan
    names     the answers that `plan_for` looked at on the way (`Options.reads`); bills with the same values of these share

A plan costs more than all the rest of a settlement, and on one day a desk settles many bills alike. What a member answers beside
what was looked at is put back into the plan that is handed out, for the statement.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

from duoceng.desk.asks import digest_of
from duoceng.desk.trip import charges_for, documents_of, grouping_for
from duoceng.engine.scope import Grouping
from duoceng.engine.settle import settle
from duoceng.policy.library import Library
from duoceng.policy.plan import Options, plan_for
from duoceng.policy.vocabulary import Vocabulary
from duoceng.records.bill import Attributes, Bill, Charge, Member, Value
from duoceng.records.plain import written
from duoceng.records.plan import Plan
from duoceng.records.settlement import Settlement

KEPT = 8192
SHARED = "shared"  # the plan that all bills alike have, in the one that is handed out


@dataclass(frozen=True, slots=True)
class Looked:
    """A bill as `plan_for` sees it: member, bill, charges, running sums, and what is answered on its days."""

    member: Member
    bill: Bill
    charges: tuple[Charge, ...]
    sums: Mapping[str, int]
    answers: Mapping[str, Value]


class Plans:
    """The plans of one process; safe for threads."""

    def __init__(self, library: Library, options: Options):
        self.library, self.options = library, options
        self._plans: dict[Hashable, dict[tuple[str, ...], dict[Hashable, Plan]]] = {}
        self._count = 0
        self.made = 0  # how many were made so far
        self._groupings: dict[tuple[str, tuple[str, ...]], Grouping] = {}
        self._digests: dict[int, tuple[Plan, str, str]] = {}
        self._gate = Lock()

    def settle(self, member: Member, bill: Bill, sums: Mapping[str, int]) -> Settlement:
        """`desk.trip.settle_bill`, with a plan made before where there is one. Raises Refused."""
        charges = charges_for(self.library, member, bill, self._grouping(member))
        answers = {**member.on(bill.discharged), **bill.attributes}
        plan = self._plan(Looked(member, bill, charges, sums, answers))
        own = replace(plan, answers=dict(answers))
        own.__dict__.update({SHARED: plan, "flat": plan.flat})
        return settle(bill, charges, own, sums)

    def _grouping(self, member: Member) -> Grouping:
        """Which lines must be kept apart: the same for all members of a place who hold the same products."""
        key = (member.region, tuple(held.policy for held in member.products))
        found = self._groupings.get(key)
        if found is None:
            found = self._groupings[key] = grouping_for(self.library, documents_of(self.library, member))
        return found

    def _plan(self, looked: Looked) -> Plan:
        base = base_of(looked)
        with self._gate:
            made = list(self._plans.get(base, {}).items())
        for names, plans in made:
            found = plans.get(values_of(looked, names, self.library.vocabulary))
            if found is not None:
                return found
        reads: set[str] = set()
        options = replace(self.options, reads=reads)
        plan = plan_for(self.library, looked.member, looked.bill, looked.charges, looked.sums, options)
        plan = replace(plan, answers={})
        self._keep(base, (names := tuple(sorted(reads)), values_of(looked, names, self.library.vocabulary)), plan)
        return plan

    def _keep(self, base: Hashable, looked: tuple[tuple[str, ...], Hashable], plan: Plan) -> None:
        with self._gate:
            if self._count >= KEPT:
                self._plans.clear()
                self._count = 0
            self._plans.setdefault(base, {}).setdefault(looked[0], {})[looked[1]] = plan
            self._count += 1
            self.made += 1

    def digest(self, plan: Plan) -> tuple[str, str]:
        """The name a plan is kept under, and the plan as text; what a member answers beside it is not in it."""
        shared: Plan = plan.__dict__.get(SHARED, plan)
        with self._gate:
            known = self._digests.get(id(shared))
        if known is None or known[0] is not shared:
            text = written(replace(shared, answers={}))
            known = (shared, digest_of(text), text)
            with self._gate:
                if len(self._digests) >= KEPT:
                    self._digests.clear()
                self._digests[id(shared)] = known
        return known[1], known[2]


def base_of(looked: Looked) -> Hashable:
    """What any plan depends on, whatever it looks at."""
    member, bill = looked.member, looked.bill
    held = tuple((held.policy, held.attributes.get("contract_from")) for held in member.products)
    days = (bill.discharged, bill.admitted, bill.settled, bill.episode, bill.year_end, bill.others)
    charges = tuple((alike(charge.attributes), charge.day, charge.item) for charge in looked.charges)
    counted = frozenset(name for name in looked.sums if bill.episode and name.startswith("counted."))
    return member.region, held, days, charges, alike(bill.settled_before), counted, otherwise(looked)


def otherwise(looked: Looked) -> Hashable:
    """All dated answers, where the member answers otherwise on another day of the bill; else nothing."""
    member, bill = looked.member, looked.bill
    other = {bill.admitted, bill.settled, *(charge.day for charge in looked.charges)} - {None, bill.discharged}
    on_discharge = member.on(bill.discharged)
    if all(member.on(day) == on_discharge for day in other if isinstance(day, date)):
        return None
    return tuple((day, alike(answers)) for day, answers in member.dated)


def values_of(looked: Looked, names: tuple[str, ...], vocabulary: Vocabulary) -> Hashable:
    """The values of the answers that were looked at: the member's and the bill's, and those of each contract."""
    history = {attribute.name for attribute in vocabulary.of_history}
    always = {name for attribute in vocabulary.of_history for name in attribute.counts} | {"treatment_begun"}
    begun = {attribute.since for attribute in vocabulary.counted if attribute.name in names}
    found: list[Hashable] = []
    for name in sorted({*names, *always, *begun}):
        found.append(named(looked.answers.get(name)))
        found += [named(held.attributes.get(name)) for held in looked.member.products]
    found += [looked.bill.units.get(name.removeprefix("how many ")) for name in names if name.startswith("how many ")]
    if "billed" in names:
        found.append(looked.bill.units.get("billed", whole_of(looked)))
    if history & set(names):
        found.append(frozenset((name, count) for name, count in looked.sums.items() if name.startswith("count")))
    return tuple(found)


def named(value: Value | None) -> Hashable:
    """An answer to compare; a yes is not the number one."""
    return type(value).__name__, value


def alike(answers: Attributes | Mapping[str, int]) -> Hashable:
    """Answers to compare, all of them."""
    return frozenset((name, *named(value)) for name, value in answers.items())  # type: ignore[misc]


def whole_of(looked: Looked) -> int:
    """What a plan may look at of the amounts: the whole bill."""
    return sum(sum(charge.amounts) for charge in looked.charges) + sum(looked.bill.settled_before.values())
