"""The whole description, asked with what it allows and what it does not: never an error of ours, and only answers it describes.

`DUOCENG_EXAMPLES=2000` asks more.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from databases import ENGINES
from duoceng.interfaces.rest.models import Amounts
from duoceng.kernel.columns import KINDS
from duoceng.policy.library import Library
from interfaces.rest.services import Front, a_bill, a_front, to_settle

EXAMPLES = int(os.environ.get("DUOCENG_EXAMPLES", "12"))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
ROLES = ("hospital", "bureau", "member", "auditor", "operator")


@pytest.fixture(scope="module", params=ENGINES)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, library: Library
) -> Iterator[Front]:
    with a_front(request.param, tmp_path_factory.mktemp("schema"), library) as found:
        found.enrol("ada")
        found.ask("hospital", "POST", "/v1/settlements", to_settle("ada", a_bill("b1")), "k1")
        yield found


def operations(front: Front, mode: GenerationMode) -> Iterator[Any]:
    schema = schemathesis.openapi.from_dict(front.http.get("/openapi.json").json())
    schema.app = front.http.app
    schema.config.generation.update(modes=[mode])
    for found in schema.get_all_operations():
        yield found.ok()


@pytest.mark.parametrize("mode", [GenerationMode.NEGATIVE, GenerationMode.POSITIVE], ids=["negative", "positive"])
def test_nothing_that_is_asked_breaks_it(mode: GenerationMode, front: Front) -> None:
    asked = 0
    for operation in operations(front, mode):
        if mode is GenerationMode.NEGATIVE and not (operation.body or operation.path_parameters or operation.headers):
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES < 100, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        def ask(case: Any) -> None:
            nonlocal asked
            role = ROLES[asked % len(ROLES)] if asked % 2 else "hospital" if "settle" in case.path else "bureau"
            asked += 1
            if asked % 3:
                somebody_known(case)
            response = case.call(headers={"Authorization": f"Bearer {front.token(role)}"}, session=front.http)
            case.validate_response(response, checks=CHECKS)

        ask()
    assert asked > 10 * EXAMPLES / 2


def somebody_known(case: Any) -> None:
    """The same request about a member and a hospital that are there: it gets further."""
    if isinstance(case.body, dict):
        case.body.update({name: value for name, value in (("member", "ada"), ("hospital", "H1")) if name in case.body})
    if "member" in (case.path_parameters or {}):
        case.path_parameters["member"] = "ada"


def test_the_kinds_of_money_are_those_of_the_kernel() -> None:
    assert tuple(Amounts.model_fields) == KINDS
