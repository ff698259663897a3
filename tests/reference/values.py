"""Values of a document: plain, by table, from a yearly index, by formula; and the steps that change them.

Money is whole fen, a rate a fraction of one in whole parts of 10,000, a count a whole number; None is "no limit". Every product
is rounded half up to a fen or to 0.01 %:

    {by: level, primary: 93%, else: 83%} ──▶ 93 % ──▶ adjust: [{multiply_own_share: 80%}] ──▶ 94.4 %
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from reference.reading import AnswerOf, Cannot, Folders, Raw, as_list, counts_as, fits

Value = Fraction | None
UNIT = {"money": Fraction(1), "rate": Fraction(1, 10_000), "count": Fraction(1)}


def half_up(amount: Fraction, unit: Fraction = Fraction(1)) -> Fraction:
    """The nearest whole number of units; a half goes up."""
    return (amount / unit + Fraction(1, 2)).__floor__() * unit


def part(amount: int, rate: Fraction) -> int:
    """`part(x, rate)`: x times rate, half a fen up."""
    return int(half_up(amount * rate))


def number(text: str) -> Fraction:
    """A plain number or a percentage, exactly."""
    plain = text.strip().replace(",", "")
    return Fraction(Decimal(plain[:-1])) / 100 if plain.endswith("%") else Fraction(Decimal(plain))


def plain_value(text: str, kind: str) -> Value:
    """A scalar of a document."""
    if text.strip() == "none":
        return None
    return number(text) * 100 if kind == "money" else number(text)


@dataclass(frozen=True)
class Reader:
    """Reads values for one document, one charge and one day."""

    folders: Folders
    answer_of: AnswerOf
    when: date

    def value(self, node: Raw, kind: str) -> Value:
        """The value a node comes to."""
        if isinstance(node, str):
            return plain_value(node, kind)
        if "by" in node:
            return self._table(node, as_list(node["by"]), kind)
        for name in ("sum", "highest", "lowest"):
            if name in node:
                return _together(name, [self.value(one, kind) for one in node[name]])
        if "index" in node:
            return self._index(node)
        if "each" in node:
            over = int(node.get("over", "0"))
            return self._needed(node["each"], kind) * max(self._number(node["per"]) - over, Fraction(0))
        if "of" in node:
            product = self._of(node["of"]) * self._factor(node.get("times", "1"), "count")
            return half_up(product / number(node.get("divided_by", "1")), UNIT[kind])
        raise Cannot(f"value {node}")

    def _needed(self, node: Raw, kind: str) -> Fraction:
        found = self.value(node, kind)
        if found is None:
            raise Cannot(f"{node} has no number")
        return found

    def _of(self, name: str) -> Fraction:
        """An answer in fen or, for a share, as a part of the whole."""
        answer = self._number(name)
        return answer / 10_000 if self.folders.words.type(name) == "rate" else answer

    def _number(self, name: str) -> Fraction:
        return Fraction(self.answer_of(name))  # type: ignore[arg-type]

    def _factor(self, node: Raw, kind: str = "factor") -> Fraction:
        return self._needed(node, kind)

    def _index(self, node: Raw) -> Value:
        if "official" in node and node["official_for"] in ("until_changed", str(self.when.year)):
            return plain_value(node["official"], "money")
        back = {"same": 0, "last": 1, "before_last": 2}[node.get("of_year", "same")]
        figure = plain_value(self.folders.index(node["index"], self.when.year - back), "money")
        assert figure is not None
        return half_up(figure * self._factor(node.get("times", "1")))

    def _table(self, cells: Raw, names: list[str], kind: str) -> Value:
        name, inner = names[0], names[1:]
        found = self._cells(cells, name)
        if not found:
            raise Cannot(f"no cell for {name} = {self.answer_of(name)}")

        def read(cell: Raw) -> Value:
            is_table = (
                inner
                and isinstance(cell, dict)
                and not set(cell) & {"by", "index", "each", "of", "sum", "highest", "lowest"}
            )
            return self._table(cell, inner, kind) if is_table else self.value(cell, kind)

        if "combine" not in cells:
            return read(found[0])
        together = _together(cells["combine"], [read(cell) for cell in found])
        if "further" not in cells or together is None:
            return together
        return together + (len(found) - 1) * self._needed(cells["further"], kind)

    def _cells(self, cells: Raw, name: str) -> list[Raw]:
        """The cells an answer fits, in the order listed: as it is, then as what it counts as, then `else`."""
        words, answer = self.folders.words, self.answer_of(name)
        labels = [label for label in cells if label not in ("by", "combine", "further", "else")]
        for one in counts_as(words, name, answer):
            if found := [cells[label] for label in labels if fits(words, name, label, one)]:
                return found
        return [cells["else"]] if "else" in cells else []

    # ── steps ──

    def adjusted(self, value: Value, steps: Raw, kind: str) -> Value:
        """The value after the steps, in the order written."""
        for step in as_list(steps or []):
            value = self._step(value, step, kind)
        return value

    def _step(self, value: Value, step: Raw, kind: str) -> Value:
        if "at_most" in step:
            return _together("lowest", [value, self.value(step["at_most"], kind)])
        if value is None:
            return None
        if "multiply" in step:
            return half_up(value * self._factor(step["multiply"]), UNIT[kind])
        if "multiply_own_share" in step:
            return 1 - half_up((1 - value) * self._factor(step["multiply_own_share"]), UNIT[kind])
        if "add" in step:
            more = self._needed(step["add"], kind)
            if "limit" in step:
                more = min(more, half_up(value * self._factor(step["limit"]), UNIT[kind]))
            return value + more
        if "subtract" in step:
            return max(value - self._needed(step["subtract"], kind), Fraction(0))
        return _together("highest", [value, self.value(step["at_least"], kind)])


def _together(how: str, values: list[Value]) -> Value:
    """Sum, highest or lowest; no limit is above every number."""
    numbers = [v for v in values if v is not None]
    if how == "lowest":
        return min(numbers) if numbers else None
    if len(numbers) < len(values):
        return None
    return sum(numbers, Fraction(0)) if how == "sum" else max(numbers)


def share_of(value: Value) -> Fraction:
    """A share as read; pushed above 100 % it is refused."""
    if value is None or value > 1:
        raise Cannot(f"share {value}")
    return value


def cells_of(node: Raw) -> Iterator[Raw]:
    """Every map inside a value, itself included."""
    if isinstance(node, dict):
        yield node
        for one in node.values():
            yield from cells_of(one)
    elif isinstance(node, list):
        for one in node:
            yield from cells_of(one)
