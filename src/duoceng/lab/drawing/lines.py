"""Itemised lines for a share of the bills: the kinds of charges of the national interface, and items of the catalogues.

A bill with lines has no amounts by kind: how its lines fall says them. Lines say their class themselves, for the
catalogues that are here hold few items.
"""

from functools import cached_property

import numpy as np
import pyarrow as pa

from duoceng.lab.drawing.columns import Array, Group
from duoceng.lab.drawing.money import EVEN_KINDS
from duoceng.lab.drawing.plan import Plan
from duoceng.policy.catalogue import catalogues

SHARE = 0.1  # of the bills
LINES_MOST = 8
CLASSES = ("class_a", "class_b", "class_c")
OF_CLASS = (0.5, 0.42, 0.08)
FIRST_OF_B = np.array([500, 1000, 1000, 1000, 1500, 2000, 3000], dtype=np.int16)  # parts of 10,000


class Lines:
    """Draws lines of bills that have been drawn."""

    def __init__(self, plan: Plan):
        self.plan = plan

    @staticmethod
    def _unsaid(group: Group, kinds: list[str], marked: Array) -> None:
        """Bills with lines do not answer how much of each kind there is."""
        said = np.ones(group.capacity, dtype=bool)
        said[: len(marked)] = ~marked
        for kind in kinds:
            group.values[kind][~said] = 0
            group.valid[kind] = np.packbits(said, bitorder="little")
            group.nulls[kind] = int(np.count_nonzero(~said))

    @cached_property
    def items(self) -> list[tuple[str, str, float]]:
        """Codes, names and parts of the cost: charges of the interface, then items of catalogues of the whole country."""
        charges = [
            (code, name, part)
            for code, names in self.plan.population.tables("charges").items()
            for name, part in names.items()
        ]
        listed = [
            (i.code, i.name, 0.01)
            for c in catalogues(self.plan.library)
            if c.region == "cn"
            for some in c.items.values()
            for i in some[:1]
        ]
        return charges + listed

    def draw(self, group: Group, count: int, seed: tuple[int, int]) -> pa.Table:
        """The lines of a row group; their bills no longer have amounts by kind."""
        rng = np.random.Generator(np.random.SFC64(np.random.SeedSequence((*seed, 1))))
        arrays = {name: group.values[name][:count] for name in ("bill", "discharged", "admitted")}
        kinds = [kind for kind in EVEN_KINDS if kind in group.values]
        total = np.sum([group.values[kind][:count].astype(np.int64) for kind in kinds], axis=0)
        marked = (rng.random(count) < SHARE) & (total > 0)
        self._unsaid(group, kinds, marked)
        rows = np.flatnonzero(marked)
        owner = np.repeat(rows, rng.integers(1, LINES_MOST + 1, len(rows)))
        amounts = _parts(total[owner], owner, rng)
        parts = np.cumsum([part for _, _, part in self.items])
        item = np.searchsorted(parts / parts[-1], rng.random(len(owner))).clip(max=len(parts) - 1)
        item_class = np.searchsorted(np.cumsum(OF_CLASS), rng.random(len(owner))).clip(max=2).astype(np.int8)
        item_class[item >= len(self.plan.population.tables("charges"))] = 2
        first = np.where(item_class == 1, FIRST_OF_B[rng.integers(0, len(FIRST_OF_B), len(owner))], 0).astype(np.int16)
        quantity = (rng.integers(1, 11, len(owner)) * 1000).astype(np.int32)
        limited = (rng.random(len(owner)) < 0.03) & (item_class != 2)
        limit = np.maximum(amounts * 1000 * 9 // quantity // 10, 1)
        back = (rng.integers(0, 3, len(owner))).astype(np.int32)
        began = np.where(arrays["admitted"][owner] > 0, arrays["admitted"][owner], arrays["discharged"][owner])
        day = np.maximum(arrays["discharged"][owner] - back, began)
        codes, names = [code for code, _, _ in self.items], [name for _, name, _ in self.items]
        return pa.table({
            "bill": pa.array(arrays["bill"][owner]),
            "code": _words(item, codes),
            "name": _words(item, names),
            "amount": pa.array(amounts),
            "quantity": pa.array(quantity),
            "day": pa.array(day.astype(np.int32)).cast(pa.date32()),
            "item_class": _words(item_class, list(CLASSES)),
            "borne_first": pa.array(first, mask=item_class == 2),
            "price_limit": pa.array(limit, mask=~limited),
        })  # fmt: skip


def _words(codes: Array, names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), pa.array(names, pa.string()))


def _parts(total: Array, owner: Array, rng: np.random.Generator) -> Array:
    """The bill's money divided over its lines, to the fen: the first line has what the others leave."""
    if not len(owner):
        return total
    starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    weights = rng.random(len(owner)) + 0.05
    sums = np.add.reduceat(weights, starts)
    lengths = np.diff(np.append(starts, len(owner)))
    found: Array = (total * (weights / np.repeat(sums, lengths))).astype(np.int64)
    found[starts] += total[starts] - np.add.reduceat(found, starts)
    return found
