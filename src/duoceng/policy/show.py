"""A document in words for a day, and what differs between two documents or two days."""

from datetime import date

from duoceng.policy.document import Document, Version, in_force
from duoceng.policy.nodes import Branch, Leaf, Node, Row
from duoceng.policy.versions import CITED

Shown = dict[tuple[str, str], tuple[Version, dict[str, str]]]


def written(node: Node) -> str:
    """A value as it is written, on one line."""
    if isinstance(node, Leaf):
        return node.text
    if isinstance(node, Row):
        return "[" + ", ".join(written(item) for item in node.items) + "]"
    return "{" + ", ".join(f"{name}: {written(child)}" for name, child in node.items.items()) + "}"


def in_words(document: Document, when: date) -> Shown:
    """Layer and part -> the version in force and its answers as written."""
    found: Shown = {}
    nodes = _version_nodes(document.raw)
    for layer in document.layers:
        for part, versions in layer.parts():
            version = in_force(versions, when)
            if version:
                node = nodes.get(str(version.cited.place))
                said = {n: written(c) for n, c in node.items.items() if n not in CITED} if node else {}
                found[layer.name, part] = (version, said)
    return found


def _version_nodes(node: Node) -> dict[str, Branch]:
    """Every mapping of a document by its place."""
    found: dict[str, Branch] = {}
    if isinstance(node, Branch):
        found[str(node.place)] = node
        for child in node.items.values():
            found |= _version_nodes(child)
    elif isinstance(node, Row):
        for item in node.items:
            found |= _version_nodes(item)
    return found


def differences(one: Shown, two: Shown) -> list[tuple[str, str, str, str]]:
    """Layer and part, key, and the words of both where they differ; `—` where one says nothing."""
    rows = []
    for key in dict.fromkeys([*one, *two]):
        first, second = (side[key][1] if key in side else {} for side in (one, two))
        for name in dict.fromkeys([*first, *second]):
            if first.get(name) != second.get(name):
                rows.append((" ".join(key), name, first.get(name, "—"), second.get(name, "—")))
    return rows
