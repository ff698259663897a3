"""What the documents of a place, or of a product, ask of a bill, and which answers they settle by.

The documents are read as they stand: a value of an attribute fits where no layer in force that year lacks its cell, or
is known to differ and was not read. What fits one by one may still not fit together; such a bill is refused, as it should be.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from duoceng.base.mistakes import Refused
from duoceng.policy.check import everything
from duoceng.policy.conditions import Condition, all_hold
from duoceng.policy.document import CONTRACT, Document, Layer, Version, in_force
from duoceng.policy.library import Library
from duoceng.policy.values import Context, Index, Match, Plain, Table
from duoceng.policy.vocabulary import Attribute
from duoceng.records.bill import Value

# Never an answer of the file: the place stands in its own column, and the engine computes the others.
NOT_ASKED = ("region", "billed", "item")
Answered = dict[str, Value]


@dataclass
class Scene:
    """Documents that settle together, and the days they are asked on."""

    library: Library
    documents: list[Document]
    days: tuple[date, ...]
    walked: dict[tuple[int, type], list[Any]] = field(default_factory=dict)
    _labels: dict[str, tuple[Match, ...]] = field(default_factory=dict)

    def part(self, documents: list[Document]) -> "Scene":
        """Some of the documents, on the same days."""
        return Scene(self.library, documents, self.days, self.walked)

    @cached_property
    def asks(self) -> frozenset[str]:
        """Attributes some document asks for."""
        found = {a for d in self.documents for a in d.asks}
        for document, _, version in self._versions():
            found |= {"stay_days"} if version.get("recharged_every") else set()
            found |= {"treatment_begun"} if version.get("per") == "treatment_year" else set()
            found |= {"contract_from"} if document.year_starts == CONTRACT else set()
        words = self.library.vocabulary
        return frozenset(a for a in found if a in words and words[a].of != "history" and a not in NOT_ASKED)

    @cached_property
    def units(self) -> frozenset[str]:
        """Quantities of the bill that some number is multiplied by."""
        return frozenset(v.get("per_unit") for _, _, v in self._versions() if v.get("per_unit", "one") != "one")

    def _versions(self) -> Iterator[tuple[Document, Layer, Version]]:
        for document in self.documents:
            for layer, _, version in document.versions():
                yield document, layer, version

    def labels(self, name: str) -> tuple[Match, ...]:
        """Every label under which the documents look at an attribute."""
        if not self._labels:
            self._labels = self._read_labels()
        return self._labels.get(name, ())

    def _read_labels(self) -> dict[str, tuple[Match, ...]]:
        found: dict[str, dict[Match, None]] = {"": {}}
        for document in self.documents:
            inside: list[object] = [document.covers, *(layer.only for layer in document.layers)]
            inside += [v.said for _, _, v in document.versions()]
            for thing in inside:
                for table in everything(thing, Table):
                    assert isinstance(table, Table)
                    found.setdefault(table.attribute, {}).update((m, None) for ms, _ in table.cells for m in ms)
                for condition in everything(thing, Condition):
                    assert isinstance(condition, Condition)
                    found.setdefault(condition.attribute, {}).update((m, None) for m in condition.matches)
        return {name: tuple(labels) for name, labels in found.items()}

    def thresholds(self) -> set[int]:
        """Amounts of money at which something changes: deductibles, ends of bands, limits, in fen."""
        found: set[int] = set()
        for _, _, version in self._versions():
            edges = [version.get("amount"), version.get("limit"), *(b.up_to for b in version.get("bands", ()))]
            found |= {p.number for p in everything(edges, Plain) if isinstance(p, Plain)}
        return {amount for amount in found if 0 < amount < 10**11}

    # ── what fits ──

    def concerned(self, answers: Answered) -> list[Document]:
        """Documents that may cover a bill of these answers."""
        return [d for d in self.documents if any(self._covers(d, answers, day) is not False for day in self.days)]

    def refuses(self, answers: Answered) -> bool:
        """Is every such bill refused on some day, whatever else it answers?"""
        return any(self._lacks(answers, "", day) for day in self.days)

    def fits(self, answers: Answered, name: str, value: Value) -> bool:
        """Does no document lack what it needs where an attribute has this value?"""
        return not any(self._lacks({**answers, name: value}, name, day) for day in self.days)

    def _covers(self, document: Document, answers: Answered, when: date) -> bool | None:
        first, last, _ = document.window
        if (first and when < first) or (last and when > last):
            return False
        if all(layer.settled == "year_end" for layer in document.layers):
            return False
        return all_hold(document.covers, self._context(answers, when))

    def _context(self, answers: Answered, when: date) -> Context:
        return Context(answers, when, self.library.vocabulary, self.library.index)

    def _lacks(self, answers: Answered, name: str, when: date) -> bool:
        for document in self.documents:
            covered = self._covers(document, answers, when)
            for layer in document.layers if covered is not False else ():
                held = all_hold(layer.only, self._context(answers, when)) if layer.settled != "year_end" else False
                surely = bool(covered and held)
                if held is not False and self._layer_lacks(layer, (answers, name, when), surely):
                    return True
        return False

    def _layer_lacks(self, layer: Layer, asked: tuple[Answered, str, date], surely: bool) -> bool:
        """A part that was not read stops what surely comes here; a cell that is missing stops the value that has none."""
        answers, name, when = asked
        gate = in_force(layer.when, when)
        if gate and all_hold(gate.get("needs", ()), self._context(answers, when)) is False:
            return False
        for _, versions in layer.parts():
            version = in_force(versions, when)
            if version is None or version.cited.gap:
                if surely:
                    return True
                continue
            if surely and any(self._unknown(i, when) for i in self._inside(version.said, Index)):
                return True
            if name and any(self._no_cell(t, answers[name]) for t in self._tables(version.said, answers, name)):
                return True
        return False

    def _inside(self, thing: object, kind: type) -> list[Any]:
        """Every value of a kind inside a part of a document; looked for once, for documents stay as they are."""
        key = (id(thing), kind)
        if key not in self.walked:
            self.walked[key] = list(everything(thing, kind))
        return self.walked[key]

    def _unknown(self, index: Index, when: date) -> bool:
        """Has a series no figure for the year?"""
        try:
            index.value(self._context({}, when))
        except Refused:
            return True
        return False

    def _tables(self, thing: object, answers: Answered, name: str) -> Iterator[Table]:
        """The tables by an attribute that a bill of these answers can come to."""
        passed_by: set[int] = set()
        tables: list[Table] = self._inside(thing, Table)
        for table in tables if any(t.attribute == name for t in tables) else ():
            answer = answers.get(table.attribute)
            if id(table) in passed_by:
                continue
            if answer is not None and table.attribute != name:
                attribute = self.library.vocabulary[table.attribute]
                for matches, cell in table.cells:
                    if not any(_matches(attribute, m, answer) for m in matches):
                        passed_by |= {id(t) for t in self._inside(cell, Table)}
            if table.attribute == name:
                yield table

    def _no_cell(self, table: Table, answer: Value) -> bool:
        if table.otherwise is not None or (isinstance(answer, frozenset) and table.combine != "first"):
            return False
        attribute = self.library.vocabulary[table.attribute]
        return not any(_matches(attribute, m, answer) for matches, _ in table.cells for m in matches)


def _matches(attribute: Attribute, label: Match, answer: Value) -> bool:
    """Does an answer, or anything it counts as, fit a label?"""
    steps = attribute.chain(answer) if isinstance(answer, str) else [answer]
    return any(label.fits(attribute, step) for step in steps)


def days_of(first: date, last: date, documents: list[Document]) -> tuple[date, ...]:
    """The first day, and every day until the last on which some rule of the documents changes."""
    begins = {v.cited.begins for d in documents for _, _, v in d.versions()}
    return (first, *sorted(day for day in begins if first < day <= last))
