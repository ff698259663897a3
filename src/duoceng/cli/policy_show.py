"""`duoceng policy show | diff`: documents in words."""

from datetime import date
from difflib import get_close_matches
from itertools import pairwise

from rich.cells import cell_len

from duoceng.base.day import day as read_day
from duoceng.base.mistakes import Place, refuse
from duoceng.engine.words import say
from duoceng.interfaces.statement_text import pad
from duoceng.policy.document import Document, Layer
from duoceng.policy.library import Library, any_document
from duoceng.policy.show import Said, Words, differences, in_words

SHOWN = 8  # names offered for one that is not known
LABELS = 34  # columns at most for the labels of cells; a longer one stands alone


def begins(document: Document) -> list[date]:
    """The days on which something begins, first to last."""
    return sorted({v.cited.begins for _, _, v in document.versions()})


def day_of(written: str, option: str, document: Document) -> date:
    """The day asked for, or the last one on which something begins."""
    if not written:
        return begins(document)[-1]
    try:
        return read_day(written)
    except ValueError as error:
        raise refuse("B006", Place(option), str(error), "", "write a day such as 2025-03-31") from None


def find(library: Library, policy: str) -> Document:
    """A document by its id. Raises Refused with the nearest ones."""
    found = any_document(library, policy)
    if found is None:
        known = [d for p in library.paths() if (d := library.document(p))]
        named = [d.policy for d in known if policy in d.policy or policy in d.title][:SHOWN]
        near = ", ".join(named or get_close_matches(policy, [d.policy for d in known], 3, 0.2))
        raise refuse("P037", Place(policy, 0), "there is no such policy", "", f"perhaps: {near}")
    return found


def show(library: Library, policy: str, written: str, lang: str) -> str:
    """What a document says on a day, with the words of each clause."""
    document = find(library, policy)
    when, words = day_of(written, "--day", document), Words(library.vocabulary, lang)
    rows = [f"{document.policy}  {document.title}  {document.english}", say("in_force_on", lang, day=str(when))]
    first, last, _ = document.window
    if (first and when < first) or (last and when > last):
        rows.append(say("outside_window", lang, window=f"{first or ''}..{last or ''}"))
    said = in_words(document, when, words)
    for layer in document.layers:
        rows += ["", _head(layer, lang)]
        for (name, part), part_said in said.items():
            if name == layer.name:
                rows += _part(document, words, part, part_said)
        rows += [f"  {say('unread', lang)}{title if lang == 'zh' else english}" for title, english in layer.unread]
    gaps = [f"{say('gap', lang)}{g}" for g in document.gaps]
    return "\n".join([*rows, *([""] if gaps else []), *gaps]) + "\n"


def _head(layer: Layer, lang: str) -> str:
    title = layer.title if lang == "zh" else layer.english or layer.title
    sees = ("、" if lang == "zh" else ", ").join(say(kind, lang) for kind in layer.sees)
    return f"{layer.name} · {title}  ({'; '.join(filter(None, (say(f'tier_{layer.tier}', lang), sees)))})"


def _part(document: Document, words: Words, part: str, said: Said) -> list[str]:
    """One part: its cells in two columns, then its clause."""
    title = next((c.title for y in document.layers for c in y.ceilings if f"ceiling {c.name}" == part), "")
    head = f"  {words.part(part)}" + (f" {title}" if title and words.lang == "zh" else "")
    if said.unread:
        return [f"{head}  {said.unread}", *_clause(document, words, said)]
    if said.version is None:
        return [f"{head}  {words.of('none')}"]
    rows = [head]
    for key, cells in said.cells.items():
        if len(cells) == 1 and not cells[0][0]:
            rows.append(_two(f"    {key}", cells[0][1]))
            continue
        rows.append(f"    {key}")
        rows += [_two(f"      {label}", value) for label, value in cells]
    return [*rows, *_clause(document, words, said)]


def _two(label: str, value: str) -> str:
    """A label and its value, in two columns."""
    return pad(label, LABELS if cell_len(label) < LABELS else cell_len(label) + 2) + value


def _clause(document: Document, words: Words, said: Said) -> list[str]:
    if said.version is None:
        return []
    cited, lang = said.version.cited, words.lang
    key, _, article = cited.cite.partition(" ")
    source = " ".join(filter(None, (document.sources[key].title, article)))
    since, status = say("since", lang, day=str(cited.begins)), say(f"status_{cited.status}", lang)
    return [f"    [{status}{', ' if lang == 'en' else '，'}{since}] {source}{say('colon', lang)}“{cited.quote}”"]


def diff(library: Library, first: str, second: str, days: tuple[str, str], lang: str) -> str:
    """Where two documents, or one on two days, say different things; of one document without days, from version to version."""
    one, two = find(library, first), find(library, second or first)
    if one is two and not any(days):
        seams = list(pairwise(begins(one)))
        if not seams:
            return say("one_version", lang, policy=one.policy, day=str(begins(one)[0])) + "\n"
        return "\n".join(_diff(library, (one, one), seam, lang) for seam in seams)
    asked = day_of(days[0], "--day", one), day_of(days[1], "--other-day", two)
    return _diff(library, (one, two), asked, lang)


def _diff(library: Library, both: tuple[Document, Document], days: tuple[date, date], lang: str) -> str:
    words = Words(library.vocabulary, lang)
    sides = [in_words(d, day, words) for d, day in zip(both, days, strict=True)]
    head = " → ".join(f"{d.policy} {day}" for d, day in zip(both, days, strict=True))
    if both[0] is both[1]:
        head = f"{both[0].policy} {days[0]} → {days[1]}"
    blocks = [f"{layer} · {words.part(part)}\n  - {old}\n  + {new}" for layer, part, old, new in differences(*sides)]
    return "\n".join([head, *(blocks or [say("no_difference", lang)])]) + "\n"
