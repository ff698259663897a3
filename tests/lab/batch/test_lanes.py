"""Bills in rounds are bills one after the other: every tier, every kind, every refusal; and the division that goes eight at a time."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.engine.batch import compiled as c
from duoceng.engine.batch import lane_moves, lanes
from duoceng.engine.batch.tables import AMOUNT_MAX
from duoceng.kernel import columns as k
from duoceng.lab.batch import run
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.job import Wants
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.lab.batch.settled import Settled
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of, write_bills
from duoceng.policy.library import Library, find_policies
from duoceng.policy.plan import Options

BARE = Wants(kinds=True, layers=False)
ALL = ("plan", "billed", "member_pays", "cash", "tiers", "kinds")


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch(Library(find_policies()), Options(allow_unverified=True))


def drawn(folder: Path, spread: str, bills: int, *regions: str) -> pa.Table:
    """Some bills."""
    library = Library(find_policies())
    maker = maker_of(library, population_of(library, ""), Wanted(bills, 11, spread, 2025, regions))
    write_bills(maker, [folder / "bills.parquet"], lambda *_: None)
    return pq.read_table(folder / "bills.parquet")


def settled(batch: Batch, table: pa.Table, in_rounds: bool, monkeypatch: pytest.MonkeyPatch) -> Settled:
    """Settled in rounds wherever that can be, or nowhere; plans are made before, and found again under the answers they asked for."""
    bills = Columns(table, batch.dictionary)
    batch.crowded = False
    for _ in range(2):
        settle_table(batch, bills, BARE)
    batch.crowded = in_rounds
    monkeypatch.setattr(run, "CROWD", 0)
    batch.lanes.single[lanes.BILLS] = 0
    found = settle_table(batch, bills, BARE)
    rounds = int(batch.lanes.single[lanes.BILLS])
    assert (rounds > bills.n // 3) == in_rounds, f"{rounds} of {bills.n} bills went in rounds"
    return found


def is_alike(one: Settled, other: Settled) -> None:
    for name in ALL:
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert one.rejects == other.rejects


@pytest.mark.parametrize("spread, regions", [("real", ()), ("even", ()), ("real", ("beijing",)), ("real", ("guangzhou", "shanghai"))],
                         ids=["every place", "every answer alike", "one place", "two places"])  # fmt: skip
def test_rounds_are_one_after_the_other(
    batch: Batch, tmp_path: Path, spread: str, regions: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = drawn(tmp_path, spread, 30_000, *regions)
    one_by_one = settled(batch, table, False, monkeypatch)
    if spread == "real":
        is_alike(settled(batch, table, True, monkeypatch), one_by_one)
        return
    monkeypatch.setattr(run, "CROWD", 0)
    batch.crowded = True  # where every answer is as likely, most members have some bill that is not plain
    is_alike(settle_table(batch, Columns(table, batch.dictionary), BARE), one_by_one)


def test_small_stretches_and_few_members_at_a_time(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = drawn(tmp_path, "real", 20_000, "beijing", "chengdu")
    one_by_one = settled(batch, table, False, monkeypatch)
    monkeypatch.setattr(run, "NEAR", 1000)

    is_alike(settled(batch, table, True, monkeypatch), one_by_one)


def test_years_turn_and_days_go_back(batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members with bills of two years, and some whose later bill stands first."""
    table = drawn(tmp_path, "real", 20_000, "beijing")
    day = table.column_names.index("discharged")
    days = pc.cast(table["discharged"], pa.int32()).to_numpy()
    later = table.set_column(day, "discharged", pa.array(days + 365, pa.int32()).cast(pa.date32()))
    later = later.set_column(1, "bill", pc.add(later["bill"], 1_000_000))
    both = pa.concat_tables([table, later]).sort_by([("member", "ascending"), ("discharged", "ascending")])
    rows = np.arange(both.num_rows)
    first = np.flatnonzero(np.diff(both["member"].to_numpy()) != 0)[::7] + 1  # the first bills of some members,
    rows[first], rows[first - 1] = rows[first], rows[first - 1]
    second = first[
        both["member"].to_numpy()[first] == both["member"].to_numpy()[np.minimum(first + 1, both.num_rows - 1)]
    ]
    rows[second], rows[second + 1] = rows[second + 1].copy(), rows[second].copy()  # each behind the one that follows
    mixed = both.take(pa.array(rows)).combine_chunks()
    assert (np.diff(pc.cast(mixed["discharged"], pa.int32()).to_numpy())[second] < 0).any()

    is_alike(settled(batch, mixed, True, monkeypatch), settled(batch, mixed, False, monkeypatch))


def test_a_bill_that_goes_wrong_in_a_round_is_named(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = drawn(tmp_path, "real", 3000, "beijing")
    columns, plans = Columns(table, batch.dictionary), settled(batch, table, True, monkeypatch).plan
    went = plans[batch.lanes.first[: int(batch.lanes.single[lanes.EVEN])]]
    terms, kept = batch.tables.terms.array, batch.tables.terms.array.copy()
    plan = batch.tables.plan_rows.array[int(went[went >= 0][0]) * c.PLAN_WIDTH :]
    row = int(batch.tables.rows.array[plan[c.FIRST]])
    try:
        terms[row + k.DUE] = 0
        terms[row + k.BAND + k.BAND_RATE : row + k.BAND + int(terms[row + k.BANDS]) * k.BAND_WIDTH : k.BAND_WIDTH] = (
            30_000
        )

        with pytest.raises(
            AssertionError, match=r"row \d+, member \d+: money is not conserved, or a layer paid more"
        ) as broken:
            settle_table(batch, columns, BARE)
        number = int(str(broken.value).split()[1].rstrip(",")) - 1
        steps = batch.tables.plan_rows.array[int(plans[number]) * c.PLAN_WIDTH :]
        assert row in batch.tables.rows.array[steps[c.FIRST] : steps[c.LAST]]
    finally:
        terms[:] = kept


whole_of = c.compiled(lambda exact: lane_moves.whole_of(exact))


@settings(deadline=None)  # the first one compiles
@given(
    st.integers(0, 2**53 - 1)
    | st.integers(0, 2**39).map(lambda n: n * k.WHOLE)
    | st.integers(1, 2**39).map(lambda n: n * k.WHOLE - 1)
)
def test_a_share_in_whole_fen(exact: int) -> None:
    assert whole_of(exact) == exact // k.WHOLE


def test_no_share_of_a_lane_is_beyond_the_division() -> None:
    assert AMOUNT_MAX * k.KIND_COUNT * k.WHOLE + k.WHOLE < 2**53
