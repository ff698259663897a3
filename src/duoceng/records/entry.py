"""Money that moved: transfers between two accounts, gathered in entries that are never edited.

A transfer names the account that gives and the account that gets, so that an entry which does not balance cannot be written down.
An account's balance is what it got (credit) less what it gave (debit). Accounts are named by `ledger.chart`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class Transfer(NamedTuple):
    """Fen from one account to another; `tier` says which layer of cover it is for, `bill` which bill, if it is for one."""

    debit: str
    credit: str
    amount: int
    tier: str = ""
    bill: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of a member's book: what happened, to which bill, and the money it moved.

    `number` counts the pages of the book from 1. `digest` is the hash of this page and of the page before: see `ledger.chain`.
    `reverses` is the page it takes back; a page is taken back at most once. `said` holds what else is to be remembered of it.
    """

    member: str
    number: int
    kind: str
    at: datetime
    by: str
    bill: str = ""
    reverses: int = 0
    transfers: tuple[Transfer, ...] = ()
    said: Mapping[str, object] = field(default_factory=dict)
    before: str = ""
    digest: str = ""
