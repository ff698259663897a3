"""How many lines a second go through scope, and through everything: catalogues, charges, plans, the kernel.

    python benchmarks/lines.py [BILLS] [SHARE]      (default: 500000 bills, every one of them with lines)

The bills are drawn as `duoceng generate` draws them. The first round makes what later blocks of a long file find ready (compiled loops, plans, how
lines fall); the rounds after it are those that count. Seconds are of the process: one core, whatever else the machine does.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.lines import Itemised, Scope
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.lab.drawing import lines as drawing
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options

ROUNDS = 5


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What comes of it, and the seconds of this process."""
    start = time.process_time()
    found = work()
    return found, time.process_time() - start


def main(bills: int = 500_000, share: float = 1.0) -> None:
    """Print every figure."""
    drawing.SHARE = share
    library = Library(find_policies())
    table, lines = maker_of(library, population_of(library), Wanted(bills, 1, lines=True)).group(0)
    assert lines is not None
    batch = Batch(library, Options(allow_unverified=True))
    scope = Scope(batch)
    print(f"{table.num_rows:,} bills, {lines.num_rows:,} lines")
    for number in range(ROUNDS):
        itemised, scoped = timed(lambda: Itemised(table, lines, scope))
        settled, rest = timed(lambda bills=itemised: settle_table(batch, bills, Wants(layers=False)))
        what = "first" if number == 0 else "again"
        whole = scoped + rest
        print(f"{what}: scope {scoped:.2f} s, {lines.num_rows / scoped:,.0f} lines/s; with settlement {whole:.2f} s,",
              f"{lines.num_rows / whole:,.0f} lines/s, {table.num_rows / whole:,.0f} bills/s; {len(settled.rejects)} rejected")  # fmt: skip


if __name__ == "__main__":
    main(*(int(a) if "." not in a else float(a) for a in sys.argv[1:]))
