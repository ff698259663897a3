"""What pays the member's part of a bill: accounts in the order asked for, and cash the rest."""

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.asks import ACCOUNT, CASH, WALLET
from duoceng.ledger import chart
from duoceng.records.settlement import Settlement
from duoceng.store.books import Book

Draws = tuple[tuple[str, int], ...]


def drawn_for(book: Book, settlement: Settlement, pays: tuple[str, ...]) -> Draws:
    """The accounts that pay, and how much; they add up to the member's part."""
    rest, found = settlement.member_pays, []
    for source in pays:
        if source == CASH:
            break
        account = account_of(book.member, source)
        amount = min(rest, book.free(account))
        if amount > 0:
            found.append((account, amount))
            rest -= amount
    return (*found, (chart.cash(book.member), rest)) if rest else tuple(found)


def account_of(member: str, source: str) -> str:
    """The account a source names."""
    named = {ACCOUNT: chart.personal(member), WALLET: chart.wallet(member)}
    if source not in named:
        raise refuse("D009", Place("pays"), f"`{source}` pays no bill here", "", "write account, wallet or cash")
    return named[source]


def redrawn(book: Book, settlement: Settlement, before: Draws, pays: tuple[str, ...]) -> Draws:
    """Who pays after a replay: less is given back in reverse order of the draws, more is asked for in cash."""
    if not before:
        return drawn_for(book, settlement, pays)
    change = settlement.member_pays - sum(amount for _, amount in before)
    kept = dict(before)
    if change > 0:
        cash = chart.cash(book.member)
        kept[cash] = kept.get(cash, 0) + change
    for account in reversed(list(kept)):
        back = min(-change, kept[account]) if change < 0 else 0
        kept[account] -= back
        change += back
    return tuple((account, amount) for account, amount in kept.items() if amount)
