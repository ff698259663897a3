"""Itemised bills by the million are settled as the counter settles them: to the fen, to every step of the trail, to every running sum."""

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import INVENTED, POLICIES, new_library
from duoceng.desk.trip import charges_for, grouping_for
from duoceng.engine.batch import lines_compiled as c
from duoceng.engine.scope import Grouping, part_of
from duoceng.kernel.columns import KIND_COUNT
from duoceng.lab.batch import groups
from duoceng.lab.batch.line_file import LineFile
from duoceng.lab.batch.lines import Itemised, Scope
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.reading import NONE
from duoceng.lab.batch.run import settle_table
from duoceng.policy.library import Library
from duoceng.records.bill import Line, Scoped
from lab.batch.itemised import OPTIONS, WANTS, Drawn, answered, cases, compare, drawn, members


@pytest.fixture(scope="module")
def lab() -> Library:
    return new_library()


@pytest.fixture(scope="module")
def even(lab: Library) -> Drawn:
    return drawn(lab, "even", 65536, 0.8)


@pytest.fixture(scope="module")
def real(lab: Library) -> Drawn:
    return drawn(lab, "real", 65536, 0.8)


@pytest.mark.parametrize("spread, count", [("real", 700), ("even", 900)])
def test_the_same_as_at_the_counter(lab: Library, request: pytest.FixtureRequest, spread: str, count: int) -> None:
    """Members of all places, most of their bills itemised, with every trail value and running sum."""
    table, lines = members(*request.getfixturevalue(spread), count)

    settled, refused = compare(lab, table, lines)

    print(f"{spread}: {table.num_rows} bills, {lines.num_rows} lines, {settled} settled, {refused} refused")
    assert settled > 800
    assert set(table["region"].unique().to_pylist()) >= {
        r for r in lab.regions() if spread == "even" and lab.of_region(r)
    }


def test_bills_without_lines_beside_bills_with_lines(lab: Library) -> None:
    """They are told apart by less, and paid as the counter pays them."""
    table, lines = members(*drawn(lab, "real", 65536, 0.2), 500)

    settled, _ = compare(lab, table, lines)

    itemised = len(lines["bill"].unique())
    assert settled - itemised > itemised > 100


def test_products_that_tell_lines_apart(lab: Library, even: Drawn) -> None:
    """Lists, kinds, prices and channels of items; limits for each item; documents that decide by the day of the expense."""
    table, lines = even
    telling = [
        p
        for p in lab.products()
        if (d := lab.product(p)) and ({"item_kind", "lists", "unit_price"} & d.asks or d.decided_by == "expense")
    ]
    held = table.filter(pc.is_in(table["products"].cast("string"), pa.array(telling)))
    table, lines = members(held, lines, 700)
    lines = answered(lab, lines)

    settled, refused = compare(lab, table, lines)

    print(
        f"{table.num_rows} bills, {lines.num_rows} lines, {settled} settled, {refused} refused, {len(telling)} products"
    )
    assert settled > 200
    found = {grouping_for(lab, [d]) for p in telling if (d := lab.product(p))}
    assert any(g.items for g in found)
    assert any(g.days for g in found)
    assert any("unit_price" in g.answers for g in found)


@pytest.mark.parametrize("items", [False, True])
@pytest.mark.parametrize("days", [False, True])
@pytest.mark.parametrize("alone", [False, True])
def test_charges_stand_in_the_order_of_the_counter(
    lab: Library, even: Drawn, monkeypatch: pytest.MonkeyPatch, items: bool, days: bool, alone: bool
) -> None:
    grouping = Grouping(frozenset({"item_class", "item_kind", "lists", "unit_price"}), items, days, alone)
    monkeypatch.setattr(groups, "grouping_for", lambda *_: grouping)
    table, lines = members(*even, 60)
    lines = answered(lab, lines)
    lines = lines.set_column(
        lines.column_names.index("day"),
        "day",
        pa.array([None if n % 7 == 0 else d for n, d in enumerate(lines["day"].to_pylist())], pa.date32()),
    )

    bills = Itemised(table, lines, Scope(Batch(lab, OPTIONS)))

    wanted, tuples = {}, {}
    for row, (member, bill) in enumerate(cases(lab, table, lines)):
        if row in bills.faults:
            continue
        charges = charges_for(lab, member, bill, grouping)
        first = int(bills.charge_at[row]) * KIND_COUNT
        found = bills.charges[first : first + len(charges) * KIND_COUNT].reshape(-1, KIND_COUNT).tolist()
        assert [tuple(one) for one in found] == [c.amounts for c in charges], row
        if bill.lines:
            wanted[row] = tuple(
                (
                    tuple(sorted((a, cut(v)) for a, v in c.attributes.items())),
                    c.item if items else "",
                    c.day if days else "",
                )
                for c in charges
            )
            tuples.setdefault(wanted[row], set()).add(int(bills.charges_code[row]))
    assert len(wanted) > 50
    assert all(len(codes) == 1 for codes in tuples.values()), "charges alike have one code"
    assert len({code for codes in tuples.values() for code in codes}) == len(tuples), (
        "charges unlike have codes of their own"
    )


def cut(value: Any) -> Any:
    return tuple(sorted(value)) if isinstance(value, frozenset) else value


AMOUNTS = st.integers(0, 10**11)
LINE = st.tuples(st.booleans(), AMOUNTS, st.integers(1, 10**10 - 1), st.integers(0, 10000), st.none() | AMOUNTS)


@numba.njit
def kinds_of(how, amount, quantity, first, limit, found):
    for at in range(len(how)):
        c._add_line(found, at * KIND_COUNT, how[at], amount[at], quantity[at], first[at], limit[at])


@settings(max_examples=300, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=20))
def test_a_line_by_kind_is_that_of_the_counter(lines: list[tuple[bool, int, int, int, int | None]]) -> None:
    columns = np.array([[o, a, q, f, NONE if p is None else p] for o, a, q, f, p in lines], np.int64).T.copy()
    found = np.zeros(len(lines) * KIND_COUNT, np.int64)

    kinds_of(*columns, found)

    wanted = [part_of(Line("x", "", a, q), Scoped({}, f, p, o)).amounts for o, a, q, f, p in lines]
    assert [tuple(one) for one in found.reshape(-1, KIND_COUNT).tolist()] == wanted


CATALOGUE = """
catalogue: invented.scope
title: 自拟目录
english: invented
region: {region}
kind: scope
sources:
  page: {{title: 自拟, url: "https://example.org", trust: mirror}}
items:
  - {{code: "x1", name: 一, class: class_b, borne_first: {{by: level, primary: 5%, tertiary: 15%, else: 10%}}, from: 2019-01-01, until: 2022-12-31, cite: page, quote: 一, quoted_from: page, status: secondary}}
  - {{code: "x1", name: 一, class: class_b, borne_first: {{by: age, "<18": 1%, "18-59": 2%, else: 3%}}, price_limit: {{by: item_kind, drug: 10, else: 12.34}}, from: 2023-01-01, cite: page, quote: 一, quoted_from: page, status: secondary}}
  - {{code: "x2", name: 二, class: class_a, item_kind: drug, price_limit: 0.01, from: 2021-06-01, cite: page, quote: 二, quoted_from: page, status: secondary}}
  - {{code: "x3", name: 三, class: class_b, from: 2019-01-01, cite: page, quote: 三, quoted_from: page, status: secondary}}
  - {{code: "x4", name: 四, class: class_c, from: 2019-01-01, until: 2024-06-30, cite: page, quote: 四, quoted_from: page, status: secondary}}
"""


@pytest.mark.parametrize("region", ["cn", "beijing"])
def test_catalogues_with_days_limits_and_answers(tmp_path: Path, even: Drawn, region: str) -> None:
    """What a catalogue says changes with the day, the hospital, the age and the line; what it does not say is refused, as at the counter."""
    (tmp_path / "catalogues").mkdir()
    (tmp_path / "catalogues" / "invented.scope.yaml").write_text(CATALOGUE.format(region=region), encoding="utf-8")
    library = Library(POLICIES, (INVENTED, tmp_path))
    table, lines = even
    table = table.filter(pc.is_in(table["region"].cast("string"), pa.array(["beijing", "shanghai", "nanning"])))
    table, lines = members(table, lines, 250)
    rng = np.random.default_rng(3)
    n = lines.num_rows
    code = rng.choice(["x1", "x2", "x3", "x4", "床位费", "no such code"], n, p=[0.45, 0.3, 0.03, 0.15, 0.05, 0.02])
    said = {"code": pa.array(code), "item_class": pa.array([None if m else w for m, w in zip(rng.random(n) < 0.8, lines["item_class"].to_pylist(), strict=True)]),
            "borne_first": pa.array([None if m else w for m, w in zip(rng.random(n) < 0.8, lines["borne_first"].to_pylist(), strict=True)], pa.int16())}  # fmt: skip
    for name, column in said.items():
        lines = lines.set_column(lines.column_names.index(name), name, column)
    kinds = pa.array([None if m < 0.05 else "drug" if m < 0.5 else "material" for m in rng.random(n)])

    settled, refused = compare(library, table, lines.append_column("item_kind", kinds))

    print(f"{table.num_rows} bills, {n} lines, {settled} settled, {refused} refused")
    assert settled > 100
    assert refused > 20


def test_the_order_of_lines_does_not_matter(lab: Library, even: Drawn) -> None:
    """Nor that bills are called by words."""
    table, lines = members(*even, 80)
    words = [
        t.set_column(
            t.column_names.index("bill"), "bill", pc.binary_join_element_wise("b", t["bill"].cast("string"), "-")
        )
        for t in (table, lines)
    ]
    shuffled = words[1].take(pa.array(np.random.default_rng(1).permutation(lines.num_rows)))

    batch, other = Batch(lab, OPTIONS), Batch(lab, OPTIONS)
    first = settle_table(batch, Itemised(table, lines, Scope(batch)), WANTS)
    second = settle_table(other, Itemised(words[0], shuffled, Scope(other)), WANTS)

    for name in ("billed", "member_pays", "cash", "tiers", "kinds"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name


def test_blocks_are_the_whole(lab: Library, even: Drawn, tmp_path: Path) -> None:
    """A file of lines read block by block, by what a scope has learnt from the blocks before."""
    table, lines = members(*even, 200)
    pq.write_table(lines, tmp_path / "lines.parquet", row_group_size=100, compression="lz4")
    batch, other = Batch(lab, OPTIONS), Batch(lab, OPTIONS)
    whole = settle_table(batch, Itemised(table, lines, Scope(batch)), WANTS)
    file, scope = LineFile(tmp_path / "lines.parquet"), Scope(other)
    member = table["member"].to_numpy()
    cuts = [int(np.searchsorted(member, member[at])) for at in (0, len(member) // 3, len(member) * 2 // 3)]

    after, read, pays = None, 0, []
    for first, last in zip(cuts, [*cuts[1:], table.num_rows], strict=True):
        block = table.slice(first, last - first)
        upto = block["bill"][-1].as_py() if last < table.num_rows else None
        some, row = file.between(after, upto)
        bills = Itemised(block, some, scope, first, row)
        assert (row, bills.strays) == (read, [])
        after, read = upto, read + some.num_rows
        pays.append(settle_table(other, bills, WANTS).member_pays)

    assert read == lines.num_rows
    assert np.array_equal(np.concatenate(pays), whole.member_pays)


def test_years_end_on_itemised_bills(lab: Library, real: Drawn) -> None:
    """What the lines of a year left to the member is what its last layers see."""
    table, lines = real
    table = table.filter(pc.equal(table["region"].cast("string"), "true-up"))
    lines = lines.filter(pc.is_in(lines["bill"], table["bill"].combine_chunks()))

    settled, refused = compare(lab, table, lines)

    assert pc.sum(table["year_end"]).as_py() > 20
    assert settled > 5 * refused
