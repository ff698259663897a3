"""Mark a function that the batch may compile; called from Python it stays Python.

numba takes over a second to import, so it is used only where somebody has imported it already: the batch does,
the counter does not.
"""

import sys
from collections.abc import Callable
from typing import Any

kernel: Callable[..., Any]

if "numba" in sys.modules:
    from numba.extending import register_jitable as kernel
else:

    def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
        """Leave the function as it is."""
        return function
