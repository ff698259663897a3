"""Tests as tables: one row, one case, one reason. Columns are parted by two spaces or more; the first names the case."""

import re


def table(text: str) -> list[tuple[str, ...]]:
    """The rows of a table, without its head."""
    rows = [re.split(r"\s{2,}", line.strip()) for line in text.strip().splitlines()]
    head = len(rows[0])
    assert all(len(row) == head for row in rows), [row for row in rows if len(row) != head]
    return [tuple(row) for row in rows[1:]]
