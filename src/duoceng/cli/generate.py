"""`duoceng generate`: members and bills drawn from documented distributions, into a Parquet file."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from duoceng.base.mistakes import Place, refuse
from duoceng.policy.library import Library, find_policies
from duoceng.policy.questions import nearest

if TYPE_CHECKING:
    from duoceng.lab.drawing.plan import Wanted

SPREADS = ("real", "even")
PARTS = ("numba", "numpy", "pyarrow")


def wanted_of(bills: int, seed: int, spread: str, year: int, regions: tuple[str, ...]) -> "Wanted":
    """What the command line asks for. Raises Refused."""
    from duoceng.lab.drawing.plan import Wanted

    if spread not in SPREADS:
        raise refuse("B039", Place("--spread"), f"`{spread}` is no way to draw", "", "write real or even")
    return Wanted(bills, seed, spread, year, tuple(dict.fromkeys(regions)))


def needs_parts() -> None:
    """Stop where the parts for many bills are not installed."""
    if missing := [part for part in PARTS if find_spec(part) is None]:
        raise refuse("B038", Place("--output"), f"{', '.join(missing)} is not installed",
                     "Bills by the million are drawn in columns.", "pip install 'duoceng[batch]'")  # fmt: skip


def generate(output: str, lines: str, wanted: "Wanted", policies: str, population: str) -> None:
    """Draw the bills and write the files. Raises Refused."""
    from dataclasses import replace

    from duoceng.lab.drawing.population import population_of
    from duoceng.lab.drawing.write import maker_of, write_bills

    library = Library(find_policies(policies or None))
    for region in wanted.regions:
        if region not in library.regions():
            what = f"`{region}` is no place whose policies are here"
            raise refuse(
                "B030", Place("--region"), what, "Its rules were not read.", nearest(region, library.regions())
            )
    maker = maker_of(library, population_of(library, population), replace(wanted, lines=bool(lines)))
    library.mistakes.stop_if_any()
    began = monotonic()
    places = [Path(name) for name in (output, lines) if name]
    parts = [path.with_name(f".{path.name}.part") for path in places]
    try:
        write_bills(maker, parts, progress(began))
        for part, path in zip(parts, places, strict=True):  # a half-written file is never seen
            part.replace(path)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise refuse("B036", Place(output, 0), what, "", "name a folder that exists and may be written to") from None
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    seconds = monotonic() - began
    print(
        f"{wanted.bills:,} bills, {seconds:.1f} s, {wanted.bills / max(seconds, 1e-9):,.0f} a second", file=sys.stderr
    )


def progress(began: float) -> Callable[[int, int], None]:
    """Tells how far a long run has come, where somebody looks on."""

    def tell(done: int, wanted: int) -> None:
        if sys.stderr.isatty():
            left = (monotonic() - began) * (wanted - done) / max(done, 1)
            print(
                f"\r{done:,} / {wanted:,}  {done * 100 // max(wanted, 1)} %  {left:.0f} s left ",
                end="" if done < wanted else "\n",
                file=sys.stderr,
            )

    return tell
