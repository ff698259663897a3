"""The JSON Schema of bill files, made from the tables that read them and the vocabulary."""

from duoceng.interfaces.bill_file import BILL, FILE, LINE, MEMBER, PART
from duoceng.kernel.columns import KINDS
from duoceng.policy.reader import Keys
from duoceng.policy.schema import DIALECT, NUMBER, Schema, answers_schema, object_schema
from duoceng.policy.vocabulary import Vocabulary


def bill_schema(vocabulary: Vocabulary) -> Schema:
    """The schema of a bill file: one bill, or a member's year."""
    part, line = _with(PART, vocabulary, ("line", "bill")), _with(LINE, vocabulary, ("line",))
    bill = _with(BILL, vocabulary, ("bill", "line"))
    amounts = {"type": "object", "properties": dict.fromkeys(KINDS, NUMBER), "additionalProperties": False}
    for holder in (part, bill):
        holder["properties"]["amounts"] |= amounts
    bill["properties"]["parts"] |= {"type": "array", "items": part}
    bill["properties"]["lines"] |= {"type": "array", "items": line}
    member = _with(MEMBER, vocabulary, ("member", "product"))
    held = {
        "type": "object",
        "properties": {"policy": {"type": "string"}, **answers_schema(vocabulary, ("product", "member"))},
        "required": ["policy"],
    }
    member["properties"]["products"] |= {"type": "array", "items": {"anyOf": [{"type": "string"}, held]}}
    root = object_schema(FILE)
    root["properties"] |= {"member": member, "bill": bill, "bills": {"type": "array", "items": bill}}
    return {"$schema": DIALECT, "title": "Duoceng bill file", **root}


def _with(keys: Keys, vocabulary: Vocabulary, of: tuple[str, ...]) -> Schema:
    schema = object_schema(keys)
    schema["properties"] = {**answers_schema(vocabulary, of), **schema["properties"]}
    return schema
