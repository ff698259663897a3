"""The books as a beancount ledger: plain text that a program of others checks, without a line of ours.

Entries in, text out. Account names are kept letter for letter, in beancount's own alphabet (`name_of` gives them back):

    fund/beijing/basic      Assets:Fund:Beijing:Basic
    cash/张                 Assets:Cash:Z-5f20-

A credit adds to an account and a debit takes from it, so that balances are those of our books. At the end stands the balance of
every account, to the fen: beancount alone would let a balance be off by one, hence `~ 0.00`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Protocol

from duoceng.base.money import yuan
from duoceng.base.text import visible

CURRENCY = "CNY"
INCOME = ("income", "premium")  # what money comes from; every other account holds some


class Transfer(Protocol):
    """Money from one account to another: fen above 0, and the tier of cover it was paid under."""

    @property
    def debit(self) -> str: ...  # noqa: D102
    @property
    def credit(self) -> str: ...  # noqa: D102
    @property
    def amount(self) -> int: ...  # noqa: D102
    @property
    def tier(self) -> str: ...  # noqa: D102


class Entry(Protocol):
    """Transfers that were posted as one."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def day(self) -> date: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def transfers(self) -> Sequence[Transfer]: ...  # noqa: D102


def beancount(entries: Iterable[Entry], title: str = "") -> Iterator[str]:
    """The lines of the ledger, in the order of days; entries of one day stay in their order."""
    posted = sorted(entries, key=lambda entry: entry.day)
    yield f'option "title" {_quoted(title or "duoceng")}'
    yield f'option "operating_currency" "{CURRENCY}"'
    if not posted:
        return
    balances = balances_of(posted)
    yield ""
    yield from (f"{posted[0].day} open {account_of(name)} {CURRENCY}" for name in sorted(balances))
    for entry in posted:
        yield ""
        yield from _transaction(entry)
    yield ""
    closed = posted[-1].day + timedelta(days=1)
    yield from (
        f"{closed} balance {account_of(name)} {_money(balances[name])} ~ 0.00 {CURRENCY}" for name in sorted(balances)
    )


def balances_of(entries: Iterable[Entry]) -> Counter[str]:
    """Fen on every account that was touched: credits less debits."""
    found: Counter[str] = Counter()
    for entry in entries:
        for transfer in entry.transfers:
            found[transfer.credit] += transfer.amount
            found[transfer.debit] -= transfer.amount
    return found


def _transaction(entry: Entry) -> Iterator[str]:
    yield f"{entry.day} * {_quoted(entry.kind)} {_quoted(entry.id)}"
    for transfer in entry.transfers:
        assert transfer.amount > 0, entry.id
        for name, amount in ((transfer.debit, -transfer.amount), (transfer.credit, transfer.amount)):
            yield f"  {account_of(name)}  {_money(amount)} {CURRENCY}"
            if transfer.tier:
                yield f"    tier: {_quoted(transfer.tier)}"


def _money(amount: int) -> str:
    return yuan(amount).replace(",", "")


def _quoted(words: str) -> str:
    """A string of beancount: one line, what would end it marked, what does not show made to."""
    plain = visible(" ".join(words.split()))
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


# ── names of accounts ──


def account_of(name: str) -> str:
    """The account in beancount: a root, then every part of the name with a letter or digit in front."""
    parts = name.split("/")
    root = "Income" if parts[0] in INCOME else "Assets"
    return ":".join([root, *map(_part, parts)])


def name_of(account: str) -> str:
    """The name that `account_of` made an account of."""
    return "/".join(map(_unpart, account.split(":")[1:]))


def _part(words: str) -> str:
    """Small letters and digits stay, the first as a capital; everything else is its number, as in `-5f20-`.

    A part that begins with anything but a digit or a letter from a to y has a Z in front of it.
    """
    if words[:1] in _PLAIN_FIRST:
        return words[0].upper() + _escaped(words[1:])
    return "Z" + _escaped(words)


def _unpart(part: str) -> str:
    return _unescaped(part[1:]) if part.startswith("Z") else part[0].lower() + _unescaped(part[1:])


_PLAIN_FIRST = tuple("abcdefghijklmnopqrstuvwxy0123456789")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def _escaped(words: str) -> str:
    return "".join(letter if letter in _PLAIN else f"-{ord(letter):x}-" for letter in words)


def _unescaped(part: str) -> str:
    """Every second piece between dashes is a number."""
    pieces = part.split("-")
    return "".join(chr(int(piece, 16)) if at % 2 else piece for at, piece in enumerate(pieces))
