"""How long a run will take, said before it begins: what was measured on two cores of one machine, or of the parts that are done.

A process works out plans: most of them in its first bills, the more the more places there are, and then ever fewer; of
kinds that are known from earlier runs none. So a file of one city takes seconds where one of fifty takes minutes.
"""

import pyarrow.compute as pc
import pyarrow.parquet as pq

from duoceng.engine.batch.cached import is_compiled
from duoceng.lab.batch.files import Work

# Seconds: of a start and an end; of loops that were never compiled here; of each bill, its trail, and each line in a process; of joining parts.
START, COMPILING, PER_BILL, PER_TRAIL, PER_LINE, JOINING = 1.7, 18.0, 0.5e-6, 1.2e-6, 0.25e-6, 0.03e-6
# Seconds of a process for the kinds of charges that its first million lines come to; how they grow with more.
BUNDLES, SLOWER = 3.0, 0.5
# Seconds of a process for the plans of each place: of its first bills; and of its first million more or where kinds are known, which grows.
PLANNING, FIRST, MORE, GROWS = 0.07, 250_000, 0.05, 0.82


def seconds_of(work: Work, kinds: int) -> float:
    """Seconds for what is left of a run. `kinds`: of bills, as many as are known from earlier runs."""
    left = work.bills * (1 - len(work.done) / max(len(work.tasks), 1)) / work.jobs
    joining = work.bills * JOINING * (len(work.tasks) > 1)
    start = START + (0.0 if is_compiled() else COMPILING)
    if work.done:
        return start + left * sum(d.seconds for d in work.done) / max(sum(d.bills for d in work.done), 1) + joining
    each = PER_BILL + (PER_TRAIL if work.job.wants.trail else 0.0)
    lines = pq.read_metadata(work.job.lines).num_rows / work.jobs if work.job.lines else 0.0
    bundling: float = lines * PER_LINE + BUNDLES * (lines / 1e6) ** SLOWER
    first = 0.0 if kinds else PLANNING * min(left / FIRST, 1.0)
    planning: float = places_in(work.job.bills) * (first + MORE * (left / 1e6) ** GROWS)
    return start + planning + left * each + bundling + joining


def places_in(path: str) -> int:
    """How many places the bills at the beginning of a file are of."""
    file = pq.ParquetFile(path)
    if not file.num_row_groups or "region" not in file.schema_arrow.names:
        return 0
    return len(pc.unique(file.read_row_group(0, columns=["region"]).column(0)).drop_null())
