"""One layer for one charge on one day -> one kernel row, and the clause behind each of its numbers.

Here names, dates and cells end: a row is whole numbers. A running sum is known by name until the plan gives it a place.
"""

from dataclasses import dataclass, field

from duoceng.kernel import columns as k
from duoceng.policy.document import Document, Layer, Version, adjust_steps, in_force
from duoceng.policy.periods import Running, running
from duoceng.policy.read_values import adjusted
from duoceng.policy.values import Context, Value
from duoceng.records.plan import Clause

AXES = {
    "payment": k.PAYMENT,
    "expense": k.EXPENSE,
    "expense_with_deductible": k.EXPENSE_WITH_DEDUCTIBLE,
    "times": k.TIMES,
}
KIND = {name: at for at, name in enumerate(k.KINDS)}
FACT = {name: at for at, name in enumerate(k.FACTS)}


@dataclass(frozen=True, slots=True)
class Limit:
    """One ceiling of a row: its name, its numbers, and the running sum it holds."""

    name: str
    numbers: list[int]
    running: Running

    @property
    def on_cost(self) -> bool:
        """Those on cost and on times come first in a row; those on payment after them."""
        return self.numbers[k.AXIS] != k.PAYMENT


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row of numbers that serves any bill with the same answers on any day of the same versions.

    `sums`: the columns that refer to running sums, and these by name. `fills`: tiers whose payment fills the deductible.
    """

    terms: tuple[int, ...]
    sums: tuple[tuple[int, Running], ...]
    ceilings: tuple[str, ...]
    clauses: dict[str, Clause]
    fills: tuple[str, ...]


@dataclass
class Draft:
    """A row under construction: numbers by column, bands, ceilings with their names and running sums; clauses by part, and
    what stopped it."""

    layer: Layer
    document: Document
    context: Context
    terms: list[int] = field(default_factory=lambda: [0] * k.BAND)
    slots: dict[int, Running] = field(default_factory=dict)
    bands: list[tuple[int, int, int]] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    clauses: dict[str, Clause] = field(default_factory=dict)
    unread: list[tuple[str, Version | None]] = field(default_factory=list)
    fills: tuple[str, ...] = ()

    def version(self, part: str, versions: tuple[Version, ...]) -> Version | None:
        """The version in force, with its clause noted; a missing one or a gap goes on the list of what was not read."""
        if not versions:
            return None
        found = in_force(versions, self.context.day)
        if found is None or found.cited.gap:
            self.unread.append((part, found))
            return None
        self.clauses[part] = clause(self.document, f"{self.layer.name}.{part}", found)
        return found

    def number(self, version: Version, key: str, unit: str = "money", adjust: str = "adjust") -> int:
        """A value of a version, with its adjustments."""
        return adjusted(version.get(key), adjust_steps(version, adjust), unit).value(self.context)

    def named(self, version: Version, name: str) -> Running:
        """The running sum a version's limit runs on; asks for the first day of a treatment year where it needs it."""
        if version.get("per") == "treatment_year":
            self.context.ask("treatment_begun", version.cited.place)
        return running(version, name)

    def unit(self, version: Version) -> int:
        """The quantity of the bill a number is multiplied by; asked for where the bill does not give it."""
        name = version.get("per_unit", "one")
        if name != "one" and f"how many {name}" not in self.context.answers:
            self.context.missing.setdefault(f"how many {name}", version.cited.place)
        return FACT[name]

    def drawn(self) -> Drawn:
        """The whole row: numbers of the layer, its bands, its ceilings."""
        terms, sums = list(self.terms), list(self.slots.items())
        terms[k.BANDS], terms[k.CEILINGS] = len(self.bands), len(self.limits)
        terms[k.COSTS] = sum(limit.on_cost for limit in self.limits)
        for band in self.bands:
            terms += band
        for limit in self.limits:
            sums.append((len(terms) + k.LIMIT_SLOT, limit.running))
            terms += limit.numbers
        names = tuple(limit.name for limit in self.limits)
        return Drawn(tuple(terms), tuple(sums), names, self.clauses, self.fills)


def draft_row(document: Document, layer: Layer, context: Context) -> Draft:
    """The row of a layer that pays (not its guarantee, see `guarantee_row`)."""
    draft = Draft(layer, document, context)
    terms = draft.terms
    terms[k.MODE] = k.CASH if layer.cash else k.PAY
    terms[k.AS_BILLED] = int(layer.as_billed)
    terms[k.BEYOND_OF] = -1
    terms[k.RESULT_RATE] = k.WHOLE
    terms[k.ROUND] = k.ROUND_BAND if document.rounding == "band" else k.ROUND_LAYER
    own = f"{document.policy}/{layer.name}"
    for column, part in (
        (k.DUE_SLOT, "due"),
        (k.CREDIT_SLOT, "credit"),
        (k.RUN_SLOT, "run"),
        (k.CARRY_SLOT, "carry"),
        (k.PAID_SLOT, "paid"),
    ):
        draft.slots[column] = Running(f"{own}#{part}")
    _borne_first(draft)
    _deductible(draft, own)
    _share(draft, own)
    _ceilings(draft, own)
    if version := draft.version("result", layer.result):
        terms[k.RESULT_RATE] = draft.number(version, "rate", "rate")
    if version := draft.version("cash", layer.cash):
        terms[k.FIXED] = draft.number(version, "amount")
        terms[k.FIXED_PER] = draft.unit(version)
    return draft


def guarantee_row(document: Document, layer: Layer, paying: Drawn, context: Context) -> Draft:
    """What tops a layer up to its guaranteed amount after its other rows: the row of the last of them, but for what it pays."""
    draft = Draft(layer, document, context, list(paying.terms))
    draft.terms[k.MODE], draft.terms[k.FIRST_RATE], draft.terms[k.RESULT_RATE] = k.TOP_UP, 0, k.WHOLE
    draft.terms[k.AS_BILLED] = 0
    if version := draft.version("guarantee", layer.guarantee):
        draft.terms[k.FIXED] = draft.number(version, "amount") if version.get("amount") else 0
        _share_of_bill(draft, version, k.FIXED_RATE, k.FIXED_OF)
    return draft


def _borne_first(draft: Draft) -> None:
    if version := draft.version("borne_first", draft.layer.borne_first):
        draft.terms[k.FIRST_RATE] = draft.number(version, "rate", "rate")
        draft.terms[k.FIRST_KIND] = KIND[version.get("into")]


def _share_of_bill(draft: Draft, version: Version, rate_column: int, of_column: int) -> None:
    if share := version.get("rate_of"):
        draft.terms[rate_column] = share["rate"].value(draft.context)
        draft.terms[of_column] = FACT[share["of"]]


def _deductible(draft: Draft, own: str) -> None:
    terms = draft.terms
    terms[k.DUE_HIGH] = k.BOUNDLESS
    version = draft.version("deductible", draft.layer.deductible)
    if version is None:
        return
    terms[k.DUE_OFF_PAYMENT] = int(version.get("taken_from") == "payment")
    terms[k.DUE] = draft.number(version, "amount") if version.get("amount") else 0
    _share_of_bill(draft, version, k.DUE_RATE, k.DUE_OF)
    if version.get("recharged_every"):
        days = draft.context.ask("stay_days", version.cited.place)
        terms[k.DUE] *= 1 + (max(int(days), 1) - 1) // version.get("recharged_every") if isinstance(days, int) else 1
    if version.get("at_least"):
        terms[k.DUE_LOW] = version.get("at_least").value(draft.context)
    if version.get("at_most"):
        terms[k.DUE_HIGH] = version.get("at_most").value(draft.context)
    draft.slots[k.DUE_SLOT] = draft.named(version, version.get("shared_as") or f"{own}#deductible")
    draft.fills = tuple(t for t in version.get("filled_by", ()) if t and t != "member")


def _share(draft: Draft, own: str) -> None:
    version = draft.version("share", draft.layer.share)
    if version is None:
        return
    terms, context = draft.terms, draft.context
    bands = version.get("bands")
    shares = [b.pays for b in bands] if bands else [version.get("pays")]
    ends = [b.up_to.value(context) if b.up_to else k.BOUNDLESS for b in bands] if bands else [k.BOUNDLESS]
    for end, share in zip(ends, shares, strict=True):
        uncut = adjusted(share, adjust_steps(version), "rate")
        cut = adjusted(uncut, adjust_steps(version, "cut"), "rate")
        draft.bands.append((end, _at_most_whole(draft, version, cut.value(context)),
                            _at_most_whole(draft, version, uncut.value(context))))  # fmt: skip
    terms[k.FROM_ZERO] = int(version.get("starts") == "zero")
    measured, name = version.get("measured", "bill"), version.get("running") or f"{own}#run"
    draft.slots[k.RUN_SLOT] = Running(name, measured)
    if measured not in ("bill", "visit") and draft.document.rounding == "running_total":
        draft.slots[k.CARRY_SLOT] = Running(f"{own}#carry", measured)


def _at_most_whole(draft: Draft, version: Version, rate: int) -> int:
    if rate > k.WHOLE:
        draft.context.gaps.append(("share", f"{rate / 100:g}%", version.cited.place))
        return k.WHOLE
    return rate


def _ceilings(draft: Draft, own: str) -> None:
    for ceiling in draft.layer.ceilings:
        version = draft.version(f"ceiling {ceiling.name}", ceiling.versions)
        if version is None:
            continue
        numbers = [0] * k.CEILING_WIDTH
        numbers[k.AXIS] = AXES[version.get("bounds")]
        numbers[k.LIMIT] = _limit(draft, version)
        numbers[k.LIMIT_PER] = draft.unit(version) if numbers[k.LIMIT] < k.BOUNDLESS else k.ONE
        numbers[k.LIMIT_BEYOND] = k.AS_EXPENSE if version.get("beyond_as") == "expense" else k.AS_PAYMENT
        if share := version.get("rate_of"):
            numbers[k.LIMIT_RATE], numbers[k.LIMIT_OF] = share["rate"].value(draft.context), FACT[share["of"]]
        name = version.get("shared_as") or f"{own}.{ceiling.name}"
        if version.get("each") == "item":
            name += f"[{draft.context.ask('item', version.cited.place)}]"
        draft.limits.append(Limit(ceiling.name, numbers, draft.named(version, name)))
    draft.limits.sort(key=lambda limit: not limit.on_cost)


def _limit(draft: Draft, version: Version) -> int:
    if version.get("times") is not None:
        times: Value = version.get("times")
        return times.value(draft.context)
    return draft.number(version, "limit") if version.get("limit") else 0


def clause(document: Document, part: str, version: Version) -> Clause:
    """The clause of a version, as statements print it."""
    cited = version.cited
    source = document.sources.get(cited.cite.split(" ", 1)[0])
    title = " ".join(filter(None, (source.number, source.title))) if source else ""
    article = cited.cite.partition(" ")[2]
    return Clause(document.policy, part, cited.begins, article, cited.quote, cited.quoted_from, title,
                  source.url if source else "", cited.status, cited.note)  # fmt: skip
