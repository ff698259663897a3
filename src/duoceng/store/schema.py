"""The tables, the same on SQLite and PostgreSQL. Amounts are whole fen, days and times ISO text, records JSON text.

Every row carries the member it belongs to, first in its key: that is the shard. One settlement touches the rows of one member only, so
the tables can be spread by `member` over Citus or YugabyteDB as they are. Only `plan` is nobody's: rules as they were applied, written
once under their hash, a copy on every node.

    person ─┬─ book      the running sums, and how many pages there are: whoever writes page n+1 is alone in doing so
            ├─ bill      bills as they arrived and what they came to
            ├─ entry     pages: never edited, each hashed together with the one before ── transfer: from account to account
            ├─ balance   accounts that may not fall below nothing ── hold: money set aside
            ├─ answer    what was answered to a key, so that it is answered again
            ├─ outbox    what others are to be told ── audit: who did or read what
            └─ step      messages of hospitals that were taken: what an encounter is, is what its steps come to

    paper    what belongs to an institution and to no member: sign-ins, files, applications; the institution stands for the member
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

META = MetaData()
NUMBER = BigInteger().with_variant(Integer, "sqlite")  # STRICT tables of SQLite know INTEGER only
TEXT = Text().with_variant(Text(collation="C"), "postgresql")  # sorted by bytes, as SQLite and Python do


def words(name: str) -> Column[Any]:
    """Text; empty rather than null."""
    return Column(name, TEXT, nullable=False, server_default="")


def number(name: str) -> Column[Any]:
    """A whole number; 0 rather than null."""
    return Column(name, NUMBER, nullable=False, server_default="0")


def table(name: str, key: tuple[str, ...], *parts: Any) -> Table:
    """A table whose key begins with the member."""
    constraint = PrimaryKeyConstraint("member", *key, name=f"{name}_pk")
    return Table(name, META, words("member"), *parts, constraint, sqlite_strict=True)


person = table("person", (), words("region"), words("file"), words("sealed"), words("lookup"), number("facts"), words("made"),
               Index("person_lookup", "lookup", unique=True, sqlite_where=text("lookup <> ''"), postgresql_where=text("lookup <> ''")))  # fmt: skip
book = table("book", (), words("sums"), number("pages"), words("head"))
bill = table("bill", ("bill",), words("bill"), words("state"), words("hospital"), words("counts_at"), words("draws"), words("products"),
             words("plan"), number("page"), Column("asked", LargeBinary), Column("settled", LargeBinary),
             number("billed"), number("covered"), number("member_pays"), number("cash"),
             Index("bill_order", "member", "state", "counts_at"))  # fmt: skip
plan = Table(
    "plan", META, words("digest"), words("said"), PrimaryKeyConstraint("digest", name="plan_pk"), sqlite_strict=True
)
entry = table("entry", ("number",), number("number"), words("kind"), words("at"), words("actor"), words("bill"),
              Column("reverses", NUMBER), words("said"), words("before"), words("digest"),
              UniqueConstraint("member", "reverses", name="entry_once"))  # fmt: skip
transfer = table("transfer", ("number", "line"), number("number"), number("line"), words("debit"), words("credit"), number("amount"),
                 words("tier"), words("bill"), CheckConstraint("amount > 0", name="transfer_moves"),
                 CheckConstraint("debit <> credit", name="transfer_between"),
                 Index("transfer_debit", "debit"), Index("transfer_credit", "credit"))  # fmt: skip
balance = table("balance", ("account",), words("account"), number("amount"), number("held"),
                CheckConstraint("held >= 0", name="balance_held"),
                CheckConstraint("amount - held >= 0", name="balance_floor"))  # fmt: skip
hold = table("hold", ("number",), number("number"), words("account"), number("amount"), words("state"), words("until"),
             words("purpose"), number("resolved"), CheckConstraint("amount > 0", name="hold_moves"),
             Index("hold_due", "state", "until"))  # fmt: skip
code = table("code", ("digest",), words("digest"), words("kind"), words("until"), Index("code_digest", "digest"))
answer = table("answer", ("scope", "key"), words("scope"), words("key"), words("digest"), words("state"), number("page"),
               words("said"), words("at"), Index("answer_once", "scope", "key", unique=True))  # fmt: skip
outbox = table("outbox", ("number", "line"), number("number"), number("line"), words("topic"), words("said"), words("at"),
               words("sent"), Index("outbox_waiting", "sent", "at"))  # fmt: skip
audit = table(
    "audit", ("id",), words("id"), words("at"), words("actor"), words("action"), words("object"), words("outcome")
)
step = table("step", ("number",), number("number"), words("encounter"), words("infno"), words("msgid"), words("hospital"), words("at"),
             number("undoes"), words("setl"), words("scheme"), words("clearing"), number("billed"), number("fund"), number("account"),
             number("cash"), Column("said", LargeBinary),
             Index("step_encounter", "member", "encounter"), Index("step_message", "hospital", "msgid"),
             Index("step_settled", "hospital", "at", sqlite_where=text("setl <> ''"), postgresql_where=text("setl <> ''")),
             Index("step_admitted", "hospital", "at", sqlite_where=text("infno = '2401'"), postgresql_where=text("infno = '2401'")))  # fmt: skip
paper = table("paper", ("kind", "id"), words("kind"), words("id"), words("msgid"), words("digest"), words("at"),
              Column("said", LargeBinary),
              Index("paper_once", "member", "msgid", unique=True, sqlite_where=text("msgid <> ''"),
                    postgresql_where=text("msgid <> ''")))  # fmt: skip
