"""What bills have in common: which answers a set of documents looks at, and where a number begins to make a difference.

Two bills whose answers fall into the same cells get the same plan. A number is cut at the edges of the labels it is held
against (`<70`, `60-69`); where it is used in arithmetic (`each: 0.2%, per: age`) every number is a cell of its own. Words that no label
tells apart are one cell: where only in-patient care is asked for, all other care is the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any

from duoceng.base.mistakes import Place
from duoceng.policy.conditions import Condition
from duoceng.policy.document import CONTRACT, Document, Source, Version
from duoceng.policy.library import Library
from duoceng.policy.values import FAR, Each, Index, Match, PartOf, Table, Value
from duoceng.policy.vocabulary import Attribute

YEARS = range(1980, 2101)
MOST = 4096  # documents whose cells are kept; where there are more, all are found anew


@dataclass
class Cells:
    """The answers that matter, by attribute.

    `edges`: numbers (fen, days as ordinals) at which a new cell begins. `exact`: attributes of which every value is a cell.
    `labels`: words that answers are held against. `days`: edges of the day a document decides by, for each such day (discharge,
    admission, settlement, expense). `contract`: a year that begins with the contract; `by_item`: a limit for each item.
    """

    asked: set[str] = field(default_factory=set)
    edges: dict[str, set[int]] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)
    labels: dict[str, set[str]] = field(default_factory=dict)
    days: dict[str, set[int]] = field(default_factory=dict)
    contract: bool = False
    by_item: bool = False

    def use(self, attribute: str) -> None:
        """Every value of it counts."""
        self.asked.add(attribute)
        self.exact.add(attribute)

    def cut(self, attribute: str, matches: Iterable[Match]) -> None:
        """Cut a number where one of the labels begins or ends."""
        found = self.edges.setdefault(attribute, set())
        for match in matches:
            if match.low is not None and match.high is not None:
                found.update(edge for edge in (match.low, match.high + 1) if abs(edge) < FAR)
            else:
                self.labels.setdefault(attribute, set()).add(match.label)

    def join(self, other: "Cells") -> None:
        """What the other looks at counts as well."""
        self.asked |= other.asked
        self.exact |= other.exact
        self.contract |= other.contract
        self.by_item |= other.by_item
        for mine, its in ((self.edges, other.edges), (self.days, other.days)):
            for name, edges in its.items():
                mine.setdefault(name, set()).update(edges)
        for name, labels in other.labels.items():
            self.labels.setdefault(name, set()).update(labels)

    def words(self, attribute: Attribute) -> dict[str, tuple[str, ...]] | None:
        """What each word of an attribute counts as, of all that is asked for: words that count as the same are one cell.

        None where every word is a cell: words outside the list are allowed, or it is no list of words.
        """
        if attribute.type != "choice" or attribute.open or attribute.name in self.exact:
            return None
        labels = self.labels.get(attribute.name, set())
        return {word: tuple(step for step in attribute.chain(word) if step in labels) for word in attribute.values}


def cells_of(library: Library, region: str, documents: Iterable[Document]) -> Cells:
    """The cells of the documents that may concern a member of a place, and of the counts of bills."""
    cells = Cells()
    for counting in library.vocabulary.of_history:
        for attribute, word in counting.counts.items():
            cells.labels.setdefault(attribute, set()).add(word)
    discharge = cells.days.setdefault("discharge", set())
    discharge.update(day.toordinal() for day in library.order_days(region))
    for document in documents:
        known = library.cells.get(id(document))
        if known is None:
            if len(library.cells) >= MOST:
                library.cells = {}
            known = library.cells[id(document)] = (document, Cells())
            _document(known[1], document)
        cells.join(known[1])
    return cells


def asked_by(values: Iterable[Value]) -> tuple[set[str], set[int]]:
    """The answers that some values look at, and the days (as ordinals) on which they may change by themselves."""
    cells, days = Cells(), set[int]()
    for value in values:
        _walk(cells, value, days)
    return set(cells.edges) | cells.exact, days


def cells_in(part: object) -> tuple[Cells, set[int]]:
    """The cells of one part of a document, and the days (as ordinals) on which it may change: where its versions begin, new years."""
    cells, days = Cells(), set[int]()
    _walk(cells, part, days)
    return cells, days


def _document(cells: Cells, document: Document) -> None:
    cells.asked |= document.asks
    cells.contract |= document.year_starts == CONTRACT
    days = cells.days.setdefault(document.decided_by, set())
    first, last, goes_on = document.window
    days.update(day.toordinal() for day in (first,) if day)
    if last:
        days.update((last.toordinal() + 1, last.toordinal() + goes_on + 1))
        admitted = cells.days.setdefault("admission", set())
        admitted.update((last.toordinal() + 1, *([first.toordinal()] if first else [])))
    _walk(cells, document.covers, days)
    for layer in document.layers:
        _walk(cells, layer, days)


def _walk(cells: Cells, thing: Any, days: set[int]) -> None:
    """Every condition, table and formula inside a part of a document."""
    _note(cells, thing, days)
    if isinstance(thing, Mapping):
        inner: Iterable[Any] = thing.values()
    elif isinstance(thing, (tuple, list)):
        inner = thing
    elif is_dataclass(thing) and not isinstance(thing, (Place, Source, Match)):
        inner = [getattr(thing, each.name) for each in fields(thing)]
    else:
        return
    for one in inner:
        _walk(cells, one, days)


def _note(cells: Cells, thing: Any, days: set[int]) -> None:
    """What one condition, table or formula looks at."""
    if isinstance(thing, (Condition, Table)):
        labels = [thing.matches] if isinstance(thing, Condition) else [matches for matches, _ in thing.cells]
        for matches in labels:
            cells.cut(thing.attribute, matches)
    if isinstance(thing, Version):
        days.add(thing.cited.begins.toordinal())
    if isinstance(thing, Condition) and thing.at_least is not None:
        cells.use(thing.attribute)
    elif isinstance(thing, (Each, PartOf)):
        cells.use(thing.per if isinstance(thing, Each) else thing.of)
    elif isinstance(thing, Index):
        days.update(date(year, 1, 1).toordinal() for year in YEARS)
    elif isinstance(thing, Mapping):
        if thing.get("recharged_every"):
            cells.use("stay_days")
        if thing.get("per") == "treatment_year":
            cells.use("treatment_begun")
        cells.by_item |= thing.get("each") == "item"
