"""Figures on mutual aid and wallets in 2025 as six press summaries printed them, in their own units, slips and all.

Letters name the summaries: `a` the monthly statistics to July 2025; `b`, `c`, `d` articles on the wallet; `e` Sichuan Daily of
2025-09-10; `f` on the 14th five-year plan. Each slip was seen when the figures were held against each other by hand; the
checker has to find all of them, and no more.
"""

from fractions import Fraction

from duoceng.ledger.figure import (
    BILLION_TIMES,
    BILLION_YUAN,
    MILLION_TIMES,
    MILLION_YUAN,
    THOUSAND_YUAN,
    TIMES,
    YUAN,
    Figure,
)
from duoceng.ledger.identity import Identity, adds_up, averages, is_at_most, is_same
from tables import table

UNITS = {unit.word: unit for unit in (BILLION_TIMES, BILLION_YUAN, MILLION_TIMES, MILLION_YUAN, THOUSAND_YUAN)}
UNITS |= {"yuan": YUAN, "times": TIMES}

PRINTED = table("""
    name                                      printed       unit                    right
    a:aid.times                               231           million person-times    231
    a:aid.amount                              30.457        billion yuan            30.457
    a:aid.same_area.times                     212           million person-times    212
    a:aid.same_area.amount                    26.994        billion yuan            26.994
    a:aid.across_areas.times                  1.957         million person-times    19.57
    a:aid.across_areas.amount                 3.347         billion yuan            3.347
    a:aid.hospital.amount                     27.487        billion yuan            27.487
    a:aid.pharmacy.amount                     1.734         billion yuan            1.734
    a:aid.premium.amount                      709           million yuan            709
    a:aid.wallet.times                        170,600       times                   170,600
    a:aid.wallet.amount                       11.61269      million yuan            116.1269
    a:aid@jiangsu.amount                      31.83         billion yuan            3.183
    a:aid@zhejiang.amount                     45.25         billion yuan            4.525
    a:aid@guangdong.amount                    23.07         billion yuan            2.307
    a:aid@hubei.amount                        14.32         billion yuan            1.432
    july:wallet.times                         70,500        times                   70,500
    july:wallet.amount                        4.95219       million yuan            49.5219
    july:wallet.spent.times                   22,900        times                   22,900
    july:wallet.spent.amount                  418,880       yuan                    4,188,800
    july:wallet.in_province.times             38,300        times                   38,300
    july:wallet.in_province.amount            2.74313       million yuan            27.4313
    july:wallet.across_provinces.times        32,200        times                   32,200
    july:wallet.across_provinces.amount       2.20906       million yuan            22.0906
    table:wallet.in_province.times            38,289        times                   38,289
    table:wallet.in_province.amount           27.4313       million yuan            27.4313
    table:wallet.across_provinces.times       22,224        times                   32,224
    table:wallet.across_provinces.amount      2.20906       million yuan            22.0906
    table:wallet@hebei.times                  2,822         times                   2,822
    table:wallet@hebei.amount                 254.53        thousand yuan           2,545.3
    table:wallet@sichuan.times                5,128         times                   5,128
    table:wallet@sichuan.amount               320.31        thousand yuan           3,203.1
    b:aid.times                               2.31          billion person-times    0.231
    b:aid.amount                              304.57        billion yuan            30.457
    b:aid.hospital.amount                     274.87        billion yuan            27.487
    b:aid.pharmacy.amount                     17.34         billion yuan            1.734
    b:wallet.across_provinces.amount          over 40       million yuan            over 40
    c:aid.times                               231           million person-times    231
    c:wallet.across_provinces.amount          4,663         million yuan            46.63
    d:wallet.across_provinces.amount          4.663         million yuan            46.63
    e:wallet.times                            31,845        times                   31,845
    e:wallet.amount                           22.4753       million yuan            22.4753
    e:wallet.in.times                         6,814         times                   6,814
    e:wallet.in.amount                        5.9072        million yuan            5.9072
    e:wallet.out.times                        6,412         times                   6,412
    e:wallet.out.amount                       4.9333        million yuan            4.9333
    f:settled_elsewhere@2020.times            5.37          million person-times    5.37
    f:settled_elsewhere@2024.times            23.8          million person-times    238
""")


def figures(column: int) -> list[Figure]:
    """The figures as printed (column 1) or as they should have been (column 3)."""
    made = []
    for row in PRINTED:
        said = row[column].removeprefix("over ")
        provinces = "by province" if row[0].startswith("a:aid@") else ""
        made.append(Figure(row[0], said, UNITS[row[2]], "over" if said != row[column] else "rounded", provinces))
    return made


AS_PRINTED, AS_RIGHT = figures(1), figures(3)
SLIPS = {row[0]: row[3] for row in PRINTED if row[1] != row[3]}

ACROSS = "wallet.across_provinces"
ALSO: list[Identity] = [
    # one thing printed in several places
    *(is_same(f"a:{name}", f"b:{name}") for name in ("aid.times", "aid.amount", "aid.hospital.amount", "aid.pharmacy.amount")),
    is_same("a:aid.times", "c:aid.times"),
    is_same(f"c:{ACROSS}.amount", f"d:{ACROSS}.amount"),
    is_same(f"b:{ACROSS}.amount", f"c:{ACROSS}.amount"),
    *(is_same(f"july:wallet.{way}.{measure}", f"table:wallet.{way}.{measure}")
      for way in ("in_province", "across_provinces") for measure in ("times", "amount")),
    adds_up("july:wallet.times", f"table:{ACROSS}.times", "table:wallet.in_province.times"),
    # a month is a part of the months to it
    is_at_most("a:aid.wallet.amount", "july:wallet.amount"),
    is_at_most("a:aid.wallet.times", "july:wallet.times"),
    is_at_most("a:aid.wallet.amount", f"c:{ACROSS}.amount"),
    is_at_most(f"c:{ACROSS}.amount", f"july:{ACROSS}.amount"),
    # Sichuan: into and out of the province are parts of all its transfers
    is_at_most("e:wallet.times", "e:wallet.in.times", "e:wallet.out.times"),
    is_at_most("e:wallet.amount", "e:wallet.in.amount", "e:wallet.out.amount"),
    # "a growth of 44 times"
    averages("f:settled_elsewhere@2024.times", "f:settled_elsewhere@2020.times", Fraction(87, 2), Fraction(89, 2)),
]  # fmt: skip
