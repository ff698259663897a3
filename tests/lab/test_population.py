"""The figures bills are drawn from: every one is there with its source, and what is drawn comes to them."""

from datetime import date

import numpy as np
import pytest

from conftest import POLICIES
from duoceng.base.mistakes import Mistakes
from duoceng.lab.drawing.people import Nation, any_bill, bills_a_year
from duoceng.lab.drawing.population import Population, population_of, read_population, spread
from duoceng.policy.library import Library

SOURCE = (POLICIES / "population.yaml").read_text(encoding="utf-8")
WRONG = [
    ("a figure that is not known", "figure: frailty", "figure: fraility", "P007"),
    ("a figure that is gone", "  - figure: retired_ratio\n    value: 3.34", "  - figure: frailty\n    value: 3.34", "P002"),
    ("a source that is not there", "cite: infants", "cite: nowhere", "P010"),
    ("a figure without its words", '    quote: mean cost 8,412 (SD 15,088)\n', "", "P002"),
    ("a number below nothing", "value: 3.34", "value: -3.34", "P007"),
    ("no number", "value: 3.34", "value: many", "P007"),
    ("weights where one number is wanted", "value: 3.34", "weights: {a: 3}", "P002"),
    ("called verified without the page", "quoted_from: note\n    status: secondary\n  - figure: frailty", "quoted_from: note\n    status: verified\n  - figure: frailty", "P032"),
    ("an attribute nobody knows", "attribute: family_doctor", "attribute: family_docter", "P001"),
    ("a value the attribute cannot have", "weights: {general: 84", "weights: {generous: 84", "P009"),
    ("a key nobody knows", "chronic: yes", "cronic: yes", "P001"),
]  # fmt: skip


@pytest.fixture(scope="module")
def population() -> Population:
    return population_of(Library(POLICIES))


@pytest.mark.parametrize("case, right, wrong, code", WRONG, ids=[row[0] for row in WRONG])
def test_a_mistake_is_found(case: str, right: str, wrong: str, code: str) -> None:
    assert right in SOURCE, case
    mistakes = Mistakes()

    read_population(SOURCE.replace(right, wrong, 1), "population.yaml", Library(POLICIES).vocabulary, mistakes)

    assert code in {m.code for m in mistakes.found}


def test_the_nation_uses_what_is_published(population: Population) -> None:
    nation = Nation(population)
    rates, groups = nation.yearly(), nation.groups
    for figure in ("use", "use_rare"):
        for care, by_scheme in population.tables(figure).items():
            for scheme, wanted in by_scheme.items():
                members = np.array([g.members * (g.scheme == scheme) for g in groups])
                assert (rates[care] * members).sum() / members.sum() == pytest.approx(wanted, rel=1e-6), (care, scheme)


def test_retired_employees_spend_what_is_published(population: Population) -> None:
    nation = Nation(population)
    spent = sum(
        nation.yearly()[c] * population.tables("yuan")[c]["employee"] for c in ("outpatient", "chronic", "inpatient")
    )
    a_head = {}
    for status in ("active", "retired"):
        members = np.array([g.members * (g.status == status) for g in nation.groups])
        a_head[status] = (spent * members).sum() / members.sum()

    assert a_head["retired"] / a_head["active"] == pytest.approx(population.value("retired_ratio"), rel=0.001)


@pytest.mark.parametrize("low, high, wanted", [(0, 15, 17.1), (16, 59, 60.9), (60, 120, 22.0), (65, 120, 15.6)])
def test_ages_are_those_of_the_country(population: Population, low: int, high: int, wanted: float) -> None:
    years = {}
    for group in Nation(population).groups:
        for age in range(group.low, group.high + 1):
            years[age] = years.get(age, 0.0) + group.members / (group.high + 1 - group.low)

    assert 100 * sum(n for age, n in years.items() if low <= age <= high) / sum(years.values()) == pytest.approx(
        wanted, abs=1.0
    )


@pytest.mark.parametrize("mean", [0.3, 2.0, 8.0, 30.0])
def test_members_with_a_bill_have_as_many_as_all_have(mean: float) -> None:
    counts = bills_a_year(mean, 1.0, 4096)

    assert counts.min() == 1
    assert counts.mean() * any_bill(mean, 1.0) == pytest.approx(mean, rel=0.02)


SPREADS = [
    ("one value", "level", "tertiary", ["tertiary"]),
    ("a few numbers", "contribution_years", "3..5", [3, 4, 5]),
    ("at most forty of a range", "contribution_years", "0..390", list(range(0, 391, 10))),
    ("money in yuan", "contract_deductible", "10000", [1_000_000]),
    ("none of a set", "conditions", "", [frozenset()]),
    ("two at once", "conditions", "diabetes+copd", [frozenset({"diabetes", "copd"})]),
    ("days before the year", "contract_from", "-2..-1", [date(2024, 12, 30), date(2024, 12, 31)]),
    ("days by the calendar", "retired_since", "2000-12-31..2001-01-01", [date(2000, 12, 31), date(2001, 1, 1)]),
    ("all others", "lists", "else", []),
]


@pytest.mark.parametrize("case, name, written, values", SPREADS, ids=[row[0] for row in SPREADS])
def test_a_weight_stands_for_values(case: str, name: str, written: str, values: list[object]) -> None:
    found = spread(Library(POLICIES).vocabulary[name], written, date(2025, 1, 1))

    assert found == values or (len(values) == 40 and len(found) == 40), case
