"""Where engine and reference once parted, by the smallest bill that shows it: neither may fall back.

What random bills find is put here before it is mended; the law (docs/internals/semantics.md) says which of the two was wrong.
"""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import POLICIES
from duoceng.policy.library import Library
from duoceng.records.bill import Attributes, Bill, Member, Part
from reference.comparing import Compare
from reference.random_bills import Case
from reference.random_documents import CITED
from reference.settle import KINDS

MEMBER = Member(
    "m",
    "p",
    {"scheme": "resident", "age": 61, "status": "retired"},
    dated=((date(2023, 2, 1), {"scheme": "employee"}),),
)
HEAD = {
    "policy": "p.a",
    "title": "t",
    "region": "p",
    "kind": "public",
    "covers": {"scheme": "employee"},
    "year_starts": "01-01",
    "decided_by": "discharge",
    "rounding": "layer",
    "sources": {"s": {"title": "t", "trust": "memory"}},
}


def versions(**said: Any) -> list[dict[str, Any]]:
    return [{"from": "2019-01-01", **said, **CITED}]


def layer(**said: Any) -> dict[str, Any]:
    """A layer that pays 50 % of what is in scope, but for what is said."""
    plain = {"name": "l", "tier": "basic", "title": "t", "payer": "x", "sees": ["in_scope"]}
    return {**plain, "deductible": "none", "share": versions(pays="50%"), "ceilings": "none", **said}


def ceiling(**said: Any) -> list[dict[str, Any]]:
    return [{"name": "c", "title": "t", "versions": versions(**said)}]


def part(in_scope: int, **answers: Any) -> Part:
    return Part(tuple(in_scope if kind == "in_scope" else 0 for kind in KINDS), answers)


def bill(name: str, day: date, *parts: Part, year_end: bool = False) -> Bill:
    answers: Attributes = {"care": "inpatient"}
    return Bill(name, day, attributes=answers, parts=parts, year_end=year_end)


MARCH = date(2024, 3, 1)
ONE = (bill("b", MARCH, part(100_000)),)
BY_LINE = (bill("b", MARCH, part(100_000, negotiated=True), part(100_000, negotiated=False)),)
PRICE = {"per": "bill", "bounds": "payment", "beyond_as": "payment"}

ROWS = {
    "a map in `any` holds when all of it holds": (
        layer(when=versions(needs={"any": [{"age": "<60", "status": "retired"}]})),
        ONE,
    ),
    "a quantity the bill does not give is asked for": (
        layer(ceilings=ceiling(limit="5", per_unit="hours", **PRICE)),
        ONE,
    ),
    "a guarantee is bound by ceilings on payment, not on times": (
        layer(ceilings=ceiling(times="1", per="stay", bounds="times"), guarantee=versions(amount="900")),
        ONE,
    ),
    "a guarantee takes nothing off in_scope that its layer passed over": (
        layer(only={"negotiated": "yes"}, guarantee=versions(amount="900")),
        BY_LINE,
    ),
    "stays are counted for the year's end, too": (
        layer(settled="year_end", share=versions(pays={"by": "stay_order", ">=3": "30%", "2": "50%", "1": "80%"})),
        (
            bill("b1", date(2024, 1, 10), part(100_000)),
            bill("b2", date(2024, 2, 10), part(100_000)),
            bill("e", date(2024, 12, 28), year_end=True),
        ),
    ),
    "a stay counts under whatever document it was settled": (
        layer(share=versions(pays={"by": "stay_order", "2": "50%", "1": "80%"})),
        (bill("b1", date(2023, 1, 10), part(100_000)), bill("b2", MARCH.replace(year=2023), part(100_000))),
    ),
    "a year that ends on 31 December begins on 1 January": (
        layer(settled="year_end"),
        (
            bill("b1", date(2023, 12, 30), part(100_000)),
            bill("b2", date(2024, 12, 1), part(100_000)),
            bill("e", date(2024, 12, 31), year_end=True),
        ),
    ),
    "a year's end is no stay": (
        layer(share=versions(pays={"by": "stay_order", "2": "50%", "1": "80%"})),
        (bill("e", date(2023, 12, 31), year_end=True), bill("b", date(2024, 1, 10), part(100_000))),
    ),
    "an episode is counted in the year of its first bill": (
        layer(share=versions(pays={"by": "stay_order", "2": "50%", "1": "80%"})),
        (
            replace(bill("b1", date(2023, 12, 30), part(100_000)), episode="e"),
            replace(bill("b2", date(2024, 1, 4), part(100_000)), episode="e"),
            bill("b3", MARCH, part(100_000)),
        ),
    ),
    "charges are ordered answer by answer": (
        layer(
            only={"any": [{"lists": "a"}, {"care": "inpatient"}]},
            deductible=versions(amount="500", per="bill"),
            share=versions(pays={"by": "negotiated", "yes": "50%", "no": "10%"}),
        ),
        (
            bill(
                "b",
                MARCH,
                part(100_000, lists=frozenset({"a"}), negotiated=True),
                part(100_000, lists=frozenset({"a", "b"}), negotiated=False),
            ),
        ),
    ),
    "a gate on the bill counts what was settled before": (
        layer(when=versions(needs={"billed": "<=1500"})),
        (replace(bill("b", MARCH, part(100_000)), settled_before={"huiminbao": 60_000}),),
    ),
    "a part without money has no say in the guarantee": (
        layer(
            only={"care": "inpatient"},
            deductible=versions(amount="5000", per="bill"),
            ceilings=ceiling(limit={"by": "negotiated", "yes": "0", "no": "100"}, **PRICE),
            guarantee=versions(amount="900"),
        ),
        (bill("b", MARCH, part(100_000, negotiated=False), part(0, negotiated=True)),),
    ),
}

SHARED = layer(share=versions(bands=[{"up_to": "500", "pays": "10%"}, {"pays": "90%"}], starts="deductible",
                              measured="bill", running="one for both"))  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_the_engine_reads_the_law(row: str, tmp_path: Path) -> None:
    said, bills = ROWS[row]
    agree(tmp_path, [said], bills)


def test_layers_share_a_running_sum_of_one_bill(tmp_path: Path) -> None:
    agree(tmp_path, [{**SHARED, "ceilings": ceiling(limit="300", **PRICE)},
                     {**SHARED, "name": "m", "tier": "supplement", "sees": ["over_ceiling", "share"]}], ONE)  # fmt: skip


def test_a_layer_that_finds_nothing_beyond_another_does_nothing(tmp_path: Path) -> None:
    shut = layer(when=versions(needs={"status": "active"}))
    agree(tmp_path, [shut, layer(name="m", tier="supplement", beyond="l")], ONE)


def test_a_layer_that_measures_the_bill_pays_no_more_than_is_left_once_some_is_borne_first(tmp_path: Path) -> None:
    elsewhere = KINDS.index("borne_first_elsewhere")
    amounts = tuple(100_000 if at in (0, elsewhere) else 0 for at in range(len(KINDS)))
    first = layer(sees=["borne_first_elsewhere"], share=versions(pays="100%"))
    second = layer(name="m", tier="supplement", sees=["in_scope", "borne_first_elsewhere"], as_billed="yes",
                   borne_first=versions(rate="50%", into="borne_first"), share=versions(pays="100%"))  # fmt: skip
    agree(tmp_path, [first, second], (bill("b", MARCH, Part(amounts, {})),))


def agree(tmp_path: Path, layers: list[dict[str, Any]], bills: tuple[Bill, ...]) -> None:
    (tmp_path / "cn" / "p").mkdir(parents=True)
    document = json.dumps({**HEAD, "layers": layers})  # which is YAML, too, and knows no aliases
    (tmp_path / "cn" / "p" / "a.yaml").write_text(document, encoding="utf-8")
    compare = Compare(Library(POLICIES, (tmp_path,)), (POLICIES, tmp_path))

    assert not compare.difference(Case(MEMBER, bills))
