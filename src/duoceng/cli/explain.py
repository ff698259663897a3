"""`duoceng explain`: the statement of one bill of a file of bills."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from duoceng.cli.batch import readable, there
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
    readable(asked.bills)
    from duoceng.lab.batch.replay import Wanted, replay

    library = Library(find_policies(asked.policies or None))
    options = options_of(how.order, how.allow_unverified, how.reforms, library)
    wanted = Wanted(asked.bills, asked.bill, asked.member, asked.years_in, asked.lines)
    found = replay(library, wanted, options)
    put(found.member, found.year, names(library, Case(found.member, (found.bill,), asked.bills), how.lang), form)
