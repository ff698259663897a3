"""The kernel compiled by numba from the source that the counter runs. Importing this module imports numba (over a second).

Compiled code sees the arrays as bare memory (`pointer`): no reference counts, no wrapped indices; that is a factor of
ten. Nothing is compiled again for another policy: policies are rows of numbers.
"""

from collections.abc import Callable
from typing import Any

import numba
from numba import types
from numba.extending import intrinsic, register_jitable
from numba.np.arrayobj import make_array

from duoceng.kernel import layer, mark

BARE = {"forceinline": True, "_nrt": False}  # no allocation inside, so nothing to count


@intrinsic
def pointer(typing_context: Any, array: Any) -> Any:
    """The memory of an array. The caller keeps the array alive, and every index inside it."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), codegen


for _function in mark.MARKED:
    register_jitable(**BARE)(_function)
pay_plan: Callable[..., None] = layer.pay_plan


@numba.njit(_nrt=False)
def pay_plan_on_arrays(terms, rows, first, last, sees, left, billed, facts, counters, paid, trail, on, keep):
    """`kernel.layer.pay_plan`, on arrays of int64."""
    pay_plan(pointer(terms), pointer(rows), first, last, pointer(sees), pointer(left), pointer(billed), pointer(facts),
             pointer(counters), pointer(paid), pointer(trail), on, keep)  # fmt: skip
