"""A pharmacy sells: lines and settlement in one message (2102), the trial (2101), and the way back (2103)."""

from collections.abc import Mapping
from typing import Any

from duoceng.interfaces.nhsa import settling
from duoceng.interfaces.nhsa.bills import answers_of
from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.encounter import PHARMACY, Row, row_of
from duoceng.interfaces.nhsa.front import Asked, Case, Front, day, number_of, opened
from duoceng.interfaces.nhsa.lines import split
from duoceng.interfaces.nhsa.outpatient import need
from duoceng.interfaces.nhsa.people import checked_scheme
from duoceng.interfaces.nhsa.registry import transaction


def sold(case: Case) -> tuple[list[Row], Input, Input]:
    """What was sold, as lines of an encounter that begins and ends here."""
    data, rows = case.asked.input["druginfo"], case.asked.input["drugdetail"]
    checked_scheme(case, data["insutype"])
    case.encounter.kind, case.encounter.opened, case.encounter.hospital = PHARMACY, data, case.asked.institution.code
    answered, answers = split(case, rows, answers_of(case, data, day(data["begntime"])))
    found = [row_of(row, one, said) for row, one, said in zip(rows, answered, answers, strict=True)]
    return found, data, {"answers": answers}


@transaction("2101")
def trial(front: Front, asked: Asked) -> Mapping[str, Any]:
    """What the customer would pay; leaves no trace."""
    case = opened(front, asked, asked.input["druginfo"]["psn_no"], number_of(front, asked))
    rows, data, _ = sold(case)
    return {**settling.trial(front, asked, case, rows, data), "detlcutinfo": [row.answered for row in rows]}


@transaction("2102")
def settle(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Sell and settle."""
    return settling.settle(front, asked, asked.input["druginfo"]["psn_no"], number_of(front, asked), sold)


@transaction("2103")
def reverse(front: Front, asked: Asked) -> Mapping[str, Any]:
    """Take a sale back."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], data["mdtrt_id"])
    if any(step.msgid == asked.msgid for step in case.encounter.steps):
        return settling.said_before_checked(front, asked, case.member)
    need(case, PHARMACY)
    return settling.reverse(front, asked, case, data["setl_id"])
