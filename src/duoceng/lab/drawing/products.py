"""Which products members of a place hold together, in the order they claim, and how likely each set is."""

from dataclasses import dataclass

from duoceng.lab.drawing.places import Scene
from duoceng.lab.drawing.population import Population
from duoceng.policy.library import Library

Held = tuple[str, ...]
NOTHING: Held = ()


@dataclass
class Shelf:
    """The products there are, each with its document as a scene of its own."""

    population: Population
    spread: str
    scenes: dict[str, Scene]
    regions: dict[str, str]

    def sets_of(self, region: str, cares: tuple[str, ...]) -> dict[Held, float]:
        """Sets of products held at a place, weighed; `cares` are the kinds of care its bills are of."""
        city = [p for p, where in self.regions.items() if where == region]
        country = [p for p, where in self.regions.items() if where == "cn"]
        if self.spread == "even":
            alone = [(p,) for p in city + country]
            pairs = [two for c in city for n in country[:3] for two in ((c, n), (n, c))]
            return dict.fromkeys(
                [NOTHING, *alone, *pairs, *(tuple(city[at : at + 2]) for at in range(len(city) - 1))], 1.0
            )
        mine, theirs = ([p for p in shelf if self._settles(p, cares)] for shelf in (city, country))
        shares = self.population.weights("products")
        here = shares.get(region, shares.get("else", 0.0)) / 100 if mine else 0.0
        there = shares.get("cn", 0.0) / 100 if theirs else 0.0
        found = {NOTHING: (1 - here) * (1 - there)}
        found |= {(c,): here / len(mine) * (1 - there) for c in mine}
        found |= {(n,): (1 - here) * there / len(theirs) for n in theirs}
        found |= {(c, n): here * there / len(mine) / len(theirs) for c in mine for n in theirs}
        return found

    def _settles(self, product: str, cares: tuple[str, ...]) -> bool:
        """Is it in force this year, and is no kind of care it covers refused?"""
        scene = self.scenes[product]
        covered = [care for care in cares if scene.concerned({"care": care})]
        return bool(covered) and not any(scene.refuses({"care": care}) for care in covered)


def shelf_of(library: Library, population: Population, spread: str, scene: Scene) -> Shelf:
    """Every product of the folder."""
    found = {p: d for p in library.products() if (d := library.product(p)) and d.kind == "product"}
    scenes = {p: scene.part([d]) for p, d in found.items()}
    return Shelf(population, spread, scenes, {p: d.region for p, d in found.items()})
