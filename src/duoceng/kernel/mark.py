"""Mark a function that the batch may compile; called from Python it stays Python.

numba takes over a second to import, so nothing here imports it: the functions are only noted. Who wants them compiled
(`engine.batch`) registers them with numba; the counter never does.
"""

from collections.abc import Callable
from typing import Any

MARKED: list[Callable[..., Any]] = []


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Note the function and leave it as it is."""
    MARKED.append(function)
    return function
