"""Bills of every document, place and product: settled and taken back they leave no trace; arrived in any order they are the year in order.

`DUOCENG_DESK_BILLS` says how many (60 here, 100,000 in the soak).
"""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from conftest import INVENTED, POLICIES
from databases import ENGINES, a_database
from desk.desks import Counter, a_counter
from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Ask, Undo
from duoceng.desk.digest import digest_of_member
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.desk.year import settle_year
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.store.books import read_book
from duoceng.store.pages import trial_balance
from reference.random_bills import Case, random_cases
from reference.reading import Folders

BILLS = int(os.environ.get("DUOCENG_DESK_BILLS", "60"))
SEED = int(os.environ.get("DUOCENG_DESK_SEED", "1"))


@cache
def folders() -> Folders:
    return Folders((POLICIES, INVENTED))


@pytest.fixture(params=ENGINES)
def counter(request: pytest.FixtureRequest, tmp_path: Path, library: Library) -> Iterator[Counter]:
    with a_database(request.param, tmp_path) as database:
        found = a_counter(database, library)
        found.desk.options = found.desk.plans.options = Options(allow_unverified=True)
        yield found


def enrolled(counter: Counter, case: Case, name: str) -> None:
    """The member of a case, whose insurers may all be asked."""
    long_ago, member = date(1980, 1, 1), case.member
    facts = [Fact("enrolment", long_ago, answers=member.attributes, region=member.region)]
    facts += [Fact("status", begins, answers=changed) for begins, changed in member.dated]
    facts += [Fact("contract", long_ago, answers=held.attributes, policy=held.policy) for held in member.products]
    facts += [Fact("consent", long_ago, policy=held.policy) for held in member.products]
    enrol(counter.desk, Told(name, tuple(facts)), counter.call())


def cases(seed: int) -> Iterator[Case]:
    """Years that the engine can settle, in the order of their days."""
    from conftest import new_library
    from duoceng.desk.replay import counts_at

    library = new_library()
    for case in random_cases(seed, folders(), 10**9):
        bills = tuple(
            replace(b, late=False, replaces="", void=False)
            for b in case.bills
            if not b.void and not b.replaces and not b.year_end
        )
        products = {h.policy for h in case.member.products}
        if not bills or len({b.id for b in bills}) < len(bills) or len(products) < len(case.member.products):
            continue
        ordered = tuple(sorted(bills, key=counts_at))
        try:
            settle_year(library, case.member, ordered, Options(allow_unverified=True))
        except Refused:
            continue
        yield replace(case, bills=ordered)


def test_the_desk_is_the_engine_and_what_is_taken_back_leaves_no_trace(counter: Counter) -> None:
    desk, draw, done = counter.desk, random.Random(SEED), 0
    for number, case in enumerate(cases(SEED)):
        name = f"p{number}"
        enrolled(counter, case, name)
        digests = [digest_of_member(desk.database, name)]
        try:
            for bill in case.bills:
                desk.settle(Ask(name, bill, "H1"), counter.call())
                digests.append(digest_of_member(desk.database, name))
        except Refused as refused:
            assert {m.code for m in refused.mistakes} == {"B024"}, refused
            continue
        year = settle_year(desk.library, case.member, case.bills, Options(allow_unverified=True))
        book, _ = read_book(desk.database, name)
        assert book is not None
        assert book.sums == year.sums
        late = list(case.bills)
        for bill in reversed(case.bills):
            digests.pop()
            desk.reverse(Undo(name, bill=bill.id), counter.call())
            assert digest_of_member(desk.database, name) == digests[-1]
        enrolled(counter, case, f"{name}late")
        draw.shuffle(late)
        try:
            for bill in late:
                desk.settle(Ask(f"{name}late", bill, "H1"), counter.call())
        except Refused as refused:  # on the way, a bill may be one whose cell was not read
            assert {m.code for m in refused.mistakes} <= {"B024", "P023"}, refused
            continue
        book, _ = read_book(desk.database, f"{name}late")
        assert book is not None
        assert book.sums == year.sums
        done += len(case.bills)
        if done >= BILLS:
            break
    assert sum(trial_balance(desk.database).values()) == 0
