"""Find slips in published figures: units taken for others (亿 for 万, a factor of ten) and digits misprinted.

Identities that fail are gathered with all figures they touch; then the least change is sought that makes every one of them hold.
`repair_search` finds every least repair. Where there is one only, the slip is certain; where there are several, all are told. What
no repair cures, or none was found for in time, is told as identities that fail, and nothing is claimed.

    30.457 = 26.994 + 3.347 + 0.0116     fails by 0.104    ──▶   0.0116 is ten times too small: 0.1161
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from duoceng.ledger.figure import Figure, in_unit
from duoceng.ledger.identity import Identity, Range, known, room_for
from duoceng.ledger.repair_search import UNKNOWN, Powers, Search

REPAIRS_MAX = 50  # beyond that nobody chooses among them


@dataclass(frozen=True, slots=True)
class Slip:
    """A figure that is wrong: by a power of ten, or in its digits (`power` None); the value that makes the identities hold.

    `corrected` is in the smallest unit; None where the identities leave more than one value.
    """

    figure: Figure
    power: int | None
    corrected: Fraction | None
    fails: tuple[str, ...]

    def __str__(self) -> str:
        told = "?" if self.corrected is None else f"{in_unit(self.corrected, self.figure.unit)} {self.figure.unit.word}"
        return f"{self.figure.name}: {self.figure} -> {told}; fails: {'; '.join(self.fails)}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Identities that fail together, and the least repairs: one if it is certain, several if not, none if out of reach."""

    broken: tuple[Identity, ...]
    repairs: tuple[tuple[Slip, ...], ...]

    @property
    def slips(self) -> tuple[Slip, ...]:
        """The slips, where there is no doubt about them."""
        return self.repairs[0] if len(self.repairs) == 1 else ()


def check(
    figures: Sequence[Figure], identities: Sequence[Identity], sure: frozenset[str] = frozenset()
) -> list[Finding]:
    """What is wrong with these figures. Identities on figures that are not there are passed over; those named in `sure` are right."""
    by_name = {figure.name: figure for figure in figures}
    assert len(by_name) == len(figures), "a figure has one name"
    ours = known(identities, by_name)
    return [_finding(by_name, group, sure) for group in _groups(ours) if _broken(by_name, group)]


def corrected(figures: Sequence[Figure], slips: Sequence[Slip]) -> list[Figure]:
    """The figures with their slips put right, in the unit in which they were printed."""
    right = {slip.figure.name: slip.corrected for slip in slips if slip.corrected is not None}
    return [replace(f, printed=in_unit(right[f.name], f.unit)) if f.name in right else f for f in figures]


def _broken(figures: Mapping[str, Figure], identities: Sequence[Identity]) -> tuple[Identity, ...]:
    ranges = {name: figure.bounds() for name, figure in figures.items()}
    return tuple(identity for identity in identities if not identity.holds(ranges))


def _groups(identities: Sequence[Identity]) -> list[list[Identity]]:
    """Identities that hang together by their figures, each with one that has a figure in common before it where it can."""
    left, groups = list(identities), []
    while left:
        group, names = [left.pop(0)], set[str]()
        names |= set(group[0].figures)
        while near := next((identity for identity in left if names & set(identity.figures)), None):
            left.remove(near)
            group.append(near)
            names |= set(near.figures)
        groups.append(group)
    return groups


def _finding(figures: Mapping[str, Figure], identities: Sequence[Identity], sure: frozenset[str]) -> Finding:
    broken = _broken(figures, identities)
    search = Search(figures, identities, sure)
    repairs = _cheapest(search.cheapest(), figures, identities, broken) or _cheapest(
        search.dearer(), figures, identities, broken
    )
    return Finding(broken, () if search.gave_up else repairs)


def _cheapest(
    choices: Iterable[tuple[int, Powers]],
    figures: Mapping[str, Figure],
    identities: Sequence[Identity],
    broken: Sequence[Identity],
) -> tuple[tuple[Slip, ...], ...]:
    """The repairs of the lowest cost; choices come with the cheapest first."""
    repairs: list[tuple[Slip, ...]] = []
    least = None
    for cost, powers in choices:
        if (least is not None and cost > least) or len(repairs) == REPAIRS_MAX:
            break
        if repair := _repair(figures, identities, powers, broken):
            repairs, least = [*repairs, repair], cost
    return tuple(repairs)


def _repair(
    figures: Mapping[str, Figure], identities: Sequence[Identity], powers: Powers, broken: Sequence[Identity]
) -> tuple[Slip, ...]:
    """The slips of a choice of powers; none where digits that were taken for wrong cannot be right anywhere."""
    ranges = {name: figures[name].bounds(power) for name, power in powers.items() if power is not UNKNOWN}
    slips = []
    for name, power in powers.items():
        figure, fails = figures[name], tuple(i.name for i in broken if name in i.figures)
        if power is UNKNOWN:
            room = room_for(name, identities, ranges)
            if room is None or not fails:
                return ()
            slips.append(Slip(figure, None, _one_digit_off(figure, room), fails))
        elif power:
            slips.append(Slip(figure, power, figure.value * Fraction(10) ** power, fails))
    return tuple(slips)


def _one_digit_off(figure: Figure, room: Range) -> Fraction | None:
    """The value in the room that differs from the printed digits in one digit, if there is one only."""
    found = set()
    for at, old in enumerate(figure.printed):
        for new in "0123456789" if old.isdigit() else "":
            printed = figure.printed[:at] + new + figure.printed[at + 1 :]
            value = Figure(figure.name, printed, figure.unit).value
            if new != old and room[0] <= value <= room[1]:
                found.add(value)
    return found.pop() if len(found) == 1 else None
