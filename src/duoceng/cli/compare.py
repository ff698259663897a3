"""`duoceng why` and `duoceng whatif`: two results side by side, and where they part."""

from dataclasses import dataclass, replace
from datetime import date

from duoceng.base.mistakes import Mistakes, Place, refuse
from duoceng.base.money import signed, yuan
from duoceng.cli.settle import load, options_of, settle_file
from duoceng.desk.year import Year, pairs
from duoceng.engine.compare import Comparison, compare
from duoceng.engine.explain import explain
from duoceng.engine.words import say
from duoceng.interfaces.bill_file import Case
from duoceng.interfaces.statement_text import pad
from duoceng.policy.library import Library
from duoceng.policy.nodes import Branch, Leaf, Row
from duoceng.policy.plan import Options
from duoceng.policy.reader import Reader
from duoceng.policy.vocabulary import Vocabulary
from duoceng.records.bill import Attributes, Bill, Held, Member, Value
from duoceng.records.settlement import Settlement


def why(first: str, second: str, folder: str | None, lang: str, options: Options) -> str:
    """Two files settled and compared bill by bill; bills of one id belong together."""
    years = []
    for file in (first, second):
        library, case, _ = load(file, folder)
        years.append(settle_file(library, case, options))
    return compared(years[0], years[1], lang)


def compared(one: Year, two: Year, lang: str) -> str:
    """Every pair of bills, bills that only one side has, what either year came to, and what a reader must know of both."""
    blocks = [_pair(first, second, lang) for first, second in pairs(one, two)]
    total = [y.totals()[2] for y in (one, two)]
    last = f"{say('year', lang)} · {say('member_pays', lang)}: {yuan(total[0])} → {yuan(total[1])}  ({signed(total[1] - total[0])})"
    return "\n".join([*blocks, last, *_warnings(one, two, lang)]) + "\n"


def _pair(first: Settlement | None, second: Settlement | None, lang: str) -> str:
    if first and second:
        ids = dict.fromkeys(s.bill.id for s in (first, second))
        return words_of(" → ".join(ids), compare(first, second, lang), lang)
    alone = first or second
    assert alone is not None
    side = "first_only" if first else "second_only"
    billed, pays = (
        f"{say(word, lang)} {yuan(x)}" for word, x in (("billed", alone.billed), ("member_pays", alone.member_pays))
    )
    words = say("alone", lang, side=say(side, lang), billed=billed, pays=pays)
    return f"{say('bill', lang)} {alone.bill.id} · {alone.bill.discharged}{words}"


def _warnings(one: Year, two: Year, lang: str) -> list[str]:
    """What must be known before the figures are trusted; what holds for one side only says for which."""
    first, second = (
        [f"{s.bill.id}{say('colon', lang)}{w}" for s in y.settlements for w in explain(s, lang).warnings]
        for y in (one, two)
    )
    rows = [w if w in second else f"{w} ({say('first_only', lang)})" for w in first]
    return [*rows, *(f"{w} ({say('second_only', lang)})" for w in second if w not in first)]


def words_of(bill: str, comparison: Comparison, lang: str) -> str:
    """One pair of bills in words."""
    zh = lang == "zh"
    rows = [f"{say('bill', lang)} {bill}"]
    if comparison.first is None:
        return rows[0] + ("：两次结算完全相同" if zh else ": the two settlements are the same, step by step")
    for name, first, second in comparison.totals:
        if first != second or name == "member_pays":
            rows.append(
                pad(f"  {say(name, lang)}", 30)
                + f"{yuan(first):>16} → {yuan(second):>16}  {signed(second - first):>16}"
            )
    parting = comparison.first
    head = "  首先在这一步分开：" if zh else "  they first part here: "
    why = f"（{parting.why}）" if zh else f" ({parting.why})"
    rows.append(
        head + f"{parting.layer} · {parting.move}  {_or_nothing(parting.first)} → {_or_nothing(parting.second)}{why}"
    )
    for clause in dict.fromkeys(c for c in parting.clauses if c):
        rows.append(f"      {clause.policy} {clause.part} {clause.begins}: “{clause.quote}”")
    rows.append("  此后各步：" if zh else "  and then:")
    for more in comparison.partings[1:]:
        rows.append(
            pad(f"    {more.layer} · {more.move}", 60)
            + f"{_or_nothing(more.first):>14} → {_or_nothing(more.second):>14}"
        )
    return "\n".join(rows)


def _or_nothing(amount: int | None) -> str:
    return "—" if amount is None else yuan(amount)


@dataclass(frozen=True)
class Other:
    """What is otherwise: answers, products held besides or no longer, the order of tiers, reforms laid over the policies."""

    changes: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    order: str = ""
    reforms: tuple[str, ...] = ()


def whatif(file: str, folder: str | None, lang: str, other: Other, options: Options) -> str:
    """The year of a file beside the same year with something otherwise, replayed from its start."""
    library, case, _ = load(file, folder)
    asked = options_of(other.order, options.allow_unverified, other.reforms, library)
    changed_case = changed(case, library, other.changes, other.add, other.drop)
    nothing = [say("nothing_changed", lang)] if (changed_case, asked) == (case, options) else []
    both = settle_file(library, case, options), settle_file(library, changed_case, asked)
    return "\n".join([*nothing, compared(*both, lang)])


def changed(
    case: Case, library: Library, changes: tuple[str, ...], add: tuple[str, ...], drop: tuple[str, ...]
) -> Case:
    """The case with `attribute=value` laid over the member and every bill (or `bill:attribute=value` over one bill)."""
    for policy in drop:
        if policy not in [h.policy for h in case.member.products]:
            raise refuse("B031", Place("--drop-product"), f"`{policy}` is held by nobody here", "",
                         f"products held: {', '.join(h.policy for h in case.member.products)}")  # fmt: skip
    held = tuple(h for h in case.member.products if h.policy not in drop) + tuple(
        Held(p, {}, Place("--add-product")) for p in add
    )
    member, bills = replace(case.member, products=held), list(case.bills)
    for change in changes:
        target, name, value = _parsed(change, library.vocabulary)
        if name == "region" or library.vocabulary[name].of == "history":
            raise refuse("B034", Place(f"--set {change}"), f"`{name}` cannot be set", "The place decides all; counts follow from the bills.",
                         "write a second file and use `duoceng why`")  # fmt: skip
        if target and target not in [b.id for b in bills]:
            raise refuse(
                "B034",
                Place(f"--set {change}"),
                f"there is no bill `{target}`",
                "",
                f"bills: {', '.join(b.id for b in bills)}",
            )
        if library.vocabulary[name].of == "member" and not target:
            member = replace(member, attributes={**member.attributes, name: value}, dated=_undated(member, name))
        elif library.vocabulary[name].of == "product":
            member = replace(
                member,
                products=tuple(replace(h, attributes={**h.attributes, name: value}) for h in member.products),
            )
        else:
            bills = [_with(b, name, value) if not target or b.id == target else b for b in bills]
    return Case(member, tuple(bills), case.file)


def _with(bill: Bill, name: str, value: Value) -> Bill:
    return bill if bill.void or bill.year_end else replace(bill, attributes={**bill.attributes, name: value})


def _undated(member: Member, name: str) -> tuple[tuple[date, Attributes], ...]:
    return tuple((day, {a: v for a, v in answers.items() if a != name}) for day, answers in member.dated)


def _parsed(change: str, vocabulary: Vocabulary) -> tuple[str, str, Value]:
    left, sign, written = change.partition("=")
    target, _, name = left.rpartition(":")
    place = Place(f"--set {change}")
    if not sign or name not in vocabulary:
        raise refuse(
            "B034",
            place,
            f"`{change}` changes nothing known",
            "",
            "write `--set level=primary` or `--set BILL:level=primary`",
        )
    mistakes = Mistakes()
    leaves: list[Leaf | Branch | Row] = [Leaf(w, place) for w in written.split("+")]
    node = Row(leaves, place) if vocabulary[name].type == "set" else leaves[0]
    value = vocabulary.answer(Reader(mistakes, "B"), vocabulary[name], node)
    mistakes.stop_if_any()
    assert value is not None
    return target, name, value
