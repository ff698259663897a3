"""Plans made before: bills that agree in all that their plan looked at share it, and it is kept once.

    base      place, products and their contracts, charges, what was settled before, the stretch of days: always the same for one plan
    path      the answers that `plan_for` looked at on the way (`Options.reads`), one after another; bills with the same of these share
    periods   the years and months of the day: where they are others the sums of the plan have other names

Numbers, days and words are told apart where the documents of the member do (`policy.cells`). A plan whose refusals quote an answer or the day
serves bills with that very answer; where more than one day's answers count, bills of the same days.

A plan costs more than all the rest of a settlement, and a desk settles many bills alike. What a member answers beside what was
looked at is put back into the plan that is handed out, for the statement.
"""

from bisect import bisect_right
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from threading import Lock

from duoceng.base.day import passed
from duoceng.desk.asks import digest_of
from duoceng.desk.trip import charges_for, documents_of, grouping_for
from duoceng.engine.scope import Grouping
from duoceng.engine.settle import settle
from duoceng.policy.cells import Cells, cells_of
from duoceng.policy.document import CONTRACT, Document
from duoceng.policy.library import Library
from duoceng.policy.overlay import reformed
from duoceng.policy.paths import HOW_MANY, NUMBERS, Names
from duoceng.policy.periods import name_of
from duoceng.policy.plan import CONTRACT_OF, Options, plan_for
from duoceng.policy.vocabulary import Vocabulary
from duoceng.records.bill import Attributes, Bill, Charge, Member, Value
from duoceng.records.plain import written
from duoceng.records.plan import Plan, Sum
from duoceng.records.settlement import Settlement

KEPT = 8192
SHARED = "shared"  # the plan that all bills alike have, in the one that is handed out
NAMED = "named"  # in the shared one: its digest and its text
DAYS = ("discharge", "admission", "settlement")
WINDOW = "window"  # what a refusal names that quotes the day


@dataclass(frozen=True)
class Kin:
    """What the members of a place who hold the same products have in common.

    `grouping` and `items`: what keeps lines apart. `days` and `edges`: what days and numbers are cut at. `words`: what words count as.
    `years`: those that are counted, by the day that decides and where they start. `always`: answers that always count.
    """

    grouping: Grouping
    items: bool
    vocabulary: Vocabulary
    days: tuple[tuple[str, tuple[int, ...]], ...]
    edges: Mapping[str, tuple[int, ...]]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    years: tuple[tuple[str, tuple[int, int]], ...]
    always: frozenset[str]


def kin_of(library: Library, member: Member, reforms: tuple[Document, ...]) -> Kin:
    """The kin of a member, from the documents that may concern them."""
    documents, vocabulary = documents_of(library, member), library.vocabulary
    cells: Cells = cells_of(library, member.region, [reformed(library, document, reforms) for document in documents])
    numbers = [n for n in cells.edges if n in vocabulary and vocabulary[n].type in NUMBERS and n not in cells.exact]
    words = {name: said for name in cells.labels if name in vocabulary and (said := cells.words(vocabulary[name]))}
    counted = frozenset(name for attribute in vocabulary.of_history for name in attribute.counts)
    years = tuple(sorted({(document.decided_by, document.year_starts) for document in documents}))
    grouping = grouping_for(library, documents)
    items = grouping.items or bool(reforms)  # a reform may ask for the item though nothing kept items apart
    return Kin(grouping, items, vocabulary, tuple((by, tuple(sorted(cells.days[by]))) for by in sorted(cells.days)),
               {name: tuple(sorted(cells.edges[name])) for name in numbers}, words, years, counted | {"treatment_begun"})  # fmt: skip


@dataclass(frozen=True)
class Looked:
    """A bill as `plan_for` sees it: member, bill, charges, running sums, and what is answered on its days."""

    member: Member
    bill: Bill
    charges: tuple[Charge, ...]
    sums: Mapping[str, int]
    answers: Mapping[str, Value]
    kin: Kin

    @cached_property
    def base(self) -> Hashable:
        """What any plan depends on beside the days, whatever it looks at."""
        member, bill = self.member, self.bill
        held = tuple((held.policy, held.attributes.get("contract_from")) for held in member.products)
        charges = tuple(
            (alike(charge.attributes), self.day_of(charge), self.item_of(charge)) for charge in self.charges
        )
        counted = frozenset(name for name in self.sums if bill.episode and name.startswith("counted."))
        given = (bill.episode, bill.year_end, bill.others, bill.admitted is None, bill.settled is None)
        return member.region, held, given, charges, alike(bill.settled_before), counted, self.says_always

    def day_of(self, charge: Charge) -> date | None:
        """The day of a charge, where some document goes by it."""
        return charge.day if self.kin.grouping.days else None

    def item_of(self, charge: Charge) -> str:
        """The item of a charge, where some document may ask for it."""
        return charge.item if self.kin.items else ""

    @cached_property
    def says_always(self) -> Hashable:
        """The answers that always count, whether a plan looks at them or not."""
        return tuple(self.word_of(name, self.answers.get(name)) for name in sorted(self.kin.always))

    @property
    def exact_days(self) -> Hashable:
        """The very days of the bill; with all dated answers, where the member answers otherwise on another of them."""
        bill = self.bill
        return bill.discharged, bill.admitted, bill.settled, otherwise(self)

    @cached_property
    def is_of_one_day(self) -> bool:
        """Do all its answers and charges go by the day of the bill? Then the day counts for what it is cut at only."""
        bill = self.bill
        return not bill.year_end and otherwise(self) is None and not any(map(self.day_of, self.charges))

    @cached_property
    def coarse_days(self) -> Hashable:
        """Between which versions the days lie, and on which side of the contracts that are held."""
        bill = self.bill
        found: list[Hashable] = [bisect_right(edges, bill.decided(by).toordinal()) for by, edges in self.kin.days]
        for held in self.member.products:
            begun = held.attributes.get("contract_from")
            if isinstance(begun, date):
                found += [begun <= bill.decided(by) for by in DAYS]
        return tuple(found)

    @property
    def begin(self) -> Hashable:
        """Where its path begins."""
        return self.base, self.is_of_one_day, self.coarse_days if self.is_of_one_day else self.exact_days

    def says(self, name: str, exact: bool) -> Hashable:
        """What is answered to a name: by the member or the bill, by each contract, or by a day it is counted from."""
        kin, bill, products = self.kin, self.bill, self.member.products
        if name.startswith(CONTRACT_OF):
            return None
        if name.startswith(HOW_MANY):
            return name.removeprefix(HOW_MANY) in bill.units
        attribute = kin.vocabulary.get(name)
        edges = None if exact else kin.edges.get(name)
        if attribute and attribute.of == "history":
            return tuple(cell(edges, order) for order in self._orders(name))
        if name == "billed":
            return cell(edges, bill.units.get("billed", whole_of(self)))
        if not exact and name in kin.words:
            return tuple(
                self.word_of(name, answers.get(name))
                for answers in (self.answers, *(held.attributes for held in products))
            )
        found = [cell(edges, self.answers.get(name)), *(cell(edges, held.attributes.get(name)) for held in products)]
        if attribute and attribute.since:
            for answers in (self.answers, *(held.attributes for held in products)):
                begun = answers.get(attribute.since)
                found += [cell(edges, passed(attribute.unit, begun, when)) if isinstance(begun, date) and begun <= when else None
                          for when in map(bill.decided, DAYS)]  # fmt: skip
        return tuple(found)

    def word_of(self, name: str, answer: Value | None) -> Hashable:
        """What an answer counts as, where it is a word of a list; else the answer itself."""
        known = self.kin.words.get(name)
        return known[answer] if known and isinstance(answer, str) and answer in known else named(answer)

    def _orders(self, name: str) -> list[int]:
        """Which of the bills of its year this one is, for every year that some document counts."""
        bill, found = self.bill, []
        begun = [held.attributes.get("contract_from") for held in self.member.products]
        contracts = [(day.month, day.day) for day in begun if isinstance(day, date)]
        again = bool(bill.episode) and f"counted.{name}@{bill.episode}" in self.sums
        for by, starts in self.kin.years:
            kept = f"count.{name}.{by}" if by in ("admission", "settlement") else f"count.{name}"
            for first in contracts if starts == CONTRACT else (starts,):
                count = self.sums.get(name_of(Sum(kept, "year", by, first), bill.decided(by)), 0)
                found.append(count if bill.year_end else max(count, 1) if again else count + 1)
        return found


def cell(edges: tuple[int, ...] | None, value: Value | None) -> Hashable:
    """A number by where it lies between edges, anything else as it is; a yes is not the number one."""
    if edges is None or value is None or isinstance(value, (bool, str, frozenset)):
        return named(value)
    return bisect_right(edges, value.toordinal() if isinstance(value, date) else value)


@dataclass(slots=True)
class Fork:
    """An answer that is looked at, and the ways on from it."""

    name: str
    ways: dict[Hashable, "Fork | Kept"] = field(default_factory=dict)


@dataclass(slots=True)
class Kept:
    """The plan of a path, for each set of periods its sums were of. `quoted`: answers that its refusals quote, word for word."""

    sums: tuple[Sum, ...]
    quoted: tuple[str, ...]
    plans: dict[Hashable, Plan] = field(default_factory=dict)

    def which(self, looked: Looked) -> Hashable:
        """Which of the plans is a bill's: by the periods of the sums, and by what is quoted."""
        periods = tuple(made_of.number(looked.bill.decided(made_of.by)) for made_of in self.sums)
        return periods, tuple(looked.exact_days if name == WINDOW else looked.says(name, True) for name in self.quoted)


class Plans:
    """The plans of one process; safe for threads."""

    def __init__(self, library: Library, options: Options):
        self.library, self.options = library, options
        self._plans: dict[Hashable, Fork | Kept] = {}
        self._count = 0
        self.made = 0  # how many were made so far
        self._kin: dict[tuple[str, tuple[str, ...]], Kin] = {}
        self._gate = Lock()

    def settle(self, member: Member, bill: Bill, sums: Mapping[str, int]) -> Settlement:
        """`desk.trip.settle_bill`, with a plan made before where there is one. Raises Refused."""
        kin = self._kin_of(member)
        charges = charges_for(self.library, member, bill, kin.grouping)
        answers = {**member.on(bill.discharged), **bill.attributes}
        plan = self._plan(Looked(member, bill, charges, sums, answers, kin))
        own = Plan(plan.layers, plan.steps, plan.counters, plan.refusals, plan.counts, dict(answers), plan.sums)
        own.__dict__.update({SHARED: plan, "flat": plan.flat})
        return settle(bill, charges, own, sums)

    def _kin_of(self, member: Member) -> Kin:
        key = (member.region, tuple(held.policy for held in member.products))
        found = self._kin.get(key)
        if found is None:
            found = self._kin[key] = kin_of(self.library, member, self.options.reforms)
        return found

    def _plan(self, looked: Looked) -> Plan:
        found = self._find(looked)
        if found is not None:
            return found
        reads = Names()
        options = replace(self.options, reads=reads)
        plan = plan_for(self.library, looked.member, looked.bill, looked.charges, looked.sums, options)
        plan = replace(plan, answers={})
        self._keep(looked, reads, plan)
        return plan

    def _find(self, looked: Looked) -> Plan | None:
        at = self._plans.get(looked.begin)
        while type(at) is Fork:
            at = at.ways.get(looked.says(at.name, not looked.is_of_one_day))
        return at.plans.get(at.which(looked)) if isinstance(at, Kept) else None

    def _keep(self, looked: Looked, reads: Names, plan: Plan) -> None:
        quoted = {name for refusal in plan.refusals for name in refusal.attribute.split(" / ")}
        with self._gate:
            if self._count >= KEPT:
                self._plans = {}
                self._count = 0
            at, way = self._plans, looked.begin
            for name in reads:
                fork = at.setdefault(way, Fork(name))
                assert isinstance(fork, Fork), "what is looked at next depends on the answers before"
                assert fork.name == name, f"{fork.name} was looked at here, not {name}"
                at, way = fork.ways, looked.says(name, not looked.is_of_one_day)
            kept = at.setdefault(way, Kept(tuple(plan.sums.values()), tuple(sorted(quoted))))
            assert isinstance(kept, Kept), "what is looked at next depends on the answers before"
            kept.plans[kept.which(looked)] = plan
            self._count += 1
            self.made += 1

    def digest(self, plan: Plan) -> tuple[str, str]:
        """The name a plan is kept under, and the plan as text; what a member answers beside it is not in it."""
        shared: Plan = plan.__dict__.get(SHARED, plan)
        known: tuple[str, str] | None = shared.__dict__.get(NAMED)
        if known is None:
            text = written(replace(shared, answers={}))
            known = shared.__dict__[NAMED] = (digest_of(text), text)
        return known


def otherwise(looked: Looked) -> Hashable:
    """All dated answers, where the member answers otherwise on another day of the bill; else nothing."""
    member, bill = looked.member, looked.bill
    other = {bill.admitted, bill.settled, *map(looked.day_of, looked.charges)} - {None, bill.discharged}
    on_discharge = member.on(bill.discharged)
    if all(member.on(day) == on_discharge for day in other if isinstance(day, date)):
        return None
    return tuple((day, alike(answers)) for day, answers in member.dated)


def named(value: Value | None) -> tuple[str, Value | None]:
    """An answer to compare; a yes is not the number one."""
    return type(value).__name__, value


def alike(answers: Attributes | Mapping[str, int]) -> Hashable:
    """Answers to compare, all of them."""
    return frozenset((name, *named(value)) for name, value in answers.items())


def whole_of(looked: Looked) -> int:
    """What a plan may look at of the amounts: the whole bill."""
    return sum(sum(charge.amounts) for charge in looked.charges) + sum(looked.bill.settled_before.values())
