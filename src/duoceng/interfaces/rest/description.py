"""The description of the service, OpenAPI 3.1, made from the rows of `operations`; nothing in it is written twice."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from duoceng import __version__
from duoceng.interfaces.rest.access import RULES
from duoceng.interfaces.rest.answers import FileBytes, RefusalOut
from duoceng.interfaces.rest.fields import NAME
from duoceng.interfaces.rest.operations import Operation

REFUSALS = {
    "400": "不是 JSON，或缺少幂等键 no JSON, or no key",
    "401": "没有有效令牌 no valid token",
    "403": "无权 not yours",
    "404": "没有 not there",
    "409": "与已有的冲突 at odds with what is there",
    "413": "过长 too long",
    "422": "不能受理 cannot be processed",
    "429": "过于频繁 too often",
    "503": "繁忙，稍后用同一个键再试 busy: try again with the same key",
}
Said = dict[str, Any]


@cache
def description(operations: Sequence[Operation]) -> Said:
    """The whole description."""
    bodies = [(o.body, "validation") for o in operations if o.body]
    told = [(o.answers, "serialization") for o in operations] + [(RefusalOut, "serialization")]
    _, schemas = models_json_schema([*bodies, *told], ref_template="#/components/schemas/{model}")  # type: ignore[list-item]
    paths: Said = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Duoceng 多层", "version": __version__, "description": "医疗费用多层结算。金额一律为分（整数）。Amounts are whole fen."},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths | {path: {"get": plain(*words)} for path, words in AROUND.items()},
        "components": {"schemas": schemas["$defs"],
                       "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
    }  # fmt: skip


def described(operation: Operation) -> Said:
    """One operation."""
    roles = ", ".join(RULES[operation.action])
    found: Said = {
        "operationId": operation.action,
        "summary": " ".join(operation.says),
        "description": f"角色 roles: {roles}",
        "parameters": parameters_of(operation),
        "responses": {"200": {"description": "OK", "content": content_of(operation)}, **refusals_of()},
    }
    if operation.writes:
        replayed = {
            "description": "该键以前已答复 answered before under this key",
            "schema": {"type": "string", "enum": ["true"]},
        }
        found["responses"]["200"]["headers"] = {"Idempotency-Replayed": replayed}
    if operation.body:
        found["requestBody"] = {"required": True, "content": of_json(operation.body.__name__)}
    return found


def parameters_of(operation: Operation) -> list[Said]:
    """Names in the address, the key, the language."""
    name = {"type": "string", "pattern": NAME, "minLength": 1, "maxLength": 64}
    names = [piece[1:-1] for piece in operation.path.split("/") if piece.startswith("{")]
    found: list[Said] = [{"name": one, "in": "path", "required": True, "schema": name} for one in names]
    if operation.writes:
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": name})
    found.append({"name": "Accept-Language", "in": "header", "schema": {"type": "string", "enum": ["zh", "en"]}})
    return found


def refusals_of() -> Said:
    """Every refusal has one form."""
    return {status: {"description": words, "content": of_json("RefusalOut")} for status, words in REFUSALS.items()}


def content_of(operation: Operation) -> Said:
    """What is answered: JSON of a form, or a file."""
    if operation.answers is FileBytes:
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    return of_json(operation.answers.__name__)


def of_json(model: str) -> Said:
    """A body of this form."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}}


AROUND = {"/health/live": ("live", "进程在运行 the process runs", False), "/health/ready": ("ready", "可以受理 takes requests", False),
          "/metrics": ("metrics", "指标 numbers for Prometheus", True)}  # fmt: skip


def plain(name: str, words: str, guarded: bool) -> Said:
    """What is not about bills."""
    form = (
        {"text/plain": {"schema": {"type": "string"}}}
        if guarded
        else {"application/json": {"schema": {"type": "object"}}}
    )
    found: Said = {"operationId": name, "summary": words, "responses": {"200": {"description": "OK", "content": form}}}
    if guarded:
        found["responses"] |= {status: told for status, told in refusals_of().items() if status in ("401", "403")}
    else:
        found["security"] = []
        found["responses"]["503"] = {
            "description": REFUSALS["503"],
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    return found
