"""Messages of hospitals: steps of encounters, which stand under the hash of a page, and papers of institutions."""

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, Text, text

revision, down_revision = "0002", "0001"
NUMBER = BigInteger().with_variant(Integer, "sqlite")
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
KEPT = ("step", "paper")


def words(name: str) -> Column[Any]:
    """Text."""
    return Column(name, TEXT, nullable=False, server_default="")


def number(name: str) -> Column[Any]:
    """A whole number."""
    return Column(name, NUMBER, nullable=False, server_default="0")


def upgrade() -> None:
    """Make the tables, and keep what is written."""
    op.create_table("step", words("member"), number("number"), words("encounter"), words("infno"), words("msgid"), words("hospital"),
                    words("at"), number("undoes"), words("setl"), words("scheme"), words("clearing"), number("billed"), number("fund"),
                    number("account"), number("cash"), Column("said", LargeBinary),
                    PrimaryKeyConstraint("member", "number", name="step_pk"), sqlite_strict=True)  # fmt: skip
    settled, admitted, named = text("setl <> ''"), text("infno = '2401'"), text("msgid <> ''")
    op.create_index("step_encounter", "step", ["member", "encounter"])
    op.create_index("step_message", "step", ["hospital", "msgid"])
    op.create_index("step_settled", "step", ["hospital", "at"], sqlite_where=settled, postgresql_where=settled)
    op.create_index("step_admitted", "step", ["hospital", "at"], sqlite_where=admitted, postgresql_where=admitted)
    op.create_table("paper", words("member"), words("kind"), words("id"), words("msgid"), words("digest"), words("at"),
                    Column("said", LargeBinary), PrimaryKeyConstraint("member", "kind", "id", name="paper_pk"), sqlite_strict=True)  # fmt: skip
    op.create_index("paper_once", "paper", ["member", "msgid"], unique=True, sqlite_where=named, postgresql_where=named)
    keep()


def keep() -> None:
    """Nothing of it is changed or taken away."""
    for name in KEPT:
        if op.get_bind().dialect.name == "sqlite":
            for event in ("UPDATE", "DELETE"):
                op.execute(f"""CREATE TRIGGER {name}_{event.lower()} BEFORE {event} ON {name}
                BEGIN SELECT RAISE(ABORT, 'rows of {name} stay as they were written'); END""")
        else:
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
