"""What was asked, as the desk takes it: bills and facts are read by the same grammar as bill files, so that both refuse the same.

JSON ──▶ models (forms, bounds) ──▶ a tree of text, each leaf with the field it came from ──▶ bill_file, vocabulary ──▶ Bill, Fact
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from duoceng.base.mistakes import Mistakes, Place
from duoceng.desk.asks import Ask
from duoceng.desk.people import Fact
from duoceng.interfaces.bill_file import BILL, LINE, PART, read_bill
from duoceng.interfaces.rest.models import BillIn, ConsentIn, FactIn, SettleIn
from duoceng.policy.library import Library
from duoceng.policy.nodes import Branch, Leaf, Node, Row
from duoceng.policy.places import nearest_place
from duoceng.policy.reader import Reader
from duoceng.policy.vocabulary import Vocabulary

Tree = dict[str, Node]
MONEY = ("total", "amount", "price_limit")


def ask_of(asked: SettleIn, library: Library, agreed: bool = False) -> Ask:
    """A bill to settle; `agreed`: the member showed the commercial code. Raises Refused with every mistake."""
    mistakes = Mistakes()
    bill = read_bill(Reader(mistakes, "B"), library.vocabulary, bill_tree(asked.bill, library.vocabulary, mistakes), 0)
    mistakes.stop_if_any()
    return Ask(asked.member, bill, asked.hospital, tuple(asked.pays), agreed)


def bill_tree(bill: BillIn, vocabulary: Vocabulary, mistakes: Mistakes) -> Node:
    """A bill as a bill file has it."""
    growing = Growing(vocabulary, mistakes)
    said = bill.model_dump(exclude_defaults=True)
    tree: Tree = growing.known(said, "bill", ("answers", "units", "amounts", "parts", "lines", "year_end"))
    if bill.year_end:
        tree["year_end"] = tree.pop("discharged")
    for unit, count in said.get("units", {}).items():
        tree[unit] = leaf(str(count), f"bill.units.{unit}")
    if bill.amounts:
        tree["amounts"] = growing.amounts(bill.amounts.model_dump(exclude_defaults=True), "bill.amounts")
    for name, keys in (("parts", PART), ("lines", LINE)):
        if said.get(name):
            rows = [growing.row(one, f"bill.{name}[{at}]", keys) for at, one in enumerate(said[name])]
            tree[name] = Row(rows, place_of(f"bill.{name}"))
    tree |= growing.answers(said.get("answers", {}), "bill.answers", BILL)
    return branch(tree, "bill")


class Growing:
    """Trees of text under a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, mistakes: Mistakes):
        self.vocabulary, self.mistakes = vocabulary, mistakes

    def known(self, said: Mapping[str, Any], at: str, apart: tuple[str, ...]) -> Tree:
        """The keys of the grammar."""
        return {
            name: self.value(name, value, f"{at}.{name}")
            for name, value in said.items()
            if name not in apart and value is not None
        }

    def value(self, name: str, value: Any, at: str) -> Node:
        """One value as text."""
        if isinstance(value, dict):
            return self.amounts(value, at)
        if name in MONEY:
            return leaf(yuan_text(value), at)
        if name == "borne_first":
            return leaf(rate_text(value), at)
        if name == "quantity":
            return leaf(f"{value // 1000}.{value % 1000:03d}", at)
        return leaf(value.isoformat() if isinstance(value, date) else str(value), at)

    def amounts(self, said: Mapping[str, int], at: str) -> Node:
        """Amounts by name."""
        return branch({name: leaf(yuan_text(amount), f"{at}.{name}") for name, amount in said.items()}, at)

    def row(self, said: Mapping[str, Any], at: str, keys: Mapping[str, object]) -> Node:
        """A part or a line."""
        tree = self.known(said, at, ("answers", "amounts"))
        if "amounts" in keys:
            tree["amounts"] = self.amounts(said.get("amounts", {}), f"{at}.amounts")
        return branch(tree | self.answers(said.get("answers", {}), f"{at}.answers", keys), at)

    def answers(self, said: Mapping[str, Any], at: str, keys: Mapping[str, object] = {}) -> Tree:
        """Answers as text, each in the form of its attribute."""
        tree: Tree = {}
        for name, value in said.items():
            form = self.vocabulary[name].type if name in self.vocabulary else ""
            if name in keys:
                self.mistakes.add(
                    "B001",
                    place_of(f"{at}.{name}"),
                    f"`{name}` is no attribute",
                    "It is a field of its own.",
                    "write it beside `answers`",
                )
            elif isinstance(value, list):
                tree[name] = Row([leaf(one, f"{at}.{name}") for one in value], place_of(f"{at}.{name}"))
            elif form and not fits(form, value):
                self.mistakes.add(
                    "B009",
                    place_of(f"{at}.{name}"),
                    f"`{name}` is not answered so",
                    "Amounts are whole fen, rates parts of 10,000, days and words are text.",
                    "write true or false, a whole number, a text, or a list of texts",
                )
            else:
                tree[name] = leaf(text_of(form, value), f"{at}.{name}")
        return tree


def fits(form: str, value: object) -> bool:
    """Is the answer of the kind its attribute takes?"""
    if form == "yes_no":
        return isinstance(value, bool)
    if form in ("number", "money", "rate"):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def text_of(form: str, value: object) -> str:
    """An answer as a bill file writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return yuan_text(value) if form == "money" else rate_text(value) if form == "rate" else str(value)
    return str(value)


def yuan_text(fen: int) -> str:
    """Fen as yuan are written."""
    return f"{fen // 100}.{fen % 100:02d}"


def rate_text(parts: int) -> str:
    """Parts of 10,000 as a percentage is written."""
    return f"{parts // 100}.{parts % 100:02d}%"


def place_of(field: str) -> Place:
    """A field of what was asked."""
    return Place(field, 0)


def leaf(text: str, field: str) -> Leaf:
    """A scalar."""
    return Leaf(text, Place(field, 0))


def branch(tree: Tree, at: str) -> Branch:
    """A mapping, every key at its field."""
    return Branch(tree, {name: node.place for name, node in tree.items()}, Place(at, 0))


# ── facts ──


def facts_of(facts: list[FactIn], library: Library) -> tuple[Fact, ...]:
    """Facts of a member. Raises Refused with every mistake."""
    mistakes = Mistakes()
    found = tuple(_fact(one, f"facts[{at}]", library, mistakes) for at, one in enumerate(facts))
    mistakes.stop_if_any()
    return found


def _fact(fact: FactIn, at: str, library: Library, mistakes: Mistakes) -> Fact:
    if fact.kind == "relative":
        return Fact(
            "relative", fact.begins, fact.ends, said={"who": fact.who, "relation": fact.relation, "proof": fact.proof}
        )
    of = ("product", "member") if fact.kind == "contract" else ("member",)
    answers = _answers(fact.answers, f"{at}.answers", of, (library.vocabulary, mistakes))
    if fact.kind == "contract":
        stop_if_no_product(fact.policy, f"{at}.policy", library, mistakes)
        return Fact("contract", fact.begins, fact.ends, answers, policy=fact.policy)
    if fact.kind == "enrolment":
        if fact.region not in library.regions():
            mistakes.add(
                "B030",
                place_of(f"{at}.region"),
                f"there are no policies of `{fact.region}`",
                "",
                nearest_place(library, fact.region),
            )
        return Fact("enrolment", fact.begins, fact.ends, answers, region=fact.region)
    after = _answers(fact.after, f"{at}.after", of, (library.vocabulary, mistakes))
    return Fact(fact.kind, fact.begins, fact.ends, answers, after)


def _answers(said: Mapping[str, Any], at: str, of: tuple[str, ...], by: tuple[Vocabulary, Mistakes]) -> dict[str, Any]:
    vocabulary, mistakes = by
    return vocabulary.answers(Reader(mistakes, "B"), branch(Growing(*by).answers(said, at), at), of)


def stop_if_no_product(policy: str, at: str, library: Library, mistakes: Mistakes) -> None:
    """Note a product that is not known."""
    if policy not in library.products():
        mistakes.add("B031", place_of(at), f"there is no product `{policy}`", "", "COVERAGE.md lists them all")


def consent_of(asked: ConsentIn, library: Library) -> Fact:
    """A consent. Raises Refused where there is no such product."""
    mistakes = Mistakes()
    stop_if_no_product(asked.product, "product", library, mistakes)
    mistakes.stop_if_any()
    return Fact("consent", asked.begins, asked.ends, policy=asked.product, said={"purpose": asked.purpose})


def answers_of(said: Mapping[str, Any], library: Library) -> dict[str, Any]:
    """Answers of a bill by themselves. Raises Refused with every mistake."""
    mistakes = Mistakes()
    found = _answers(said, "answers", ("bill", "line"), (library.vocabulary, mistakes))
    mistakes.stop_if_any()
    return found
