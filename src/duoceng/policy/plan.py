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
from duoceng.kernel import columns as k
from duoceng.policy.conditions import Condition, all_hold
from duoceng.policy.document import CONTRACT, Document, Layer, in_force
from duoceng.policy.library import Library
from duoceng.policy.overlay import laid_over
from duoceng.policy.periods import Periods
from duoceng.policy.places import nearest_place
from duoceng.policy.questions import Watched, nearest, note_questions
from duoceng.policy.rows import KIND, Draft, clause, draft_row, guarantee_row
from duoceng.policy.values import Context
from duoceng.policy.vocabulary import as_text
from duoceng.records.bill import Bill, Charge, Member, Value
from duoceng.records.plan import Clause, LayerInfo, Plan, Refusal, Step, Sum

CONTRACT_OF = "contract of "  # before a product, among `reads`: its year counts from the first day of its contract


@dataclass(frozen=True)
class Options:
    """How to plan: another order of tiers, reforms laid over the policies, and whether unverified values may be used.

    `reads` gathers the names of the answers that were looked at: bills that agree in these get the same plan.
    """

    order: tuple[str, ...] = ()
    reforms: tuple[Document, ...] = ()
    allow_unverified: bool = False
    reads: set[str] | None = field(default=None, compare=False)


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
    drafts: list[tuple[int, int, Draft]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    counts: dict[str, None] = field(default_factory=dict)
    sums: dict[str, Sum] = field(default_factory=dict)
    answered: dict[tuple[str, tuple[int, int]], dict[str, Value]] = field(default_factory=dict)
    counted: set[tuple[str, tuple[int, int]]] = field(default_factory=set)


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
    steps, counters = _steps(work.drafts, infos, layers, charges)
    return Plan(
        tuple(infos),
        steps,
        counters,
        tuple(work.refusals),
        tuple(work.counts),
        {**member.on(bill.discharged), **bill.attributes},
        work.sums,
    )


Laid = tuple[Document, Layer, dict[str, Value]]


def _documents(work: _Work) -> list[tuple[Document, dict[str, Value], int]]:
    """Documents that concern the bill, with the answers they are asked with; products by their position."""
    found: list[tuple[Document, dict[str, Value], int]] = []
    for document in work.library.of_region(work.member.region):
        found.append((document, {}, -1))
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
        begun = held.attributes.get("contract_from")
        found.append((product.held_from(begun) if isinstance(begun, date) else product, dict(held.attributes), at))
    concerned = []
    for document, extra, at in found:
        _count(work, document)
        if at < 0 and _outside(document, work.bill.decided(document.decided_by)):
            continue
        for reform in work.options.reforms:
            document = laid_over(document, reform)
        if not any((layer.settled == "year_end") == work.bill.year_end for layer in document.layers):
            continue
        answers = _answers(work, document, extra)
        context = _context(work, answers, work.bill.decided(document.decided_by))
        held_now = all_hold(document.covers, context)
        if held_now and document.year_starts == CONTRACT:
            context.ask("contract_from", document.place)
        work.missing.update({a: p for a, p in context.missing.items() if a not in work.missing})
        if held_now:
            concerned.append((document, answers, at))
    return concerned


def _outside(document: Document, when: date) -> bool:
    """A public document with a window is silent on other days: there was no such rule, or none was read."""
    first, last, _ = document.window
    return bool((first and when < first) or (last and when > last))


def _answers(work: _Work, document: Document, extra: dict[str, Value]) -> dict[str, Value]:
    """What a document may ask; documents of one year and day, with no contract of their own, are told the same."""
    if extra:
        return _answered(work, document, extra)
    year = (document.decided_by, document.year_starts)
    if year not in work.answered:
        work.answered[year] = _answered(work, document, {})
    return work.answered[year]


def _answered(work: _Work, document: Document, extra: dict[str, Value]) -> dict[str, Value]:
    when = work.bill.decided(document.decided_by)
    answers = {**work.member.on(when), "region": work.member.region, **work.bill.attributes, **extra}
    answers.update({f"how many {unit}": number for unit, number in work.bill.units.items()})
    work.library.vocabulary.counted_since(answers, when)
    whole = sum(sum(c.amounts) for c in work.charges) + sum(work.bill.settled_before.values())
    answers["billed"] = work.bill.units.get("billed", whole)
    for name in (a.name for a in work.library.vocabulary.of_history):
        counted = work.history.get(_count_name(work, document, name), 0)
        if work.bill.year_end:
            answers[name] = counted
            continue
        again = work.bill.episode and f"counted.{name}@{work.bill.episode}" in work.history
        answers[name] = max(counted, 1) if again else counted + 1
    return answers


def _periods(work: _Work, document: Document, when: date) -> Periods:
    begun = work.bill.attributes.get("treatment_begun")
    return Periods(when, document.year_starts, document.decided_by, work.bill.episode, begun, work.sums)


def _count_name(work: _Work, document: Document, name: str) -> str:
    """The count of a medical year; documents that decide by another day count years of their own."""
    by = f".{document.decided_by}" if document.decided_by in ("admission", "settlement") else ""
    periods = _periods(work, document, work.bill.decided(document.decided_by))
    return periods.key(f"count.{name}{by}", "year", document.place)


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
            work.counts[_count_name(work, document, name)] = None
            if work.bill.episode:
                work.counts[f"counted.{name}@{work.bill.episode}"] = None


def _context(work: _Work, answers: Mapping[str, Value], when: date) -> Context:
    if work.options.reads is not None:
        answers = Watched(answers, work.options.reads)
    return Context(answers, when, work.library.vocabulary, work.library.index)


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
    last: Draft | None = None
    for number, charge in enumerate(work.charges):
        when = work.bill.decided(document.decided_by)
        if document.decided_by == "expense" and charge.day:
            when = charge.day
        context = _context(
            work, {**answers, **charge.attributes, **({"item": charge.item} if charge.item else {})}, when
        )
        if not _inside(work, at, number, document, context):
            continue
        if all_hold(layer.only, context) and _open(work, at, number, document, layer, context):
            draft = draft_row(document, layer, context, _periods(work, document, when))
            work.drafts.append((at, number, draft))
            _note(work, draft)
            if document.by_contract and work.options.reads is not None:
                work.options.reads.add(f"{CONTRACT_OF}{document.policy}")
            last = draft
        work.missing.update({a: p for a, p in context.missing.items() if a not in work.missing})
        if layer.cash and last:
            break
    if last and layer.guarantee and (top := guarantee_row(last)):
        work.drafts.append((at, -1, top))
        _note(work, top)


def _inside(work: _Work, at: int, charge: int, document: Document, context: Context) -> bool:
    """Does the day lie in the window of a product? A stay that began inside may go on for some days."""
    first, last, goes_on = document.window
    ran_on = (
        work.bill.admitted
        and last
        and (first or work.bill.admitted) <= work.bill.admitted <= last
        and (context.day - last).days <= goes_on
    )
    if (first and context.day < first) or (last and context.day > last and not ran_on):
        work.refusals.append(Refusal(at, charge, "window", context.day.isoformat(), f"{first or ''}..{last or ''}"))
        return False
    return True


def _open(work: _Work, at: int, charge: int, document: Document, layer: Layer, context: Context) -> bool:
    """Are the gates open? A shut one is a refusal with its clause."""
    if not layer.when:
        return True
    version = in_force(layer.when, context.day)
    if version is None or version.cited.gap:
        draft = Draft(layer, document, context, _periods(work, document, context.day), unread=[("when", version)])
        _note(work, draft)
        return False
    if work.library.reached is not None:
        work.library.reached |= context.cells
    words = clause(document, f"{layer.name}.when", version)
    if words.status == "unverified":
        _unverified(work, document, layer, [words])
    needs = version.get("needs", ())
    held = all_hold(needs, context)
    if held is False:
        failed = next(c for c in needs if c.holds(context) is False)
        work.refusals.append(Refusal(at, charge, *_said(work, failed, context), words))
        context.missing.clear()
    return bool(held)


def _said(work: _Work, condition: Condition, context: Context) -> tuple[str, str, str]:
    """Which attribute failed, what it is and what it must be, as they are written; statements find the words."""
    if condition.inner:
        inner = condition.inner
        names = " / ".join(dict.fromkeys(c.attribute for c in inner if c.attribute))
        found = as_text(context.answers.get(inner[0].attribute, "-"))
        wanted = " / ".join(c.written for c in inner)
        return names, found, f"not {wanted}" if condition.how == "not" else wanted
    return condition.attribute, as_text(context.answers.get(condition.attribute, "-")), condition.written


def _note(work: _Work, draft: Draft) -> None:
    """Mistakes of one row: values not read, cells that are missing, values that are not verified."""
    policy, layer = draft.document, draft.layer
    if work.library.reached is not None:
        work.library.reached |= draft.context.cells
    _unread(work, draft)
    for attribute, answer, place in draft.context.gaps:
        work.mistakes.add("P023", place, f"{policy.policy}: `{layer.name}` says nothing for {attribute} {answer}",
                          "The source gives no figure for this cell.", "add the cell with its source, or `else:`")  # fmt: skip
    work.missing.update({a: p for a, p in draft.context.missing.items() if a not in work.missing})
    _unverified(work, draft.document, layer, [c for c in draft.clauses.values() if c.status == "unverified"])


def _unread(work: _Work, draft: Draft) -> None:
    """Parts no version of which had begun are one mistake of the layer; each gap is one of its own."""
    policy, layer, day = draft.document.policy, draft.layer, draft.context.day
    repair = (
        f"settle a later day, add the version in force, or give what it paid: `settled_before: {{{layer.tier}: ...}}`"
    )
    early = [part for part, version in draft.unread if version is None]
    if early:
        what = f"{policy}: not read on {day}: {', '.join(early)} of `{layer.name}`"
        work.mistakes.add("P021", layer.place, what, f"The first version read begins later than {day}.", repair)
    for part, version in draft.unread:
        if version is not None:
            what = f"{policy}: not read on {day}: {part} of `{layer.name}`"
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


def _steps(
    drafts: list[tuple[int, int, Draft]],
    infos: list[LayerInfo],
    layers: list[Laid],
    charges: tuple[Charge, ...],
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Rows with their running sums, layers and buckets put in place."""
    counters: dict[str, int] = {}
    steps: list[Step] = []
    at_step: dict[tuple[str, str, int], int] = {}
    looked = 0
    for layer, charge, draft in drafts:
        terms, laid = draft.terms, layers[layer][1]
        terms[k.LAYER], terms[k.CHARGE] = layer, max(charge, 0) * k.KIND_COUNT
        if draft.document.rounding == "item":
            draft.slots[k.CARRY_SLOT] += f"#{charge}"
        if draft.fills:
            terms[k.CREDIT_LAYERS] = sum(
                1 << n for n, i in enumerate(infos) if i.tier in draft.fills and i.policy != draft.document.policy
            )
        if laid.beyond and charge >= 0:
            terms[k.BEYOND_OF] = at_step.get((draft.document.policy, laid.beyond, charge), -1)
            if terms[k.BEYOND_OF] < 0:  # the layer it follows pays nothing here, so nothing lies beyond it
                continue
        at_step[draft.document.policy, laid.name, charge] = len(steps)
        sees = _sees(laid, charge, len(charges))
        terms[k.SEES], terms[k.SEES_COUNT] = looked, len(sees)
        terms[k.TELLS] = int(terms[k.MODE] == k.PAY and terms[k.CHARGE] + k.IN_SCOPE in sees)
        looked += len(sees)
        row = draft.laid_out(lambda name: counters.setdefault(name, len(counters)))
        steps.append(Step(layer, charge, row, sees, draft.clauses, tuple(limit.name for limit in draft.limits)))
    return tuple(steps), tuple(counters)


LEFT_OF_SCOPE = ("share", "over_ceiling", "rate_cut", "deductible")


def _sees(layer: Layer, charge: int, charges: int) -> tuple[int, ...]:
    """The buckets a step takes its payment off, in order; a guarantee sees those of every charge."""
    if charge >= 0:
        return tuple(charge * k.KIND_COUNT + KIND[kind] for kind in layer.sees)
    kinds: list[str] = []
    for kind in layer.sees:
        kinds += LEFT_OF_SCOPE if kind == "in_scope" else (kind,)
    return tuple(c * k.KIND_COUNT + KIND[kind] for kind in dict.fromkeys(kinds) for c in range(charges))
