"""What every transaction meets: the desk, who may call, and how a message becomes a step of an encounter, once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Call, Receipt
from duoceng.desk.counter import Desk
from duoceng.desk.people import File, read
from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.encounter import Encounter, encounter_of
from duoceng.interfaces.nhsa.institutions import Institution, Institutions, Regions
from duoceng.ledger.wallet import china_time
from duoceng.store.books import Book, Page, Seen, append
from duoceng.store.database import Statement
from duoceng.store.seal import Identity, Seal, identity_of
from duoceng.store.steps import Kept, Paper, look_at, paper_of_message, step_row, steps_of_message

FILINGS = "filing"  # filings of a member stand together, as an encounter of their own


class No(Exception):
    """A refusal in the words of the counter; `code` of the answer is that of a refusal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One message, checked: what is asked, by whom, when, where."""

    infno: str
    msgid: str
    institution: Institution
    care: str
    insured: str
    operator: str
    operator_name: str
    at: datetime
    input: Input
    digest: str

    def call(self, beside: Callable[..., list[Statement]] | None = None, looked: Seen | None = None) -> Call:
        """The desk's key for it."""
        return Call(
            f"{self.institution.code}/{self.operator}", self.institution.code, self.msgid, self.digest, beside, looked
        )

    @property
    def now(self) -> str:
        """The time it was taken, as the interface writes times."""
        return moment(self.at)


@dataclass(frozen=True)
class Front:
    """The desk with the words of the interface before it. `sandbox`: what it knows is invented, and it says so."""

    desk: Desk
    seal: Seal
    institutions: Institutions
    regions: Regions
    sandbox: bool = False

    @property
    def today(self) -> date:
        """Today, in China."""
        return china_time(self.desk.clock()).date()

    def identity(self, member: str) -> Identity:
        """Who a member is; empty where nothing was told."""
        return identity_of(self.desk.database, self.seal, member) or Identity("", "", "99")


@dataclass
class Case:
    """An encounter on the counter: as of now, with the member's book and file."""

    front: Front
    asked: Asked
    book: Book
    file: File
    encounter: Encounter
    identity: Identity
    filings: list[Kept]
    seen: Seen

    @property
    def member(self) -> str:
        """Whose it is."""
        return self.book.member


@dataclass(frozen=True, slots=True)
class Taken:
    """What a message comes to: what is answered, what is kept beside it, and what else changes."""

    output: Mapping[str, Any] | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)
    undoes: int = 0
    file: File | None = None


def opened(front: Front, asked: Asked, member: str, encounter: str) -> Case:
    """The case a message is about. Raises No where nobody is known, or the encounter is another institution's."""
    desk = front.desk
    seen, steps, filings, sealed = look_at(
        desk.database, front.seal, member, (asked.institution.code, asked.msgid), (encounter, FILINGS)
    )
    if seen.book is None:
        raise No(f"未查询到人员编号为{member}的参保人员")
    found = encounter_of(member, encounter, steps)
    if found.hospital and found.hospital != asked.institution.code and encounter != FILINGS:
        raise No("该就诊不属于本机构，无权操作")
    identity = front.seal.open(member, sealed) if sealed else Identity("", "", "99")
    return Case(front, asked, seen.book, read(seen.book.file), found, identity, filings, seen)


def take(
    front: Front, asked: Asked, member: str, encounter: str, act: Callable[[Case], Taken]
) -> Mapping[str, Any] | None:
    """Take a message as the next step of an encounter, once: sent again, it is answered as it was. Raises No."""
    outcome: list[Taken] = []

    first = opened(front, asked, member, encounter)

    def on(seen: Seen) -> Receipt:
        case = first if seen is first.seen else opened(front, asked, member, encounter)
        taken = act(case)
        receipt = Receipt("encounter", member, "", case.book.pages + 1)
        step = Kept(receipt.page, encounter, asked.infno, asked.msgid, asked.institution.code, asked.now, taken.undoes, "", "", "", 0, 0, 0, 0,
                    {"in": asked.input, "out": taken.output or {}, **taken.kept})  # fmt: skip
        page = step_page(front, asked, receipt, [step_row(member, step, front.seal)], taken.file)
        append(front.desk.database, case.book, page)
        outcome[:] = [taken]
        return receipt

    receipt = front.desk.once(member, asked.call(looked=first.seen), asked.digest, on)
    return said_before(front, asked, member) if receipt.repeated else outcome[0].output


def step_page(front: Front, asked: Asked, receipt: Receipt, rows: list[Statement], file: File | None) -> Page:
    """The page a step stands on; with the member's file, where that changes."""
    from duoceng.desk.people import written

    page = front.desk.page(asked.call(), receipt, asked.digest)
    page.said, page.rows, page.events = {"infno": asked.infno}, rows, []
    if file is not None:
        page.file, page.region = written(file), file.region(front.today)
    return page


def said_before(front: Front, asked: Asked, member: str) -> Mapping[str, Any]:
    """What was answered to this message when it came first."""
    for step in steps_of_message(front.desk.database, front.seal, asked.institution.code, asked.msgid):
        if step.member == member:
            found: Mapping[str, Any] = step.said["out"]
            return found
    raise No("该报文ID已用于其他业务，请更换msgid")


def paper_before(front: Front, asked: Asked) -> Paper | None:
    """The paper this message came to, if it came before. Raises No where it said something else."""
    found = paper_of_message(front.desk.database, front.seal, asked.institution.code, asked.msgid)
    if found and found.digest != asked.digest:
        raise No("该报文ID已使用且内容不同，请更换msgid")
    return found


def number_of(front: Front, asked: Asked) -> str:
    """A new number for an encounter, settlement, filing: of the time, and of the message; numbers rise with time."""
    tail = int(sha256(f"{asked.institution.code}\t{asked.msgid}".encode()).hexdigest()[:8], 16) % 10_000
    return china_time(front.desk.clock()).strftime("%y%m%d%H%M%S%f") + f"{tail:04d}"


def fen(text: object) -> int:
    """Yuan as the interface writes them, in fen; empty is nothing."""
    if type(text) is float:
        return round(text * 100)  # our own, of whole fen
    return int((Decimal(str(text or "0")) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def yuan(amount: int) -> float:
    """Fen as yuan; the answer's numbers have two decimals."""
    return amount / 100


def moment(when: datetime) -> str:
    """A time in China, as the interface writes it."""
    return china_time(when).strftime("%Y-%m-%d %H:%M:%S")


def day(text: str) -> date:
    """The day of a day or time."""
    return date.fromisoformat(text[:10])


def extension(row: Mapping[str, Any]) -> dict[str, Any]:
    """What `exp_content` says to us: a JSON object with our own name in it; anything else is somebody else's."""
    words = row.get("exp_content")
    if isinstance(words, str) and "duoceng" in words:
        try:
            words = json.loads(words)
        except ValueError:
            return {}
    found = words.get("duoceng") if isinstance(words, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def told(refused: Refused) -> str:
    """A refusal of the desk or the engine, in one Chinese sentence."""
    from duoceng.interfaces.mistakes_zh import in_chinese

    first = in_chinese(refused.mistakes[0])
    return f"[{first.code}]{first.what}；{first.repair}"
