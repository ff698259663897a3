"""JSON without a space in it, as it is kept and as digests are taken of it: the same thing is always the same text."""

import json

compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
in_order = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode  # names of objects sorted
