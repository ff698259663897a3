"""Bills that the compiled loop leaves: settled by the counter's own trip, on the same running sums, and noted where the loop notes its own."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from duoceng.base.mistakes import Refused
from duoceng.desk.trip import settle_bill
from duoceng.desk.year import year_before
from duoceng.engine.batch import compiled as c
from duoceng.engine.batch import loop
from duoceng.engine.batch.tables import count_of, number_in
from duoceng.lab.batch.reasons import reason_of
from duoceng.policy.grammar import TIERS
from duoceng.records.bill import Bill, Part
from duoceng.records.plan import LayerInfo
from duoceng.records.settlement import Settlement

if TYPE_CHECKING:
    from duoceng.lab.batch.run import Run


def sums_of(run: "Run") -> dict[str, int]:
    """The running sums of the member at hand, by name."""
    state = run.batch.state
    found = {}
    for on in range(int(state.single[c.TOUCHED])):
        place = int(state.touched[on])
        if state.value[place]:
            found[run.batch.sum_name(place, int(state.stamp[place]), run.years)] = int(state.value[place])
    for on in range(int(state.single[c.ASIDE])):
        place, number, value = (int(state.aside[on * 3 + part]) for part in range(3))
        if value:
            found[run.batch.sum_name(place, number, run.years)] = value
    return found


def settle_by_hand(run: "Run", row: int) -> None:
    """One bill by the counter's own trip, on the running sums the loop left."""
    member, bill = run.bills.member_of(row), run.bills.bill_of(row, run.bills.parts_of(row))
    at, out = row, run.out
    try:
        if bill.year_end:
            bill = year_end_of(run, row, bill)
        settled = settle_bill(run.batch.library, member, bill, sums_of(run), run.batch.options)
    except Refused as refused:
        out.plan[at] = run.batch.reason(*reason_of(refused, bill, run.batch.library.vocabulary))
        return
    out.plan[at] = run.batch.tables.keep(settled.plan)
    out.billed[at], out.member_pays[at], out.cash[at] = settled.billed, settled.member_pays, settled.cash
    for layer, paid in zip(settled.plan.layers, settled.paid, strict=True):
        note_layer(run, row, layer, paid)
    if len(run.out.kinds):
        out.kinds.reshape(c.KINDS, -1)[:, at] = list(settled.self_pay.values())
    note_trail(run, row, settled)
    for name, change in settled.changes.items():
        made_of = settled.plan.sums.get(name) or count_of(name, settled.plan)
        place = run.batch.tables.place(made_of)
        run.batch.grow()
        number = run.episode(bill.episode) if made_of.kind == "episode" else number_in(name, made_of)
        loop.turn(run.batch.state, place, number)
        run.batch.state.value[place] += change
    run.resolve()


def note_layer(run: "Run", row: int, layer: LayerInfo, paid: int) -> None:
    """What a layer paid, in the column of its tier and in the list of layers."""
    if not paid:
        return
    if layer.policy != "settled before":
        run.out.tiers.reshape(len(TIERS), -1)[TIERS.index(layer.tier), row] += paid
    if run.wants.layers:
        single = run.batch.state.single
        on = int(single[c.LAYERS_ON]) * 3
        if on + 6 > len(run.out.layers):
            run.flush()
            on = 0
        run.out.layers[on : on + 3] = (row, run.batch.tables.layer_number(layer), paid)
        single[c.LAYERS_ON] += 1


def note_trail(run: "Run", row: int, settled: Settlement) -> None:
    """The trails of a bill, behind those of the loop."""
    if not run.wants.trail:
        return
    run.trail_room(len(settled.trails))
    single = run.batch.state.single
    if int(single[c.TRAIL_ON]) + len(settled.trails) * c.TRAIL > len(run.out.trail):
        run.flush()
    for step, trail in enumerate(settled.trails):
        on = int(single[c.TRAIL_ON])
        run.out.trail[on : on + c.TRAIL] = trail
        run.out.trail_of[on // c.TRAIL * 2 : on // c.TRAIL * 2 + 2] = (row, step)
        single[c.TRAIL_ON] += c.TRAIL


def year_end_of(run: "Run", row: int, bill: Bill) -> Bill:
    """What the bills of the year that ends here left to the member, from the rows above."""
    assert run.years is not None
    bills, member = run.bills, int(run.bills.member[row])
    first = year_before(bill.discharged + timedelta(days=1)).toordinal()
    last = bill.discharged.toordinal()
    left, in_scope, billed = [0] * c.KINDS, 0, 0
    at = row - 1
    while at >= 0 and bills.member[at] == member:
        day = int(bills.columns["discharged"][at])
        ends = bills.has("year_end") and bills.columns["year_end"][at] == 1
        if first <= day <= last and not ends and run.out.plan[at] >= 0:
            for kind, amount in enumerate(run.out.kinds.reshape(c.KINDS, -1)[:, at]):
                left[kind] += int(amount)
            billed += int(run.out.billed[at])
            in_scope += bills.in_scope(at)
        at -= 1
    return replace(bill, parts=(Part(tuple(left)),), units={"billed": billed, "in_scope": in_scope})
