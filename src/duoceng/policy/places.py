"""Places by the names people call them: the documents of a place begin with it (`江门市职工…`)."""

import re
from difflib import get_close_matches
from pathlib import Path

from duoceng.policy.library import SPECIAL, Library

_TITLE = re.compile(r"^title:\s*[\"']?([一-鿿]{2,6}?[市省县旗州区])", re.MULTILINE)
_ENDINGS = "市省县旗州区"


def place_name(library: Library, region: str) -> str:
    """What a place is called in the titles of its documents; its id where none begins with it."""
    for folder in library.folders:
        for path in sorted(folder.glob(f"cn/{region}/*.yaml")):
            if path.name not in SPECIAL and (name := _name_in(path)):
                return name
    return region


def english_name(region: str) -> str:
    """A place in Latin letters: `hangjin-houqi` is Hangjin Houqi."""
    return " ".join(word.capitalize() for word in region.split("-"))


def _name_in(path: Path) -> str:
    found = _TITLE.search(path.read_text(encoding="utf-8", errors="replace")[:400])
    return found[1] if found else ""


def nearest_place(library: Library, written: str) -> str:
    """A repair for a place that is not known: those of that name in Chinese, else the nearest ids."""
    known = library.regions()
    names = {region: place_name(library, region) for region in known} if not written.isascii() else {}
    plain = written.strip().rstrip(_ENDINGS)
    near = [r for r, name in names.items() if plain and (plain in name or name.rstrip(_ENDINGS) in written)]
    near = near[:3] or get_close_matches(written.lower(), known, 3, 0.5)
    if not near:
        return "COVERAGE.md lists them all"
    said = ", ".join(f"`{r}`" + (f" {names[r]}" if r in names else "") for r in near)
    return f"did you mean {said}? COVERAGE.md lists them all"


def place_code(library: Library, region: str) -> str:
    """The administrative code of a place (`places.yaml`), whose first two digits are its province; nothing where it has none."""
    path = library.folder / "places.yaml"
    found = (
        re.search(rf'^  {re.escape(region)}:\s*"([0-9]{{6}})"', path.read_text(encoding="utf-8"), re.MULTILINE)
        if path.exists()
        else None
    )
    return found[1] if found else ""
