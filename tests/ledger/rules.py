"""The rules that the tests of the ledger run under: those of `policies/accounts.yaml`, written out."""

from duoceng.records.accounts import RELATIONS, SOURCE_KINDS, USES, AccountRules

RULES = AccountRules(
    relatives=frozenset(RELATIONS),
    uses=frozenset(USES),
    draw_order=SOURCE_KINDS,
    sends_a_day=3,
    send_max=2_000_00,
    quiet_from=22 * 3600,
    quiet_until=6 * 3600,
    is_pending_a_bar=True,
)
