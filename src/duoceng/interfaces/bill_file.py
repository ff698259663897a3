"""A bill file (YAML or JSON) -> member and bills, with every mistake noted at its line and column.

    member: {region: beijing, scheme: employee, status: retired, age: 66, products: [...]}
    bill:   {id: B1, discharged: 2025-03-10, care: inpatient, level: tertiary, amounts: {in_scope: 50000, outside_scope: 2000}}

or `bills:`, a member's year in order of arrival. Keys that are no part of this grammar are attributes of the vocabulary.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from duoceng.base.mistakes import Mistakes, Place, refuse
from duoceng.base.money import WHOLE, half_up, rate, whole_number, yuan
from duoceng.base.text import read_utf8, unreadable
from duoceng.kernel.columns import FACTS, KIND_COUNT, KINDS
from duoceng.policy.grammar import TIERS
from duoceng.policy.nodes import Branch, Leaf, Node, read_nodes
from duoceng.policy.reader import Key, Keys, Reader, a_day, list_of, map_of, money, text, yes_no
from duoceng.policy.vocabulary import Vocabulary
from duoceng.records.bill import Bill, Held, Line, Member, Part, Value

UNITS = FACTS[3:]
NO_AMOUNT = ("B003", "B004", "B012")  # where an amount cannot be read, its sum is not complained of
BILL_SIZE_MAX = 8_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """What a file holds: a member and bills in the order they arrived."""

    member: Member
    bills: tuple[Bill, ...]
    file: str


def _amount(reader: Reader, node: Node) -> int:
    """An amount that is not negative."""
    found = money(reader, node)
    if found is not None and found < 0:
        reader.wrong(12, node.place, f"{yuan(found)} is negative", "A refund is a new entry, never a negative bill.",
                     "void or replace the bill it takes back")  # fmt: skip
    return max(found or 0, 0)


def _rate(reader: Reader, node: Node) -> int:
    """A share of at most the whole."""
    try:
        found = rate(node.text if isinstance(node, Leaf) else "")
    except ValueError as error:
        reader.wrong(5, node.place, str(error), "", "write a percentage such as 10%")
        return 0
    if found > WHOLE:
        reader.wrong(5, node.place, "more than the whole", "", "write a share of at most 100%")
    return min(found, WHOLE)


def _quantity(reader: Reader, node: Node) -> int:
    """A quantity, kept in thousandths."""
    written = node.text.strip() if isinstance(node, Leaf) else ""
    whole, _, part = written.partition(".")
    if re.fullmatch(r"[0-9]{1,7}", whole) and re.fullmatch(r"[0-9]{0,3}", part) and written.strip("0."):
        return int(whole) * 1000 + int((part + "000")[:3])
    reader.wrong(
        7,
        node.place,
        f"{written[:30]!r} is not a quantity",
        "",
        "write a number above nothing, at most three decimals",
    )
    return 1000


def _units(reader: Reader, node: Node) -> int:
    try:
        return whole_number(node.text if isinstance(node, Leaf) else "", 6)
    except ValueError as error:
        reader.wrong(7, node.place, str(error), "", "write a whole number of at most six digits")
        return 0


_named_amounts = map_of(_amount, "amounts")


def _kinds(reader: Reader, node: Node) -> tuple[int, ...]:
    """Amounts by kind."""
    if isinstance(node, Branch):
        for name in node.items:
            if name not in KINDS:
                reader.unknown(name, node.keys[name], KINDS, "amounts by kind")
    found = _named_amounts(reader, node)
    return tuple(found.get(kind, 0) for kind in KINDS)


PART: Keys = {
    "amounts": Key(_kinds, "money by kind, in yuan", True),
    "day": Key(a_day, "day of the expense"),
    "item": Key(text, "item code"),
    "title": Key(text, "what it is, in words"),
}
LINE: Keys = {
    "code": Key(text, "code in the catalogue", True),
    "name": Key(text, "what it is, in words"),
    "amount": Key(_amount, "amount in yuan", True),
    "quantity": Key(_quantity, "quantity; 1 if not said"),
    "day": Key(a_day, "day of the expense"),
    "borne_first": Key(_rate, "share borne first, where the line says it itself"),
    "price_limit": Key(_amount, "limit for one unit in yuan, where the line says it itself"),
}
BILL: Keys = {
    "id": Key(text, "name of the bill, unique in the member's year", True),
    "title": Key(text, "hospital or occasion, in words"),
    "admitted": Key(a_day, "day of admission"),
    "discharged": Key(a_day, "day of discharge"),
    "day": Key(a_day, "day of an out-patient visit (instead of `discharged`)"),
    "settled": Key(a_day, "day of settlement"),
    "total": Key(_amount, "the whole bill, to be checked against its parts"),
    "amounts": Key(_kinds, "a classified bill: money by kind"),
    "parts": Key(list_of(lambda r, n: n), "a classified bill in parts with attributes of their own"),
    "lines": Key(list_of(lambda r, n: n), "an itemised bill"),
    **{unit: Key(_units, f"how many {unit}, for limits per unit") for unit in UNITS},
    "settled_before": Key(
        _named_amounts, "what tiers have already paid, by tier, outside the amounts; these tiers are not settled again"
    ),
    "paid_by_others": Key(
        _named_amounts, "what others paid (an insurer whose product is not held here), by tier, outside the amounts"
    ),
    "episode": Key(text, "bills of one episode share deductibles (transfer, interim bill)"),
    "account": Key(_amount, "balance of the personal account"),
    "late": Key(yes_no, "arrived after later bills were settled"),
    "replaces": Key(text, "id of the bill this one corrects"),
    "void": Key(text, "id of the bill this entry takes back"),
    "year_end": Key(a_day, "settle the yearly layers of the year that ends on this day"),
}
MEMBER: Keys = {
    "id": Key(text, "name of the member"),
    "name": Key(text, "name, any characters"),
    "region": Key(text, "place of insurance", True),
    "products": Key(list_of(lambda r, n: n), "products held, first to claim first"),
    "changes": Key(list_of(lambda r, n: n), "answers that changed, each with `from`"),
}
HELD: Keys = {"policy": Key(text, "policy id of the product", True)}
FILE: Keys = {
    "member": Key(lambda r, n: n, "the person", True),
    "bill": Key(lambda r, n: n, "one bill"),
    "bills": Key(list_of(lambda r, n: n), "a member's year, in order of arrival"),
}


def read_case(source: str, file: str, vocabulary: Vocabulary) -> Case:
    """The member and bills of a file. Raises Refused with every mistake."""
    mistakes = Mistakes()
    reader = Reader(mistakes, "B")
    if len(source) > BILL_SIZE_MAX:
        what = f"larger than {BILL_SIZE_MAX // 1_000_000} MB"
        mistakes.add("B017", Place(file), what, "This is no bill.", "check which file was named")
        mistakes.stop_if_any()
    if not any(line.strip() and not line.lstrip().startswith("#") for line in source.splitlines()):
        mistakes.add(
            "Y001",
            Place(file),
            "the file is empty",
            "",
            "write `member:` and `bill:` into it, as the files of `examples/` do",
        )
        mistakes.stop_if_any()
    node = read_nodes(source, file, mistakes)
    mistakes.stop_if_any()
    assert node is not None
    case = case_of(reader, vocabulary, node, file)
    mistakes.stop_if_any()
    return case


def case_of(reader: Reader, vocabulary: Vocabulary, node: Node, file: str) -> Case:
    """The member and bills of a tree."""
    said = reader.object(node, FILE, "a bill file")
    bills = [said["bill"]] if "bill" in said else said.get("bills", [])
    if said and not bills:
        reader.wrong(2, node.place, "there is no bill in it", "", "add `bill:` or `bills:`")
    if {"bill", "bills"} <= set(said):
        reader.wrong(
            15,
            node.place,
            "`bill` and `bills` are both given",
            "One of them would be passed over.",
            "put all of them under `bills:`",
        )
    member = read_member(reader, vocabulary, said["member"]) if "member" in said else Member("", "", {})
    found = tuple(read_bill(reader, vocabulary, bill, at) for at, bill in enumerate(bills))
    _check_year(reader, found)
    return Case(member, found, file)


def _split(node: Node, keys: Keys) -> tuple[Node, Node]:
    """A mapping in two: the keys of the grammar, and the rest, which are attributes."""
    if not isinstance(node, Branch):
        return node, Branch({}, {}, node.place)
    mine = {n: c for n, c in node.items.items() if n in keys}
    rest = {n: c for n, c in node.items.items() if n not in keys}
    return Branch(mine, node.keys, node.place), Branch(rest, node.keys, node.place)


def read_member(reader: Reader, vocabulary: Vocabulary, node: Node) -> Member:
    """The person a bill is for."""
    mine, rest = _split(node, MEMBER)
    said = reader.object(mine, MEMBER, "the member")
    answers = vocabulary.answers(reader, rest, ("member", "product"))
    dated = []
    for change in said.get("changes", []):
        head, tail = _split(change, {"from": Key(a_day, "")})
        begins = reader.object(head, {"from": Key(a_day, "first day of the change", True)}, "a change").get("from")
        if begins:
            if isinstance(tail, Branch) and "region" in tail.items:
                reader.wrong(13, tail.items["region"].place, "the place of insurance cannot change inside one file",
                             "Each place settles its own bills.", "write one file for each place")  # fmt: skip
            dated.append((begins, vocabulary.answers(reader, tail, ("member",))))
    products = tuple(_held(reader, vocabulary, held) for held in said.get("products", []))
    return Member(said.get("id", ""), said.get("region", ""), answers, said.get("name", ""),
                  tuple(sorted(dated, key=lambda d: d[0])), products, node.place)  # fmt: skip


def _held(reader: Reader, vocabulary: Vocabulary, node: Node) -> Held:
    if isinstance(node, Leaf):
        return Held(node.text, {}, node.place)
    mine, rest = _split(node, HELD)
    said = reader.object(mine, HELD, "a product held")
    return Held(said.get("policy", ""), vocabulary.answers(reader, rest, ("product", "member")), node.place)


def read_bill(reader: Reader, vocabulary: Vocabulary, node: Node, at: int) -> Bill:
    """One bill; its amounts add up, its days are possible."""
    before = len(reader.mistakes.found)
    mine, rest = _split(node, BILL)
    said = reader.object(mine, {**BILL, "id": BILL["id"]}, "a bill")
    get = said.get
    attributes = vocabulary.answers(reader, rest, ("bill", "line"))
    if {"day", "discharged"} <= set(said):
        reader.wrong(
            13, node.place, "`day` and `discharged` are both given", "Only one of them could count.", "keep one of them"
        )
    if get("void"):
        if money := [key for key in ("amounts", "parts", "lines", "total") if key in said]:
            reader.wrong(
                15,
                node.place,
                f"a void bill has no `{money[0]}`",
                "It only takes another bill back.",
                "remove it, or write `replaces:`",
            )
        return Bill(get("id", ""), date.max, void=True, replaces=get("void", ""), arrived=at, place=node.place)
    day = get("discharged") or get("day") or get("year_end")
    if said and not day and not {"discharged", "day", "year_end"} & set(said):
        reader.wrong(
            2,
            node.place,
            "a bill does not say `discharged` (or `day`)",
            "The day decides which rules hold.",
            "add it",
        )
    _possible(reader, node, get("admitted"), day)
    parts = _parts(reader, vocabulary, said)
    lines = tuple(_line(reader, vocabulary, line) for line in get("lines", []))
    if not any(m.code in NO_AMOUNT for m in reader.mistakes.found[before:]):
        _adds_up(reader, node, said, parts, lines)
    attributes = _stay_days(attributes, get("admitted"), day, vocabulary)
    units = {u: int(said[u]) for u in UNITS if u in said}
    return Bill(get("id", ""), day or date(2000, 1, 1), get("admitted"), get("settled"), attributes, parts, lines, units,
                _paid_before(reader, said, node), frozenset(get("paid_by_others", {})), get("episode", ""),
                get("title", ""), at, get("replaces", ""), False, bool(get("year_end")), get("account"),
                get("late", False), node.place)  # fmt: skip


def _paid_before(reader: Reader, said: dict[str, Any], node: Node) -> dict[str, int]:
    """By tier, what it paid before or others paid in it; a tier stands in one of the two."""
    found: dict[str, int] = {}
    for key in ("settled_before", "paid_by_others"):
        for tier, amount in said.get(key, {}).items():
            if tier not in TIERS:
                reader.unknown(tier, node.place, TIERS, f"`{key}`")
            elif tier in found:
                reader.wrong(22, node.place, f"`{tier}` stands in `settled_before` and in `paid_by_others`",
                             "The first says that it is done, the second that it is still to pay.", "keep one of them")  # fmt: skip
            found[tier] = amount
    return found


def _stay_days(
    attributes: dict[str, Value], admitted: date | None, day: date | None, vocabulary: Vocabulary
) -> dict[str, Value]:
    if admitted and day and "stay_days" in vocabulary:
        attributes.setdefault("stay_days", max((day - admitted).days, 1))
    return attributes


def _possible(reader: Reader, node: Node, admitted: date | None, day: date | None) -> None:
    if admitted and day and admitted > day:
        reader.wrong(13, node.place, f"admitted {admitted}, after the discharge {day}", "", "check the two days")


def _parts(reader: Reader, vocabulary: Vocabulary, said: dict[str, Any]) -> tuple[Part, ...]:
    found = [Part(said["amounts"])] if "amounts" in said else []
    for node in said.get("parts", []):
        mine, rest = _split(node, PART)
        part = reader.object(mine, PART, "a part")
        answers = vocabulary.answers(reader, rest, ("line", "bill"))
        found.append(
            Part(
                part.get("amounts", (0,) * KIND_COUNT),
                answers,
                part.get("day"),
                part.get("item", ""),
                part.get("title", ""),
            )
        )
    return tuple(found)


def _line(reader: Reader, vocabulary: Vocabulary, node: Node) -> Line:
    mine, rest = _split(node, LINE)
    said = reader.object(mine, LINE, "a line")
    answers = vocabulary.answers(reader, rest, ("line",))
    amount, quantity = said.get("amount", 0), said.get("quantity", 1000)
    answers.setdefault("unit_price", half_up(amount * 1000, quantity))
    return Line(said.get("code", ""), said.get("name", ""), amount, quantity, said.get("day"), said.get("borne_first"),
                said.get("price_limit"), answers, node.place)  # fmt: skip


def _adds_up(
    reader: Reader, node: Node, said: dict[str, Any], parts: tuple[Part, ...], lines: tuple[Line, ...]
) -> None:
    if not said or said.get("year_end") or said.get("void"):
        return
    amounts = node.items.get("amounts") if isinstance(node, Branch) else None
    if (isinstance(amounts, Branch) and not amounts.items) or (not parts and not lines):
        reader.wrong(15, node.place, "the bill has no amounts", "", "add `amounts:`, `parts:` or `lines:`")
    if (parts and lines) or ("amounts" in said and "parts" in said):
        reader.wrong(
            15,
            node.place,
            "the bill is both classified and itemised",
            "The same money would count twice.",
            "keep one of `amounts`, `parts`, `lines`",
        )
    total = said.get("total")
    before = sum(sum(said.get(key, {}).values()) for key in ("settled_before", "paid_by_others"))
    summed = sum(sum(p.amounts) for p in parts) + sum(x.amount for x in lines) + before
    if total is not None and total != summed:
        place = node.keys["total"] if isinstance(node, Branch) and "total" in node.keys else node.place
        reader.wrong(10, place, f"the parts come to {yuan(summed)}, not {yuan(total)}", f"{yuan(abs(total - summed))} would be lost or made.",
                     "correct the total or the parts")  # fmt: skip


def _check_year(reader: Reader, bills: tuple[Bill, ...]) -> None:
    seen: dict[str, Bill] = {}
    gone: dict[str, str] = {}
    latest: Bill | None = None
    for bill in bills:
        place = bill.place or Place("")
        if bill.id in seen:
            reader.wrong(11, place, f"two bills are called `{bill.id}`", "One bill would be settled twice.",
                         "give each its own id; a correction says `replaces:`", also=seen[bill.id].place)  # fmt: skip
        if bill.replaces and bill.replaces not in seen:
            reader.wrong(14, place, f"there is no earlier bill `{bill.replaces}`", "", "name a bill that stands above")
        if by := gone.get(bill.replaces, ""):
            reader.wrong(14, place, f"`{bill.replaces}` was taken back by `{by}` already", "The stay would be settled twice.",
                         f"name the bill that stands: `{by}`, unless it is void")  # fmt: skip
        gone |= {bill.replaces: bill.id} if bill.replaces else {}
        seen[bill.id] = bill
        if bill.void or bill.replaces:
            continue
        latest = _in_time(reader, bill, latest)


def _in_time(reader: Reader, bill: Bill, latest: Bill | None) -> Bill:
    if latest and bill.discharged < latest.discharged:
        if not bill.late:
            reader.wrong(18, bill.place or Place(""), f"bill `{bill.id}` of {bill.discharged} stands after one of {latest.discharged}",
                         "Deductibles and bands run through the year in order.",
                         "sort the bills by day, or add `late: yes` to one that arrived late")  # fmt: skip
        return latest
    return bill


def read_file(path: str, read: Callable[[int], bytes] | None = None) -> str:
    """The text of a bill file, or of the standard input for `-`, as far as a bill may be long. Raises Refused where it is no text."""
    try:
        return read(4 * BILL_SIZE_MAX + 1).decode("utf-8-sig") if read else read_utf8(Path(path), 4 * BILL_SIZE_MAX + 1)
    except (OSError, UnicodeDecodeError) as error:
        what, repair = unreadable(error)
        raise refuse("B019", Place(path, 0), what, "", repair) from None
