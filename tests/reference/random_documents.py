"""Seeded random policy documents that use every word of the grammar together, where real ones use a few at a time.

They mean nothing; they are there to make the two readings of the law meet on combinations that no city has written yet.

    Random(3) ──▶ cn/place0/a.yaml, cn/place0/b.yaml, products/place0.p.yaml, cn/place0/indexes.yaml ...
"""

from pathlib import Path
from random import Random
from typing import Any

import yaml

from duoceng.policy.grammar import PERIODS, TIERS, UNITS
from reference.settle import KINDS

CITED = {"cite": "s", "quote": "q", "quoted_from": "note", "status": "secondary"}
CHOICES = {
    "level": ["primary", "secondary", "tertiary", "community", "tertiary_a"],
    "referral": ["local", "filed", "referred", "unreferred", "emergency"],
    "status": ["active", "retired", "student", "child"],
    "care": ["inpatient", "outpatient", "special"],
    "item_class": ["class_a", "class_b", "class_c"],
    "item_kind": ["drug", "service", "material", "bed"],
}
NUMBERS = {
    "age": (18, 60),
    "stay_order": (2, 3),
    "unfiled_order": (1, 2),
    "contribution_years": (10, 20),
    "months_since_enrolment": (3, 6),
}
SETS = {"diseases": ["cancer", "dialysis", "rare_disease"], "conditions": ["hypertension", "diabetes", "copd"]}
BILL_CHOICES = ("level", "referral", "status", "care")
YES_NO = ("family_doctor", "day_surgery", "negotiated", "third_party")
COMMON_PERIODS = (*PERIODS, "bill", "stay", "year", "year", "year")


class Author:
    """Writes one document after the other."""

    def __init__(self, random: Random):
        self.random = random
        self.of_lines = True

    def maybe(self, chance: float) -> bool:
        """True with this chance."""
        return self.random.random() < chance

    # ── values ──

    def plain(self, kind: str) -> str:
        """A number of a kind."""
        if kind == "rate":
            return self.random.choice(("0%", "50%", "61.37%", "83%", "85.5%", "90%", "33.33%", "100%"))
        if kind == "count":
            return self.random.choice(("1", "2", "3"))
        if kind == "factor":
            return self.random.choice(("70%", "0.5", "1.3", "33.33%", "120%"))
        return self.random.choice(("0", "100", "300.05", "1300", "5000.01", "20000", "66666.67", "400000"))

    def value(self, kind: str, depth: int = 2) -> Any:
        """A value: mostly plain, else a table or a formula."""
        if depth == 0 or self.maybe(0.5):
            return self.plain(kind)
        forms = [self._choice, self._pair, self._number, self._set, self._yes_no, self._day]
        if kind in ("money", "rate"):
            forms += [self._together]
        if kind == "money":
            forms += [self._index, self._wage, self._each]
        return self.random.choice(forms)(kind, depth - 1)

    def _choice(self, kind: str, depth: int) -> Any:
        name = self.random.choice(list(CHOICES) if self.of_lines else BILL_CHOICES)
        labels = self.random.sample(CHOICES[name], self.random.randint(1, 3))
        cells = {label: self.value(kind, depth) for label in labels}
        if len(labels) > 1 and self.maybe(0.3):
            cells = {"/".join(labels): self.value(kind, depth)}
        return {"by": name, **cells, "else": self.value(kind, depth)}

    def _pair(self, kind: str, depth: int) -> Any:
        first, second = self.random.sample(["level", "status", "referral"], 2)
        inner = {CHOICES[second][0]: self.value(kind, depth), "else": self.plain(kind)}
        return {
            "by": [first, second],
            CHOICES[first][1]: inner,
            CHOICES[first][0]: self.plain(kind),
            "else": self.plain(kind),
        }

    def _number(self, kind: str, depth: int) -> Any:
        name = self.random.choice([n for n in NUMBERS if self.of_lines or not n.endswith("_order")])
        low, high = NUMBERS[name]
        forms = (
            (f"<{low}", f"{low}-{high}", f">{high}"),
            (f"<={low}", f"{low + 1}-{high}", "else"),
            (f">={high}", str(low), "else"),
        )
        return {"by": name} | {label: self.value(kind, depth) for label in self.random.choice(forms)}

    def _set(self, kind: str, depth: int) -> Any:
        name = self.random.choice(list(SETS))
        table = {"by": name, **{label: self.value(kind, depth) for label in SETS[name]}, "else": self.plain(kind)}
        if kind == "money" and self.maybe(0.6):
            table = {
                "by": name,
                "combine": self.random.choice(("sum", "highest")),
                **{label: self.plain(kind) for label in SETS[name]},
                "else": "0",
            }
            if table["combine"] == "highest" and self.maybe(0.5):
                table["further"] = "500"
        return table

    def _yes_no(self, kind: str, depth: int) -> Any:
        return {
            "by": self.random.choice(YES_NO if self.of_lines else ("family_doctor",)),
            "yes": self.value(kind, depth),
            "no": self.plain(kind),
        }

    def _day(self, kind: str, depth: int) -> Any:
        return {"by": "retired_since", "<2015-03-01": self.value(kind, depth), ">=2015-03-01": self.plain(kind)}

    def _together(self, kind: str, depth: int) -> Any:
        name = (
            self.random.choice(("highest", "lowest"))
            if kind == "rate"
            else self.random.choice(("sum", "highest", "lowest"))
        )
        return {name: [self.value(kind, depth), self.plain(kind)]}

    def _index(self, kind: str, depth: int) -> Any:
        of_year = {"of_year": self.random.choice(("same", "last", "before_last"))}
        official = (
            {"official": self.plain("money"), "official_for": self.random.choice(["until_changed", "2024"])}
            if self.maybe(0.1)
            else {}
        )
        times = {"times": self.random.choice(("1.3", "2", "33.33%", "6"))} if self.maybe(0.7) else {}
        return {"index": "place.wage", **of_year, **times, **official}

    def _wage(self, kind: str, depth: int) -> Any:
        times = self.random.choice(("15", {"by": "birth", "caesarean": "113", "else": "98"}))
        return {"of": "wage", "divided_by": "30", "times": times}

    def _each(self, kind: str, depth: int) -> Any:
        return {
            "each": self.random.choice(("12.34", "100")),
            "per": "age",
            "over": self.random.choice(("0", "18", "60")),
        }

    def steps(self, kind: str, few: int = 2) -> list[Any]:
        """Steps that change a value."""
        found: list[Any] = []
        for _ in range(self.random.randint(1, few)):
            name = self.random.choice(
                ("multiply", "add", "subtract", "at_most", "at_least")
                + (("multiply_own_share",) if kind == "rate" else ())
            )
            if name in ("multiply", "multiply_own_share"):
                factor = (
                    {"by": "status", "retired": "80%", "else": "100%"}
                    if self.maybe(0.5)
                    else self.plain("rate" if name == "multiply_own_share" else "factor")
                )
                found.append({name: factor})
            else:
                small = (
                    self.random.choice(("5%", "0.77%"))
                    if kind == "rate" and name in ("add", "subtract")
                    else self.value(kind, 1)
                )
                found.append({name: small, **({"limit": "20%"} if name == "add" and self.maybe(0.3) else {})})
        return [*found, {"at_most": "100%"}] if kind == "rate" and self.maybe(0.95) else found

    # ── conditions ──

    def conditions(self, depth: int = 1) -> dict[str, Any]:
        """Conditions of every shape."""
        found: dict[str, Any] = {}
        for _ in range(self.random.randint(1, 2 if depth else 1)):
            shape = self.random.randint(0, 6 if depth else 4)
            if shape == 0:
                name = self.random.choice(list(CHOICES) if self.of_lines else BILL_CHOICES)
                labels = self.random.sample(CHOICES[name], 2)
                found[name] = labels if self.maybe(0.7) else labels[0]
            elif shape == 1:
                found["age"] = self.random.choice(("<60", ">=18", "18-60"))
            elif shape == 2:
                found[self.random.choice(YES_NO if self.of_lines else ("family_doctor",))] = self.random.choice(
                    ("yes", "no")
                )
            elif shape == 3:
                found["diseases"] = self.random.choice(("cancer", ["cancer", "dialysis"]))
            elif shape == 4:
                found["months_since_enrolment"] = {"at_least": self.random.choice(("1", "3"))}
            elif shape == 5:
                found["any"] = [self.conditions(0), self.conditions(0)]
            else:
                found["not"] = self.conditions(0)
        return found

    # ── parts of a layer ──

    def versions(self, write: Any) -> list[Any]:
        """One version of a part, or two."""
        days = ["2019-01-01", "2024-05-01"][: 2 if self.maybe(0.25) else 1]
        return [{"from": day, **write(), **CITED} for day in days]

    def rate_of(self) -> dict[str, Any]:
        """A share of the bill."""
        return {"rate": self.value("rate", 1), "of": self.random.choice(("billed", "in_scope"))}

    def deductible(self, tier: str) -> dict[str, Any]:
        """A deductible of any sort."""
        said: dict[str, Any] = {"amount": self.value("money"), "per": self.random.choice(COMMON_PERIODS)}
        if self.maybe(0.25):
            said |= {"rate_of": self.rate_of()}
            said |= {"at_least": self.plain("money")} if self.maybe(0.5) else {}
            said |= {"at_most": self.plain("money")} if self.maybe(0.5) else {}
        if self.maybe(0.1):
            said["recharged_every"] = "30"
        if tier in ("huiminbao", "commercial") or self.maybe(0.2):
            said["filled_by"] = ["member", *self.random.sample(TIERS, self.random.randint(0, 3))]
        if self.maybe(0.15):
            said["taken_from"] = self.random.choice(("cost", "payment"))
        if self.maybe(0.2):
            said["shared_as"] = f"d {said['per']}"
        if self.maybe(0.25):
            said["adjust"] = self.steps("money")
        return said

    def share(self) -> dict[str, Any]:
        """A share, or bands."""
        said: dict[str, Any] = {"pays": self.value("rate")}
        if self.maybe(0.55):
            ends = sorted(self.random.sample((500, 3000, 10000.01, 50000, 250000), self.random.randint(1, 3)))
            bands = [{"up_to": str(end), "pays": self.value("rate")} for end in ends] + [{"pays": self.value("rate")}]
            measured = self.random.choice(COMMON_PERIODS)
            said = {"bands": bands, "starts": self.random.choice(("zero", "deductible")), "measured": measured}
            if self.maybe(0.25):
                said["running"] = f"r {measured}"
        if self.maybe(0.3):
            said["adjust"] = self.steps("rate")
        if self.maybe(0.3):
            said["cut"] = self.random.choice(
                (
                    [{"subtract": "10%"}],
                    [{"multiply": "70%"}],
                    [{"subtract": {"by": "referral", "local/filed": "0%", "else": "20%"}}],
                )
            )
        return said

    def ceiling(self, year_end: bool, guaranteed: bool) -> dict[str, Any]:
        """A ceiling of any sort; see test_disagreements.py for what is left out."""
        sorts = ("payment", "payment", "expense", "expense_with_deductible", "times")
        bounds = self.random.choice(sorts[:-1] if guaranteed else sorts)
        said: dict[str, Any] = {"bounds": bounds, "per": self.random.choice(COMMON_PERIODS)}
        if bounds == "times":
            return said | {"times": self.value("count", 1)}
        said["beyond_as"] = self.random.choice(("payment", "expense"))
        said["limit"] = self.value("money") if self.maybe(0.95) else "none"
        said |= {"rate_of": self.rate_of()} if self.maybe(0.15) else {}
        said |= {"per_unit": self.random.choice(UNITS)} if self.maybe(0.2) and not year_end else {}
        said |= {"each": "item"} if self.maybe(0.15) and not (year_end or guaranteed) else {}
        # Two ceilings of one layer on one sum are refused, so a shared one is named after what it bounds, too.
        said |= {"shared_as": f"c {said['per']} {said['bounds']} {self.random.random()}"} if self.maybe(0.15) else {}
        said |= {"adjust": self.steps("money")} if self.maybe(0.2) else {}
        if self.maybe(0.1):
            said |= {"per": "year", "every_years": "2", "since": "2021-03-01"}
        return said

    def layer(self, number: int, above: list[str]) -> dict[str, Any]:
        """A layer that pays, or a benefit in cash."""
        tier = self.random.choice(TIERS)
        said: dict[str, Any] = {"name": f"l{number}", "tier": tier, "title": "t", "payer": "x"}
        year_end, guaranteed = self.maybe(0.1), self.maybe(0.15)
        self.of_lines = not guaranteed and not year_end
        if self.maybe(0.25):
            said["only"] = self.conditions()
        if self.maybe(0.25):
            said["when"] = self.versions(lambda: {"needs": self.conditions()})
        self.of_lines = not (guaranteed or year_end)
        ceilings = [
            {"name": f"c{n}", "title": "t", "versions": self.versions(lambda: self.ceiling(year_end, guaranteed))}
            for n in range(self.random.choice((0, 1, 1, 2, 3)))
        ]
        if self.maybe(0.1):
            self.of_lines = False
            cash = self.versions(
                lambda: {
                    "amount": self.value("money"),
                    **({"per_unit": self.random.choice(UNITS)} if self.maybe(0.5) else {}),
                }
            )
            return said | {"cash": cash} | ({"ceilings": ceilings} if ceilings else {})
        sees = self.random.sample(KINDS, self.random.randint(1, 4))
        said["sees"] = ["in_scope", *[k for k in sees if k != "in_scope"]] if self.maybe(0.6) else sees
        said["deductible"] = self.versions(lambda: self.deductible(tier)) if self.maybe(0.6) else "none"
        said["share"] = self.versions(self.share)
        said["ceilings"] = ceilings or "none"
        if year_end:
            said["settled"] = "year_end"
        if guaranteed:
            self.of_lines = False
            floor = {"amount": self.value("money")} if self.maybe(0.5) else {"rate_of": self.rate_of()}
            said["guarantee"] = [{"from": "2019-01-01", **floor, **CITED}]
            self.of_lines = not (guaranteed or year_end)
        self._extras(said, above)
        return said

    def _extras(self, said: dict[str, Any], above: list[str]) -> None:
        if above and self.maybe(0.15):
            said["beyond"] = self.random.choice(above)
            said["sees"] = [kind for kind in said["sees"] if kind != "in_scope"] or ["over_ceiling"]
        if self.maybe(0.1):
            said["as_billed"] = "yes"
        if self.maybe(0.2):
            said["borne_first"] = self.versions(
                lambda: {
                    "rate": self.value("rate"),
                    "into": self.random.choice(("borne_first", "borne_first_elsewhere")),
                }
            )
        if self.maybe(0.2):
            said["result"] = self.versions(
                lambda: {
                    "rate": self.random.choice(("90%", "33.33%", {"by": "family_doctor", "yes": "100%", "no": "80%"}))
                }
            )

    def document(self, place: str, name: str, kind: str) -> dict[str, Any]:
        """A document of one to four layers."""
        covers: dict[str, Any] = {"scheme": self.random.choice(("employee", ["employee", "resident"]))}
        covers |= {"care": ["inpatient", "outpatient"]} if self.maybe(0.3) else {}
        by_expense = self.maybe(0.2)
        layers: list[Any] = []
        for number in range(self.random.randint(1, 4)):
            layers.append(self.layer(number, [one["name"] for one in layers if "sees" in one]))
        window = (
            {"window": {"from": "2023-07-01", "until": "2025-06-30", "stay_goes_on": "30"}} if kind == "product" else {}
        )
        return {
            "policy": f"{place}.{name}", "title": "t", "region": place, "kind": kind, "covers": covers, **window,
            "year_starts": self.random.choice(("01-01", "07-01", "contract") if kind == "product" else ("01-01", "07-01")),
            "decided_by": "expense" if by_expense else self.random.choice(("discharge", "discharge", "admission", "settlement")),
            "rounding": self.random.choice(("layer", "layer", "band", "item", "running_total")),
            "sources": {"s": {"title": "t", "trust": "memory"}}, "layers": layers,
        }  # fmt: skip


def write_documents(seed: int, folder: Path, places: int = 25) -> None:
    """A folder of invented places, each with public documents, a product or two, and a yearly index."""
    author = Author(Random(seed))
    (folder / "products").mkdir(parents=True)
    for number in range(places):
        place = f"place{number}"
        (folder / "cn" / place).mkdir(parents=True)
        for name in ("a", "b")[: author.random.randint(1, 2)]:
            _write(folder / "cn" / place / f"{name}.yaml", author.document(place, name, "public"))
        for name in ("p", "q")[: author.random.randint(0, 2)]:
            _write(folder / "products" / f"{place}.{name}.yaml", author.document(place, name, "product"))
    values = [{"year": str(year), "value": f"{5000 + 317 * (year - 2015)}.05", **CITED} for year in range(2015, 2031)]
    (folder / "cn" / "place").mkdir()
    _write(folder / "cn" / "place" / "indexes.yaml",
           {"sources": {"s": {"title": "t", "trust": "memory"}}, "indexes": [{"index": "place.wage", "title": "t", "values": values}]})  # fmt: skip


def _write(path: Path, document: Any) -> None:
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
