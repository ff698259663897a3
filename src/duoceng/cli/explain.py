"""`duoceng explain`: the statement of one bill of a file of bills."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from duoceng.cli.batch import OFFICE, readable, there
from duoceng.cli.generate import needs_parts
from duoceng.cli.settle import names, options_of
from duoceng.interfaces.bill_file import Case
from duoceng.interfaces.output import put
from duoceng.policy.library import Library, find_policies

if TYPE_CHECKING:
    from duoceng.interfaces.output import Wanted as Form


@dataclass(frozen=True)
class How:
    """How to settle, as the command line says it."""

    order: str
    reforms: tuple[str, ...]
    allow_unverified: bool
    lang: str


@dataclass(frozen=True)
class Asked:
    """Which bill of which file, as the command line says it."""

    bills: str
    bill: str
    member: str
    years_in: str
    lines: str
    policies: str


def run(asked: Asked, how: How, form: "Form") -> None:
    """Find the bill, settle its member's bills up to it, print its statement. Raises Refused."""
    needs_parts()
    there(asked.bills, asked.years_in, asked.lines)
    library = Library(find_policies(asked.policies or None))
    options = options_of(how.order, how.allow_unverified, how.reforms, library)
    from duoceng.lab.batch.replay import Wanted, replay

    with as_parquet(asked.bills, library) as path:
        readable(path)
        wanted = Wanted(path, asked.bill, asked.member, asked.years_in, asked.lines, asked.bills)
        found = replay(library, wanted, options)
    put(found.member, found.year, names(library, Case(found.member, (found.bill,), asked.bills), how.lang), form)


@contextmanager
def as_parquet(bills: str, library: Library) -> Iterator[str]:
    """The file itself, or a Parquet file of what an office's table says. Raises Refused."""
    if Path(bills).suffix.lower() not in OFFICE:
        yield bills
        return
    import pyarrow.parquet as pq

    from duoceng.interfaces.bill_table import read_bill_table

    with TemporaryDirectory() as folder:
        path = Path(folder) / "bills.parquet"
        pq.write_table(read_bill_table(Path(bills), library).table, path)
        yield str(path)
