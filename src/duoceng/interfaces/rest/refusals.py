"""Every refusal in one form: `{"mistakes": [{code, what, why, repair, field}]}`, in Chinese or English, with a fitting status."""

import re
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json
from starlette.responses import Response

from duoceng.base.mistakes import Mistake, Mistakes, Place, Refused
from duoceng.interfaces.mistakes_zh import in_chinese
from duoceng.policy.questions import question_in

SHOWN = 50
STATUS = {
    "D001": 404,
    "D002": 409,
    "D003": 409,
    "D004": 404,
    "D005": 409,
    "D006": 409,
    "D008": 503,
    "D012": 404,
    "S002": 401,
    "S003": 403,
    "S004": 400,
    "S005": 413,
    "S006": 429,
    "S007": 503,
    "S008": 404,
    "S009": 404,
    "S010": 409,
    "D016": 409,
    "S011": 500,
    "S012": 503,
    "S013": 405,
    "S014": 400,
}
AGAIN = {429: "1", 503: "1"}  # seconds after which it is worth trying again
FIELD = re.compile(
    r"(body|bill|member|hospital|pays|facts|identity|product|key|lang|Authorization|Idempotency-Key)([.\[].*)?"
)

LONG = re.compile("[0-9]{6,}[Xx]?")  # in the name of a field: perhaps a person's number


def refusal(refused: Refused, lang: str) -> Response:
    """The answer to what is refused."""
    status = status_of(refused)
    said = {"mistakes": [as_json(mistake, lang) for mistake in refused.mistakes[:SHOWN]]}
    headers = {"Retry-After": AGAIN[status]} if status in AGAIN else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(to_json(said), status, headers, "application/json")


def status_of(refused: Refused) -> int:
    """The status of the first mistake; what a document or a bill gets wrong cannot be processed."""
    return STATUS.get(refused.mistakes[0].code, 422)


def as_json(mistake: Mistake, lang: str) -> dict[str, Any]:
    """One mistake. `field` names a field of what was asked, where it is about one; `question` an answer the rules ask for."""
    asks = question_in(mistake)
    if lang == "zh":
        mistake = in_chinese(mistake)
    field = mistake.place.file if FIELD.fullmatch(mistake.place.file) else ""
    said = {"code": mistake.code, "what": mistake.what, "why": mistake.why, "repair": mistake.repair, "field": field}
    return said | ({"question": asks} if asks else {})


def language(accepted: str) -> str:
    """The language of words: what comes first of ours in `Accept-Language`; Chinese where nothing is said."""
    for part in accepted.lower().split(","):
        tag = part.split(";")[0].strip()[:2]
        if tag in ("zh", "en"):
            return tag
    return "zh"


def not_valid(error: ValidationError, at: str) -> Refused:
    """What a form does not allow, field by field."""
    found = Mistakes()
    for one in error.errors(include_url=False, include_context=True, include_input=False)[:SHOWN]:
        _note(found, one, Place(".".join([at, *(LONG.sub("…", str(step)) for step in one["loc"])]), 0))
    return Refused(found.found)


def _note(found: Mistakes, one: Any, place: Place) -> None:  # noqa: C901, PLR0912  a table in the form of cases: each sentence stands where the test for Chinese finds it
    context = one.get("ctx", {})
    match one["type"]:
        case "json_invalid":
            found.add("S014", place, "this is not JSON", "", "send a JSON object as UTF-8")
        case "missing":
            found.add("S001", place, "this field is missing", "", "add it")
        case "extra_forbidden":
            found.add("S001", place, "this field is not known", "It would be passed over in silence.", "leave it out")
        case "int_type" | "int_from_float" | "int_parsing_size":
            found.add(
                "S001",
                place,
                "a whole number is wanted here",
                "Amounts are whole fen.",
                "write a number without a decimal point",
            )
        case "less_than_equal":
            found.add("S001", place, f"larger than {context['le']}", "", "write a smaller number")
        case "greater_than_equal":
            found.add("S001", place, f"less than {context['ge']}", "", "write a larger number")
        case "too_long" | "string_too_long":
            found.add("S001", place, f"longer than {context['max_length']}", "", "send less")
        case "too_short" | "string_too_short":
            found.add("S001", place, "nothing is written here", "", "fill it in, or leave it out")
        case "string_pattern_mismatch":
            found.add(
                "S001", place, "these characters may not stand here", "", "write letters, digits and . _ : - only"
            )
        case "identity_number" | "no_identity_number":
            _note_identity(found, one["type"], place)
        case "no_text" | "string_unicode":
            found.add("S001", place, "characters that are not text", "", "leave them out")
        case "impossible_day" | "date_type" | "date_from_datetime_parsing" | "date_parsing":
            found.add("S001", place, "a possible day is wanted here", "", "write a day such as 2025-03-31")
        case "one_of_two":
            found.add(
                "S001", place, "either a bill or a key is wanted", "Both could mean two bills.", "name one of them"
            )
        case _:
            found.add(
                "S001", place, "this value cannot stand here", "", "write what the description of the service allows"
            )


def _note_identity(found: Mistakes, kind: str, place: Place) -> None:
    if kind == "identity_number":
        found.add(
            "S001",
            place,
            "an identity number stands here",
            "Numbers of identity cards are sealed; they belong into `identity` alone.",
            "take it out, and use a name of your own for the member",
        )
    else:
        found.add(
            "S001",
            place,
            "this is no number of an identity card",
            "Its day of birth or check digit is wrong.",
            "check the number",
        )
