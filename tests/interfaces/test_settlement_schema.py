"""The page of the machine form and its schema tell all of it: no key of real output is missing there, none there is missing in it."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import POLICIES, ROOT
from duoceng.desk.year import settle_year
from duoceng.interfaces.bill_file import read_case
from duoceng.interfaces.statement_json import year_as_json
from duoceng.policy.library import Library

sys.path.insert(0, str(ROOT / "tools"))
from make_docs import settlement_schema

BILLS = {
    "late and corrected": """
member: {region: jiangmen, scheme: employee}
bills:
  - {id: a, discharged: 2024-03-10, care: inpatient, level: tertiary, referral: local, amounts: {in_scope: 20000}}
  - {id: b, discharged: 2024-07-02, care: inpatient, level: tertiary, referral: unfiled, amounts: {in_scope: 900000}}
  - {id: c, discharged: 2024-05-20, care: inpatient, level: primary, referral: local, late: yes, amounts: {in_scope: 30000}}
  - {id: d, void: a}
""",
    "parts, products, refusals": """
member:
  region: shanghai
  scheme: employee
  status: active
  aid: none
  products: [{policy: shanghai.huhuibao.2022, pre_existing: no}]
bill:
  id: a
  discharged: 2023-03-12
  care: inpatient
  level: tertiary
  settled_by_basic: no
  account: 300
  parts: [{item_kind: drug, item: D1, amounts: {in_scope: 6000, outside_scope: 40000}}]
""",
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(settlement_schema(Library(Path(POLICIES))))


@pytest.mark.parametrize("source", BILLS.values(), ids=list(BILLS))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_output_is_what_the_page_says(schema: dict[str, Any], source: str, lang: str) -> None:
    library = Library(Path(POLICIES))
    case = read_case(source, "bill.yaml", library.vocabulary)
    year = settle_year(library, case.member, case.bills)
    output = json.loads(json.dumps(year_as_json(case.member, year, lang, {})))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(output, closed(schema))


def closed(schema: Any) -> Any:
    """The schema without room for keys it does not name."""
    if isinstance(schema, list):
        return [closed(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(s) for name, s in schema.items()}
    return {**inner, "additionalProperties": False} if "required" in inner else inner
