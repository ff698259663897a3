"""How long one bill takes: with the plan in hand, planned anew, and as a command from process start to output.

    python benchmarks/desk.py [FILE ...]    (default: benchmarks/six-layers.yaml and examples/shanghai-five-layers.yaml)

Machines are noisy: the least of several runs is printed beside the median, and the plain kernel beside a fixed amount of plain Python work, so that
two machines can be compared by ratio.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from duoceng.desk.trip import documents_of, grouping_for
from duoceng.engine.scope import charges_of
from duoceng.engine.settle import settle
from duoceng.interfaces.bill_file import read_case
from duoceng.policy.catalogue import scope_for
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options, plan_for

ROOT = Path(__file__).resolve().parents[1]


def timed(work: Callable[[], object], times: int, rounds: int = 7) -> tuple[float, float]:
    """Least and median seconds of one call."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - start) / times)
    return min(found), statistics.median(found)


def yardstick() -> int:
    """A fixed amount of plain Python work: ten thousand additions and comparisons."""
    total = 0
    for number in range(10_000):
        total += number if number % 3 else -number
    return total


def show(what: str, seconds: tuple[float, float], target: str = "") -> None:
    """One row."""
    print(f"{what:<46}{seconds[0] * 1000:>10.4f} ms least{seconds[1] * 1000:>10.4f} ms median   {target}")


def main(files: list[str]) -> None:
    """Print every figure."""
    base = timed(yardstick, 20)
    show("yardstick: 10,000 additions in plain Python", base)
    for file in files:
        one_bill(file, base[1])
    check = [
        sys.executable,
        "-c",
        "from duoceng.policy.library import *; l = Library(find_policies()); [l.document(p) for p in l.paths()]; assert not l.mistakes.found",
    ]
    show(
        f"all {len(Library(find_policies()).paths())} documents read and checked",
        timed(lambda: subprocess.run(check, capture_output=True, check=True), 1, 5),
        "target 3000",
    )


def one_bill(file: str, yardsticks: float) -> None:
    """With the plan in hand, the plan made anew, and the whole command."""
    print(file)
    library = Library(find_policies())
    case = read_case(Path(file).read_text(encoding="utf-8"), file, library.vocabulary)
    bill, options = case.bills[0], Options(allow_unverified=True)
    documents = documents_of(library, case.member)
    grouping = grouping_for(library, documents)
    charges = charges_of(bill, scope_for(library, case.member, bill) if bill.lines else None, grouping)
    plan = plan_for(library, case.member, bill, charges, {}, options)
    hand = timed(lambda: settle(bill, charges, plan, {}), 400)
    show(
        f"one bill, {len(plan.layers)} layers, {len(plan.steps)} steps, plan in hand",
        hand,
        f"target 0.1; {hand[1] / yardsticks:.3f} yardsticks",
    )
    show("the plan made anew", timed(lambda: plan_for(library, case.member, bill, charges, {}, options), 40))
    command = [sys.executable, "-m", "duoceng", "settle", file, "--allow-unverified"]
    show(
        "duoceng settle, cold, process start to output",
        timed(lambda: subprocess.run(command, capture_output=True, check=True), 1),
        "target 500",
    )


if __name__ == "__main__":
    main(sys.argv[1:] or [str(ROOT / "benchmarks/six-layers.yaml"), str(ROOT / "examples/shanghai-five-layers.yaml")])
