"""Who may do what to what: one table. What does not stand in it is refused.

bureau     a medical insurance bureau: members of its region            of = region
hospital   a designated institution: its own bills                      of = code of the hospital
insurer    its product's part of a bill, while the member agrees        of = product
member     own data                                                     of = member
auditor    reads; changes nothing
operator   runs the machine; sees no person
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

ROLES = ("bureau", "hospital", "insurer", "member", "auditor", "operator")
BOUND = ("bureau", "hospital", "insurer", "member")  # roles that are somebody's in particular


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by a token that was checked: `name` the person or machine, `of` the institution (or member) it speaks for."""

    name: str
    role: str
    of: str = ""

    @property
    def scope(self) -> str:
        """Whose keys these are: all callers of an institution share them."""
        return f"{self.role}/{self.of}"

    @property
    def shown(self) -> str:
        """The caller in logs: never a person."""
        return self.scope if self.role in ("bureau", "hospital", "insurer") else self.role


class Thing(Protocol):
    """What something is done to. Looked up only as far as the rule asks."""

    @property
    def member(self) -> str:
        """Whose it is."""

    @property
    def region(self) -> str:
        """Where that member is insured today."""

    @property
    def hospital(self) -> str:
        """Whose bill it is."""

    @property
    def agreed(self) -> frozenset[str]:
        """The products whose insurers may see it."""


Relation = Callable[[Caller, Thing], bool]


def anything(caller: Caller, thing: Thing) -> bool:
    """No object of its own, or any object."""
    return True


def of_region(caller: Caller, thing: Thing) -> bool:
    """A member insured in the bureau's region."""
    return thing.region == caller.of


def of_hospital(caller: Caller, thing: Thing) -> bool:
    """A bill of the hospital."""
    return thing.hospital == caller.of


def own(caller: Caller, thing: Thing) -> bool:
    """The member's own."""
    return thing.member == caller.of


def agreed(caller: Caller, thing: Thing) -> bool:
    """A bill the insurer's product had a part in, while the member's consent is in force."""
    return caller.of in thing.agreed


RULES: Mapping[str, Mapping[str, Relation]] = {
    "quote": {"bureau": of_region, "hospital": of_hospital, "member": own},
    "preview": {"bureau": of_region, "member": own},
    "settle": {"bureau": of_region, "hospital": of_hospital},
    "reverse": {"bureau": of_region, "hospital": of_hospital},
    "key": {
        "bureau": anything,
        "hospital": anything,
        "member": anything,
    },  # keys are looked up in the caller's own scope
    "bill": {"bureau": of_region, "hospital": of_hospital, "insurer": agreed, "member": own, "auditor": anything},
    "statement": {"bureau": of_region, "hospital": of_hospital, "member": own},
    "file": {"bureau": of_region, "member": own, "auditor": anything},
    "standing": {"bureau": of_region, "member": own, "auditor": anything},
    "offers": {"bureau": of_region, "member": own},
    "identity": {"bureau": of_region, "member": own},
    "find": {"bureau": of_region, "hospital": anything},
    "code": {"member": own},
    "shown": {"hospital": anything},
    "enrol": {"bureau": of_region},
    "consent": {"bureau": of_region, "member": own},
    "revoke": {"bureau": of_region, "member": own},
    "credit": {"bureau": of_region},
    "premium": {"member": own},
    "send": {"member": own},
    "accept": {"member": own},
    "recall": {"member": own},
    "trial": {"auditor": anything, "operator": anything},
    "metrics": {"operator": anything},
}


def may(caller: Caller, action: str, thing: Thing) -> bool:
    """Does a row of the table allow it?"""
    rule = RULES.get(action, {}).get(caller.role)
    return rule is not None and bool(caller.of or caller.role not in BOUND) and rule(caller, thing)


def may_ever(caller: Caller, action: str) -> bool:
    """Is there any object this role may do it to? Asked before anything is looked up."""
    return caller.role in RULES.get(action, {})
