"""The first tables, and what keeps pages, transfers and audit as they were written.

Written out once and for all: `store/schema.py` goes on, a revision does not.
"""

from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

revision, down_revision = "0001", None
NUMBER = BigInteger().with_variant(Integer, "sqlite")
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
KEPT = ("entry", "transfer", "audit")
STAYS = """CREATE FUNCTION stays_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % stay as they were written', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"""


def words(name: str) -> Column[Any]:
    """Text."""
    return Column(name, TEXT, nullable=False, server_default="")


def number(name: str) -> Column[Any]:
    """A whole number."""
    return Column(name, NUMBER, nullable=False, server_default="0")


def table(name: str, key: tuple[str, ...], *parts: Any) -> None:
    """A table whose key begins with the member."""
    op.create_table(
        name, words("member"), *parts, PrimaryKeyConstraint("member", *key, name=f"{name}_pk"), sqlite_strict=True
    )


def upgrade() -> None:
    """Make the tables, and keep what is written."""
    people_and_bills()
    money()
    what_is_said()
    if op.get_bind().dialect.name == "sqlite":
        keep_on_sqlite()
    else:
        keep_on_postgresql()


def people_and_bills() -> None:
    """Who is insured, and the bills."""
    table(
        "person", (), words("region"), words("file"), words("sealed"), words("lookup"), number("facts"), words("made")
    )
    named = text("lookup <> ''")
    op.create_index("person_lookup", "person", ["lookup"], unique=True, sqlite_where=named, postgresql_where=named)
    table("book", (), words("sums"), number("pages"), words("head"))
    table("bill", ("bill",), words("bill"), words("state"), words("hospital"), words("counts_at"), words("draws"),
          words("products"), words("plan"), number("page"), Column("asked", LargeBinary), Column("settled", LargeBinary),
          number("billed"), number("covered"), number("member_pays"), number("cash"))  # fmt: skip
    op.create_index("bill_order", "bill", ["member", "state", "counts_at"])
    table("code", ("digest",), words("digest"), words("kind"), words("until"))
    op.create_index("code_digest", "code", ["digest"])
    op.create_table(
        "plan", words("digest"), words("said"), PrimaryKeyConstraint("digest", name="plan_pk"), sqlite_strict=True
    )


def money() -> None:
    """Pages, transfers, accounts that may not fall below nothing, money set aside."""
    table("entry", ("number",), number("number"), words("kind"), words("at"), words("actor"), words("bill"), Column("reverses", NUMBER),
          words("said"), words("before"), words("digest"), UniqueConstraint("member", "reverses", name="entry_once"))  # fmt: skip
    table("transfer", ("number", "line"), number("number"), number("line"), words("debit"), words("credit"), number("amount"),
          words("tier"), words("bill"), CheckConstraint("amount > 0", name="transfer_moves"),
          CheckConstraint("debit <> credit", name="transfer_between"))  # fmt: skip
    op.create_index("transfer_debit", "transfer", ["debit"])
    op.create_index("transfer_credit", "transfer", ["credit"])
    table("balance", ("account",), words("account"), number("amount"), number("held"),
          CheckConstraint("held >= 0", name="balance_held"), CheckConstraint("amount - held >= 0", name="balance_floor"))  # fmt: skip
    table("hold", ("number",), number("number"), words("account"), number("amount"), words("state"), words("until"), words("purpose"),
          number("resolved"), CheckConstraint("amount > 0", name="hold_moves"))  # fmt: skip
    op.create_index("hold_due", "hold", ["state", "until"])


def what_is_said() -> None:
    """Answers, events, audit."""
    table("answer", ("scope", "key"), words("scope"), words("key"), words("digest"), words("state"), number("page"), words("said"),
          words("at"))  # fmt: skip
    op.create_index("answer_once", "answer", ["scope", "key"], unique=True)
    table(
        "outbox",
        ("number", "line"),
        number("number"),
        number("line"),
        words("topic"),
        words("said"),
        words("at"),
        words("sent"),
    )
    op.create_index("outbox_waiting", "outbox", ["sent", "at"])
    table(
        "audit", ("id",), words("id"), words("at"), words("actor"), words("action"), words("object"), words("outcome")
    )


def keep_on_sqlite() -> None:
    """Triggers that refuse; `recursive_triggers` lets them see REPLACE too."""
    for name in KEPT:
        for event in ("UPDATE", "DELETE"):
            op.execute(f"""CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {name}
            BEGIN SELECT RAISE(ABORT, 'rows of {name} stay as they were written'); END""")


def keep_on_postgresql() -> None:
    """The right is taken away, also from the owner; a trigger stands in the way of a superuser."""
    op.execute(STAYS)
    for name in KEPT:
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM PUBLIC, CURRENT_USER")
        op.execute(
            f"CREATE TRIGGER {name}_stays BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION stays_as_written()"
        )
        op.execute(
            f"CREATE TRIGGER {name}_emptied BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION stays_as_written()"
        )


def downgrade() -> None:
    """There is no step back: it would lose what was written since. Restore a backup."""
    raise RuntimeError("there is no step back: restore a backup")
