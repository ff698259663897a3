"""`duoceng explain`: the statement of one bill of a file of bills."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from duoceng.cli.batch import readable
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


def run(path: str, bill: str, member: str, years_in: str, policies: str, how: How, form: "Form") -> None:
    """Find the bill, settle its member's bills up to it, print its statement. Raises Refused."""
    needs_parts()
    readable(path)
    from duoceng.lab.batch.replay import Wanted, replay

    library = Library(find_policies(policies or None))
    options = options_of(how.order, how.allow_unverified, how.reforms, library)
    found = replay(library, Wanted(path, bill, member, years_in), options)
    put(found.member, found.year, names(library, Case(found.member, (found.bill,), path), how.lang), form)
