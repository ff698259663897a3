"""In-patient care: admit (2401), lines (2301), discharge (2402), trial (2303), settle (2304), changes (2403, 2406) and the ways back."""

from collections.abc import Mapping
from typing import Any

from duoceng.interfaces.nhsa import settling
from duoceng.interfaces.nhsa.bills import answers_of
from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.encounter import ALL_LINES, INPATIENT, Row, encounters_of
from duoceng.interfaces.nhsa.front import Asked, Case, Front, No, Taken, day, number_of, opened, take
from duoceng.interfaces.nhsa.lines import split, unsettled
from duoceng.interfaces.nhsa.outpatient import need, one_encounter
from duoceng.interfaces.nhsa.people import checked_scheme
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.store.steps import steps_at

MID_STAY = "1"


@transaction("2401")
def admit(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Open a stay; who lies in a bed here already is not admitted twice."""
    data, name = asked.input["mdtrtinfo"], number_of(front, asked)

    def act(case: Case) -> Taken:
        checked_scheme(case, data["insutype"])
        if day(data["begntime"]) > front.today:
            raise No(f"入院时间{data['begntime']}晚于当前日期")
        if open_stays(front, asked, case.member):
            raise No("该人员在本院有未办理出院的住院登记，不能重复入院")
        case.encounter.opened = data
        answers_of(case, data, day(data["begntime"]))
        return Taken({"result": {"mdtrt_id": name, "exp_content": ""}})

    return take(front, asked, data["psn_no"], name, act)


def open_stays(front: Front, asked: Asked, member: str) -> list[str]:
    """The stays of a member here that have not ended."""
    found = encounters_of(member, steps_at(front.desk.database, front.seal, member, asked.institution.code))
    return [stay.id for stay in found if stay.kind == INPATIENT and stay.known and not stay.discharged]


@transaction("2301")
def upload(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Lines of a stay; what is given back is negative and names its line."""
    rows = asked.input["feedetail"]
    member, name = one_encounter(rows)

    def act(case: Case) -> Taken:
        found = need(case, INPATIENT)
        begins = day(found.opened["begntime"])
        for row in rows:
            if day(row["fee_ocur_time"]) < begins:
                raise No(f"明细{row['feedetl_sn']}：费用发生时间早于入院时间{begins}")
        answered, answers = split(case, rows, answers_of(case, {}, begins))
        return Taken({"result": answered}, {"answers": answers})

    return take(front, asked, member, name, act)


@transaction("2302")
def remove(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Take unsettled lines away; 0000 takes all."""
    rows = asked.input["data"]
    member, name = one_encounter(rows)

    def act(case: Case) -> Taken:
        found = need(case, INPATIENT)
        for row in rows:
            sn = row["feedetl_sn"]
            if sn != ALL_LINES and (sn not in found.lines or found.lines[sn].setl):
                raise No(f"明细{sn}{'已结算，不能撤销' if sn in found.lines else '不存在'}")
            if any(line.asked.get("init_feedetl_sn") == sn for line in found.lines.values()):
                raise No(f"明细{sn}已有退费明细，请先撤销退费明细")
        return Taken()

    return take(front, asked, member, name, act)


@transaction("2402")
def discharge(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """End a stay."""
    data = asked.input["dscginfo"]

    def act(case: Case) -> Taken:
        found = need(case, INPATIENT)
        if found.discharged:
            raise No("该住院已办理出院")
        if day(data["endtime"]) < day(found.opened["begntime"]):
            raise No(f"出院时间{data['endtime']}早于入院时间{found.opened['begntime']}")
        if day(data["endtime"]) > front.today:
            raise No(f"出院时间{data['endtime']}晚于当前日期")
        return Taken()

    return take(front, asked, data["psn_no"], data["mdtrt_id"], act)


@transaction("2403")
def change(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Change what was said at admission."""
    data = asked.input["adminfo"]

    def act(case: Case) -> Taken:
        found = need(case, INPATIENT)
        if found.settled:
            raise No("该住院已结算，不能再修改")
        answers_of(case, data, day(data["begntime"]))
        return Taken()

    return take(front, asked, data["psn_no"], data["mdtrt_id"], act)


@transaction("2404")
def cancel(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Cancel an admission nothing hangs on."""
    data = asked.input["data"]

    def act(case: Case) -> Taken:
        found = need(case, INPATIENT)
        if found.settled or found.lines:
            raise No(
                "该住院已有结算，请先撤销结算(2305)" if found.settled else "该住院已上传费用明细，请先撤销明细(2302)"
            )
        return Taken()

    return take(front, asked, data["psn_no"], data["mdtrt_id"], act)


@transaction("2405")
def not_discharged(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Cancel a discharge."""
    data = asked.input["data"]

    def act(case: Case) -> Taken:
        found = need(case, INPATIENT)
        if not found.discharged:
            raise No("该住院尚未办理出院")
        if found.settled:
            raise No("该住院已结算，请先撤销结算(2305)")
        return Taken()

    return take(front, asked, data["psn_no"], data["mdtrt_id"], act)


@transaction("2406")
def flag(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Special attributes of a stay, kept as they came."""
    data, name = asked.input["data"], number_of(front, asked)

    def act(case: Case) -> Taken:
        need(case, INPATIENT)
        return Taken({"IptPsnSpFlagRegOut": {"ipt_psn_sp_flag_detl_id": name}})

    return take(front, asked, data["psn_no"], data["mdtrt_id"], act)


@transaction("2407")
def flags(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The special attributes of a stay."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], data["mdtrt_id"])
    return {"IptPsnSpFlagReg": need(case, INPATIENT).flags}


def choose(case: Case) -> tuple[list[Row], Input, Input]:
    """What an in-patient settlement is about. Raises No."""
    data = case.asked.input["data"]
    found = need(case, INPATIENT)
    checked_scheme(case, data["insutype"])
    if data["mid_setl_flag"] != MID_STAY and not found.discharged:
        raise No("该住院尚未办理出院(2402)，不能结算；中途结算请将mid_setl_flag置为1")
    return unsettled(found, ""), data, {}


@transaction("2303")
def trial(front: Front, asked: Asked) -> Mapping[str, Any]:
    """What the patient would pay; leaves no trace. Before the discharge: as of today."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], data["mdtrt_id"])
    found = need(case, INPATIENT)
    checked_scheme(case, data["insutype"])
    return settling.trial(front, asked, case, unsettled(found, ""), data)


@transaction("2304")
def settle(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Settle a stay, or what of it is not settled yet."""
    data = asked.input["data"]
    return settling.settle(front, asked, data["psn_no"], data["mdtrt_id"], choose)


@transaction("2305")
def reverse(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Take a settlement back."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], data["mdtrt_id"])
    if any(step.msgid == asked.msgid for step in case.encounter.steps):
        return settling.said_before_checked(front, asked, case.member)
    need(case, INPATIENT)
    return settling.reverse(front, asked, case, data["setl_id"])
