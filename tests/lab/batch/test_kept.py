"""Plans kept from run to run: what comes of a file is the same with them and without; whatever is not whole or not ours is passed over."""

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from duoceng.engine.batch.lane_moves import MEMBERS
from duoceng.lab.batch import kept, task
from duoceng.lab.batch.columns import Columns
from duoceng.lab.batch.job import Job, Task, Wants
from duoceng.lab.batch.output import tables_of
from duoceng.lab.batch.plans import Batch
from duoceng.lab.batch.run import settle_table
from duoceng.lab.batch.task import new_batch, run_task
from duoceng.lab.drawing.plan import Wanted
from duoceng.lab.drawing.population import population_of
from duoceng.lab.drawing.write import maker_of, write_bills
from duoceng.policy.library import Library, find_policies

BILLS = int(os.environ.get("DUOCENG_KEPT_BILLS", "1500"))  # 1,000,000 where one has a quarter of an hour
WANTS = Wants(trail=True, years=True)


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], pa.Table]:
    """Bills of every place, by seed."""
    folder = tmp_path_factory.mktemp("bills")

    def drawn(seed: int) -> pa.Table:
        path = folder / f"{seed}.parquet"
        if not path.exists():
            library = Library(find_policies())
            maker = maker_of(library, population_of(library, ""), Wanted(BILLS, seed, "real", 2025, ()))
            write_bills(maker, [path], lambda *_: None)
        return pq.read_table(path)

    return drawn


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job whose plans are kept in a folder of its own."""
    monkeypatch.setenv(kept.WHERE, str(tmp_path / "plans"))
    monkeypatch.setattr(kept, "SOME", 1)
    found = Job(str(tmp_path / "bills.parquet"), str(tmp_path), str(find_policies()), (), (), True, Wants())
    return replace(found, plans=kept.place_for(found))


def settled(batch: Batch, table: pa.Table, wants: Wants = WANTS) -> dict[str, pa.Table]:
    """All that comes of a table, in words."""
    columns = Columns(table.combine_chunks(), batch.dictionary)
    tables = tables_of(batch, columns, settle_table(batch, columns, wants), wants)
    return {name: in_words(made) for name, made in tables.items()}


def in_words(table: pa.Table) -> pa.Table:
    """Without the numbers of one process."""
    plain = {f.name: f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in table.schema}
    return table.cast(pa.schema(plain.items())).drop_columns([n for n in ("plan",) if n in table.column_names])


@pytest.mark.parametrize("wants", [WANTS, Wants(kinds=True, layers=False)], ids=["everything", "tiers and kinds"])
def test_plans_taken_up_come_to_the_same(job: Job, bills: Callable[[int], pa.Table], wants: Wants) -> None:
    first = new_batch(job)
    settled(first, bills(1))
    assert kept.keep(job, first)
    begun = kept.taken_up(job)
    assert begun is not None
    known = begun.kinds

    found = settled(begun, bills(2), wants)

    assert 0 < known == first.kinds < begun.kinds
    alone = settled(new_batch(job), bills(2), wants)
    for name, table in alone.items():
        order = [(key, "ascending") for key in ("member", "sum")]  # sums stand in the order their plans were met
        one, other = (t.sort_by(order) if name == "years" else t for t in (table, found[name]))
        assert one.equals(other), name


def test_a_run_takes_up_what_another_kept(
    job: Job, bills: Callable[[int], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(bills(1), job.bills)
    monkeypatch.setattr(task, "_KEPT", {})
    run_task(job, Task(0, 0, 1, 0))
    known = kept.kinds_kept(job)
    monkeypatch.setattr(task, "_KEPT", {})

    taken = task.scope_of(job).batch

    assert known == taken.kinds > 100
    made = len(taken.tables.plans)
    run_task(job, Task(0, 0, 1, 0))
    assert len(taken.tables.plans) == made, "every plan was there"


def test_another_worker_that_knows_more_is_followed(
    job: Job, bills: Callable[[int], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "_KEPT", {})
    mine = task.scope_of(job).batch
    other = new_batch(job)
    settled(other, bills(1))
    assert kept.keep(job, other)

    now = task.scope_of(job).batch

    assert mine.kinds == 0
    assert now.kinds == other.kinds
    assert task.scope_of(job).batch is now, "and not again where no more is kept"


def test_less_is_not_kept_over_more(job: Job, bills: Callable[[int], pa.Table]) -> None:
    more, less = new_batch(job), new_batch(job)
    settled(more, bills(1))
    settled(less, bills(1).slice(0, 500))

    assert kept.keep(job, more)
    assert not kept.keep(job, less)
    assert kept.kinds_kept(job) == more.kinds


def test_every_other_rule_and_option_is_kept_apart(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    document = policies / "vocabulary.yaml"
    document.write_text("a: b\n", encoding="utf-8")
    reform = tmp_path / "reform.yaml"
    reform.write_text("a: b\n", encoding="utf-8")
    one = replace(job, policies=str(policies), reforms=(str(reform),))
    places = [kept.place_for(one)]

    places.append(kept.place_for(replace(one, allow_unverified=False)))
    places.append(kept.place_for(replace(one, order=("basic",))))
    document.write_text("a: c\n", encoding="utf-8")
    places.append(kept.place_for(one))
    reform.write_text("a: c\n", encoding="utf-8")
    places.append(kept.place_for(one))
    document.rename(policies / "words.yaml")
    places.append(kept.place_for(one))

    assert len(set(places)) == len(places)
    assert kept.place_for(one) == places[-1]
    assert kept.place_for(replace(one, lines="lines.parquet")) == "", "lines have numbers of their own run"
    monkeypatch.setenv(kept.WHERE, "off")
    assert kept.place_for(one) == ""


@pytest.mark.parametrize("harm", ["cut", "changed", "no head", "nothing", "open to others", "folder open to others"])
def test_what_is_not_whole_or_not_ours_is_passed_over(job: Job, bills: Callable[[int], pa.Table], harm: str) -> None:
    batch, place = new_batch(job), Path(job.plans)
    settled(batch, bills(1).slice(0, 500))
    assert kept.keep(job, batch)
    content = place.read_bytes()
    head, _, packed = content.partition(b"\n")

    if harm == "open to others":
        place.chmod(0o666)
    elif harm == "folder open to others":
        place.parent.chmod(0o777)
    else:
        changed = packed[:-1] + bytes([packed[-1] ^ 1])
        place.write_bytes(
            {"cut": content[:-9], "changed": head + b"\n" + changed, "no head": packed, "nothing": b""}[harm]
        )

    assert kept.taken_up(job) is None
    if harm == "folder open to others":
        assert not kept.keep(job, batch)
        return
    assert kept.keep(job, batch), "it is kept anew"
    assert kept.taken_up(job) is not None


def test_only_the_user_reads_it_and_nobody_is_named_in_it(
    job: Job, bills: Callable[[int], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = bills(1).slice(0, 300)
    columns = {name: table.column(name) for name in table.column_names}
    columns["member"] = pa.array([f"PLANTEDMEMBER{at:09d}" for at in range(len(table))])
    columns["bill"] = pa.array([f"PLANTEDBILL{at:09d}" for at in range(len(table))])
    columns["episode"] = pa.array([f"PLANTEDSTAY{at:09d}" for at in range(len(table))])
    batch = new_batch(job)
    said = settled(batch, pa.table(columns))
    assert any("PLANTEDSTAY" in name for name in said["years"]["sum"].to_pylist()), "there was something to find"
    monkeypatch.setattr(kept, "PACKED", "lz4_raw")

    assert kept.keep(job, batch)

    head, _, packed = Path(job.plans).read_bytes().partition(b"\n")
    whole = pa.Codec("lz4_raw").decompress(packed, json.loads(head)["bytes"], asbytes=True)
    assert b"PLANTED" not in whole
    assert b"shanghai" in whole, "the words are to be seen"
    assert stat.S_IMODE(Path(job.plans).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(job.plans).parent.stat().st_mode) == 0o700


def test_the_rules_used_last_are_kept(job: Job, bills: Callable[[int], pa.Table]) -> None:
    batch = new_batch(job)
    settled(batch, bills(1).slice(0, 100))
    others = [replace(job, plans=str(Path(job.plans).with_name(f"{at}.plans"))) for at in range(kept.RULES + 2)]
    for at, other in enumerate(others):
        assert kept.keep(other, batch)
        os.utime(other.plans, (at + 1, at + 1))

    assert kept.keep(job, batch)

    assert len(list(Path(job.plans).parent.iterdir())) == kept.RULES
    assert Path(job.plans).exists()


def test_a_cache_that_cannot_be_written_is_done_without(job: Job, bills: Callable[[int], pa.Table]) -> None:
    batch = new_batch(job)
    settled(batch, bills(1).slice(0, 100))
    Path(job.plans).parent.write_text("a file stands here", encoding="utf-8")

    assert not kept.keep(job, batch)
    assert kept.taken_up(job) is None


def test_a_batch_taken_up_has_room_for_all_it_knows(job: Job, bills: Callable[[int], pa.Table]) -> None:
    batch = new_batch(job)
    settled(batch, bills(1))
    kept.keep(job, batch)

    begun = kept.taken_up(job)

    assert begun is not None
    assert len(begun.state.ready) >= 2 * len(begun.tables.stamp_sets)
    assert len(begun.state.value) > len(begun.tables.sums)
    assert len(begun.lanes_for(BILLS).value) >= len(begun.tables.sums) * MEMBERS
    assert begun.state.single[:].sum() == -1, "nobody is at hand"
    assert date(2025, 1, 1) > begun.tables.first_day


def test_what_is_too_much_to_keep_is_not_tried_again(
    job: Job, bills: Callable[[int], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To find out how much it is takes seconds, after every part."""
    monkeypatch.setattr(kept, "_FULL", set())
    monkeypatch.setattr(kept, "MOST", 1000)
    batch = new_batch(job)
    settled(batch, bills(1).slice(0, 100))
    assert not kept.keep(job, batch)
    monkeypatch.setattr(kept.pickle, "dumps", lambda *_: pytest.fail("tried again"))

    assert not kept.keep(job, batch)


def test_a_process_that_knows_too_many_kinds_forgets_them(
    job: Job, bills: Callable[[int], pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that its memory is bounded; what comes of the bills after that is the same."""
    monkeypatch.setattr(task, "_KEPT", {})
    monkeypatch.setattr(kept, "_FULL", {job.plans})
    first = task.scope_of(job).batch
    settled(first, bills(1))
    assert task.scope_of(job).batch is first
    monkeypatch.setattr(task, "KINDS_MOST", first.kinds - 1)

    now = task.scope_of(job).batch

    assert now is not first
    assert now.kinds == 0
    assert settled(now, bills(2)) == settled(new_batch(job), bills(2))
