"""The numbers of a page of a Parquet file, in each of the ways they may be written: what `pages` says of memory holds here too.

plain        one after the other
words        runs of numbers of words, each looked up in a table
split        the first bytes of all numbers, then the second bytes, and so on
differences  the first number, then blocks: the least difference, and what each is more, in as few bits as it needs
"""

from numba import types

from duoceng.engine.batch.compiled import inner, memory_at
from duoceng.engine.batch.reading import BITS, flags_at, number_at

BROKEN = -1
WIDEST = 32  # bits of the number of a word
DIFFERENCE = 56  # bits of a difference: wider ones do not stand in eight bytes wherever they begin


@inner
def byte_at(at):
    """One byte, as a number that is not negative."""
    return types.int64(flags_at(at)[0])


@inner
def varint(at, end):
    """A number of as many bytes as it needs, and where it ends; `BROKEN` where it does not."""
    number, shift = types.int64(0), types.int64(0)
    while at < end and shift < 63:
        byte = byte_at(at)
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7
    return types.int64(0), types.int64(BROKEN)


@inner
def signed(number):
    """A number whose lowest bit says whether it is below nothing."""
    return (number >> 1) ^ -(number & 1)


@inner
def eight_at(at, end):
    """Eight bytes as one number, or as many as there are."""
    if end - at >= 8:
        return memory_at(at)[0]
    number = types.int64(0)
    for byte in range(end - at):
        number |= byte_at(at + byte) << (8 * byte)
    return number


@inner
def eights(at, groups, width, out, first):
    """Numbers of up to eight bits, eight at a time; returns the greatest."""
    mask, worst = (types.int64(1) << width) - 1, types.int64(0)
    for group in range(groups):
        eight = memory_at(at + group * width)[0]
        for one in range(8):
            word = (eight >> (one * width)) & mask
            out[first + group * 8 + one] = word
            worst = max(worst, word)
    return worst


@inner
def packed(at, end, width, out, first, last):
    """Numbers in so many bits each, from one place of `out` to another; returns the greatest."""
    mask, worst, on = (types.int64(1) << width) - 1, types.int64(0), types.int64(0)
    if 0 < width <= 8 and end - at >= 8:
        groups = min((last - first) >> 3, (end - at - 8) // width + 1)
        worst, on = eights(at, groups, width, out, first), groups * 8
    for one in range(on, last - first):
        bit = one * width
        word = (eight_at(at + (bit >> 3), end) >> (bit & 7)) & mask
        out[first + one] = word
        worst = max(worst, word)
    return worst


@inner
def words_into(at, end, table, words, out, count):
    """Runs of numbers of words, each looked up. Are they all there?"""
    if end - at < 1 or byte_at(at) > WIDEST:
        return count == 0
    width, on = byte_at(at), types.int64(0)
    at += 1
    while on < count:
        run, at = varint(at, end)
        if at == BROKEN or run < 2:
            return False
        if run & 1 == 0:
            size, upto = (width + 7) >> 3, on + min(run >> 1, count - on)
            word = eight_at(at, at + size) if size <= end - at else words
            if word >= words:
                return False
            for one in range(on, upto):
                out[one] = table[word]
        else:
            if run >> 1 > end - at and width:
                return False
            upto, size = on + min((run >> 1) * 8, count - on), (run >> 1) * width
            if size > end - at or packed(at, end, width, out, on, upto) >= words:
                return False
            for one in range(on, upto):
                out[one] = table[out[one]]
        on, at = upto, at + size
    return True


@inner
def plain_into(at, end, width, out, count):
    """Numbers one after the other. Are they all there?"""
    size = (count + 7) >> 3 if width == BITS else count * width
    if size > end - at:
        return False
    for one in range(count):
        out[one] = number_at(at, width, one)
    return True


@inner
def split_into(at, end, width, out, count):
    """Numbers of which byte stands by byte. Are they all there?"""
    if count * width != end - at or width == BITS:
        return False
    bytes_of, top = flags_at(at), 8 * (width - 1)
    for one in range(count):
        out[one] = types.int64(bytes_of[one])
    for byte in range(1, width - 1):
        for one in range(count):
            out[one] |= types.int64(bytes_of[byte * count + one]) << (8 * byte)
    for one in range(count):
        out[one] |= types.int64(types.int8(bytes_of[(width - 1) * count + one])) << top
    return True


@inner
def block_of(at, end):
    """How a column of differences is cut: numbers of a part of a block, parts of a block, how many numbers, the first one, and where the
    blocks begin; `BROKEN` where that cannot be."""
    size, at = varint(at, end)
    parts, at = varint(at, end) if at != BROKEN else (size, at)
    total, at = varint(at, end) if at != BROKEN else (size, at)
    first, at = varint(at, end) if at != BROKEN else (size, at)
    if at == BROKEN or not 0 < parts <= size or size % parts or (size // parts) & 7:
        return size, parts, total, first, types.int64(BROKEN)
    return size // parts, parts, total, signed(first), at


@inner
def differences_into(at, end, out, count):
    """Numbers as differences from those before them. Are they all there?"""
    if count == 0:
        return True
    each, parts, total, number, at = block_of(at, end)
    if at == BROKEN or total != count:
        return False
    out[0], on = number, 1
    while on < count:
        least, at = varint(at, end)
        if at == BROKEN or parts > end - at:
            return False
        least, widths, at = signed(least), at, at + parts
        for part in range(parts):
            width, upto = byte_at(widths + part), min(on + each, count)
            if on < count and (width > DIFFERENCE or ((upto - on) * width + 7) >> 3 > end - at):
                return False
            if on < count and width:
                packed(at, end, width, out, on, upto)
            for one in range(on, upto):
                number += least + (out[one] if width else 0)
                out[one] = number
            on, at = upto, min(at + ((each * width) >> 3), end) if on < count else at
    return True
