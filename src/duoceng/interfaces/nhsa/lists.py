"""Settlement lists (医疗保障基金结算清单): sent (4101, 4101A), their state changed (4102); steps of the encounter they are about.

The code list of the state (`stas_type`) is not in the public text. 0, which its example has, is taken as not submitted, anything
else as submitted: a submitted list is replaced only after its state was set back. A list goes with its settlement when that is reversed.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.encounter import INPATIENT, NOT_SUBMITTED
from duoceng.interfaces.nhsa.front import Asked, Case, Front, No, Taken, fen, number_of, opened, take, yuan
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.settling import ACCOUNT_FUND, HOSPITAL_FUND
from duoceng.store.steps import Kept, whose_settlement

WESTERN, MAIN = "1", "1"
NO_PAYMENTS = "4101A"  # the form a client sends without payinfo
LEFT_OUT = (ACCOUNT_FUND, HOSPITAL_FUND)  # rows of `setldetail` that are no fund; a list may leave them out


@transaction("4101", "4101A")
def send(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Take the list of a settlement."""
    data = asked.input["setlinfo"]
    member, encounter = settled_for(front, asked, data)
    if data["mdtrt_id"] != encounter:
        raise No(f"结算ID{data['setl_id']}不属于就诊{data['mdtrt_id']}")

    def act(case: Case) -> Taken:
        step = case.encounter.settled.get(data["setl_id"])
        if step is None:
            raise No(f"结算ID{data['setl_id']}不存在或已撤销")
        before = case.encounter.lists.get(data["setl_id"])
        if before and before["stas_type"] != NOT_SUBMITTED:
            raise No(f"结算清单{before['setl_list_id']}已提交，不能重新上传；请先用4102将状态改为{NOT_SUBMITTED}")
        stop_if_wrong(case, asked.input, step)
        return Taken({"data": {"setl_list_id": before["setl_list_id"] if before else number_of(front, asked)}})

    return take(front, asked, member, encounter, act)


def settled_for(front: Front, asked: Asked, data: Mapping[str, Any]) -> tuple[str, str]:
    """Member and encounter of a settlement of this institution. Raises No."""
    setl, member, encounter = str(data["setl_id"]), "", ""
    made = made_on(setl)
    if made:
        day = timedelta(days=1)
        days = (made - day).isoformat(), (made + 2 * day).isoformat()
        member, encounter = whose_settlement(front.desk.database, asked.institution.code, setl, *days)
    if not member:
        raise No(f"未查询到本机构的结算ID{setl}")
    if data.get("psn_no") not in (None, "", member):
        raise No(f"结算ID{setl}不属于人员{data['psn_no']}")
    return member, encounter


def made_on(setl: str) -> date | None:
    """The day a settlement was made: its number begins with it."""
    try:
        return date(2000 + int(setl[:2]), int(setl[2:4]), int(setl[4:6])) if setl.isdigit() else None
    except ValueError:
        return None


def stop_if_wrong(case: Case, said: Input, step: Kept) -> None:
    """Raise No where a list does not fit its settlement."""
    data = said["setlinfo"]
    if data["setl_end_date"] < data["setl_begn_date"]:
        raise No(f"结算结束日期{data['setl_end_date']}早于结算开始日期{data['setl_begn_date']}")
    _diagnosed(case, said)
    if said["payinfo"] or case.asked.infno != NO_PAYMENTS:
        _paid(said["payinfo"], step)
    charged = sum(fen(row["amt"]) for row in said["iteminfo"])
    if said["iteminfo"] and charged != step.billed:
        raise No(f"收费项目合计{yuan(charged):.2f}与结算的医疗费总额{yuan(step.billed):.2f}不一致")
    for row in said["bldinfo"]:
        if (row["mdtrt_id"], row["setl_id"]) != (data["mdtrt_id"], data["setl_id"]):
            raise No("输血信息(bldinfo)的就诊ID、结算ID与清单不一致")


def _diagnosed(case: Case, said: Input) -> None:
    """A stay has diagnoses, one of western medicine the main one; a list of out-patient care may name its disease elsewhere."""
    rows = said["diseinfo"]
    if not rows:
        if case.encounter.kind == INPATIENT or not said["opspdiseinfo"]:
            raise No("诊断信息(diseinfo)不能为空")
        return
    western = [row for row in rows if row["diag_type"] == WESTERN]
    mains = [row for row in western or rows if row["maindiag_flag"] == MAIN]
    if len(mains) != 1:
        raise No(f"诊断信息(diseinfo)中应有且只有一个主诊断(maindiag_flag=1)，实有{len(mains)}个")


def _paid(rows: list[Input], step: Kept) -> None:
    """What the funds paid is what the settlement says."""
    out: Any = step.said["out"]
    paid = {row["fund_pay_type"]: fen(row["fund_payamt"]) for row in out["setldetail"]}
    told: dict[str, int] = {}
    for row in rows:
        told[row["fund_pay_type"]] = told.get(row["fund_pay_type"], 0) + fen(row["fund_payamt"])
    for code in sorted({*paid, *told}):
        if told.get(code, 0) != paid.get(code, 0) and (code in told or code not in LEFT_OUT):
            raise No(
                f"基金支付类型{code}：清单{yuan(told.get(code, 0)):.2f}，结算{yuan(paid.get(code, 0)):.2f}，请按结算结果填写payinfo"
            )


@transaction("4102")
def change_states(front: Front, asked: Asked) -> None:
    """Change the states of lists, of several persons in one message. All rows are looked at first; then each becomes a step of its
    encounter, under the message's id and the number of its row. Sent again after a broken line, what is missing is done."""
    data = asked.input["data"]
    flat = {name: data.get(name, "") for name in ("psn_no", "setl_id", "stas_type")}
    rows = data.get("stastinfo") or ([flat] if flat["setl_id"] else [])
    if not rows or not all(row["stas_type"] for row in rows):
        raise No("请在data.stastinfo中逐行填写setl_id和stas_type")
    found = [settled_for(front, asked, row) for row in rows]
    for row, (member, encounter) in zip(rows, found, strict=True):
        stop_if_no_list(opened(front, asked, member, encounter), row)
    for at, (row, where) in enumerate(zip(rows, found, strict=True), 1):
        msgid = asked.msgid if at == 1 else f"{asked.msgid}#{at}"
        _change(front, replace(asked, input={"data": {"stastinfo": [row]}}, msgid=msgid), row, where)


def _change(front: Front, asked: Asked, row: Input, where: tuple[str, str]) -> None:
    take(front, asked, *where, lambda case: stop_if_no_list(case, row))


def stop_if_no_list(case: Case, row: Input) -> Taken:
    """Raise No where a settlement has no list."""
    if row["setl_id"] not in case.encounter.lists:
        raise No(f"结算ID{row['setl_id']}没有结算清单，请先上传(4101)")
    return Taken()
