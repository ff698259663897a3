"""The plan in force for one member and one bill: documents -> layers in order -> kernel rows and clauses.

    documents of the place, products held
      │ covers?           those that do not concern the bill are passed over
      │ order of tiers    data of the place; `order` overrides it
      ▼ layer by layer, charge by charge
    only? when?           a gate that fails is a refusal with its clause
    row                   numbers for this day and this member

Nothing is guessed: every answer that is missing, every value not read and every unverified one is listed at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from duoceng.base.mistakes import Mistakes, Place, refuse
from duoceng.policy.conditions import Condition
from duoceng.policy.document import CONTRACT, Document, Layer
from duoceng.policy.drafting import Found, Told, covered, drafted, guaranteed
from duoceng.policy.library import Library
from duoceng.policy.overlay import reformed
from duoceng.policy.paths import HOW_MANY, Names
from duoceng.policy.periods import Periods, Running
from duoceng.policy.places import nearest_place
from duoceng.policy.questions import nearest, note_questions
from duoceng.policy.rows import Drawn
from duoceng.policy.steps import Laid, steps_of
from duoceng.policy.vocabulary import as_text
from duoceng.records.bill import Attributes, Bill, Charge, Member, Value
from duoceng.records.plan import Clause, LayerInfo, Plan, Refusal, Sum

CONTRACT_OF = "contract of "  # before a product, among `reads`: its year counts from the first day of its contract


@dataclass(frozen=True)
class Options:
    """How to plan: another order of tiers, reforms laid over the policies, and whether unverified values may be used.

    `reads` gathers the names of the answers that were looked at, in their order: bills that agree in these get the same plan, and
    which is looked at next depends on those before.
    """

    order: tuple[str, ...] = ()
    reforms: tuple[Document, ...] = ()
    allow_unverified: bool = False
    reads: Names | None = field(default=None, compare=False)


Year = tuple[str, tuple[int, int]]  # the day that decides, and the first day of the medical year


@dataclass
class _Work:
    library: Library
    member: Member
    bill: Bill
    charges: tuple[Charge, ...]
    history: Mapping[str, int]
    options: Options
    mistakes: Mistakes = field(default_factory=Mistakes)
    missing: dict[str, Place] = field(default_factory=dict)
    drafts: list[tuple[int, int, Drawn, Periods]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    counts: dict[str, None] = field(default_factory=dict)
    sums: dict[str, Sum] = field(default_factory=dict)
    answered: dict[Year, dict[str, Value]] = field(default_factory=dict)
    count_names: dict[Year, dict[str, str]] = field(default_factory=dict)
    counted: set[Year] = field(default_factory=set)
    told: dict[tuple[int, int], Mapping[str, Value]] = field(default_factory=dict)


def plan_for(
    library: Library,
    member: Member,
    bill: Bill,
    charges: tuple[Charge, ...],
    history: Mapping[str, int],
    options: Options = Options(),
) -> Plan:
    """The plan for a bill. Raises Refused with every reason why there is none."""
    if member.region not in library.regions():
        raise refuse("B030", member.place or Place("member"), f"`{member.region}` is no place whose policies are here",
                     "Its rules were not read.", nearest_place(library, member.region))  # fmt: skip
    work = _Work(library, member, bill, charges, history, options)
    held = _documents(work)
    layers = _in_order(work, held)
    library.stop_for(member.region, tuple(h.policy for h in member.products))
    infos = [
        LayerInfo(d.policy, y.name, y.tier, y.title, y.english, y.payer, bool(y.cash), 0, y.unread)
        for d, y, _ in layers
    ]
    for at, (document, layer, answers) in enumerate(layers):
        _draft_layer(work, at, document, layer, answers)
    note_questions(work.missing, library.vocabulary, member, bill, work.mistakes)
    work.mistakes.stop_if_any()
    for tier, amount in bill.settled_before.items():
        infos.append(LayerInfo("settled before", tier, tier, tier, tier, "", False, amount))
    steps, counters = steps_of(work.drafts, infos, layers, charges)
    return Plan(
        tuple(infos),
        steps,
        counters,
        tuple(work.refusals),
        tuple(work.counts),
        {**member.on(bill.discharged), **bill.attributes},
        work.sums,
    )


def _documents(work: _Work) -> list[tuple[Document, dict[str, Value], int]]:
    """Documents that concern the bill, with the answers they are asked with; products by their position."""
    bill, reforms = work.bill, work.options.reforms
    found: list[tuple[Document, Attributes, int]] = []
    for document in work.library.of_region(work.member.region):
        found.append((reformed(work.library, document, reforms), {}, -1))
    for at, held in enumerate(work.member.products):
        product = work.library.product(held.policy)
        if product is None:
            work.mistakes.add(
                "B031",
                held.place or Place("member"),
                f"`{held.policy}` is no product whose terms are here",
                "",
                nearest(held.policy, work.library.products()),
            )
            continue
        begun, product = held.attributes.get("contract_from"), reformed(work.library, product, reforms)
        found.append((product.held_from(begun) if isinstance(begun, date) else product, held.attributes, at))
    concerned = []
    for document, extra, at in found:
        _count(work, document)
        decided = bill.decided(document.decided_by)
        if (at < 0 and _outside(document, decided)) or bill.year_end not in document.settled:
            continue
        answers = _answers(work, document, extra)
        told = Told(answers, decided, work.options.reads)
        holds = covered(work.library, document, told)
        _ask(work, holds.missing)
        if holds.holds:
            if document.year_starts == CONTRACT:
                _ask_for_contract(work, document, told)
            concerned.append((document, answers, at))
    return concerned


def _ask_for_contract(work: _Work, document: Document, told: Told) -> None:
    """The year of the product begins with the contract."""
    if told.reads is not None:
        told.reads.add("contract_from")
    if told.answers.get("contract_from") is None:
        _ask(work, {"contract_from": document.place})


def _outside(document: Document, when: date) -> bool:
    """A public document with a window is silent on other days: there was no such rule, or none was read."""
    first, last, _ = document.window
    return bool((first and when < first) or (last and when > last))


def _answers(work: _Work, document: Document, extra: Attributes) -> dict[str, Value]:
    """What a document may ask; documents of one year and day, with no contract of their own, are told the same."""
    if extra:
        return _answered(work, document, extra)
    year = (document.decided_by, document.year_starts)
    if year not in work.answered:
        work.answered[year] = _answered(work, document, {})
    return work.answered[year]


def _answered(work: _Work, document: Document, extra: Attributes) -> dict[str, Value]:
    bill, history = work.bill, work.history
    when = bill.decided(document.decided_by)
    answers = {**work.member.on(when), "region": work.member.region, **bill.attributes, **extra}
    for unit, number in bill.units.items():
        answers[f"{HOW_MANY}{unit}"] = number
    work.library.vocabulary.counted_since(answers, when)
    whole = sum(sum(c.amounts) for c in work.charges) + sum(bill.settled_before.values())
    answers["billed"] = bill.units.get("billed", whole)
    for name, kept in _count_names(work, document).items():
        counted = history.get(kept, 0)
        again = bill.episode and f"counted.{name}@{bill.episode}" in history
        answers[name] = counted if bill.year_end else max(counted, 1) if again else counted + 1
    return answers


def _periods(work: _Work, document: Document, when: date) -> Periods:
    begun = work.bill.attributes.get("treatment_begun")
    return Periods(when, document.year_starts, document.decided_by, work.bill.episode, begun, work.sums)


def _count_names(work: _Work, document: Document) -> dict[str, str]:
    """The counts of a medical year, by attribute; documents that decide by another day count years of their own."""
    year = (document.decided_by, document.year_starts)
    if year not in work.count_names:
        by = f".{document.decided_by}" if document.decided_by in ("admission", "settlement") else ""
        periods = _periods(work, document, work.bill.decided(document.decided_by))
        counts = [attribute.name for attribute in work.library.vocabulary.of_history]
        work.count_names[year] = {name: periods.name(Running(f"count.{name}{by}", "year")) for name in counts}
    return work.count_names[year]


def _count(work: _Work, document: Document) -> None:
    """Which counts of the year this bill raises, whatever it is settled by; a year's end is no encounter.

    The year of a contract is counted only where its terms ask how many bills there were: no other document has that year.
    """
    if work.bill.year_end:
        return
    vocabulary = work.library.vocabulary
    year = (document.decided_by, document.year_starts)
    of_contract = document.by_contract or document.year_starts == CONTRACT
    if year in work.counted or (of_contract and not any(a.name in document.asks for a in vocabulary.of_history)):
        return
    work.counted.add(year)
    for name, attribute in ((a.name, a) for a in vocabulary.of_history):
        if work.bill.episode and f"counted.{name}@{work.bill.episode}" in work.history:
            continue
        given = work.bill.attributes
        if all(wanted in vocabulary[a].chain(str(given.get(a, ""))) for a, wanted in attribute.counts.items()):
            work.counts[_count_names(work, document)[name]] = None
            if work.bill.episode:
                work.counts[f"counted.{name}@{work.bill.episode}"] = None


def _in_order(work: _Work, concerned: list[tuple[Document, dict[str, Value], int]]) -> list[Laid]:
    """The layers of all documents in the order they pay."""
    order = list(work.options.order) or work.library.order(
        work.member.region, work.bill.discharged, work.bill.place or Place("bill")
    )
    rows = []
    for document, answers, product in concerned:
        for at, layer in enumerate(document.layers):
            if (layer.settled == "year_end") != work.bill.year_end or work.bill.is_done(layer.tier):
                continue
            if layer.tier not in order:
                work.mistakes.add("P036", layer.place, f"the order of tiers does not name `{layer.tier}`",
                                  "When it pays changes what everyone pays.", "name it in --order or in order.yaml")  # fmt: skip
                continue
            rows.append(((order.index(layer.tier), product, document.policy, at), (document, layer, answers)))
    return [laid for _, laid in sorted(rows, key=lambda row: row[0])]


def _draft_layer(work: _Work, at: int, document: Document, layer: Layer, answers: dict[str, Value]) -> None:
    last: tuple[Drawn, Told, Periods] | None = None
    library, reads = work.library, work.options.reads
    decided = work.bill.decided(document.decided_by)
    for number, charge in enumerate(work.charges):
        when = charge.day if document.decided_by == "expense" and charge.day else decided
        if not _inside(work, at, number, document, when):
            continue
        told = Told(_told(work, answers, number, charge), when, reads)
        found = drafted(library, document, layer, told)
        if found.shut:
            work.refusals.append(Refusal(at, number, *_said(found.shut, told.answers), found.gate))
        _note(work, document, layer, found, when)
        if found.row:
            last = found.row, told, _periods(work, document, when)
            work.drafts.append((at, number, found.row, last[2]))
            if document.by_contract and reads is not None:
                reads.add(f"{CONTRACT_OF}{document.policy}")
        if layer.cash and last:
            break
    if last and layer.guarantee:
        row, told, periods = last
        found = guaranteed(library, document, layer, row, told)
        _note(work, document, layer, found, periods.day)
        if found.row:
            work.drafts.append((at, -1, found.row, periods))


def _told(work: _Work, answers: dict[str, Value], number: int, charge: Charge) -> Mapping[str, Value]:
    """What a layer is told about a charge: the answers of its document, and the charge's own before them."""
    if not charge.attributes and not charge.item:
        return answers
    key = (id(answers), number)
    if key not in work.told:
        work.told[key] = {**answers, **charge.attributes, **({"item": charge.item} if charge.item else {})}
    return work.told[key]


def _inside(work: _Work, at: int, charge: int, document: Document, day: date) -> bool:
    """Does the day lie in the window of a product? A stay that began inside may go on for some days."""
    first, last, goes_on = document.window
    ran_on = (
        work.bill.admitted
        and last
        and (first or work.bill.admitted) <= work.bill.admitted <= last
        and (day - last).days <= goes_on
    )
    if (first and day < first) or (last and day > last and not ran_on):
        work.refusals.append(Refusal(at, charge, "window", day.isoformat(), f"{first or ''}..{last or ''}"))
        return False
    return True


def _said(condition: Condition, told: Mapping[str, Value]) -> tuple[str, str, str]:
    """Which attribute failed, what it is and what it must be, as they are written; statements find the words."""
    if condition.inner:
        inner = condition.inner
        names = " / ".join(dict.fromkeys(c.attribute for c in inner if c.attribute))
        found = as_text(told.get(inner[0].attribute, "-"))
        wanted = " / ".join(c.written for c in inner)
        return names, found, f"not {wanted}" if condition.how == "not" else wanted
    return condition.attribute, as_text(told.get(condition.attribute, "-")), condition.written


def _note(work: _Work, document: Document, layer: Layer, found: Found, day: date) -> None:
    """Questions and mistakes of one layer: values not read, cells that are missing, values that are not verified."""
    if work.library.reached is not None:
        work.library.reached |= found.cells
    if found.gate and found.gate.status == "unverified":
        _unverified(work, document, layer, [found.gate])
    if found.unread:
        _unread(work, document, layer, found, day)
    for attribute, answer, place in found.gaps:
        work.mistakes.add("P023", place, f"{document.policy}: `{layer.name}` says nothing for {attribute} {answer}",
                          "The source gives no figure for this cell.", "add the cell with its source, or `else:`")  # fmt: skip
    _ask(work, found.missing)
    if found.row and not work.options.allow_unverified:
        _unverified(work, document, layer, [c for c in found.row.clauses.values() if c.status == "unverified"])


def _ask(work: _Work, missing: Mapping[str, Place] | None) -> None:
    if missing:
        work.missing.update({name: place for name, place in missing.items() if name not in work.missing})


def _unread(work: _Work, document: Document, layer: Layer, found: Found, day: date) -> None:
    """Parts no version of which had begun are one mistake of the layer; each gap is one of its own."""
    repair = (
        f"settle a later day, add the version in force, or give what it paid: `settled_before: {{{layer.tier}: ...}}`"
    )
    early = [part for part, version in found.unread if version is None]
    if early:
        what = f"{document.policy}: not read on {day}: {', '.join(early)} of `{layer.name}`"
        work.mistakes.add("P021", layer.place, what, f"The first version read begins later than {day}.", repair)
    for part, version in found.unread:
        if version is not None:
            what = f"{document.policy}: not read on {day}: {part} of `{layer.name}`"
            work.mistakes.add("P021", version.cited.place, what, version.cited.gap, repair)


def _unverified(work: _Work, document: Document, layer: Layer, clauses: list[Clause]) -> None:
    """What nobody has checked is not used unless asked for."""
    if work.options.allow_unverified or not clauses:
        return
    parts = ", ".join(c.part.removeprefix(f"{layer.name}.") for c in clauses)
    notes = "; ".join(dict.fromkeys(c.note or "from memory or conflicting" for c in clauses))
    what = f"{document.policy}: not verified: {parts} of `{layer.name}` ({notes})"
    why = "Money is not settled by a figure nobody has checked unless you ask for it."
    work.mistakes.add("P035", layer.place, what, why, "pass --allow-unverified; the statement will mark it")
