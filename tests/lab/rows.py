"""A row of a bill table as the engine takes it: a member and a bill."""

import re
from datetime import date
from typing import Any

from duoceng.kernel.columns import FACTS, KINDS
from duoceng.policy.grammar import TIERS
from duoceng.policy.vocabulary import Attribute, Vocabulary
from duoceng.records.bill import Bill, Held, Line, Member, Part, Value

BEFORE = "settled_before."


def case_of(row: dict[str, Any], words: Vocabulary, lines: tuple[Line, ...] = ()) -> tuple[Member, Bill]:
    """The member and the bill of one row, as the contract of the file says."""
    answers = {n: value_of(words[n], v) for n, v in row.items() if v is not None and n in words and n != "region"}
    of_member = {n: v for n, v in answers.items() if words[n].of in ("member", "product")}
    of_bill = {n: v for n, v in answers.items() if words[n].of in ("bill", "line")}
    held = tuple(Held(p, contract(row, p, words)) for p in row["products"].split(";") if p)
    member = Member(str(row["member"]), row["region"], of_member, products=held)
    amounts = tuple(row.get(kind) or 0 for kind in KINDS)
    bill = Bill(
        str(row["bill"]),
        row["discharged"],
        row["admitted"],
        row["settled"],
        of_bill,
        () if lines or row.get("year_end") else (Part(amounts),),
        lines,
        {unit: row[unit] for unit in FACTS[3:] if row.get(unit) is not None},
        {tier: row[BEFORE + tier] for tier in TIERS if row.get(BEFORE + tier) is not None},
        episode=row.get("episode") or "",
        year_end=bool(row.get("year_end")),
    )
    return member, bill


def contract(row: dict[str, Any], policy: str, words: Vocabulary) -> dict[str, Value]:
    """The answers of one contract: columns `<policy id>/<attribute>`."""
    own = {n.removeprefix(f"{policy}/"): v for n, v in row.items() if n.startswith(f"{policy}/") and v is not None}
    return {name: value_of(words[name], value) for name, value in own.items()}


def value_of(attribute: Attribute, value: Any) -> Value:
    """A cell as an answer."""
    if attribute.type == "set":
        return frozenset(value.split("+")) if value else frozenset()
    assert isinstance(value, str | int | bool | date)
    return value


def line_of(row: dict[str, Any]) -> Line:
    """A row of the table of lines."""
    return Line(row["code"], row["name"], row["amount"], row["quantity"], row["day"], row["borne_first"], row["price_limit"],
                {"item_class": row["item_class"]})  # fmt: skip


def alike(told: str, words: str) -> bool:
    """Does a reject give the desk's words? A number that the table does not say itself is left out."""
    return re.fullmatch(re.escape(told).replace("…", r"\S+"), words) is not None
