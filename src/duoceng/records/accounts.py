"""The rules of personal accounts (个人账户) and wallets (医保钱包) that hold on one day; read from `policies/accounts.yaml`."""

from dataclasses import dataclass

OWN, RELATIVE, WALLET, CASH = "own", "relative", "wallet", "cash"
SOURCE_KINDS = (OWN, RELATIVE, WALLET)  # cash has no turn: it pays what is left
RELATIONS = ("spouse", "parent", "child", "sibling", "grandparent", "grandchild")
USES = ("hospital", "pharmacy", "premium")


@dataclass(frozen=True, slots=True)
class AccountRules:
    """Who may help whom, with what and when.

    Amounts are fen; `quiet_from` and `quiet_until` seconds of the day in China; None: there is no such limit.
    `barred` holds pairs of scheme and use, `draw_order` the kinds of source in the order they pay, cash always after them.
    """

    relatives: frozenset[str]
    uses: frozenset[str]
    draw_order: tuple[str, ...]
    sends_a_day: int
    send_max: int
    quiet_from: int
    quiet_until: int
    is_pending_a_bar: bool = False
    barred: frozenset[tuple[str, str]] = frozenset()
    floor: int | None = None
    relatives_max: int | None = None

    def __post_init__(self) -> None:
        assert len(set(self.draw_order)) == len(self.draw_order), "a kind of source has one turn"
        assert set(self.draw_order) <= set(SOURCE_KINDS), self.draw_order
        assert 0 <= self.quiet_until < self.quiet_from < 24 * 3600, "the quiet hours run over midnight"
