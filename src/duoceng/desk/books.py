"""The pages of all books that moved money, as auditors read them: `ledger.beancount` writes them down."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from duoceng.ledger.wallet import china_time
from duoceng.records.entry import Transfer
from duoceng.store.database import Database
from duoceng.store.pages import entries_of, heads


@dataclass(frozen=True, slots=True)
class Posted:
    """A page that moved money: its name, its day in China, what it was, the transfers."""

    id: str
    day: date
    kind: str
    transfers: tuple[Transfer, ...]


def posted(database: Database) -> Iterator[Posted]:
    """Every page that moved money, member by member."""
    for member, _, _ in heads(database):
        for entry in entries_of(database, member):
            if entry.transfers:
                yield Posted(f"{member}/{entry.number}", china_time(entry.at).date(), entry.kind, entry.transfers)
