"""The stack that every engine settles here: its numbers, the bills, and the reference in exact integers.

    deductible by level and scheme, halved and then waived on later stays
    ──▶ three bands on the running yearly total, rates by level and scheme ──▶ yearly ceiling
    ──▶ critical illness on the running yearly self-pay, by aid ──▶ assistance with a rate and a yearly ceiling

Money is int64 fen, rates are parts of 10,000, and each tier rounds half up once. The numbers are invented and have the usual
shape; `benchmarks/policies/cn/peers` says the same in documents, which is what our engine reads.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Ints = np.ndarray[Any, np.dtype[np.int64]]
Four = tuple[Ints, Ints, Ints, Ints]  # basic, critical illness, assistance, member; fen, in the order of the bills

WHOLE, HALF = 10_000, 5_000
OPEN = 1 << 60
LEVELS, SCHEMES, AIDS = ("primary", "secondary", "tertiary"), ("employee", "resident"), ("none", "dibao")

DEDUCTIBLE = np.array([[30000, 20000], [60000, 50000], [120000, 100000]], np.int64)  # level, scheme
STAY = np.array(
    [100, 50, 50, 0, 0], np.int64
)  # per cent of the deductible, by stay of the year; the last one stands for all after
BANDS = (1_000_000, 5_000_000)
RATE = np.array([[[9000, 9300, 9500], [8000, 8200, 8500]],
                 [[8700, 9000, 9300], [7000, 7200, 7500]],
                 [[8500, 8800, 9000], [6000, 6300, 6500]]], np.int64)  # level, scheme, band  # fmt: skip
CEILING = np.array([40_000_000, 25_000_000], np.int64)  # scheme
CRITICAL_DEDUCTIBLE = np.array([1_800_000, 900_000], np.int64)  # aid
CRITICAL_BANDS = (5_000_000, 10_000_000)
CRITICAL_RATE = np.array([[6000, 6500, 7000], [6500, 7000, 7500]], np.int64)  # aid, band
AID_RATE = np.array([0, 7000], np.int64)
AID_CEILING = np.array([0, 3_000_000], np.int64)


@dataclass(frozen=True)
class Data:
    """Persons with as many bills each, in the order of their days."""

    persons: int
    per: int
    amount: Ints
    level: Ints
    scheme: Ints  # of each person
    aid: Ints  # of each person

    @property
    def bills(self) -> int:
        """How many bills."""
        return self.persons * self.per

    @property
    def stay(self) -> Ints:
        """Which stay of the year each bill is, from 0."""
        return np.tile(np.arange(self.per, dtype=np.int64), self.persons)

    def each(self, of_person: Ints) -> Ints:
        """What is known of persons, for each bill."""
        return np.repeat(of_person, self.per)


def draw(persons: int, per: int) -> Data:
    """The same bills for every engine."""
    chance = np.random.default_rng(20240607)
    bills = persons * per
    level = chance.integers(0, 3, bills)
    amount = np.minimum(np.exp(chance.normal(13.6, 1.3, bills)), 3e8).astype(np.int64)
    scheme = (chance.random(persons) < 0.7).astype(np.int64)
    aid = ((chance.random(persons) < 0.08) & (scheme == 1)).astype(np.int64)
    return Data(persons, per, amount, level, scheme, aid)


def in_bands(amount: int, edges: tuple[int, int], rates: list[int]) -> int:
    """Parts of 10,000 of each slice, added up."""
    first, second = edges
    slices = (min(amount, first), min(max(amount, first), second) - first, max(amount - second, 0))
    return sum(part * rate for part, rate in zip(slices, rates, strict=True))


def settle_person(bills: list[tuple[int, int]], scheme: int, aid: int) -> list[tuple[int, int, int, int]]:
    """Amount and level of one person's bills, in order -> what each tier pays and what is left. Exact."""
    counted = shared = paid = left_by_basic = critical_paid = left_by_critical = aid_paid = 0
    settled = []
    for stay, (amount, level) in enumerate(bills):
        deductible = int(DEDUCTIBLE[level, scheme]) * int(STAY[min(stay, 4)]) // 100
        before, counted = counted, counted + max(amount - deductible, 0)
        rates = RATE[level, scheme].tolist()
        shared += (in_bands(counted, BANDS, rates) - in_bands(before, BANDS, rates) + HALF) // WHOLE
        bounded = min(shared, int(CEILING[scheme]))
        basic, paid = bounded - paid, bounded
        left_by_basic += amount - basic
        above = max(left_by_basic - int(CRITICAL_DEDUCTIBLE[aid]), 0)
        owed = (in_bands(above, CRITICAL_BANDS, CRITICAL_RATE[aid].tolist()) + HALF) // WHOLE
        critical, critical_paid = owed - critical_paid, owed
        left_by_critical += amount - basic - critical
        owed = min((left_by_critical * int(AID_RATE[aid]) + HALF) // WHOLE, int(AID_CEILING[aid]))
        assistance, aid_paid = owed - aid_paid, owed
        settled.append((basic, critical, assistance, amount - basic - critical - assistance))
    return settled


def settle_all(data: Data) -> Four:
    """The reference over every bill."""
    rows = list(zip(data.amount.tolist(), data.level.tolist(), strict=True))
    settled = []
    for person, (scheme, aid) in enumerate(zip(data.scheme.tolist(), data.aid.tolist(), strict=True)):
        settled += settle_person(rows[person * data.per : (person + 1) * data.per], scheme, aid)
    return tuple(np.array(settled, np.int64).T)  # type: ignore[return-value]


def differing(found: Four, data: Data, persons: int = 20_000) -> int:
    """Bills in which a fen differs from the reference: of the first persons, and of the last."""
    persons = min(persons, data.persons)
    wrong = 0
    for first in {0, data.persons - persons}:
        rows, people = slice(first * data.per, (first + persons) * data.per), slice(first, first + persons)
        part = Data(persons, data.per, data.amount[rows], data.level[rows], data.scheme[people], data.aid[people])
        wanted = settle_all(part)
        wrong += int(
            np.any([np.rint(f[rows]).astype(np.int64) != w for f, w in zip(found, wanted, strict=True)], axis=0).sum()
        )
    return wrong


def checksum(found: Four) -> list[int]:
    """Sums that depend on the order, so that engines are compared bill by bill over all bills."""
    weight = np.arange(len(found[0]), dtype=np.int64) % 9973 + 1
    return [int((np.asarray(part, np.int64) * weight % 1_000_003).sum()) for part in found]
