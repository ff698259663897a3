"""A guaranteed amount that was not read for the day of the bill is no amount of nothing: the bill is refused."""

from dataclasses import replace
from datetime import date

import pytest

from conftest import new_library
from duoceng.base.mistakes import Refused
from duoceng.desk.trip import settle_bill
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Member, Part

MEMBER = Member("m", "old-guarantee", {})
BILL = Bill(
    "b", date(2015, 5, 6), attributes={"care": "inpatient", "level": "tertiary"}, parts=(Part((1_000_000, *[0] * 8)),)
)
OPTIONS = Options(allow_unverified=True)


def test_a_guarantee_that_begins_later_is_not_passed_over() -> None:
    library = new_library()
    (document,) = [d for d in library.of_region("old-guarantee") if d.region == "old-guarantee"]
    stay, *others = document.layers
    (said,) = stay.guarantee
    later = replace(said, cited=replace(said.cited, begins=date(2020, 1, 1)))
    changed = replace(document, layers=(replace(stay, guarantee=(later,)), *others))

    assert settle_bill(library, MEMBER, BILL, {}, OPTIONS).covered > 0
    documents = library.of_region("old-guarantee")
    documents[documents.index(document)] = changed
    with pytest.raises(Refused) as refused:
        settle_bill(library, MEMBER, BILL, {}, OPTIONS)

    assert [(m.code, "guarantee" in m.what) for m in refused.value.mistakes] == [("P021", True)]
    assert settle_bill(library, MEMBER, replace(BILL, discharged=date(2021, 1, 1)), {}, OPTIONS).covered > 0
