"""One hash over all that a member's years and money are: the same state, the same hash, however it came about."""

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.asks import digest_of
from duoceng.store.books import read_book
from duoceng.store.database import Database

NETS = """SELECT account, SUM(amount) AS amount FROM (
SELECT credit AS account, amount FROM transfer WHERE member = :member
UNION ALL SELECT debit AS account, -amount FROM transfer WHERE member = :member) AS legs GROUP BY account ORDER BY account"""
LIVE = "SELECT bill, billed, covered, member_pays, cash FROM bill WHERE member = :member AND state = 'live' ORDER BY counts_at"


def digest_of_member(database: Database, member: str) -> str:
    """Running sums, bills that stand, money by account; pages are history and do not count, nor does the member's name."""
    book, (nets, live) = read_book(database, member, (NETS, {"member": member}), (LIVE, {"member": member}))
    if book is None:
        raise refuse("D001", Place("member"), f"nobody is known as `{member}`", "", "enrol the member first")
    money = {row["account"].replace(f"/{member}", "/*"): int(row["amount"]) for row in nets if row["amount"]}
    held = {account.replace(f"/{member}", "/*"): stands for account, stands in book.balances.items() if any(stands)}
    return digest_of(dict(book.sums), [list(row.values()) for row in live], money, held)
