"""YAML as text with positions: every scalar stays the text that was written, and knows its line and column.

No value is ever turned into a float, a date or a boolean by the YAML reader, so `no`, `1_000` and `0.1` are what they look
like. Anchors, aliases and tags are refused: a document must be readable aloud from top to bottom.
"""

from dataclasses import dataclass

import yaml

from duoceng.base.mistakes import Mistakes, Place

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PLAIN = frozenset(
    f"tag:yaml.org,2002:{t}"
    for t in ["str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq"]
)
SIZE_MAX = 40_000_000
OPENERS_MAX = 4_000  # nesting that the reader of libyaml surely bears; beyond it, depth is measured first
DEPTH_MAX = 40


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar: the text as written."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping, in the order written."""

    items: dict[str, "Node"]
    keys: dict[str, Place]
    place: Place


@dataclass(frozen=True, slots=True)
class Row:
    """A list."""

    items: list["Node"]
    place: Place


Node = Leaf | Branch | Row


def read_nodes(text: str, file: str, mistakes: Mistakes) -> Node | None:
    """The tree of a YAML (or JSON) text; None, with a mistake noted, where it cannot be read."""
    if len(text) > SIZE_MAX:
        mistakes.add("Y002", Place(file), f"larger than {SIZE_MAX // 1_000_000} MB", repair="split the file")
        return None
    if _too_deep(text):
        _nested(Place(file), mistakes)
        return None
    try:
        root = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError as error:
        _broken(error, file, mistakes)
        return None
    if root is None:
        mistakes.add(
            "Y001",
            Place(file),
            "the file is empty",
            repair="write a document; `duoceng policy new` starts one",
        )
        return None
    before = len(mistakes.found)
    tree = _Grower(file, mistakes).grow(root, 0)
    return tree if len(mistakes.found) == before else None


def _too_deep(text: str) -> bool:
    """libyaml's composer calls itself for every level and would take the process down; its parser does not."""
    if sum(text.count(opener) for opener in ("[", "{", "- ", "-\n", "? ", ":\n")) < OPENERS_MAX:
        return False
    depth = 0
    try:
        for event in yaml.parse(text, Loader=LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > DEPTH_MAX:
                    return True
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        return False  # said with its place by the composer, which stops at the same spot
    return False


def _nested(place: Place, mistakes: Mistakes) -> None:
    mistakes.add("Y003", place, "nested too deeply to be a document", repair="check the brackets")


def _broken(error: yaml.YAMLError, file: str, mistakes: Mistakes) -> None:
    mark = getattr(error, "problem_mark", None)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "characters that are not text"
    if "nesting depth" in problem:  # libyaml has a depth of its own, in PyYAML 6.0.4 and later
        _nested(place, mistakes)
        return
    mistakes.add("Y001", place, f"not readable as YAML: {problem}",
                 "Nothing after this point can be read.",
                 "check indentation (spaces, no tabs), quotes and colons at this place")  # fmt: skip


class _Grower:
    def __init__(self, file: str, mistakes: Mistakes):
        self.file, self.mistakes, self.seen = file, mistakes, set[int]()

    def place(self, node: yaml.Node) -> Place:
        start, end = node.start_mark, node.end_mark
        width = end.column - start.column if end.line == start.line else 1
        return Place(self.file, start.line + 1, start.column + 1, max(width, 1))

    def grow(self, node: yaml.Node, depth: int) -> Node:
        place = self.place(node)
        if depth > DEPTH_MAX:
            _nested(place, self.mistakes)
            return Leaf("", place)
        if id(node) in self.seen or node.tag not in PLAIN:
            self.mistakes.add("Y004", place, "anchors, aliases and tags (&, *, !) are not used here",
                              "A reader must find every value where it stands.", "write the value out")  # fmt: skip
            return Leaf("", place)
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return Leaf(node.value, place)
        if isinstance(node, yaml.SequenceNode):
            return Row([self.grow(item, depth + 1) for item in node.value], place)
        assert isinstance(node, yaml.MappingNode)
        return self.branch(node, place, depth)

    def branch(self, node: yaml.MappingNode, place: Place, depth: int) -> Branch:
        items: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        for key_node, value_node in node.value:
            key_place = self.place(key_node)
            if not isinstance(key_node, yaml.ScalarNode) or not key_node.value.strip():
                self.mistakes.add("Y005", key_place, "a key must be a word", repair="write a plain key")
                continue
            key = key_node.value
            if key in items:
                self.mistakes.add("Y006", key_place, f"`{key}` stands here twice", "Only one of them could count.",
                                  "remove one", also=keys[key])  # fmt: skip
                continue
            items[key], keys[key] = self.grow(value_node, depth + 1), key_place
        return Branch(items, keys, place)
