"""The cheapest powers of ten by which printed figures can be taken so that identities hold: what was slipped, found by search.

Each figure is its printed digits times a power of ten, or has wrong digits and may be anything. A unit slip costs less than
wrong digits, one slip less than two, a small power less than a large one; figures under one heading (`column`) slip together.

Figures are taken one after the other. What the figures from one on must cost at least, by the identities among them alone, is
found from the last backwards, each found with the help of those before it (a Russian doll): it tells early which ways are too dear.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from duoceng.ledger.figure import Figure
from duoceng.ledger.identity import Identity, Range, room_for

Powers = dict[str, int | None]

POWERS = (0, 1, -1, 2, -2, 3, -3, 4, -4)
UNKNOWN = None  # in place of a power: the digits are wrong
SLIP, COUNT, MISPRINT = 100, 10, 250  # a count is less often told in another unit than money
STEPS_MAX = 400_000  # thirty figures with twenty slips among them take a tenth of it
NEVER = 10**9


class Search:
    """One group of figures that hang together by identities."""

    def __init__(self, figures: Mapping[str, Figure], identities: Sequence[Identity], sure: frozenset[str]):
        self.names = in_turn(identities)
        self.figures = [figures[name] for name in self.names]
        at = {name: place for place, name in enumerate(self.names)}
        spans = [(min(places := [at[n] for n in i.figures]), max(places), i) for i in identities]
        self.complete = [[span for span in spans if span[1] == place] for place in range(len(self.names))]
        self.identities_of = {name: [span for span in spans if name in span[2].figures] for name in self.names}
        self.last_of = {figure.column: place for place, figure in enumerate(self.figures) if figure.column}
        self.least = [0] * (len(self.names) + 1)
        self.sure = [name in sure for name in self.names]
        self.ranges_of = [
            {power: figure.bounds(power) for power in POWERS if power == 0 or (not is_sure and is_whole(figure, power))}
            for figure, is_sure in zip(self.figures, self.sure, strict=True)
        ]
        self.steps = 0

    def cheapest(self) -> Iterator[tuple[int, Powers]]:
        """All choices of powers that cost least. Where it takes too long some are left out, and `gave_up` says so."""
        for start in reversed(range(len(self.names))):
            self.least[start] = self._least_from(start)
        if self.least[0] < NEVER:
            yield from self._from(0, self.least[0])

    def dearer(self) -> list[tuple[int, Powers]]:
        """Choices up to one misprint dearer than the cheapest, cheapest first: for when none of those will do."""
        found = [] if self.gave_up or self.least[0] >= NEVER else list(self._from(0, self.least[0] + MISPRINT))
        return sorted((one for one in found if one[0] > self.least[0]), key=lambda one: one[0])

    @property
    def gave_up(self) -> bool:
        """Did it take too long to look at everything?"""
        return self.steps > STEPS_MAX

    def _least_from(self, start: int) -> int:
        """What the figures from `start` on cost at least: tried as low as can be, then with the next dearer choice there was."""
        most = self.least[start + 1]
        while most < NEVER and next(self._from(start, most), None) is None:
            most = NEVER if self.gave_up else self.next_most
        return most

    def _from(self, start: int, most: int) -> Iterator[tuple[int, Powers]]:
        """Every choice for the figures from `start` on that costs at most this."""
        self.start, self.most, self.next_most = start, most, NEVER
        self.ranges, self.columns = dict[str, Range](), dict[str, int]()
        return self._choose(start, 0)

    def _choose(self, at: int, spent: int) -> Iterator[tuple[int, Powers]]:
        self.steps += 1
        if at == len(self.names):
            yield spent, {}
        if at == len(self.names) or self.gave_up:
            return
        name, figure = self.names[at], self.figures[at]
        for power, is_first in self._open(at):
            cost = spent + self._price(at, power, is_first)
            if cost + self.least[at + 1] > self.most:
                self.next_most = min(self.next_most, cost + self.least[at + 1])
                continue
            if power is not UNKNOWN:
                self.ranges[name] = self.ranges_of[at][power]
                if is_first:
                    self.columns[figure.column] = power
            if self._hold(at):
                for total, powers in self._choose(at + 1, cost):
                    yield total, {name: power, **powers}
            self.ranges.pop(name, None)
            if is_first:
                self.columns.pop(figure.column, None)

    def _open(self, at: int) -> list[tuple[int | None, bool]]:
        """The powers a figure can take, and whether it is the one that decides for its column."""
        column = self.figures[at].column
        wrong: list[tuple[int | None, bool]] = [] if self.sure[at] else [(UNKNOWN, False)]
        if column in self.columns:
            power = self.columns[column]
            return [(power, False), *wrong] if power in self.ranges_of[at] else wrong
        return [*((power, bool(column)) for power in self.ranges_of[at]), *wrong]

    def _price(self, at: int, power: int | None, is_first: bool) -> int:
        """What a choice costs; a column's slip is paid once, with its last figure."""
        figure = self.figures[at]
        wrong = MISPRINT if power is UNKNOWN else 0
        if figure.column:
            if self.last_of[figure.column] != at:
                return wrong
            power = power if is_first else self.columns.get(figure.column, UNKNOWN)
        return wrong + (SLIP + abs(power) + (COUNT if figure.unit.of != "money" else 0) if power else 0)

    def _hold(self, at: int) -> bool:
        """Can the identities hold that are complete with this figure? Those with figures before the start are not ours."""
        return all(self._may_hold(identity, at) for first, _, identity in self.complete[at] if first >= self.start)

    def _may_hold(self, identity: Identity, at: int) -> bool:
        """With one figure whose digits are wrong, there must be a value that fits all its identities; with two, nothing is known."""
        wrong = [name for name in identity.figures if name not in self.ranges]
        if not wrong:
            return identity.holds(self.ranges)
        binding = [i for first, last, i in self.identities_of[wrong[0]] if first >= self.start and last <= at]
        return len(wrong) > 1 or room_for(wrong[0], binding, self.ranges) is not None


def in_turn(identities: Sequence[Identity]) -> list[str]:
    """The figures in an order in which identities are complete early: always next the one with the fewest new figures."""
    left, names = list(identities), dict[str, None]()
    while left:
        near = [identity for identity in left if any(name in names for name in identity.figures)]
        chosen = min(near or left, key=lambda identity: sum(name not in names for name in identity.figures))
        left.remove(chosen)
        names |= dict.fromkeys(chosen.figures)
    return list(names)


def is_whole(figure: Figure, power: int) -> bool:
    """Does the figure stay a whole number of fen, or of times, were it 10 to this power larger?"""
    return (figure.value * Fraction(10) ** power).denominator == 1
