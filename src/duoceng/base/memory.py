"""Memory that a process gives back to the system, or keeps.

A process that settles one table of millions of bills after the other needs the same gigabyte again and again. glibc gives each large
array back to the system when it is freed, and the system hands out pages that it has to clear first: that took a sixth of the time.
"""

import ctypes

TRIM, MAPPED = (
    -1,
    -4,
)  # of mallopt: bytes free at the end before they are given back; how many arrays may be mapped on their own
MOST = 2**31 - 1


def keep() -> bool:
    """Keep what is freed for what comes next. False where the system's library does not know how: then it is only slower."""
    try:
        ask = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(ask(MAPPED, 0)) and bool(ask(TRIM, MOST))
