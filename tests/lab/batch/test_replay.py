"""A bill of a batch, explained: the statement's figures are those the batch wrote."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from duoceng.base.mistakes import Refused
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.output import tables_of
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.replay import Wanted as Bill
from duoceng.lab.batch.replay import replay
from duoceng.lab.batch.run import settle_table
from duoceng.lab.batch.settled import Wants
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of, write_bills
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options

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
