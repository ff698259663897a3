"""Verify a database: every book by its rows (`desk.proof`), the years by the rules, the whole against an anchor.

    anchor       one line a book: member, last page, its hash; and one hash over all of them. Kept off this machine,
                 it finds what a chain cannot: pages cut off the end, and books written anew from some page on
    years        every bill that stands is settled again by the rules that are read now, in order

Reads one moment of the database; the desk may go on meanwhile.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from duoceng.base.mistakes import Mistake, Place, Refused, refuse
from duoceng.desk import replay
from duoceng.desk.asks import digest_of
from duoceng.desk.people import read as file_of
from duoceng.desk.plans import Plans
from duoceng.desk.proof import RESTORE, Proof, Rows, examine
from duoceng.desk.rows import live_of
from duoceng.ledger import chain
from duoceng.records.plain import read
from duoceng.records.plan import LayerInfo, Plan
from duoceng.store.columns import COLUMNS
from duoceng.store.snapshot import Snapshot

TITLE = "duoceng anchor 1\n"
TABLES = tuple(table for table in COLUMNS if table not in ("plan", "paper"))  # papers are an institution's, in no book
HEADS = "SELECT member, pages, head FROM book WHERE member > :after ORDER BY member LIMIT 5000"
MOST = 1_000
Tell = Callable[[int], None]


@dataclass
class Found:
    """What a verification read, and what it found."""

    members: int = 0
    rows: int = 0
    replayed: int = 0
    mistakes: list[Mistake] = field(default_factory=list)

    def note(self, found: Iterable[Mistake]) -> None:
        """More mistakes; not more than a person can read."""
        self.mistakes += list(found)[: MOST - len(self.mistakes)]


def verify(reading: Snapshot, plans: Plans | None, anchor: Iterator[tuple[str, int, str]], tell: Tell) -> Found:
    """Everything. `plans`: settle the years again; `anchor`: the books as they stood; `tell`: how many members are done."""
    found, kept = Found(), plans_of(reading)
    seen = dict.fromkeys(TABLES, 0)
    against = Against(anchor)
    total = reading.count("book")
    for members in reading.members():
        for rows in books_of(reading, members):
            for table in TABLES:
                seen[table] += len(rows[table])
            proof = examine(rows, kept)
            against.book(proof)
            if plans and not proof.found:
                found.replayed += again(proof, plans)
            found.note(proof.found)
        found.members += len(members)
        found.note(against.missed(members[-1]))
        tell(found.members * 100 // total)
    found.note(against.missed(None))
    found.note(strays(reading, seen))
    found.rows = sum(seen.values())
    return found


def plans_of(reading: Snapshot) -> dict[str, Plan]:
    """The plans that are what their names say; of each only its layers, which is all a proof looks at."""
    found: dict[str, Plan] = {}
    alike: dict[str, tuple[LayerInfo, ...]] = {}
    for digest, said in reading.stream("plan"):
        if digest_of(said) == digest:
            layers = json.dumps(json.loads(said)["Plan"].get("layers", []))
            if layers not in alike:
                alike[layers] = read(layers)
            found[digest] = Plan(alike[layers], (), ())
    return found


def books_of(reading: Snapshot, members: list[str]) -> Iterator[Rows]:
    """All rows of some members, who stand next to each other."""
    found = {member: Rows(member) for member in members}
    for table in TABLES:
        columns = COLUMNS[table]
        sql = f"SELECT {', '.join(columns)} FROM {table} WHERE member >= :first AND member <= :last ORDER BY {', '.join(_key(table))}"
        for row in reading.rows(sql, first=members[0], last=members[-1]):
            if row["member"] in found:
                found[row["member"]].of.setdefault(table, []).append(row)
    yield from found.values()


def _key(table: str) -> tuple[str, ...]:
    """In which order the rows of a member are read."""
    more = {"entry": ("number",), "transfer": ("number", "line"), "bill": ("counts_at",)}
    return ("member", *more.get(table, ()))


def again(proof: Proof, plans: Plans) -> int:
    """Settle the years of a member by the rules, and compare; how many bills that were."""
    file = file_of(proof.rows["person"][0]["file"])
    live = [live_of(row) for row in proof.rows["bill"] if row["state"] == "live"]
    why, repair = ("The rules or the member's file changed since it was settled, or the row was changed.",
                   "see which rule changed; a late or corrected bill replays the year")  # fmt: skip
    try:
        settled, sums = replay.years(plans, proof.rows.member, file, live)
    except Refused as refused:
        proof.wrong("V006", f"the years cannot be settled again: {refused.mistakes[0].code}", why, repair)
        return len(live)
    for bill, now in settled.items():
        before = proof.settled[bill]
        if (now.billed, now.paid, now.left, now.changes) != (before.billed, before.paid, before.left, before.changes):
            proof.wrong("V006", f"bill `{bill}` comes to something else when it is settled again", why, repair)
    del sums  # they are those of the bills, which were compared one by one
    return len(live)


def strays(reading: Snapshot, seen: dict[str, int]) -> Iterator[Mistake]:
    """Rows of nobody: there are more in a table than books have."""
    for table, many in seen.items():
        if reading.count(table) != many:
            what = f"table `{table}` has rows that belong to no book"
            yield Mistake("V001", Place(table, 0), what, "Somebody wrote beside the desk.", RESTORE)


# ── anchors ──


class Against:
    """The books against an anchor, both in the order of the members."""

    def __init__(self, anchor: Iterator[tuple[str, int, str]]):
        self.anchor = anchor
        self.next = next(anchor, None)
        self.gone: list[Mistake] = []

    def book(self, proof: Proof) -> None:
        """Is the book still what it was, and perhaps longer?"""
        member = proof.rows.member
        self.gone += self.missed(member, within=False)
        if self.next and self.next[0] == member:
            _, pages, head = self.next
            self.next = next(self.anchor, None)
            if pages and (len(proof.entries) < pages or proof.entries[pages - 1].digest != head):
                why = "Pages were cut off or written anew since the anchor was made."
                proof.wrong("V002", f"page {pages} is not the one the anchor knows", why)

    def missed(self, upto: str | None, within: bool = True) -> list[Mistake]:
        """Books the anchor knows, up to some member, that were not met."""
        found, self.gone = self.gone, []
        while self.next and (upto is None or self.next[0] < upto or (within and self.next[0] == upto)):
            what = "the anchor knows this book, and it is not there"
            found.append(
                Mistake("V002", Place(self.next[0], 0), what, "It was taken away since the anchor was made.", RESTORE)
            )
            self.next = next(self.anchor, None)
        return found


def write_anchor(reading: Snapshot, file: Path) -> tuple[int, str]:
    """Write the anchor of a database; how many books, and the hash over them."""
    books = 0
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.write(TITLE)

        def written() -> Iterator[tuple[str, int, str]]:
            nonlocal books
            for member, pages, head in heads(reading):
                out.write(f"{member}\t{pages}\t{head}\n")
                books += 1
                yield member, pages, head

        whole = chain.anchor(written())
        out.write(f"\t{books}\t{whole}\n")
    return books, whole


def heads(reading: Snapshot) -> Iterator[tuple[str, int, str]]:
    """The last page of every book."""
    after = ""
    while found := reading.rows(HEADS, after=after):
        yield from ((row["member"], row["pages"], row["head"]) for row in found)
        after = found[-1]["member"]


def read_anchor(file: Path) -> Iterator[tuple[str, int, str]]:
    """The books an anchor knows. Raises Refused where it is not one, or was changed."""
    whole = sha256()
    with file.open("rb") as lines:
        if next(lines, b"") != TITLE.encode():
            raise _no_anchor(file)
        last: list[bytes] = []
        for line in iter(partial(next, lines, b""), b""):
            if line.startswith(b"\t"):
                last = line.split()
                break
            whole.update(line)
    if len(last) != 2 or last[1] != whole.hexdigest().encode():
        raise _no_anchor(file)
    return _books(file)


def _books(file: Path) -> Iterator[tuple[str, int, str]]:
    with file.open(encoding="utf-8", newline="\n") as lines:
        next(lines)
        for line in lines:
            member, pages, head = line.rstrip("\n").split("\t")
            if member:
                yield member, int(pages), head


def _no_anchor(file: Path) -> Refused:
    why = "It was changed, cut off, or is something else."
    return refuse("V002", Place(str(file), 0), "this is no anchor, or not as it was written", why, "use another copy")
