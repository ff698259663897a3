"""The stack written by hand: plain Python, and numba with every number a constant of the compiled code."""

import os
from typing import Any

import numba
import numpy as np
import stack as s

DEDUCTIBLE, STAY, RATE, CEILING = s.DEDUCTIBLE, s.STAY, s.RATE, s.CEILING
CRITICAL_DEDUCTIBLE, CRITICAL_RATE, AID_RATE, AID_CEILING = (
    s.CRITICAL_DEDUCTIBLE,
    s.CRITICAL_RATE,
    s.AID_RATE,
    s.AID_CEILING,
)
B1, B2 = s.BANDS
C1, C2 = s.CRITICAL_BANDS
TRACE = 16


class Python:
    """The scalar reference itself."""

    def prepare(self, data: s.Data) -> s.Data:
        """Nothing to do."""
        return data

    def run(self, data: s.Data) -> s.Four:
        """Every bill."""
        return s.settle_all(data)


@numba.njit(inline="always")
def one(
    amount, level, scheme, aid, stay, counted, shared, paid, left_by_basic, critical_paid, left_by_critical, aid_paid
):
    deductible = DEDUCTIBLE[level, scheme] * STAY[stay] // 100
    before = counted
    counted = counted + max(amount - deductible, 0)
    p1 = min(counted, B1) - min(before, B1)
    p2 = min(max(counted, B1), B2) - min(max(before, B1), B2)
    p3 = max(counted, B2) - max(before, B2)
    share = (p1 * RATE[level, scheme, 0] + p2 * RATE[level, scheme, 1] + p3 * RATE[level, scheme, 2] + 5000) // 10000
    shared += share
    bounded = min(shared, CEILING[scheme])
    basic = bounded - paid
    paid = bounded
    left_by_basic += amount - basic
    above = max(left_by_basic - CRITICAL_DEDUCTIBLE[aid], 0)
    c1 = min(above, C1)
    c2 = min(max(above, C1), C2) - C1
    c3 = max(above - C2, 0)
    owed = (c1 * CRITICAL_RATE[aid, 0] + c2 * CRITICAL_RATE[aid, 1] + c3 * CRITICAL_RATE[aid, 2] + 5000) // 10000
    critical = owed - critical_paid
    critical_paid = owed
    left_by_critical += amount - basic - critical
    owed = min((left_by_critical * AID_RATE[aid] + 5000) // 10000, AID_CEILING[aid])
    assistance = owed - aid_paid
    aid_paid = owed
    return (deductible, p1, p2, p3, share, basic, above, c1, c2, c3, critical, assistance, counted, shared, paid, left_by_basic,
            critical_paid, left_by_critical, aid_paid)  # fmt: skip


@numba.njit(parallel=True)
def settle_plain(per, amount, level, scheme, aid, basic_, critical_, assistance_, own_, trace):
    for i in numba.prange(len(scheme)):
        counted = shared = paid = left_by_basic = critical_paid = left_by_critical = aid_paid = 0
        for j in range(i * per, (i + 1) * per):
            (_, _, _, _, _, basic, _, _, _, _, critical, assistance, counted, shared, paid, left_by_basic, critical_paid,
             left_by_critical, aid_paid) = one(amount[j], level[j], scheme[i], aid[i], min(j - i * per, 4), counted, shared, paid,
                                               left_by_basic, critical_paid, left_by_critical, aid_paid)  # fmt: skip
            basic_[j] = basic
            critical_[j] = critical
            assistance_[j] = assistance
            own_[j] = amount[j] - basic - critical - assistance


@numba.njit(parallel=True)
def settle_with_trace(per, amount, level, scheme, aid, basic_, critical_, assistance_, own_, trace):
    for i in numba.prange(len(scheme)):
        counted = shared = paid = left_by_basic = critical_paid = left_by_critical = aid_paid = 0
        for j in range(i * per, (i + 1) * per):
            (deductible, p1, p2, p3, share, basic, above, c1, c2, c3, critical, assistance, counted, shared, paid, left_by_basic,
             critical_paid, left_by_critical, aid_paid) = one(amount[j], level[j], scheme[i], aid[i], min(j - i * per, 4), counted,
                                                              shared, paid, left_by_basic, critical_paid, left_by_critical,
                                                              aid_paid)  # fmt: skip
            basic_[j] = basic
            critical_[j] = critical
            assistance_[j] = assistance
            own_[j] = amount[j] - basic - critical - assistance
            r = trace[j]
            r[0] = deductible
            r[1] = p1
            r[2] = p2
            r[3] = p3
            r[4] = share
            r[5] = above
            r[6] = c1
            r[7] = c2
            r[8] = c3
            r[9] = counted
            r[10] = shared
            r[11] = paid
            r[12] = left_by_basic
            r[13] = critical_paid
            r[14] = left_by_critical
            r[15] = aid_paid


class Numba:
    """Hand-written numba: the number of threads, and whether it keeps 16 amounts of each bill on the way."""

    def __init__(self, threads: int = 2, traced: bool = False) -> None:
        self.threads, self.settle = threads, settle_with_trace if traced else settle_plain
        self.width = TRACE if traced else 0

    def prepare(self, data: s.Data) -> tuple[Any, ...]:
        """Room for what comes of it, and compiled code."""
        numba.set_num_threads(min(self.threads, os.cpu_count() or 1))
        out = [np.empty(data.bills, np.int64) for _ in range(4)]
        trace = np.empty((data.bills if self.width else 1, TRACE), np.int64)
        self.settle(data.per, data.amount, data.level, data.scheme[:1], data.aid[:1], *out, trace)
        return data, out, trace

    def run(self, state: tuple[Any, ...]) -> s.Four:
        """Every bill."""
        data, out, trace = state
        self.settle(data.per, data.amount, data.level, data.scheme, data.aid, *out, trace)
        return tuple(out)  # type: ignore[return-value]
