"""How long the first bill takes: `python first.py ours|numba` prints one line of JSON.

`ours` settles a few bills in a new process (the disk cache of numba is wherever NUMBA_CACHE_DIR says), then changes a document and
settles them again in the same process; `numba` compiles the stack written by hand, which is what a changed number costs there.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import stack as s

FEW = s.draw(200, 5)
CHANGE = ("tertiary: {by: scheme, employee: 1200", "tertiary: {by: scheme, employee: 1300")


def first_of_ours() -> dict[str, Any]:
    """Compiled or loaded; then with another document."""
    import ours

    start = time.perf_counter()
    found = settled_by(ours.POLICIES)
    first, before = time.perf_counter() - start, ours.compilations()
    with tempfile.TemporaryDirectory() as folder:
        documents = Path(folder) / "policies"
        shutil.copytree(ours.POLICIES, documents)
        basic = documents / "cn" / "peers" / "basic.yaml"
        text = basic.read_text(encoding="utf-8")
        assert CHANGE[0] in text
        basic.write_text(text.replace(*CHANGE), encoding="utf-8")
        start = time.perf_counter()
        other = settled_by(documents)
        changed = time.perf_counter() - start
    s.DEDUCTIBLE[2, 0] = 130000
    return {"first": first, "changed": changed, "compiled again": ours.compilations() - before,
            "bills that changed": int((found[3] != other[3]).sum()), "wrong": s.differing(other, FEW)}  # fmt: skip


def settled_by(documents: Path) -> s.Four:
    """A few bills by these documents, from reading them on."""
    import ours

    engine = ours.Duoceng(1)
    batch = ours.Batch(ours.library_of(documents))
    return engine.found(engine.run([(batch, ours.table_of(FEW))]))


def first_by_hand() -> dict[str, Any]:
    """Compiled, as every changed number asks for."""
    from by_hand import Numba

    start = time.perf_counter()
    engine = Numba()
    engine.run(engine.prepare(FEW))
    return {"first": time.perf_counter() - start}


if __name__ == "__main__":
    print(json.dumps(first_of_ours() if sys.argv[1] == "ours" else first_by_hand()))
