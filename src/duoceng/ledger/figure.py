"""A published figure: the digits as printed, with their unit, and the range of true values they can stand for.

The unit is part of the figure, so that 万 and 亿, yuan and person-times cannot be mixed up unseen. Everything is compared in the
smallest unit (fen, one time), as whole numbers and fractions:

    "30.457" billion yuan   stands for   30.4565 ... 30.4575 billion
    "70,500" person-times                70,450 ... 70,550            zeros at the end may be rounding
    "over 40" million yuan               40 ... 50 million
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from duoceng.base.money import half_up

Form = Literal["rounded", "over", "exact"]


class Unit(NamedTuple):
    """A unit as printed, what it counts (money, times, wallets), and how many fen (or ones) it is."""

    word: str
    of: str
    scale: int


FEN = Unit("分", "money", 1)
YUAN = Unit("元", "money", 10**2)
THOUSAND_YUAN = Unit("thousand yuan", "money", 10**5)
WAN_YUAN = Unit("万元", "money", 10**6)
MILLION_YUAN = Unit("million yuan", "money", 10**8)
YI_YUAN = Unit("亿元", "money", 10**10)
BILLION_YUAN = Unit("billion yuan", "money", 10**11)
TIMES = Unit("人次", "times", 1)
WAN_TIMES = Unit("万人次", "times", 10**4)
MILLION_TIMES = Unit("million person-times", "times", 10**6)
YI_TIMES = Unit("亿人次", "times", 10**8)
BILLION_TIMES = Unit("billion person-times", "times", 10**9)
WALLETS = Unit("个钱包", "wallets", 1)

_DIGITS = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its name in the report, the digits as printed, their unit, and whether they are rounded, a floor, or exact.

    Figures of one `column` are printed under one unit, so that a slip in it is theirs in common.
    """

    name: str
    printed: str
    unit: Unit
    form: Form = "rounded"
    column: str = ""

    def __post_init__(self) -> None:
        assert _DIGITS.fullmatch(self.printed), self.printed

    @property
    def value(self) -> Fraction:
        """The printed digits in the smallest unit: fen, or one."""
        return Fraction(self.printed.replace(",", "")) * self.unit.scale

    @property
    def step(self) -> Fraction:
        """One of the last digit that is sure to count, in the smallest unit."""
        whole, point, decimals = self.printed.replace(",", "").partition(".")
        if point:
            return Fraction(self.unit.scale, 10 ** len(decimals))
        zeros = len(whole) - len(whole.rstrip("0")) if whole.strip("0") else 0
        return Fraction(self.unit.scale * 10**zeros)

    def bounds(self, power: int = 0) -> tuple[Fraction, Fraction]:
        """Least and most of what the digits can stand for, were they 10 to this power larger."""
        value, step = self.value * Fraction(10) ** power, self.step * Fraction(10) ** power
        if self.form == "exact":
            return value, value
        return (value, value + step) if self.form == "over" else (value - step / 2, value + step / 2)

    def __str__(self) -> str:
        return f"{'over ' if self.form == 'over' else ''}{self.printed} {self.unit.word}"


def exactly(name: str, value: int, unit: Unit) -> Figure:
    """A figure of our own, in the smallest unit and not rounded."""
    assert unit.scale == 1, unit
    return Figure(name, str(value), unit, "exact")


def rounded(figure: Figure, unit: Unit, decimals: int) -> Figure:
    """The figure as it is printed in a unit with so many decimals; a half goes up, away from nothing."""
    assert unit.of == figure.unit.of, f"{figure} is not told in {unit.word}"
    value = abs(figure.value) * 10**decimals / unit.scale
    nearest = half_up(value.numerator, value.denominator)
    return Figure(figure.name, _digits(-nearest if figure.value < 0 else nearest, decimals), unit)


def in_unit(value: Fraction, unit: Unit) -> str:
    """A value of the smallest unit in digits of another; as many decimals as it takes."""
    scaled = value / unit.scale
    decimals = next(n for n in range(40) if (scaled * 10**n).denominator == 1)
    return _digits((scaled * 10**decimals).numerator, decimals)


def _digits(number: int, decimals: int) -> str:
    """A whole number of the last decimal, written out."""
    digits = f"{abs(number):0{decimals + 1}d}"
    whole, tail = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return f"{'-' if number < 0 else ''}{int(whole):,}{'.' if decimals else ''}{tail}"
