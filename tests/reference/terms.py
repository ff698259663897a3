"""What one layer says of one charge on its day: every number read, every running sum named, before any money moves."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from reference.periods import Key, block, period
from reference.reading import AnswerOf, Cannot, Folders, Raw, as_list, in_force
from reference.values import Reader, Value, part, share_of

Sum = tuple[Any, ...]


@dataclass(frozen=True)
class Facts:
    """Facts of a bill that rates and limits are taken of."""

    billed: int
    in_scope: int
    units: dict[str, int]

    def of(self, name: str) -> int:
        """One of them, by the name the grammar gives it."""
        if name == "billed":
            return self.billed
        if name == "in_scope":
            return self.in_scope
        if name not in self.units:
            raise Cannot(name)
        return int(self.units[name])


@dataclass(frozen=True)
class Deductible:
    """What the member bears first, the sum it is counted in, and who else fills it."""

    due: int
    sum: Sum
    filled_by: tuple[str, ...]
    off_payment: bool = False


@dataclass(frozen=True)
class Slice:
    """A band: its upper end in fen (None: open), its share, and the share before the malus."""

    up_to: int | None
    share: Fraction
    uncut: Fraction


@dataclass(frozen=True)
class Ceiling:
    """A limit in fen or times (None: none), what it bounds, and the sum it is counted in."""

    bounds: str
    limit: int | None
    sum: Sum
    beyond_as: str


@dataclass(frozen=True)
class Terms:
    """Everything a layer says of one charge."""

    borne_first: tuple[Fraction, str] | None
    deductible: Deductible | None
    slices: tuple[Slice, ...]
    malus: bool
    from_zero: bool
    bands_sum: Sum
    exact_sum: Sum
    result: Fraction
    ceilings: tuple[Ceiling, ...]
    guarantee: int | None
    cash: int | None


@dataclass(frozen=True)
class Scene:
    """Where terms are read: a document's layer, the bill, one charge and its deciding day."""

    folders: Folders
    document: Raw
    layer: Raw
    bill: Any
    facts: Facts
    when: date
    item: str
    answer_of: AnswerOf

    @property
    def reader(self) -> Reader:
        """Reads values here."""
        return Reader(self.folders, self.answer_of, self.when)

    def version(self, name: str) -> Raw | None:
        """The version of a part in force, if the layer has the part."""
        node = self.layer.get(name, "none")
        return None if node == "none" else in_force(node, self.when, name)

    def value(self, node: Raw, kind: str, steps: Raw = None) -> Value:
        """A value after its steps."""
        return self.reader.adjusted(self.reader.value(node, kind), steps, kind)

    def sum(self, said: Raw, name: str, item: str = "") -> Sum:
        """The running sum of a part: sums named alike are one."""
        own = f"{self.document['policy']}/{self.layer['name']}/{name}"
        return (said.get("shared_as") or said.get("running") or own, item, *self.key(said))

    def key(self, said: Raw) -> Key:
        """The period it is kept for."""
        if "every_years" in said and "since" in said:
            return block(int(said["every_years"]), date.fromisoformat(said["since"]), self.when)
        return self.period(said.get("per", "bill"))

    def period(self, per: str) -> Key:
        """The period of the deciding day."""
        begun: Any = self.answer_of("treatment_begun") if per == "treatment_year" else None
        return period(per, self.document, self.bill, self.when, begun)

    def of_bill(self, said: Raw) -> int:
        """`part(fact, rate_of)`, nothing where there is none."""
        if "rate_of" not in said:
            return 0
        rate = self.value(said["rate_of"]["rate"], "rate")
        return part(self.facts.of(said["rate_of"]["of"]), _some(rate))


def _some(value: Value) -> Fraction:
    if value is None:
        raise Cannot("a number where none stands")
    return value


def read_terms(scene: Scene) -> Terms:
    """All parts of a layer on a charge."""
    share = scene.version("share")
    result = scene.version("result")
    first = scene.version("borne_first")
    measured = share.get("measured", "bill") if share else "bill"
    own = f"{scene.document['policy']}/{scene.layer['name']}"
    slices = _slices(scene, share) if share else ()
    return Terms(
        borne_first=(_some(scene.value(first["rate"], "rate", first.get("adjust"))), first["into"]) if first else None,
        deductible=_deductible(scene),
        slices=slices,
        malus=any(one.share != one.uncut for one in slices),
        from_zero=bool(share) and share.get("starts") == "zero",
        bands_sum=((share or {}).get("running") or f"{own}/bands", "", *scene.period(measured)),
        exact_sum=(f"{own}/exact", "", *scene.period(_rounded_over(scene, measured))),
        result=_some(scene.value(result["rate"], "rate", result.get("adjust"))) if result else Fraction(1),
        ceilings=tuple(_ceiling(scene, one) for one in _ceilings(scene)),
        guarantee=_guarantee(scene),
        cash=_cash(scene),
    )


def _rounded_over(scene: Scene, measured: str) -> str:
    """What is rounded together: the bill; with `running_total` the period that the bands run over."""
    return measured if scene.document["rounding"] == "running_total" else "bill"


def _deductible(scene: Scene) -> Deductible | None:
    said = scene.version("deductible")
    if said is None:
        return None
    amount = int(_some(scene.value(said.get("amount", "0"), "money", said.get("adjust"))))
    if "recharged_every" in said:
        stay: Any = scene.answer_of("stay_days")
        amount *= max(-(-stay // int(said["recharged_every"])), 1)
    due = amount + scene.of_bill(said)
    if "at_least" in said:
        due = max(due, int(_some(scene.value(said["at_least"], "money"))))
    if "at_most" in said:
        due = min(due, int(_some(scene.value(said["at_most"], "money"))))
    fills, off = tuple(as_list(said.get("filled_by", []))), said.get("taken_from") == "payment"
    return Deductible(due, scene.sum(said, "deductible"), fills, off)


def _slices(scene: Scene, share: Raw) -> tuple[Slice, ...]:
    bands = share["bands"] if "bands" in share else [{"pays": share["pays"]}]
    found = []
    for band in bands:
        before = scene.value(band["pays"], "rate", share.get("adjust"))
        after = scene.reader.adjusted(before, share.get("cut"), "rate")
        up_to = scene.value(band["up_to"], "money") if "up_to" in band else None
        found.append(Slice(None if up_to is None else int(up_to), share_of(after), share_of(before)))
    return tuple(found)


def _ceilings(scene: Scene) -> list[Raw]:
    node = scene.layer.get("ceilings", "none")
    return [] if node == "none" else list(node)


def _ceiling(scene: Scene, named: Raw) -> Ceiling:
    said = in_force(named["versions"], scene.when, f"ceiling {named['name']}")
    if said.get("each") == "item" and not scene.item:
        raise Cannot("item")
    counted = scene.sum(said, f"ceiling {named['name']}", scene.item if said.get("each") == "item" else "")
    beyond_as = said.get("beyond_as", "payment")
    if said["bounds"] == "times":
        times = scene.value(said["times"], "count")
        return Ceiling("times", None if times is None else int(times), counted, beyond_as)
    limit = scene.value(said.get("limit", "0"), "money", said.get("adjust"))
    if limit is None:
        return Ceiling(said["bounds"], None, counted, beyond_as)
    quantity = scene.facts.of(said["per_unit"]) if "per_unit" in said else 1
    return Ceiling(said["bounds"], int(limit) * quantity + scene.of_bill(said), counted, beyond_as)


def _guarantee(scene: Scene) -> int | None:
    said = scene.version("guarantee")
    if said is None:
        return None
    return int(_some(scene.value(said.get("amount", "0"), "money", said.get("adjust")))) + scene.of_bill(said)


def _cash(scene: Scene) -> int | None:
    said = scene.version("cash")
    if said is None:
        return None
    quantity = scene.facts.of(said["per_unit"]) if "per_unit" in said else 1
    return int(_some(scene.value(said["amount"], "money", said.get("adjust")))) * quantity
