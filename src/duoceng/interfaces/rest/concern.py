"""What a request is about: a member, a bill; looked up as far as somebody asks, and once."""

import json
from functools import cached_property

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.people import File, read
from duoceng.interfaces.rest.service import Service
from duoceng.store.books import Book, read_book
from duoceng.store.database import Row

BILL = "SELECT bill, state, hospital, products, page FROM bill WHERE member = :member AND bill = :bill"


class Concern:
    """The object of an action, for the table of access and for the action itself."""

    def __init__(self, service: Service, member: str = "", bill: str = "", hospital: str = "", first: str = ""):
        self.service, self.member, self.bill = service, member, bill
        self._hospital, self._first = hospital, first
        self.replaces = ""  # a bill that is taken back by this one; it belongs to the same hospital

    @cached_property
    def kept(self) -> tuple[Book, File] | None:
        """The member's book and file; None where nobody is known."""
        book, _ = read_book(self.service.desk.database, self.member)
        return (book, read(book.file)) if book else None

    @property
    def opened(self) -> tuple[Book, File]:
        """The member's book and file. Raises Refused where nobody is known."""
        if self.kept is None:
            raise refuse("D001", Place("member"), f"nobody is known as `{self.member}`", "", "enrol the member first")
        return self.kept

    @cached_property
    def row(self) -> Row | None:
        """The bill, as it stands in its row."""
        return self.service.desk.database.row(BILL, member=self.member, bill=self.bill) if self.bill else None

    @property
    def region(self) -> str:
        """Where the member is insured today; for a new one, where the first enrolment is; nowhere where nobody is known."""
        if self.kept is None:
            return self._first
        return self.kept[1].region(self.service.desk.clock().date())

    @property
    def hospital(self) -> str:
        """Whose bill it is; nobody's where it is not known, or where it would take back a bill of another hospital."""
        if self.replaces:
            before = self.service.desk.database.row(BILL, member=self.member, bill=self.replaces)
            return self._hospital if before is None or before["hospital"] == self._hospital else ""
        return self._hospital or (str(self.row["hospital"]) if self.row else "")

    @property
    def agreed(self) -> frozenset[str]:
        """The products that had a part in the bill and whose insurers may see it today."""
        if self.row is None or self.kept is None:
            return frozenset()
        return self.kept[1].consented(self.service.desk.clock().date()) & frozenset(json.loads(self.row["products"]))
