"""The stack as an OpenFisca model, in that library's idiom: entity, variables, dated parameters, one formula a step.

Bills stand in months 1, 2 ...; running totals are monthly variables that ask for the month before. Amounts are float variables:
the library has no decimal and no int64, so some bills are a few fen off, and they are counted. `tables` is the kindest case we could
make: float64 (not a supported setting) and plain numpy tables in place of the parameters, so no dated values and no reforms of them.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import stack as s
from openfisca_core.entities import Entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable, config

Floats = np.ndarray[Any, np.dtype[np.float64]]
NAMES = ("basic", "critical", "assistance", "own")
Level = Enum("Level", {name: name for name in s.LEVELS})
Scheme = Enum("Scheme", {name: name for name in s.SCHEMES})
Aid = Enum("Aid", {name: name for name in s.AIDS})


def tree(values: Any, *names: tuple[str, ...]) -> dict[str, Any]:
    """A table as dated parameters."""
    if not names:
        return {"values": {"2020-01-01": {"value": float(values)}}}
    return {name: tree(values[at], *names[1:]) for at, name in enumerate(names[0])}


def parameters() -> Any:
    """The numbers of the stack as the library keeps them."""
    bands = ("b0", "b1", "b2")
    return ParameterNode("", data={
        "deductible": tree(s.DEDUCTIBLE, s.LEVELS, s.SCHEMES), "ceiling": tree(s.CEILING, s.SCHEMES),
        "rate": tree(np.moveaxis(s.RATE, 2, 0) / s.WHOLE, bands, s.LEVELS, s.SCHEMES),
        "critical_deductible": tree(s.CRITICAL_DEDUCTIBLE, s.AIDS),
        "critical_rate": tree(s.CRITICAL_RATE.T / s.WHOLE, bands, s.AIDS),
        "aid_rate": tree(s.AID_RATE / s.WHOLE, s.AIDS), "aid_ceiling": tree(s.AID_CEILING, s.AIDS)})  # fmt: skip


class Table:
    """A numpy table that is asked as a parameter node is."""

    def __init__(self, values: Any, *at: Any) -> None:
        self.values, self.at = values, at

    def __getitem__(self, index: Any) -> Any:
        at = (*self.at, np.asarray(index))
        return self.values[at] if len(at) == self.values.ndim else Table(self.values, *at)


def tables() -> Any:
    """The same numbers as plain tables."""
    bands = [SimpleNamespace(b0=Table(v[0]), b1=Table(v[1]), b2=Table(v[2]))
             for v in (np.moveaxis(s.RATE, 2, 0) / s.WHOLE, s.CRITICAL_RATE.T / s.WHOLE)]  # fmt: skip
    plain = {"deductible": s.DEDUCTIBLE, "ceiling": s.CEILING, "critical_deductible": s.CRITICAL_DEDUCTIBLE,
             "aid_rate": s.AID_RATE / s.WHOLE, "aid_ceiling": s.AID_CEILING}  # fmt: skip
    return SimpleNamespace(
        **{name: Table(np.asarray(v, float)) for name, v in plain.items()}, rate=bands[0], critical_rate=bands[1]
    )


def half_up(amount: Floats) -> Floats:
    """Whole fen."""
    return np.floor(amount + 0.5)


def before(p: Any, name: str, period: Any) -> Any:
    """What a running total was in the month before."""
    return 0.0 if period.start.month == 1 else p(name, period.last_month)


# Formulas: `p` are the persons, `month` the period of the bill, `rules` the parameters on a day.


def deductible(p: Any, month: Any, rules: Any) -> Floats:
    part = float(s.STAY[min(month.start.month - 1, 4)]) / 100
    return np.floor(rules(month).deductible[p("level", month)][p("scheme", month)] * part)


def above(p: Any, month: Any, rules: Any) -> Floats:
    return np.maximum(p("amount", month) - p("deductible", month), 0)


def counted(p: Any, month: Any, rules: Any) -> Floats:
    return before(p, "counted", month) + p("above", month)


def share(p: Any, month: Any, rules: Any) -> Floats:
    now = p("counted", month)
    was, (b1, b2), rate = now - p("above", month), s.BANDS, rules(month).rate
    cell = [r[p("level", month)][p("scheme", month)] for r in (rate.b0, rate.b1, rate.b2)]
    return half_up((np.minimum(now, b1) - np.minimum(was, b1)) * cell[0] + (np.clip(now, b1, b2) - np.clip(was, b1, b2)) * cell[1]
                   + (np.maximum(now, b2) - np.maximum(was, b2)) * cell[2])  # fmt: skip


def shared(p: Any, month: Any, rules: Any) -> Floats:
    return before(p, "shared", month) + p("share", month)


def paid(p: Any, month: Any, rules: Any) -> Floats:
    return np.minimum(p("shared", month), rules(month).ceiling[p("scheme", month)])


def basic(p: Any, month: Any, rules: Any) -> Floats:
    return p("paid", month) - before(p, "paid", month)


def burden(p: Any, month: Any, rules: Any) -> Floats:
    return before(p, "burden", month) + p("amount", month) - p("basic", month)


def critical_paid(p: Any, month: Any, rules: Any) -> Floats:
    aid, all_rules, (c1, c2) = p("aid", month), rules(month), s.CRITICAL_BANDS
    over, rate = np.maximum(p("burden", month) - all_rules.critical_deductible[aid], 0), all_rules.critical_rate
    return half_up(np.minimum(over, c1) * rate.b0[aid] + (np.clip(over, c1, c2) - c1) * rate.b1[aid]
                   + np.maximum(over - c2, 0) * rate.b2[aid])  # fmt: skip


def critical(p: Any, month: Any, rules: Any) -> Floats:
    return p("critical_paid", month) - before(p, "critical_paid", month)


def left(p: Any, month: Any, rules: Any) -> Floats:
    return p("amount", month) - p("basic", month) - p("critical", month)


def lefts(p: Any, month: Any, rules: Any) -> Floats:
    return before(p, "lefts", month) + p("left", month)


def aided(p: Any, month: Any, rules: Any) -> Floats:
    aid, all_rules = p("aid", month), rules(month)
    return np.minimum(half_up(p("lefts", month) * all_rules.aid_rate[aid]), all_rules.aid_ceiling[aid])


def assistance(p: Any, month: Any, rules: Any) -> Floats:
    return p("aided", month) - before(p, "aided", month)


def own(p: Any, month: Any, rules: Any) -> Floats:
    return p("left", month) - p("assistance", month)


FORMULAS: tuple[Callable[[Any, Any, Any], Floats], ...] = (
    deductible, above, counted, share, shared, paid, basic, burden, critical_paid, critical, left, lefts, aided, assistance, own)  # fmt: skip


class OpenFisca:
    """The model; with `tables`, without the library's parameters and in float64."""

    def __init__(self, with_tables: bool = False) -> None:
        self.with_tables = with_tables
        config.VALUE_TYPES[float]["dtype"] = np.float64 if with_tables else np.float32

    def prepare(self, data: s.Data) -> tuple[s.Data, Any]:
        """The model; its data are handed over when it runs, as the library wants it."""
        person = Entity("person", "persons", "", "")
        model, plain = TaxBenefitSystem([person]), tables()
        model.parameters = parameters()

        def add(name: str, value_type: Any = float, **more: Any) -> None:
            body = {
                "value_type": value_type,
                "entity": person,
                "definition_period": DateUnit.MONTH,
                "label": name,
                **more,
            }
            model.add_variable(type(name, (Variable,), body))

        add("amount")
        for name, words in (("level", Level), ("scheme", Scheme), ("aid", Aid)):
            add(name, Enum, possible_values=words, default_value=next(iter(words)))
        for formula in FORMULAS:
            add(formula.__name__, formula=self._asked(formula, plain))
        return data, model

    def _asked(self, formula: Callable[[Any, Any, Any], Floats], plain: Any) -> Callable[[Any, Any, Any], Floats]:
        if not self.with_tables:
            return lambda p, period, parameters: formula(p, period, parameters)
        return lambda p, period, parameters: formula(p, period, lambda _: plain)

    def run(self, state: tuple[s.Data, Any]) -> s.Four:
        """Every bill."""
        data, model = state
        builder = SimulationBuilder()
        builder.create_entities(model)
        builder.declare_person_entity("person", np.arange(data.persons))
        simulation = builder.build(model)
        months = [f"2024-{month:02d}" for month in range(1, data.per + 1)]
        for at, month in enumerate(months):
            simulation.set_input("amount", month, data.amount[at :: data.per].astype(float))
            simulation.set_input("level", month, data.level[at :: data.per])
            simulation.set_input("scheme", month, data.scheme)
            simulation.set_input("aid", month, data.aid)
        found = [np.empty(data.bills) for _ in NAMES]
        for at, month in enumerate(months):
            for into, name in zip(found, NAMES, strict=True):
                into[at :: data.per] = simulation.calculate(name, month)
        return tuple(found)  # type: ignore[return-value]
