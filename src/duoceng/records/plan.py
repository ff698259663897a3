"""The plan in force for one member and one bill: kernel rows in order, and the clause behind each number."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from duoceng.base.day import anniversary_year, year_of


@dataclass(frozen=True, slots=True)
class Clause:
    """The words that decided a number: document and part, citation, quote, source, first day, and how far it is checked."""

    policy: str
    part: str
    begins: date
    cite: str
    quote: str
    quoted_from: str
    source: str
    url: str
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One layer of the stack, as people know it."""

    policy: str
    name: str
    tier: str
    title: str
    english: str
    payer: str
    cash: bool = False
    settled_before: int = 0
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """Policy and layer name: unique in a plan."""
        return f"{self.policy}/{self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """One layer on one charge: a kernel row, the buckets it sees, and the clauses its numbers come from."""

    layer: int
    charge: int
    terms: tuple[int, ...]
    sees: tuple[int, ...]
    clauses: dict[str, Clause] = field(default_factory=dict)
    ceilings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A layer that does not pay a charge, and why: the condition that failed and its clause."""

    layer: int
    charge: int
    attribute: str
    found: str
    wanted: str
    clause: Clause | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """What the name of a kept running sum is made of: `stem@period`, the period that of a day of the bill.

    `kind`: day, month, quarter, year (which begins on `starts`), life, blocks (of `block` years since a day), treatment (years
    since its first day), episode. `by`: which day counts: discharge, admission, settlement, expense.
    """

    stem: str
    kind: str
    by: str
    starts: tuple[int, int] = (1, 1)
    since: date | None = None
    block: int = 1

    def number(self, when: date) -> int:
        """The period a day lies in, as a number; episodes have none."""
        if self.since:
            return anniversary_year(when, self.since) // self.block
        return {
            "day": when.toordinal(),
            "month": when.year * 12 + when.month - 1,
            "quarter": when.year * 4 + (when.month - 1) // 3,
            "year": year_of(when, self.starts),
        }.get(self.kind, 0)

    def words(self, number: int) -> str:
        """The period as it stands in a name."""
        if self.kind == "day":
            return date.fromordinal(number).isoformat()
        return {
            "month": f"{number // 12:04d}-{number % 12 + 1:02d}",
            "quarter": f"{number // 4}q{number % 4 + 1}",
            "year": str(number) if self.starts == (1, 1) else f"{number}/{self.starts[0]:02d}-{self.starts[1]:02d}",
            "blocks": f"{self.block}y{number}",
            "treatment": f"t{self.since}+{number}",
            "life": "life",
        }[self.kind]

    def name(self, when: date) -> str:
        """The whole name, for a day."""
        return f"{self.stem}@{self.words(self.number(when))}"


@dataclass(frozen=True)
class Plan:
    """Everything the kernel needs for one bill, and everything `explain` needs afterwards.

    `counters` names the running sums the steps refer to by position; a name that starts with `~` lives for this bill
    only, the others are kept in the member's benefit year. `counts` are the counts of bills it raises by one; `sums` says what
    the kept names are made of, so that the same plan can serve another day.
    """

    layers: tuple[LayerInfo, ...]
    steps: tuple[Step, ...]
    counters: tuple[str, ...]
    refusals: tuple[Refusal, ...] = ()
    counts: tuple[str, ...] = ()
    answers: dict[str, object] = field(default_factory=dict)
    sums: dict[str, Sum] = field(default_factory=dict)

    @cached_property
    def flat(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """The steps as the kernel takes them: rows end to end, where each begins, and the buckets they see end to end."""
        terms: list[int] = []
        rows: list[int] = []
        for step in self.steps:
            rows.append(len(terms))
            terms += step.terms
        return tuple(terms), tuple(rows), tuple(bucket for step in self.steps for bucket in step.sees)
