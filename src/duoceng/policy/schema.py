"""The JSON Schema of documents and bills, made from the very tables that read them, so that editors complete keys.

A document whose first line is `# yaml-language-server: $schema=...` is checked while it is typed.
"""

from typing import Any

from duoceng.policy.conditions import conditions
from duoceng.policy.grammar import DOCUMENT
from duoceng.policy.read_values import HOW
from duoceng.policy.reader import Form, Keys, a_day, money, text, whole, yes_no
from duoceng.policy.vocabulary import Attribute, Vocabulary

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
NUMBER: Schema = {"type": ["number", "string"]}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
FORMS: dict[str, Schema] = {
    "number": {"type": ["integer", "string"]},
    "money": NUMBER,
    "rate": {"type": "string"},
    "day": DAY,
    "yes_no": SCALAR,
}


def document_schema(vocabulary: Vocabulary) -> Schema:
    """The schema of policy documents."""
    root = object_schema(DOCUMENT)
    root |= {"$schema": DIALECT, "title": "Duoceng policy document", "$defs": _definitions(vocabulary)}
    return root


def object_schema(keys: Keys) -> Schema:
    """An object by its table of keys."""
    found: Schema = {
        "type": "object",
        "properties": {name: {"description": key.says, **form_schema(key.form)} for name, key in keys.items()},
        "additionalProperties": False,
    }
    if required := [name for name, key in keys.items() if key.required]:
        found["required"] = required
    return found


def form_schema(form: Form) -> Schema:
    """What a form reads."""
    plain: dict[Form, Schema] = {
        text: {"type": ["string", "number"]},
        a_day: DAY,
        money: NUMBER,
        whole: FORMS["number"],
        yes_no: SCALAR,
        conditions: {"$ref": "#/$defs/conditions"},
    }
    if form in plain:
        return plain[form]
    for attribute, make in _MAKERS.items():
        if hasattr(form, attribute):
            found: Schema = make(form)
            return found
    return {}


def _list(items: Schema) -> Schema:
    return {"anyOf": [{"type": "array", "items": items}, items]}


_MAKERS: dict[str, Any] = {
    "allowed": lambda f: {"enum": list(f.allowed)},
    "word": lambda f: {"anyOf": [{"const": f.word}, form_schema(f.form)]},
    "versions": lambda f: _list(object_schema(f.keys)),
    "adjusts": lambda f: _list(
        {"type": "object", "properties": {h: {"$ref": "#/$defs/value"} for h in (*HOW, "limit")}}
    ),
    "unit": lambda f: {"$ref": "#/$defs/value"},
    "item": lambda f: _list(form_schema(f.item)),
    "keys": lambda f: object_schema(f.keys),
    "of": lambda f: {"type": "object", "additionalProperties": form_schema(f.of)},
}


def _definitions(vocabulary: Vocabulary) -> Schema:
    answers = {a.name: {"description": f"{a.zh} · {a.en}"} for a in vocabulary.values()}
    condition = {
        "type": "object",
        "properties": {**answers, "any": {}, "not": {}},
        "additionalProperties": False,
    }
    value = {
        "anyOf": [SCALAR, {"type": "object"}],
        "description": "a number, a table {by: attribute, ...}, an {index: ...}, or none",
    }
    return {"conditions": _list(condition), "value": value}


def answers_schema(vocabulary: Vocabulary, of: tuple[str, ...]) -> Schema:
    """The properties of the answers a member, product, bill or line may give."""
    return {a.name: _answer(a) for a in vocabulary.values() if a.of in of}


def _answer(attribute: Attribute) -> Schema:
    words: Schema = {"description": f"{attribute.zh} · {attribute.en}"}
    values = list(attribute.values)
    if attribute.type == "set":
        return {**words, "type": "array", "items": {"type": "string"} if attribute.open else {"enum": values}}
    if attribute.type == "choice" and not attribute.open:
        return {**words, "enum": values}
    return {
        **words,
        **FORMS.get(attribute.type, {"type": "string"}),
    }
