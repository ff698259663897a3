"""The compiled loops that read columns as Arrow keeps them: narrow numbers, bits, numbers of words, and which rows say nothing.

A column that says something of most rows becomes one int64 for each; one that says something of few, those rows and their numbers.
"""

from numba import types
from numba.extending import intrinsic

from duoceng.engine.batch.compiled import NONE, compiled, inner, ints_at, memory_at, memory_of, pointer

BITS = 0  # the width of yes and no, eight of them in a byte


bytes_at, shorts_at, flags_at = memory_of(types.int8), memory_of(types.int16), memory_of(types.uint8)


@inner
def bit_at(address, row):
    """One of eight in a byte."""
    return (flags_at(address)[row >> 3] >> (row & 7)) & 1


@inner
def number_at(address, width, row):
    """A number of so many bytes."""
    if width == 1:
        return types.int64(bytes_at(address)[row])
    if width == 4:
        return types.int64(ints_at(address)[row])
    if width == 2:
        return types.int64(shorts_at(address)[row])
    if width == 8:
        return memory_at(address)[row]
    return types.int64(bit_at(address, row))


@inner
def _all_given(address, width, first, numbers, words, add, out):
    """`read_all` where every row says something. Called with a width that is known when it is compiled."""
    found, low, high, table = pointer(out), 2**62, NONE, pointer(words)
    if len(words) == 0:
        for row in range(numbers):
            number = number_at(address, width, first + row) + add
            found[row] = number
            low, high = min(low, number), max(high, number)
    else:
        for row in range(numbers):
            number = table[number_at(address, width, first + row)]
            found[row] = number
            low, high = min(low, number), max(high, number)
    return low, high


@compiled
def read_all(address, width, said, first, numbers, words, add, out):
    """A number for each row from `first` on: what stands there, through the table `words` if there is one, and `add` more.

    `said`: the address of the bits of rows that say something; 0 where all do. Returns least and greatest of what is said.
    """
    if said == 0 and width == 1:
        return _all_given(address, 1, first, numbers, words, add, out)
    if said == 0 and width == 4:
        return _all_given(address, 4, first, numbers, words, add, out)
    if said == 0:
        return _all_given(address, width, first, numbers, words, add, out)
    found, low, high = pointer(out), 2**62, NONE
    through, table = len(words) > 0, pointer(words)
    for row in range(numbers):
        if bit_at(said, first + row) == 0:
            found[row] = NONE
            continue
        number = number_at(address, width, first + row)
        number = table[number] if through else number + add
        found[row] = number
        low = min(low, number)
        high = max(high, number)
    return low, high


@intrinsic
def lowest(typing_context, bits):
    """Where the lowest bit stands that is set; there must be one."""

    def codegen(context, builder, signature, arguments):
        return builder.cttz(arguments[0], context.get_constant(types.boolean, True))

    return types.int64(types.int64), codegen


@inner
def bits_from(said, at, count):
    """Up to 64 rows that say something or not, as bits: those from a multiple of eight on. Never looks beyond the last row's byte."""
    if count >= 64:
        return memory_at(said + (at >> 3))[0]
    bits = types.int64(0)
    for byte in range((count + 7) >> 3):
        bits |= types.int64(flags_at(said)[(at >> 3) + byte]) << (byte * 8)
    return bits & ((types.int64(1) << count) - 1)


@compiled
def read_few(address, width, said, first, numbers, words, add, rows, out):
    """The rows that say something, and what. `rows` and `out` are as long as there are such rows. Returns least and greatest."""
    found, known, on = pointer(out), pointer(rows), 0
    through, table = len(words) > 0, pointer(words)
    low, high, last = 2**62, NONE, first + numbers
    at = first & ~7
    while at < last:
        bits = bits_from(said, at, min(last - at, 64))
        if at < first:
            bits &= ~((types.int64(1) << (first - at)) - 1)
        while bits != 0:
            here = at + lowest(bits)
            bits &= bits - 1
            number = number_at(address, width, here)
            number = table[number] if through else number + add
            known[on] = here - first
            found[on] = number
            low = min(low, number)
            high = max(high, number)
            on += 1
        at += 64
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


@compiled
def add_up(columns, out):
    """What each row of some columns comes to."""
    addresses, found = pointer(columns), pointer(out)
    for row in range(len(out)):
        total = 0
        for column in range(len(columns)):
            total += memory_at(addresses[column])[row]
        found[row] = total
