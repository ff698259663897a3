"""Filings (备案): referral (2501), chronic disease (2503), chosen institution and care elsewhere (2505), accident (2507), and their ends.

A chronic filing becomes a dated fact of the member's file, so that every bill honours it, also those of other hospitals.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from duoceng.desk.people import Fact, File
from duoceng.interfaces.nhsa.bills import live_filings
from duoceng.interfaces.nhsa.front import FILINGS, Asked, Case, Front, No, Taken, day, number_of, opened, take
from duoceng.interfaces.nhsa.people import basics
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.words import condition
from duoceng.store.steps import Kept

NODE = {"2501": "refmedin", "2503": "data", "2505": "data", "2507": "data"}
ENDS = {"2502": "2501", "2504": "2503", "2506": "2505"}
MARK = {"from": "filing"}
CHOSEN = ("psn_no", "fix_srt_no", "fixmedins_code", "fixmedins_name", "begndate", "enddate", "memo")


@transaction("2501", "2503", "2505", "2507")
def file_it(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """File something for a member."""
    data, name = asked.input[NODE[asked.infno]], number_of(front, asked)

    def act(case: Case) -> Taken:
        stop_if_filed(case, asked, data)
        file = None
        if asked.infno == "2503":
            chronic = [(r, c) for r, c in conditions_filed(case)]
            file = with_conditions(
                case.file, [*chronic, (data, condition(data["opsp_dise_code"], data["opsp_dise_name"]))]
            )
        return Taken({"result": {"trt_dcla_detl_sn": name, "exp_content": ""}}, {"filing": name}, file=file)

    return take(front, asked, data["psn_no"], FILINGS, act)


def stop_if_filed(case: Case, asked: Asked, data: Mapping[str, Any]) -> None:
    """Raise No where the same stands already, or the days are impossible."""
    begins, ends = data.get("begndate") or data.get("refl_date") or "", data.get("enddate") or ""
    if begins and ends and ends < begins:
        raise No(f"结束日期{ends}早于开始日期{begins}")
    same = {
        "2503": ("opsp_dise_code",),
        "2505": ("fixmedins_code", "biz_appy_type"),
        "2501": ("reflin_medins_no", "refl_date"),
    }.get(asked.infno, ())
    for step in live_filings(case):
        said: Any = step.said["in"]
        if (
            same
            and step.infno == asked.infno
            and all(said[NODE[step.infno]].get(name) == data.get(name) for name in same)
        ):
            raise No(f"已有相同的有效备案，流水号{step.said['filing']}")


def conditions_filed(case: Case) -> list[tuple[Mapping[str, Any], str]]:
    """The chronic filings that stand, with the condition each is for."""
    found = []
    for step in live_filings(case):
        if step.infno == "2503":
            said: Any = step.said["in"]
            found.append((said["data"], condition(said["data"]["opsp_dise_code"], said["data"]["opsp_dise_name"])))
    return found


def with_conditions(file: File, filed: list[tuple[Mapping[str, Any], str]]) -> File:
    """A file in which the chronic conditions are those that were there without filings, and those filed, day by day."""
    own = replace(file, facts=tuple(fact for fact in file.facts if fact.said != MARK))
    days = {day(row["begndate"]) for row, _ in filed} | {
        day(row["enddate"]) + timedelta(days=1) for row, _ in filed if row.get("enddate")
    }
    days |= {fact.begins for fact in file.facts if fact.said == MARK}
    facts = []
    for when in sorted(days):
        before = own.member("", when, ()).on(when).get("conditions", frozenset())
        now = {word for row, word in filed if holds(row, when)}
        facts.append(Fact("filing", when, answers={"conditions": frozenset(before) | now}, said=MARK))  # type: ignore[arg-type]
    return replace(own, facts=(*own.facts, *facts))


def holds(row: Mapping[str, Any], when: date) -> bool:
    """Does a filing hold on a day?"""
    return day(row["begndate"]) <= when and (not row.get("enddate") or when <= day(row["enddate"]))


@transaction("2502", "2504", "2506")
def end_it(front: Front, asked: Asked) -> Mapping[str, Any] | None:
    """Cancel a filing."""
    data = asked.input["data"]

    def act(case: Case) -> Taken:
        step = filing_of(case, data["trt_dcla_detl_sn"], ENDS[asked.infno])
        return Taken(None, undoes=step.number, file=file_without(case, step))

    return take(front, asked, data["psn_no"], FILINGS, act)


def filing_of(case: Case, name: str, infno: str) -> Kept:
    """A filing that stands, by its number. Raises No."""
    for step in live_filings(case):
        if step.said.get("filing") == name and step.infno == infno:
            if step.hospital != case.asked.institution.code:
                raise No("该备案由其他机构申报，无权撤销")
            return step
    raise No(f"未查询到有效的备案{name}")


def file_without(case: Case, gone: Kept) -> File | None:
    """The member's file without a chronic filing; None where nothing changes in it."""
    if gone.infno != "2503":
        return None
    said: Any = gone.said["in"]
    left = [(row, word) for row, word in conditions_filed(case) if row != said["data"]]
    return with_conditions(case.file, left)


@transaction("5301")
def chronic(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The chronic filings of a member."""
    case = opened(front, asked, asked.input["data"]["psn_no"], FILINGS)
    rows = [said["data"] for said in _said(case, "2503")]
    return {"feedetail": [{"opsp_dise_code": row["opsp_dise_code"], "opsp_dise_name": row["opsp_dise_name"], "begndate": row["begndate"],
                           "enddate": row["enddate"], "exp_content": ""} for row in rows]}  # fmt: skip


@transaction("5302")
def chosen(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The institutions a member chose."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], FILINGS)
    rows = [said["data"] for said in _said(case, "2505")]
    wanted = data.get("biz_appy_type", "")
    return {"psnfixmedin": [{name: row.get(name, "") for name in CHOSEN}
                            | {"insutype": data.get("insutype", "")} for row in rows if not wanted or row["biz_appy_type"] == wanted]}  # fmt: skip


@transaction("5304")
def referrals(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The referrals of a member in a time."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], FILINGS)
    begins, ends = data["begntime"][:10], (data.get("endtime") or "9999-12-31")[:10]
    who = basics(case.identity, case.member, case.file, front.today)
    who.pop("exp_content")
    found = []
    for step in live_filings(case):
        said: Any = step.said["in"]
        if step.infno != "2501" or not begins <= said["refmedin"]["refl_date"] <= ends:
            continue
        row = said["refmedin"]
        found.append({**row, **who,
                      "dcla_souc": "01", "out_flag": "0" if row["refl_type"] == "1" else "1", "opt_time": step.at,
                      "trt_dcla_detl_sn": step.said["filing"]})  # fmt: skip
    return {"refmedin": found}


def _said(case: Case, infno: str) -> list[Any]:
    return [step.said["in"] for step in live_filings(case) if step.infno == infno]
