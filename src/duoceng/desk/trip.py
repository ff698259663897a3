"""The trip of one bill: scope, plan, settle. It fits a screen.

Bill ──▶ charges ──▶ plan ──▶ settlement        engine.scope, policy.plan, engine.settle
"""

from collections.abc import Mapping

from duoceng.engine.scope import Grouping, charges_of
from duoceng.engine.settle import settle
from duoceng.policy.catalogue import scope_for
from duoceng.policy.document import Document
from duoceng.policy.library import Library
from duoceng.policy.plan import Options, plan_for
from duoceng.records.bill import Bill, Charge, Member
from duoceng.records.settlement import Settlement


def settle_bill(
    library: Library, member: Member, bill: Bill, year: Mapping[str, int], options: Options = Options()
) -> Settlement:
    """One bill through every layer, given the running sums of the member's year. Raises Refused; changes nothing."""
    charges = charges_for(library, member, bill, grouping_for(library, documents_of(library, member)))
    plan = plan_for(library, member, bill, charges, year, options)
    return settle(bill, charges, plan, year)


def charges_for(library: Library, member: Member, bill: Bill, grouping: Grouping) -> tuple[Charge, ...]:
    """The charges of a bill: its parts, and its lines by the catalogues of the place of care."""
    return charges_of(bill, scope_for(library, member, bill) if bill.lines else None, grouping)


def documents_of(library: Library, member: Member) -> list[Document]:
    """Every policy that may concern a member: of the place, of the country, and the products held."""
    held = [library.product(h.policy) for h in member.products]
    return library.of_region(member.region) + [d for d in held if d]


def grouping_for(library: Library, documents: list[Document]) -> Grouping:
    """Which lines must be kept apart, because some layer treats them differently."""
    asked = {a for d in documents for a in d.asks if library.vocabulary[a].of == "line"}
    each_item = any(v.get("each") == "item" for d in documents for _, _, v in d.versions())
    return Grouping(frozenset(asked), each_item or "item" in asked, any(d.decided_by == "expense" for d in documents),
                    any(d.rounding == "item" for d in documents))  # fmt: skip
