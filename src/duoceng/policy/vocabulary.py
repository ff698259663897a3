"""The attributes policies may ask for, and what they may be: data, in `policies/vocabulary.yaml`.

A value may count as another (`is: primary`): a community centre matches `primary` where a policy does not name it itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from duoceng.base.day import EARLIEST_BIRTH, day, passed
from duoceng.base.mistakes import Mistakes
from duoceng.base.money import WHOLE, fen, rate, whole_number
from duoceng.policy.nodes import Branch, Leaf, Node, Row, read_nodes
from duoceng.policy.reader import Key, Reader, map_of, object_of, one_of, text, yes_no
from duoceng.records.bill import Value


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a choice: official words, the code in the national interface, and what it counts as."""

    zh: str = ""
    en: str = ""
    code: str = ""
    counts_as: str = ""


@dataclass(frozen=True)
class Attribute:
    """One question a policy may ask."""

    name: str
    zh: str
    en: str
    of: str
    type: str
    nhsa: str = ""
    open: bool = False
    values: dict[str, Term] = field(default_factory=dict)
    counts: dict[str, str] = field(default_factory=dict)
    since: str = ""
    unit: str = ""

    def chain(self, value: str) -> list[str]:
        """The value itself and what it counts as, nearest first."""
        found = [value]
        while (term := self.values.get(found[-1])) and term.counts_as:
            found.append(term.counts_as)
        return found

    @cached_property
    def chains(self) -> dict[str, list[str]]:
        """`chain` of every value."""
        return {value: self.chain(value) for value in self.values}

    def parse(self, written: str) -> Value:
        """A scalar answer. Raises ValueError with the words allowed."""
        if self.type == "yes_no":
            if written not in ("yes", "no", "true", "false"):
                raise ValueError(f"{self.name} is answered by yes or no, not {written[:30]!r}")
            return written in ("yes", "true")
        if self.type in _PARSE:
            return _PARSE[self.type](self.name, written)
        if self.type == "set":
            return frozenset([self._known(written)])
        return self._known(written)

    def _known(self, written: str) -> str:
        if self.type != "text" and not self.open and written not in self.values:
            raise ValueError(f"{self.name} cannot be {written[:30]!r}; one of {', '.join(self.values)}")
        return written

    def words(self, value: Value, lang: str) -> str:
        """An answer in words, for statements."""
        if isinstance(value, bool):
            return {"zh": ("否", "是"), "en": ("no", "yes")}[lang][value]
        if isinstance(value, frozenset):
            return ("、" if lang == "zh" else ", ").join(self.words(v, lang) for v in sorted(value)) or "—"
        term = self.values.get(str(value))
        return (term.zh if lang == "zh" else term.en) if term else str(value)


def _rate(name: str, written: str) -> int:
    found = rate(written)
    if found > WHOLE:
        raise ValueError(f"{name} {written} is more than the whole")
    return found


LIMITS = {"age": 130, "stay_days": 3660, "children": 12}


def _number(name: str, written: str) -> int:
    if written.startswith("-") and written[1:].isdecimal():
        raise ValueError(f"{name} {written} is below nothing")
    number = whole_number(written)
    if number > LIMITS.get(name, 10**9):
        raise ValueError(f"{name} {written} is impossible (at most {LIMITS[name]})")
    return number


_PARSE: dict[str, Callable[[str, str], Value]] = {
    "number": _number,
    "rate": _rate,
    "money": lambda _, written: fen(written),
    "day": lambda _, written: day(written, EARLIEST_BIRTH),
}


class Vocabulary(dict[str, Attribute]):
    """Attributes by name."""

    def answers(self, reader: Reader, node: Node, of: tuple[str, ...]) -> dict[str, Value]:
        """The answers written in a mapping; wrong ones are noted and left out."""
        found: dict[str, Value] = {}
        if not isinstance(node, Branch):
            reader.wrong(3, node.place, "answers must be a list of `attribute: value` lines")
            return found
        for name, child in node.items.items():
            attribute = self.get(name)
            if attribute is None or attribute.of not in of:
                reader.unknown(
                    name,
                    node.keys[name],
                    [a.name for a in self.values() if a.of in of],
                    "this list of answers",
                )
                continue
            value = self.answer(reader, attribute, child)
            if value is not None:
                found[name] = value
        for name in found:
            if (since := self[name].since) in found:
                reader.wrong(
                    23,
                    node.place,
                    f"`{name}` and `{since}` are both given",
                    "Only one of them could count.",
                    f"keep `{since}`",
                )
        return found

    @cached_property
    def counted(self) -> list[Attribute]:
        """The attributes that may follow from a day."""
        return [a for a in self.values() if a.since]

    @cached_property
    def of_history(self) -> list[Attribute]:
        """The attributes that count the bills of the year."""
        return [a for a in self.values() if a.of == "history"]

    def counted_since(self, answers: dict[str, Value], when: date) -> None:
        """Adds the answers that are not given but follow from a day that is: an age from the day of birth."""
        for attribute in self.counted:
            begun = answers.get(attribute.since)
            if attribute.name not in answers and isinstance(begun, date) and begun <= when:
                answers[attribute.name] = passed(attribute.unit, begun, when)

    def answer(self, reader: Reader, attribute: Attribute, node: Node) -> Value | None:
        """One answer: a scalar, or a list for a set."""
        try:
            if attribute.type == "set":
                leaves = node.items if isinstance(node, Row) else [node]
                parsed = [
                    attribute.parse(leaf.text)
                    for leaf in leaves
                    if isinstance(leaf, Leaf) and leaf.text not in ("", "none")
                ]
                return frozenset[str]().union(*parsed)  # type: ignore[arg-type]
            if isinstance(node, Leaf):
                return attribute.parse(node.text)
            reader.wrong(3, node.place, f"{attribute.name} takes one value")
        except ValueError as error:
            reader.wrong(
                9,
                node.place,
                str(error),
                f"{attribute.zh} ({attribute.en})",
                _REPAIR.get(attribute.type, "write one of the values allowed"),
            )
        return None


_REPAIR = {
    "number": "write a whole number",
    "money": "write yuan with at most two decimals, such as 1300",
    "rate": "write a percentage such as 85%",
    "day": "write a day such as 2025-03-31",
}
_TERM = {
    "zh": Key(text, "official Chinese term", True),
    "en": Key(text, "English word"),
    "code": Key(text, "code in the national interface"),
    "is": Key(text, "what it counts as where it is not named itself"),
}
_ATTRIBUTE = {
    "zh": Key(text, "official Chinese term", True),
    "en": Key(text, "English words", True),
    "of": Key(one_of("member", "product", "bill", "line", "history"), "who answers", True),
    "type": Key(
        one_of("choice", "set", "yes_no", "number", "money", "rate", "day", "text"), "form of the answer", True
    ),
    "nhsa": Key(text, "field of the national interface"),
    "open": Key(yes_no, "values outside the list are allowed"),
    "values": Key(map_of(object_of(_TERM, "a value"), "values"), "values of a choice or set"),
    "counts": Key(map_of(text, "counts"), "which bills of the year are counted"),
    "since": Key(text, "the attribute from whose day it is counted, where it is not given itself"),
    "in": Key(one_of("years", "months", "days"), "what is counted since that day"),
}
VOCABULARY = {"attributes": Key(map_of(object_of(_ATTRIBUTE, "an attribute"), "attributes"), "the attributes", True)}


def read_vocabulary(source: str, file: str, mistakes: Mistakes) -> Vocabulary:
    """The vocabulary of a folder of policies."""
    node = read_nodes(source, file, mistakes)
    found = Vocabulary()
    if node is None:
        return found
    raw = Reader(mistakes).object(node, VOCABULARY, "the vocabulary")
    for name, a in raw.get("attributes", {}).items():
        terms = {v: Term(t.get("zh", ""), t.get("en", ""), t.get("code", ""), t.get("is", ""))
                 for v, t in a.get("values", {}).items()}  # fmt: skip
        found[name] = Attribute(name, a.get("zh", ""), a.get("en", ""), a.get("of", ""), a.get("type", ""), a.get("nhsa", ""),
                                a.get("open", False), terms, a.get("counts", {}), a.get("since", ""), a.get("in") or "")  # fmt: skip
    return found


def as_text(value: Value | str) -> str:
    """An answer as it is written in a file."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
