"""Two codes a member shows: the basic code says who they are, the commercial code that their insurers may see and pay this bill.

A code is random, lives for minutes and is kept as a hash only: whoever reads the database cannot show it.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.counter import Desk
from duoceng.desk.wallets import opened

BASIC, COMMERCIAL = "basic", "commercial"
LIVES = timedelta(minutes=5)
ISSUE = "INSERT INTO code (member, digest, kind, until) VALUES (:member, :digest, :kind, :until)"
FORGET = "DELETE FROM code WHERE member = :member AND until <= :now"
FIND = "SELECT member, kind, until FROM code WHERE digest = :digest"


def issue(desk: Desk, member: str, kind: str) -> tuple[str, datetime]:
    """A new code of a member, and until when it is good."""
    assert kind in (BASIC, COMMERCIAL), kind
    opened(desk, member)
    code, now = secrets.token_urlsafe(18), desk.clock()
    row = {"member": member, "digest": hashed(code), "kind": kind, "until": (now + LIVES).isoformat()}
    desk.database.commit([(FORGET, {"member": member, "now": now.isoformat()}), (ISSUE, row)])
    return code, now + LIVES


def whose(desk: Desk, code: str, kind: str) -> str:
    """The member who shows a code. Raises Refused where it is unknown, of the other kind, or over."""
    row = desk.database.row(FIND, digest=hashed(code))
    if row is None or row["kind"] != kind or datetime.fromisoformat(row["until"]) <= desk.clock():
        raise refuse(
            "D014",
            Place("code"),
            f"this is no {kind} code that is good now",
            "Codes live for five minutes.",
            "ask for a new one",
        )
    return str(row["member"])


def hashed(code: str) -> str:
    """What of a code is kept."""
    return sha256(f"duoceng code {code}".encode()).hexdigest()
