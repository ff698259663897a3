"""Which bills are covered by a rule that was read; the rest are refused, and never settled at nothing in silence."""

import pytest

from duoceng.base.mistakes import Refused
from duoceng.desk.uncovered import stop_if_uncovered
from duoceng.desk.year import settle_year
from duoceng.interfaces.bill_file import read_case
from duoceng.policy.library import Library

JIANGMEN = "region: jiangmen, scheme: employee"
STAY = "care: inpatient, level: secondary, referral: local"
VISIT = "care: outpatient, level: secondary, referral: local"

COVERED = [
    ("a stay that is read", JIANGMEN, f"{STAY}, amounts: {{in_scope: 8000}}"),
    ("money outside the scope alone", JIANGMEN, f"{STAY}, amounts: {{outside_scope: 8000}}"),
    ("the bill answers for the first tier", JIANGMEN, f"{VISIT}, amounts: {{share: 10}}, settled_before: {{basic: 0}}"),
    ("a benefit in cash", "region: wuhan, scheme: employee, wage: 9000",
     "care: maternity_allowance, birth: normal, children: 1, amounts: {in_scope: 100}"),
]  # fmt: skip
UNCOVERED = [
    ("a scheme that is not read", JIANGMEN.replace("employee", "resident"), f"{STAY}, amounts: {{in_scope: 8000}}"),
    ("care that is not read", JIANGMEN, f"{VISIT}, amounts: {{in_scope: 8000}}"),
    ("nothing in scope, no layer at all", JIANGMEN, f"{VISIT}, amounts: {{outside_scope: 8000}}"),
    ("only a later tier is read", "region: beijing, scheme: employee, status: active, age: 46, aid: none",
     "care: special, level: tertiary, diseases: [], amounts: {in_scope: 8000}"),
    ("a later tier is said to be done", JIANGMEN, f"{VISIT}, amounts: {{in_scope: 1}}, settled_before: {{assistance: 0}}"),
    ("another has paid in the first tier", JIANGMEN, f"{VISIT}, amounts: {{in_scope: 1}}, paid_by_others: {{basic: 5}}"),
]  # fmt: skip


def stop(member: str, bill: str, library: Library) -> None:
    """Settle, and stop where the bill is not covered."""
    source = f"member: {{{member}}}\nbills:\n  - {{id: b, day: 2024-06-03, {bill}}}\n"
    case = read_case(source, "bill.yaml", library.vocabulary)
    stop_if_uncovered(library, case.member, settle_year(library, case.member, case.bills))


@pytest.mark.parametrize("why, member, bill", COVERED, ids=[row[0] for row in COVERED])
def test_a_covered_bill_goes_on(why: str, member: str, bill: str, library: Library) -> None:
    stop(member, bill, library)


@pytest.mark.parametrize("why, member, bill", UNCOVERED, ids=[row[0] for row in UNCOVERED])
def test_a_bill_under_no_rule_is_refused(why: str, member: str, bill: str, library: Library) -> None:
    with pytest.raises(Refused) as refused:
        stop(member, bill, library)

    assert [m.code for m in refused.value.mistakes] == ["B024"]


def test_the_refusal_lists_what_is_read_for_the_place(library: Library) -> None:
    with pytest.raises(Refused) as refused:
        stop(*UNCOVERED[0][1:], library)

    assert "jiangmen.employee.inpatient" in refused.value.mistakes[0].why
    assert "scheme: resident, care: inpatient" in refused.value.mistakes[0].what
