"""The loops of a draw, compiled: looking up answers, spreading members over their bills, days in order, money.

Random bits are counted, not carried: row `i` of the column with key `k` has the bits `mixed(k, i)`, whoever draws it.
Whether a row is answered is a bit of `valid`, eight rows a byte, as Arrow keeps it.
"""

import math

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31, S1 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(1)
TEN = np.uint64(54)  # leaves ten bits
TWELVE = np.uint64(52)
UNIT = 1.0 / (1 << 53)
TO_UNIT = np.uint64(11)


@njit(nogil=True, cache=True, inline="always")
def mixed(key, count):
    """The random bits of a row (splitmix64)."""
    z = key + (np.uint64(count) + S1) * GOLDEN
    z = (z ^ (z >> S30)) * FIRST
    z = (z ^ (z >> S27)) * SECOND
    return z ^ (z >> S31)


@njit(nogil=True, cache=True)
def pick(strips, classes, codes, key, out, valid):
    """Answers of rows by their class; `strips` are rows of classes, then of sets held (row -1: no such class)."""
    rows, held_rows = strips
    kinds, held = classes
    nulls = 0
    for i in range(len(out)):
        row = rows[kinds[i]]
        if row == 0 and len(held_rows):
            row = held_rows[held[i]]
        if row == 0:
            nulls += 1
            out[i] = 0
        else:
            out[i] = codes[row + np.int64(mixed(key, i) >> TEN)]
            valid[i >> 3] |= 1 << (i & 7)
    return nulls


@njit(nogil=True, cache=True)
def pick_members(strips, classes, codes, key, starts, out, valid):
    """Answers of members by their class, the same for all of their rows."""
    rows, held_rows = strips
    homes, held = classes
    nulls = 0
    for member in range(len(homes)):
        row = rows[homes[member]]
        if row == 0 and len(held_rows):
            row = held_rows[held[member]]
        first, after = starts[member], starts[member + 1]
        if row == 0:
            nulls += after - first
            for i in range(first, after):
                out[i] = 0
        else:
            code = codes[row + np.int64(mixed(key, member) >> TEN)]
            for i in range(first, after):
                out[i] = code
                valid[i >> 3] |= 1 << (i & 7)
    return nulls


@njit(nogil=True, cache=True)
def spread(of_member, starts, out):
    """What a member has, on each of the member's rows."""
    for member in range(len(starts) - 1):
        for i in range(starts[member], starts[member + 1]):
            out[i] = of_member[member]


@njit(nogil=True, cache=True)
def days_in_order(bounds, key, starts, out):
    """Days of a member's bills, in order; `bounds` are the first day and how many there are for each member."""
    firsts, spans = bounds
    for member in range(len(starts) - 1):
        first, after = starts[member], starts[member + 1]
        for i in range(first, after):
            day = firsts[member] + np.int32(((mixed(key, i) >> S31 >> S1) * np.uint64(spans[member])) >> np.uint64(32))
            at = i
            while at > first and out[at - 1] > day:
                out[at] = out[at - 1]
                at -= 1
            out[at] = day


@njit(nogil=True, cache=True)
def kinds_of(cares, strips, places, key, out, kinds):
    """The kind of care of each bill, and its kind (place x care) in the tables."""
    bits, count = TWELVE, cares[1]
    rows = cares[0]
    for i in range(len(out)):
        care = strips[rows[i] + np.int64(mixed(key, i) >> bits)]
        out[i] = care
        kinds[i] = places[i] * count + care


@njit(nogil=True, cache=True)
def stays(of_care, care, slots, key, discharged, out):
    """Day of admission and days of the bills that are stays; returns how many are none. `out`: admitted, days, valid."""
    admitted, days, valid = out
    nulls = 0
    for i in range(len(care)):
        if of_care[care[i]]:
            days[i] = slots[mixed(key, i) >> TEN]
            admitted[i] = discharged[i] - days[i]
            valid[i >> 3] |= 1 << (i & 7)
        else:
            nulls += 1
            days[i] = 0
            admitted[i] = 0
    return nulls


@njit(nogil=True, cache=True)
def money(tables, shares, classes, key, out):
    """Fen of each bill: the whole, then the parts beside the scope, then what is left in scope."""
    mu, sigma, is_stay, normal, alpha, most = tables
    in_scope, first, over, outside = out
    for i in range(len(classes)):
        row = classes[i]
        random = mixed(key, 2 * i)
        slot = random >> TWELVE
        part = np.float64((random >> TO_UNIT) & np.uint64(0x1FFFFFFFFFF)) / np.float64(0x20000000000)
        spot = normal[slot] + part * (normal[slot + S1] - normal[slot])
        total = math.exp(mu[row] + sigma[row] * min(spot, normal[len(normal) - 1]))
        if is_stay[row] and slot >= np.uint64(4055):  # the last hundredth follows a Pareto law
            inside = (np.float64(slot - np.uint64(4055)) + part) / 41.0
            total = math.exp(mu[row] + sigma[row] * normal[4055]) * (1.0 - inside) ** (-1.0 / alpha)
        fen = np.int64(min(total, most))
        level = (row % 3) << 10
        bits = mixed(key, 2 * i + 1)
        first[i] = np.int64(shares[0, level + np.int64(bits >> TEN)] * fen)
        over[i] = np.int64(shares[1, level + np.int64((bits >> np.uint64(44)) & np.uint64(1023))] * fen)
        outside[i] = np.int64(shares[2, level + np.int64((bits >> np.uint64(34)) & np.uint64(1023))] * fen)
        in_scope[i] = max(fen - first[i] - over[i] - outside[i], 0)
