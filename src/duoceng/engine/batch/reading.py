"""The compiled loops that read columns as Arrow keeps them: narrow numbers, bits, numbers of words, and which rows say nothing.

A column that says something of most rows becomes one int64 for each; one that says something of few, those rows and their numbers.
"""

from numba import types
from numba.extending import intrinsic

from duoceng.engine.batch.compiled import NONE, compiled, inner, memory_at, pointer

BITS = 0  # the width of yes and no, eight of them in a byte


def _memory_of(kind):
    @intrinsic
    def memory(typing_context, address):
        def codegen(context, builder, signature, arguments):
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return types.CPointer(kind)(types.int64), codegen

    return memory


_bytes_at, _shorts_at, _ints_at = _memory_of(types.int8), _memory_of(types.int16), _memory_of(types.int32)
_flags_at = _memory_of(types.uint8)


@inner
def _bit(address, row):
    """One of eight in a byte."""
    return (_flags_at(address)[row >> 3] >> (row & 7)) & 1


@inner
def _number(address, width, row):
    """A number of so many bytes."""
    if width == 1:
        return types.int64(_bytes_at(address)[row])
    if width == 4:
        return types.int64(_ints_at(address)[row])
    if width == 2:
        return types.int64(_shorts_at(address)[row])
    if width == 8:
        return memory_at(address)[row]
    return types.int64(_bit(address, row))


@compiled
def read_all(address, width, said, first, numbers, words, add, out):
    """A number for each row from `first` on: what stands there, through the table `words` if there is one, and `add` more.

    `said`: the address of the bits of rows that say something; 0 where all do. Returns least and greatest of what is said.
    """
    found, low, high = pointer(out), 2**62, NONE
    through, table = len(words) > 0, pointer(words)
    for row in range(numbers):
        if said != 0 and _bit(said, first + row) == 0:
            found[row] = NONE
            continue
        number = _number(address, width, first + row)
        number = table[number] if through else number + add
        found[row] = number
        low = min(low, number)
        high = max(high, number)
    return low, high


@compiled
def read_few(address, width, said, first, numbers, words, add, rows, out):
    """The rows that say something, and what. `rows` and `out` are as long as there are such rows. Returns least and greatest."""
    found, at, on = pointer(out), pointer(rows), 0
    through, table = len(words) > 0, pointer(words)
    row, low, high = 0, 2**62, NONE
    while row < numbers:
        here = first + row
        if here & 7 == 0 and row + 8 <= numbers and _flags_at(said)[here >> 3] == 0:
            row += 8
            if here & 63 == 0:
                while row + 64 <= numbers and memory_at(said)[(first + row) >> 6] == 0 and (first + row) & 63 == 0:
                    row += 64
            continue
        if _bit(said, here):
            number = _number(address, width, here)
            number = table[number] if through else number + add
            at[on] = row
            found[on] = number
            low = min(low, number)
            high = max(high, number)
            on += 1
        row += 1
    return low, high


@compiled
def numbers_of_keys(columns, wides, table, out, row, last, unknown):
    """One number for the answers of each row, looked up in a table of all that there can be. Stops where the table says `unknown`."""
    addresses, wide, known, found = pointer(columns), pointer(wides), pointer(table), pointer(out)
    while row < last:
        key = 0
        for column in range(len(columns)):
            answer = memory_at(addresses[column])[row]
            key = key * wide[column] + (0 if answer == NONE else answer + 1)
        if known[key] == unknown:
            return row
        found[row] = known[key]
        row += 1
    return row
