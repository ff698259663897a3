"""Messages of hospitals as they were taken: steps of an encounter, written with a page; papers of an institution, written alone.

What a message said is sealed: it names the sick and their diagnoses. What is counted (money, by whom, when) stands beside it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import compress, decompress

from duoceng.base.compact import compact
from duoceng.store.books import LOOK, Seen, seen_in
from duoceng.store.database import Database, Row, Statement
from duoceng.store.seal import Seal

STEP = """INSERT INTO step (member, number, encounter, infno, msgid, hospital, at, undoes, setl, scheme, clearing, billed, fund, account,
cash, said) VALUES (:member, :number, :encounter, :infno, :msgid, :hospital, :at, :undoes, :setl, :scheme, :clearing, :billed, :fund,
:account, :cash, :said)"""
ALL = "number, encounter, infno, msgid, hospital, at, undoes, setl, scheme, clearing, billed, fund, account, cash, said"
OF_ENCOUNTER = f"SELECT {ALL} FROM step WHERE member = :member AND encounter = :encounter ORDER BY number"
OF_TWO = f"SELECT {ALL} FROM step WHERE member = :member AND encounter IN (:one, :other) ORDER BY number"
OF_MEMBER = f"SELECT {ALL} FROM step WHERE member = :member AND hospital = :hospital ORDER BY number"
OF_MESSAGE = f"SELECT member, {ALL} FROM step WHERE hospital = :hospital AND msgid = :msgid ORDER BY member, number"
SETTLED = f"SELECT member, {ALL} FROM step WHERE hospital = :hospital AND setl <> '' AND at >= :begins AND at < :ends ORDER BY at, member, number"
TAKEN_BACK = f"""SELECT member, {ALL} FROM step WHERE hospital = :hospital AND setl <> '' AND at >= :begins
AND infno IN ('2103', '2208', '2305', '2601') ORDER BY at, member, number"""
OF_PERSON = f"SELECT {ALL} FROM step WHERE member = :member AND setl <> '' ORDER BY number"
WHOSE = "SELECT member, encounter FROM step WHERE hospital = :hospital AND setl = :setl AND setl <> '' AND at >= :begins AND at < :ends"
STAYS = f"""SELECT member, {ALL} FROM step WHERE infno IN ('2401', '2402', '2403', '2404', '2405', '2601') AND (member, encounter) IN
(SELECT member, encounter FROM step WHERE hospital = :hospital AND infno = '2401' AND at >= :begins) ORDER BY member, number"""
PAPER = """INSERT INTO paper (member, kind, id, msgid, digest, at, said) VALUES (:member, :kind, :id, :msgid, :digest, :at, :said)"""
ONE_PAPER = "SELECT kind, id, msgid, digest, at, said FROM paper WHERE member = :member AND kind = :kind AND id = :id"
PAPERS = "SELECT kind, id, msgid, digest, at, said FROM paper WHERE member = :member AND kind = :kind ORDER BY at, id"
PAPER_OF = "SELECT kind, id, msgid, digest, at, said FROM paper WHERE member = :member AND msgid = :msgid"
PERSON = "SELECT sealed FROM person WHERE member = :member"


@dataclass(frozen=True, slots=True)
class Kept:
    """One step as it was written."""

    number: int
    encounter: str
    infno: str
    msgid: str
    hospital: str
    at: str
    undoes: int
    setl: str
    scheme: str
    clearing: str
    billed: int
    fund: int
    account: int
    cash: int
    said: Mapping[str, Any]
    member: str = ""


def step_row(member: str, step: Kept, seal: Seal) -> Statement:
    """The row of a step."""
    row = {name: getattr(step, name) for name in ALL.split(", ")}
    return STEP, {**row, "member": member, "said": closed(seal, member, step.said)}


def kept(row: Row, seal: Seal, member: str = "") -> Kept:
    """The step in a row."""
    owner = member or row["member"]
    said = revealed(seal, owner, row["said"])
    return Kept(**{name: row[name] for name in ALL.split(", ")} | {"said": said, "member": owner})


def closed(seal: Seal, owner: str, said: Mapping[str, object]) -> bytes:
    """What was said, packed and sealed."""
    return seal.close(owner, compress(compact(said).encode(), 1))


def revealed(seal: Seal, owner: str, row: bytes) -> Mapping[str, object]:
    """What was said."""
    found: Mapping[str, object] = json.loads(decompress(seal.reveal(owner, row)))
    return found


Looked = tuple[Seen, list[Kept], list[Kept], str]


def look_at(database: Database, seal: Seal, member: str, key: tuple[str, str], names: tuple[str, str]) -> Looked:
    """A member's book, the steps of two encounters by name, and the sealed identity, in one round trip."""
    who = {"member": member}
    asked = {**who, "scope": key[0], "key": key[1], "bill": "", "replaces": ""}
    book, steps, person = database.ask(
        (LOOK, asked), (OF_TWO, {**who, "one": names[0], "other": names[1]}), (PERSON, who)
    )
    found = [kept(row, seal, member) for row in steps]
    one, other = ([step for step in found if step.encounter == name] for name in names)
    return seen_in(book, member, key), one, other, person[0]["sealed"] if person else ""


def steps_of(database: Database, seal: Seal, member: str, encounter: str) -> list[Kept]:
    """The steps of one encounter, in order."""
    return [kept(row, seal, member) for row in database.rows(OF_ENCOUNTER, member=member, encounter=encounter)]


def steps_at(database: Database, seal: Seal, member: str, hospital: str) -> list[Kept]:
    """All steps of a member at one institution, in order."""
    return [kept(row, seal, member) for row in database.rows(OF_MEMBER, member=member, hospital=hospital)]


def steps_of_message(database: Database, seal: Seal, hospital: str, msgid: str) -> list[Kept]:
    """The steps a message of an institution came to."""
    return [kept(row, seal) for row in database.rows(OF_MESSAGE, hospital=hospital, msgid=msgid)]


def settled_at(database: Database, seal: Seal, hospital: str, begins: str, ends: str) -> Iterator[Kept]:
    """Settlements and reversals of an institution, from a time up to another, one opened after the other: a month has many."""
    return (kept(row, seal) for row in database.rows(SETTLED, hospital=hospital, begins=begins, ends=ends))


def taken_back_at(database: Database, seal: Seal, hospital: str, begins: str) -> list[Kept]:
    """Every reversal of a settlement at an institution since a time."""
    return [kept(row, seal) for row in database.rows(TAKEN_BACK, hospital=hospital, begins=begins)]


def settled_of(database: Database, seal: Seal, member: str) -> list[Kept]:
    """Settlements and reversals of a member, at every institution, in order."""
    return [kept(row, seal, member) for row in database.rows(OF_PERSON, member=member)]


def whose_settlement(database: Database, hospital: str, setl: str, begins: str, ends: str) -> tuple[str, str]:
    """Member and encounter of a settlement of an institution, made in a time; nothing where there is none."""
    found = database.rows(WHOSE, hospital=hospital, setl=setl, begins=begins, ends=ends)
    return (found[0]["member"], found[0]["encounter"]) if found else ("", "")


def stays_at(database: Database, seal: Seal, hospital: str, begins: str) -> list[Kept]:
    """What was said of admission and discharge in the stays an institution has opened since a time, member by member."""
    return [kept(row, seal) for row in database.rows(STAYS, hospital=hospital, begins=begins)]


@dataclass(frozen=True, slots=True)
class Paper:
    """Something of an institution that belongs to no member: a sign-in, a file, an application."""

    kind: str
    id: str
    msgid: str
    digest: str
    at: str
    said: Mapping[str, object]


def keep_paper(database: Database, seal: Seal, owner: str, paper: Paper) -> None:
    """Write a paper; it stays as written. Raises Conflict where one of this id or message is there."""
    keep_papers(database, seal, owner, [paper])


def keep_papers(database: Database, seal: Seal, owner: str, papers: list[Paper]) -> None:
    """Write papers, all of them or none. Raises Conflict where one of these ids or messages is there."""
    rows = [{name: getattr(paper, name) for name in ("kind", "id", "msgid", "digest", "at")} for paper in papers]
    database.commit(
        [
            (PAPER, {**row, "member": owner, "said": closed(seal, bound(owner, row), paper.said)})
            for row, paper in zip(rows, papers, strict=True)
        ]
    )


def bound(owner: str, row: Mapping[str, object]) -> str:
    """What a paper's seal is bound to: every column of its row, so that none can be changed."""
    return "\t".join([owner, *(str(row[name]) for name in ("kind", "id", "msgid", "digest", "at"))])


def paper_of(database: Database, seal: Seal, owner: str, kind: str, name: str) -> Paper | None:
    """One paper by its id."""
    row = database.row(ONE_PAPER, member=owner, kind=kind, id=name)
    return _paper(row, seal, owner) if row else None


def papers_of(database: Database, seal: Seal, owner: str, kind: str) -> list[Paper]:
    """The papers of a kind, the oldest first."""
    return [_paper(row, seal, owner) for row in database.rows(PAPERS, member=owner, kind=kind)]


def paper_of_message(database: Database, seal: Seal, owner: str, msgid: str) -> Paper | None:
    """The paper a message came to."""
    row = database.row(PAPER_OF, member=owner, msgid=msgid)
    return _paper(row, seal, owner) if row else None


def _paper(row: Row, seal: Seal, owner: str) -> Paper:
    return Paper(
        row["kind"], row["id"], row["msgid"], row["digest"], row["at"], revealed(seal, bound(owner, row), row["said"])
    )
