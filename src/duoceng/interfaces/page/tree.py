"""What the page sends, as the tree that bill files are read from: every value as text, every place a path (`bills.0.level`).

So a bill of the page is a bill file to the fen: the same keys, the same checks, the same words for what is wrong.
"""

from typing import Any

from duoceng.base.mistakes import Mistakes, Place
from duoceng.interfaces.bill_file import Case, case_of
from duoceng.policy.nodes import DEPTH_MAX, Branch, Leaf, Node, Row
from duoceng.policy.reader import Reader
from duoceng.policy.vocabulary import Vocabulary


def tree_of(said: Any, path: str = "", depth: int = 0) -> Node:
    """JSON as a tree. Booleans are `yes` and `no`, numbers the text they were; nothing is an empty text."""
    place = Place(path or "case", 0)
    if depth > DEPTH_MAX:
        return Leaf("", place)
    if isinstance(said, dict):
        at = {str(key): f"{path}.{key}" if path else str(key) for key in said}
        items = {str(key): tree_of(value, at[str(key)], depth + 1) for key, value in said.items() if value is not None}
        return Branch(items, {key: Place(at[key], 0) for key in items}, place)
    if isinstance(said, list):
        return Row([tree_of(value, f"{path}.{n}", depth + 1) for n, value in enumerate(said)], place)
    if isinstance(said, bool):
        return Leaf("yes" if said else "no", place)
    return Leaf("" if said is None else str(said), place)


def case_from(said: Any, vocabulary: Vocabulary) -> Case:
    """The member and bills that the page sent. Raises Refused with every mistake, each at its path."""
    mistakes = Mistakes()
    case = case_of(Reader(mistakes, "B"), vocabulary, tree_of(said), "case")
    mistakes.stop_if_any()
    return case
