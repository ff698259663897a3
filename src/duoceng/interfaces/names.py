"""Attributes, their values, places and ceilings by the names people read in statements."""

from duoceng.desk.trip import documents_of
from duoceng.policy.library import Library
from duoceng.policy.places import english_name, place_name
from duoceng.records.bill import Member


def names_for(library: Library, member: Member, lang: str) -> dict[str, str]:
    """Attributes and their values as `attribute=value` in a language, the place, and in Chinese ceilings as `layer ceiling name`."""
    found = {}
    for a in library.vocabulary.values():
        found[a.name] = a.zh if lang == "zh" else a.en
        found |= {f"{a.name}={value}": a.words(value, lang) for value in a.values}
        if a.type == "yes_no":
            found |= {f"{a.name}={word}": a.words(word == "yes", lang) for word in ("yes", "no")}
    found[f"region={member.region}"] = (
        place_name(library, member.region) if lang == "zh" else english_name(member.region)
    )
    layers = {f"{d.policy}/{y.name}": y for d in documents_of(library, member) for y in d.layers}
    if lang == "zh":
        found |= {f"{name} ceiling {c.name}": c.title for name, y in layers.items() for c in y.ceilings if c.title}
    return found
