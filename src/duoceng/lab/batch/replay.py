"""Any bill of a file, explained: that member's bills alone, settled by the counter's own trip in the order of the file."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.desk.trip import settle_bill
from duoceng.desk.year import Year, year_end_bill
from duoceng.engine.settle import added
from duoceng.lab.batch.columns import ColumnMistake, Columns, Dictionary
from duoceng.lab.batch.line_file import LineFile
from duoceng.lab.batch.lines import Itemised, Scope
from duoceng.lab.batch.output import rows_of
from duoceng.lab.batch.plans import Batch
from duoceng.policy.library import Library
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Member
from duoceng.records.settlement import Settlement


@dataclass(frozen=True)
class Wanted:
    """Which bill of which file; `member` where several have a bill of that id; `years_in` and `lines` as the batch was given them.

    `name`: what the file is called, where it was another before.
    """

    path: str
    bill: str
    member: str = ""
    years_in: str = ""
    lines: str = ""
    name: str = ""


@dataclass(frozen=True)
class Replayed:
    """The bill's settlement, and how many bills of the member stood before it and were refused."""

    member: Member
    bill: Bill
    year: Year
    refused: int


def replay(library: Library, wanted: Wanted, options: Options) -> Replayed:
    """Settle a member's bills up to the one that is wanted. Raises Refused where it is not there, or cannot be settled."""
    table, first_row, member = rows_of_member(wanted)
    try:
        bills = bills_of(library, wanted, options, table, first_row)
    except ColumnMistake as mistake:
        repair = "see the page of bill tables for the columns there are"
        raise refuse("B042", Place(wanted.name or wanted.path, 0), str(mistake), "", repair) from None
    sums, before, refused = brought(wanted, member), list[Settlement](), 0
    for row in range(bills.n):
        here = str(table["bill"][row].as_py()) == wanted.bill
        if fault := bills.faults.get(row):
            if here:
                repair = "name the file of its lines with --lines" if fault.code == "B015" and not wanted.lines else ""
                what = f"`{fault.field}`: {fault.reason}"
                raise refuse(
                    fault.code,
                    Place(f"{wanted.name or wanted.path} row {rows_of(bills, np.array([row]))[0]}", 0),
                    what,
                    "",
                    repair,
                )
            refused += 1
            continue
        person, bill = bills.member_of(row), bills.bill_of(row)
        if bill.year_end:
            bill = year_end_bill(bill, tuple(before))
        try:
            settled = settle_bill(library, person, bill, sums, options)
        except Refused:
            if here:
                raise
            refused += 1
            continue
        before.append(settled)
        sums = added(sums, settled.changes)
        if here:
            return Replayed(person, bill, Year((settled,), sums), refused)
    raise AssertionError("the bill was found a moment ago")


def bills_of(library: Library, wanted: Wanted, options: Options, table: pa.Table, first_row: int) -> Columns:
    """The bills of one member, and their lines where there is a file of lines."""
    if not wanted.lines:
        return Columns(table, Dictionary(library), first_row)
    numbers = table["bill"]
    if not pa.types.is_integer(numbers.type):
        raise ColumnMistake("bill", str(numbers.type), "lines in a file of their own stand by whole numbers of bills")
    ends = pc.min_max(numbers).as_py()
    lines, first_line = LineFile(wanted.lines).between(ends["min"] - 1, ends["max"])
    return Itemised(table, lines, Scope(Batch(library, options)), first_row, first_line)


def rows_of_member(wanted: Wanted) -> tuple[pa.Table, int, object]:
    """The rows of the member whose bill is wanted, where they begin, and the member. Raises Refused."""
    file = pq.ParquetFile(wanted.path)
    found: dict[object, int] = {}
    for group in range(file.num_row_groups):
        ids = file.read_row_group(group, columns=["member", "bill"])
        hit = pc.equal(ids["bill"].cast(pa.string()), wanted.bill)
        if wanted.member:
            hit = pc.and_(hit, pc.equal(ids["member"].cast(pa.string()), wanted.member))
        for member in ids["member"].filter(hit).to_pylist():
            found.setdefault(member, group)
    if not found:
        raise refuse(
            "B057",
            Place(wanted.name or wanted.path, 0),
            f"there is no bill `{wanted.bill}` here",
            "",
            "check its number",
        )
    if len(found) > 1:
        some = ", ".join(str(m) for m in list(found)[:5])
        raise refuse(
            "B058",
            Place(wanted.name or wanted.path, 0),
            f"several members have a bill `{wanted.bill}`: {some}",
            "",
            "name one with --member",
        )
    [(member, group)] = found.items()
    first, row = group, sum(file.metadata.row_group(g).num_rows for g in range(group))
    pieces = [file.read_row_group(group)]
    while first > 0 and pieces[0]["member"][0].as_py() == member:
        first -= 1
        row -= file.metadata.row_group(first).num_rows
        pieces.insert(0, file.read_row_group(first))
    while group + 1 < file.num_row_groups and pieces[-1]["member"][-1].as_py() == member:
        group += 1
        pieces.append(file.read_row_group(group))
    table = pa.concat_tables(pieces)
    ours = pc.equal(table["member"], member).combine_chunks().to_numpy(zero_copy_only=False)
    at = int(np.argmax(ours))
    return table.filter(pa.array(ours)).combine_chunks(), row + at, member


def brought(wanted: Wanted, member: object) -> dict[str, int]:
    """The running sums the member brings."""
    if not wanted.years_in:
        return {}
    table = pq.read_table(wanted.years_in, filters=pc.field("member") == member)
    return dict(zip(table["sum"].to_pylist(), table["amount"].to_pylist(), strict=True))
