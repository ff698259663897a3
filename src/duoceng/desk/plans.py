"""Plans made before: bills that agree in all that a plan may look at are settled by the same plan, and it is kept once.

On one day a desk settles many bills alike: a plan costs more than all the rest of a settlement.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import replace
from threading import Lock

from duoceng.desk.asks import digest_of
from duoceng.desk.trip import charges_for, documents_of, grouping_for
from duoceng.engine.settle import settle
from duoceng.policy.library import Library
from duoceng.policy.plan import Options, plan_for
from duoceng.records.bill import Attributes, Bill, Charge, Member
from duoceng.records.plain import written
from duoceng.records.plan import Plan
from duoceng.records.settlement import Settlement

KEPT = 4096


class Plans:
    """The plans of one process, the last used ones; safe for threads."""

    def __init__(self, library: Library, options: Options):
        self.library, self.options = library, options
        self._plans: OrderedDict[Hashable, Plan | None] = OrderedDict()
        self._digests: OrderedDict[int, tuple[Plan, str, str]] = OrderedDict()
        self._gate = Lock()

    def settle(self, member: Member, bill: Bill, sums: Mapping[str, int]) -> Settlement:
        """`desk.trip.settle_bill`, with a plan made before where there is one. Raises Refused."""
        grouping = grouping_for(self.library, documents_of(self.library, member))
        charges = charges_for(self.library, member, bill, grouping)
        plan = self._plan(member, bill, charges, sums)
        return settle(bill, charges, plan, sums)

    def _plan(self, member: Member, bill: Bill, charges: tuple[Charge, ...], sums: Mapping[str, int]) -> Plan:
        alike = key_of(member, bill, charges, sums)
        found = self._found(alike)
        if found is None:
            found = self._found((alike, whole_of(bill, charges)))
        if found is None:
            reads: set[str] = set()
            found = plan_for(self.library, member, bill, charges, sums, replace(self.options, reads=reads))
            self._keep((alike, whole_of(bill, charges)) if "billed" in reads else alike, found)
        return found

    def _found(self, key: Hashable) -> Plan | None:
        with self._gate:
            plan = self._plans.get(key)
            if plan is not None:
                self._plans.move_to_end(key)
            return plan

    def _keep(self, key: Hashable, plan: Plan) -> None:
        with self._gate:
            self._plans[key] = plan
            if len(self._plans) > KEPT:
                self._plans.popitem(last=False)

    def digest(self, plan: Plan) -> tuple[str, str]:
        """The name a plan is kept under, and the plan as text."""
        with self._gate:
            known = self._digests.get(id(plan))
        if known is None or known[0] is not plan:
            text = written(plan)
            known = (plan, digest_of(text), text)
            with self._gate:
                self._digests[id(plan)] = known
                if len(self._digests) > KEPT:
                    self._digests.popitem(last=False)
        return known[1], known[2]


def key_of(member: Member, bill: Bill, charges: tuple[Charge, ...], sums: Mapping[str, int]) -> Hashable:
    """All that a plan may look at but the amounts."""
    counts = frozenset((name, count) for name, count in sums.items() if name.startswith(("count.", "counted.")))
    held = tuple((held.policy, alike(held.attributes)) for held in member.products)
    dated = tuple((day, alike(answers)) for day, answers in member.dated)
    days = (bill.discharged, bill.admitted, bill.settled, bill.episode, bill.year_end, bill.others)
    lines = tuple((alike(charge.attributes), charge.day, charge.item) for charge in charges)
    return (member.region, alike(member.attributes), dated, held, days, alike(bill.attributes), alike(bill.units),
            alike(bill.settled_before), lines, counts)  # fmt: skip


def alike(answers: Attributes | Mapping[str, int]) -> Hashable:
    """Answers as something to compare; a yes is not the number one."""
    return frozenset((name, type(value).__name__, value) for name, value in answers.items())


def whole_of(bill: Bill, charges: tuple[Charge, ...]) -> int:
    """What a plan may look at of the amounts: the whole bill."""
    return sum(sum(charge.amounts) for charge in charges) + sum(bill.settled_before.values())
