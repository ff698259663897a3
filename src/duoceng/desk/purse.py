"""What pays the member's part of a bill: accounts in the order asked for, and cash the rest.

`help:<relative>` is money a near relative has set aside for this bill: it is paid from a transit account, and evened out in the
relative's own book right after (`desk.helping`).
"""

from collections.abc import Mapping

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.asks import ACCOUNT, CASH, HELP, WALLET, Purse
from duoceng.ledger import chart
from duoceng.ledger.wallet import refund
from duoceng.records.settlement import Settlement
from duoceng.store.books import Book

Draws = tuple[tuple[str, int], ...]


def drawn_for(book: Book, settlement: Settlement, purse: Purse) -> Draws:
    """The accounts that pay, and how much; they add up to the member's part."""
    rest, found = settlement.member_pays, []
    for source in purse.pays:
        if source == CASH:
            break
        account, most = source_of(book, source, purse.helps)
        amount = min(rest, most)
        if amount > 0:
            found.append((account, amount))
            rest -= amount
    return (*found, (chart.cash(book.member), rest)) if rest else tuple(found)


def source_of(book: Book, source: str, helps: Mapping[str, int]) -> tuple[str, int]:
    """The account a source names, and what it may give."""
    if source.startswith(HELP):
        relative = source.removeprefix(HELP)
        return chart.help_of(relative), helps.get(relative, 0)
    named = {ACCOUNT: chart.personal(book.member), WALLET: chart.wallet(book.member)}
    if source not in named:
        raise refuse(
            "D009", Place("pays"), f"`{source}` pays no bill here", "", "write account, wallet, help:<relative> or cash"
        )
    return named[source], book.free(named[source])


def redrawn(book: Book, settlement: Settlement, before: Draws) -> Draws:
    """Who pays a standing bill after a replay: less is given back to those that paid last, more is asked for in cash.

    Also where nothing was left to the member before: what pays another bill was not asked to pay this one.
    """
    kept = dict(before)
    change = settlement.member_pays - sum(kept.values())
    if change > 0:
        cash = chart.cash(book.member)
        kept[cash] = kept.get(cash, 0) + change
    for account, back in refund(before, max(-change, 0)):
        kept[account] -= back
    return tuple((account, amount) for account, amount in kept.items() if amount)
