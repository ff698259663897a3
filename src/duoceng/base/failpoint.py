"""Places where a test may kill the process, by name: `DUOCENG_DIE_AT=name` or `name:5` for the fifth time it is passed.

A service must survive being killed anywhere. These are the places where it would hurt most.
"""

import os
import signal

NAMES = ("begun", "half_written", "written", "committed", "answered", "held", "helped", "posted", "delivered")
_name, _left = "", 1


def arm(place: str) -> None:
    """Die at `name`, or at `name:5`: the fifth time it is passed. Nothing: nowhere."""
    global _name, _left
    _name, _, times = place.partition(":")
    _left = int(times or 1)


def reached(name: str) -> None:
    """Die here, if this is the place."""
    global _left
    if name == _name:
        _left -= 1
        if _left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get("DUOCENG_DIE_AT", ""))
