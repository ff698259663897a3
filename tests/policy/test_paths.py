"""A plan put together from what its parts came to before is the plan worked out anew, to its last refusal and question."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conftest import INVENTED, POLICIES, new_library
from duoceng.base.mistakes import Refused
from duoceng.desk.trip import charges_for, documents_of, grouping_for
from duoceng.lab.batch.columns import Columns, Dictionary
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of, write_bills
from duoceng.policy import paths
from duoceng.policy.cells import Cells
from duoceng.policy.document import Document
from duoceng.policy.library import Library
from duoceng.policy.paths import Asked, Fork, Names
from duoceng.policy.plan import Options, plan_for
from duoceng.records.bill import Bill, Member, Part
from duoceng.records.plan import Plan
from forgetful import Forgetful

Mistaken = tuple[tuple[str, ...], ...]


def planned(
    library: Library, member: Member, bill: Bill, *reforms: Document
) -> tuple[Plan | Mistaken, tuple[str, ...]]:
    """The plan of a bill, or every mistake in its way; and the answers that were looked at."""
    reads = Names()
    options = Options((), reforms, allow_unverified=bill.id[-1] != "0", reads=reads)
    try:
        charges = charges_for(library, member, bill, grouping_for(library, documents_of(library, member)))
        plan = plan_for(library, member, bill, charges, {}, options)
    except Refused as refused:
        return tuple((m.code, str(m.place), m.what, m.why, m.repair) for m in refused.mistakes), tuple(reads)
    return plan, tuple(reads)


OLD_AND_YOUNG = ("beijing", "shanghai", "guangzhou", "tongchuan")  # places whose policies tell ages apart


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Member, Bill]]:
    """Bills of every place and product with every answer as likely as any other, and many of a few places as they are."""
    library, found = Library(POLICIES), []
    for wanted in (Wanted(800, 5, "even", 2025, ()), Wanted(1200, 5, "real", 2025, OLD_AND_YOUNG)):
        path = tmp_path_factory.mktemp("bills") / "bills.parquet"
        write_bills(maker_of(library, population_of(library, ""), wanted), [Path(path)], lambda *_: None)
        columns = Columns(pq.read_table(path), Dictionary(library))
        found += [(columns.member_of(row), columns.bill_of(row)) for row in range(columns.n)]
    return found


def changed(bills: list[tuple[Member, Bill]]) -> Iterator[tuple[Member, Bill]]:
    """Each bill, and the same on another day or with an answer less or a number by one more or less."""
    draw = random.Random(7)
    for member, bill in bills:
        yield member, bill
        move = timedelta(draw.choice((-1, 1, 30, 200, -400)))
        yield member, replace(bill, discharged=bill.discharged + move, admitted=None)
        answers = dict(member.attributes)
        name = draw.choice(sorted(answers))
        number = answers[name]
        if isinstance(number, int) and not isinstance(number, bool):
            answers[name] = max(number + draw.choice((-1, 1)), 0)
        else:
            del answers[name]
        yield replace(member, attributes=answers), bill


def test_what_is_remembered_is_what_would_be_found(bills: list[tuple[Member, Bill]]) -> None:
    remembering, forgetful = new_library(), Forgetful(POLICIES, (INVENTED,))

    unlike = [
        (member, bill) for member, bill in changed(bills) if planned(remembering, member, bill) != planned(forgetful, member, bill)
    ]  # fmt: skip

    assert unlike[:2] == []
    assert 500 < remembering.ends < 4000
    assert forgetful.paths_gone == {}


def test_nothing_is_lost_where_there_is_little_room(
    bills: list[tuple[Member, Bill]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was found is forgotten now and then; plans stay what they are."""
    monkeypatch.setattr(paths, "MOST_PARTS", 40)
    monkeypatch.setattr(paths, "MOST_ENDS", 25)
    tight, forgetful = new_library(), Forgetful(POLICIES, (INVENTED,))

    for member, bill in bills[:400]:
        assert planned(tight, member, bill) == planned(forgetful, member, bill)

    assert len(tight.paths_gone) <= 40
    assert tight.ends <= 25


def test_under_a_reform_parts_are_remembered_by_themselves() -> None:
    """A policy and the same under a reform are two; the reform is laid over it once."""
    library = new_library()
    policy = next(d for d in library.of_region("shanghai") if d.policy == "shanghai.employee.inpatient")
    layer = policy.layers[0]
    free = replace(layer.deductible[0], said={})
    reform = replace(policy, over=policy.policy, layers=(replace(layer, deductible=(free,)),))
    member = Member("m", "shanghai", {"scheme": "employee", "status": "active", "age": 40})
    bill = Bill(
        "b1",
        date(2025, 5, 6),
        attributes={"care": "inpatient", "level": "tertiary"},
        parts=(Part((1_000_000, *[0] * 8)),),
    )

    without = [planned(library, member, bill) for _ in range(3)]
    under = [planned(library, member, bill, reform) for _ in range(3)]

    assert all(isinstance(plan, Plan) for plan, _ in (*without, *under))
    assert without[0] == without[1] == without[2]
    assert under[0] == under[1] == under[2]
    assert without[0] != under[0]
    assert len(library.reformed) == 1


def test_a_yes_is_not_the_number_one() -> None:
    every, cut = Fork("x", None), Fork("x", [1, 18])

    assert every.way(True) != every.way(1)
    assert cut.way(True) not in (cut.way(0), cut.way(1), cut.way(20))
    assert [cut.way(age) for age in (0, 1, 17, 18, 90)] == [0, 1, 1, 2, 2]
    assert cut.way(None) is None
    assert Fork("x", [date(2025, 1, 1).toordinal()]).way(date(2024, 12, 31)) == 0


def test_words_go_the_same_way_where_no_label_tells_them_apart(library: Library) -> None:
    care, level, diseases = (library.vocabulary[name] for name in ("care", "level", "diseases"))
    cells = Cells(labels={"care": {"outpatient", "inpatient"}, "level": {"primary", "community"}})
    of_care, of_level = cells.words(care), cells.words(level)
    assert of_care
    assert of_level

    assert of_care["emergency"] == of_care["outpatient"] == ("outpatient",)
    assert of_care["pharmacy"] == of_care["screening"] == ()
    assert of_level["station"] == ("community", "primary"), "the nearest label it counts as comes first"
    assert of_level["village"] == of_level["primary"] != of_level["station"]
    assert set(of_level) == set(level.values)
    way = Fork("care", None, of_care).way
    assert way("pharmacy") == way("screening") != way("inpatient")
    assert way(None) is None
    assert way("unheard of") == "unheard of"
    assert cells.words(diseases) is None, "words outside the list are allowed"
    assert replace(cells, exact={"care"}).words(care) is None


def test_answers_note_what_was_asked_whether_it_is_there_or_not() -> None:
    asked = Asked({"age": 3})

    assert asked.get("age") == 3
    assert asked.get("level", "-") == "-"
    assert "scheme" not in asked
    assert list(asked.trail) == ["age", "level", "scheme"]
    with pytest.raises(TypeError):
        list(asked)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_what_was_asked_for_is_noted_where_it_ends_in_a_refusal(times: int) -> None:
    """A figure that was not read stops the plan at once (P026): by then the level had been asked for, and other levels end otherwise."""
    library = new_library()
    member = Member("m", "chengdu", {"scheme": "employee", "status": "active", "age": 40, "aid": "none"})
    answers = {"care": "inpatient", "level": "tertiary"}
    bill = Bill("b1", date(2020, 5, 1), attributes=answers, parts=(Part((1_000_000, *[0] * 8)),))

    for _ in range(times):
        mistakes, looked = planned(library, member, bill)

    assert isinstance(mistakes, tuple)
    assert [mistake[0] for mistake in mistakes] == ["P026"]
    assert "level" in looked
