"""What must hold between figures: parts add up, two prints agree, an average lies where averages lie.

All are of one form: the parts together are between `low` and `high` times the whole. Each figure is a range (what its digits can
stand for), so an identity fails only when no true values behind the printed digits could fulfil it.

    adds_up          1 to 1          is_at_most      0 to 1
    is_same          1 to 1          is_most_of      some share to 1
    averages         fen for one time, or any other quotient
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from duoceng.ledger.figure import Figure

ONE = Fraction(1)
Range = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Identity:
    """low x whole <= sum of the parts <= high x whole; names are those of figures. A quotient may be of unlike units."""

    name: str
    whole: str
    parts: tuple[str, ...]
    low: Fraction = ONE
    high: Fraction = ONE
    is_quotient: bool = False

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of all its figures."""
        return (self.whole, *self.parts)

    def holds(self, ranges: Mapping[str, Range]) -> bool:
        """Could true values in these ranges fulfil it?"""
        least, most = self.total(ranges)
        low, high = ranges[self.whole]
        return least <= self.high * high and most >= self.low * low

    def total(self, ranges: Mapping[str, Range], leaving_out: str = "") -> Range:
        """Least and most of the parts together."""
        known = [ranges[part] for part in self.parts if part != leaving_out]
        return sum((low for low, _ in known), Fraction()), sum((high for _, high in known), Fraction())

    def allows(self, name: str, ranges: Mapping[str, Range]) -> Range:
        """The range in which one of its figures would have to lie, the others being what they are."""
        low, high = ranges.get(self.whole, (Fraction(), Fraction()))
        if name != self.whole:
            least, most = self.total(ranges, leaving_out=name)
            return self.low * low - most, self.high * high - least
        least, most = self.total(ranges)
        return least / self.high, most / self.low if self.low else Fraction(10**30)


def adds_up(whole: str, *parts: str) -> Identity:
    """The parts are the whole."""
    return Identity(f"{whole} = {' + '.join(parts)}", whole, parts)


def is_same(one: str, other: str) -> Identity:
    """Two prints of one thing."""
    return Identity(f"{one} = {other}", one, (other,))


def is_at_most(whole: str, *parts: str) -> Identity:
    """The parts are not more than the whole."""
    return Identity(f"{' + '.join(parts)} <= {whole}", whole, parts, low=Fraction())


def is_most_of(whole: str, *parts: str, share: Fraction = Fraction(9, 10)) -> Identity:
    """The parts are not more than the whole, and at least a share of it."""
    return Identity(f"{' + '.join(parts)} is most of {whole}", whole, parts, low=share)


def averages(amount: str, count: str, low: int | Fraction, high: int | Fraction) -> Identity:
    """The quotient of two figures, in their smallest units (fen a time), lies in a band."""
    return Identity(f"{amount} / {count}", count, (amount,), Fraction(low), Fraction(high), is_quotient=True)


def known(identities: Sequence[Identity], figures: Mapping[str, Figure]) -> list[Identity]:
    """Those whose figures are all there. Adding unlike units is a mistake of whoever wrote the identity."""
    found = [identity for identity in identities if all(name in figures for name in identity.figures)]
    for identity in found:
        counted = {figures[name].unit.of for name in identity.figures}
        assert identity.is_quotient or len(counted) == 1, (
            f"{identity.name}: {', '.join(sorted(counted))} are not one thing"
        )
    return found


def room_for(name: str, identities: Sequence[Identity], ranges: Mapping[str, Range]) -> Range | None:
    """Where a figure must lie, by the identities that bind it to figures whose ranges are known; None where it cannot be, or nothing binds it."""
    rooms = [
        identity.allows(name, ranges)
        for identity in identities
        if name in identity.figures and all(other in ranges for other in identity.figures if other != name)
    ]
    if not rooms:
        return None
    low, high = max(low for low, _ in rooms), min(high for _, high in rooms)
    return (low, high) if low <= high else None
