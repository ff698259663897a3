"""The desk: quote, settle, reverse, correct, settle late. What it did is on one page of the member's book, or was not done.

key known? ──▶ answered again
book, bills ──▶ settle (in order) or replay (late, corrected, taken back) ──▶ transfers ──▶ next page ──▶ receipt
                                          somebody was first: read anew and try again ◀──┘
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Lock
from time import sleep

from duoceng.base.failpoint import reached
from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.desk import replay
from duoceng.desk.asks import Ask, Call, Changed, Purse, Receipt, Undo, receipt_of
from duoceng.desk.people import File, read
from duoceng.desk.plans import Plans
from duoceng.desk.purse import drawn_for, redrawn
from duoceng.desk.recent import Recent, Unsaid
from duoceng.desk.replay import Live, counts_at
from duoceng.desk.rows import bill_row, gone, in_all, live_of, receipt_for
from duoceng.desk.uncovered import stop_if_uncovered
from duoceng.desk.year import Year
from duoceng.engine.settle import added
from duoceng.ledger.chart import HELP
from duoceng.ledger.post import Shares, difference, transfers_of
from duoceng.ledger.wallet import china_time
from duoceng.policy.accounts import account_rules
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.accounts import AccountRules
from duoceng.records.bill import Bill, Member
from duoceng.records.entry import Transfer
from duoceng.records.settlement import Settlement
from duoceng.store.books import Answered, Book, Page, Seen, append, look, pressed
from duoceng.store.database import Busy, Conflict, Database, Floor, Row, Statement
from duoceng.store.settlements import plan_kept, settlement_of

TRIES, GATES, PLANS_NOTED = 20, 1024, 100_000
BILLS = """SELECT bill, state, hospital, counts_at, draws, products, page, asked FROM bill
WHERE member = :member AND state = 'live' ORDER BY counts_at"""
MOVED = (
    "SELECT debit, credit, amount, tier, bill FROM transfer WHERE member = :member AND bill <> '' ORDER BY number, line"
)
KEPT = "SELECT member, digest, state, said FROM answer WHERE scope = :scope AND key = :key"
TOMBSTONE = """INSERT INTO answer (member, scope, key, digest, state, page, said, at)
VALUES (:member, :scope, :key, '', 'never', 0, '{}', :at)"""


@dataclass(frozen=True, slots=True)
class Case:
    """What is open on the desk: who asks, the member's book and file, the bills that stand, and products whose insurers are not asked."""

    call: Call
    book: Book
    file: File
    standing: Mapping[str, Row]
    withheld: tuple[str, ...] = ()
    purse: Purse = field(default_factory=Purse)


class Arrived(Exception):
    """A key that was to be barred is there already."""


@dataclass
class Desk:
    """One bill after the other, for everybody. `clock` says what time it is; `shares` who insures which product, by parts of 10,000."""

    database: Database
    library: Library
    clock: Callable[[], datetime]
    options: Options = field(default_factory=Options)
    shares: Mapping[str, Shares] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plans = Plans(self.library, self.options)
        self._kept_plans: set[str] = set()  # those that are in the database for sure
        self._rules: dict[date, AccountRules] = {}
        self._recent = Recent()
        self._gates = [Lock() for _ in range(GATES)]

    # ── asking ──

    def quote(self, ask: Ask) -> tuple[Settlement, tuple[str, ...]]:
        """What a bill would come to now, and whose insurers were not asked. Leaves no trace."""
        seen = look(self.database, ask.member, ("", ""), (ask.bill.id, ask.bill.replaces))
        book = known_book(seen, ask.member)
        file = read(book.file)
        products, withheld = replay.allowed(file, ask, self.clock().date())
        live = Live(ask.bill, ask.hospital, products)
        if in_order(seen, ask.bill):
            return self._settle_next(replay.member_for(file, book.member, live), ask.bill, book.sums), withheld
        others = [
            live_of(row)
            for bill, row in self._standing(ask.member).items()
            if bill not in (ask.bill.id, ask.bill.replaces)
        ]
        return replay.years(self.plans, ask.member, file, [*others, live])[0][ask.bill.id], withheld

    def settled(self, member: str, bill: str) -> Settlement | None:
        """A settled bill as the run that paid it left it."""
        return settlement_of(self.database, member, bill)

    def answer(self, scope: str, key: str) -> tuple[str, str, Receipt | None] | None:
        """What became of a key: its member, its state (`done`, `never`) and its receipt; None where it never arrived."""
        found = self.database.row(KEPT, scope=scope, key=key)
        if found is None:
            return None
        said = json.loads(found["said"])
        return found["member"], found["state"], receipt_of(said) if said else None

    def rules(self) -> AccountRules:
        """The rules of accounts that hold today, in China."""
        today = china_time(self.clock()).date()
        if today not in self._rules:
            self._rules = {today: account_rules(self.library, today)}
        return self._rules[today]

    # ── doing ──

    def settle(self, ask: Ask, call: Call, purse: Purse | None = None) -> Receipt:
        """Settle a bill, wherever it stands in its year. Raises Refused; then nothing was done.

        `purse`: what pays the member's part, where not all that was asked for may; `desk.helping` sees to that.
        """
        call = replace(call, asked=call.asked or ask.digest())
        bills, purse = (ask.bill.id, ask.bill.replaces), purse or Purse(ask.pays)
        return self.once(ask.member, call, call.asked, lambda seen: self._settle(ask, call, seen, purse), bills)

    def reverse(self, undo: Undo, call: Call) -> Receipt:
        """Take a bill back. A key that never arrived is barred from arriving later."""
        if undo.key == call.key:
            what = "a key cannot take itself back"
            raise refuse("D002", Place(call.key), what, "", "give the reversal a key of its own")
        return self.once(undo.member, call, undo.digest(), lambda seen: self._reverse(undo, call, seen))

    def once(
        self, member: str, call: Call, digest: str, act: Callable[[Seen], Receipt], bills: tuple[str, str] = ("", "")
    ) -> Receipt:
        """Answer a key once; try again where somebody was first."""
        digest = call.asked or digest
        with self._gates[hash(member) % GATES]:  # in this process they queue; with others they meet in the database
            by_memory = any(bills) and not call.looked
            found = self._recent.done(member, act) if by_memory else self._recent.take(member)
            if isinstance(found, Receipt):
                reached("answered")
                return found
            for attempt in range(TRIES):
                first = call.looked if not attempt else None
                seen = first or look(self.database, member, (call.scope, call.key), bills)
                if seen.kept:
                    return answered(seen.kept, digest)
                try:
                    done = act(seen)
                    reached("answered")
                    return done
                except Conflict as conflict:
                    if "lookup" in conflict.rule:
                        what = "somebody else is known under this identity"
                        raise refuse(
                            "D016", Place(member), what, "One person, one file.", "find them by the number"
                        ) from None
                    self._stop_if_used(member, call)
                    sleep(attempt * attempt * 0.0005)
                except Busy:
                    sleep(attempt * attempt * 0.0005)
                except Floor:
                    what = "an account would fall below nothing"
                    raise refuse("D006", Place(member), what, "Other payments came first.", "ask again") from None
        what = "too many others write in this member's book"
        raise refuse("D008", Place(member), what, "Nothing was done.", "ask again with the same key")

    def _stop_if_used(self, member: str, call: Call) -> None:
        """Raise Refused where the key is another member's."""
        kept = self.database.row(KEPT, scope=call.scope, key=call.key)
        if kept and kept["member"] != member:
            raise stands_for_else(call.key)

    def _standing(self, member: str) -> dict[str, Row]:
        """The bills that stand, in the order they count."""
        return {row["bill"]: row for row in self.database.rows(BILLS, member=member)}

    def _settle(self, ask: Ask, call: Call, seen: Seen, purse: Purse) -> Receipt:
        book = known_book(seen, ask.member)
        if seen.stands(ask.bill.id):
            raise refuse("D003", Place(ask.bill.id), f"bill `{ask.bill.id}` is settled already",
                         "To settle a bill twice is an offence (NHSA order 7 of 2026).", "reverse it first, or send a correction")  # fmt: skip
        if ask.bill.replaces and not seen.stands(ask.bill.replaces):
            raise no_such_bill(ask.bill.replaces, "name the bill to correct")
        file = read(book.file)
        products, withheld = replay.allowed(file, ask, self.clock().date())
        live = Live(ask.bill, ask.hospital, products, asked=pressed(ask.plain_bill))
        case = Case(call, book, file, {}, withheld, purse)
        if in_order(seen, ask.bill):
            return self._page_of_next(case, live, ask.bill.id not in seen.bills)
        if seen.remembered:
            raise Unsaid
        standing = self._standing(ask.member)
        kept = [live_of(row) for bill, row in standing.items() if bill != ask.bill.replaces]
        return self._page_of_replay(replace(case, standing=standing), [*kept, live], ask)

    def _settle_next(self, member: Member, bill: Bill, sums: Mapping[str, int]) -> Settlement:
        settlement = self.plans.settle(member, bill, sums)
        stop_if_uncovered(self.library, member, Year((settlement,)))
        return settlement

    def _page_of_next(self, case: Case, live: Live, new: bool) -> Receipt:
        """The page of a bill that comes after all that stand. `new`: no bill of this id was seen."""
        book, member = case.book, replay.member_for(case.file, case.book.member, live)
        settlement = self._settle_next(member, live.bill, book.sums)
        draws = drawn_for(book, settlement, case.purse)
        moved = transfers_of(settlement, member, live.hospital, draws, self.shares)
        receipt = receipt_for(book, settlement, draws, moved, case.withheld)
        page = self.page(case.call, receipt, case.call.asked)
        page.sums = added(book.sums, settlement.changes)
        page.rows = [*self._rows(book, live, settlement, draws, new), *beside(case.call, receipt, book, settlement)]
        after = append(self.database, book, page)
        self._note_plans([settlement])
        self._recent.keep(book.member, Seen(after, last=counts_at(live.bill), remembered=True))
        return receipt

    def _page_of_replay(self, case: Case, live: list[Live], asked: Ask | Undo, digest: str = "") -> Receipt:
        """The years as they should be, and one page with all that differs from what was posted.

        `digest`: of the asking as it came, where `asked` says more than that.
        """
        book, mine = case.book, asked.bill.id if isinstance(asked, Ask) else asked.bill
        settled, sums = replay.years(self.plans, book.member, case.file, live)
        posted: dict[str, list[Transfer]] = {}
        for row in self.database.rows(MOVED, member=book.member):
            posted.setdefault(row["bill"], []).append(Transfer(**row))
        rows: list[Statement] = []
        changed: list[Changed] = []
        moved: list[Transfer] = []
        receipt = Receipt("reverse", book.member, mine, book.pages + 1)
        by_bill = {one.bill.id: one for one in live}
        for bill in dict.fromkeys([*case.standing, *by_bill]):
            before = tuple(posted.get(bill, ())) if bill in case.standing else ()
            after: tuple[Transfer, ...] = ()
            if bill in by_bill:
                now, draws, after = self._again(case, by_bill[bill], settled[bill], asked)
                rows += self._rows(book, now, settled[bill], draws)
                if bill == mine:
                    receipt = replace(receipt_for(book, settled[bill], draws, (), case.withheld), kind="settle late")
            else:
                rows.append(gone(book, bill, "replaced" if isinstance(asked, Ask) else "reversed"))
            step = difference(before, after)
            moved += step
            if step and bill != mine:
                changed.append(Changed(bill, in_all(before), in_all(after), step))
        receipt = replace(receipt, moved=tuple(moved), changed=tuple(changed))
        page = self.page(case.call, receipt, case.call.asked or digest or asked.digest())
        page.sums, page.rows = sums, [*rows, *beside(case.call, receipt, book, settled.get(mine))]
        append(self.database, book, page)
        self._note_plans(settled.values())
        return receipt

    def _rows(
        self, book: Book, live: Live, settled: Settlement, draws: tuple[tuple[str, int], ...], new: bool = False
    ) -> list[Statement]:
        """A bill that stands, and its plan."""
        digest, text = self.plans.digest(settled.plan)
        keep = [] if digest in self._kept_plans else [plan_kept(digest, text)]
        return [*keep, bill_row(book, live, settled, (digest, draws), new)]

    def _note_plans(self, settled: Iterable[Settlement]) -> None:
        """These plans have been written, and need not be again."""
        if len(self._kept_plans) > PLANS_NOTED:
            self._kept_plans.clear()
        self._kept_plans.update(self.plans.digest(one.plan)[0] for one in settled)

    def _again(
        self, case: Case, live: Live, settled: Settlement, asked: Ask | Undo
    ) -> tuple[Live, tuple[tuple[str, int], ...], tuple[Transfer, ...]]:
        """A bill of a replay: who pays now, and the transfers it should have had."""
        standing = live.page > 0
        draws = redrawn(case.book, settled, live.draws) if standing else drawn_for(case.book, settled, case.purse)
        member = replay.member_for(case.file, case.book.member, live)
        return live, draws, transfers_of(settled, member, live.hospital, draws, self.shares)

    def _reverse(self, undo: Undo, call: Call, seen: Seen) -> Receipt:
        book, bill = known_book(seen, undo.member), undo.bill
        if undo.key:
            kept = self.database.row(KEPT, scope=call.scope, key=undo.key)
            if kept is None:
                return self._bar(undo, call, book)
            bill = str(json.loads(kept["said"]).get("bill", "")) if kept["member"] == undo.member else ""
        standing = self._standing(undo.member)
        if bill not in standing:
            raise no_such_bill(bill or undo.key, "name a bill that stands")
        case = Case(call, book, read(book.file), standing)
        if list(standing)[-1] == bill:
            return self._page_of_last(case, undo, bill)
        live = [live_of(row) for name, row in standing.items() if name != bill]
        return self._page_of_replay(case, live, replace(undo, bill=bill), undo.digest())

    def _page_of_last(self, case: Case, undo: Undo, bill: str) -> Receipt:
        """The last bill of a year is taken back as it was given."""
        book, settlement = case.book, self.settled(undo.member, bill)
        assert settlement is not None
        posted = [Transfer(**row) for row in self.database.rows(MOVED, member=undo.member) if row["bill"] == bill]
        receipt = Receipt("reverse", undo.member, bill, book.pages + 1, moved=difference(posted, ()))
        page = self.page(case.call, receipt, undo.digest())
        page.sums, page.reverses = added(book.sums, settlement.changes, -1), int(case.standing[bill]["page"])
        page.rows += [gone(book, bill, "reversed"), *beside(case.call, receipt, book, settlement)]
        append(self.database, book, page)
        return receipt

    def bar(self, undo: Undo, call: Call) -> bool:
        """Keep a key that has not arrived from arriving; false where it has."""

        def act(seen: Seen) -> Receipt:
            if self.answer(call.scope, undo.key):
                raise Arrived
            return self._bar(undo, call, known_book(seen, undo.member))

        try:
            self.once(undo.member, call, undo.digest(), act)
        except Arrived:
            return False
        return True

    def _bar(self, undo: Undo, call: Call, book: Book) -> Receipt:
        """A key that never arrived: it shall not arrive later."""
        receipt = Receipt("never arrived", undo.member, "", book.pages + 1)
        page = self.page(call, receipt, undo.digest())
        page.said = {"key": undo.key}
        tombstone = {"member": undo.member, "scope": call.scope, "key": undo.key, "at": page.at.isoformat()}
        page.rows += [(TOMBSTONE, tombstone), *beside(call, receipt, book, None)]
        append(self.database, book, page)
        return receipt

    def page(self, call: Call, receipt: Receipt, digest: str) -> Page:
        """A page that says what a receipt says; others are told of it."""
        said = {
            "billed": receipt.billed,
            "covered": receipt.covered,
            "member_pays": receipt.member_pays,
            "cash": receipt.cash,
        }
        event: dict[str, object] = {"bill": receipt.bill, "changed": [changed.bill for changed in receipt.changed]}
        if receipt.bill and any(
            moved.debit.startswith(HELP) or moved.credit.startswith(HELP) for moved in receipt.moved
        ):
            event["asked"] = [call.scope, call.key]  # relatives helped: their books follow, also after a crash
        return Page(receipt.kind, self.clock(), call.actor, receipt.bill, transfers=receipt.moved, said=said,
                    events=[(receipt.kind, event)], answer=Answered(call.scope, call.key, call.asked or digest, receipt.said()))  # fmt: skip


def beside(call: Call, receipt: Receipt, book: Book, settlement: Settlement | None) -> list[Statement]:
    """What the caller writes with the page."""
    return call.beside(receipt, book, settlement) if call.beside else []


def answered(kept: Answered, digest: str) -> Receipt:
    """What was answered before. Raises Refused where the key stands for something else, or was taken back before it arrived."""
    if kept.state == "never":
        raise refuse("D005", Place(kept.key), "this key was taken back before it arrived", "Whoever asked first has moved on.",
                     "use a new key if the bill is still to be settled")  # fmt: skip
    if kept.digest != digest:
        raise stands_for_else(kept.key)
    return receipt_of(kept.said)


def stands_for_else(key: str) -> Refused:
    """A key is used once."""
    why = "A key names one asking, word for word."
    return refuse("D002", Place(key), "this key stands for something else", why, "use a new key")


def no_such_bill(bill: str, repair: str) -> Refused:
    """A bill that does not stand."""
    return refuse("D004", Place(bill), f"there is no settled bill `{bill}`", "", repair)


def known_book(seen: Seen, member: str) -> Book:
    """The book of somebody who is known. Raises Refused."""
    if seen.book is None:
        raise refuse("D001", Place("member"), f"nobody is known as `{member}`", "", "enrol the member first")
    return seen.book


def in_order(seen: Seen, bill: Bill) -> bool:
    """Does the bill come after all that stand, with nothing to be taken back and no year to be looked over?"""
    return not bill.replaces and not bill.year_end and counts_at(bill) > seen.last
