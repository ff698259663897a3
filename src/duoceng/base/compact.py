"""JSON without a space in it, as it is kept and as digests are taken of it: the same thing is always the same text.

orjson writes it several times faster, where it is installed and where it would write the same; the rest is Python's own to write.
"""

import json
from collections.abc import Callable

try:
    import orjson
except ImportError:  # who settles a few bills from files does not need it
    orjson = None  # type: ignore[assignment]


def writer(sort_keys: bool) -> Callable[[object], str]:
    """What writes JSON; with the names of objects sorted, or as they come."""
    own = json.JSONEncoder(ensure_ascii=False, sort_keys=sort_keys, separators=(",", ":")).encode
    if orjson is None:
        return own
    fast = orjson.dumps
    as_python = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
    options = as_python | (orjson.OPT_SORT_KEYS if sort_keys else 0)

    def write(thing: object) -> str:
        try:
            return fast(thing, None, options).decode()
        except TypeError:  # numbers beyond 64 bits, records of our own: Python writes them, or refuses too
            return own(thing)

    return write


compact = writer(sort_keys=False)
in_order = writer(sort_keys=True)  # names of objects sorted
