"""An encounter as a bill of ours: what it answers, from registration, diagnoses, discharge, filings, and the institution."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.encounter import INPATIENT, Encounter, Row
from duoceng.interfaces.nhsa.front import Case, No, day, extension
from duoceng.interfaces.nhsa.lines import parts_of
from duoceng.interfaces.nhsa.words import diseases, value_of_code
from duoceng.records.bill import Bill, Value
from duoceng.store.steps import Kept

ELSEWHERE = {
    "07": "emergency",
    "08": "resettled",
}  # biz_appy_type of 2505: emergency elsewhere, settled elsewhere for long


def med_type_of(encounter: Encounter, data: Mapping[str, Any]) -> str:
    """The medical type: of the settlement, else of what was told, else of the registration."""
    return str(data.get("med_type") or encounter.told.get("med_type") or encounter.opened.get("med_type") or "")


def bill_of(case: Case, rows: list[Row], data: Input, setl_id: str) -> Bill:
    """The bill of an encounter's lines. Raises No."""
    encounter = case.encounter
    admitted = day(encounter.opened["begntime"])
    ended = _ended(case, rows, data)
    if ended < admitted:
        raise No(f"结束日期{ended}早于开始日期{admitted}")
    attributes = answers_of(case, data, ended)
    stays = encounter.kind == INPATIENT
    if stays:
        attributes.setdefault("stay_days", max((ended - admitted).days, 1))
    units = {"days": max((ended - admitted).days, 1)} if stays else {"visits": 1}
    return Bill(setl_id, ended, admitted if stays else None, case.front.today if stays else None, attributes, parts_of(rows),
                units=units, episode=encounter.id if stays else "", title=str(encounter.told.get("dise_name") or ""))  # fmt: skip


def _ended(case: Case, rows: list[Row], data: Input) -> date:
    encounter = case.encounter
    if encounter.kind == INPATIENT:
        if encounter.discharged:
            return day(encounter.discharged["endtime"])
        return min(case.front.today, max(day(row.asked["fee_ocur_time"]) for row in rows)) if rows else case.front.today
    return max(day(row.asked["fee_ocur_time"]) for row in rows)


def answers_of(case: Case, data: Mapping[str, Any], when: date) -> dict[str, Value]:
    """What a bill of this encounter answers to the questions of policies. Raises No where the medical type has no rule here."""
    encounter, asked = case.encounter, case.asked
    med_type = med_type_of(encounter, data)
    care = value_of_code("care", med_type)
    if not care:
        raise No(f"医疗类别{med_type}在本系统没有对应的结算规则")
    found: dict[str, Value] = dict(asked.institution.answers)
    found["care"] = "special" if care == "chronic" and _of_diagnoses(encounter)["diseases"] else care
    care_code = asked.care or asked.institution.admdvs
    regions = case.front.regions
    if region := regions.region(care_code):
        found["care_region"] = region
    home = regions.code(case.file.region(when))
    found |= {"settled_by_basic": True, "insured_by_basic": True}  # what comes through the platform is
    found["care_place"] = regions.near(home, care_code)
    found["referral"] = _came_about(case, str(found["care_place"]), when, med_type)
    found |= _of_diagnoses(encounter)
    found |= _of_birth(encounter)
    if med_type.startswith("28"):
        found["day_surgery"] = True
    if _injured(case, when) or med_type[:2] in ("19", "22") or med_type.startswith("9903"):
        found["injury"] = True
    return {**found, **_own(case, data)}


def _of_diagnoses(encounter: Encounter) -> dict[str, Value]:
    names = [str(row.get("diag_name") or "") for row in encounter.diagnoses]
    names += [str(said.get("dise_name") or "") for said in (encounter.told, encounter.opened, encounter.discharged)]
    found = diseases([name for name in names if name])
    return {"diseases": found}


def _of_birth(encounter: Encounter) -> dict[str, Value]:
    said = {**encounter.opened, **encounter.told, **encounter.discharged}
    found: dict[str, Value] = {}
    if kind := value_of_code("birth", str(said.get("matn_type") or "-")):
        found["birth"] = kind
    for name, attribute in (("fetus_cnt", "children"), ("geso_val", "gestation_weeks"), ("fetts", "child_order")):
        if str(said.get(name) or "").isdigit():
            found[attribute] = int(said[name])
    return found


def live_filings(case: Case) -> list[Kept]:
    """The filings of the member that were not cancelled."""
    steps = case.filings
    gone = {step.undoes for step in steps if step.undoes}
    return [step for step in steps if step.number not in gone and not step.undoes]


def _came_about(case: Case, place: str, when: date, med_type: str) -> str:
    """At home, referred, filed, in an emergency, or neither: as filings say (2501, 2505)."""
    filed = [step for step in live_filings(case) if _holds(step, when)]
    moved = [step.said["in"]["refmedin"] for step in filed if step.infno == "2501"]
    here = [
        said
        for said in moved
        if said["reflin_medins_no"] == case.asked.institution.code or said["mdtrtarea_admdvs"] == case.asked.care
    ]
    if here:
        return "referred"
    if place == "in_city":
        return "local"
    for step in filed:
        if step.infno == "2505" and step.said["in"]["data"]["biz_appy_type"] in ELSEWHERE:
            return ELSEWHERE[step.said["in"]["data"]["biz_appy_type"]]
    return "emergency" if med_type.startswith("13") else "unfiled"


def _holds(step: Kept, when: date) -> bool:
    said: Any = step.said["in"]
    row = said.get("refmedin") or said.get("data") or {}
    begins, ends = row.get("begndate") or row.get("refl_date") or "", row.get("enddate") or ""
    return (not begins or day(begins) <= when) and (not ends or when <= day(ends))


def _injured(case: Case, when: date) -> bool:
    """Was an accident filed for this encounter, or for its time?"""
    for step in live_filings(case):
        if step.infno == "2507":
            said: Any = step.said["in"]
            if said["data"].get("mdtrt_id") in ("", None, case.encounter.id) and _holds(step, when):
                return True
    return False


def _own(case: Case, data: Mapping[str, Any]) -> dict[str, Value]:
    """Further answers in our part of `exp_content`: `{\"duoceng\": {\"answers\": {\"stay_days\": \"7\"}}}`."""
    vocabulary = case.front.desk.library.vocabulary
    found: dict[str, Value] = {}
    for source in (case.encounter.opened, case.encounter.told, case.encounter.discharged, data):
        said = extension(source).get("answers")
        for name, word in (said if isinstance(said, Mapping) else {}).items():
            if name not in vocabulary or vocabulary[name].of not in ("bill", "line"):
                raise No(f"exp_content中的{str(name)[:30]}不是单据属性")
            try:
                found[name] = vocabulary[name].parse({True: "yes", False: "no"}.get(word, str(word)))
            except ValueError as error:
                raise No(f"exp_content中的{name}：{error}") from None
    return found
