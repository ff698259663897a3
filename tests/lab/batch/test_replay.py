"""A bill of a batch, explained: the statement's figures are those the batch wrote."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from duoceng.base.mistakes import Refused
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.lines import Itemised, Scope
from duoceng.lab.batch.output import tables_of
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.replay import Wanted as Bill
from duoceng.lab.batch.replay import replay
from duoceng.lab.batch.run import settle_table
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of, write_bills
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options
from lab.batch.itemised import drawn

OPTIONS = Options(allow_unverified=True)


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(find_policies())


@pytest.fixture(scope="module")
def bills(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bills") / "bills.parquet"
    maker = maker_of(library, population_of(library, ""), Wanted(1000, 11, "real", 2025, ()))
    write_bills(maker, [path], lambda *_: None)
    pq.write_table(pq.read_table(path), path, row_group_size=100)
    return path


def test_the_statement_is_of_what_the_batch_paid(library: Library, bills: Path, tmp_path: Path) -> None:
    """Every fortieth bill, members in several row groups among them; from the beginning and from sums that were brought."""
    batch = Batch(library, OPTIONS)
    columns = Columns(pq.read_table(bills), batch.dictionary)
    tables = tables_of(batch, columns, settle_table(batch, columns, Wants(years=True)), Wants(years=True))
    rows = tables["bills"].to_pylist()[::40]

    for row in rows:
        found = replay(library, Bill(str(bills), str(row["bill"])), OPTIONS).year.settlements[0]
        assert (found.billed, found.member_pays, found.cash) == (row["billed"], row["member_pays"], row["cash"])
        assert [found.self_pay[kind] for kind in found.self_pay] == [row[f"left.{kind}"] for kind in found.self_pay]

    pq.write_table(tables["years"], tmp_path / "years.parquet")
    again = replay(library, Bill(str(bills), str(rows[0]["bill"]), "", str(tmp_path / "years.parquet")), OPTIONS)
    assert set(again.year.sums) >= {r["sum"] for r in tables["years"].to_pylist() if r["member"] == rows[0]["member"]}


def test_a_bill_that_is_not_there(library: Library, bills: Path) -> None:
    with pytest.raises(Refused) as stopped:
        replay(library, Bill(str(bills), "nobody's"), OPTIONS)

    assert [m.code for m in stopped.value.mistakes] == ["B057"]


def test_two_members_with_a_bill_of_one_id(library: Library, bills: Path, tmp_path: Path) -> None:
    table = pq.read_table(bills)
    table = table.set_column(table.column_names.index("bill"), "bill", pa.array([7] * table.num_rows))
    pq.write_table(table, tmp_path / "same.parquet")

    with pytest.raises(Refused) as stopped:
        replay(library, Bill(str(tmp_path / "same.parquet"), "7"), OPTIONS)
    whose = str(table["member"][-1].as_py())
    found = replay(library, Bill(str(tmp_path / "same.parquet"), "7", whose), OPTIONS)

    assert [m.code for m in stopped.value.mistakes] == ["B058"]
    assert found.member.id == whose


def test_the_statement_of_an_itemised_bill(library: Library, tmp_path: Path) -> None:
    """With the file of lines a bill is what the batch made of it, line by line; without it, it says no amount."""
    table, lines = drawn(library, "real", 600, 0.5)
    pq.write_table(table, tmp_path / "bills.parquet", row_group_size=100)
    pq.write_table(lines, tmp_path / "lines.parquet", row_group_size=70)
    batch = Batch(library, OPTIONS)
    columns = Itemised(table, lines, Scope(batch))
    rows = tables_of(batch, columns, settle_table(batch, columns, Wants()), Wants())["bills"].to_pylist()
    listed = set(lines["bill"].to_pylist())
    some = [row for row in rows if row["bill"] in listed][::20] + [row for row in rows if row["bill"] not in listed][
        ::60
    ]

    for row in some:
        wanted = Bill(str(tmp_path / "bills.parquet"), str(row["bill"]), lines=str(tmp_path / "lines.parquet"))
        found = replay(library, wanted, OPTIONS)
        settled = found.year.settlements[0]
        assert (settled.billed, settled.member_pays, settled.cash) == (row["billed"], row["member_pays"], row["cash"])
        assert len(found.bill.lines) == lines["bill"].to_pylist().count(row["bill"])
    assert any(row["bill"] in listed for row in some)

    with pytest.raises(Refused) as stopped:
        replay(library, Bill(str(tmp_path / "bills.parquet"), str(some[0]["bill"])), OPTIONS)
    assert [(m.code, m.repair) for m in stopped.value.mistakes] == [("B015", "name the file of its lines with --lines")]
