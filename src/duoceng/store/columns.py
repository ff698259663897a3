"""The columns of every table, for those who read or write whole tables; a test holds them against the schema. Codes live for
minutes and are not among them.

Written down here because to import the schema is to import SQLAlchemy.
`code` is not among them: what it holds is good for five minutes, and belongs into no backup.
"""

COLUMNS: dict[str, tuple[str, ...]] = {
    "plan": ("digest", "said"),
    "person": ("member", "region", "file", "sealed", "lookup", "facts", "made"),
    "book": ("member", "sums", "pages", "head"),
    "bill": ("member", "bill", "state", "hospital", "counts_at", "draws", "products", "plan", "page", "asked", "settled", "billed",
             "covered", "member_pays", "cash"),
    "entry": ("member", "number", "kind", "at", "actor", "bill", "reverses", "said", "before", "digest"),
    "transfer": ("member", "number", "line", "debit", "credit", "amount", "tier", "bill"),
    "balance": ("member", "account", "amount", "held"),
    "hold": ("member", "number", "account", "amount", "state", "until", "purpose", "resolved"),
    "answer": ("member", "scope", "key", "digest", "state", "page", "said", "at"),
    "outbox": ("member", "number", "line", "topic", "said", "at", "sent"),
    "audit": ("member", "id", "at", "actor", "action", "object", "outcome"),
    "step": ("member", "number", "encounter", "infno", "msgid", "hospital", "at", "undoes", "setl", "scheme", "clearing", "billed", "fund",
             "account", "cash", "said"),
    "paper": ("member", "kind", "id", "msgid", "digest", "at", "said"),
}  # fmt: skip
BYTES = {"bill": ("asked", "settled"), "step": ("said",), "paper": ("said",)}
