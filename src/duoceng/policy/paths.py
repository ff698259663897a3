"""What a part of a document came to before, by the answers it asked for on the way.

    age? ──under 18──▶ care? ──inpatient──▶ what it came to
         └─18 to 70──▶ ...

A part asks for one answer after another, and which is next depends on those before: on the same answers it comes to the same.
Numbers are told apart where the part tells them apart, at the edges of its labels; words by the labels they count as; days where one
of its versions begins.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from duoceng.policy.cells import Cells, cells_in
from duoceng.policy.library import Library
from duoceng.records.bill import Value

MOST_PARTS, MOST_ENDS = 1 << 13, 1 << 15  # kept for a library; where there are more, all are forgotten and found anew
NUMBERS = ("number", "money", "day")
HOW_MANY = "how many "  # before a unit of the bill: rows ask whether it is there, the kernel what it is


class Names(dict[str, None]):
    """Names in the order they were first noted."""

    def add(self, name: str) -> None:
        """Note one."""
        self.setdefault(name)

    def note(self, names: Iterable[str]) -> None:
        """Note some."""
        for name in names:
            self.setdefault(name)


class Asked(Mapping[str, Value]):
    """Answers that note which of them were asked for, in their order, whether they are there or not."""

    def __init__(self, answers: Mapping[str, Value]):
        self.answers = answers
        self.trail: dict[str, Value | None] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """One answer, noted."""
        found = self.trail[name] = self.answers.get(name)
        return default if found is None else found

    def __getitem__(self, name: str) -> Value:
        self.trail[name] = self.answers.get(name)
        return self.answers[name]

    def __contains__(self, name: object) -> bool:
        return self.get(str(name)) is not None

    def __iter__(self) -> Iterator[str]:
        raise TypeError("answers are asked for by name, so that it is known which counted")

    def __len__(self) -> int:
        return len(self.answers)


@dataclass(slots=True)
class End:
    """Where a path ends: what the part came to, and the answers it asked for."""

    found: Any
    names: tuple[str, ...]


@dataclass(slots=True)
class Fork:
    """An answer that is asked for, and the ways on from it. `edges` cut a number, `words` say what a word counts as; None: every value
    is a way of its own."""

    name: str
    edges: list[int] | None
    words: Mapping[str, tuple[str, ...]] | None = None
    ways: dict[Any, "Fork | End"] = field(default_factory=dict)

    def way(self, answer: Value | None) -> Any:
        """Which way an answer goes; a yes is not the number one."""
        kind = type(answer)
        if kind is bool:
            return (answer,)
        if self.words is not None and isinstance(answer, str):
            return self.words.get(answer, answer)
        if self.edges is None or answer is None:
            return answer
        if kind is int:
            return bisect_right(self.edges, answer)
        return bisect_right(self.edges, answer.toordinal()) if isinstance(answer, date) else answer


class Paths:
    """The paths through one part that were gone so far."""

    def __init__(self, parts: tuple[object, ...]):
        self.parts = parts  # kept, so that no other object gets their identity
        self.cells: Cells | None = None
        self.days: list[int] = []
        self.begin: dict[Any, Fork | End] = {}

    def cut(self) -> None:
        """Find where the part tells numbers and days apart."""
        cells, days = cells_in(self.parts)
        self.days, self.cells = sorted(days), cells

    def find(self, answers: Mapping[str, Value], day: date) -> End | None:
        """The end of the path that these answers go, if it was gone before."""
        at = self.begin.get(bisect_right(self.days, day.toordinal()))
        while type(at) is Fork:
            at = at.ways.get(at.way(answers.get(at.name)))
        return at if isinstance(at, End) else None

    def keep(self, day: date, trail: Mapping[str, Value | None], found: object, library: Library) -> None:
        """Keep what a part came to on the answers it asked for."""
        at, way = self.begin, bisect_right(self.days, day.toordinal())
        for name, answer in trail.items():
            fork = at.get(way) or at.setdefault(way, self._fork(name, library))
            assert isinstance(fork, Fork), "what is asked next depends on the answers before"
            assert fork.name == name, f"{fork.name} was asked for here, not {name}"
            at, way = fork.ways, fork.way(answer)
        at[way] = End(found, tuple(trail))

    def _fork(self, name: str, library: Library) -> Fork:
        assert self.cells is not None
        if name.startswith(HOW_MANY):
            return Fork(name, [])
        attribute = library.vocabulary.get(name)
        if attribute is None:
            return Fork(name, None)
        if attribute.type not in NUMBERS or name in self.cells.exact:
            return Fork(name, None, self.cells.words(attribute))
        return Fork(name, sorted(self.cells.edges.get(name, ())))


def paths_of(library: Library, *parts: object) -> Paths | None:
    """The paths of a part of a document; None the first time it is asked for, as many are asked for only once."""
    key = tuple(map(id, parts))
    known: Paths | None = library.paths_gone.get(key)
    if known is None:
        if len(library.paths_gone) >= MOST_PARTS:
            library.paths_gone, library.ends = {}, 0
        library.paths_gone[key] = Paths(parts)
    elif known.cells is None:
        known.cut()
    return known


def keep(library: Library, paths: Paths, day: date, asked: Asked, found: object) -> None:
    """Keep what a part came to; what was found before is forgotten where it has become too much."""
    library.ends += 1
    if library.ends > MOST_ENDS:
        library.paths_gone, library.ends = {}, 0
    paths.keep(day, asked.trail, found, library)
