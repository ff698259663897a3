"""Put the trail of a settlement into words: a waterfall from the bill to what the member pays, each move with its clause.

Nothing is computed here that the kernel did not leave in the trail; amounts are only read, added and named.

    billed ─ layer ─ layer ─ ... = member pays          rows
             └ move [1]  └ move [2]                     clauses, numbered in the order they are met
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from duoceng.base.money import percent, yuan
from duoceng.engine.words import say
from duoceng.kernel import columns as k
from duoceng.records.bill import Member
from duoceng.records.plan import Clause, Refusal, Step
from duoceng.records.settlement import Settlement

Cite = Callable[[str], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement. `role`: total, kind, layer, move, refusal, member. Amount in fen, None where there is none.

    `bar` is where the line stands in the waterfall: fen from and to, of the whole bill.
    """

    role: str
    label: str
    amount: int | None = None
    detail: str = ""
    clauses: tuple[int, ...] = ()
    bar: tuple[int, int] | None = None
    tier: str = ""


@dataclass(slots=True)
class Statement:
    """A settled bill in words."""

    lang: str
    title: str
    heading: tuple[str, ...]
    lines: list[Line] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    about: tuple[tuple[str, str], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def cite(self, clause: Clause | None) -> tuple[int, ...]:
        """The number of a clause; met for the first time, it gets the next."""
        if clause is None:
            return ()
        if clause not in self.clauses:
            self.clauses.append(clause)
        return (self.clauses.index(clause) + 1,)


def explain(
    settlement: Settlement, lang: str = "zh", names: Mapping[str, str] | None = None, member: Member | None = None
) -> Statement:
    """The statement of a settlement in a language (zh, en). `names` has attributes, their values, places and ceilings in it."""
    bill = settlement.bill
    heading = (bill.title or bill.id, f"{say('discharged', lang)} {bill.discharged}")
    statement = Statement(lang, say("statement", lang), heading, names=names or {})
    statement.about = _about(settlement, member, statement)
    _top(settlement, statement)
    _layers(settlement, statement)
    _member(settlement, statement)
    _warn(settlement, statement)
    if any(c.status == "unverified" for c in statement.clauses):
        statement.warnings.append(say("warning_unverified", lang))
    return statement


ABOUT = ("region", "scheme", "status", "care", "level")  # answers the head of a statement names


def _about(settlement: Settlement, member: Member | None, statement: Statement) -> tuple[tuple[str, str], ...]:
    """Whose bill it is, of which place and scheme, and which bill: a label and what it says."""
    bill, lang, names = settlement.bill, statement.lang, statement.names
    brackets = "（{}）" if lang == "zh" else " ({})"
    who = [x for x in (member.name, member.id) if x] if member else []
    answers = {**settlement.plan.answers, "region": member.region if member else ""}
    rows = [(say("member", lang), who[0] + (brackets.format(who[1]) if who[1:] else ""))] if who else []
    said = {a: str(answers[a]) for a in ABOUT if answers.get(a)}
    rows += [(names.get(a, a), names.get(f"{a}={value}", value)) for a, value in said.items()]
    rows.append((say("bill", lang), bill.id))
    days = (("admitted", bill.admitted), ("settled_on", bill.settled))
    return (*rows, *((say(word, lang), day.isoformat()) for word, day in days if day and day != bill.discharged))


def _warn(settlement: Settlement, statement: Statement) -> None:
    """What a reader must know before trusting the figures: money no rule looked at, limits that were not read."""
    lang, unlooked = statement.lang, settlement.self_pay["in_scope"]
    if unlooked:
        statement.warnings.append(say("warning_unlooked", lang, amount=yuan(unlooked)))
    for layer, paid in zip(settlement.plan.layers, settlement.paid, strict=True):
        if paid:
            title = layer.title if lang == "zh" else layer.english or layer.title
            statement.warnings += [
                say("warning_unread", lang, layer=title, what=what if lang == "zh" else english)
                for what, english in layer.unread
            ]


def _top(settlement: Settlement, statement: Statement) -> None:
    lang, whole = statement.lang, settlement.billed
    statement.lines.append(Line("total", say("billed", lang), whole, bar=(0, whole)))
    brought = [sum(c.amounts[n] for c in settlement.charges) for n in range(k.KIND_COUNT)]
    for kind, amount in zip(k.KINDS, brought, strict=True):
        if amount:
            statement.lines.append(Line("kind", say(kind, lang), amount))


def _layers(settlement: Settlement, statement: Statement) -> None:
    left = settlement.billed
    layers = list(enumerate(zip(settlement.plan.layers, settlement.paid, strict=True)))
    for at, (layer, paid) in sorted(
        layers, key=lambda row: not row[1][0].settled_before
    ):  # what was settled before comes first
        steps = [(s, t) for s, t in zip(settlement.plan.steps, settlement.trails, strict=True) if s.layer == at]
        refused = [r for r in settlement.plan.refusals if r.layer == at]
        title = layer.title if statement.lang == "zh" else layer.english or layer.title
        tier = say(f"tier_{layer.tier}", statement.lang)
        if layer.settled_before:
            title = say("paid_by_others" if layer.tier in settlement.bill.others else "settled_before", statement.lang)
        looked = any(t[k.SEEN] or t[k.PAID] for _, t in steps)
        if not looked and not refused and not layer.settled_before:
            continue
        bar = None if layer.cash else (left - paid, left)
        left -= 0 if layer.cash else paid
        statement.lines.append(Line("layer", f"{tier} · {title}", paid, bar=bar, tier=layer.tier))
        for step, trail in steps:
            _moves(statement, settlement, step, trail)
        if not looked:
            _refusals(statement, refused)


def _refusals(statement: Statement, refused: list[Refusal]) -> None:
    lang, names = statement.lang, statement.names
    for refusal in dict.fromkeys(refused):
        never = refusal.wanted.startswith("not ")
        key = "refused_window" if refusal.attribute == "window" else "refused_not" if never else "refused_why"
        name = " / ".join(names.get(a, a) for a in refusal.attribute.split(" / "))
        same = never and refusal.wanted == f"not {refusal.found}"
        found, wanted = (
            _in_words(names, refusal.attribute, x, lang) for x in (refusal.found, refusal.wanted.removeprefix("not "))
        )
        why = say("refused_is" if same else key, lang, attribute=name, found=found, wanted=wanted)
        line = Line("refusal", say("refused", lang), None, why, statement.cite(refusal.clause))
        if line not in statement.lines[-4:]:
            statement.lines.append(line)


def _in_words(names: Mapping[str, str], attribute: str, written: str, lang: str) -> str:
    """Values as people say them: `none` -> `非救助对象`; what has no words stays as written."""
    return (" / " if lang == "en" else "、").join(names.get(f"{attribute}={w}", w) for w in written.split(", "))


def _moves(statement: Statement, settlement: Settlement, step: Step, trail: tuple[int, ...]) -> None:
    terms, lang = step.terms, statement.lang

    def cite(part: str) -> tuple[int, ...]:
        return statement.cite(step.clauses.get(part))

    mode = terms[k.MODE]
    if mode != k.PAY:
        key, part = ("move_cash", "cash") if mode == k.CASH else ("move_top_up", "guarantee")
        if trail[k.PAID]:
            statement.lines.append(Line("move", say(key, lang), trail[k.PAID], "", cite(part)))
        return
    if trail[k.SEEN] == 0:
        return
    charge = settlement.charges[step.charge]
    kinds = [say(k.KINDS[b % k.KIND_COUNT], lang) for b in step.sees]
    sees = say("all_left", lang) if len(kinds) > 5 else ("、" if lang == "zh" else ", ").join(kinds)
    named = f"{charge.title}{say('colon', lang)}" if charge.title and len(settlement.charges) > 1 else ""
    statement.lines.append(Line("move", say("sees", lang), trail[k.SEEN], named + sees, cite("when")))
    if trail[k.TIMES_USED_UP]:
        statement.lines.append(Line("move", say("move_times", lang), None, "", _ceiling_clauses(statement, step)))
    if trail[k.FIRST]:
        statement.lines.append(Line("move", say("move_first", lang), -trail[k.FIRST], "", cite("borne_first")))
    off_payment = bool(terms[k.DUE_OFF_PAYMENT])
    if not off_payment:
        _deductible(statement, terms, trail, cite)
    _cost_held(statement, step, trail)
    _slices(statement, terms, trail, cite)
    if off_payment:
        _deductible(statement, terms, trail, cite)
    _payment_held(statement, settlement.plan.layers[step.layer].id, step, trail)
    if terms[k.RESULT_RATE] < k.WHOLE:
        words = say("move_result", lang, rate=percent(terms[k.RESULT_RATE]))
        statement.lines.append(Line("move", words, trail[k.PAID], "", cite("result")))


def _deductible(statement: Statement, terms: tuple[int, ...], trail: tuple[int, ...], cite: Cite) -> None:
    lang = statement.lang
    if trail[k.DUE_WHOLE]:
        label = say("move_deductible_off" if terms[k.DUE_OFF_PAYMENT] else "move_deductible", lang)
        detail = yuan(trail[k.DUE_WHOLE])
        if trail[k.DUE_BEFORE]:
            detail = say("move_deductible_before", lang, due=yuan(trail[k.DUE_WHOLE]), before=yuan(trail[k.DUE_BEFORE]))
        statement.lines.append(Line("move", label, -trail[k.DEDUCTED], detail, cite("deductible")))
    if trail[k.CREDITED]:
        statement.lines.append(
            Line("move", say("move_credited", lang), None, yuan(trail[k.CREDITED]), cite("deductible"))
        )


def _slices(statement: Statement, terms: tuple[int, ...], trail: tuple[int, ...], cite: Cite) -> None:
    for number, band in enumerate(k.bands_of(terms)):
        if inside := trail[k.SLICE + number]:
            words = say("move_slice", statement.lang, rate=percent(band[k.BAND_RATE]), slice=yuan(inside))
            statement.lines.append(Line("move", words, trail[k.SLICE_PAID + number], "", cite("share")))
    if trail[k.CUT] and terms[k.RESULT_RATE] == k.WHOLE:
        statement.lines.append(Line("move", say("move_cut", statement.lang), -trail[k.CUT], "", cite("share")))


def _cost_beyond(step: Step, trail: tuple[int, ...]) -> int:
    """Cost that ceilings on the cost left out."""
    deducted = 0 if step.terms[k.DUE_OFF_PAYMENT] else trail[k.DEDUCTED]
    return trail[k.SEEN] - trail[k.FIRST] - deducted - trail[k.ABOVE]


def _cost_held(statement: Statement, step: Step, trail: tuple[int, ...]) -> None:
    """What a ceiling on the cost left out, before any share is taken of it."""
    if beyond := _cost_beyond(step, trail):
        marks = _ceiling_clauses(statement, step)
        statement.lines.append(Line("move", say("move_over", statement.lang), -beyond, "", marks))


def _payment_held(statement: Statement, layer: str, step: Step, trail: tuple[int, ...]) -> None:
    """What a ceiling on the payment took off it; where the next layer sees its cost, what that comes to."""
    bound, lang = trail[k.BOUND_BY], statement.lang
    if not 0 <= bound < len(step.ceilings):
        return
    name = step.ceilings[bound]
    words = say("move_over_named", lang, name=statement.names.get(f"{layer} ceiling {name}", name))
    lost, clauses = trail[k.PAYABLE] - trail[k.LIMIT_LEFT], statement.cite(step.clauses.get(f"ceiling {name}"))
    statement.lines.append(Line("move", words, -lost, yuan(trail[k.LIMIT_LEFT]), clauses))
    cost = trail[k.OVER] - _cost_beyond(step, trail)
    if k.ceilings_of(step.terms)[bound][k.LIMIT_BEYOND] == k.AS_EXPENSE and cost != lost:
        statement.lines.append(Line("move", say("beyond_cost", lang), None, yuan(cost), clauses))


def _ceiling_clauses(statement: Statement, step: Step) -> tuple[int, ...]:
    return tuple(n for name in step.ceilings for n in statement.cite(step.clauses.get(f"ceiling {name}")))


def _member(settlement: Settlement, statement: Statement) -> None:
    lang, pays = statement.lang, settlement.member_pays
    statement.lines.append(Line("member", say("member_pays", lang), pays, bar=(0, pays)))
    for kind, amount in settlement.self_pay.items():
        if amount:
            statement.lines.append(Line("kind", say(kind, lang), amount))
    if settlement.bill.account_balance is not None:
        from_account = min(pays, settlement.bill.account_balance)
        statement.lines.append(Line("kind", say("account", lang), from_account))
        statement.lines.append(Line("kind", say("cash_due", lang), pays - from_account))
    if settlement.cash:
        statement.lines.append(Line("member", say("cash", lang), settlement.cash))
