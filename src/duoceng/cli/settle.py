"""`duoceng settle`: a bill, or a member's year, as a statement."""

import sys
from pathlib import Path

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.uncovered import stop_if_uncovered
from duoceng.desk.year import Year, settle_year
from duoceng.interfaces.bill_file import Case, read_case, read_file
from duoceng.interfaces.names import names_for
from duoceng.policy.document import Document
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options


def load(file: str, folder: str | None) -> tuple[Library, Case, str]:
    """The library, the case of a file (or of the standard input), and the text of it."""
    library = Library(find_policies(folder))
    source = read_file(file, sys.stdin.buffer.read if file == "-" else None)
    return library, read_case(source, file, library.vocabulary), source


def options_of(
    order: str, allow_unverified: bool, reforms: tuple[str, ...] = (), library: Library | None = None
) -> Options:
    """Options as they are written on the command line. Raises Refused."""
    tiers = tuple(t.strip() for t in order.split(",") if t.strip())
    for tier in tiers:
        if tier not in TIERS:
            raise refuse("B032", Place("--order"), f"`{tier}` is no tier of cover", "", f"tiers: {', '.join(TIERS)}")
        if tiers.count(tier) > 1:
            raise refuse(
                "B032", Place("--order"), f"`{tier}` stands twice", "It can pay only once.", "keep one of them"
            )
    return Options(tiers, tuple(reform_of(r, library) for r in reforms if library), allow_unverified)


def reform_of(path: str, library: Library) -> Document:
    """A reform document out of a file."""
    document = library.document(Path(path).resolve()) if Path(path).exists() else None
    library.mistakes.stop_if_any()
    if document is None or not document.over:
        raise refuse("B033", Place(path), "this is no reform", "", "name a file whose document says `over: <policy>`")
    return document


def names(library: Library, case: Case, lang: str) -> dict[str, str]:
    """The names that a statement of this case reads."""
    return names_for(library, case.member, lang)


def settle_file(library: Library, case: Case, options: Options) -> Year:
    """The year of a case. Raises Refused, also where a bill falls under no rule that was read."""
    year = settle_year(library, case.member, case.bills, options)
    stop_if_uncovered(library, case.member, year)
    return year
