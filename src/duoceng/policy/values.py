"""A number in a document: plain, by cell of attributes, from an index, or by a formula; then adjusted in a stated order.

    1300                                            plain
    {by: level, primary: 90%, else: 85%}            by cell; `by: [status, level]` nests
    {index: shenzhen.average_wage, times: 6%, of_year: before_last, official: 10478.40, official_for: 2025}
    {each: 0.2%, per: age}                          so much for every year of age
    {of: wage, divided_by: 30, times: {by: ...}}    an allowance
    {sum: [..]}  {highest: [..]}  {lowest: [..]}
    none                                            no limit

Reading a value and valuing it are two things: a value is read once, with every mistake noted, and valued for each
member and day. Valuing never guesses: an answer it needs and does not have is put on the list of questions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from duoceng.base.day import day as read_day
from duoceng.base.mistakes import Place
from duoceng.base.money import WHOLE, fen, half_up, rate, whole_number
from duoceng.kernel.columns import BOUNDLESS
from duoceng.policy.vocabulary import Attribute, Vocabulary
from duoceng.records.bill import Value as Answer


def factor(text: str) -> int:
    """A factor in parts of 10,000: 6%, 120%, 1.3, 6."""
    return rate(text) if text.endswith("%") else fen(text) * 100


UNITS: dict[str, Callable[[str], int]] = {"money": fen, "rate": rate, "count": whole_number, "factor": factor}


@dataclass
class Context:
    """Whom and which day a value is asked for. `missing` gathers questions, `gaps` cells that a document lacks."""

    answers: Mapping[str, Answer]
    day: date
    vocabulary: Vocabulary
    index: Callable[[str, int, Place], int]
    missing: dict[str, Place] = field(default_factory=dict)
    gaps: list[tuple[str, str, Place]] = field(default_factory=list)
    cells: set[Place] = field(default_factory=set)

    def ask(self, attribute: str, place: Place) -> Answer | None:
        """The answer, or None with the question noted."""
        answer = self.answers.get(attribute)
        if answer is None:
            self.missing.setdefault(attribute, place)
        return answer


class Value(Protocol):
    """Anything that comes to a whole number (fen, parts of 10,000, or a count); BOUNDLESS for no limit."""

    def value(self, context: Context) -> int:
        """Its whole number for this context."""
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """A number as written."""

    number: int
    place: Place

    def value(self, context: Context) -> int:
        """Its whole number for this context."""
        context.cells.add(self.place)
        return self.number


@dataclass(frozen=True, slots=True)
class Match:
    """One label of a table: does an answer fit it?"""

    label: str
    low: int | None = None
    high: int | None = None

    def fits(self, attribute: Attribute, answer: Answer) -> bool:
        """Does the answer fit this label?"""
        if isinstance(answer, frozenset):
            return any(self.label in attribute.chain(a) for a in answer)
        if self.low is not None and self.high is not None:
            number = answer.toordinal() if isinstance(answer, date) else int(answer)
            return self.low <= number <= self.high
        if isinstance(answer, bool):
            return self.label == ("yes" if answer else "no")
        return self.label == str(answer)


FAR = 10**16


def match(label: str, attribute: Attribute) -> Match:
    """Read a label: a word, or for numbers, money and days `<70`, `>=70`, `60-69`, `3`. Raises ValueError."""
    if attribute.type not in ("number", "money", "day"):
        if attribute.type in ("choice", "set") and not attribute.open and label not in attribute.values:
            raise ValueError(f"{attribute.name} is never {label!r}; one of {', '.join(attribute.values)}")
        if attribute.type == "yes_no" and label not in ("yes", "no"):
            raise ValueError(f"{attribute.name} is yes or no, not {label!r}")
        return Match(label)
    convert: Callable[[str], int] = {"number": whole_number, "money": fen, "day": _ordinal}[attribute.type]
    for sign, low_step, high_step in (("<=", None, 0), (">=", 0, None), ("<", None, -1), (">", 1, None)):
        if label.startswith(sign):
            edge = convert(label[len(sign) :].strip())
            return Match(
                label,
                edge + low_step if low_step is not None else -FAR,
                edge + high_step if high_step is not None else FAR,
            )
    if attribute.type != "day" and "-" in label:
        first, last = label.split("-", 1)
        return Match(label, convert(first.strip()), convert(last.strip()))
    edge = convert(label)
    return Match(label, edge, edge)


def _ordinal(text: str) -> int:
    return read_day(text).toordinal()


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by one attribute. For a set of answers, `combine` says what several matches come to."""

    attribute: str
    cells: tuple[tuple[tuple[Match, ...], Value], ...]
    otherwise: Value | None
    place: Place
    combine: str = "first"
    further: Value | None = None

    def value(self, context: Context) -> int:
        """Its whole number for this context."""
        answer = context.ask(self.attribute, self.place)
        if answer is None:
            return 0
        attribute = context.vocabulary[self.attribute]
        if isinstance(answer, frozenset) and self.combine != "first":
            return self._several(attribute, answer, context)
        for step in attribute.chains.get(answer, [answer]) if isinstance(answer, str) else [answer]:
            for matches, cell in self.cells:
                if any(m.fits(attribute, step) for m in matches):
                    return cell.value(context)
        if self.otherwise is None:
            context.gaps.append((self.attribute, str(answer), self.place))
            return 0
        return self.otherwise.value(context)

    def _several(self, attribute: Attribute, answer: frozenset[str], context: Context) -> int:
        found = [cell.value(context) for matches, cell in self.cells if any(m.fits(attribute, answer) for m in matches)]
        if not found:
            return self.otherwise.value(context) if self.otherwise else 0
        if self.combine == "sum":
            return sum(found)
        further = self.further.value(context) if self.further and len(found) > 1 else 0
        return max(found) + further * (len(found) - 1)


@dataclass(frozen=True, slots=True)
class Index:
    """A multiple of a published yearly series, or the rounded figure the authority itself printed.

    `official_for` is the year the printed figure is for; 0 where it holds until it is changed.
    """

    name: str
    times: Value
    of_year: int
    official: Value | None
    official_for: int
    place: Place

    def value(self, context: Context) -> int:
        """Its whole number for this context."""
        self.times.value(context)  # what the printed figure stands for is used with it
        if self.official and self.official_for in (0, context.day.year):
            return self.official.value(context)
        return self.by_formula(context)

    def by_formula(self, context: Context) -> int:
        """The multiple of the series' figure, rounded half up to a fen."""
        figure = context.index(self.name, context.day.year + self.of_year, self.place)
        return half_up(figure * self.times.value(context), WHOLE)


@dataclass(frozen=True, slots=True)
class Each:
    """So much for every unit of a number above a threshold: 1 point for every year, 0.2 % for every year of age."""

    each: Value
    per: str
    over: int
    at_most: int
    place: Place

    def value(self, context: Context) -> int:
        """Its whole number for this context."""
        answer = context.ask(self.per, self.place)
        units = max(int(answer) - self.over, 0) if isinstance(answer, int) else 0
        return self.each.value(context) * min(units, self.at_most)


@dataclass(frozen=True, slots=True)
class PartOf:
    """A money answer divided and multiplied: the average wage / 30 x days. Rounded once, at the end."""

    of: str
    divided_by: int
    times: Value
    place: Place

    def value(self, context: Context) -> int:
        """Its whole number for this context."""
        answer = context.ask(self.of, self.place)
        amount = answer if isinstance(answer, int) else 0
        return half_up(amount * self.times.value(context), self.divided_by)


@dataclass(frozen=True, slots=True)
class Several:
    """The sum, the highest or the lowest of several values."""

    how: str
    values: tuple[Value, ...]

    def value(self, context: Context) -> int:
        """Its whole number for this context."""
        found = [v.value(context) for v in self.values]
        if self.how == "sum":
            return sum(found)
        return max(found) if self.how == "highest" else min(found)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One step that changes a value: what to do and by how much."""

    how: str
    by: Value
    at_most: Value | None
    place: Place

    def apply(self, number: int, context: Context) -> int:
        """The number after this step."""
        by = self.by.value(context)
        if number >= BOUNDLESS:
            return min(by, number) if self.how == "at_most" else number
        if self.how == "multiply":
            return half_up(number * by, WHOLE)
        if self.how == "multiply_own_share":
            return max(WHOLE - half_up((WHOLE - number) * by, WHOLE), 0)
        if self.how == "add":
            limit = half_up(number * self.at_most.value(context), WHOLE) if self.at_most else by
            return number + min(by, limit)
        if self.how == "subtract":
            return max(number - by, 0)
        return min(number, by) if self.how == "at_most" else max(number, by)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """A value and the steps that change it, in their order."""

    first: Value
    steps: tuple[Adjustment, ...]
    unit: str

    def value(self, context: Context) -> int:
        """Its whole number for this context."""
        number = self.first.value(context)
        for step in self.steps:
            number = step.apply(number, context)
        return min(number, WHOLE) if self.unit == "rate" and not self.steps else number
