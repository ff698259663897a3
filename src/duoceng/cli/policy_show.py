"""`duoceng policy show | diff`: documents in words."""

from datetime import date

from duoceng.base.day import day as read_day
from duoceng.base.mistakes import Place, refuse
from duoceng.interfaces.statement_text import pad
from duoceng.policy.document import Document
from duoceng.policy.library import Library
from duoceng.policy.plan import any_document
from duoceng.policy.show import differences, in_words


def day_of(written: str, document: Document) -> date:
    """The day asked for, or the last one on which something begins."""
    if written:
        try:
            return read_day(written)
        except ValueError as error:
            raise refuse("B006", Place("--day"), str(error)) from None
    return max(v.cited.begins for _, _, v in document.versions())


def find(library: Library, policy: str) -> Document:
    """A document by its id. Raises Refused with the nearest ones."""
    found = any_document(library, policy)
    if found is None:
        from difflib import get_close_matches

        known = [d.policy for p in library.paths() if (d := library.document(p))]
        near = ", ".join(get_close_matches(policy, known, 3, 0.4) or known[:8])
        raise refuse("P037", Place(policy), "there is no such policy", "", f"perhaps: {near}")
    return found


def show(library: Library, policy: str, written: str, lang: str) -> str:
    """What a document says on a day, with the words of each clause."""
    document = find(library, policy)
    when = day_of(written, document)
    rows = [f"{document.policy}  {document.title}  {document.english}", f"{when}"]
    layer = ""
    for (name, part), (version, said) in in_words(document, when).items():
        if name != layer:
            found = next(y for y in document.layers if y.name == name)
            rows += ["", f"{name} · {found.title}  ({found.tier}; {', '.join(found.sees)})"]
            layer = name
        rows += [f"  {part}", *(pad(f"    {key}", 16) + words for key, words in said.items())]
        rows.append(
            f"    [{version.cited.status}, {version.cited.begins}] {version.cited.cite}: “{version.cited.quote}”"
        )
    rows += ["", *(f"gap: {g}" for g in document.gaps)]
    return "\n".join(rows) + "\n"


def diff(library: Library, first: str, second: str, days: tuple[str, str]) -> str:
    """Where two documents, or one on two days, say different things."""
    one, two = find(library, first), find(library, second)
    sides = [in_words(d, day_of(w, d)) for d, w in zip((one, two), days, strict=True)]
    rows = differences(*sides)
    if not rows:
        return "no difference\n"
    blocks = [f"{where} · {name}\n  - {old}\n  + {new}" for where, name, old, new in rows]
    return "\n".join(blocks) + "\n"
