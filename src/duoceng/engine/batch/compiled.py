"""The kernel compiled by numba from the source that the counter runs, and what its loops take: see `loop` and `coding`.

Compiled code sees the arrays as bare memory (`pointer`): no reference counts, no wrapped indices; that is a factor of
ten. Nothing is compiled again for another policy: policies are rows of numbers. Importing this module imports numba.

A member's running sums stand in `state.value`, one place for each sum, with the number of the period they are of in
`state.stamp`. A sum of another period (a bill of last year that was settled late) is set aside and found again.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic, register_jitable
from numba.np.arrayobj import make_array

from duoceng.engine.batch.cached import cache_folder
from duoceng.kernel import columns as k
from duoceng.kernel import layer, mark, plain

Array = np.ndarray[Any, np.dtype[np.int64]]
BARE = {"forceinline": True, "_nrt": False}  # no allocation inside, so nothing to count


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop when it is first called; the next process finds it on the disk."""
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, CACHE_FOLDER
    try:
        found: Callable[..., Any] = numba.njit(nogil=True, _nrt=False, cache=True)(function)
    except RuntimeError:  # nowhere to keep it: compile anew in each process
        found = numba.njit(nogil=True, _nrt=False)(function)
    numba.config.CACHE_DIR = before
    return found


def inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """A part of a loop, compiled into it."""
    found: Callable[..., Any] = register_jitable(**BARE)(function)
    return found


CACHE_FOLDER = str(cache_folder())


@intrinsic
def pointer(typing_context, array):
    """The memory of an array. The caller keeps the array alive, and every index inside it."""

    def codegen(context, builder, signature, arguments):
        return make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), codegen


def memory_of(kind: types.Type) -> Callable[[int], Any]:
    """The memory at an address, for columns that stand wherever they were read to."""

    @intrinsic
    def memory(typing_context, address):
        def codegen(context, builder, signature, arguments):
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return types.CPointer(kind)(types.int64), codegen

    found: Callable[[int], Any] = memory
    return found


memory_at, ints_at = memory_of(types.int64), memory_of(types.int32)

for _function in mark.MARKED:
    inner(_function)
pay_plan: Callable[..., None] = layer.pay_plan
pay_plainly: Callable[..., int] = plain.pay_plainly
reached: Callable[..., int] = plain.reached


NONE = -(2**62)  # no answer; a place that holds nothing
LOCALS = 1024  # places for the sums that live for one bill; the kept ones stand after them
KINDS, FACTS, TRAIL, LAYER = k.KIND_COUNT, len(k.FACTS), k.TRAIL_WIDTH, k.LAYER
HISTORY_MAX = 64  # counts of bills from here on are one cell

# A plan: where its parts stand in the tables.
(FIRST, LAST, LOCAL_COUNT, LAYER_COUNT, LAYER_AT, STAMP_AT, STAMP_END, COUNT_AT, COUNT_END, SETTLED_AT, SETTLED_END,
 CHARGE_COUNT, SUM_SET, STAMP_SET, FLAT, PERIOD_A, PERIOD_B) = range(17)  # fmt: skip
PLAN_WIDTH = 17
LANED_BIT, COUNTS_BIT = 1, 2  # of a plan in brief: its bills may go as lanes; it counts bills
# A stamp or a count: the place of a sum, and the period it must be of.
PLACE, PERIOD, NUMBER = range(3)
STAMP_WIDTH = 3
BY_NUMBER, BY_EPISODE = -1, -2  # instead of a period: the number is known, or it is the episode's
# A count of bills that decides about the plan.
DIM_AGAIN, DIM_TABLE, DIM_STRIDE = 3, 4, 5
DIM_WIDTH = 6
# What stands where a plan is expected.
UNPLANNED, ODD, FAULT, REFUSED = -1, -2, -3, -10

# Why the loop came back.
DONE, MISSED, BY_HAND, FULL, BROKEN, NEW_MEMBER = range(6)
# Single numbers of the state.
MEMBER, TOUCHED, ASIDE, TRAIL_ON, LAYERS_ON, SUMS_ON, ROW, CODE, TURNS = range(9)


class Rules(NamedTuple):
    """The plans of every kind of bill met so far, as numbers."""

    terms: Array
    rows: Array
    sees: Array
    plans: Array
    brief: Array  # of each plan: bits that say what it asks for
    homes: Array  # of each group: the number of its place
    stamps: Array
    layers: Array  # of each layer: its column among the tiers, 1 if paid in cash, its number
    signature_plans: Array
    dims_at: Array  # of each group
    dims: Array
    dim_cells: Array
    again: Array  # places of `counted.*`, by attribute that counts bills
    numbers: Array  # of each period: its number for each day
    period_day: Array  # of each period: which day decides


class State(NamedTuple):
    """One member's running sums, and the working memory of one bill."""

    value: Array
    stamp: Array
    touched: Array
    aside: Array  # place, number, value of sums set aside
    single: Array
    left: Array
    billed: Array
    facts: Array
    paid: Array
    ready: Array  # of each stamp set: the count of turns when its sums were last in their places, and the period's number then


class Bills(NamedTuple):
    """The bills of a table: members by number, three days, episode, amounts and units by column.

    Days, amounts and units are given by the addresses of their columns: nothing is copied.
    """

    member: Array
    days: Array  # addresses of discharge, admission, settlement
    day_zero: int
    day_count: int
    episode: Array  # nothing where no bill has one
    money: Array  # addresses of the columns of `money_kind`
    money_kind: Array
    units: Array  # of each unit: the address of the rows that say some (0: all rows do), that of what they say, how many rows
    unit_on: Array  # of each unit: where among its rows the last bill stood
    settled: Array
    year_end: Array  # the first day of the year that a bill ends; -2 for other bills of that member, -1 for the rest; nothing where none does
    group: Array
    signature: Array  # where its plans stand among `signature_plans`; negative: refused
    charge_at: Array  # itemised: where the charges of each bill begin
    charges: Array
    import_at: Array  # of each member: where the sums begin that it brings; one number where nobody brings any
    import_name: Array
    import_value: Array
    name_place: Array
    name_number: Array


class Out(NamedTuple):
    """What comes of a block."""

    plan: Array
    billed: Array
    member_pays: Array
    cash: Array
    tiers: Array
    kinds: Array
    layers: Array  # row, layer, paid
    trail: Array
    trail_of: Array  # row and step of each trail
    sums: Array  # member, place, number, value


# Which cell a value falls into: looked up in a table, found among edges, or the value itself.
BY_TABLE, BY_EDGE, AS_IS = range(3)
# An entry: its column where it stands for one; least and greatest answer that are told apart, and where the cell of an answer of 0 is, or
# would be; what its cell weighs in which word.
ENTRY_COLUMN, ENTRY_HOW, ENTRY_LOW, ENTRY_HIGH, ENTRY_AT, ENTRY_STRIDE, ENTRY_INTO = range(7)
ENTRY_WIDTH = 8
WORDS = 12  # most places need one


# How many signatures; where the plans of the next one will stand; where it will be kept; how many are new.
SIGNATURES, NEXT, KEPT, NEW = range(4)


class Coding(NamedTuple):
    """How the answers of each group of bills become one signature, and the signatures known so far (a hash table)."""

    word_count: Array  # of each group
    codes: Array  # of each group: how many cases of the counts that decide
    entries: Array
    cells: Array
    entry_of: np.ndarray[Any, np.dtype[np.int32]]  # by source and group: where the entry stands that looks at it
    keys: Array  # the signatures end to end: number, group, words
    found: Array  # where the signature of each slot is kept, or -1
    single: Array
