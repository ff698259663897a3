"""Money is whole fen, rates are whole parts of 10,000; both are read from text, so no float is ever born.

>>> fen("1,300.05")
130005
>>> rate("96.1%")
9610
>>> yuan(130005)
'1,300.05'
"""

import re

WHOLE = 10_000  # a rate of 100 %
FEN_MAX = 10**11  # a billion yuan: beyond any bill and any limit, and far inside 64 bits

_MONEY = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?", re.ASCII)
_RATE = re.compile(r"(\d{1,6})(?:\.(\d{1,2}))?%", re.ASCII)


def fen(text: str) -> int:
    """Fen of an amount in yuan written as text; at most two decimals.

    Raises ValueError with words a clerk can act on when the text is no amount, has a part of a fen,
    or passes the largest amount that is settled.
    """
    plain = text.strip()
    if not _MONEY.fullmatch(plain):
        raise ValueError(_why_no_amount(plain))
    yuan_part, _, cents = plain.replace(",", "").lstrip("-").partition(".")
    if len(yuan_part) > 12 or (amount := int(yuan_part) * 100 + int((cents + "00")[:2])) > FEN_MAX:
        raise ValueError(f"{plain[:40]} yuan is larger than any bill that is settled here")
    return -amount if plain.startswith("-") else amount


def _why_no_amount(plain: str) -> str:
    if re.fullmatch(r"-?[\d,]+\.\d{3,}", plain):
        return f"{plain} has a part of a fen; write at most two decimals"
    return f"{plain[:40]!r} is not an amount in yuan, such as 1300 or 1300.05"


def rate(text: str) -> int:
    """Parts of 10,000 of a percentage written as text, such as 85% or 92.5%."""
    match = _RATE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text[:40]!r} is not a percentage, such as 85% or 92.5%")
    return int(match[1]) * 100 + int(((match[2] or "") + "00")[:2])


def whole_number(text: str, digits: int = 9) -> int:
    """A whole number written in plain digits. Raises ValueError."""
    if not text.isascii() or not text.isdecimal() or len(text) > digits:
        raise ValueError(f"{text[:40]!r} is not a whole number")
    return int(text)


def yuan(amount: int) -> str:
    """An amount of fen in yuan, with thousands marked: 130005 -> '1,300.05'."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02d}"


def signed(amount: int) -> str:
    """A change in yuan, with its sign: 500 -> '+5.00'."""
    return f"+{yuan(amount)}" if amount > 0 else yuan(amount)


def percent(parts: int) -> str:
    """A rate as people write it: 8500 -> '85%', 9610 -> '96.1%'."""
    return f"{parts // 100}.{parts % 100:02d}".rstrip("0").rstrip(".") + "%"


def half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to a fraction of non-negative parts; a half goes up."""
    return (2 * numerator + denominator) // (2 * denominator)
