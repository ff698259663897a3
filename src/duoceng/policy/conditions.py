"""Conditions: whom a document covers, which charges a layer sees, and when it pays.

{scheme: employee, care: [inpatient, special]}      every line must hold
{age: "<18", diseases: type_1_diabetes}
- any: [{unit_price: "<=5000"}, {negotiated: yes}]   one of these
- not: {lists: negative_list}                        none of these
- {months_since_enrolment: {at_least: {by: ...}}}    a number against a value
"""

from dataclasses import dataclass

from duoceng.base.mistakes import Place
from duoceng.policy.nodes import Branch, Leaf, Node, Row
from duoceng.policy.read_values import DocumentReader, value_of
from duoceng.policy.reader import Reader
from duoceng.policy.values import Context, Match, Value, match
from duoceng.policy.vocabulary import Attribute


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that holds or not: one attribute, or `any` / `not` of others."""

    attribute: str
    matches: tuple[Match, ...]
    place: Place
    written: str
    at_least: Value | None = None
    how: str = "is"
    inner: tuple["Condition", ...] = ()

    def holds(self, context: Context) -> bool | None:
        """True, False, or None where an answer is missing (it is then on the list of questions)."""
        if self.how != "is":
            return self._together(context)
        answer = context.ask(self.attribute, self.place)
        if answer is None:
            return None
        if self.at_least is not None:
            return int(answer) >= self.at_least.value(context)  # type: ignore[arg-type]
        return fits(context.vocabulary[self.attribute], self.matches, answer)

    def _together(self, context: Context) -> bool | None:
        """`all` of the inner ones, `any` of them, or `not` one of them."""
        if self.how == "all":
            return all_hold(self.inner, context)
        found = _until(True, self.inner, context)
        if True not in found and None in found:
            _ = [c.holds(context) for c in self.inner]
            return None
        return (True in found) == (self.how == "any")


def _aside(context: Context) -> Context:
    """The same answers, with a list of questions of its own."""
    return Context(
        context.answers,
        context.day,
        context.vocabulary,
        context.index,
        {},
        context.gaps,
        context.cells,
    )


def fits(attribute: Attribute, matches: tuple[Match, ...], answer: object) -> bool:
    """Does an answer, or anything it counts as, fit one of the labels?"""
    steps = attribute.chains.get(answer, [answer]) if isinstance(answer, str) else [answer]
    return any(m.fits(attribute, step) for step in steps for m in matches)  # type: ignore[arg-type]


def _until(decided: bool, conditions: tuple[Condition, ...], context: Context) -> list[bool | None]:
    """What the conditions come to, up to the first that decides: after it, nothing is looked at."""
    found: list[bool | None] = []
    for condition in conditions:
        found.append(condition.holds(_aside(context)))
        if found[-1] is decided:
            break
    return found


def all_hold(conditions: tuple[Condition, ...], context: Context) -> bool | None:
    """All of them. Where one surely does not hold, nothing else is asked; else every missing answer is put on the list."""
    found = _until(False, conditions, context)
    if False in found:
        return False
    if None in found:
        _ = [c.holds(context) for c in conditions]
        return None
    return True


def conditions(reader: Reader, node: Node) -> tuple[Condition, ...]:
    """A form: one mapping or a list of mappings, all of which must hold."""
    found: list[Condition] = []
    for item in node.items if isinstance(node, Row) else [node]:
        if not isinstance(item, Branch):
            reader.wrong(3, item.place, "a condition is `{attribute: value}`")
            continue
        found += [c for name, child in item.items.items() if (c := _condition(reader, name, child, item))]
    return tuple(found)


def _together(found: tuple[Condition, ...], node: Node) -> Condition:
    """One line of `any` or `not`: a mapping holds when all of it holds."""
    return found[0] if len(found) == 1 else Condition("", (), node.place, "all", None, "all", found)


def _condition(reader: Reader, name: str, child: Node, parent: Branch) -> Condition | None:
    assert isinstance(reader, DocumentReader)
    place = parent.keys[name]
    if name in ("any", "not"):
        items = child.items if isinstance(child, Row) else [child]
        return Condition(
            "", (), place, name, None, name, tuple(_together(conditions(reader, item), item) for item in items)
        )
    attribute = reader.vocabulary.get(name)
    if attribute is None:
        reader.unknown(name, place, [*reader.vocabulary, "any", "not"], "the vocabulary")
        return None
    reader.asked.add(name)
    if isinstance(child, Branch) and "at_least" in child.items:
        return Condition(name, (), place, "…", value_of("count")(reader, child.items["at_least"]))
    leaves = [leaf for leaf in (child.items if isinstance(child, Row) else [child]) if isinstance(leaf, Leaf)]
    try:
        matches = tuple(match(leaf.text, attribute) for leaf in leaves)
    except ValueError as error:
        reader.wrong(
            9,
            child.place,
            str(error),
            f"No bill could ever meet it ({attribute.zh}).",
            "use a value of the vocabulary",
        )
        return None
    return Condition(name, matches, place, ", ".join(leaf.text for leaf in leaves))
