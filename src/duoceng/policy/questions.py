"""Answers a plan needs and the bill does not give: asked for, all at once, with the words that may be answered."""

import re
from difflib import get_close_matches

from duoceng.base.mistakes import Mistake, Mistakes, Place
from duoceng.policy.vocabulary import Attribute, Vocabulary
from duoceng.records.bill import Bill, Member

WHERE = {
    "member": "member",
    "product": "product held",
    "bill": "bill",
    "line": "line or part",
    "history": "bill",
}


def nearest(written: str, known: list[str]) -> str:
    """A repair for a name that is not known: the nearest ones that are, and where all stand."""
    near = get_close_matches(written, known, 3, 0.5)
    names = ", ".join(f"`{n}`" for n in near)
    return f"did you mean {names}? COVERAGE.md lists them all" if near else "COVERAGE.md lists them all"


def note_questions(
    missing: dict[str, Place], vocabulary: Vocabulary, member: Member, bill: Bill, mistakes: Mistakes
) -> None:
    """One mistake for each question, at the member or the bill that should answer it."""
    for name, asked_at in missing.items():
        if name.startswith("how many "):
            unit = name.removeprefix("how many ")
            mistakes.add("B020", bill.place or Place("bill"), f"the bill does not say how many {unit}",
                         f"{asked_at} pays by it, and an answer is never guessed.", f"add `{unit}: 3`")  # fmt: skip
            continue
        attribute = vocabulary[name]
        place = (member.place if attribute.of in ("member", "product") else bill.place) or Place("bill")
        if attribute.of == "product":
            held = (h.place for h in member.products if asked_at.file.endswith(f"/{h.policy}.yaml") and h.place)
            place = next(held, place)
        mistakes.add("B020", place, f"the {WHERE[attribute.of]} does not say `{name}` ({attribute.zh}, {attribute.en})",
                     f"{asked_at} pays by it, and an answer is never guessed.", _how(attribute))  # fmt: skip


ASKED = re.compile(r"does not say (?:`(\w+)`|how many (\w+))|asks for `(\w+)`")


def question_in(mistake: Mistake) -> str:
    """The name a mistake asks for: an attribute, or what the bill does not count; nothing where it is no question."""
    found = ASKED.search(mistake.what) if mistake.code == "B020" else None
    return next(filter(None, found.groups()), "") if found else ""


def _how(attribute: Attribute) -> str:
    if attribute.type == "yes_no":
        return f"add `{attribute.name}: yes` or `no`"
    if attribute.values:
        words = ", ".join(f"{v} {t.zh}" for v, t in list(attribute.values.items())[:14])
        form = f"{attribute.name}: []" if attribute.type == "set" else f"{attribute.name}: ..."
        return f"add `{form}`: {words}"
    if attribute.since:
        return f"add `{attribute.name}: 3`, or `{attribute.since}: 2020-03-31` to have it counted"
    example = {"number": "3", "money": "1300.00", "rate": "80%", "day": "2025-03-31"}.get(attribute.type, "...")
    return f"add `{attribute.name}: {example}`"
