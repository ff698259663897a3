"""Our engine on the same bills: it reads `benchmarks/policies/cn/peers`, and knows nothing of this stack beside.

From columns of arrow to columns of fen: members are cut in as many stretches as there are threads, each with its own batch.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import stack as s

from duoceng.engine.batch import compiled
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.lab.batch.settled import Settled
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library, find_policies

POLICIES = Path(__file__).resolve().parent.parent / "policies"
PAID = tuple(TIERS.index(tier) for tier in ("basic", "critical_illness", "assistance"))


def library_of(documents: Path = POLICIES) -> Library:
    """The documents of the stack beside the words and the order of tiers that came with the package."""
    return Library(find_policies(), also=(documents,))


def table_of(data: s.Data) -> pa.Table:
    """The bills as a file of bills has them: narrow columns, words as dictionaries, days within one year."""

    def words(values: s.Ints, names: tuple[str, ...]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(values.astype(np.int8)), pa.array(names))

    stay = data.stay.astype(np.int32)
    day = (date(2024, 1, 5) - date(1970, 1, 1)).days + stay * (350 // max(data.per, 1))
    nothing = np.zeros(data.bills, np.int64)
    return pa.table({
        "member": pa.array(data.each(np.arange(data.persons))), "region": words(nothing, ("peers",)),
        "discharged": pa.array(day.astype(np.int32)).cast(pa.date32()), "care": words(nothing, ("inpatient",)),
        "level": words(data.level, s.LEVELS), "scheme": words(data.each(data.scheme), s.SCHEMES), "aid": words(data.each(data.aid), s.AIDS),
        "in_scope": pa.array(data.amount.astype(np.int32))})  # fmt: skip


class Duoceng:
    """Columns to columns; with `read_before`, only what comes after the columns are read."""

    def __init__(self, threads: int = 2, trail: bool = False, read_before: bool = False) -> None:
        self.threads, self.read_before = threads, read_before
        self.wants = Wants(kinds=False, layers=False, trail=trail)

    def prepare(self, data: s.Data) -> list[tuple[Batch, Any]]:
        """A batch for each thread, its plans made on a few bills, and its stretch of the table."""
        table, library = table_of(data), library_of()
        edges = [data.persons * at // self.threads * data.per for at in range(self.threads + 1)]
        state: list[tuple[Batch, Any]] = []
        for first, last in pairwise(edges):
            batch, part = Batch(library), table.slice(first, last - first)
            settle_table(batch, Columns(part.slice(0, 1000 * data.per), batch.dictionary), self.wants)
            state.append((batch, Columns(part, batch.dictionary) if self.read_before else part))
        return state

    def settle(self, stretch: tuple[Batch, Any]) -> Settled:
        """One stretch."""
        batch, bills = stretch
        return settle_table(batch, bills if self.read_before else Columns(bills, batch.dictionary), self.wants)

    def run(self, state: list[tuple[Batch, Any]]) -> list[Settled]:
        """Every bill."""
        if len(state) == 1:
            return [self.settle(state[0])]
        with ThreadPoolExecutor(len(state)) as threads:
            return list(threads.map(self.settle, state))

    def found(self, parts: list[Settled]) -> s.Four:
        """What each tier paid and what is left, one stretch after the other."""
        assert not any(part.rejects for part in parts)
        tiers = [np.concatenate([part.tiers[tier] for part in parts]) for tier in PAID]
        return (*tiers, np.concatenate([part.member_pays for part in parts]))  # type: ignore[return-value]


def compilations() -> int:
    """How many compilations the loops of the batch have seen in this process, from the disk cache or made."""
    loops = [value for value in vars(compiled).values() if hasattr(value, "signatures") and hasattr(value, "stats")]
    return sum(len(loop.signatures) for loop in loops)
