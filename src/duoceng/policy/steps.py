"""The steps of a plan: rows with their running sums, layers and buckets put in place."""

from duoceng.kernel import columns as k
from duoceng.kernel.plain import is_plain
from duoceng.policy.document import Document, Layer
from duoceng.policy.periods import Periods
from duoceng.policy.rows import KIND, Drawn
from duoceng.records.bill import Charge, Value
from duoceng.records.plan import LayerInfo, Step

Laid = tuple[Document, Layer, dict[str, Value]]


def steps_of(
    drafts: list[tuple[int, int, Drawn, Periods]],
    infos: list[LayerInfo],
    layers: list[Laid],
    charges: tuple[Charge, ...],
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """The steps, and the running sums they refer to by position. `drafts`: the layer, the charge (-1: all), row and periods."""
    counters: dict[str, int] = {}
    steps: list[Step] = []
    at_step: dict[tuple[str, str, int], int] = {}
    looked = 0
    for at, charge, drawn, periods in drafts:
        document, layer, _ = layers[at]
        row = list(drawn.terms)
        row[k.LAYER], row[k.CHARGE] = at, max(charge, 0) * k.KIND_COUNT
        if drawn.fills:
            row[k.CREDIT_LAYERS] = sum(
                1 << n for n, i in enumerate(infos) if i.tier in drawn.fills and i.policy != document.policy
            )
        if layer.beyond and charge >= 0:
            row[k.BEYOND_OF] = at_step.get((document.policy, layer.beyond, charge), -1)
            if row[k.BEYOND_OF] < 0:  # the layer it follows pays nothing here, so nothing lies beyond it
                continue
        at_step[document.policy, layer.name, charge] = len(steps)
        sees = _sees(layer, charge, len(charges))
        row[k.SEES], row[k.SEES_COUNT] = looked, len(sees)
        row[k.TELLS] = int(row[k.MODE] == k.PAY and row[k.CHARGE] + k.IN_SCOPE in sees)
        looked += len(sees)
        for column, running in drawn.sums:
            name = periods.name(running)
            if column == k.CARRY_SLOT and document.rounding == "item":
                name += f"#{charge}"
            row[column] = counters.setdefault(name, len(counters))
        row[k.PLAIN] = int(is_plain(row))
        steps.append(Step(at, charge, tuple(row), sees, drawn.clauses, drawn.ceilings))
    return tuple(steps), tuple(counters)


LEFT_OF_SCOPE = ("share", "over_ceiling", "rate_cut", "deductible")


def _sees(layer: Layer, charge: int, charges: int) -> tuple[int, ...]:
    """The buckets a step takes its payment off, in order; a guarantee sees those of every charge."""
    if charge >= 0:
        return tuple(charge * k.KIND_COUNT + KIND[kind] for kind in layer.sees)
    kinds: list[str] = []
    for kind in layer.sees:
        kinds += LEFT_OF_SCOPE if kind == "in_scope" else (kind,)
    return tuple(c * k.KIND_COUNT + KIND[kind] for kind in dict.fromkeys(kinds) for c in range(charges))
