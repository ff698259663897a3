"""A member's year: late, corrected and voided bills replay it, and show who owes whom. Nothing posted is edited."""

from itertools import permutations
from typing import Any

import pytest

from duoceng.base.money import fen
from duoceng.desk.year import Year, settle_year
from duoceng.engine.settle import added
from duoceng.interfaces.bill_file import Case, read_case
from duoceng.policy.library import Library

MEMBER = "member: {region: jiangmen, scheme: employee}\nbills:\n"
WORDS = "care: inpatient, level: secondary, referral: local"
JANUARY = f"  - {{id: jan, day: 2024-01-10, {WORDS}, amounts: {{in_scope: 400000, outside_scope: 12.34}}}}\n"
MARCH = f"  - {{id: mar, day: 2024-03-10, {WORDS}, amounts: {{in_scope: 300000.01}}}}\n"
JUNE = f"  - {{id: jun, day: 2024-06-10, {WORDS}, amounts: {{in_scope: 9999.99}}}}\n"


def case(*bills: str) -> Case:
    """A year of bills."""
    from conftest import new_library

    return read_case(MEMBER + "".join(bills), "year.yaml", new_library().vocabulary)


def settled(library: Library, *bills: str) -> Year:
    """The year after its bills have arrived."""
    found = case(*bills)
    return settle_year(library, found.member, found.bills)


def amounts(year: Year) -> dict[str, Any]:
    """What matters of a year: who paid what, and the sums it left."""
    return {"bills": {s.bill.id: (s.paid, s.left) for s in year.settlements}, "sums": dict(year.sums)}


def late(bill: str) -> str:
    """The bill, arriving late."""
    return bill.replace("{id:", "{late: yes, id:")


@pytest.mark.parametrize("order", list(permutations([JANUARY, MARCH, JUNE])))
def test_a_shuffled_year_is_the_year_in_order(order: tuple[str, ...], library: Library) -> None:
    in_order = settled(library, JANUARY, MARCH, JUNE)

    assert amounts(settled(library, *map(late, order))) == amounts(in_order)


def test_the_ceiling_of_the_year_runs_through_its_bills(library: Library) -> None:
    year = settled(library, JANUARY, MARCH, JUNE)

    assert [s.paid_by("basic") for s in year.settlements] == [fen("359460"), fen("200540"), 0]
    assert sum(s.paid_by("basic") for s in year.settlements) == fen("560000")


def test_a_late_bill_shows_who_owes_whom(library: Library) -> None:
    year = settled(library, MARCH, JUNE, late(JANUARY))

    changed = {
        d.bill: (d.after.paid_by("basic") if d.after else 0) - (d.before.paid_by("basic") if d.before else 0)
        for d in year.differences
    }
    assert changed == {"mar": fen("200540") - fen("269460.01"), "jun": -fen("8459.99")}
    assert all(d.arrived == "jan" for d in year.differences)


def test_a_voided_bill_leaves_no_trace(library: Library) -> None:
    with_void = settled(library, JANUARY, MARCH, JUNE, "  - {id: v, void: jan}\n")

    assert amounts(with_void) == amounts(settled(library, MARCH, JUNE))
    assert {d.bill for d in with_void.differences} == {"jan", "mar", "jun"}


def test_a_corrected_bill_replaces_the_old_one(library: Library) -> None:
    right = JANUARY.replace("400000", "40000")
    corrected = settled(library, JANUARY, MARCH, right.replace("{id: jan", "{id: jan2, replaces: jan"))

    assert {s.bill.id: s.paid for s in corrected.settlements} == {
        "jan2" if s.bill.id == "jan" else s.bill.id: s.paid for s in settled(library, right, MARCH).settlements
    }


def test_taking_a_bills_changes_away_restores_the_year(library: Library) -> None:
    before = settled(library, JANUARY).sums
    after = settled(library, JANUARY, MARCH)

    assert added(after.sums, after.settlements[-1].changes, -1) == before


def test_settling_changes_nothing_it_is_given(library: Library) -> None:
    found = case(JANUARY, MARCH)
    year = settle_year(library, found.member, found.bills[:1])
    sums = dict(year.sums)

    settle_year(library, found.member, found.bills[1:], year=year)

    assert dict(year.sums) == sums
