"""What every version of every number carries: first day, citation, the words, status. Without them it does not load."""

from typing import Any

from duoceng.policy.document import Cited, Version
from duoceng.policy.reader import Key, Keys, Reader, a_day, one_of, text

CITED: Keys = {
    "from": Key(a_day, "first day in force", True),
    "cite": Key(text, "key of a source, then the article: `bj-2019 art. 3`", True),
    "quote": Key(text, "the words, where they were read", True),
    "quoted_from": Key(one_of("page", "note"), "the words of the page itself, or of a research note about it", True),
    "status": Key(one_of("verified", "secondary", "unverified"),
                  "verified: government text; secondary: mirror or press; unverified: memory or conflicting", True),
    "note": Key(text, "remarks, conflicting figures"),
    "gap": Key(text, "from this day the rule is known to differ but was not read: nothing is settled by it"),
}  # fmt: skip


def cited(reader: Reader, said: dict[str, Any], what: str) -> Version | None:
    """The version, or None where its day or citation is missing (already noted)."""
    if not said.get("from") or not said.get("cite"):
        return None
    if said.get("status") == "verified" and said.get("quoted_from") != "page":
        reader.wrong(32, said["at"], f"this version of the {what} is called verified, but its words are not the page's",
                     "Verified means that the government's own words were read.", "quote the page, or write `status: secondary`")  # fmt: skip
    found = Cited(said["from"], said["cite"], said.get("quote", ""), said.get("quoted_from") or "note",
                  said.get("status") or "unverified", said.get("note", ""), said.get("gap", ""), said["at"])  # fmt: skip
    return Version(found, {key: value for key, value in said.items() if key not in CITED and key != "at"})
