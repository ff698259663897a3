"""What a maker gives back for a drug that was paid for (药企返还): to the fund, the insurer or the member who paid, never more than they did."""

from dataclasses import dataclass

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.asks import Call, Receipt, digest_of
from duoceng.desk.counter import Desk, known_book, no_such_bill
from duoceng.ledger import chart
from duoceng.ledger.post import net
from duoceng.records.entry import Transfer
from duoceng.store.books import Seen, append

PAID = "SELECT debit, credit, amount, tier, bill FROM transfer WHERE member = :member AND bill = :bill"
BACK = """SELECT t.amount FROM transfer t JOIN entry e ON e.member = t.member AND e.number = t.number
WHERE t.member = :member AND t.credit = :account AND t.debit LIKE 'rebate/%' AND e.bill = :bill"""


@dataclass(frozen=True, slots=True)
class Rebate:
    """Fen of a maker for one settled bill, to an account that paid for it."""

    member: str
    bill: str
    maker: str
    to: str
    amount: int

    def digest(self) -> str:
        """The same for the same rebate."""
        return digest_of("rebate", self.member, self.bill, self.maker, self.to, self.amount)


def give_back(desk: Desk, rebate: Rebate, call: Call) -> Receipt:
    """Post a rebate. Raises Refused where the bill does not stand, or the account paid less for it."""

    def act(seen: Seen) -> Receipt:
        book = known_book(seen, rebate.member)
        if not seen.stands(rebate.bill):
            raise no_such_bill(rebate.bill, "name a bill that stands")
        rest = still_borne(desk, rebate)
        if not 0 < rebate.amount <= rest:
            what = f"`{rebate.to}` has {rest} fen left of this bill that can be given back"
            raise refuse(
                "D015",
                Place("amount"),
                what,
                "Nobody is given back more than they paid.",
                "give back less, or to whoever paid",
            )
        moved = (Transfer(chart.rebate(rebate.maker), rebate.to, rebate.amount),)
        receipt = Receipt("rebate", rebate.member, rebate.bill, book.pages + 1, moved=moved)
        append(desk.database, book, desk.page(call, receipt, rebate.digest()))
        return receipt

    return desk.once(rebate.member, call, rebate.digest(), act, (rebate.bill, ""))


def still_borne(desk: Desk, rebate: Rebate) -> int:
    """What an account paid for a bill, less what makers gave back to it on pages of this bill."""
    paid = net(Transfer(**row) for row in desk.database.rows(PAID, member=rebate.member, bill=rebate.bill))
    gave = sum(amount for (debit, *_), amount in paid.items() if debit == rebate.to)
    back = desk.database.rows(BACK, member=rebate.member, account=rebate.to, bill=rebate.bill)
    return gave - sum(int(row["amount"]) for row in back)
