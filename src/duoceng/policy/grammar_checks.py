"""Questions that must never be left open, because the answers pay differently and read alike."""

from itertools import pairwise

from duoceng.policy.document import Layer, Version
from duoceng.policy.nodes import Branch, Node, Row
from duoceng.policy.reader import Reader
from duoceng.policy.values import Plain

NEVER_DEFAULT = {
    "deductible": "Is there one? Write `deductible: none` if not.",
    "ceilings": "Is there one? Write `ceilings: none` if not.",
}


def order_versions(reader: Reader, found: list[Version], what: str) -> tuple[Version, ...]:
    """Versions by first day; two on one day are a mistake."""
    found = sorted(found, key=lambda v: v.cited.begins)
    for first, second in pairwise(found):
        if first.cited.begins == second.cited.begins:
            reader.wrong(14, second.cited.place, f"two versions of the {what} start on the same day",
                         f"A bill of {second.cited.begins} or later would have two, so it could not be settled.",
                         "remove one, or set `from` to the day the second notice takes effect", also=first.cited.place)  # fmt: skip
    return tuple(found)


def check_layer(reader: Reader, node: Node, layer: Layer) -> None:
    """A layer says what it sees, and either pays in cash or answers every question of a paying layer."""
    assert isinstance(node, Branch)
    if layer.cash:
        return
    for name, why in NEVER_DEFAULT.items():
        if name not in node.items:
            reader.wrong(16, node.place, f"layer `{layer.name}` does not say `{name}`", why, f"add `{name}:`")
    share = node.items.get("share")
    if share is None or (isinstance(share, Row) and not share.items):
        reader.wrong(
            2,
            node.place,
            f"layer `{layer.name}` does not say `share`",
            "A layer that pays nothing is no layer.",
            "add `share:`",
        )
    if not layer.sees:
        reader.wrong(16, node.place, f"layer `{layer.name}` does not say which kinds of money it `sees`",
                     "What one tier hands to the next is policy, not a constant.", "add `sees: [in_scope]` or the kinds the rule names")  # fmt: skip
    for version in layer.deductible:
        _check_deductible(reader, layer, version)
    _check_ceilings(reader, layer)


def _check_deductible(reader: Reader, layer: Layer, version: Version) -> None:
    if version.get("amount") is None and version.get("rate_of") is None and not version.cited.gap:
        reader.wrong(
            2,
            version.cited.place,
            "the deductible has neither `amount` nor `rate_of`",
            "",
            "add one of them",
        )
    if layer.tier in ("huiminbao", "commercial") and not version.get("filled_by") and not version.cited.gap:
        reader.wrong(16, version.cited.place, "whose payments fill this deductible?",
                     "Some products let other commercial payments fill it, none lets social insurance.",
                     "add `filled_by: [member]` or name the tiers")  # fmt: skip


def _check_ceilings(reader: Reader, layer: Layer) -> None:
    shared = [v.get("shared_as") for c in layer.ceilings for v in c.versions[:1] if v.get("shared_as")]
    if len(shared) > len(set(shared)):
        what = f"two ceilings of `{layer.name}` run on one sum"
        reader.wrong(24, layer.place, what, "Each payment would count twice.", "give one of them its own `shared_as`")
    names = [c.name for c in layer.ceilings]
    for ceiling in layer.ceilings:
        if names.count(ceiling.name) > 1:
            reader.wrong(24, ceiling.place, f"two ceilings are called `{ceiling.name}`", "", "give each its own name")
        for version in ceiling.versions:
            _check_ceiling(reader, layer, version)


def _check_ceiling(reader: Reader, layer: Layer, version: Version) -> None:
    if version.cited.gap:
        return
    if not any(version.get(k) is not None for k in ("limit", "times", "rate_of")):
        reader.wrong(2, version.cited.place, "the ceiling has no `limit`", "", "add `limit:`, `times:` or `rate_of:`")
    if "in_scope" in layer.sees and version.get("bounds") == "payment" and version.get("beyond_as") is None:
        reader.wrong(16, version.cited.place, "what lies beyond this ceiling: money not paid, or its cost?",
                     "The next tier sees it as `over_ceiling`; 65,000 unpaid at 91 % is a cost of 71,428.57.",
                     "add `beyond_as: payment` or `beyond_as: expense`")  # fmt: skip


def check_share(reader: Reader, layer: Layer, version: Version, bands_max: int) -> None:
    """Bands rise, the last is open, and the document says where they start and what they run on."""
    place, bands = version.cited.place, version.get("bands", [])
    if version.cited.gap:
        return
    if bool(bands) == (version.get("pays") is not None):
        reader.wrong(2, place, "the share needs either `pays` or `bands`", "", "write one of them")
        return
    if len(bands) > bands_max:
        reader.wrong(18, place, f"more than {bands_max} bands", "", "join bands or split the layer")
    if len(bands) > 1:
        for key, why in (("starts", "Counting from zero or above the deductible pays differently."),
                         ("measured", "This stay and the year's running total pay differently.")):  # fmt: skip
            if version.get(key) is None and (key == "measured" or layer.deductible):
                reader.wrong(16, place, f"the bands do not say `{key}`", why, f"add `{key}:`")
    edges = [b.up_to for b in bands]
    for at, (low, high) in enumerate(pairwise(edges)):
        if isinstance(low, Plain) and isinstance(high, Plain) and low.number >= high.number:
            reader.wrong(
                12,
                high.place,
                f"band {at + 2} ends before band {at + 1}",
                "Bands rise.",
                "check the two `up_to`",
            )
    if any(e is None for e in edges[:-1]) or (edges and edges[-1] is not None):
        reader.wrong(13, place, "the last band, and only the last, has no `up_to`",
                     "Otherwise it is not said what is paid beyond.", "add a last band, `{pays: 0%}` if nothing is paid")  # fmt: skip
