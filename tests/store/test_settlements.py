"""A settlement lies beside the bill that was asked for and comes back whole, also out of rows of an earlier form."""

from dataclasses import replace
from datetime import date

import pytest

from duoceng.kernel.columns import KIND_COUNT
from duoceng.records.bill import Bill, Charge, Part
from duoceng.records.plan import Plan
from duoceng.records.settlement import Settlement
from duoceng.store.books import packed, unpacked
from duoceng.store.settlements import settlement_in, settlement_kept

AMOUNTS = (1_234, *[0] * (KIND_COUNT - 1))
ASKED = Bill("b1", date(2024, 3, 10), attributes={"care": "inpatient"}, parts=(Part(AMOUNTS),), units={"days": 3})
BARE = Plan((), (), (), answers={"care": "inpatient", "scheme": "employee"})
SETTLED = Settlement(ASKED, BARE, (Charge(AMOUNTS),), (1_000,), (234,), ((1, 2, 3),), {"year@2024": 1_000})
OTHER = replace(SETTLED, bill=replace(ASKED, parts=(Part((9, *AMOUNTS[1:])),), units={"billed": 9}))


@pytest.mark.parametrize("settled", [SETTLED, OTHER], ids=["as it was asked", "a year's end, made of other bills"])
def test_it_comes_back_whole(settled: Settlement) -> None:
    assert settlement_in({"asked": packed(ASKED), "settled": settlement_kept(settled, ASKED)}) == settled


def test_a_bill_settled_as_it_was_asked_is_not_kept_twice() -> None:
    kept = unpacked(settlement_kept(SETTLED, ASKED))
    assert isinstance(kept, Settlement)
    assert (kept.bill.id, kept.bill.parts) == ("", ())


def test_a_row_of_an_earlier_form_has_the_bill_without_its_parts() -> None:
    earlier = packed(replace(SETTLED, bill=replace(ASKED, parts=())))
    assert settlement_in({"asked": packed(ASKED), "settled": earlier}) == SETTLED
