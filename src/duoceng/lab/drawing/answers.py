"""The values of an attribute that are drawn for a place, and how likely each is.

real   the weights of the population document, of those the documents can settle by; alike where nothing is known
even   every value and every edge alike, whether it fits or not
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from duoceng.lab.drawing.places import Answered, Scene
from duoceng.lab.drawing.population import Population, spread
from duoceng.policy.values import FAR, Match
from duoceng.policy.vocabulary import Attribute
from duoceng.records.bill import Value

Choice = tuple[tuple[Value, ...], tuple[float, ...]]  # values and their weights
NUMBERS = (0, 1, 2, 3, 6, 12, 30)
MONEY = (0, 10_000, 500_000, 1_000_000, 100_000_000)
RATES = (0, 5_000, 6_000, 8_000, 10_000)
DAYS = (date(2000, 12, 31), date(2001, 1, 1), date(2015, 3, 1), date(2023, 7, 1))
STAYS = ("inpatient", "maternity_stay")
MOST = {"age": 110, "children": 12, "stay_days": 3660}


@dataclass(frozen=True)
class Who:
    """For whom an attribute is answered; empty where it makes no difference."""

    scheme: str = ""
    status: str = ""
    care: str = ""
    chronic: bool = False

    def answers(self) -> Answered:
        """As answers of the vocabulary."""
        said = {"scheme": self.scheme, "status": self.status, "care": self.care}
        return {name: word for name, word in said.items() if word}


@dataclass
class Chooser:
    """Chooses values and weights, by the spread asked for."""

    population: Population
    spread: str
    first: date

    def choice(self, attribute: Attribute, scenes: Iterable[Scene], who: Who) -> Choice:
        """The values drawn for members or bills of these scenes. None where it is not answered at all."""
        scenes = list(scenes)
        labels = dict.fromkeys(m for scene in scenes for m in scene.labels(attribute.name))
        if self.spread == "even":
            values = list(dict.fromkeys([*_known(attribute, tuple(labels)), *_pairs(attribute, tuple(labels))]))
            return tuple(values), (1.0,) * len(values)
        weighed = self._weighed(attribute, tuple(labels), who)
        known = dict.fromkeys(_known(attribute, tuple(labels)), 1.0) if weighed else {}
        found = (
            self._fitting(attribute, scenes, who, weighed) or self._fitting(attribute, scenes, who, known) or weighed
        )
        return tuple(found), tuple(found.values())

    @staticmethod
    def _fitting(
        attribute: Attribute, scenes: list[Scene], who: Who, weighed: dict[Value, float]
    ) -> dict[Value, float]:
        """The values the documents can settle by."""
        asked = who.answers()
        return {
            value: weight
            for value, weight in weighed.items()
            if weight > 0 and all(scene.fits(asked, attribute.name, value) for scene in scenes)
        }

    def _weighed(self, attribute: Attribute, labels: tuple[Match, ...], who: Who) -> dict[Value, float]:
        """Values with their weights, before it is looked at which fit."""
        if attribute.name == "level":
            tables = self.population.tables("levels")
            stay = "inpatient" if who.care in STAYS else "outpatient"
            return shared_below(attribute, dict(tables.get(who.care) or tables[stay]), labels)
        said = self.population.of(attribute.name)
        mine = next((a for a in said if a.fits(who.scheme, who.status, who.care, who.chronic)), None)
        known = _known(attribute, labels)
        if mine is None:
            return {} if said else dict.fromkeys(known, 1.0)
        found: dict[Value, float] = {}
        for written, weight in mine.weights.items():
            values = spread(attribute, written, self.first)
            for value in values:
                found[value] = found.get(value, 0.0) + weight / len(values)
        others = [v for v in known if v not in found and v != frozenset()]
        for value in others if "else" in mine.weights else ():
            found[value] = mine.weights["else"] / len(others)
        return shared_below(attribute, found, labels) or dict.fromkeys(known, 1.0)


def shared_below(attribute: Attribute, weights: Mapping[Any, float], labels: tuple[Match, ...]) -> dict[Value, float]:
    """A value that the documents divide further shares its weight with the ones they name: level 3 with 3A and 3B."""
    found: dict[Value, float] = dict(weights)
    for label in labels:
        above = [v for v in attribute.chain(label.label)[1:] if v in weights] if label.label in attribute.values else []
        if label.label in found or not above:
            continue
        named = [m.label for m in labels if above[0] in attribute.chain(m.label)[1:] and m.label not in weights]
        found[label.label] = weights[above[0]] / (len(named) + 1)
        found[above[0]] = weights[above[0]] / (len(named) + 1)
    return found


def _known(attribute: Attribute, labels: tuple[Match, ...]) -> list[Value]:
    """Every value there is, or for numbers and days the edges the documents name."""
    name, kind = attribute.name, attribute.type
    if kind == "yes_no":
        return [False, True]
    if kind in ("choice", "set", "text"):
        words = dict.fromkeys([*attribute.values, *(m.label for m in labels)])
        return [frozenset(), *(frozenset([w]) for w in words)] if kind == "set" else list(words)
    edges = {e + step for m in labels for e in (m.low, m.high) if e is not None and abs(e) < FAR for step in (-1, 0, 1)}
    if kind == "day":
        return sorted({*DAYS, *(date.fromordinal(e) for e in edges)})
    usual = {"money": MONEY, "rate": RATES}.get(kind, NUMBERS)
    return [e for e in sorted({*usual, *edges}) if 0 <= e <= MOST.get(name, 10**11)]


def _pairs(attribute: Attribute, labels: tuple[Match, ...]) -> list[Value]:
    """Two at once of what the documents name of a set."""
    if attribute.type != "set":
        return []
    words = [m.label for m in labels]
    pairs: list[Value] = [frozenset(two) for two in pairwise(words)]
    return pairs[:20]
