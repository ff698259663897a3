"""A plan made for another bill is the plan this bill would have got: layers, rows, clauses, answers and all.

`DUOCENG_PLANS` says how many members (150 here).
"""

import os
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from conftest import INVENTED, POLICIES
from duoceng.base.mistakes import Refused
from duoceng.desk.plans import Plans
from duoceng.desk.trip import settle_bill
from duoceng.engine.settle import added
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.policy.values import Plain, Table, match
from duoceng.records.bill import Bill, Held, Line, Member, Part, Value
from duoceng.records.settlement import Settlement
from reference.random_bills import random_cases
from reference.reading import Folders

MEMBERS = int(os.environ.get("DUOCENG_PLANS", "150"))
SEED = int(os.environ.get("DUOCENG_PLANS_SEED", "3"))
OPTIONS = Options(allow_unverified=True)


def both(library: Library, plans: Plans, member: Member, bill: Bill, sums: dict[str, int]) -> Settlement | None:
    """The bill by a shared plan and by one of its own: the same, or refused alike."""
    try:
        own = settle_bill(library, member, bill, sums, OPTIONS)
    except Refused as refused:
        with pytest.raises(Refused) as told:
            plans.settle(member, bill, sums)
        assert {m.code for m in told.value.mistakes} == {m.code for m in refused.mistakes}
        return None
    shared = plans.settle(member, bill, sums)
    assert shared == own
    return own


def changed(draw: random.Random, met: dict[str, list[Value]], member: Member, bill: Bill) -> tuple[Member, Bill]:
    """The same person and bill, but for one thing: an answer as somebody else has it, or a day."""
    kind = draw.randrange(4)
    if kind == 0:
        return member, replace(bill, discharged=bill.discharged + timedelta(days=draw.choice((1, 31, 400))))
    if kind == 1 and member.products:
        at = draw.randrange(len(member.products))
        held = member.products[at]
        other = Held(held.policy, one_otherwise(draw, met, dict(held.attributes)))
        return replace(member, products=(*member.products[:at], other, *member.products[at + 1 :])), bill
    if kind == 2:
        return replace(member, attributes=one_otherwise(draw, met, dict(member.attributes))), bill
    return member, replace(bill, attributes=one_otherwise(draw, met, dict(bill.attributes)))


def one_otherwise(draw: random.Random, met: dict[str, list[Value]], answers: dict[str, Value]) -> dict[str, Value]:
    if answers:
        name = draw.choice(sorted(answers))
        answers[name] = draw.choice(met[name])
    return answers


def test_a_shared_plan_is_the_bills_own(library: Library) -> None:
    draw, plans, met, asked = random.Random(SEED), Plans(library, OPTIONS), dict[str, list[Value]](), 0
    for number, case in enumerate(random_cases(SEED, Folders((POLICIES, INVENTED)), MEMBERS)):
        sums: dict[str, int] = {}
        for bill in case.bills:
            if bill.void or bill.year_end:
                continue
            for answers in (
                case.member.attributes,
                bill.attributes,
                *(held.attributes for held in case.member.products),
            ):
                for name, value in answers.items():
                    met.setdefault(name, []).append(value)
            settled = both(library, plans, case.member, bill, sums)
            for _ in range(5):
                asked += 1
                both(library, plans, *changed(draw, met, case.member, bill), sums)
            sums = added(sums, settled.changes) if settled else sums
        assert number < MEMBERS
    assert 0 < plans.made < asked  # some were shared


def test_one_plan_serves_the_days_between_two_versions(library: Library) -> None:
    """Stays of a year share a plan whatever their days; in the next year its sums have other names."""
    plans = Plans(library, OPTIONS)
    member = Member("m", "beijing", {"scheme": "employee", "status": "active", "age": 40, "aid": "none"})

    def stay(admitted: date, days: int) -> Bill:
        answers: dict[str, Value] = {"care": "inpatient", "level": "tertiary"}
        part = Part((1_000_000, *[0] * 8))
        return Bill("b", admitted + timedelta(days), admitted, attributes=answers, parts=(part,))

    for month in range(1, 12):
        for days in (3, 9):
            assert both(library, plans, member, stay(date(2025, month, 2), days), {}) is not None
    of_2025 = plans.made
    for age in (41, 44, 45):
        aged = replace(member, attributes={**member.attributes, "age": age})
        assert both(library, plans, aged, stay(date(2025, 5, 5), 5), {}) is not None
    older = plans.made
    assert both(library, plans, member, stay(date(2026, 2, 2), 5), {}) is not None

    assert of_2025 <= 2  # a version or a season may begin inside the year
    assert older - of_2025 <= 1
    assert plans.made > older


@pytest.mark.parametrize("place", ["beijing", "suqian", "ningbo", "shanghai"])
def test_bills_are_counted_in_the_year_of_the_day(library: Library, place: str) -> None:
    """On the same running sums a stay is the fourth of one year or the first of the next: by its day, and by where a year starts."""
    plans = Plans(library, OPTIONS)
    member = Member("m", place, {"scheme": "employee", "status": "active", "age": 40, "aid": "none"})
    sums: dict[str, int] = {}
    for turn, day in enumerate(
        (date(2024, 11, 5), date(2024, 12, 5), date(2025, 1, 5), date(2025, 6, 20), date(2025, 7, 5))
    ):
        for other in (
            day,
            date(2024, 12, 20),
            date(2025, 1, 20),
            date(2025, 6, 5),
            date(2025, 7, 20),
            date(2026, 1, 2),
        ):
            answers: dict[str, Value] = {"care": "inpatient", "level": "tertiary", "referral": "local"}
            bill = Bill(f"b{turn}", other, attributes=answers, parts=(Part((3_000_000, *[0] * 8)),))
            settled = both(library, plans, member, bill, sums)
            if other == day and settled:
                kept = settled
        sums = added(sums, kept.changes)

    assert any(name.startswith("count.") and count > 1 for name, count in sums.items())


def test_under_a_reform_numbers_are_told_apart_as_the_reform_does(library: Library) -> None:
    """The reform counts years in a row and asks whether any was missed, which the policy below it does not."""
    reform = library.document(POLICIES / "products" / "reform.jinan.enrolment-incentives.2025.yaml")
    assert reform is not None
    options = Options((), (reform,), allow_unverified=True)
    plans, ceilings = Plans(library, options), set()
    bill = Bill("b", date(2025, 2, 1), attributes={"care": "inpatient"}, settled_before={"basic": 100_000_00},
                parts=(Part((0, 0, 2_000_000_00, 0, 0, 0, 0, 0, 0), {"lists": frozenset()}),))  # fmt: skip

    for years, missed in ((2, 0), (5, 0), (9, 0), (9, 1), (9, 4), (20, 0), (2, 2)):
        answers = {
            "scheme": "resident",
            "status": "adult",
            "continuous_years": years,
            "claim_free_years": 0,
            "missed_years": missed,
        }
        member = Member("m", "jinan", answers)
        for _ in range(3):
            own = settle_bill(library, member, bill, {}, options)
            assert plans.settle(member, bill, {}) == own
        ceilings.add(own.covered)

    assert len(ceilings) >= 4


def test_a_reform_cuts_a_number_where_the_policies_below_it_do_not(library: Library) -> None:
    """Beijing tells ages apart already; the reform does so at fifty."""
    policy = next(d for d in library.of_region("beijing") if d.policy == "beijing.employee.inpatient")
    young = match("<50", library.vocabulary["age"])
    amount = Table("age", (((young,), Plain(500_00, policy.place)),), Plain(900_00, policy.place), policy.place)
    layer = policy.layers[0]
    free = replace(layer.deductible[-1], said={**layer.deductible[-1].said, "amount": amount})
    reform = replace(policy, over=policy.policy, layers=(replace(layer, deductible=(free,)),))
    options = Options((), (reform,), allow_unverified=True)
    plans, covered = Plans(library, options), set()

    for age in (40, 49, 50, 60):
        member = Member("m", "beijing", {"scheme": "employee", "status": "active", "age": age, "aid": "none"})
        bill = Bill(
            "b",
            date(2025, 3, 9),
            attributes={"care": "inpatient", "level": "tertiary"},
            parts=(Part((1_000_000, *[0] * 8)),),
        )
        for _ in range(3):
            own = settle_bill(library, member, bill, {}, options)
            assert plans.settle(member, bill, {}) == own
        covered.add(own.covered)

    assert len(covered) == 2


def test_the_days_and_items_of_lines_count_only_where_a_document_asks_for_them(library: Library) -> None:
    """Lines of other days and names share a plan where no document goes by the day of the expense."""
    plans = Plans(library, OPTIONS)
    member = Member("m", "beijing", {"scheme": "employee", "status": "active", "age": 40, "aid": "none"})
    for day in range(1, 9):
        line = Line(f"X{day}", f"item {day}", 1_000_00, day=date(2025, 3, day), attributes={"item_class": "class_a"})
        bill = Bill("b", date(2025, 3, 9), attributes={"care": "inpatient", "level": "tertiary"}, lines=(line,))
        assert both(library, plans, member, bill, {}) is not None

    assert plans.made == 1
