"""Lines that cannot be scoped, bills with neither lines nor amounts, lines of no bill: told with row, field and reason."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from conftest import new_library
from duoceng.kernel.columns import KIND_COUNT
from duoceng.lab.batch.line_file import NO_BILL, strays_table
from duoceng.lab.batch.lines import Itemised, Scope
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.policy.library import Library
from lab.batch.itemised import OPTIONS, WANTS, compare


@pytest.fixture(scope="module")
def lab() -> Library:
    return new_library()


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

    assert [(r.row, r.field, r.code) for r in found.rejects.values()] == ([(1001, *told)] if told else [])
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
