"""Sign in (9001) and out (9002): an operator at a device; its number goes into every later envelope."""

from collections.abc import Mapping
from typing import Any

from duoceng.interfaces.nhsa.front import Asked, Front, No, moment, number_of, paper_before
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.store.database import Conflict
from duoceng.store.steps import Paper, keep_paper, paper_of

SIGNED_IN, SIGNED_OUT = "sign-in", "sign-out"


def keep(front: Front, asked: Asked, kind: str, name: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write a paper once; what it says, also where it was written before. Raises No."""
    before = paper_before(front, asked)
    if before is None:
        try:
            keep_paper(
                front.desk.database,
                front.seal,
                asked.institution.code,
                Paper(kind, name, asked.msgid, asked.digest, asked.now, said),
            )
            return said
        except Conflict:
            before = paper_before(front, asked)
    if before is None:
        raise No("该业务已办理，请勿重复提交")
    return before.said


@transaction("9001", signed=False)
def sign_in(front: Front, asked: Asked) -> Mapping[str, Any]:
    """An operator begins."""
    name = number_of(front, asked)
    said = keep(
        front,
        asked,
        SIGNED_IN,
        name,
        {"sign_no": name, "sign_time": moment(asked.at), "opter_no": asked.input["signIn"]["opter_no"]},
    )
    return {"signinoutb": {"sign_no": said["sign_no"], "sign_time": said["sign_time"]}}


@transaction("9002", signed=False)
def sign_out(front: Front, asked: Asked) -> Mapping[str, Any]:
    """An operator ends."""
    data = asked.input["signOut"]
    found = paper_of(front.desk.database, front.seal, asked.institution.code, SIGNED_IN, data["sign_no"])
    if found is None:
        raise No(f"签到流水号{data['sign_no']}不存在")
    if found.said["opter_no"] != data["opter_no"]:
        raise No("签退的操作员与签到的操作员不一致")
    said = keep(front, asked, SIGNED_OUT, data["sign_no"], {"sign_time": moment(asked.at)})
    return {"sign_time": said["sign_time"]}


def signed_in(front: Front, institution: str, sign_no: str) -> bool:
    """Does this number of a sign-in hold today?"""
    found = paper_of(front.desk.database, front.seal, institution, SIGNED_IN, sign_no) if sign_no else None
    if found is None or paper_of(front.desk.database, front.seal, institution, SIGNED_OUT, sign_no):
        return False
    return found.at[:10] == front.today.isoformat()
