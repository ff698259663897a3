"""Who somebody is: read person (1101, 1160, 1161, 1162), benefit check (2001), as the desk's file and the sealed identity know them."""

from datetime import date
from typing import Any

from duoceng.base.mistakes import Refused
from duoceng.desk.codes import BASIC, whose
from duoceng.desk.people import File
from duoceng.interfaces.nhsa.front import Asked, Case, Front, No, day, opened, yuan
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.words import aid_code, code_of, scheme_of, value_of_code
from duoceng.ledger import chart
from duoceng.policy.library import Library
from duoceng.records.bill import Value
from duoceng.store.seal import Identity

CREDENTIAL, CARD_OF_IDENTITY, SOCIAL_CARD = "01", "02", "03"
OTHER_SCHEME = "39"


def born(identity: Identity, file: File, today: date) -> date | None:
    """The day of birth: from the identity number, else from the file."""
    if identity.kind == "01" and len(identity.number) == 18 and identity.number[6:14].isdigit():
        try:
            return date(int(identity.number[6:10]), int(identity.number[10:12]), int(identity.number[12:14]))
        except ValueError:
            return None
    known = file.member("", today, ()).on(today).get("born")
    return known if isinstance(known, date) else None


def sex(identity: Identity, answers: dict[str, Value]) -> str:
    """1 male, 2 female, 0 not known."""
    if identity.kind == "01" and len(identity.number) == 18 and identity.number[16].isdigit():
        return "1" if int(identity.number[16]) % 2 else "2"
    return {"male": "1", "female": "2"}.get(str(answers.get("sex")), "0")


def basics(identity: Identity, member: str, file: File, today: date) -> dict[str, Any]:
    """`baseinfo` of a person."""
    birthday, answers = born(identity, file, today), file.member(member, today, ()).on(today)
    age = (today - birthday).days / 365.2425 if birthday else float(int(str(answers.get("age") or 0)))
    return {"psn_no": member, "psn_cert_type": identity.kind, "certno": identity.number, "psn_name": identity.name, "gend": sex(identity, answers),
            "naty": "", "brdy": birthday.isoformat() if birthday else "", "age": int(age * 10) / 10, "exp_content": ""}  # fmt: skip


def psn_type(answers: dict[str, Value]) -> str:
    """The class of member (人员类别)."""
    return code_of("status", str(answers.get("status", ""))) or ("11" if answers.get("scheme") == "employee" else "15")


def person_of(case: Case, insutype: object = "") -> dict[str, Any]:
    """Who a settlement is for, as `setlinfo` says it."""
    today = case.front.today
    answers = case.file.member(case.member, today, ()).on(today)
    said = basics(case.identity, case.member, case.file, today)
    said.pop("exp_content")
    return {**said, "insutype": str(insutype or case.encounter.opened.get("insutype", "")), "psn_type": psn_type(answers),
            "cvlserv_flag": civil_servant(answers)}  # fmt: skip


def civil_servant(answers: dict[str, Value]) -> str:
    """1 for civil servants."""
    return "0" if answers.get("rank") in (None, "not_civil_servant") else "1"


def checked_scheme(case: Case, insutype: str) -> None:
    """Raise No where the member is not insured under a scheme today."""
    answers = case.file.member(case.member, case.front.today, ()).on(case.front.today)
    if scheme_of(insutype) != answers.get("scheme"):
        raise No(f"该人员没有险种{insutype}的参保信息")


@transaction("1101", "1160", "1161", "1162")
def read_person(front: Front, asked: Asked) -> dict[str, Any]:
    """A person by credential, identity card or social card."""
    member = find_person(front, asked)
    case = opened(front, asked, member, "")
    today, file = front.today, case.file
    said = extension_of_sandbox(front, basics(case.identity, member, file, today))
    return {"baseinfo": said, "insuinfo": insured(case), "idetinfo": identities(front.desk.library, file, today)}


def extension_of_sandbox(front: Front, said: dict[str, Any]) -> dict[str, Any]:
    """Invented people say that they are."""
    return {**said, "exp_content": '{"duoceng":{"sandbox":true}}'} if front.sandbox else said


def find_person(front: Front, asked: Asked) -> str:
    """The member a message shows a credential of. Raises No."""
    data = asked.input.get("data") or {}
    kind, number = str(data.get("mdtrt_cert_type") or ""), str(data.get("mdtrt_cert_no") or data.get("ecQrCode") or "")
    if kind == CREDENTIAL or data.get("ecQrCode"):
        try:
            return whose(front.desk, number, BASIC)
        except Refused:
            if not data.get("certno"):
                raise No("电子凭证无效或已过期，请重新出示") from None
    certificate, own = str(data.get("certno") or ""), str(data.get("psn_cert_type") or "01")
    for number_kind, words in ((own, certificate), ("01", number)):
        member = front.seal.find(front.desk.database, number_kind, words) if words else None
        if member:
            stop_if_other(front, member, str(data.get("psn_name") or ""))
            return member
    raise No("未查询到该人员的参保信息，请核对证件号码")


def stop_if_other(front: Front, member: str, name: str) -> None:
    """Raise No where the name given is another."""
    known = front.identity(member).name
    if name and known and name != known:
        raise No("姓名与证件号码不一致，请核对")


def insured(case: Case) -> list[dict[str, Any]]:
    """`insuinfo`: a row for the scheme, with the account's balance."""
    today, file = case.front.today, case.file
    answers = file.member(case.member, today, ()).on(today)
    enrolled = [fact for fact in file.of("enrolment") if fact.begins <= today]
    last = max(enrolled, key=lambda fact: fact.begins) if enrolled else None
    stands = last is not None and last.holds(today)
    return [{
        "balc": yuan(case.book.free(chart.personal(case.member))),
        "insutype": code_of("scheme", str(answers.get("scheme", ""))) or "390",
        "psn_type": psn_type(answers),
        "psn_insu_stas": "1" if stands else "4",
        "psn_insu_date": min(fact.begins for fact in enrolled).isoformat() if enrolled else "",
        "paus_insu_date": last.ends.isoformat() if last and last.ends and not stands else "",
        "cvlserv_flag": civil_servant(answers),
        "insuplc_admdvs": case.front.regions.code(file.region(today)),
        "emp_name": "",
    }]  # fmt: skip


def identities(library: Library, file: File, today: date) -> list[dict[str, Any]]:
    """`idetinfo`: a row for each aid status with a code, from when to when."""
    found = []
    for fact in (*file.of("enrolment"), *file.of("status")):
        code = aid_code(library, str(fact.answers.get("aid", "")))
        if code:
            found.append({"psn_idet_type": code, "psn_type_lv": "", "memo": "", "begntime": f"{fact.begins} 00:00:00",
                          "endtime": f"{fact.ends} 23:59:59" if fact.ends else ""})  # fmt: skip
    return found


@transaction("2001")
def benefit_check(front: Front, asked: Asked) -> dict[str, Any]:
    """Which funds would look at a bill of this kind on this day: those of the plan of a bill of nothing."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], "")
    checked_scheme(case, data["insutype"])
    return {"trtinfo": [{"psn_no": case.member, "trt_chk_type": "01", **row, "begndate": data["begntime"][:10],
                         "enddate": f"{day(data['begntime']).year}-12-31", "exp_content": ""} for row in funds(front, case, data)]}  # fmt: skip


def funds(front: Front, case: Case, data: dict[str, Any]) -> list[dict[str, Any]]:
    """The layers of the plan for this kind of care, and whether each may pay. Raises No."""
    from duoceng.interfaces.national import fund_pay_type
    from duoceng.interfaces.nhsa.trying import plan_of

    care = value_of_code("care", data["med_type"])
    if not care:
        raise No(f"医疗类别{data['med_type']}在本系统没有对应的结算规则")
    plan = plan_of(front, case, data)
    steps = {step.layer for step in plan.steps}
    refused = {refusal.layer: refusal for refusal in plan.refusals}
    found = []
    for at, layer in enumerate(plan.layers):
        words = (
            ""
            if at in steps
            else f"{refused[at].attribute}为{refused[at].found}，不符合支付条件"
            if at in refused
            else "不支付"
        )
        found.append({"fund_pay_type": fund_pay_type(layer), "trt_enjymnt_flag": "1" if at in steps else "0",
                      "trt_chk_rslt": f"{layer.title}{'：' + words if words else ''}"})  # fmt: skip
    return found
