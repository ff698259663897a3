"""What is read, and how far it is checked: every value of every document counted by its status.

A value is one number as written: a cell of a table, a band's end, a factor. COVERAGE.md is made from this page's figures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from duoceng.base.mistakes import Place
from duoceng.base.money import yuan
from duoceng.policy.document import Document, Layer, Version
from duoceng.policy.library import Library
from duoceng.policy.values import Context, Index, Plain

STATUSES = ("verified", "secondary", "unverified", "gap")


@dataclass(frozen=True, slots=True)
class Counted:
    """One row of the table: a policy, a year in which versions begin, and its values by status."""

    place: str
    policy: str
    title: str
    kind: str
    year: int
    values: dict[str, int]

    @property
    def total(self) -> int:
        """All values, gaps left out."""
        return sum(n for s, n in self.values.items() if s != "gap")


def numbers_in(thing: object) -> Iterator[Plain]:
    """Every number written anywhere inside a version."""
    if isinstance(thing, Plain):
        yield thing
    elif isinstance(thing, dict):
        for inner in thing.values():
            yield from numbers_in(inner)
    elif isinstance(thing, list | tuple):
        for inner in thing:
            yield from numbers_in(inner)
    elif is_dataclass(thing) and not isinstance(thing, Place):
        for field in fields(thing):
            yield from numbers_in(getattr(thing, field.name))


def indexes_in(thing: object) -> Iterator[Index]:
    """Every index written anywhere inside a version."""
    if isinstance(thing, Index):
        yield thing
    elif isinstance(thing, dict):
        for inner in thing.values():
            yield from indexes_in(inner)
    elif isinstance(thing, list | tuple):
        for inner in thing:
            yield from indexes_in(inner)
    elif is_dataclass(thing) and not isinstance(thing, Place):
        for field in fields(thing):
            yield from indexes_in(getattr(thing, field.name))


def compare_official(library: Library) -> None:
    """Note every printed figure that is a yuan or more away from its formula, where the series has the year's figure."""
    for path in library.paths():
        document = library.document(path)
        for _, part, version in document.versions() if document else ():
            for index in indexes_in(version.said):
                year = version.cited.begins.year + index.of_year
                if not index.official or year not in library.indexes(index.name.split(".")[0]).get(index.name, {}):
                    continue
                context = Context({}, version.cited.begins, library.vocabulary, library.index)
                printed, computed = index.official.value(context), index.by_formula(context)
                if abs(printed - computed) >= 100:
                    what = f"the printed figure of the {part} is {yuan(printed)}, its formula gives {yuan(computed)}"
                    library.mistakes.add(
                        "P027", index.place, what, "One of the two is wrong.", "check the notice and the index"
                    )


def counted(library: Library) -> list[Counted]:
    """Every policy by the years in which its versions begin."""
    rows: dict[tuple[str, int], dict[str, int]] = {}
    documents = {d.policy: d for p in library.paths() if (d := library.document(p))}
    for document in documents.values():
        for _, _, version in document.versions():
            row = rows.setdefault((document.policy, version.cited.begins.year), dict.fromkeys(STATUSES, 0))
            row["gap" if version.cited.gap else version.cited.status] += max(len(list(numbers_in(version.said))), 1)
    return [Counted(documents[p].region, p, documents[p].title, documents[p].kind, year, values)
            for (p, year), values in sorted(rows.items(), key=lambda r: (documents[r[0][0]].kind, documents[r[0][0]].region, r[0]))]  # fmt: skip


def every_number(library: Library) -> dict[Place, tuple[Document, Layer, str, Version]]:
    """Every number of every document by its place, with where it belongs."""
    found = {}
    for path in library.paths():
        document = library.document(path)
        for layer, part, version in document.versions() if document else ():
            for number in numbers_in(version.said):
                found[number.place] = (document, layer, part, version)
    return found  # type: ignore[return-value]
