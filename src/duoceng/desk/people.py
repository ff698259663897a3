"""Who a member is, as a file of dated facts, and what of it holds on a day.

    enrolment   region, scheme, status ... from a day on (a move or a change of scheme is another enrolment)
    status      poor household, disability ... with its days
    filing      chronic disease, referral, care elsewhere ... with its days
    contract    a product held, with its days and what its contract answers
    relative    a near relative who may share the personal account, with the proof
    consent     an insurer may see and pay, for a product, a purpose and a time

A fact is never edited: a later one lies over it. `after` says what holds when a fact has ended.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from duoceng.base.compact import compact
from duoceng.records.bill import Held, Member, Value
from duoceng.records.plain import plain, whole

KINDS = ("enrolment", "status", "filing", "contract", "relative", "consent")


@dataclass(frozen=True, slots=True)
class Fact:
    """One dated fact. `ends` is its last day; None where it goes on. `policy` is the product of a contract or a consent."""

    kind: str
    begins: date
    ends: date | None = None
    answers: Mapping[str, Value] = field(default_factory=dict)
    after: Mapping[str, Value] = field(default_factory=dict)
    region: str = ""
    policy: str = ""
    said: Mapping[str, str] = field(default_factory=dict)

    def holds(self, day: date) -> bool:
        """Does it hold on this day?"""
        return self.begins <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class File:
    """The facts of a member in the order they were told, and the running sums brought from another system."""

    facts: tuple[Fact, ...] = ()
    opening: Mapping[str, int] = field(default_factory=dict)

    def region(self, day: date) -> str:
        """The place of insurance on a day; before the first enrolment, that of the first."""
        enrolled = [fact for fact in self.facts if fact.kind == "enrolment"]
        held = [fact for fact in enrolled if fact.begins <= day]
        return max(held, key=lambda f: f.begins).region if held else min(enrolled, key=lambda f: f.begins).region

    def member(self, name: str, day: date, products: Collection[str]) -> Member:
        """The member as bills of this day know them, with those of the products held that may be asked."""
        told = [fact for fact in self.facts if fact.kind in ("enrolment", "status", "filing")]
        changes = [(fact.begins, dict(fact.answers)) for fact in told if fact.answers]
        changes += [(fact.ends + timedelta(days=1), dict(fact.after)) for fact in told if fact.ends and fact.after]
        held = [Held(f.policy, dict(f.answers)) for f in self.of("contract") if f.holds(day) and f.policy in products]
        return Member(
            name, self.region(day), {}, dated=tuple(sorted(changes, key=lambda c: c[0])), products=tuple(held)
        )

    def held(self, day: date) -> list[str]:
        """The products held on a day, in the order they were told."""
        return [fact.policy for fact in self.of("contract") if fact.holds(day)]

    def consented(self, day: date, purpose: str = "settlement") -> frozenset[str]:
        """The products whose insurers may see and pay today: the member agreed, and has not taken it back."""
        given = [f for f in self.of("consent") if f.holds(day) and f.said.get("purpose", purpose) == purpose]
        return frozenset(fact.policy for fact in given)

    def of(self, kind: str) -> tuple[Fact, ...]:
        """The facts of one kind; of the same product or person, the last told stands."""
        found = {(f.policy, f.said.get("who", ""), f.begins): f for f in self.facts if f.kind == kind}
        return tuple(found.values())


def written(file: File) -> str:
    """A file as one line of JSON."""
    facts = [{"kind": f.kind, "begins": f.begins.isoformat(), "ends": f.ends.isoformat() if f.ends else "", "answers": plain(f.answers),
              "after": plain(f.after), "region": f.region, "policy": f.policy, "said": dict(f.said)} for f in file.facts]  # fmt: skip
    return compact({"facts": facts, "opening": dict(file.opening)})


@lru_cache(maxsize=4096)
def read(text: str) -> File:
    """The file that was written. Who comes again has the same file, mostly."""
    found = json.loads(text)
    facts = tuple(Fact(f["kind"], date.fromisoformat(f["begins"]), date.fromisoformat(f["ends"]) if f["ends"] else None,
                       whole(f["answers"]), whole(f["after"]), f["region"], f["policy"], f["said"])
                  for f in found["facts"])  # fmt: skip
    return File(facts, found["opening"])
