"""One engine in a process of its own: `python measure.py ENGINE PERSONS BILLS_PER_PERSON RUNS` prints one line of JSON.

Times are of bills that stand in the engine's own form, after compilation. Memory is what a run needs above that (Linux).
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import stack as s


def by_hand(*arguments: Any) -> Any:
    """Hand-written numba."""
    from by_hand import Numba

    return Numba(*arguments)


def by_column(name: str, *arguments: Any) -> Any:
    """An engine of columns."""
    import by_column

    return getattr(by_column, name)(*arguments)


def openfisca(*arguments: Any) -> Any:
    """OpenFisca."""
    from by_openfisca import OpenFisca

    return OpenFisca(*arguments)


def ours(*arguments: Any) -> Any:
    """Our engine."""
    from ours import Duoceng

    return Duoceng(*arguments)


def python() -> Any:
    """The reference."""
    from by_hand import Python

    return Python()


ENGINES: dict[str, Callable[[], Any]] = {
    "python": python,
    "openfisca": openfisca,
    "openfisca tables": lambda: openfisca(True),
    "duckdb": lambda: by_column("Duckdb"),
    "polars windows": lambda: by_column("Polars", False),
    "polars flat": lambda: by_column("Polars"),
    "numpy": lambda: by_column("Numpy"),
    "numba 1": lambda: by_hand(1),
    "numba 2": by_hand,
    "numba 2 trace": lambda: by_hand(2, True),
    "duoceng 1": lambda: ours(1),
    "duoceng 2": ours,
    "duoceng 2 read before": lambda: ours(2, False, True),
    "duoceng 2 trail": lambda: ours(2, True),
}


def peak_from_here() -> None:
    """Begin to count the peak of memory anew."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The most memory since then, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def measure(name: str, data: s.Data, runs: int) -> dict[str, Any]:
    """Times, memory and answers of one engine."""
    engine = ENGINES[name]()
    state = engine.prepare(data)
    gc.collect()
    ready = psutil.Process().memory_info().rss
    peak_from_here()
    times = []
    result = None
    for _ in range(runs):
        result = None
        gc.collect()
        start = time.perf_counter()
        result = engine.run(state)
        times.append(time.perf_counter() - start)
    most = peak()
    found = engine.found(result) if hasattr(engine, "found") else result
    return {"engine": name, "bills": data.bills, "seconds": min(times), "all": times, "bytes": (most - ready) / data.bills,
            "wrong": s.differing(found, data), "sums": s.checksum(found)}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], s.draw(int(sys.argv[2]), int(sys.argv[3])), int(sys.argv[4]))))
