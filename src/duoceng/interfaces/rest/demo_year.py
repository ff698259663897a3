"""What happened to the invented members of a service to try: products and consents, accounts, relatives, a few bills of this year."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial

from duoceng.base.mistakes import Refused
from duoceng.desk import helping, wallets
from duoceng.desk.asks import Ask, Call
from duoceng.desk.counter import Desk
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.interfaces.rest.demo import BEGINS, HOSPITAL
from duoceng.kernel.columns import KINDS
from duoceng.records.bill import Bill, Part, Value

PRODUCT = "zhenai.million-medical"
RELATIVES = (("demo-retired", "demo-chronic", "child"), ("demo-chronic", "demo-retired", "parent"))
CREDITS = (("demo-retired", 1_500_000), ("demo-chronic", 350_000))
Row = tuple[str, str, int, dict[str, Value], dict[str, int]]
BILLS: tuple[Row, ...] = (  # member, bill, days before today, answers, fen by kind
    ("demo-retired", "R-1", 64, {"care": "outpatient", "level": "tertiary"}, {"in_scope": 82_600, "outside_scope": 6_400}),
    ("demo-retired", "R-2", 40, {"care": "inpatient", "level": "tertiary"}, {"in_scope": 4_861_250, "borne_first": 312_000}),
    ("demo-retired", "R-3", 9, {"care": "outpatient", "level": "community"}, {"in_scope": 31_280}),
    ("demo-poor", "P-1", 30, {"care": "inpatient", "level": "secondary"}, {"in_scope": 2_350_000, "outside_scope": 120_000}),
    ("demo-chronic", "C-1", 21, {"care": "outpatient", "level": "tertiary"}, {"in_scope": 264_000, "borne_first": 18_000}),
)  # fmt: skip


def live(desk: Desk) -> None:
    """Once each, under keys of its own: begun again, nothing happens twice; what the policies of today refuse is left out."""
    today = desk.clock().date()
    for member, who, relation in RELATIVES:
        fact = Fact(
            "relative",
            BEGINS,
            said={"who": who, "relation": relation, "proof": "户口簿（虚构）household register (invented)"},
        )
        once(desk, f"relative-{member}", partial(enrol, desk, Told(member, (fact,))))
    contract = Fact("contract", BEGINS, policy=PRODUCT, answers={"contract_from": date(today.year, 1, 1)})
    consent = Fact("consent", BEGINS, policy=PRODUCT, said={"purpose": "settlement"})
    once(desk, "contract-demo-chronic", partial(enrol, desk, Told("demo-chronic", (contract, consent))))
    for member, amount in CREDITS:
        once(desk, f"credit-{member}-{today.year}", partial(wallets.credit, desk, member, amount, f"{today.year}-01"))
    for row in BILLS:
        once(desk, f"bill-{row[1]}-{today.year}", partial(helping.settle, desk, _ask(row, today)))


def once(desk: Desk, key: str, act: Callable[[Call], object]) -> None:
    """Do something under a key, unless it was done, or is refused: the person is there without it."""
    if desk.answer("demo", key):
        return
    with suppress(Refused):
        act(Call("demo", "demo", key))


def _ask(row: Row, today: date) -> Ask:
    member, name, before, answers, amounts = row
    part = Part(tuple(amounts.get(kind, 0) for kind in KINDS))
    bill = Bill(f"{today.year}-{name}", today - timedelta(days=before), None, None, answers, (part,))
    return Ask(member, bill, HOSPITAL, ("account",))
