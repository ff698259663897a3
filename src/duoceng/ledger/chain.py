"""The chain of a member's book: each page is hashed together with the hash of the page before.

Whoever changes, drops, adds or moves a page breaks every hash behind it. Cutting pages off the end, or writing the whole book anew,
shows against an anchor: one hash over the last page of every book, kept off this machine.
"""

from collections.abc import Iterable
from hashlib import sha256

from duoceng.base.compact import in_order
from duoceng.records.entry import Entry

FIRST = "0" * 64


def digest_of(entry: Entry, before: str) -> str:
    """The hash of a page; SHA-256 over its words as canonical JSON."""
    words = [before, entry.member, entry.number, entry.kind, entry.at.isoformat(), entry.by, entry.bill, entry.reverses,
             [list(transfer) for transfer in entry.transfers], entry.said]  # fmt: skip
    return sha256(in_order(words).encode()).hexdigest()


def broken(book: Iterable[Entry]) -> str:
    """What is wrong with a member's book, its pages in order; nothing where it is whole."""
    before, number = FIRST, 0
    for entry in book:
        number += 1
        if entry.number != number:
            return f"page {number} is missing: page {entry.number} stands in its place"
        if entry.before != before:
            return f"page {number} does not follow page {number - 1}"
        if entry.digest != digest_of(entry, before):
            return f"page {number} was changed"
        before = entry.digest
    return ""


def anchor(heads: Iterable[tuple[str, int, str]]) -> str:
    """One hash over all books: member, number of the last page and its hash, in the order of the members."""
    whole = sha256()
    for member, number, digest in heads:
        whole.update(f"{member}\t{number}\t{digest}\n".encode())
    return whole.hexdigest()
