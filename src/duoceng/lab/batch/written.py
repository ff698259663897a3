"""How tables are written to Parquet."""

from typing import Any

import numpy as np
import pyarrow as pa

SOME = 1 << 12  # rows that are looked at to tell how a column is best written
FEW = 4  # a column is mostly nothing where fewer than one in so many rows say anything


def how_written(table: pa.Table) -> dict[str, Any]:
    """How a table is written: words by dictionary; numbers by their differences, which halves amounts; as they are where most are nothing.

    Without Arrow's own schema beside it: words are words to whoever reads, not numbers of a dictionary that differs from part to part.
    """
    words = [f.name for f in table.schema if pa.types.is_dictionary(f.type) or pa.types.is_string(f.type)]
    numbers = [f.name for f in table.schema if f.type in (pa.int32(), pa.int64())]
    encoded = {name: "PLAIN" if mostly_nothing(table.column(name)) else "DELTA_BINARY_PACKED" for name in numbers}
    return {"use_dictionary": words, "column_encoding": encoded, "compression": "lz4", "data_page_size": 1 << 20,
            "max_rows_per_page": 1 << 17, "write_batch_size": 1 << 14, "write_statistics": ["member", "bill", "row"],
            "store_schema": False}  # fmt: skip


def mostly_nothing(numbers: pa.ChunkedArray) -> bool:
    """Is nearly every number nothing? Looks at some."""
    some = numbers.chunk(0)[:: max(len(numbers.chunk(0)) // SOME, 1)] if numbers.num_chunks else ()
    return int(np.count_nonzero(np.asarray(some))) * FEW < len(some)
