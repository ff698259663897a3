"""Worked examples: a bill, the member, and what it comes to. Those of the documents and those of the tests are read alike."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duoceng.base.mistakes import Mistakes, Place, Refused
from duoceng.base.money import fen, yuan
from duoceng.desk.year import Year, settle_year
from duoceng.interfaces.bill_file import Case, case_of
from duoceng.policy.grammar import WORKED
from duoceng.policy.library import Library, any_document, read_text
from duoceng.policy.nodes import Branch, Leaf, Node, Row, read_nodes
from duoceng.policy.plan import Options
from duoceng.policy.read_values import DocumentReader
from duoceng.policy.reader import Key, Reader, list_of, object_of
from duoceng.records.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expected figure and what came of it, in fen; or the codes of a refusal."""

    what: str
    expected: int | str
    found: int | str
    place: Place

    @property
    def right(self) -> bool:
        """To the fen."""
        return self.expected == self.found


FILE = {"cases": Key(list_of(object_of(WORKED, "a case", dict)), "the cases", True)}


def every_case(library: Library, folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every case of a folder and every worked example of the documents, each with its file. Raises Refused."""
    found = []
    mistakes = Mistakes()
    for path in sorted(folder.glob("*.yaml")):
        node = read_nodes(read_text(path, mistakes), f"cases/{path.name}", mistakes)
        mistakes.stop_if_any()
        assert node is not None
        said = DocumentReader(mistakes, library.vocabulary).object(node, FILE, "a file of cases")
        found += [(f"cases/{path.name}", case) for case in said.get("cases", [])]
    for policy in library.paths():
        document = library.document(policy)
        found += [(document.file, worked) for worked in document.worked] if document else []
    mistakes.stop_if_any()
    return found


def case_in(said: dict[str, Any], library: Library, file: str) -> Case:
    """The member and bills of a worked example. Raises Refused."""
    mistakes = Mistakes()
    items: dict[str, Node] = {key: said[key] for key in ("member", "bill") if key in said}
    if "bills" in said:
        items["bills"] = Row(said["bills"], said["at"])
    tree = Branch(items, dict.fromkeys(items, said["at"]), said["at"])
    case = case_of(Reader(mistakes, "B"), library.vocabulary, tree, file)
    mistakes.stop_if_any()
    return case


def run_worked(said: dict[str, Any], library: Library, file: str) -> tuple[Year, list[Outcome]]:
    """Settle an example and compare every expected figure. Raises Refused where it cannot be settled."""
    case = case_in(said, library, file)
    reforms = tuple(d for name in said.get("reforms", []) if (d := any_document(library, name)))
    options = Options(tuple(said.get("order", ())), reforms, said.get("allow_unverified", False))
    try:
        year = settle_year(library, case.member, case.bills, options)
    except Refused as refused:
        if "refused" not in said:
            raise
        codes = sorted({m.code for m in refused.mistakes})
        return Year(), [Outcome("refused", ", ".join(said["refused"]), ", ".join(codes), said["at"])]
    if "refused" in said:
        return year, [Outcome("refused", ", ".join(said["refused"]), "settled", said["at"])]
    assert "expect" in said, f"{said['at']}: the example expects nothing; add `expect:` or `refused:`"
    return year, outcomes(said["expect"], year, case)


def outcomes(expect: Node, year: Year, case: Case) -> list[Outcome]:
    """Every expected figure beside the one that came."""
    assert isinstance(expect, Branch)
    found: list[Outcome] = []
    for name, node in expect.items.items():
        if isinstance(node, Branch):
            settlement = year.of(name)
            assert settlement is not None, f"{node.place}: there is no bill {name}"
            found += [_one(settlement, what, leaf, f"{name}.{what}") for what, leaf in node.items.items()]
        else:
            settlement = year.of(case.bills[-1].id)
            assert settlement is not None, f"{expect.place}: the last bill was taken back"
            found.append(_one(settlement, name, node, name))
    return found


def _one(settlement: Settlement, what: str, node: Node, label: str) -> Outcome:
    assert isinstance(node, Leaf), f"{node.place}: an amount is wanted"
    return Outcome(label, fen(node.text), figure(settlement, what), node.place)


def figure(settlement: Settlement, what: str) -> int:
    """A figure of a settlement by name: a tier, a layer, a kind of self-pay, `member_pays`, `covered`, `cash`, `billed`, `account`."""
    if what in settlement.self_pay:
        return settlement.self_pay[what]
    if what == "account":
        return min(settlement.member_pays, settlement.bill.account_balance or 0)
    if what == "cash_due":
        return settlement.member_pays - min(settlement.member_pays, settlement.bill.account_balance or 0)
    if what == "account_left":
        return (settlement.bill.account_balance or 0) - min(
            settlement.member_pays, settlement.bill.account_balance or 0
        )
    if what in ("member_pays", "covered", "cash", "billed"):
        return int(getattr(settlement, what))
    names = [n for layer in settlement.plan.layers for n in (layer.tier, layer.id, layer.name)]
    assert what in names, (
        f"`{what}` is no layer of this settlement ({', '.join(dict.fromkeys(names))}), no kind and no total"
    )
    return settlement.paid_by(what)


def show(outcome: Outcome, lang: str = "en") -> str:
    """One line for a report."""
    expected, found = (yuan(x) if isinstance(x, int) else x for x in (outcome.expected, outcome.found))
    words = f"应为 {expected}，算得 {found}" if lang == "zh" else f"expected {expected}, found {found}"
    return f"{outcome.place}: {outcome.what} {words}"
