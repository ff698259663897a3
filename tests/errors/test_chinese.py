"""Every sentence of a mistake has its Chinese: the source is read for the sentences, not a list kept by hand."""

import ast
import re
from collections.abc import Iterator

import pytest

from conftest import ROOT
from duoceng.base.mistakes import Mistake, Place
from duoceng.interfaces.mistakes_zh import NOUNS, SENTENCES, chinese, in_chinese

SPEAKERS = {"wrong", "add", "refuse", "Mistake"}
SPOKEN = ("what", "why", "repair")


def sentences() -> Iterator[tuple[str, str]]:
    """Sentences handed to a mistake, with `{}` for what is filled in, and where they stand."""
    for path in sorted((ROOT / "src" / "duoceng").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            for said in spoken(node):
                for sentence in written(said):
                    yield sentence, f"{path.name}:{said.lineno}"


def spoken(node: ast.AST) -> list[ast.expr]:
    """What a call, an assignment to `what`, `why` or `repair`, or a raised ValueError says."""
    if isinstance(node, ast.Assign):
        target, value = node.targets[0], node.value
        names, values = (
            ([target], [value]) if not isinstance(target, ast.Tuple) else (target.elts, getattr(value, "elts", ()))
        )
        return [
            said for name, said in zip(names, values, strict=False) if isinstance(name, ast.Name) and name.id in SPOKEN
        ]
    if not isinstance(node, ast.Call):
        return []
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "ValueError":
        return node.args
    if name not in SPEAKERS or (name == "add" and not (node.args and isinstance(node.args[0], ast.Constant))):
        return []
    return [*node.args[2:5], *(k.value for k in node.keywords if k.arg in SPOKEN)]


def written(node: ast.expr) -> Iterator[str]:
    """The sentence as it stands in the source; what is only a name is filled from elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.IfExp):
        yield from (*written(node.body), *written(node.orelse))


SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "src" / "duoceng").rglob("*.py"))
    if path.name != "mistakes_zh.py" and not path.name.startswith("sentences_")
)
SAID = {sentence: where for sentence, where in sentences() if re.search("[a-z]{2}", sentence)}


@pytest.mark.parametrize("sentence", SAID)
def test_it_has_its_chinese(sentence: str) -> None:
    said = sentence
    for hole in ("X", "Y", "Z", "V"):
        said = said.replace("{}", hole, 1)

    found = chinese(said)

    assert any("一" <= letter <= "鿿" for letter in found), f"{SAID[sentence]}: no Chinese for {sentence!r}"
    for hole in ("X", "Y", "Z"):
        assert (hole in said) <= (hole in found) or sentence in LEAVES_OUT, f"{found!r} loses {hole}"


# The English name of an attribute stands beside the Chinese one; whether one or several were not read is English grammar.
LEAVES_OUT = {"the {} does not say `{}` ({}, {})"}


def test_words_of_a_document_stay_as_they_are() -> None:
    gap = "大额互助的起付线没有读到"

    assert chinese(gap) == gap


def test_names_in_a_sentence_are_told_in_chinese() -> None:
    mistake = Mistake("P002", Place("a.yaml"), "a layer does not say `tier`", "which tier of cover", "add `tier:`")

    assert in_chinese(mistake) == Mistake("P002", Place("a.yaml"), "层没有写 `tier`", "", "加上 `tier:`")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_somebody_says_it(sentence: str) -> None:
    """Chinese for a sentence that is gone goes, too."""
    assert all(piece in SOURCE for piece in sentence.split("{}"))


def test_names_that_are_filled_in_are_names_of_the_source() -> None:
    gone = {name for name in NOUNS if name.removeprefix("a version of the ") not in SOURCE}

    assert not gone
