"""Reads the cases of `tests/cases/`: the published examples and the reference computations, one list a file."""

from pathlib import Path
from typing import Any

from duoceng.base.mistakes import Mistakes
from duoceng.policy.grammar import WORKED
from duoceng.policy.library import Library
from duoceng.policy.nodes import read_nodes
from duoceng.policy.read_values import DocumentReader
from duoceng.policy.reader import Key, list_of, object_of

FOLDER = Path(__file__).resolve().parent / "cases"
FILE = {"cases": Key(list_of(object_of(WORKED, "a case", dict)), "the cases", True)}


def cases_of(library: Library) -> list[tuple[str, dict[str, Any]]]:
    """Every case of the folder and every worked example of the documents, with its file. Raises Refused."""
    found = []
    mistakes = Mistakes()
    for path in sorted(FOLDER.glob("*.yaml")):
        node = read_nodes(path.read_text(encoding="utf-8"), f"cases/{path.name}", mistakes)
        mistakes.stop_if_any()
        assert node is not None
        said = DocumentReader(mistakes, library.vocabulary).object(node, FILE, "a file of cases")
        found += [(f"cases/{path.name}", case) for case in said["cases"]]
    for path in library.paths():
        document = library.document(path)
        found += [(document.file, worked) for worked in document.worked] if document else []
    mistakes.stop_if_any()
    return found
