"""Clearing (清算): an institution applies for the money of a period (3203, 3203A), withdraws (3204, 3204A), and asks (3205A).

An application agrees with the platform's own totals, and no day is in two open applications of a class. Nothing is changed: to
withdraw is another paper. The number of a class's application is part of its name, so of two at once one meets a Conflict.
"""

from collections.abc import Mapping
from typing import Any

from duoceng.interfaces.nhsa.front import Asked, Front, No, fen, number_of, paper_before, yuan
from duoceng.interfaces.nhsa.reconciling import Counted, chosen, counted, differences, of_office, totals
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.session import keep
from duoceng.store.database import Conflict
from duoceng.store.steps import Kept, Paper, keep_paper, paper_of, papers_of

APPLIED, WITHDRAWN = "clearing", "clearing-withdrawn"
STATE_APPLIED = "10"  # clr_stas
CLAIMED = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "cash_payamt")


@transaction("3203", "3203A")
def apply(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Apply for a period and a clearing class."""
    for _ in range(8):
        before = paper_before(front, asked)
        if before:
            return _answer(before)
        paper = _application(front, asked, asked.input["data"])
        try:
            keep_paper(front.desk.database, front.seal, asked.institution.code, paper)
            return _answer(paper)
        except Conflict:
            continue
    raise No("该清算类别正在被其他操作申请，请稍后重试")


def _answer(paper: Paper) -> dict[str, Any]:
    return {"result": {"clr_appy_evt_id": paper.said["clr_appy_evt_id"]}}


def _application(front: Front, asked: Asked, data: Mapping[str, Any]) -> Paper:
    """The paper of an application. Raises No where it does not agree, or comes too early or twice."""
    today = front.today.isoformat()
    if data["enddate"] > today or (data["enddate"] == today and not front.sandbox):
        raise No(f"清算期至{data['enddate']}尚未结束，请在次日以后申请")
    mine = [paper for paper in papers_of(front.desk.database, front.seal, asked.institution.code, APPLIED)
            if paper.said["clr_type"] == data["clr_type"]]  # fmt: skip
    covers = office_of(front, asked, data)
    for other in open_of(front, asked, mine):
        same = not covers or other["covers"] in ("", covers)
        if same and other["begndate"] <= data["enddate"] and data["begndate"] <= other["enddate"]:
            raise No(f"{other['begndate']}至{other['enddate']}已有清算申请{other['clr_appy_evt_id']}，请先撤销(3204)")
    said = {**data, "covers": covers, "clr_optins": data.get("clr_optins") or "", "clr_appy_evt_id": number_of(front, asked),
            "opter_id": asked.operator, "opter_name": asked.operator_name}  # fmt: skip
    return Paper(APPLIED, f"{data['clr_type']}/{len(mine) + 1:06d}", asked.msgid, asked.digest, asked.now, said)


def office_of(front: Front, asked: Asked, data: Mapping[str, Any]) -> str:
    """Whose settlements an application is for: an office's, by its region, or of all offices (nothing), whichever agrees with what it
    claims. Raises No where neither does."""
    days, office = (data["begndate"], data["enddate"]), str(data.get("clr_optins") or "")
    every = chosen(counted(front, asked.institution.code, *days), {"clr_type": data["clr_type"]})
    own = of_office(front, every, office) if office else every
    if office and not _wrong(data, own):
        return front.regions.region(office) or office
    if not _wrong(data, every):
        return ""
    raise No("清算申请与中心数据不一致，请先对账(3201)。" + "；".join(_wrong(data, own or every)))


def _wrong(data: Mapping[str, Any], rows: list[Counted]) -> list[str]:
    words = differences({**data, "fund_pay_sumamt": data["fund_appy_sum"]}, rows, CLAIMED)
    own, approved = totals(rows), fen(data["med_sumfee"])
    if not own["fund_pay_sumamt"] <= approved <= own["medfee_sumamt"]:
        words.append(f"医保认可费用总额{data['med_sumfee']}应在基金支付总额与医疗费总额之间")
    visits = str(data.get("psntime") or "")
    settled, refunds = sum(not row.reverses for row in rows), sum(bool(row.reverses) for row in rows)
    if visits and int(visits) not in (settled - refunds, settled, settled + refunds):
        words.append(f"清算人次：机构{visits}，中心{settled - refunds}（已扣退费{refunds}笔）")
    return words


def open_of(front: Front, asked: Asked, papers: list[Paper]) -> list[Mapping[str, Any]]:
    """What applications say that were not withdrawn."""
    gone = {paper.id for paper in papers_of(front.desk.database, front.seal, asked.institution.code, WITHDRAWN)}
    return [paper.said for paper in papers if paper.said["clr_appy_evt_id"] not in gone]


def claimed(front: Front, asked: Asked, step: Kept) -> str:
    """The open application a settlement is claimed in; nothing where there is none."""
    papers = papers_of(front.desk.database, front.seal, asked.institution.code, APPLIED)
    for said in open_of(front, asked, papers):
        if said["clr_type"] == step.clearing and said["begndate"] <= step.at[:10] <= said["enddate"]:
            return str(said["clr_appy_evt_id"])
    return ""


@transaction("3204", "3204A")
def withdraw(front: Front, asked: Asked) -> None:
    """Withdraw an application."""
    number = asked.input["data"]["clr_appy_evt_id"]
    if paper_before(front, asked):
        return
    papers = papers_of(front.desk.database, front.seal, asked.institution.code, APPLIED)
    if not any(paper.said["clr_appy_evt_id"] == number for paper in papers):
        raise No(f"未查询到本机构的清算申请{number}")
    if paper_of(front.desk.database, front.seal, asked.institution.code, WITHDRAWN, number):
        raise No(f"清算申请{number}已撤销")
    keep(front, asked, WITHDRAWN, number, {"clr_appy_evt_id": number})


@transaction("3205", "3205A")
def applications(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Open applications. The one client that is known reads one object: a single one is answered so, several as a list."""
    data = {name: asked.input["data"].get(name, "") for name in ("clr_optins", "clr_stas", "clr_ym", "clr_appy_evt_id")}
    papers = papers_of(front.desk.database, front.seal, asked.institution.code, APPLIED)
    at = {str(paper.said["clr_appy_evt_id"]): paper.at for paper in papers}
    rows = [_told(asked, said, at) for said in open_of(front, asked, papers)]
    wanted = [row for row in rows if _asked_for(row, data)]
    return {"clr_appys": wanted[0] if len(wanted) == 1 else wanted}


def _asked_for(row: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    office = data["clr_optins"] in ("", row["clr_optins"] or data["clr_optins"])  # 3203 names no office
    return office and all(data[name] in ("", row[name]) for name in ("clr_stas", "clr_ym", "clr_appy_evt_id"))


def _told(asked: Asked, said: Mapping[str, Any], at: Mapping[str, str]) -> dict[str, Any]:
    amounts = {"medfee_Sumamt": said["medfee_sumamt"], "hi_agre_sumfee": said["med_sumfee"], "fund_appy_sum": said["fund_appy_sum"],
               "cash_payamt": said["cash_payamt"], "acct_pay": said["acct_pay"]}  # fmt: skip
    return {"fixmedins_name": asked.institution.name, "fixmedins_code": asked.institution.code, "clr_stas": STATE_APPLIED,
            "opt_time": at[said["clr_appy_evt_id"]], **{name: yuan(fen(amount)) for name, amount in amounts.items()},
            "begndate": said["begndate"], "enddate": said["enddate"], "clr_ym": said.get("setlym") or said["begndate"][:7].replace("-", ""),
            "clr_optins": said["clr_optins"], "opter_id": said["opter_id"], "opter_name": said["opter_name"], "optins_no": said["clr_optins"],
            "clr_appy_evt_id": said["clr_appy_evt_id"]}  # fmt: skip
