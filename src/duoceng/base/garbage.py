"""How often Python looks for cycles of garbage, in a process that settles all day.

The documents are a million objects that stay, and a settled bill leaves no cycles behind: what it needed is gone when the last name
for it is. Python's own pace walks through all documents again and again; that took a twentieth of the desk's time.
"""

import gc

PACE = (
    20_000,
    50,
    1_000,
)  # new objects before the youngest are looked through, and how often that before the older ones are


def seldom() -> None:
    """Look for cycles less often, from now on."""
    gc.set_threshold(*PACE)
