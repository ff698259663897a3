"""What a bill came to: who paid what, what is left to the member by kind, and the trail of the run that paid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from duoceng.kernel.columns import KIND_COUNT, KINDS
from duoceng.records.bill import Bill, Charge
from duoceng.records.plan import Plan


@dataclass(frozen=True)
class Settlement:
    """One settled bill. Amounts in fen.

    `paid` is by layer of the plan, `left` by charge and kind (flat, as the kernel left it), `trails` by step.
    `changes` are the running sums this bill moved: name -> what was added; taking them away again reverses the bill.
    """

    bill: Bill
    plan: Plan
    charges: tuple[Charge, ...]
    paid: tuple[int, ...]
    left: tuple[int, ...]
    trails: tuple[tuple[int, ...], ...]
    changes: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def billed(self) -> int:
        """The whole bill, with what was settled before it came here."""
        return sum(sum(c.amounts) for c in self.charges) + sum(self.bill.settled_before.values())

    @cached_property
    def member_pays(self) -> int:
        """What no layer took off: the member's, from account or purse."""
        return sum(self.left)

    @cached_property
    def self_pay(self) -> dict[str, int]:
        """What the member pays, by kind."""
        return {kind: sum(self.left[k::KIND_COUNT]) for k, kind in enumerate(KINDS)}

    @cached_property
    def covered(self) -> int:
        """What the layers took off the bill; benefits in cash come on top and are not in it."""
        return sum(p for p, layer in zip(self.paid, self.plan.layers, strict=True) if not layer.cash)

    @cached_property
    def cash(self) -> int:
        """Benefits paid out in cash beside the bill (allowances)."""
        return sum(p for p, layer in zip(self.paid, self.plan.layers, strict=True) if layer.cash)

    def paid_by(self, name: str) -> int:
        """Fen paid by the layers of a tier, by one layer's id, or by a layer's short name."""
        layers = self.plan.layers
        return sum(p for p, layer in zip(self.paid, layers, strict=True) if name in (layer.tier, layer.id, layer.name))
