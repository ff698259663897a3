"""Queries of encounters: an institution's own encounters of a person (5201), their diagnoses (5202), who lies in its beds (5303)."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from duoceng.interfaces.nhsa.bills import med_type_of
from duoceng.interfaces.nhsa.encounter import INPATIENT, Encounter, encounters_of
from duoceng.interfaces.nhsa.fields import Node, table_of
from duoceng.interfaces.nhsa.front import Asked, Case, Front, No, day, opened
from duoceng.interfaces.nhsa.people import person_of
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.store.steps import stays_at, steps_at

IN_BED, LEFT = "1", "0"  # inhosp_stas
ADMITTED_WITH, LEFT_WITH = "1", "2"  # inout_diag_type
HERE, OTHER_CITY = "0", "1"  # out_flag


def filled(number: str, name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """A row of an answer: every field its table names, in order; numbers nothing is known of are 0, other fields empty."""
    return {field.name: _told(known.get(field.name), field.type) for field in _node(number, name).fields}


def _told(value: Any, kind: str) -> Any:
    if value is None or value == "":
        return 0 if kind.startswith("n") else ""
    return float(value) if kind.startswith("n") and isinstance(value, str) else value


def _node(number: str, name: str) -> Node:
    table = table_of(number)
    assert table is not None
    return next(node for node in table.answered() if node.name == name)


def encounters_here(front: Front, asked: Asked, member: str) -> list[Encounter]:
    """The encounters of a member at this institution that were not cancelled, in the order they began."""
    steps = steps_at(front.desk.database, front.seal, member, asked.institution.code)
    return [found for found in encounters_of(member, steps) if found.known]


def begins(encounter: Encounter) -> str:
    """When an encounter began."""
    return str(encounter.told.get("begntime") or encounter.opened["begntime"])


def ends(encounter: Encounter) -> str:
    """When it ended: a stay with its discharge, anything else with the last line, or as it began; nothing while somebody lies there."""
    if encounter.kind == INPATIENT:
        ended = str(encounter.discharged.get("endtime") or "")
        return ended if len(ended) != 10 else f"{ended} 00:00:00"
    return max([begins(encounter), *(str(row.asked["fee_ocur_time"]) for row in encounter.lines.values())])


def within(when: str, data: Mapping[str, Any]) -> bool:
    """Is a time in the time that was asked for? A time that ends at midnight was given as a day, and ends with that day."""
    ended = str(data.get("endtime") or "9999-12-31 23:59:59")
    return str(data["begntime"]) <= when <= (f"{ended[:10]} 23:59:59" if ended.endswith("00:00:00") else ended)


@transaction("5201")
def encounters(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The encounters of a person that began in a time, of a medical type."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], "")
    found = [one for one in encounters_here(front, asked, case.member) if within(begins(one), data)
             and med_type_of(one, {}) == data["med_type"] and data["mdtrt_id"] in ("", one.id)]  # fmt: skip
    return {"mdtrtinfo": [filled("5201", "mdtrtinfo", known_of(case, one)) for one in found]}


def known_of(case: Case, encounter: Encounter) -> dict[str, Any]:
    """All that is known of an encounter, by the names of the interface."""
    said = {
        **encounter.opened,
        **encounter.told,
        **{name: value for name, value in encounter.discharged.items() if value != ""},
    }
    stays = encounter.kind == INPATIENT
    left = ends(encounter)
    until = day(left) if left else case.front.today
    return {
        **said,
        **person_of(case, said.get("insutype", "")),
        "mdtrt_id": encounter.id,
        "insu_optins": case.front.regions.code(case.file.region(case.front.today)),
        "begntime": begins(encounter),
        "endtime": left,
        "med_type": med_type_of(encounter, {}),
        "ipt_otp_no": said.get("ipt_otp_no") or said.get("ipt_no") or "",
        "inhosp_stas": (LEFT if encounter.discharged else IN_BED) if stays else "",
        "ipt_days": max((until - day(begins(encounter))).days, 1) if stays else 0,
        "opter_id": "",
        "opter_name": "",
        "opt_time": encounter.steps[0].at,
    }


@transaction("5202")
def diagnoses(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The diagnoses of an encounter."""
    data = asked.input["data"]
    found = own_encounter(front, asked, data).encounter
    rows = []
    for at, row in enumerate(found.diagnoses, 1):
        known = {"maindiag_flag": "1" if at == 1 and found.kind != INPATIENT else "0", **{name: value for name, value in row.items() if value != ""},
                 "diag_info_id": f"{found.id}{at:03d}", "mdtrt_id": found.id, "psn_no": found.member,
                 "inout_diag_type": LEFT_WITH if row.get("inout") == "out" else ADMITTED_WITH}  # fmt: skip
        rows.append(filled("5202", "diseinfo", known))
    return {"diseinfo": rows}


def own_encounter(front: Front, asked: Asked, data: Mapping[str, Any]) -> Case:
    """The encounter a query names, of this institution. Raises No."""
    case = opened(front, asked, data["psn_no"], data["mdtrt_id"])
    if not case.encounter.known:
        raise No("未查询到该就诊记录" if not case.encounter.cancelled else "该就诊已撤销")
    return case


@transaction("5303")
def in_beds(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Who was admitted here in a time and has not left: one person, or everybody."""
    data, rows = asked.input["data"], []
    if data["psn_no"]:
        opened(front, asked, data["psn_no"], "")
        found: Iterable[Encounter] = encounters_here(front, asked, data["psn_no"])
    else:
        steps = stays_at(front.desk.database, front.seal, asked.institution.code, data["begntime"][:10])
        found = [
            one for member, kept in groupby(steps, key=lambda step: step.member) for one in encounters_of(member, kept)
        ]
    for stay in found:
        if stay.kind == INPATIENT and stay.known and not stay.discharged and within(begins(stay), data):
            case = opened(front, asked, stay.member, "")
            known = known_of(case, stay)
            near = front.regions.near(known["insu_optins"], asked.institution.admdvs)
            rows.append(
                filled(
                    "5303",
                    "data",
                    {**known, "begndate": begins(stay)[:10], "out_flag": HERE if near == "in_city" else OTHER_CITY},
                )
            )
    return {"data": rows}
