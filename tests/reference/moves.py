"""The moves of a layer on a charge, in the order of the table in semantics.md, one small function for each.

seen ─▶ borne first ─▶ counted ─▶ deducted ─▶ above ─▶ payable ─▶ allowed ─▶ paid
                          └───────── beyond ◀────────────┴──────────┘      └─▶ cut
"""

from dataclasses import dataclass, field
from fractions import Fraction

from reference.reading import Raw
from reference.terms import Ceiling, Slice, Sum, Terms
from reference.values import half_up, part

FROM_SCOPE = ("deductible", "over_ceiling", "rate_cut", "share")
GUARANTEED = ("share", "over_ceiling", "rate_cut", "deductible")


@dataclass
class Money:
    """A bill while it is settled: what is left by charge and kind, who paid, and the running sums of the member."""

    billed: list[dict[str, int]]
    left: list[dict[str, int]]
    sums: dict[Sum, Fraction]
    by_tier: dict[tuple[str, str], int] = field(default_factory=dict)
    beyond: dict[tuple[str, int], int] = field(default_factory=dict)

    def sum(self, name: Sum) -> int:
        """A running sum in fen (or times)."""
        return int(self.sums.get(name, 0))

    def grow(self, name: Sum, by: int | Fraction) -> None:
        """Let a running sum grow."""
        self.sums[name] = Fraction(self.sums.get(name, 0)) + by


@dataclass
class Layer:
    """One layer at work on a bill."""

    id: str
    tier: str
    raw: Raw
    rounding: str
    document: str
    paid: int = 0
    credited: int = 0
    terms: dict[int, Terms] = field(default_factory=dict)

    @property
    def sees(self) -> list[str]:
        """The kinds it sees."""
        return list(self.raw.get("sees", []))


def settle_layer(layer: Layer, money: Money) -> None:
    """Charge by charge; after the charges the guarantee."""
    for number, terms in layer.terms.items():
        if terms.cash is not None:
            if number == min(layer.terms):
                _pay_cash(layer, terms, money)
        else:
            _settle_charge(layer, number, terms, money)
    if layer.terms and (terms := layer.terms[max(layer.terms)]).guarantee is not None:
        _guarantee(layer, terms, money)


def _settle_charge(layer: Layer, number: int, terms: Terms, money: Money) -> None:
    left = money.left[number]
    if not any(left[kind] for kind in layer.sees):
        return
    seen = _seen(layer, number, money)
    if "beyond" in layer.raw and not seen:
        return
    if any(c.bounds == "times" and c.limit is not None and money.sum(c.sum) >= c.limit for c in terms.ceilings):
        money.beyond[layer.id, number] = seen
        _tell_apart(layer, left, 0, seen, 0)
        return
    seen -= _bear_first(terms, seen, left)
    counted = _leave(terms.ceilings, "expense_with_deductible", seen, money)
    off_payment = terms.deductible is not None and terms.deductible.off_payment
    deducted = 0 if off_payment else _deduct(layer, terms, counted, money)
    above = _leave(terms.ceilings, "expense", counted - deducted, money)
    for ceiling in terms.ceilings:
        if ceiling.bounds == "expense":
            money.grow(ceiling.sum, above)
        if ceiling.bounds == "expense_with_deductible":
            money.grow(ceiling.sum, deducted + above)
    position = money.sum(terms.bands_sum) + (deducted if terms.from_zero else 0)
    money.sums[terms.bands_sum] = Fraction(position + above)
    payable = _payable(layer, terms, position, above, money)
    cut = _cut(terms, position, above, payable)
    if off_payment:
        deducted = _deduct(layer, terms, payable, money)
        payable -= deducted
    allowed, not_paid = _allow(terms, position, above, payable, money, deducted if off_payment else 0)
    beyond = (seen - counted) + (counted - (0 if off_payment else deducted) - above) + not_paid
    paid = part(allowed, terms.result) if terms.result < 1 else allowed
    cut += allowed - paid
    paid = min(paid, sum(left[kind] for kind in layer.sees))
    money.beyond[layer.id, number] = beyond
    _take_off(layer.sees, left, paid)
    _tell_apart(layer, left, deducted, beyond, cut)
    _pay(layer, terms, paid, money)


def _note_tier(layer: Layer, paid: int, money: Money) -> None:
    key = (layer.document, layer.tier)
    money.by_tier[key] = money.by_tier.get(key, 0) + paid


def _seen(layer: Layer, number: int, money: Money) -> int:
    amounts = money.billed[number] if layer.raw.get("as_billed") in ("yes", "true") else money.left[number]
    seen = sum(amounts[kind] for kind in layer.sees)
    if "beyond" in layer.raw:
        seen = min(seen, money.beyond.get((f"{layer.document}/{layer.raw['beyond']}", number), 0))
    return seen


def _bear_first(terms: Terms, seen: int, left: dict[str, int]) -> int:
    if terms.borne_first is None:
        return 0
    rate, into = terms.borne_first
    moved = min(part(seen, rate), left["in_scope"])
    left["in_scope"] -= moved
    left[into] += moved
    return moved


def _leave(ceilings: tuple[Ceiling, ...], bounds: str, amount: int, money: Money) -> int:
    """An amount, cut to what each ceiling of a sort leaves."""
    for ceiling in ceilings:
        if ceiling.bounds == bounds and ceiling.limit is not None:
            amount = min(amount, max(ceiling.limit - money.sum(ceiling.sum), 0))
    return amount


def _deduct(layer: Layer, terms: Terms, counted: int, money: Money) -> int:
    said = terms.deductible
    if said is None:
        return 0
    missing = max(said.due - money.sum(said.sum), 0)
    others = sum(
        paid
        for (document, tier), paid in money.by_tier.items()
        if tier in said.filled_by and document != layer.document
    )
    credited = min(missing, max(others - layer.credited, 0))
    layer.credited += credited
    deducted = min(counted, missing - credited)
    money.grow(said.sum, credited + deducted)
    return deducted


def _lengths(slices: tuple[Slice, ...], position: int, above: int) -> list[tuple[int, Slice]]:
    """How far the cost from a position on reaches into each band."""
    found, start = [], 0
    for one in slices:
        end = position + above if one.up_to is None else one.up_to
        found.append((max(min(end, position + above) - max(start, position), 0), one))
        start = end
    return found


def _payable(layer: Layer, terms: Terms, position: int, above: int, money: Money) -> int:
    lengths = _lengths(terms.slices, position, above)
    if layer.rounding == "band":
        return sum(part(length, s.share) for length, s in lengths)
    exact = sum((length * s.share for length, s in lengths), Fraction(0))
    if layer.rounding == "item":
        return int(half_up(exact))
    before = Fraction(money.sums.get(terms.exact_sum, 0))
    money.grow(terms.exact_sum, exact)
    return int(half_up(before + exact) - half_up(before))


def _cut(terms: Terms, position: int, above: int, payable: int) -> int:
    """What the shares before the malus would have paid more, rounded once per charge."""
    if not terms.malus:
        return 0
    uncut = half_up(sum((length * s.uncut for length, s in _lengths(terms.slices, position, above)), Fraction(0)))
    return max(int(uncut) - payable, 0)


def _allow(terms: Terms, position: int, above: int, payable: int, money: Money, off: int) -> tuple[int, int]:
    """What the ceilings on payment allow, and what lies beyond: payment, or the cost of it and of what was taken off it."""
    allowed, binding = payable, None
    for ceiling in terms.ceilings:
        if ceiling.bounds == "payment" and ceiling.limit is not None:
            room = max(ceiling.limit - money.sum(ceiling.sum), 0)
            if room < allowed:
                allowed, binding = room, ceiling
    if binding is not None and binding.beyond_as == "expense":
        return allowed, above - _cost_of(allowed + off, terms.slices, position, above)
    return allowed, payable - allowed


def _cost_of(payment: int, slices: tuple[Slice, ...], position: int, above: int) -> int:
    """The cost whose share is just this payment, half a fen up; cost at 0 % below it belongs to it."""
    cost, still = Fraction(0), Fraction(payment)
    for length, one in _lengths(slices, position, above):
        if length * one.share > still:
            cost += still / one.share
            break
        cost += length
        still -= length * one.share
    return min(int(half_up(cost)), above)


def _take_off(kinds: list[str], left: dict[str, int], paid: int) -> int:
    """Takes a payment off the kinds in their order; returns what could not be taken."""
    for kind in kinds:
        taken = min(paid, left[kind])
        left[kind] -= taken
        paid -= taken
    return paid


def _tell_apart(layer: Layer, left: dict[str, int], deducted: int, beyond: int, cut: int) -> None:
    if "in_scope" not in layer.sees:
        return
    rest = left["in_scope"]
    for kind, amount in zip(FROM_SCOPE, (deducted, beyond, cut, rest), strict=True):
        moved = min(amount, rest)
        left[kind] += moved
        rest -= moved
    left["in_scope"] = 0


def _pay(layer: Layer, terms: Terms, paid: int, money: Money) -> None:
    """Who paid, and the sums that grow by it."""
    layer.paid += paid
    _note_tier(layer, paid, money)
    for ceiling in terms.ceilings:
        if ceiling.bounds == "payment":
            money.grow(ceiling.sum, paid)
        if ceiling.bounds == "times" and paid:
            money.grow(ceiling.sum, 1)


def _pay_cash(layer: Layer, terms: Terms, money: Money) -> None:
    assert terms.cash is not None
    used_up = any(c.bounds == "times" and c.limit is not None and money.sum(c.sum) >= c.limit for c in terms.ceilings)
    _pay(layer, terms, 0 if used_up else _leave(terms.ceilings, "payment", terms.cash, money), money)


def _guarantee(layer: Layer, terms: Terms, money: Money) -> None:
    assert terms.guarantee is not None
    kinds = [k for kind in layer.sees for k in (GUARANTEED if kind == "in_scope" else (kind,))]
    kinds = list(dict.fromkeys(kinds))
    there = sum(left[kind] for left in money.left for kind in kinds)
    short = min(max(terms.guarantee - layer.paid, 0), there)
    ceilings = tuple(c for c in terms.ceilings if c.bounds == "payment")
    short = _leave(ceilings, "payment", short, money)
    rest = short
    for kind in kinds:
        for left in money.left:
            rest = _take_off([kind], left, rest)
    layer.paid += short
    _note_tier(layer, short, money)
    for counted in {c.sum for c in ceilings}:
        money.grow(counted, short)
