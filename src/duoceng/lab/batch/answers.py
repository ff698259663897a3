"""What the sources of entries say of a table: an answer as it stands there, whether one is given, a number that follows from a day."""

from functools import partial
from typing import Any

import numpy as np

from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.groups import Groups, Source
from duoceng.lab.batch.reading import NONE, InMemory, Ints, Said


class Answers(InMemory):
    """What entries look at: by source, what the table says. Some sources answer every row, others a few."""

    def __init__(self, groups: Groups, bills: Columns):
        said = {number: _said(source, bills) for source, number in groups.sources.items() if _answers(source, bills)}
        super().__init__(said, len(groups.sources) + 1)


def _answers(source: Source, bills: Columns) -> bool:
    """Is there anything in this table that the source could say?"""
    if source[0] == "after" and not _there(source[2], bills):
        return False
    if source[0] in ("answer", "begun", "given", "after"):
        return _there(source[1], bills)
    if source[0] == "since":
        return _there(source[2], bills)
    return True


def _there(column: str, bills: Columns) -> bool:
    return column in bills.columns and column not in bills.empty


def _said(source: Source, bills: Columns) -> Said:
    kind, name = source[0], source[1] if len(source) > 1 else ""
    known = bills.columns.said
    if kind in ("answer", "begun"):
        return _yes(known[name]) if name == "year_end" else known[name]
    if kind == "given":
        said = known[name]
        if said.rows is None:
            return Said(bills.n, None, np.where(said.numbers != NONE, 1, NONE))
        return Said(bills.n, said.rows, np.where(said.numbers != NONE, 1, NONE))
    if kind == "after":
        rows, begun = known[name].given()
        day = known[source[2]].at(rows)
        return _of_rows(bills, rows, np.where((begun == NONE) | (day == NONE), NONE, (day >= begun).astype(np.int64)))
    if kind == "since":
        return _since(source, bills)
    return Said(
        bills.n, None, bills.day(name) if kind == "day" else bills.whole() if kind == "billed" else bills.charges_code
    )


def _yes(said: Said) -> Said:
    """The rows that say yes, where a no is as good as nothing."""
    rows = said.where(partial(np.equal, 1))
    return Said(said.n, rows, np.ones(len(rows), np.int64))


def _of_rows(bills: Columns, rows: Ints | slice, numbers: Ints) -> Said:
    return Said(bills.n, None if isinstance(rows, slice) else rows, numbers)


def _since(source: Source, bills: Columns) -> Said:
    """A number that follows from a day, where it is not given itself."""
    _, name, since, by = source
    rows, begun = bills.columns.said[since].given()
    day = bills.day({"admitted": "admission", "settled": "settlement"}.get(by, ""))[rows]
    ok = (begun != NONE) & (begun <= day) & (day != NONE)
    found = np.full(len(begun), NONE, np.int64)
    found[ok] = passed_many(bills.dictionary.vocabulary[name].unit, begun[ok], day[ok])
    return _of_rows(bills, rows, found)


def passed_many(unit: str, begun: Ints, when: Ints) -> Ints:
    """`base.day.passed` for many days at once."""
    if unit == "days":
        return when - begun
    first, second = (_parts(days) for days in (begun, when))
    months: Ints = (second[0] - first[0]) - (second[1] < first[1])
    if unit == "months":
        return months
    years: Any = second[0] // 12 - first[0] // 12
    before = (second[0] % 12 < first[0] % 12) | ((second[0] % 12 == first[0] % 12) & (second[1] < first[1]))
    found: Ints = years - before
    return found


def _parts(days: Ints) -> tuple[Ints, Ints]:
    """Month counted from year 0, and day of the month."""
    stamps = (days - 719163).astype("datetime64[D]")
    months = stamps.astype("datetime64[M]")
    return months.astype(np.int64) + 1970 * 12, (stamps - months).astype(np.int64)
