"""Enrol a member, and note what changes: each a page of the member's book."""

from dataclasses import dataclass, replace

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.asks import Call, Receipt, digest_of
from duoceng.desk.counter import Desk
from duoceng.desk.people import Fact, File, read, written
from duoceng.ledger.chain import FIRST
from duoceng.records.plain import plain
from duoceng.store.books import Answered, Book, Page, append
from duoceng.store.database import Statement

PERSON = """INSERT INTO person (member, region, file, sealed, lookup, facts, made)
VALUES (:member, :region, '', :sealed, :lookup, 0, :made)"""
NEW_BOOK = "INSERT INTO book (member, sums, pages, head) VALUES (:member, '{}', 0, '')"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a member. `sealed`: name and identity number, encrypted; `lookup`: by which the number is found again."""

    member: str
    facts: tuple[Fact, ...]
    sealed: str = ""
    lookup: str = ""
    asking: str = ""  # what was asked, where the facts follow from how things stand: the same asking is the same

    def digest(self) -> str:
        """The same for the same telling. What is sealed is sealed otherwise each time, so it does not count."""
        if self.asking:
            return digest_of("enrol", self.member, self.asking)
        said = [(f.kind, f.begins.isoformat(), str(f.ends), plain(f.answers), plain(f.after), f.region, f.policy, dict(f.said))
                for f in self.facts]  # fmt: skip
        return digest_of("enrol", self.member, said, self.lookup)


def enrol(desk: Desk, told: Told, call: Call) -> Receipt:
    """A new member, or more facts of one who is known. A member begins with an enrolment. Raises Refused."""
    return desk.once(told.member, call, told.digest(), lambda seen: _enrol(desk, told, call, seen.book))


def _enrol(desk: Desk, told: Told, call: Call, book: Book | None) -> Receipt:
    file = read(book.file) if book else File()
    file = replace(file, facts=(*file.facts, *told.facts))
    if not file.of("enrolment"):
        raise refuse(
            "D010",
            Place(told.member),
            "nobody is known without a place of insurance",
            "",
            "add a fact of the kind `enrolment`",
        )
    now = desk.clock()
    before: list[Statement] = []
    if book is None:
        book = Book(told.member, 0, FIRST, "", {}, {})
        before = [(PERSON, {"member": told.member, "region": file.region(now.date()), "sealed": told.sealed, "lookup": told.lookup,
                            "made": now.isoformat()}), (NEW_BOOK, {"member": told.member})]  # fmt: skip
    receipt = Receipt("enrol", told.member, "", book.pages + 1)
    page = Page("enrol", now, call.actor, said={"facts": [f.kind for f in told.facts]}, file=written(file), region=file.region(now.date()),
                answer=Answered(call.scope, call.key, told.digest(), receipt.said()), before=before)  # fmt: skip
    append(desk.database, book, page)
    return receipt
