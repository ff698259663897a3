"""Itemised bills by the million are settled as the counter settles them: to the fen, to every step of the trail, to every running sum."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
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
from duoceng.base.mistakes import Refused
from duoceng.desk.trip import charges_for, grouping_for, settle_bill
from duoceng.engine.batch import lines_compiled as c
from duoceng.engine.scope import Grouping, _part
from duoceng.engine.settle import added
from duoceng.kernel.columns import KIND_COUNT, KINDS
from duoceng.lab.batch import groups
from duoceng.lab.batch.columns import NONE
from duoceng.lab.batch.falls import why
from duoceng.lab.batch.line_file import NO_BILL, LineFile, strays_table
from duoceng.lab.batch.lines import Itemised, Scope
from duoceng.lab.batch.output import years_table
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import Settled, Wants, settle_table
from duoceng.lab.drawing import lines as drawing
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Line, Member, Part, Scoped
from lab.rows import case_of, line_of

OPTIONS = Options(allow_unverified=True)
WANTS = Wants(kinds=True, layers=True, trail=True, years=True)


@pytest.fixture(scope="module")
def lab() -> Library:
    return new_library()


Drawn = tuple[pa.Table, pa.Table]


@pytest.fixture(scope="module")
def even(lab: Library) -> Drawn:
    return drawn(lab, "even", 65536, 0.8)


@pytest.fixture(scope="module")
def real(lab: Library) -> Drawn:
    return drawn(lab, "real", 65536, 0.8)


def drawn(library: Library, spread: str, bills: int, share: float) -> Drawn:
    """Bills, this share of them with lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "SHARE", share)
        table, lines = maker_of(library, population_of(library), Wanted(bills, 11, spread, lines=True)).group(0)
    assert lines is not None
    return table, lines


def cases(library: Library, table: pa.Table, lines: pa.Table) -> Iterator[tuple[Member, Bill]]:
    """The bills as the counter would get them."""
    of_bill: dict[Any, list[Line]] = {}
    for bill_id, line in case_lines(library, lines):
        of_bill.setdefault(bill_id, []).append(line)
    for row in table.to_pylist():
        member, bill = case_of(row, library.vocabulary, tuple(of_bill.get(row["bill"], ())))
        if bill.parts:  # money of its own: what the row says of lines is said of it
            own = {a: v for a, v in bill.attributes.items() if library.vocabulary[a].of == "line"}
            rest = {a: v for a, v in bill.attributes.items() if a not in own}
            bill = replace(bill, attributes=rest, parts=(Part(bill.parts[0].amounts, own),))
        yield member, bill


def compare(library: Library, table: pa.Table, lines: pa.Table, options: Options = OPTIONS) -> tuple[int, int]:
    """Settle in the batch and at the counter; how many were settled and refused."""
    batch = Batch(library, options)
    bills = Itemised(table, lines, Scope(batch))
    found = settle_table(batch, bills, WANTS)
    years = years_table(batch, bills, found, None).to_pylist()
    rejects = {r.row: r for r in found.rejects}
    sums: dict[str, dict[str, int]] = {}
    settled = 0
    for row, (member, bill) in enumerate(cases(library, table, lines)):
        year = sums.setdefault(member.id, {})
        if bill.year_end:
            continue
        try:
            at_counter = settle_bill(library, member, bill, year, options)
        except Refused as refused:
            assert row in rejects, (row, refused)
            assert masked(rejects[row].reason) == masked(why(refused)[1]), row
            continue
        assert row not in rejects, rejects[row]
        sums[member.id] = added(year, at_counter.changes)
        settled += 1
        same(found, row, at_counter)
    brought = {(str(y["member"]), y["sum"]): y["amount"] for y in years}
    assert brought == {(m, name): amount for m, year in sums.items() for name, amount in year.items()}
    return settled, len(rejects)


def masked(words: str) -> str:
    """Why a bill is refused, without its day: bills refused alike share the words of the first."""
    return re.sub(r"\d{4}-\d\d-\d\d", "DAY", words)


def same(found: Settled, row: int, settled: Any) -> None:
    """One bill, in all that came of it."""
    assert (found.billed[row], found.member_pays[row], found.cash[row]) == (
        settled.billed,
        settled.member_pays,
        settled.cash,
    ), row
    tiers = dict.fromkeys(TIERS, 0)
    for layer, paid in zip(settled.plan.layers, settled.paid, strict=True):
        tiers[layer.tier] += paid if layer.policy != "settled before" else 0
    assert found.tiers[:, row].tolist() == list(tiers.values()), row
    assert dict(zip(KINDS, found.kinds[:, row].tolist(), strict=True)) == settled.self_pay, row
    first, last = np.searchsorted(found.trail_of[:, 0], (row, row + 1))
    assert [tuple(step) for step in found.trail[first:last].tolist()] == list(settled.trails), row


def members(table: pa.Table, lines: pa.Table, count: int) -> tuple[pa.Table, pa.Table]:
    """The bills of members taken evenly from a table, without the years' ends, and their lines."""
    ids = table["member"].unique()
    some = ids.take(pa.array(np.linspace(0, len(ids) - 1, count).astype(int)))
    kept = table.filter(pc.is_in(table["member"], some))
    kept = kept.filter(pc.invert(kept["year_end"]))
    return kept, lines.filter(pc.is_in(lines["bill"], kept["bill"].combine_chunks()))


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


def answered(library: Library, lines: pa.Table, seed: int = 5) -> pa.Table:
    """The same lines, answering every question of a line themselves, or not."""
    rng = np.random.default_rng(seed)
    said = {"choice": lambda a: list(a.values), "set": lambda a: ["", "cn.commercial-innovative-drugs", "a+b"],
            "yes_no": lambda a: [True, False], "number": lambda a: [0, 1, 3], "money": lambda a: [499999, 500000, 500001]}  # fmt: skip
    for name, attribute in library.vocabulary.items():
        if attribute.of == "line" and attribute.type in said and name != "item_class":
            values = [*said[attribute.type](attribute), *([None] if name == "unit_price" else [])]
            column = pa.array([values[n] for n in rng.integers(0, len(values), lines.num_rows)])
            lines = lines.append_column(name, column)
    return lines


def case_lines(library: Library, lines: pa.Table) -> Iterator[tuple[Any, Line]]:
    for row in lines.to_pylist():
        line = line_of(row)
        said = {n: row[n] for n in row if n in library.vocabulary and row[n] is not None}
        said = {
            n: frozenset(v for v in w.split("+") if v) if library.vocabulary[n].type == "set" else w
            for n, w in said.items()
        }
        price = (2 * line.amount * 1000 + line.quantity) // (2 * line.quantity)
        yield row["bill"], replace(line, attributes={"unit_price": price, **said})


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

    wanted = [_part(Line("x", "", a, q), Scoped({}, f, p, o)).amounts for o, a, q, f, p in lines]
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


BILL = {"member": 1, "bill": 1, "region": "beijing", "discharged": date(2024, 5, 1), "admitted": None, "settled": None, "products": "", "scheme": "employee",
        "status": "active", "aid": "none", "care": "inpatient", "level": "tertiary", "age": 40, "year_end": None}  # fmt: skip
LINE_ = {
    "bill": 1,
    "code": "a",
    "name": "甲",
    "amount": 100,
    "quantity": 1000,
    "day": None,
    "item_class": "class_a",
    "borne_first": None,
    "price_limit": None,
}
WRONG = [
    ("nothing is wrong", {}, None),
    ("an unknown code", {"item_class": None}, ("code", "B016")),
    ("class B without a first share", {"item_class": "class_b"}, ("code", "B021")),
    ("class B with one", {"item_class": "class_b", "borne_first": 0}, None),
    ("no code", {"code": None}, ("code", "B001")),
    ("no amount", {"amount": None}, ("amount", "B001")),
    ("less than nothing", {"amount": -1}, ("amount", "B012")),
    ("too much", {"amount": 10**11 + 1}, ("amount", "B004")),
    ("no quantity is one", {"quantity": None}, None),
    ("a quantity of nothing", {"quantity": 0}, ("quantity", "B009")),
    ("more borne first than there is", {"borne_first": 10001}, ("borne_first", "B009")),
    ("a limit below nothing", {"price_limit": -1}, ("price_limit", "B012")),
    ("a class that is none", {"item_class": "class_d"}, ("item_class", "B009")),
    ("a day before there were rules", {"day": date(1979, 12, 31)}, ("day", "B013")),
]


def small(bills: list[dict[str, Any]], lines: list[dict[str, Any]]) -> tuple[pa.Table, pa.Table]:
    schema = pa.schema([("bill", pa.int64()), ("code", pa.string()), ("name", pa.string()), ("amount", pa.int64()), ("quantity", pa.int64()), ("day", pa.date32()),
                        ("item_class", pa.string()), ("borne_first", pa.int64()), ("price_limit", pa.int64())])  # fmt: skip
    rows = [{**BILL, "in_scope": None, "outside_scope": None, **bill} for bill in bills]
    types = {
        "in_scope": pa.int64(),
        "outside_scope": pa.int64(),
        "admitted": pa.date32(),
        "settled": pa.date32(),
        "year_end": pa.bool_(),
    }
    table = pa.table({name: pa.array([row[name] for row in rows], types.get(name)) for name in rows[0]})
    return table, pa.Table.from_pylist([{**LINE_, **line} for line in lines], schema)


@pytest.mark.parametrize("change, told", [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_line_that_cannot_be_scoped_rejects_its_bill(
    lab: Library, change: dict[str, Any], told: tuple[str, str] | None
) -> None:
    """The bill is named with its row, the field and the reason; the bills beside it are settled."""
    table, lines = small(
        [{}, {"bill": 2}, {"bill": 3}],
        [{"amount": 70000}, {"bill": 2}, {"bill": 2, **change}, {"bill": 3, "amount": 50000}],
    )
    batch = Batch(lab, OPTIONS)

    found = settle_table(batch, Itemised(table, lines, Scope(batch), first_row=1000), WANTS)

    assert [(r.row, r.field, r.code) for r in found.rejects] == ([(1001, *told)] if told else [])
    assert found.billed[[0, 2]].tolist() == [70000, 50000]


NEITHER = [
    ("both", {"in_scope": 5}, [{}], ("amounts", "B015")),
    ("nothing of its own, but said", {"in_scope": 0}, [{}], None),
    ("neither", {}, [], ("amounts", "B015")),
    ("a year's end", {"year_end": True}, [], None),
    ("a year's end with lines", {"year_end": True}, [{}], ("year_end", "B015")),
    ("more than a bill can be", {}, [{"amount": 10**11}, {"amount": 1}], ("amount", "B004")),
]


@pytest.mark.parametrize("change, lines, told", [row[1:] for row in NEITHER], ids=[row[0] for row in NEITHER])
def test_a_bill_has_lines_or_amounts(
    lab: Library, change: dict[str, Any], lines: list[dict[str, Any]], told: tuple[str, str] | None
) -> None:
    batch = Batch(lab, OPTIONS)

    bills = Itemised(*small([change], lines), Scope(batch))

    assert [(r.field, r.code) for r in bills.faults.values()] == ([told] if told else [])


def test_lines_whose_bill_is_not_there_are_told(lab: Library) -> None:
    """Counts add up: lines of bills, and lines of none."""
    batch = Batch(lab, OPTIONS)
    table, lines = small(
        [{}, {"bill": 5}], [{"bill": 0}, {}, {"bill": 3}, {"bill": 3}, {"bill": 5}, {"bill": None}, {"bill": 9}]
    )

    bills = Itemised(table, lines, Scope(batch), first_line=100)

    assert strays_table(bills.strays).to_pylist() == [
        {"row": row, "bill": bill, "lines": n, "field": "bill", "code": "B026", "reason": NO_BILL}
        for row, bill, n in ((100, "0", 1), (102, "3", 2), (105, "None", 1), (106, "9", 1))
    ]
    assert sum(s.lines for s in bills.strays) + bills.lines.n == lines.num_rows
    assert settle_table(batch, bills).billed.tolist() == [100, 100]


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


def test_a_bill_of_three_hundred_lines(lab: Library) -> None:
    """With a limit for each item, every item is a charge of its own."""
    held = {"products": "shanghai.huhuibao.2021", "region": "shanghai"}
    lines = [
        {
            "code": f"c{n * 7 % 300:03d}",
            "amount": 1000 + n,
            "item_class": ("class_a", "class_c")[n % 2],
            "day": date(2024, 4, 1 + n % 30),
        }
        for n in range(300)
    ]
    table, itemised = small([held, {**held, "bill": 2}], [*lines, *({**line, "bill": 2} for line in reversed(lines))])
    itemised = itemised.append_column("item_kind", pa.array(["drug"] * 600))
    batch = Batch(lab, OPTIONS)

    bills = Itemised(table, itemised, Scope(batch))

    assert len(bills.charges) // KIND_COUNT == 600
    assert bills.charges_code[0] == bills.charges_code[1]
    assert bills.charges.reshape(2, -1)[0].tolist() == bills.charges.reshape(2, -1)[1].tolist()
    compare(lab, table, itemised)


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
