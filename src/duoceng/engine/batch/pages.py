"""The compiled loops that read the pages of one column of a Parquet file: their headers, which rows say anything, and what they say.

    header │ how many bytes the marks take │ marks: runs of rows that say something or nothing │ numbers, or runs of numbers of words

A column that says something of one row in fifty is a few runs and a few numbers, and only those are touched. Pages are memory that
somebody else wrote: nothing is looked at behind their end, and what is not as it must be, or is written in a way that is not known
here, is answered with `BROKEN`, so that a library that knows every way may be asked.
"""

from numba import types

from duoceng.engine.batch.compiled import compiled, inner, ints_at, memory_at, pointer
from duoceng.engine.batch.page_numbers import (
    BROKEN,
    byte_at,
    differences_into,
    plain_into,
    signed,
    split_into,
    varint,
    words_into,
)
from duoceng.engine.batch.reading import bits_from, bytes_at, flags_at, lowest, shorts_at

# What a header says of a page, and where its body begins.
KIND, UNPACKED, PACKED, COUNT, ENCODING, AT = range(6)
HEADER = 6
DATA, WORDS = 0, 2  # kinds of pages
PLAIN, PLAIN_WORDS, DIFFERENCES, RUN_WORDS, SPLIT = 0, 2, 5, 8, 9  # encodings
# A page as it is read: where its memory is, how long, for how many rows, and how the numbers are written.
MEMORY, SIZE, ROWS, WRITTEN = range(4)
PAGE = 4
# Types of the fields of a header, as thrift packs them; the fields that hold a header of their kind; how deep fields may stand.
YES, NO, BYTE, SHORT, INT, LONG, DOUBLE, BINARY, STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 12
OF_DATA, OF_WORDS = 5, 7
DEPTHS = 8


@inner
def _after(at, end, kind):
    """Where a field that is not looked at ends."""
    length = types.int64(BROKEN)
    if kind == BINARY:
        length, at = varint(at, end)
    elif kind in (YES, NO):
        length = types.int64(0)
    elif kind == BYTE:
        length = types.int64(1)
    elif kind == DOUBLE:
        length = types.int64(8)
    if at == BROKEN or length < 0 or length > end - at:
        return types.int64(BROKEN)
    return at + length


@inner
def _noted(depth, inside, field):
    """Where a number of a header is noted."""
    if depth == 0 and 1 <= field <= 3:
        return field - 1
    if depth == 1 and inside in (OF_DATA, OF_WORDS) and 1 <= field <= 2:
        return COUNT + field - 1
    return AT


@inner
def _header(at, end, fields, page, base):
    """Read one header to its end; the numbers that count are noted in `page`. `fields` is room for the last field of each depth."""
    depth, inside = types.int64(0), types.int64(0)
    fields[0] = 0
    while 0 <= at < end:
        byte = byte_at(at)
        at += 1
        if byte == 0:
            depth -= 1
            if depth < 0:
                return at
            continue
        kind, field = byte & 15, fields[depth] + (byte >> 4)
        if byte < 16:
            number, at = varint(at, end)
            field = signed(number)
        fields[depth] = field
        if at != BROKEN and SHORT <= kind <= LONG:
            number, at = varint(at, end)
            page[base + _noted(depth, inside, field)] = signed(number)
        elif at != BROKEN and kind == STRUCT and depth < DEPTHS - 1:
            inside = field if depth == 0 else inside
            depth += 1
            fields[depth] = 0
        elif at != BROKEN:
            at = _after(at, end, kind)
    return types.int64(BROKEN)


@compiled
def headers(address, size, fields, pages):
    """What the headers in this memory say, for as many whole pages as stand there and have room. Returns how many pages those are."""
    page, at, end, number = pointer(pages), address, address + size, 0
    while at < end and (number + 1) * HEADER <= len(pages):
        base = number * HEADER
        for slot in range(HEADER):
            page[base + slot] = BROKEN
        at = _header(at, end, pointer(fields), page, base)
        if at == BROKEN or min(page[base + PACKED], page[base + UNPACKED]) < 0 or page[base + PACKED] > end - at:
            return number
        page[base + AT] = at - address
        at += page[base + PACKED]
        number += 1
    return number


# ── which rows say anything ──


@inner
def _mark(rows, first, last):
    """Rows of a run all say something."""
    while first < last and first & 7:
        rows[first >> 3] |= types.uint8(1 << (first & 7))
        first += 1
    while first + 8 <= last:
        rows[first >> 3] = types.uint8(255)
        first += 8
    while first < last:
        rows[first >> 3] |= types.uint8(1 << (first & 7))
        first += 1


@inner
def _mark_eight(rows, first, last, byte):
    """Up to eight rows at once; returns how many of them say something."""
    if last - first < 8:
        byte &= (1 << (last - first)) - 1
    low = first & 7
    rows[first >> 3] |= types.uint8((byte << low) & 255)
    if byte >> (8 - low):
        rows[(first >> 3) + 1] |= types.uint8(byte >> (8 - low))
    count = types.int64(0)
    while byte:
        byte &= byte - 1
        count += 1
    return count


@inner
def _marks(at, end, rows, first, last):
    """Runs of marks become bits of rows; returns how many rows say something."""
    said = types.int64(0)
    while first < last:
        run, at = varint(at, end)
        if at == BROKEN or at >= end or run < 2 or (run & 1 and run >> 1 > end - at):
            return types.int64(BROKEN)
        if run & 1 == 0:
            upto = first + min(run >> 1, last - first)
            if byte_at(at):
                _mark(rows, first, upto)
                said += upto - first
            first, at = upto, at + 1
            continue
        upto = at + (run >> 1)
        while at < upto and first < last:
            said += _mark_eight(rows, first, last, byte_at(at))
            first += min(8, last - first)
            at += 1
        at = upto
    return said


# ── where it goes ──


@inner
def _put(out, width, row, number):
    """A number as Arrow has it."""
    if width == 1:
        bytes_at(out)[row] = types.int8(number)
    elif width == 2:
        shorts_at(out)[row] = types.int16(number)
    elif width == 4:
        ints_at(out)[row] = types.int32(number)
    elif width == 8:
        memory_at(out)[row] = number
    elif number:
        flags_at(out)[row >> 3] |= types.uint8(1 << (row & 7))


@inner
def _put_run(out, width, first, numbers, count):
    """Numbers of rows that follow each other. Called with a width that is known when it is compiled."""
    for one in range(count):
        _put(out, width, first + one, numbers[one])


@inner
def _put_all(out, width, first, numbers, count):
    if width == 1:
        _put_run(out, 1, first, numbers, count)
    elif width == 2:
        _put_run(out, 2, first, numbers, count)
    elif width == 4:
        _put_run(out, 4, first, numbers, count)
    else:
        _put_run(out, width, first, numbers, count)


@inner
def _spread(numbers, rows, first, last, out, width):
    """Numbers to the rows that say something."""
    on, at = types.int64(0), first & ~7
    while at < last:
        bits = bits_from(rows, at, min(last - at, 64))
        if at < first:
            bits &= ~((types.int64(1) << (first - at)) - 1)
        while bits != 0:
            _put(out, width, at + lowest(bits), numbers[on])
            bits &= bits - 1
            on += 1
        at += 64


@inner
def _numbers(written, at, end, width, table, words, numbers, said):
    """What a page says, however it is written. Is it all there?"""
    if written in (PLAIN_WORDS, RUN_WORDS):
        return words_into(at, end, table, words, numbers, said)
    if width < 0:
        return False
    if written == PLAIN:
        return plain_into(at, end, width, numbers, said)
    if written == SPLIT:
        return split_into(at, end, width, numbers, said)
    return written == DIFFERENCES and differences_into(at, end, numbers, said)


@inner
def _page(page, base, marked, width, table, words, numbers, first, last, rows, out, wide):
    """The first rows of one page; returns how many say something."""
    at, said = page[base + MEMORY], last - first
    end = at + page[base + SIZE]
    if marked:
        if end - at < 4 or ints_at(at)[0] < 0 or ints_at(at)[0] > end - at - 4:
            return types.int64(BROKEN)
        size = types.int64(ints_at(at)[0])
        said = _marks(at + 4, at + 4 + size, flags_at(rows), first, last)
        at += 4 + size
    if said == BROKEN or not _numbers(page[base + WRITTEN], at, end, width, table, words, numbers, said):
        return types.int64(BROKEN)
    if said == last - first:
        _put_all(out, wide, first, numbers, said)
    else:
        _spread(numbers, rows, first, last, out, wide)
    return said


@compiled
def read_pages(pages, marked, width, table, numbers, first, last, rows, out, wide):
    """Read pages into the rows from `first` to `last` (not with it); returns how many of them say something, or `BROKEN`.

    `marked`: pages begin with marks. `width`: bytes of a plain number; -1 where numbers stand only in `table`. `numbers` is room
    for as many as a page has. `rows` and `out`: addresses of the bits of rows that say something, and of numbers `wide` bytes each.
    """
    page, said = pointer(pages), types.int64(0)
    for number in range(len(pages) // PAGE):
        upto = min(first + page[number * PAGE + ROWS], last)
        if upto < first or upto - first > len(numbers):
            return types.int64(BROKEN)
        found = _page(
            page,
            number * PAGE,
            marked,
            width,
            pointer(table),
            len(table),
            pointer(numbers),
            first,
            upto,
            rows,
            out,
            wide,
        )
        if found == BROKEN:
            return types.int64(BROKEN)
        first, said = upto, said + found
    return said if first == last else types.int64(BROKEN)
