"""Read the values of `values.py` out of a document, with every mistake noted."""

from duoceng.base.mistakes import Mistakes, Place
from duoceng.base.money import WHOLE, whole_number
from duoceng.kernel.columns import BOUNDLESS
from duoceng.policy.nodes import Branch, Leaf, Node, Row
from duoceng.policy.reader import Form, Reader, list_of
from duoceng.policy.values import (
    UNITS,
    Adjusted,
    Adjustment,
    Each,
    Index,
    Match,
    PartOf,
    Plain,
    Several,
    Table,
    Value,
    match,
)
from duoceng.policy.vocabulary import Attribute, Vocabulary

YEARS = {"same": 0, "last": -1, "before_last": -2}
VALUE_WORDS = frozenset(("by", "index", "each", "of", "sum", "highest", "lowest"))
HOW = ("multiply", "multiply_own_share", "add", "subtract", "at_most", "at_least")
_REPAIR = {
    4: "write yuan with at most two decimals, such as 1300",
    5: "write a percentage such as 85%",
    7: "write a whole number",
}


class DocumentReader(Reader):
    """A reader that knows the vocabulary, and which indexes are asked for."""

    def __init__(self, mistakes: Mistakes, vocabulary: Vocabulary):
        super().__init__(mistakes)
        self.vocabulary = vocabulary
        self.indexes: list[tuple[str, Place]] = []
        self.reform = False
        self.asked: set[str] = set()


def value_of(unit: str) -> Form:
    """A form that reads a value in a unit: money (fen), rate (parts of 10,000) or count."""

    def read(reader: Reader, node: Node) -> Value:
        assert isinstance(reader, DocumentReader)
        return _value(reader, node, unit)

    read.unit = unit  # type: ignore[attr-defined]
    return read


def _value(reader: DocumentReader, node: Node, unit: str) -> Value:
    if isinstance(node, Leaf):
        return _plain(reader, node, unit)
    if isinstance(node, Branch):
        for word, kind in (("by", _table), ("index", _index), ("each", _each), ("of", _part_of)):
            if word in node.items:
                return kind(reader, node, unit)
        for how in ("sum", "highest", "lowest"):
            if isinstance(found := node.items.get(how), Row):
                return Several(how, tuple(_value(reader, item, unit) for item in found.items))
    reader.wrong(3, node.place, "a value is wanted here", "It decides money.",
                 "write a number, `{by: attribute, ...}`, `{index: ...}` or `none`")  # fmt: skip
    return Plain(0, node.place)


def _plain(reader: DocumentReader, node: Leaf, unit: str) -> Plain:
    if node.text == "none":
        return Plain(BOUNDLESS, node.place)
    if reader.blank(node):
        return Plain(0, node.place)
    number = {"money": 4, "rate": 5, "count": 7, "factor": 7}[unit]
    try:
        found = UNITS[unit](node.text)
    except ValueError as error:
        reader.wrong(number, node.place, str(error), "", _REPAIR[number])
        return Plain(0, node.place)
    if unit == "rate" and found > WHOLE:
        reader.wrong(17, node.place, f"{node.text} is more than the whole", "A layer would pay more than it was shown.",
                     "write a share of at most 100%")  # fmt: skip
    if found < 0:
        reader.wrong(4, node.place, f"{node.text} is negative", "", "write the amount without a sign")
    return Plain(found, node.place)


def _table(reader: DocumentReader, node: Branch, unit: str) -> Value:
    by = node.items["by"]
    names = [leaf for leaf in (by.items if isinstance(by, Row) else [by]) if isinstance(leaf, Leaf)]
    known = [leaf for leaf in names if _attribute(reader, leaf)]
    if not names or len(known) < len(names):
        return Plain(0, node.place)
    return _cells(reader, node, names, unit)


def _attribute(reader: DocumentReader, leaf: Leaf) -> bool:
    if leaf.text in reader.vocabulary:
        reader.asked.add(leaf.text)
        return True
    reader.unknown(leaf.text, leaf.place, reader.vocabulary, "the vocabulary")
    return False


def _cells(reader: DocumentReader, node: Node, names: list[Leaf], unit: str) -> Value:
    if not isinstance(node, Branch):
        return _value(reader, node, unit)
    attribute = reader.vocabulary[names[0].text]

    def inner(child: Node) -> Value:
        """Deeper cells, or a value that stands for all of them."""
        whole = not names[1:] or (isinstance(child, Branch) and not VALUE_WORDS.isdisjoint(child.items))
        return _value(reader, child, unit) if whole else _cells(reader, child, names[1:], unit)

    cells: list[tuple[tuple[Match, ...], Value]] = []
    otherwise = further = None
    combine = "first"
    for label, child in node.items.items():
        if label == "by":
            continue
        if label == "else":
            otherwise = inner(child)
        elif label == "combine" and isinstance(child, Leaf):
            combine = child.text
        elif label == "further":
            further = _value(reader, child, unit)
        else:
            cells.append((_labels(reader, label, attribute, node.keys[label]), inner(child)))
    if combine not in ("first", "sum", "highest"):
        reader.wrong(7, node.place, f"`combine: {combine}` is not known", "", "write first, sum or highest")
    return Table(attribute.name, tuple(cells), otherwise, node.place, combine, further)


def _labels(reader: DocumentReader, label: str, attribute: Attribute, place: Place) -> tuple[Match, ...]:
    try:
        return tuple(match(part.strip(), attribute) for part in label.split("/"))
    except ValueError as error:
        reader.wrong(
            9,
            place,
            str(error),
            f"No bill could ever meet this cell of {attribute.zh}.",
            "use a value of the vocabulary",
        )
        return ()


def _fields(reader: DocumentReader, node: Branch, known: tuple[str, ...]) -> dict[str, Node]:
    for name in node.items:
        if name not in known:
            reader.unknown(name, node.keys[name], known, "this value")
    return node.items


def _index(reader: DocumentReader, node: Branch, unit: str) -> Value:
    items = _fields(reader, node, ("index", "times", "of_year", "official", "official_for"))
    name = items["index"].text if isinstance(items["index"], Leaf) else ""
    year = items.get("of_year")
    said = year.text if isinstance(year, Leaf) else ""
    if said not in YEARS:
        reader.wrong(16, node.place, "which year's figure?", "The figure of another year is another amount.",
                     f"add `of_year:` ({', '.join(YEARS)})")  # fmt: skip
    reader.indexes.append((name, node.place))
    official = _value(reader, items["official"], unit) if "official" in items else None
    holds = _official_for(reader, items.get("official_for"), node.place) if official else 0
    return Index(name, _times(reader, items.get("times"), node.place), YEARS.get(said, 0), official, holds, node.place)


def _official_for(reader: DocumentReader, node: Node | None, place: Place) -> int:
    """The year a printed figure is for; 0 for `until_changed`."""
    said = node.text if isinstance(node, Leaf) else ""
    if said == "until_changed":
        return 0
    try:
        return whole_number(said, 4)
    except ValueError:
        reader.wrong(16, place, "for which year is the printed figure?", "Next year's would be another amount.",
                     "add `official_for: 2025`, or `until_changed`")  # fmt: skip
        return 0


def _times(reader: DocumentReader, node: Node | None, place: Place) -> Value:
    """A factor: 6%, 1.3, 6, or a table of them; the whole where none is written."""
    return Plain(WHOLE, place) if node is None else _value(reader, node, "factor")


def _each(reader: DocumentReader, node: Branch, unit: str) -> Value:
    items = _fields(reader, node, ("each", "per", "over", "at_most_units"))
    per = items.get("per")
    if not isinstance(per, Leaf) or not _attribute(reader, per):
        reader.wrong(2, node.place, "`each` needs `per:`, the number it is counted by", "", "add `per: age`")
        return Plain(0, node.place)
    counts = {}
    for name, default in (("over", 0), ("at_most_units", 10**6)):
        leaf = items.get(name)
        counts[name] = int(leaf.text) if isinstance(leaf, Leaf) and leaf.text.isdecimal() else default
    return Each(_value(reader, items["each"], unit), per.text, counts["over"], counts["at_most_units"], node.place)


def _part_of(reader: DocumentReader, node: Branch, unit: str) -> Value:
    items = _fields(reader, node, ("of", "divided_by", "times"))
    of, divisor = items["of"], items.get("divided_by")
    if not isinstance(of, Leaf) or not _attribute(reader, of):
        return Plain(0, node.place)
    divided = int(divisor.text) if isinstance(divisor, Leaf) and divisor.text.isdecimal() and int(divisor.text) else 1
    times = _value(reader, items["times"], "count") if "times" in items else Plain(1, node.place)
    return PartOf(of.text, divided, times, node.place)


def adjustments(unit: str) -> Form:
    """A list of steps that change a value, each `{how: by}`."""

    def one(reader: Reader, node: Node) -> Adjustment | None:
        assert isinstance(reader, DocumentReader)
        how = next((h for h in HOW if isinstance(node, Branch) and h in node.items), None)
        if how is None or not isinstance(node, Branch):
            reader.wrong(3, node.place, "an adjustment is `{how: value}`", "", f"how: {', '.join(HOW)}")
            return None
        _fields(reader, node, (how, "limit"))
        by_unit = "rate" if how in ("multiply", "multiply_own_share") else unit
        by = (
            _times(reader, node.items[how], node.place)
            if how == "multiply"
            else _value(reader, node.items[how], by_unit)
        )
        limit = _value(reader, node.items["limit"], "rate") if "limit" in node.items else None
        return Adjustment(how, by, limit, node.place)

    form = list_of(one)
    form.adjusts = unit  # type: ignore[attr-defined]
    return form


def adjusted(value: Value, steps: list[Adjustment | None] | None, unit: str) -> Value:
    """The value with its steps, or the value itself."""
    return Adjusted(value, tuple(s for s in steps or () if s), unit) if steps else value
