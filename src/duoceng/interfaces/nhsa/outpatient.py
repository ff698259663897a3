"""Out-patient care: register (2201), diagnoses (2203), lines (2204), trial (2206), settle (2207), and the ways back (2202, 2205, 2208)."""

from collections.abc import Mapping
from typing import Any

from duoceng.interfaces.nhsa import settling
from duoceng.interfaces.nhsa.bills import answers_of, med_type_of
from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.encounter import ALL_LINES, OUTPATIENT, Encounter, Row
from duoceng.interfaces.nhsa.front import Asked, Case, Front, No, Taken, day, number_of, opened, take
from duoceng.interfaces.nhsa.lines import split, unsettled
from duoceng.interfaces.nhsa.people import checked_scheme
from duoceng.interfaces.nhsa.registry import transaction


def need(case: Case, kind: str) -> Encounter:
    """The encounter, known and of this kind. Raises No."""
    found = case.encounter
    if not found.known or found.kind != kind:
        raise No("未查询到该就诊记录" if not found.cancelled else "该就诊已撤销")
    return found


@transaction("2201")
def register(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Open an encounter."""
    data, name = asked.input["data"], number_of(front, asked)

    def act(case: Case) -> Taken:
        checked_scheme(case, data["insutype"])
        if day(data["begntime"]) > front.today:
            raise No(f"开始时间{data['begntime']}晚于当前日期")
        return Taken(
            {"data": {"mdtrt_id": name, "psn_no": data["psn_no"], "ipt_otp_no": data["ipt_otp_no"], "exp_content": ""}}
        )

    return take(front, asked, data["psn_no"], name, act)


@transaction("2202")
def unregister(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Cancel a registration nothing hangs on."""
    data = asked.input["data"]

    def act(case: Case) -> Taken:
        found = need(case, OUTPATIENT)
        if found.settled:
            raise No("该就诊已有结算，请先撤销结算")
        if found.lines:
            raise No("该就诊已上传费用明细，请先撤销明细(2205)")
        return Taken()

    return take(front, asked, data["psn_no"], data["mdtrt_id"], act)


@transaction("2203", "2203A")
def tell(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Medical type, disease, diagnoses; one medical type in an encounter."""
    data = asked.input["mdtrtinfo"]

    def act(case: Case) -> Taken:
        found = need(case, OUTPATIENT)
        if found.settled:
            raise No("该就诊已结算，不能再修改就诊信息")
        if found.told and found.told["med_type"] != data["med_type"]:
            raise No(f"同一就诊只能有一个医疗类别，已上传{found.told['med_type']}")
        found.told = data
        answers_of(case, data, day(data["begntime"]))
        return Taken()

    return take(front, asked, data["psn_no"], data["mdtrt_id"], act)


def one_encounter(rows: list[Input]) -> tuple[str, str]:
    """Member and encounter of lines. Raises No where they are of several."""
    found = {(row["psn_no"], row["mdtrt_id"]) for row in rows}
    if len(found) != 1:
        raise No("一次只能上传同一人员同一就诊的明细")
    return found.pop()


@transaction("2204")
def upload(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Lines, each priced and split."""
    rows = asked.input["feedetail"]
    member, name = one_encounter(rows)

    def act(case: Case) -> Taken:
        found = need(case, OUTPATIENT)
        answered, answers = split(case, rows, answers_for_lines(case))
        del found
        return Taken({"result": answered}, {"answers": answers})

    return take(front, asked, member, name, act)


def answers_for_lines(case: Case) -> dict[str, Any]:
    """What the catalogue may ask of the encounter; before the diagnoses came, what the registration says."""
    if not med_type_of(case.encounter, {}):
        return {}
    return answers_of(case, {}, day(case.encounter.opened["begntime"]))


@transaction("2205")
def remove(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Take unsettled lines of a batch away; 0000 takes all."""
    data = asked.input["data"]

    def act(case: Case) -> Taken:
        found = need(case, OUTPATIENT)
        batch = data["chrg_bchno"]
        mine = [row for row in found.lines.values() if batch == ALL_LINES or row.asked.get("chrg_bchno") == batch]
        if not [row for row in mine if not row.setl]:
            raise No("该批次的费用明细已结算，不能撤销" if mine else f"没有收费批次{batch}的未结算明细")
        return Taken()

    return take(front, asked, data["psn_no"], data["mdtrt_id"], act)


def choose(case: Case) -> tuple[list[Row], Input, Input]:
    """What an out-patient settlement is about. Raises No."""
    data = case.asked.input["data"]
    need(case, OUTPATIENT)
    checked_scheme(case, data["insutype"])
    told = case.encounter.told.get("med_type")
    if told and told != data["med_type"]:
        raise No(f"医疗类别{data['med_type']}与就诊信息上传的{told}不一致")
    return unsettled(case.encounter, data["chrg_bchno"]), data, {}


@transaction("2206")
def trial(front: Front, asked: Asked) -> Mapping[str, Any]:
    """What the patient would pay; leaves no trace."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], data["mdtrt_id"])
    rows, data, _ = choose(case)
    return settling.trial(front, asked, case, rows, data)


@transaction("2207")
def settle(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Settle a batch of lines."""
    data = asked.input["data"]
    return settling.settle(front, asked, data["psn_no"], data["mdtrt_id"], choose)


@transaction("2208")
def reverse(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Take a settlement back."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], data["mdtrt_id"])
    if any(step.msgid == asked.msgid for step in case.encounter.steps):
        return settling.said_before_checked(front, asked, case.member)
    need(case, OUTPATIENT)
    return settling.reverse(front, asked, case, data["setl_id"])
