"""What is read, and how far it is checked: every value of every document counted by its status.

A value is one number as written: a cell of a table, a band's end, a factor. COVERAGE.md is made from this page's figures.
"""

from dataclasses import dataclass

from duoceng.base.mistakes import Place
from duoceng.policy.check import everything
from duoceng.policy.document import Document, Layer, Version
from duoceng.policy.library import Library
from duoceng.policy.values import Plain

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


def counted(library: Library) -> list[Counted]:
    """Every policy by the years in which its versions begin."""
    rows: dict[tuple[str, int], dict[str, int]] = {}
    documents = {d.policy: d for p in library.paths() if (d := library.document(p))}
    for document in documents.values():
        for _, _, version in document.versions():
            row = rows.setdefault((document.policy, version.cited.begins.year), dict.fromkeys(STATUSES, 0))
            row["gap" if version.cited.gap else version.cited.status] += max(
                len(list(everything(version.said, Plain))), 1
            )
    return [Counted(documents[p].region, p, documents[p].title, documents[p].kind, year, values)
            for (p, year), values in sorted(rows.items(), key=lambda r: (documents[r[0][0]].kind, documents[r[0][0]].region, r[0]))]  # fmt: skip


def every_number(library: Library) -> dict[Place, tuple[Document, Layer, str, Version]]:
    """Every number that can be used, of every document, by its place; those of gaps never can."""
    found = {}
    for path in library.paths():
        document = library.document(path)
        for layer, part, version in document.versions() if document else ():
            for number in everything({} if version.cited.gap else version.said, Plain):
                assert isinstance(number, Plain)
                found[number.place] = (document, layer, part, version)
    return found  # type: ignore[return-value]
