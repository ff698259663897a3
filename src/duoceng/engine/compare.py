"""Compare two settlements step by step, and name the first step where they part, and why.

Steps are laid side by side in the order they paid. Two steps part where their terms differ (another rule), where the year so far
differs (other running sums), or where they saw another amount (something above them parted, or the bill did).
"""

from dataclasses import dataclass

from duoceng.base.money import percent, yuan
from duoceng.engine.words import say
from duoceng.kernel import columns as k
from duoceng.records.bill import Charge
from duoceng.records.plan import Clause, Step
from duoceng.records.settlement import Settlement

# What a step does, in order: the trail column, its words in zh and en, and the part of the document that decides it.
MOVES = (
    (k.SEEN, ("可计入费用", "what it looks at"), "sees"),
    (k.FIRST, ("先由个人负担", "borne first"), "borne_first"),
    (k.DUE_WHOLE, ("起付标准", "deductible"), "deductible"),
    (k.DUE_BEFORE, ("本期已付起付标准", "deductible already borne"), "deductible"),
    (k.CREDITED, ("其他支付抵扣", "filled by other payments"), "deductible"),
    (k.DEDUCTED, ("本次起付", "borne now"), "deductible"),
    (k.ABOVE, ("起付标准以上", "above the deductible"), "ceiling"),
    (k.RUN_BEFORE, ("此前累计", "running sum before"), "share"),
    (k.PAYABLE, ("按比例应付", "payable by the bands"), "share"),
    (k.CUT, ("因降低比例少付", "lost to a lower rate"), "share"),
    (k.OVER, ("超过限额", "beyond a ceiling"), "ceiling"),
    (k.PAID, ("支付", "paid"), "paid"),
)


@dataclass(frozen=True, slots=True)
class Parting:
    """One figure that differs: which layer and move, both values in fen, and the clauses behind them."""

    layer: str
    move: str
    first: int | None
    second: int | None
    why: str
    clauses: tuple[Clause | None, Clause | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every figure that differs, the first one first; totals of both."""

    partings: tuple[Parting, ...]
    totals: tuple[tuple[str, int, int], ...]

    @property
    def first(self) -> Parting | None:
        """Where the two part."""
        return self.partings[0] if self.partings else None


def compare(first: Settlement, second: Settlement, lang: str = "zh") -> Comparison:
    """Two settlements side by side."""
    partings = [*_bills(first, second, lang)]
    whole = [_told_apart(c) for c in first.charges] != [_told_apart(c) for c in second.charges]
    one, two = _steps(first, whole), _steps(second, whole)
    for key in _merged(list(one), list(two)):
        partings += _step(key, one.get(key), two.get(key), lang)
    return Comparison(tuple(partings), tuple(_totals(first, second)))


Key = tuple[str, int, int]  # layer, charge, mode
Done = tuple[Step, tuple[int, ...]]  # a step and its trail
Keyed = dict[Key, Done]


def _told_apart(charge: Charge) -> tuple[object, ...]:
    """By what a charge is kept apart from others."""
    return charge.day, charge.item, sorted((name, str(answer)) for name, answer in charge.attributes.items())


def _steps(settlement: Settlement, whole: bool) -> Keyed:
    """Steps by layer and charge; by layer alone where the two bills fall into other charges, because other policies ask of lines."""
    found: Keyed = {}
    for step, trail in zip(settlement.plan.steps, settlement.trails, strict=True):
        key = (settlement.plan.layers[step.layer].id, -1 if whole else step.charge, step.terms[k.MODE])
        found[key] = (found[key][0], _together(found[key][1], trail)) if key in found else (step, trail)
    return found


ONCE = (k.DUE_WHOLE, k.DUE_BEFORE, k.RUN_BEFORE, k.BOUND_BY, k.LIMIT_LEFT, k.TIMES_USED_UP)


def _together(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, ...]:
    """The trails of a layer on two charges as one: amounts add up, what stands once for the bill is that of the first that looked."""
    first = one if one[k.SEEN] else two
    return tuple(first[n] if n in ONCE else a + b for n, (a, b) in enumerate(zip(one, two, strict=True)))


def _merged(one: list[Key], two: list[Key]) -> list[Key]:
    """Both lists in one order: the first's, with what only the second has after the step it follows there."""
    merged = list(one)
    at = 0
    for key in two:
        if key in merged:
            at = max(at, merged.index(key) + 1)
        else:
            merged.insert(at, key)
            at += 1
    return merged


def _bills(first: Settlement, second: Settlement, lang: str) -> list[Parting]:
    words = {"zh": "账单金额", "en": "the bill"}[lang]
    found = []
    for n, kind in enumerate(k.KINDS):
        amounts = [sum(c.amounts[n] for c in s.charges) for s in (first, second)]
        if amounts[0] != amounts[1]:
            found.append(
                Parting(
                    words,
                    say(kind, lang),
                    amounts[0],
                    amounts[1],
                    {"zh": "两张账单不同", "en": "the bills differ"}[lang],
                )
            )
    return found


def _step(key: Key, one: Done | None, two: Done | None, lang: str) -> list[Parting]:
    if one is None or two is None:
        paid = [None if s is None else s[1][k.PAID] for s in (one, two)]
        if not any(paid):
            return []
        why = {"zh": "只有一方有这一层", "en": "only one of them has this layer"}[lang]
        return [Parting(key[0], MOVES[-1][1][lang == "en"], paid[0], paid[1], why)]
    found = []
    for column, words, part in MOVES:
        if one[1][column] != two[1][column]:
            clauses = (_clause(one[0], part), _clause(two[0], part))
            found.append(
                Parting(
                    key[0],
                    words[lang == "en"],
                    one[1][column],
                    two[1][column],
                    _why(one, two, part, lang),
                    clauses,
                )
            )
    return found


def _clause(step: Step, part: str) -> Clause | None:
    if part == "ceiling":
        return next((c for name, c in step.clauses.items() if name.startswith("ceiling")), None)
    return step.clauses.get(part)


def _why(one: Done, two: Done, part: str, lang: str) -> str:
    """Another rule, another share, another year so far, or another amount to start from."""
    first, second = one[0].terms, two[0].terms
    zh = lang == "zh"
    if part == "deductible" and first[k.DUE] != second[k.DUE]:
        return (f"起付标准 {yuan(first[k.DUE])} 与 {yuan(second[k.DUE])}" if zh else
                f"deductible {yuan(first[k.DUE])} against {yuan(second[k.DUE])}")  # fmt: skip
    rates = [[percent(band[k.BAND_RATE]) for band in k.bands_of(t)] for t in (first, second)]
    if part == "share" and rates[0] != rates[1]:
        return (
            ("支付比例 " if zh else "shares ")
            + " / ".join(rates[0])
            + (" 与 " if zh else " against ")
            + " / ".join(rates[1])
        )
    if one[1][k.DUE_BEFORE] != two[1][k.DUE_BEFORE] or one[1][k.RUN_BEFORE] != two[1][k.RUN_BEFORE]:
        return "本年此前的累计不同" if zh else "the year so far differs"
    if part == "ceiling" and first == second and one[1][k.LIMIT_LEFT] != two[1][k.LIMIT_LEFT]:
        return "本年此前的累计不同" if zh else "the year so far differs"
    if one[1][k.SEEN] != two[1][k.SEEN]:
        return "上一层留下的金额不同" if zh else "what the layers above left differs"
    return "规则不同" if zh else "another rule"


def _totals(first: Settlement, second: Settlement) -> list[tuple[str, int, int]]:
    rows = [("billed", first.billed, second.billed)]
    tiers = dict.fromkeys(y.tier for s in (first, second) for y in s.plan.layers)
    rows += [(f"tier_{t}", first.paid_by(t), second.paid_by(t)) for t in tiers]
    return [*rows, ("member_pays", first.member_pays, second.member_pays)]
