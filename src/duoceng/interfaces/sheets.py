"""The rows of the tables that offices keep, as text: CSV in UTF-8 or as Chinese Excel saves it, workbooks, and what is pasted."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime


def rows_of(name: str, raw: bytes) -> Iterator[list[str]]:
    """The rows of a file by its name: a workbook's first sheet, or text between commas."""
    return xlsx_rows(raw) if name.lower().endswith(".xlsx") else csv_rows(text_of(raw))


def text_of(raw: bytes) -> str:
    """Text in UTF-8, or in the encoding of Chinese Windows."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def csv_rows(text: str) -> Iterator[list[str]]:
    """Rows of text between commas, or between tabs where there are tabs (what is copied out of a workbook)."""
    first = text.partition("\n")[0]
    yield from csv.reader(io.StringIO(text), delimiter="\t" if "\t" in first else ",")


def xlsx_rows(raw: bytes) -> Iterator[list[str]]:
    """Rows of the first sheet of a workbook."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    for row in book.worksheets[0].iter_rows(values_only=True):
        yield [_text(cell) for cell in row]
    book.close()


def _text(cell: object) -> str:
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()[:10]
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.10g}"
    return "" if cell is None else str(cell).strip()


def iso(written: str) -> str:
    """2025/3/1, 2025-3-1, 2025年3月1日 and 20250301 as 2025-03-01."""
    plain = (
        written.split(" ")[0]
        .replace("年", "-")
        .replace("月", "-")
        .replace("日", "")
        .replace("/", "-")
        .replace(".", "-")
    )
    if plain.isdecimal() and len(plain) == 8:
        return f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    return "-".join(part.zfill(2) for part in plain.split("-"))
