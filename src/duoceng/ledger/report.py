"""The monthly statistics of mutual aid (共济) and wallets (医保钱包), in the form in which they are published.

Moves of money in, figures by name out, exact. A name says what, of which province where it is one's, and what is measured:

    aid.amount                  all mutual aid                 aid.times            person-times
    aid.same_area.amount        inside one pooling area        aid.across_areas     in another area of the province
    aid.wallet.amount           by wallet                      aid.hospital, .pharmacy, .premium, .other     by use
    wallet.in_province          wallets inside a province      wallet.across_provinces
    wallet.in@sichuan.amount    into Sichuan from elsewhere    wallet.out@sichuan, wallet.inside@sichuan
    wallet.spent.amount         paid for care out of wallets

`identities` is what must hold among such figures, exact or as printed; `likely` is what holds of a nation's figures and finds
units taken for others where nothing adds up.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from duoceng.ledger.figure import FEN, TIMES, Figure, exactly
from duoceng.ledger.identity import Identity, adds_up, averages, is_at_most, is_most_of

Way = Literal["account", "wallet", "spent"]
Use = Literal["hospital", "pharmacy", "premium", "other"]
USES: tuple[Use, ...] = ("hospital", "pharmacy", "premium", "other")
ALWAYS = ("aid", "aid.same_area", "aid.across_areas", "aid.wallet", *(f"aid.{use}" for use in USES),
          "wallet.in_province", "wallet.across_provinces", "wallet.spent")  # fmt: skip
MEASURES = ("times", "amount")
YUAN = 100

# Fen for one time in a nation's figures. A transfer carries at most 2,000 yuan; the other edges are assumed, wide around the
# averages of 2025: 132 yuan of aid, 681 to 706 of a transfer, 183 of what wallets pay.
LIKELY = {
    "aid": (50 * YUAN, 500 * YUAN),
    "wallet": (200 * YUAN, 2_000 * YUAN),
    "wallet.spent": (50 * YUAN, 1_000 * YUAN),
}


class Area(NamedTuple):
    """A pooling area (统筹区) and its province."""

    province: str
    area: str


@dataclass(frozen=True, slots=True)
class Move:
    """Money that helped a relative: straight out of an account, sent to a wallet, or spent out of one.

    `amount` is fen, above 0; `is_undone` marks a move that takes an earlier one back and counts against it. `giver` is where the
    account (or the wallet that spends) is, `taker` where the one who is helped is insured.
    """

    day: date
    way: Way
    amount: int
    giver: Area
    taker: Area
    use: Use = "other"
    is_undone: bool = False

    def __post_init__(self) -> None:
        assert self.amount > 0
        assert self.way != "account" or self.giver.province == self.taker.province, "only wallets cross provinces"


def report(moves: Iterable[Move], first: date, last: date) -> dict[str, Figure]:
    """Every figure of the days from `first` to `last`, by name; those of provinces only where there is one."""
    sums: Counter[str] = Counter()
    for move in moves:
        if first <= move.day <= last:
            sign = -1 if move.is_undone else 1
            for line in lines_of(move):
                sums[f"{line}.times"] += sign
                sums[f"{line}.amount"] += sign * move.amount
    names = dict.fromkeys([*(f"{line}.{m}" for line in ALWAYS for m in MEASURES), *sorted(sums)])
    return {name: exactly(name, sums[name], TIMES if name.endswith(".times") else FEN) for name in names}


def lines_of(move: Move) -> list[str]:
    """The lines of the report on which a move counts."""
    giver, taker = move.giver.province, move.taker.province
    if move.way == "spent":
        return ["wallet.spent", f"wallet.spent@{giver}"]
    lines = ["aid", f"aid@{giver}", f"aid.{move.use}", f"aid.{move.use}@{giver}"]
    if move.way == "account":
        return [*lines, "aid.same_area" if move.giver == move.taker else "aid.across_areas"]
    if giver == taker:
        return [*lines, "aid.wallet", "wallet.in_province", f"wallet.inside@{giver}"]
    return [*lines, "aid.wallet", "wallet.across_provinces", f"wallet.out@{giver}", f"wallet.in@{taker}"]


# ── what must hold ──


def identities(names: Iterable[str], prefix: str = "", has_all_provinces: bool = True) -> list[Identity]:
    """What must hold among the figures of one report. `prefix` stands before each name where several reports are read together.

    Where not all provinces are told, theirs are only not more than the whole.
    """
    told = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    found = [identity for measure in MEASURES for identity in _of_measure(told, measure, has_all_provinces)]
    return [_renamed(identity, prefix) for identity in found if told.issuperset(identity.figures)]


def _of_measure(told: set[str], measure: str, has_all_provinces: bool) -> Iterator[Identity]:
    def named(*lines: str) -> list[str]:
        return [f"{line}.{measure}" for line in lines]

    uses = named(*(f"aid.{use}" for use in USES))
    yield adds_up(*named("aid", "aid.same_area", "aid.across_areas", "aid.wallet"))
    if uses[-1] in told:
        yield adds_up(*named("aid"), *uses)
    else:
        yield is_most_of(*named("aid"), *uses[:-1])
    for whole in named("wallet", "aid.wallet"):
        yield adds_up(whole, *named("wallet.in_province", "wallet.across_provinces"))
    sums_up = adds_up if has_all_provinces else is_at_most
    for whole, line in _WHOLES:
        parts = sorted(n for n in told if n.startswith(f"{line}@") and n.endswith(f".{measure}"))
        if parts or has_all_provinces:
            yield sums_up(f"{whole}.{measure}", *parts)


_WHOLES = (
    *((line, line) for line in ("aid", *(f"aid.{use}" for use in USES), "wallet", "wallet.spent")),
    ("wallet.in_province", "wallet.inside"), ("wallet.across_provinces", "wallet.in"), ("wallet.across_provinces", "wallet.out"),
)  # fmt: skip


def _renamed(identity: Identity, prefix: str) -> Identity:
    if not prefix:
        return identity
    name = " ".join(prefix + word if word in identity.figures else word for word in identity.name.split(" "))
    return Identity(name, prefix + identity.whole, tuple(prefix + part for part in identity.parts),
                    identity.low, identity.high, identity.is_quotient)  # fmt: skip


def likely(names: Iterable[str], prefix: str = "") -> list[Identity]:
    """Bands in which the amount of one time lies, in a nation's or a province's figures."""
    told = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
    found = []
    for line in sorted({name.rsplit(".", 1)[0] for name in told}):
        if (band := _band_of(line)) and {f"{line}.amount", f"{line}.times"} <= told:
            found.append(_renamed(averages(f"{line}.amount", f"{line}.times", *LIKELY[band]), prefix))
    return found


def _band_of(line: str) -> str:
    """The band of a line: of what wallets spend, of transfers, or of aid."""
    if line.startswith("wallet.spent"):
        return "wallet.spent"
    return "wallet" if line.startswith(("wallet", "aid.wallet")) else "aid" if line.startswith("aid") else ""
