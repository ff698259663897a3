"""What a bill would be asked, before there is one: the plan of a bill of nothing, for the benefit check."""

from typing import Any

from duoceng.base.mistakes import Refused
from duoceng.desk.asks import Ask
from duoceng.desk.replay import Live, allowed, member_for
from duoceng.interfaces.nhsa.bills import answers_of
from duoceng.interfaces.nhsa.front import Case, Front, No, day, told
from duoceng.kernel.columns import KIND_COUNT
from duoceng.records.bill import Bill, Part
from duoceng.records.plan import Plan


def plan_of(front: Front, case: Case, data: dict[str, Any]) -> Plan:
    """The plan for care of this kind. Raises No where a question of the rules is not answered."""
    when = day(data["begntime"])
    case.encounter.told = {"med_type": data["med_type"], "dise_name": data.get("dise_name", "")}
    answers = {"stay_days": 1, **answers_of(case, data, when)}
    nothing = (Part((0,) * KIND_COUNT),)
    bill = Bill("check", when, when, None, answers, nothing, units={"days": 1, "visits": 1})
    products, _ = allowed(case.file, Ask(case.member, bill, case.asked.institution.code), front.today)
    member = member_for(case.file, case.member, Live(bill, case.asked.institution.code, products))
    try:
        return front.desk.plans.settle(member, bill, case.book.sums).plan
    except Refused as refused:
        raise No(told(refused)) from None
