"""Read one node as what it must be; note every mistake with its place and its repair, and go on.

A grammar is a table: key -> `Key(form, ...)`. The same tables read documents and bills, and make the JSON Schema
that editors complete from (`policy/schema.py`), so the three cannot drift apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from duoceng.base.day import day as read_day
from duoceng.base.mistakes import Mistakes, Place
from duoceng.base.money import fen, whole_number
from duoceng.base.text import visible
from duoceng.policy.nodes import Branch, Leaf, Node, Row

Form = Callable[["Reader", Node], Any]
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an object: how it is read, what it means, and whether it must be there."""

    form: Form
    says: str
    required: bool = False


Keys = Mapping[str, Key]


class Reader:
    """Collects mistakes under codes that begin with `family` (P for policies, B for bills)."""

    def __init__(self, mistakes: Mistakes, family: str = "P"):
        self.mistakes, self.family = mistakes, family

    def wrong(
        self, number: int, place: Place, what: str, why: str = "", repair: str = "", also: Place | None = None
    ) -> None:
        """Note a mistake."""
        self.mistakes.add(f"{self.family}{number:03d}", place, what, why, repair, also)

    def object(self, node: Node, keys: Keys, what: str) -> dict[str, Any]:
        """A mapping read by its table of keys. Unknown and missing keys are noted; what can be read is."""
        if self.blank(node):
            return {}
        if not isinstance(node, Branch):
            self.wrong(
                3,
                node.place,
                f"{what} must be a list of `key: value` lines",
                repair=f"keys: {', '.join(keys)}",
            )
            return {}
        found: dict[str, Any] = {"at": node.place}
        for name, child in node.items.items():
            if name in keys:
                found[name] = keys[name].form(self, child)
            else:
                self.unknown(name, node.keys[name], keys, what)
        for name, key in keys.items():
            if key.required and name not in node.items:
                self.wrong(2, node.place, f"{what} does not say `{name}`", key.says, f"add `{name}:`")
        return found

    def blank(self, node: Node) -> bool:
        """Is nothing written there yet? That is noted as such, and not as a wrong value."""
        is_blank = isinstance(node, Leaf) and not node.text.strip()
        if is_blank:
            self.wrong(2, node.place, "nothing is written here yet", "", "fill it in, or remove the line")
        return is_blank

    def unknown(self, name: str, place: Place, known: Any, what: str) -> None:
        """Note a key that does not exist, with the nearest one that does."""
        near = get_close_matches(name, list(known), 1, 0.6)
        hint = f"did you mean `{near[0]}`?" if near else f"keys here: {', '.join(known)}"
        self.wrong(1, place, f"{what} has no key `{name}`", "It would be passed over in silence.", hint)


def text(reader: Reader, node: Node) -> str:
    """Any words; characters that do not show are made to."""
    if isinstance(node, Leaf) and node.text.strip():
        return visible(" ".join(node.text.split()))
    if reader.blank(node):
        return ""
    reader.wrong(3, node.place, "words are wanted here", repair="write a line of text")
    return ""


def a_day(reader: Reader, node: Node) -> date | None:
    """A day, 2025-03-31."""
    found: date | None = _scalar(reader, node, read_day, 6)
    return found


def money(reader: Reader, node: Node) -> int | None:
    """An amount in yuan, kept as fen."""
    found: int | None = _scalar(reader, node, fen, 4)
    return found


def whole(reader: Reader, node: Node) -> int | None:
    """A whole number."""
    found: int | None = _scalar(reader, node, whole_number, 7)
    return found


def yes_no(reader: Reader, node: Node) -> bool:
    """yes or no."""
    if isinstance(node, Leaf) and node.text in ("yes", "no", "true", "false"):
        return node.text in ("yes", "true")
    if reader.blank(node):
        return False
    reader.wrong(7, node.place, "yes or no is wanted here", repair="write yes or no")
    return False


_REPAIR = {
    4: "write yuan with at most two decimals, such as 1300",
    6: "write a day such as 2025-03-31",
    7: "write a whole number",
}


def _scalar(reader: Reader, node: Node, convert: Callable[[str], Any], number: int) -> Any:
    if not isinstance(node, Leaf):
        reader.wrong(3, node.place, "a single value is wanted here", repair="write one value, not a list")
        return None
    if reader.blank(node):
        return None
    try:
        return convert(node.text)
    except ValueError as error:
        far = any(words in str(error) for words in ("lies outside", "is larger than"))
        repair = "check what was typed" if far else _REPAIR.get(number, "")
        reader.wrong(number, node.place, str(error), "", repair)
        return None


def one_of(*allowed: str) -> Form:
    """A word out of a closed list."""

    def read(reader: Reader, node: Node) -> str | None:
        if isinstance(node, Leaf) and node.text in allowed:
            return node.text
        if reader.blank(node):
            return None
        said = node.text[:40] if isinstance(node, Leaf) else "this"
        near = get_close_matches(said, allowed, 1, 0.6)
        hint = f"did you mean `{near[0]}`?" if near else "one of: " + ", ".join(allowed)
        reader.wrong(7, node.place, f"`{said}` is none of the words that can stand here", repair=hint)
        return None

    read.allowed = allowed  # type: ignore[attr-defined]
    return read


def list_of(form: Form) -> Form:
    """A list; a single item may stand for a list of one."""

    def read(reader: Reader, node: Node) -> list[Any]:
        items = node.items if isinstance(node, Row) else [node]
        return [form(reader, item) for item in items]

    read.item = form  # type: ignore[attr-defined]
    return read


def object_of(keys: Keys, what: str, build: Callable[[dict[str, Any]], Any] | None = None) -> Form:
    """A mapping by a table of keys, made into a record by `build`."""

    def read(reader: Reader, node: Node) -> Any:
        found = reader.object(node, keys, what)
        return build(found) if build else found

    read.keys = keys  # type: ignore[attr-defined]
    return read


def map_of(form: Form, what: str) -> Form:
    """A mapping of free names to one form."""

    def read(reader: Reader, node: Node) -> dict[str, Any]:
        if isinstance(node, Branch):
            return {name: form(reader, child) for name, child in node.items.items()}
        reader.wrong(3, node.place, f"{what} must be a list of `name: ...` lines", repair="write `name: ...`")
        return {}

    read.of = form  # type: ignore[attr-defined]
    return read


def either(none_word: str, form: Form) -> Form:
    """A form, or the plain word that says there is none of it."""

    def read(reader: Reader, node: Node) -> Any:
        if isinstance(node, Leaf) and node.text == none_word:
            return None
        return form(reader, node)

    read.word, read.form = none_word, form  # type: ignore[attr-defined]
    return read
