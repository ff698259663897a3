"""Every engine on the same bills, side by side: `python benchmarks/peers/compare.py [--persons 1000000] [--per 5] [--only WORD]`.

Each engine runs in a process of its own. Engines to be compared take turns, round after round, and the least time of each counts:
other work on the machine then harms all alike. Every run is held against the scalar reference (a part of the bills) and, where it is
exact, bill by bill against the others; OpenFisca counts in floats, so its differences are told.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Row = dict[str, Any]
SLOW = {
    "python": 50,
    "openfisca": 20,
    "polars windows": 2,
    "duckdb": 2,
    "duoceng 2 trail": 5,
    "numba 2 trace": 1,
}  # persons divided by
ONCE = ("python", "openfisca", "openfisca tables", "polars windows", "duckdb")
TURNS = ("polars flat", "numpy", "numba 1", "numba 2", "numba 2 trace", "duoceng 1", "duoceng 2", "duoceng 2 read before",
         "duoceng 2 trail")  # fmt: skip
FLOATS = ("openfisca", "openfisca tables")
TARGETS = (("duoceng 2", "numba 2", 0.70, "to numba by hand"), ("duoceng 2", "openfisca", 500, "to OpenFisca"),
           ("duoceng 2", "openfisca tables", 0, "to OpenFisca without its parameters"),
           ("duoceng 2 trail", "numba 2 trace", 0, "with the trail, to numba with 16 amounts"))  # fmt: skip


def run(script: str, *arguments: object, **more: str) -> Row:
    """A process and what it said."""
    words = [sys.executable, "-W", "ignore", str(HERE / script), *map(str, arguments)]
    ended = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **more}, check=False)
    if ended.returncode:
        sys.exit(f"{' '.join(words)}\n{ended.stderr}")
    found: Row = json.loads(ended.stdout.splitlines()[-1])
    return found


def measured(asked: argparse.Namespace) -> dict[str, Row]:
    """The least of each engine's runs."""
    rows: dict[str, Row] = {}
    for turn in range(asked.rounds):
        for name in (*ONCE, *TURNS) if turn == 0 else TURNS:
            if asked.only and not any(word in name for word in asked.only):
                continue
            persons = max(asked.persons // SLOW.get(name, 1), 1000)
            row = run("measure.py", name, persons, asked.per, 2 if name in ONCE else 5)
            assert name in FLOATS or not row["wrong"], f"{name}: {row['wrong']} bills differ from the reference"
            if name not in rows or row["seconds"] < rows[name]["seconds"]:
                rows[name] = row
            print(f"round {turn + 1}  {name:<24}{row['bills'] / row['seconds'] / 1e6:>9.2f} M/s", file=sys.stderr)
    exact: dict[int, set[tuple[int, ...]]] = {}
    for name, row in rows.items():
        if name not in FLOATS:
            exact.setdefault(row["bills"], set()).add(tuple(row["sums"]))
    assert all(len(sums) == 1 for sums in exact.values()), "exact engines differ from each other"
    return rows


def show(rows: dict[str, Row]) -> None:
    """The table."""
    base = rows.get("numba 2")
    print(f"{'engine':<24}{'bills':>12}{'seconds':>10}{'M bills/s':>11}{'to numba':>10}{'bytes/bill':>12}")
    for name, row in rows.items():
        rate = row["bills"] / row["seconds"]
        ratio = f"{rate * base['seconds'] / base['bills']:.3f}" if base else ""
        wrong = f"   {row['wrong']} bills some fen off" if row["wrong"] else ""
        print(
            f"{name:<24}{row['bills']:>12,}{row['seconds']:>10.4f}{rate / 1e6:>11.3f}{ratio:>10}{row['bytes']:>12.0f}{wrong}"
        )
    print()
    for ours, theirs, target, words in TARGETS:
        if ours in rows and theirs in rows:
            rates = [rows[name]["bills"] / rows[name]["seconds"] for name in (ours, theirs)]
            print(f"{words:<44}{rates[0] / rates[1]:>12.3f}{f'   target {target}' if target else ''}")
    if "duoceng 2 trail" in rows:
        row = rows["duoceng 2 trail"]
        print(f"{'with the trail, M bills/s':<44}{row['bills'] / row['seconds'] / 1e6:>12.3f}   target 40")
    if "duoceng 2" in rows:
        print(f"{'bytes a bill above the data':<44}{rows['duoceng 2']['bytes']:>12.0f}   target 40")


def show_first() -> None:
    """What compiling costs, and what a changed document costs."""
    with tempfile.TemporaryDirectory() as cache:
        new, cached = (run("first.py", "ours", NUMBA_CACHE_DIR=cache) for _ in range(2))
    by_hand = run("first.py", "numba")
    assert not new["wrong"]
    assert not cached["wrong"]
    print(f"{'first bill, nothing compiled, s':<44}{new['first']:>12.2f}")
    print(f"{'first bill, compiled on disk, s':<44}{cached['first']:>12.2f}")
    print(f"{'after a document was changed, s':<44}{cached['changed']:>12.3f}   {cached['compiled again']} compilations, "
          f"{cached['bills that changed']} bills of 1,000 paid otherwise, all as the reference says")  # fmt: skip
    print(f"{'after a number was changed, by hand, s':<44}{by_hand['first']:>12.2f}   compiled anew")


def main() -> None:
    """Every figure."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--persons", type=int, default=1_000_000)
    words.add_argument("--per", type=int, default=5, help="bills of each person")
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--only", nargs="*", help="engines whose names hold one of these words")
    asked = words.parse_args()
    show(measured(asked))
    show_first()


if __name__ == "__main__":
    main()
