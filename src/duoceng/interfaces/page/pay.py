"""What will I pay: one scenario settled, told step by step; several side by side; one over growing amounts; one as a file."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.desk.uncovered import stop_if_uncovered
from duoceng.desk.year import Year, pairs, settle_year
from duoceng.engine.compare import Comparison, compare
from duoceng.engine.words import say
from duoceng.interfaces.bill_file import Case
from duoceng.interfaces.names import names_for
from duoceng.interfaces.output import Wanted, put
from duoceng.interfaces.page.asked import BILLS_MAX, CompareIn, FileIn, Scenario, SettleIn, SweepIn
from duoceng.interfaces.page.tree import case_from
from duoceng.interfaces.rest.refusals import SHOWN, as_json
from duoceng.interfaces.standing import standing_as_json
from duoceng.interfaces.statement_json import year_as_json
from duoceng.kernel.columns import KINDS
from duoceng.policy.grammar import TIERS
from duoceng.policy.library import Library, any_document
from duoceng.policy.paths import Names
from duoceng.policy.plan import Options
from duoceng.records.bill import Bill, Part
from duoceng.records.plan import Clause
from duoceng.records.settlement import Settlement

Said = dict[str, Any]


@dataclass(frozen=True)
class Settled:
    """A scenario that was settled: its case, its year, the names of the answers that were looked at."""

    case: Case
    year: Year
    reads: frozenset[str]


def read_scenario(library: Library, asked: Scenario) -> tuple[Case, Options]:
    """The case and the options of a scenario. Raises Refused."""
    case = case_from(asked.case, library.vocabulary)
    if len(case.bills) > BILLS_MAX:
        what = f"more than {BILLS_MAX} bills"
        raise refuse(
            "W002", Place("bills", 0), what, "The page settles one person's year.", "use `duoceng batch` for many bills"
        )
    reforms = tuple(d for name in asked.reforms if (d := any_document(library, name)) and d.over)
    tiers = tuple(t for t in asked.order if t in TIERS)
    return case, Options(tuple(dict.fromkeys(tiers)), reforms, asked.allow_unverified, Names())


class Unsettled(Refused):
    """A scenario that cannot be settled; `reads`: the answers that were looked at all the same."""

    def __init__(self, refused: Refused, reads: frozenset[str]):
        super().__init__(refused.mistakes)
        self.reads = reads


def settled(library: Library, asked: Scenario) -> Settled:
    """A scenario through every layer. Raises Refused."""
    case, options = read_scenario(library, asked)
    try:
        year = settle_year(library, case.member, case.bills, options)
        stop_if_uncovered(library, case.member, year)
    except Refused as refused:
        raise Unsettled(refused, frozenset(options.reads or ())) from None
    return Settled(case, year, frozenset(options.reads or ()))


def settle(library: Library, asked: SettleIn) -> Said:
    """The year of a scenario as the machine form has it, with where the member stands, and what was looked at."""
    return shown(library, settled(library, asked), asked.lang)


def shown(library: Library, found: Settled, lang: str) -> Said:
    """A settled scenario for the page."""
    names = names_for(library, found.case.member, lang)
    year = year_as_json(found.case.member, found.year, lang, names)
    for said, settlement in zip(year["bills"], found.year.settlements, strict=True):
        said["sights"] = sights(settlement)
        del said["setlinfo"], said["setldetail"], said["trail"]
    return {
        "year": year,
        "standing": standing_as_json(found.year.settlements, found.year.sums, lang, names),
        "asked": sorted(found.reads),
    }


def sights(settlement: Settlement) -> list[Said]:
    """Which layer looked at which kinds of money, how much it saw and paid: what gaps and overlaps are drawn from."""
    layers = settlement.plan.layers
    found: dict[int, Said] = {}
    for step in settlement.plan.steps:
        row = found.setdefault(step.layer, {"layer": layers[step.layer].id, "kinds": {}, "paid": 0})
        for bucket in step.sees:
            row["kinds"].setdefault(KINDS[bucket % len(KINDS)], 0)
    for at, row in found.items():
        row["paid"] = settlement.paid[at]
    return list(found.values())


def refused(error: Refused, lang: str) -> Said:
    """Why a scenario cannot be settled; a question names what it asks for."""
    rows = []
    for mistake in error.mistakes[:SHOWN]:
        place = mistake.place
        at = place.file if not place.line else str(place)
        rows.append({**as_json(mistake, lang), "at": at})
    return {"mistakes": rows, "asked": sorted(error.reads) if isinstance(error, Unsettled) else []}


def side_by_side(library: Library, asked: CompareIn) -> Said:
    """Scenarios side by side: each settled or refused, and each but the first held against the first."""
    lang, sides = asked.lang, list[Settled | Refused]()
    for scenario in asked.scenarios:
        try:
            sides.append(settled(library, scenario))
        except Refused as error:
            sides.append(error)
    first = sides[0]
    rows = []
    for side in sides:
        row = refused(side, lang) if isinstance(side, Refused) else shown(library, side, lang)
        if side is not first and isinstance(side, Settled) and isinstance(first, Settled):
            row["against"] = _against(library, first, side, lang)
        rows.append(row)
    return {"sides": rows}


def _against(library: Library, first: Settled, other: Settled, lang: str) -> list[Said]:
    """Every pair of bills of two scenarios, and where they part."""
    titles: dict[str, tuple[str, str]] = {}
    for settlement in (*first.year.settlements, *other.year.settlements):
        titles |= {y.id: (y.title if lang == "zh" else y.english or y.title, y.tier) for y in settlement.plan.layers}
    rows: list[Said] = []
    for one, two in pairs(first.year, other.year):
        ids = [s.bill.id if s else "" for s in (one, two)]
        if one is None or two is None:
            rows.append({"bills": ids, "partings": [], "alone": True})
            continue
        rows.append({"bills": ids, "alone": False, "partings": [_parting(p, titles) for p in compare(one, two, lang).partings],
                     "totals": _totals(compare(one, two, lang), lang)})  # fmt: skip
    return rows


def _parting(parting: Any, titles: dict[str, tuple[str, str]]) -> Said:
    title, tier = titles.get(parting.layer, (parting.layer, ""))
    return {"layer": title, "tier": tier, "move": parting.move, "first": parting.first, "second": parting.second, "why": parting.why,
            "clauses": [clause_said(c) if c else None for c in parting.clauses]}  # fmt: skip


def _totals(comparison: Comparison, lang: str) -> list[Said]:
    return [
        {"name": name, "label": say(name, lang), "first": one, "second": two} for name, one, two in comparison.totals
    ]


def clause_said(clause: Clause) -> Said:
    """A clause, as a statement cites it."""
    return {"policy": clause.policy, "part": clause.part, "from": clause.begins.isoformat(), "source": clause.source, "cite": clause.cite,
            "quote": clause.quote, "quoted_from": clause.quoted_from, "url": clause.url, "status": clause.status, "note": clause.note}  # fmt: skip


def sweep(library: Library, asked: SweepIn) -> Said:
    """The last bill of a scenario over growing amounts of one kind: what each tier pays and what is left, point by point."""
    case, options = read_scenario(library, asked)
    before = settle_year(library, case.member, case.bills[:-1], options)
    last, points, seen = case.bills[-1], list[Said](), dict[str, int]()
    if last.void or last.year_end or last.lines:
        what, why = "only a bill with amounts can grow", "An itemised bill grows line by line."
        raise refuse("W003", Place("bills", 0), what, why, "write its amounts by kind")
    for number in range(asked.points):
        amount = asked.most * number // (asked.points - 1)
        one = settle_year(library, case.member, (_grown(last, asked.kind, amount),), options, before).settlements[-1]
        tiers = {y.tier: 0 for y in one.plan.layers if not y.cash}
        for layer, paid in zip(one.plan.layers, one.paid, strict=True):
            if not layer.cash:
                tiers[layer.tier] += paid
                seen[layer.tier] = seen.get(layer.tier, 0) + paid
        points.append({"amount": amount, "billed": one.billed, "tiers": tiers, "member_pays": one.member_pays,
                       "left": {kind: a for kind, a in one.self_pay.items() if a}})  # fmt: skip
    return {"points": points, "tiers": sorted((t for t, paid in seen.items() if paid), key=TIERS.index)}


def _grown(bill: Bill, kind: str, amount: int) -> Bill:
    """The bill with another amount of a kind, in its first part; the other parts have none of it."""
    at = KINDS.index(kind)
    parts = bill.parts or (Part((0,) * len(KINDS)),)
    changed = tuple(
        replace(
            p, amounts=tuple(amount if n == 0 and k == at else 0 if k == at else a for k, a in enumerate(p.amounts))
        )
        for n, p in enumerate(parts)
    )
    return replace(bill, parts=changed)


TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def as_file(library: Library, asked: FileIn) -> tuple[bytes, str]:
    """The statement of a scenario as a file, and its media type. Raises Refused."""
    found = settled(library, asked)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"statement.{asked.format}"
        put(
            found.case.member,
            found.year,
            names_for(library, found.case.member, asked.lang),
            Wanted(asked.format, asked.lang, str(path)),
        )
        return path.read_bytes(), TYPES[asked.format]
