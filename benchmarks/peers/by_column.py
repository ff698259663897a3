"""The stack in engines of columns: numpy, polars and DuckDB. Running totals by person, each in the fastest form we found."""

from collections.abc import Callable
from typing import Any

import numpy as np
import stack as s

B1, B2 = s.BANDS
C1, C2 = s.CRITICAL_BANDS


class Numpy:
    """Running totals by one cumsum over all bills, less what stood at each person's first."""

    def prepare(self, data: s.Data) -> tuple[s.Data, s.Ints, s.Ints, s.Ints]:
        """Persons' answers beside their bills."""
        return data, data.each(data.scheme), data.each(data.aid), data.stay

    def run(self, state: tuple[s.Data, s.Ints, s.Ints, s.Ints]) -> s.Four:
        """Every bill."""
        data, scheme, aid, stay = state
        amount, level = data.amount, data.level
        start = np.arange(0, data.bills, data.per)

        def running(each: s.Ints) -> s.Ints:
            total = np.cumsum(each)
            total -= np.repeat(total[start] - each[start], data.per)
            return total

        def apart(total: s.Ints) -> s.Ints:
            found = np.empty_like(total)
            found[1:] = total[1:] - total[:-1]
            found[start] = total[start]
            return found

        above = np.maximum(amount - s.DEDUCTIBLE[level, scheme] * s.STAY[np.minimum(stay, 4)] // 100, 0)
        counted = running(above)
        before, rate = counted - above, s.RATE[level, scheme]
        share = (np.minimum(counted, B1) - np.minimum(before, B1)) * rate[:, 0]
        share += (np.clip(counted, B1, B2) - np.clip(before, B1, B2)) * rate[:, 1]
        share += (np.maximum(counted, B2) - np.maximum(before, B2)) * rate[:, 2]
        basic = apart(np.minimum(running((share + s.HALF) // s.WHOLE), s.CEILING[scheme]))
        above = np.maximum(running(amount - basic) - s.CRITICAL_DEDUCTIBLE[aid], 0)
        rate = s.CRITICAL_RATE[aid]
        owed = np.minimum(above, C1) * rate[:, 0] + (np.clip(above, C1, C2) - C1) * rate[:, 1]
        owed += np.maximum(above - C2, 0) * rate[:, 2]
        critical = apart((owed + s.HALF) // s.WHOLE)
        left = amount - basic - critical
        assistance = apart(np.minimum((running(left) * s.AID_RATE[aid] + s.HALF) // s.WHOLE, s.AID_CEILING[aid]))
        return basic, critical, assistance, left - assistance


class Polars:
    """Lazy expressions. `flat`: one cum_sum less each person's start (bills sorted by person), instead of windows over persons."""

    def __init__(self, flat: bool = True) -> None:
        self.flat = flat

    def prepare(self, data: s.Data) -> Any:
        """A data frame."""
        import polars as pl

        columns = {"person": data.each(np.arange(data.persons)), "stay": data.stay, "amount": data.amount, "level": data.level,
                   "scheme": data.each(data.scheme), "aid": data.each(data.aid), "start": data.each(np.arange(0, data.bills, data.per))}  # fmt: skip
        return pl.DataFrame(columns)

    def running(self) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
        """How totals run, and how they are taken apart again."""
        import polars as pl

        if self.flat:
            return (lambda e: e.cum_sum() - (e.cum_sum() - e).gather(pl.col("start")),
                    lambda e: e - pl.when(pl.col("stay") > 0).then(e.shift(1, fill_value=0)).otherwise(0))  # fmt: skip
        return lambda e: e.cum_sum().over("person"), lambda e: e - e.shift(1, fill_value=0).over("person")

    def run(self, frame: Any) -> s.Four:
        """Every bill."""
        import polars as pl

        c, (running, apart) = pl.col, self.running()

        def table(values: s.Ints, index: Any) -> Any:
            return pl.lit(pl.Series(np.ascontiguousarray(values).ravel())).gather(index)

        q = frame.lazy().with_columns((c("level") * 2 + c("scheme")).alias("cell"))
        due = table(s.DEDUCTIBLE, c("cell")) * table(s.STAY, c("stay").clip(upper_bound=4)) // 100
        q = q.with_columns((c("amount") - due).clip(lower_bound=0).alias("above"))
        q = q.with_columns(running(c("above")).alias("now")).with_columns((c("now") - c("above")).alias("before"))
        rate = [table(s.RATE[:, :, band], c("cell")) for band in range(3)]
        parts = [c("now").clip(upper_bound=B1) - c("before").clip(upper_bound=B1), c("now").clip(B1, B2) - c("before").clip(B1, B2),
                 c("now").clip(lower_bound=B2) - c("before").clip(lower_bound=B2)]  # fmt: skip
        share = (sum(part * r for part, r in zip(parts, rate, strict=True)) + s.HALF) // s.WHOLE
        q = q.with_columns(share.alias("share")).with_columns(running(c("share")).alias("shared"))
        q = q.with_columns(pl.min_horizontal(c("shared"), table(s.CEILING, c("scheme"))).alias("paid"))
        q = q.with_columns(apart(c("paid")).alias("basic"))
        q = q.with_columns((c("amount") - c("basic")).alias("left")).with_columns(running(c("left")).alias("burden"))
        q = q.with_columns((c("burden") - table(s.CRITICAL_DEDUCTIBLE, c("aid"))).clip(lower_bound=0).alias("over"))
        rate = [table(s.CRITICAL_RATE[:, band], c("aid")) for band in range(3)]
        parts = [c("over").clip(upper_bound=C1), c("over").clip(C1, C2) - C1, (c("over") - C2).clip(lower_bound=0)]
        owed = (sum(part * r for part, r in zip(parts, rate, strict=True)) + s.HALF) // s.WHOLE
        q = q.with_columns(owed.alias("owed")).with_columns(apart(c("owed")).alias("critical"))
        q = q.with_columns((c("left") - c("critical")).alias("rest")).with_columns(running(c("rest")).alias("rests"))
        aid = (c("rests") * table(s.AID_RATE, c("aid")) + s.HALF) // s.WHOLE
        q = q.with_columns(pl.min_horizontal(aid, table(s.AID_CEILING, c("aid"))).alias("aided"))
        q = q.with_columns(apart(c("aided")).alias("assistance"))
        q = q.with_columns((c("rest") - c("assistance")).alias("own"))
        found = q.select("basic", "critical", "assistance", "own").collect()
        return tuple(found[name].to_numpy() for name in found.columns)  # type: ignore[return-value]


SQL = f"""
CREATE OR REPLACE TABLE settled AS
WITH a AS (SELECT person, stay, amount, greatest(amount - due * part // 100, 0) AS above, r1, r2, r3, ceiling, cdue, q1, q2, q3,
                  arate, aceiling
           FROM bills JOIN basic USING (level, scheme) JOIN above USING (aid) JOIN stays USING (stay)),
b AS (SELECT *, CAST(sum(above) OVER w AS BIGINT) AS now FROM a WINDOW w AS (PARTITION BY person ORDER BY stay)),
c AS (SELECT *, ((least(now, {B1}) - least(now - above, {B1})) * r1
       + (least(greatest(now, {B1}), {B2}) - least(greatest(now - above, {B1}), {B2})) * r2
       + (greatest(now, {B2}) - greatest(now - above, {B2})) * r3 + 5000) // 10000 AS share FROM b),
d AS (SELECT *, least(CAST(sum(share) OVER w AS BIGINT), ceiling) AS paid FROM c WINDOW w AS (PARTITION BY person ORDER BY stay)),
e AS (SELECT *, paid - lag(paid, 1, 0) OVER w AS basic FROM d WINDOW w AS (PARTITION BY person ORDER BY stay)),
f AS (SELECT *, greatest(CAST(sum(amount - basic) OVER w AS BIGINT) - cdue, 0) AS x FROM e
      WINDOW w AS (PARTITION BY person ORDER BY stay)),
g AS (SELECT *, (least(x, {C1}) * q1 + (least(greatest(x, {C1}), {C2}) - {C1}) * q2 + greatest(x - {C2}, 0) * q3 + 5000)
       // 10000 AS owed FROM f),
h AS (SELECT *, owed - lag(owed, 1, 0) OVER w AS critical FROM g WINDOW w AS (PARTITION BY person ORDER BY stay)),
i AS (SELECT *, least((CAST(sum(amount - basic - critical) OVER w AS BIGINT) * arate + 5000) // 10000, aceiling) AS aided FROM h
      WINDOW w AS (PARTITION BY person ORDER BY stay)),
j AS (SELECT *, aided - lag(aided, 1, 0) OVER w AS assistance FROM i WINDOW w AS (PARTITION BY person ORDER BY stay))
SELECT person, stay, basic, critical, assistance, amount - basic - critical - assistance AS own FROM j"""


class Duckdb:
    """SQL: rates in tables, running totals as windows."""

    def prepare(self, data: s.Data) -> Any:
        """A database in memory."""
        import duckdb
        import pyarrow as pa

        base = duckdb.connect()
        base.execute("SET threads = 2; SET preserve_insertion_order = false")
        source = {"person": data.each(np.arange(data.persons)), "stay": data.stay, "amount": data.amount, "level": data.level,
                  "scheme": data.each(data.scheme), "aid": data.each(data.aid)}  # fmt: skip
        base.register("source", pa.table(source))
        base.execute("CREATE TABLE bills AS SELECT * FROM source")
        base.unregister("source")
        basic = [(y, x, s.DEDUCTIBLE[y, x], *s.RATE[y, x], s.CEILING[x]) for y in range(3) for x in range(2)]
        above = [(a, s.CRITICAL_DEDUCTIBLE[a], *s.CRITICAL_RATE[a], s.AID_RATE[a], s.AID_CEILING[a]) for a in range(2)]
        stays = [(stay, s.STAY[min(stay, 4)]) for stay in range(data.per)]
        for name, columns, rows in (("basic", "level, scheme, due, r1, r2, r3, ceiling", basic),
                                    ("above", "aid, cdue, q1, q2, q3, arate, aceiling", above), ("stays", "stay, part", stays)):  # fmt: skip
            base.execute(f"CREATE TABLE {name} ({', '.join(f'{c.strip()} BIGINT' for c in columns.split(','))})")
            base.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})",
                             [[int(v) for v in row] for row in rows])  # fmt: skip
        return base

    def run(self, base: Any) -> Any:
        """Every bill, into a table of the database."""
        base.execute(SQL)
        return base

    def found(self, base: Any) -> s.Four:
        """What stands in that table."""
        rows = base.execute("SELECT basic, critical, assistance, own FROM settled ORDER BY person, stay").fetchnumpy()
        return tuple(np.asarray(column) for column in rows.values())  # type: ignore[return-value]
