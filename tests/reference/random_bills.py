"""Seeded random members and bills for the documents of a folder: gates that open and fail, limits that run out, odd fen.

A document is drawn, then a member of its place whose answers mostly fit what it covers, then a year of one to five bills:

    Random(7) ──▶ jiangmen.employee.inpatient ──▶ member, products held ──▶ bills of in_scope 0.01 ... 3,000,000 yuan
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from duoceng.policy.grammar import TIERS, UNITS
from duoceng.records.bill import Bill, Held, Member, Part
from reference.reading import Answer, Folders, Raw, Words, as_list
from reference.settle import KINDS

ARRIVING = ("in_scope", "in_scope", "in_scope", "borne_first", "borne_first_elsewhere", "over_price", "outside_scope")
YES = ("yes", "true")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Case:
    """A member and bills in the order they count, with the order of tiers asked for (empty: the place's)."""

    member: Member
    bills: tuple[Bill, ...]
    order: tuple[str, ...] = ()


def labels_in(node: Raw, words: Words, found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Every label under which a document looks at an attribute."""
    if isinstance(node, list):
        for one in node:
            labels_in(one, words, found)
    elif isinstance(node, dict):
        names = [n for n in as_list(node.get("by", [])) if n in words.attributes]
        _cells(node, names, found)
        for key, value in node.items():
            if key in words.attributes:
                for label in as_list(value):
                    texts = label.values() if isinstance(label, dict) else [label]
                    found[key].update(
                        part.strip() for text in texts if isinstance(text, str) for part in text.split("/")
                    )
            if key not in ("worked", "sources"):
                labels_in(value, words, found)
    return found


def _cells(node: Raw, names: list[str], found: dict[str, set[str]]) -> None:
    if names and isinstance(node, dict):
        for label, cell in node.items():
            if label not in ("by", "combine", "further", "else"):
                found[names[0]].update(part.strip() for part in label.split("/"))
            _cells(cell, names[1:], found)


class Draw:
    """Draws answers, members and bills for one document and its neighbours."""

    def __init__(self, random: Random, folders: Folders, document: Raw):
        self.random, self.folders, self.document = random, folders, document
        self.words = folders.words
        region = document["region"]
        self.region = region if region != "cn" else "jiangmen"
        self.products = [d for d in folders.documents("products") if d["region"] in (self.region, "cn")]
        near = [*folders.documents("cn"), *folders.documents(f"cn/{self.region}"), *self.products]
        self.labels: dict[str, set[str]] = labels_in(near, self.words, defaultdict(set))
        self.own = labels_in(document, self.words, defaultdict(set))

    # ── answers ──

    def answer(self, name: str, covers: Raw) -> Answer:
        """A random answer; four times in five one that the document covers or names."""
        labels = sorted((self.own if self.random.random() < 0.7 else self.labels).get(name, ()))
        wanted = covers.get(name)
        if wanted is not None and self.random.random() < 0.9:
            labels = [part for label in as_list(wanted) for part in self._texts(label)]
        kind = self.words.type(name)
        if kind == "yes_no":
            return (
                self.random.choice(labels) in YES
                if labels and self.random.random() < 0.6
                else self.random.random() < 0.5
            )
        if kind == "rate":
            return self.random.randrange(10_001)
        if kind in ("number", "money"):
            return self._number(labels) * (100 if kind == "money" else 1)
        earliest = {"contract_from": 2019, "born": 1921, "enrolled_since": 1999, "first_insured": 2001}.get(name)
        if earliest:
            return date(self.random.randint(earliest, 2025), self.random.randint(1, 12), self.random.randint(1, 28))
        if kind == "day":
            known = [d for d in (_day(label) for label in labels) if d]
            return (self.random.choice(known) if known else date(2015, 3, 1)) + timedelta(
                self.random.choice((-400, -1, 0, 1, 500))
            )
        return self._word(name, kind, labels)

    def _word(self, name: str, kind: str, labels: list[str]) -> Answer:
        values = list(self.words.attributes[name].get("values") or {})
        known = [v for v in labels if v and v != "else"]
        if kind == "set":
            pool = sorted({*values, *known})
            few = self.random.sample(pool, min(len(pool), self.random.choice((0, 1, 1, 2, 3))))
            likely = [self.random.choice(known)] if known and self.random.random() < 0.6 else []
            return frozenset([*few, *likely])
        if known and self.random.random() < 0.85:
            return self._or_below(name, self.random.choice(known), values)
        return self.random.choice(values or known or ["x"])

    def _or_below(self, name: str, value: str, values: list[str]) -> str:
        """The value, or now and then one that counts as it."""
        below = [v for v in values if value in self.words.chain(name, v)]
        return self.random.choice(below) if below and self.random.random() < 0.3 else value

    def _number(self, labels: list[str]) -> int:
        edges = [int(float(text)) for label in labels for text in _NUMBER.findall(label)]
        if edges and self.random.random() < 0.8:
            return max(self.random.choice(edges) + self.random.choice((-1, 0, 0, 1, 2)), 0)
        return self.random.choice((0, 1, 2, 3, 6, 12, 30, 65, 80, 7000))

    @staticmethod
    def _texts(label: Raw) -> list[str]:
        texts = list(label.values()) if isinstance(label, dict) else [label]
        return [part.strip() for text in texts if isinstance(text, str) for part in text.split("/")]

    def answers(self, of: str, covers: Raw) -> dict[str, Answer]:
        """An answer to every question asked of a member, a product, a bill or a line."""
        names = [n for n, a in self.words.attributes.items() if a["of"] == of and n not in ("region", "billed", "item")]
        found = {name: self.answer(name, covers) for name in names}
        for name, since in [(n, self.words.attributes[n].get("since")) for n in found]:
            begun = found.get(since or "")
            if isinstance(begun, date) and begun.year < 2009 and self.random.random() < 0.5:
                del found[name]  # counted from a day before every bill
        return found

    # ── the member and the bills ──

    def case(self) -> Case:
        """A member and a year of bills."""
        covers = _together(self.document["covers"])
        held = [p for p in self.products if p is not self.document and self.random.random() < 0.5][:3]
        held += [self.document] if self.document["kind"] == "product" else []
        self.random.shuffle(held)
        products = tuple(Held(d["policy"], self.answers("product", _together(d["covers"]))) for d in held)
        start = self._start()
        answers, later = self.answers("member", covers), self.answers("member", covers)
        # who changes the scheme is left out: see test_disagreements.py
        later["scheme"] = answers["scheme"]
        dated = ((start + timedelta(90), later),) if self.random.random() < 0.15 else ()
        member = Member("m", self.region, answers, dated=dated, products=products)
        bills = [self._bill(number, start, covers) for number in range(self.random.randint(1, 5))]
        if self.random.random() < 0.3:
            bills.append(self._year_end(start, covers))
        bills.sort(key=lambda b: (b.discharged, b.year_end, b.settled or b.discharged, b.id))
        order = tuple(self.random.sample(TIERS, len(TIERS))) if self.random.random() < 0.1 else ()
        return Case(member, tuple(bills), order)

    def _start(self) -> date:
        days = sorted({date.fromisoformat(v["from"]) for v in _versions(self.document["layers"])})
        window = self.document.get("window") or {}
        if "from" in window and self.random.random() < 0.8:
            return date.fromisoformat(window["from"]) + timedelta(self.random.randint(-10, 200))
        last = days[-1] if days else date(2024, 1, 1)
        return (self.random.choice(days) if days and self.random.random() < 0.2 else last) + timedelta(
            self.random.randint(0, 500)
        )

    def _bill(self, number: int, start: date, covers: Raw) -> Bill:
        random = self.random
        discharged = start + timedelta(random.choice((random.randint(0, 400), random.randint(0, 40))))
        admitted = discharged - timedelta(random.choice((0, 1, 7, 40, 100)))
        begun = {"treatment_begun": start - timedelta(200)}
        before = {t: self._amount() for t in TIERS if random.random() < 0.02}
        return Bill(
            f"b{number}",
            discharged,
            admitted if random.random() < 0.7 else None,
            discharged + timedelta(random.choice((1, 30))) if random.random() < 0.3 else None,
            self.answers("bill", covers) | begun,
            tuple(self._part(discharged, admitted) for _ in range(random.choice((1, 1, 2, 3, 5)))),
            units={unit: random.choice((0, 1, 1, 2, 7, 30, 91, 200)) for unit in UNITS},
            settled_before=before,
            others=frozenset(tier for tier in before if random.random() < 0.3),
            episode=random.choice(("", "", f"e1 of {discharged.year}", f"e2 of {discharged.year}")),
        )

    def _year_end(self, start: date, covers: Raw) -> Bill:
        starts = self.document["year_starts"]
        month, day = (1, 1) if starts == "contract" else (int(part) for part in starts.split("-"))
        first = date(start.year, month, day)
        last = (first if first > start else date(start.year + 1, month, day)) - timedelta(1)
        return Bill("end", last, attributes=self.answers("bill", covers) | {"treatment_begun": start}, year_end=True)

    def _part(self, discharged: date, admitted: date) -> Part:
        amounts = dict.fromkeys(KINDS, 0)
        for kind in sorted({self.random.choice(ARRIVING) for _ in range(self.random.choice((1, 2, 3)))}):
            amounts[kind] = self._amount()
        on = admitted + timedelta(self.random.randint(0, (discharged - admitted).days))
        lines = self.answers("line", {})
        item = self.random.choice(sorted(self.labels.get("item", {"i1", "i2"})))
        return Part(tuple(amounts.values()), lines, on if self.random.random() < 0.8 else None, item)

    def _amount(self) -> int:
        """Fen: log-uniform from a fen to 3,000,000 yuan, now and then round."""
        fen = round(math.exp(self.random.uniform(0, math.log(300_000_000))))
        return fen if self.random.random() < 0.8 else fen // 10_000 * 10_000


def _together(conditions: Raw) -> dict[str, Raw]:
    return {name: wanted for one in as_list(conditions or {}) for name, wanted in one.items()}


def _day(text: str) -> date | None:
    found = re.search(r"\d{4}-\d\d-\d\d", text)
    return date.fromisoformat(found[0]) if found else None


def _versions(node: Raw) -> Iterator[Any]:
    if isinstance(node, list):
        for one in node:
            yield from _versions(one)
    elif isinstance(node, dict):
        if "from" in node and "cite" in node:
            yield node
        for one in node.values():
            yield from _versions(one)


def documents(folders: Folders) -> list[Raw]:
    """Every document that bills can be drawn for."""
    places = sorted({f.parent.name for path in folders.paths for f in path.glob("cn/*/*.yaml")})
    found = [d for place in places for d in folders.documents(f"cn/{place}")]
    return found + folders.documents("products")


def random_cases(seed: int, folders: Folders, bills: int) -> Iterator[Case]:
    """Members with their bills, until so many bills have been drawn."""
    random, drawn, known = Random(seed), 0, documents(folders)
    while drawn < bills:
        case = Draw(random, folders, random.choice(known)).case()
        drawn += len(case.bills)
        yield case
