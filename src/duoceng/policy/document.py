"""What a policy document holds: layers, and for each part of a layer the versions that followed one another.

A version says from which day it holds, never until when: it holds until the next one starts. A version may be a gap
(`gap: why`): from that day on the law is known to differ, but was not read; nothing is settled by guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from duoceng.base.mistakes import Place
from duoceng.policy.conditions import Condition
from duoceng.policy.values import Adjustment, Value


@dataclass(frozen=True, slots=True)
class Source:
    """A publication: title, number, address, who published it and how far it is to be trusted."""

    key: str
    title: str
    number: str
    url: str
    trust: str
    place: Place


@dataclass(frozen=True, slots=True)
class Cited:
    """What every version carries: first day, citation, the words, and how far it is checked."""

    begins: date
    cite: str
    quote: str
    quoted_from: str
    status: str
    note: str
    gap: str
    place: Place


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a part: its citation and its answers (keys by the grammar of the part)."""

    cited: Cited
    said: Mapping[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        """The answer to a key of the part's grammar."""
        found = self.said.get(key)
        return default if found is None else found


@dataclass(frozen=True, slots=True)
class Band:
    """A slice of the cost up to `up_to` (fen, None for the last) and the share paid on it."""

    up_to: Value | None
    pays: Value


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A named limit and its versions."""

    name: str
    title: str
    versions: tuple[Version, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Gate:
    """Conditions a charge must meet for the layer to pay, from a day on."""

    version: Version
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Layer:
    """One layer: what it sees and the versions of its parts. `None` for a part is the plain answer "there is none"."""

    name: str
    tier: str
    title: str
    english: str
    payer: str
    sees: tuple[str, ...]
    beyond: str
    as_billed: bool
    settled: str
    only: tuple[Condition, ...]
    when: tuple[Version, ...]
    borne_first: tuple[Version, ...]
    deductible: tuple[Version, ...]
    share: tuple[Version, ...]
    result: tuple[Version, ...]
    ceilings: tuple[Ceiling, ...]
    guarantee: tuple[Version, ...]
    cash: tuple[Version, ...]
    unread: tuple[tuple[str, str], ...]
    place: Place

    def parts(self) -> list[tuple[str, tuple[Version, ...]]]:
        """Every part with its versions, ceilings by name."""
        plain = [(name, getattr(self, name)) for name in PARTS]
        return [(n, v) for n, v in plain if v] + [(f"ceiling {c.name}", c.versions) for c in self.ceilings]


PARTS = ("when", "borne_first", "deductible", "share", "result", "guarantee", "cash")


CONTRACT = (0, 0)  # a year that starts on the day the contract held began


@dataclass(frozen=True)
class Document:
    """One policy: whom and what it covers, its year, its layers, its sources."""

    policy: str
    title: str
    english: str
    region: str
    kind: str
    covers: tuple[Condition, ...]
    year_starts: tuple[int, int]
    decided_by: str
    rounding: str
    sources: Mapping[str, Source]
    layers: tuple[Layer, ...]
    window: tuple[date | None, date | None, int]
    worked: tuple[Any, ...]
    gaps: tuple[str, ...]
    file: str
    place: Place
    over: str = ""
    asks: frozenset[str] = frozenset()
    raw: Any = field(default=None, repr=False, compare=False)
    by_contract: bool = False  # its year starts with the contract of one member

    def held_from(self, day: date) -> "Document":
        """The product under a contract that began on a day: its year starts with the contract's, and it covers nothing before."""
        if self.year_starts != CONTRACT:
            return self
        first, last, goes_on = self.window
        window = (max(first or day, day), last, goes_on)
        return replace(self, year_starts=(day.month, day.day), by_contract=True, window=window)

    @cached_property
    def settled(self) -> frozenset[bool]:
        """Whether layers of it are settled bill by bill (False), at a year's end (True), or some and some."""
        return frozenset(layer.settled == "year_end" for layer in self.layers)

    def versions(self) -> list[tuple[Layer, str, Version]]:
        """Every version of the document, with its layer and part."""
        return [(layer, part, v) for layer in self.layers for part, versions in layer.parts() for v in versions]


def in_force(versions: tuple[Version, ...], when: date) -> Version | None:
    """The version that holds on a day: one look to the left. None before the first."""
    found = None
    for version in versions:
        if version.cited.begins > when:
            break
        found = version
    return found


def adjust_steps(version: Version, key: str = "adjust") -> list[Adjustment | None]:
    """The adjustments of a version."""
    return list(version.get(key, []))
