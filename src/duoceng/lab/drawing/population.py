"""The figures that members and bills are drawn from: `population.yaml` of the folder of policies, each with its source.

A figure is a number, weights by name, or tables of weights. Answers are weights of an attribute's values, for some kinds
of care, some members, or all. Only figures that stand in FIGURES are known; one that is missing is a mistake, not a guess.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from duoceng.base.mistakes import Mistakes, Place
from duoceng.policy.grammar import SOURCE
from duoceng.policy.library import Library, find_policies, read_text
from duoceng.policy.nodes import Branch, Leaf, Node, read_nodes
from duoceng.policy.reader import Key, Keys, Reader, list_of, map_of, object_of, one_of, text, yes_no
from duoceng.policy.versions import CITED
from duoceng.policy.vocabulary import Attribute, Vocabulary
from duoceng.records.bill import Value

Weights = dict[str, float]

# What is known of each figure: a number, weights, or tables of weights.
FIGURES = {
    "members": "weights", "place_members": "weights", "ages": "tables", "sex": "weights", "chronic_share": "weights",
    "use": "tables", "use_rare": "tables", "use_by_age": "tables", "use_by_sex": "tables", "retired_ratio": "value", "frailty": "value",
    "yuan": "tables", "yuan_rare": "tables", "sigma": "weights", "tail": "weights", "level_yuan": "tables", "levels": "tables",
    "days": "weights", "beside_scope": "tables", "care_units": "tables", "settled_later": "weights", "products": "weights", "charges": "tables",
}  # fmt: skip


def _number(reader: Reader, node: Node) -> float:
    """A number that is not negative."""
    try:
        found = float(node.text if isinstance(node, Leaf) else "")
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e12:
        reader.wrong(7, node.place, "a number that is not negative is wanted here", "", "write a number such as 7.18")
        return 0.0
    return found


def _weights(reader: Reader, node: Node) -> Weights:
    """Weights by name."""
    found: Weights = map_of(_number, "weights")(reader, node)
    return found


_SAID: Keys = {key: form for key, form in CITED.items() if key in ("cite", "quote", "quoted_from", "status", "note")}
FIGURE: Keys = {
    "figure": Key(one_of(*FIGURES), "which figure", True),
    "value": Key(_number, "the figure, where it is one number"),
    "weights": Key(_weights, "weights by name"),
    "tables": Key(map_of(_weights, "tables"), "weights by name, of several things"),
    **_SAID,
}
ANSWER: Keys = {
    "attribute": Key(text, "attribute of the vocabulary", True),
    "weights": Key(_weights, "weights of its values; `1..40` is every value between, `else` all others that are asked for", True),
    "care": Key(list_of(text), "for these kinds of care only"),
    "scheme": Key(list_of(text), "for members of these schemes only"),
    "status_of": Key(list_of(text), "for members of these classes only"),
    "chronic": Key(yes_no, "for members with a recognised chronic disease only"),
    **_SAID,
}  # fmt: skip
POPULATION: Keys = {
    "population": Key(text, "title", True),
    "sources": Key(map_of(object_of(SOURCE, "a source"), "sources"), "publications, by short name", True),
    "figures": Key(list_of(object_of(FIGURE, "a figure")), "the figures", True),
    "answers": Key(list_of(object_of(ANSWER, "weights of an attribute")), "weights of attributes", True),
}


@dataclass(frozen=True)
class Answers:
    """Weights of an attribute's values, and for whom and what they hold (empty: for all)."""

    attribute: str
    weights: Weights
    care: tuple[str, ...]
    scheme: tuple[str, ...]
    status: tuple[str, ...]
    chronic: bool
    place: Place

    def fits(self, scheme: str, status: str, care: str, chronic: bool) -> bool:
        """Does it hold for this member and kind of care? An empty word means that it is not known."""
        return (
            (not self.care or care in self.care)
            and (not self.scheme or scheme in self.scheme)
            and (not self.status or status in self.status)
            and (not self.chronic or chronic)
        )


@dataclass(frozen=True)
class Population:
    """All figures, and the weights of attributes in the order written: the first that fits counts."""

    figures: dict[str, Any]
    answers: tuple[Answers, ...]

    def value(self, figure: str) -> float:
        """A figure that is one number."""
        found: float = self.figures[figure]
        return found

    def weights(self, figure: str) -> Weights:
        """A figure that is weights by name."""
        found: Weights = self.figures[figure]
        return found

    def tables(self, figure: str) -> dict[str, Weights]:
        """A figure that is several tables of weights."""
        found: dict[str, Weights] = self.figures[figure]
        return found

    def of(self, attribute: str) -> list[Answers]:
        """What is said of an attribute."""
        return [a for a in self.answers if a.attribute == attribute]


def population_of(library: Library, file: str = "") -> Population:
    """The figures of the folder of policies (or those that came with the package), or of a file. Raises Refused."""
    mistakes = Mistakes()
    shipped = find_policies() / "population.yaml"
    path = (
        Path(file)
        if file
        else next((f / shipped.name for f in library.folders if (f / shipped.name).exists()), shipped)
    )
    found = read_population(read_text(path, mistakes), library.name(path), library.vocabulary, mistakes)
    mistakes.stop_if_any()
    assert found is not None
    return found


def read_population(source: str, file: str, vocabulary: Vocabulary, mistakes: Mistakes) -> Population | None:
    """The figures of a document; every mistake is noted, and None where it is no document."""
    node = read_nodes(source, file, mistakes)
    if not isinstance(node, Branch):
        if node is not None:
            mistakes.add("P003", node.place, "a population must be a list of `key: value` lines")
        return None
    reader = Reader(mistakes)
    said = reader.object(node, POPULATION, "a population")
    figures = {}
    for one in said.get("figures", []):
        name = one.get("figure")
        _cited(reader, one, said.get("sources", {}))
        if name and FIGURES[name] not in one:
            reader.wrong(
                2, one["at"], f"the figure `{name}` does not say `{FIGURES[name]}`", "", f"add `{FIGURES[name]}:`"
            )
        elif name:
            figures[name] = one[FIGURES[name]]
    for name in FIGURES:
        if name not in {one.get("figure") for one in said.get("figures", [])}:
            reader.wrong(
                2,
                node.place,
                f"the figure `{name}` is not there",
                "Nothing can be drawn without it.",
                "add it with its source",
            )
    answers = tuple(_answers(reader, one, said.get("sources", {}), vocabulary) for one in said.get("answers", []))
    return Population(figures, answers)


def _cited(reader: Reader, said: dict[str, Any], sources: dict[str, Any]) -> None:
    """Its source is named, and its words are those of the page where it is called verified."""
    cite = str(said.get("cite", "")).split(" ", 1)[0]
    if cite and cite not in sources:
        reader.wrong(10, said["at"], f"there is no source called `{cite}`", "", "add it under `sources`")
    if said.get("status") == "verified" and said.get("quoted_from") != "page":
        reader.wrong(32, said["at"], "the figure is called verified, but its words are not the page's",
                     "Verified means that the government's own words were read.", "quote the page, or write `status: secondary`")  # fmt: skip


def _answers(reader: Reader, said: dict[str, Any], sources: dict[str, Any], vocabulary: Vocabulary) -> Answers:
    """Weights of an attribute, whose values it can have."""
    name = said.get("attribute", "")
    _cited(reader, said, sources)
    attribute = vocabulary.get(name)
    if attribute is None:
        reader.unknown(name, said["at"], vocabulary, "the vocabulary")
    else:
        for written in said.get("weights", {}):
            try:
                spread(attribute, written)
            except ValueError as error:
                reader.wrong(9, said["at"], str(error))
    return Answers(name, said.get("weights", {}), tuple(said.get("care", ())), tuple(said.get("scheme", ())),
                   tuple(said.get("status_of", ())), said.get("chronic", False), said["at"])  # fmt: skip


STEPS = 40


def spread(attribute: Attribute, written: str, first: date = date(2025, 1, 1)) -> list[Value]:
    """The values that a weight stands for: one, or up to forty of a range `1..40`. Raises ValueError.

    Days may be counted from the first day of the year that is drawn: `-365..-1` is the year before.
    """
    if written == "else":
        return []
    if attribute.type == "set":
        return [frozenset(v for one in written.split("+") if one not in ("", "none") for v in _set(attribute, one))]
    if ".." not in written:
        return [attribute.parse(written)]
    ends = written.split("..", 1)
    if attribute.type == "day" and all(end.removeprefix("-").isdecimal() for end in ends):
        return _between(first.toordinal() + int(ends[0]), first.toordinal() + int(ends[1]), date.fromordinal)
    low, high = (attribute.parse(end) for end in ends)
    if attribute.type == "day":
        return _between(low.toordinal(), high.toordinal(), date.fromordinal)  # type: ignore[union-attr]
    return _between(int(low), int(high), int)  # type: ignore[arg-type]


def _set(attribute: Attribute, written: str) -> frozenset[str]:
    found = attribute.parse(written)
    assert isinstance(found, frozenset)
    return found


def _between(low: int, high: int, made: Any) -> list[Value]:
    steps = min(high - low, STEPS - 1)
    return [made(low + (high - low) * at // max(steps, 1)) for at in range(steps + 1)]


def ages(written: str) -> tuple[int, int]:
    """First and last year of a range of ages, `25..34`."""
    low, _, high = written.partition("..")
    return int(low), int(high or low)
