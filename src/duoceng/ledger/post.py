"""A settlement as transfers: every layer pays the hospital, benefits in cash go to the member, the member pays the rest.

Transfers say exactly the settlement: what the hospital gets is the bill, less what was settled before.
"""

from collections.abc import Iterable, Mapping

from duoceng.ledger import chart
from duoceng.ledger.growth import shares_of
from duoceng.records.bill import Member
from duoceng.records.entry import Transfer
from duoceng.records.plan import LayerInfo
from duoceng.records.settlement import Settlement

Net = dict[tuple[str, str, str, str], int]
Shares = tuple[tuple[str, int], ...]  # insurers and their parts of 10,000
WHOLE = 10_000


def transfers_of(
    settlement: Settlement,
    member: Member,
    hospital: str,
    draws: Iterable[tuple[str, int]],
    shares: Mapping[str, Shares],
) -> tuple[Transfer, ...]:
    """The transfers of one settled bill of a member.

    `draws`: the accounts that pay the member's part, which they add up to. `shares`: the insurers of each product, in parts of
    10,000; a product that is not among them has one insurer, `lead`.
    """
    cash, owed = chart.cash(member.id), chart.hospital(hospital)
    found: list[Transfer] = []
    for layer, amount in zip(settlement.plan.layers, settlement.paid, strict=True):
        if amount and layer.policy != "settled before":
            to = cash if layer.cash else owed
            paid = payers(layer, member, amount, shares)
            found += [Transfer(account, to, part, layer.tier, settlement.bill.id) for account, part in paid]
    drawn = [(account, amount) for account, amount in draws if amount]
    assert sum(amount for _, amount in drawn) == settlement.member_pays, "the member's part is paid in full"
    found += [Transfer(account, owed, amount, "", settlement.bill.id) for account, amount in drawn]
    before = sum(settlement.bill.settled_before.values())
    assert sum(t.amount for t in found if t.credit == owed) == settlement.billed - before, "the hospital gets the bill"
    return tuple(found)


def payers(layer: LayerInfo, member: Member, amount: int, shares: Mapping[str, Shares]) -> list[tuple[str, int]]:
    """Who pays for a layer, and how much: a fund of the place, or the insurers of a product held, by their shares."""
    if layer.policy not in {held.policy for held in member.products}:
        return [(chart.fund(member.region, layer.payer or layer.policy), amount)]
    insurers = shares.get(layer.policy, (("lead", WHOLE),))
    return [(chart.insurer(layer.policy, name), part) for name, part in shares_of(amount, insurers) if part]


def net(transfers: Iterable[Transfer]) -> Net:
    """What moved from whom to whom, in all; movements that take each other back leave nothing."""
    found: Net = {}
    for debit, credit, amount, tier, bill in transfers:
        forth, back = (debit, credit, tier, bill), (credit, debit, tier, bill)
        total = found.pop(forth, 0) - found.pop(back, 0) + amount
        if total:
            found[forth if total > 0 else back] = abs(total)
    return found


def difference(before: Iterable[Transfer], after: Iterable[Transfer]) -> tuple[Transfer, ...]:
    """The transfers that turn what was posted into what should have been."""
    moved = net((*after, *taken_back(before)))
    return tuple(Transfer(debit, credit, amount, tier, bill) for (debit, credit, tier, bill), amount in moved.items())


def taken_back(transfers: Iterable[Transfer]) -> list[Transfer]:
    """The same transfers the other way."""
    return [moved._replace(debit=moved.credit, credit=moved.debit) for moved in transfers]
