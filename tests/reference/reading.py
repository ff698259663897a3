"""Policy documents as they are written: raw YAML, every scalar a text, nothing of the engine behind it.

What is read here follows docs/internals/semantics.md and the grammar word by word, slowly:

    folders ──▶ documents of a member ──▶ the version of a part in force on a day ──▶ conditions that hold, or not
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Raw = Any
Answer = str | int | bool | date | frozenset[str]


class Cannot(Exception):
    """The bill cannot be settled: an answer is missing, or a value was never read. Carries its names."""

    def __init__(self, *names: str):
        super().__init__(", ".join(names))
        self.names = names


@cache
def raw(path: Path) -> Raw:
    """A file as nested maps, lists and texts."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def as_list(node: Raw) -> list[Raw]:
    """A list as it is; anything else as a list of one."""
    return node if isinstance(node, list) else [node]


@dataclass(frozen=True)
class Words:
    """The vocabulary: of whom a question is asked, its type, and what a value counts as."""

    attributes: dict[str, Raw]

    def type(self, name: str) -> str:
        """choice, set, yes_no, number, money, day or text."""
        return str(self.attributes[name]["type"])

    def of(self, name: str) -> str:
        """Who answers: member, product, bill, line or history."""
        return str(self.attributes[name]["of"])

    def chain(self, name: str, value: str) -> list[str]:
        """The value, then what it counts as, nearest first."""
        found, values = [value], self.attributes[name].get("values") or {}
        while found[-1] in values and "is" in values[found[-1]]:
            found.append(values[found[-1]]["is"])
        return found


@dataclass(frozen=True)
class Folders:
    """The folders documents are looked for in, the first one holding the vocabulary and the order of tiers."""

    paths: tuple[Path, ...]

    @property
    def words(self) -> Words:
        """The vocabulary."""
        return Words(raw(self.paths[0] / "vocabulary.yaml")["attributes"])

    def documents(self, below: str) -> list[Raw]:
        """Policy documents of one folder such as `cn/beijing`; reforms, which lie over another, are left out."""
        return _documents(self.paths, below)

    def documents_of(self, member: Any) -> list[tuple[Raw, dict[str, Answer]]]:
        """The documents that may concern a member, each with what is known of the contract (products only)."""
        public = [d for d in [*self.documents("cn"), *self.documents(f"cn/{member.region}")] if d["kind"] != "product"]
        products = {d["policy"]: d for d in self.documents("products")}
        held = [(_under_contract(products[h.policy], h.attributes), dict(h.attributes)) for h in member.products]
        return [(d, {}) for d in sorted(public, key=lambda d: str(d["policy"]))] + held

    def order(self, region: str, when: date) -> list[str]:
        """The order of tiers of the place, or of the country, on a day."""
        for below in (f"cn/{region}", "cn"):
            for path in self.paths:
                if (file := path / below / "order.yaml").exists():
                    return list(in_force(raw(file)["order"], when, "order of tiers")["tiers"])
        raise Cannot("order of tiers")

    def index(self, name: str, year: int) -> str:
        """The figure of a yearly series, in yuan as written."""
        for path in self.paths:
            for file in sorted(path.glob("cn/**/indexes.yaml")):
                for series in raw(file)["indexes"]:
                    if name in (series["index"], f"{file.parent.name}.{series['index']}"):
                        for figure in series["values"]:
                            if int(figure["year"]) == year:
                                return str(figure["value"])
        raise Cannot(f"index {name} of {year}")


def _under_contract(product: Raw, contract: Any) -> Raw:
    """A product as one member holds it: where its year is the contract's, the year starts, and cover begins, with the contract."""
    if product["year_starts"] != "contract":
        return {**product, "kind": "product"}
    if "contract_from" not in contract:
        raise Cannot("contract_from")
    begun = contract["contract_from"].isoformat()
    window = dict(product.get("window") or {})
    window["from"] = max(window.get("from", begun), begun)
    return {**product, "kind": "product", "year_starts": begun[5:], "window": window}


@cache
def _documents(paths: tuple[Path, ...], below: str) -> list[Raw]:
    files = sorted(f for path in paths for f in (path / below).glob("*.yaml"))
    found = [raw(f) for f in files if f.name not in ("order.yaml", "indexes.yaml")]
    return [d for d in found if "policy" in d and "over" not in d]


def in_force(versions: Raw, when: date, part: str) -> Raw:
    """The version of a part in force on a day: the last one that had begun. A gap, or a day before the first, settles nothing."""
    begun = [v for v in as_list(versions) if date.fromisoformat(v["from"]) <= when]
    if not begun:
        raise Cannot(f"{part} on {when}")
    found = max(begun, key=lambda v: str(v["from"]))
    if "gap" in found:
        raise Cannot(f"gap: {found['gap']}")
    return found


def begins(document: Raw) -> tuple[int, int]:
    """Month and day on which the medical year starts."""
    month, day = document["year_starts"].split("-")
    return int(month), int(day)


# ── labels and conditions ──

AnswerOf = Callable[[str], Answer]
_RANGE = re.compile(r"(\d[\d,.]*)-(\d[\d,.]*)")
_SIGNS = ("<=", ">=", "<", ">")


def _amount(words: Words, name: str, text: str) -> int | date:
    kind = words.type(name)
    if kind == "day":
        return date.fromisoformat(text.strip())
    plain = text.strip().replace(",", "")
    if kind == "money":
        yuan, _, rest = plain.partition(".")
        return int(yuan) * 100 + int((rest + "00")[:2])
    return int(plain)


def fits(words: Words, name: str, label: str, answer: Answer) -> bool:
    """Whether an answer fits a label of its own type; what it counts as is not looked at."""
    kind = words.type(name)
    if kind in ("number", "money", "day"):
        return any(_fits_amount(words, name, one.strip(), answer) for one in label.split("/"))
    if kind == "yes_no":
        return answer is (label in ("yes", "true"))
    wanted = {one.strip() for one in label.split("/")}
    return bool(wanted & answer) if isinstance(answer, frozenset) else answer in wanted


def _fits_amount(words: Words, name: str, label: str, answer: Answer) -> bool:
    for sign in _SIGNS:
        if label.startswith(sign):
            limit: Any = _amount(words, name, label[len(sign) :])
            asked: Any = answer
            return {"<": asked < limit, "<=": asked <= limit, ">": asked > limit, ">=": asked >= limit}[sign]
    if words.type(name) != "day" and (ends := _RANGE.fullmatch(label)):
        return _amount(words, name, ends[1]) <= answer <= _amount(words, name, ends[2])  # type: ignore[operator]
    return answer == _amount(words, name, label)


def counts_as(words: Words, name: str, answer: Answer) -> Iterator[Answer]:
    """The answer, then what it counts as, nearest first; of a set, the set with all that its members count as."""
    if isinstance(answer, frozenset):
        yield frozenset(each for one in answer for each in words.chain(name, one))
    elif words.type(name) in ("choice", "text") and isinstance(answer, str):
        yield from words.chain(name, answer)
    else:
        yield answer


def holds(words: Words, conditions: Raw, answer_of: AnswerOf) -> bool:
    """Whether all conditions of a map, or of all maps of a list, hold. One that does not is enough, whatever the others miss."""
    missing: list[str] = []
    for name, wanted in ((name, wanted) for one in as_list(conditions or {}) for name, wanted in one.items()):
        try:
            if not _one_holds(words, name, wanted, answer_of):
                return False
        except Cannot as why:
            missing += why.names
    if missing:
        raise Cannot(*missing)
    return True


def _one_holds(words: Words, name: str, wanted: Raw, answer_of: AnswerOf) -> bool:
    if name == "any":
        return _any_holds(words, wanted, answer_of)
    if name == "not":
        return not _any_holds(words, as_list(wanted), answer_of)
    answer = answer_of(name)
    if isinstance(wanted, dict):
        return answer >= _least(words, wanted["at_least"], answer_of)  # type: ignore[operator]
    return any(fits(words, name, label, one) for label in as_list(wanted) for one in counts_as(words, name, answer))


def _any_holds(words: Words, several: list[Raw], answer_of: AnswerOf) -> bool:
    """One that holds is enough, whatever answers the others miss."""
    missing: list[str] = []
    for one in several:
        try:
            if holds(words, one, answer_of):
                return True
        except Cannot as why:
            missing += why.names
    if missing:
        raise Cannot(*missing)
    return False


@dataclass(frozen=True)
class _Bare:
    """What a count in a condition may look at: the words, and no index."""

    words: Words


def _least(words: Words, written: Raw, answer_of: AnswerOf) -> int:
    """The number that `at_least` names: plain, by cell, or counted."""
    from reference.values import Reader

    found = Reader(_Bare(words), answer_of, date.min).value(written, "count")  # type: ignore[arg-type]
    return 0 if found is None else int(found)


def asked_in(node: Raw, words: Words) -> Iterator[str]:
    """Every attribute that a document asks for, wherever it asks."""
    if isinstance(node, list):
        for one in node:
            yield from asked_in(one, words)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("worked", "sources", "gaps"):
                continue
            if key in ("by", "per", "of"):
                yield from (one for one in as_list(value) if isinstance(one, str) and one in words.attributes)
            elif key in words.attributes and key not in ("region", "item", "billed"):
                yield key
            elif key == "item":
                yield "item"
            yield from asked_in(value, words)
