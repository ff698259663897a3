"""Reversal by message (2601): whatever a message did is taken back; a message that never arrived is kept from arriving.

The client lost an answer and does not know. So the same reversal twice is no error, and one of a message nobody has seen is a success.
"""

from collections.abc import Mapping
from typing import Any

from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Receipt, Undo
from duoceng.desk.counter import Arrived
from duoceng.interfaces.nhsa import settling
from duoceng.interfaces.nhsa.clearing import claimed
from duoceng.interfaces.nhsa.encounter import OPENS, REVERSES, SETTLES, Encounter
from duoceng.interfaces.nhsa.filings import NODE, file_without
from duoceng.interfaces.nhsa.front import FILINGS, Asked, Case, Front, No, Taken, opened, take, told
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.store.books import Book
from duoceng.store.database import Statement
from duoceng.store.steps import Kept, step_row, steps_of_message

FINAL = (
    *REVERSES,
    "2202",
    "2205",
    "2302",
    "2404",
    "2405",
    "2502",
    "2504",
    "2506",
    "2601",
)  # a way back has no way back
SAME_AS = {"2203A": "2203", "2101A": "2101", "2204A": "2204"}


@transaction("2601")
def take_back(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Take back what a message of this institution did."""
    data = asked.input["data"]
    member, msgid = data["psn_no"], data["omsgid"]
    if msgid == asked.msgid:
        raise No("原报文ID与本报文ID相同")
    for _ in range(4):
        found = steps_of_message(front.desk.database, front.seal, asked.institution.code, msgid)
        theirs = [step for step in found if step.member == member]
        if found and not theirs:
            raise No("原报文不属于该人员")
        if theirs:
            return _undo(front, asked, member, theirs[0], data["oinfno"])
        try:
            _bar(front, asked, member, msgid)
            return None
        except Arrived:
            continue  # it arrived while we looked
    raise No("原交易正在处理，请稍后重试")


def _bar(front: Front, asked: Asked, member: str, msgid: str) -> None:
    """Keep a message from arriving later."""

    def beside(receipt: Receipt, book: Book, _: object) -> list[Statement]:
        step = Kept(receipt.page, "", asked.infno, asked.msgid, asked.institution.code, asked.now, 0, "", "", "", 0, 0, 0, 0,
                    {"in": asked.input, "out": {}})  # fmt: skip
        return [step_row(member, step, front.seal)]

    try:
        if not front.desk.bar(Undo(member, key=msgid), asked.call(beside)):
            raise Arrived
    except Refused as refused:
        raise No(told(refused)) from None


def _undo(front: Front, asked: Asked, member: str, step: Kept, infno: str) -> Mapping[str, Any] | None:
    if step.infno != infno and SAME_AS.get(step.infno, step.infno) != SAME_AS.get(infno, infno):
        raise No(f"原交易编号应为{step.infno}")
    if step.infno in FINAL:
        raise No(f"{step.infno}本身是撤销或冲正，不能再冲正，请重新办理原业务")
    case = opened(front, asked, member, step.encounter)
    if done(case, step) and not any(s.msgid == asked.msgid for s in case.encounter.steps):
        return None  # it was taken back before: the client may be sure
    if step.infno in SETTLES:
        if not any(s.msgid == asked.msgid for s in case.encounter.steps):
            if application := claimed(front, asked, step):
                raise No(f"该结算已列入清算申请{application}，不能冲正；请退费(2208、2305、2103)，差额计入下次清算")
            settling.reverse(front, asked, case, step.setl, undoes=step.number)
        return None

    def act(now: Case) -> Taken:
        stop_if_needed(now.encounter, step)
        return Taken(
            None,
            undoes=step.number,
            file=file_without(now, step) if step.encounter == FILINGS and step.infno in NODE else None,
        )

    take(front, asked, member, step.encounter, act)
    return None


def done(case: Case, step: Kept) -> bool:
    """Was this step taken back already?"""
    if step.infno in SETTLES:
        return step.setl not in case.encounter.settled
    return any(other.undoes == step.number for other in case.encounter.steps)


def stop_if_needed(encounter: Encounter, step: Kept) -> None:
    """Raise No where something else hangs on the step."""
    live = [s for s in encounter.steps if s.number > step.number and not s.undoes]
    undone = {s.undoes for s in encounter.steps}
    if step.infno in OPENS and [s for s in live if s.number not in undone]:
        raise No("该就诊已有后续业务，请先撤销后续业务")
    said: Any = step.said["in"]
    rows = said.get("feedetail") or []
    if any(encounter.lines.get(row["feedetl_sn"]) and encounter.lines[row["feedetl_sn"]].setl for row in rows):
        raise No("该报文上传的明细已结算，请先撤销结算")
    if step.infno in ("2402", "2403", "2203", "2203A") and encounter.settled:
        raise No("该就诊已结算，请先撤销结算")
