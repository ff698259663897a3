"""What can be asked at the counter: each act says what it is about, and what is done once the table of access allows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.desk import codes, helping
from duoceng.desk.asks import Call, Receipt, Undo
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.interfaces.rest import models
from duoceng.interfaces.rest.access import Caller
from duoceng.interfaces.rest.asking import ask_of, consent_of, facts_of
from duoceng.interfaces.rest.concern import Concern
from duoceng.interfaces.rest.service import Service
from duoceng.interfaces.rest.views import bill_view, fact_view, folded, quote_view, receipt_view
from duoceng.store.pages import trial_balance
from duoceng.store.seal import Identity, identity_of

BILLS = """SELECT bill, state, hospital, billed, covered, member_pays, cash FROM bill WHERE member = :member ORDER BY counts_at LIMIT 1000"""


@dataclass
class Asked:
    """A request that has passed the door: who, what, with which words of the address, under which key."""

    service: Service
    caller: Caller
    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    lang: str = "zh"

    @property
    def call(self) -> Call:
        """The call as the desk writes it down."""
        return Call(self.caller.name, self.caller.scope, self.key)


@dataclass(frozen=True)
class Answer:
    """What is answered; `repeated`: it was answered before; `media`: it is a file of this type, and not JSON."""

    said: Any
    repeated: bool = False
    media: str = ""


def answered(receipt: Receipt, asked: Asked, concern: Concern) -> Answer:
    """A receipt as an answer."""
    return Answer(receipt_view(receipt, asked.caller, concern), receipt.repeated)


# ── bills ──


def about_bill_asked(asked: Asked) -> Concern:
    """A bill that is sent: the member's, and of the hospital that it names, as the bill must be that it corrects."""
    body: models.SettleIn = asked.body
    concern = Concern(asked.service, body.member, body.bill.id, body.hospital)
    concern.replaces = body.bill.replaces or ""
    return concern


def quote(asked: Asked, concern: Concern) -> Answer:
    """What a bill would come to now."""
    settled, withheld = asked.service.desk.quote(ask_of(asked.body, asked.service.desk.library, shown(asked)))
    return Answer(quote_view(settled, withheld))


def settle(asked: Asked, concern: Concern) -> Answer:
    """Settle a bill."""
    desk = asked.service.desk
    ask = ask_of(asked.body, desk.library, shown(asked))
    return answered(helping.settle(desk, ask, asked.call), asked, concern)


def shown(asked: Asked) -> bool:
    """Did the member show their commercial code? Raises Refused where it is not theirs, or over, unless the key was answered before."""
    body: models.SettleIn = asked.body
    if body.commercial_code is None:
        return False
    desk = asked.service.desk
    if (
        not (asked.key and desk.answer(asked.call.scope, asked.key))
        and codes.whose(desk, body.commercial_code, codes.COMMERCIAL) != body.member
    ):
        raise refuse("D014", Place("commercial_code"), "this is no commercial code that is good now", "Codes live for five minutes.",
                     "ask for a new one")  # fmt: skip
    return True


def issue_code(asked: Asked, concern: Concern) -> Answer:
    """A code for the member to show."""
    body: models.CodeIn = asked.body
    code, until = codes.issue(asked.service.desk, concern.member, body.kind)
    return Answer({"code": code, "until": until.isoformat()})


def whose_code(asked: Asked, concern: Concern) -> Answer:
    """Who shows a basic code."""
    body: models.ShownIn = asked.body
    return Answer({"member": codes.whose(asked.service.desk, body.code, codes.BASIC)})


def about_bill_undone(asked: Asked) -> Concern:
    """A bill to take back; by a key it can only be one of the caller's own."""
    body: models.ReverseIn = asked.body
    mine = asked.caller.of if body.key and asked.caller.role == "hospital" else ""
    return Concern(asked.service, body.member, body.bill or "", mine)


def reverse(asked: Asked, concern: Concern) -> Answer:
    """Take a bill back."""
    body: models.ReverseIn = asked.body
    undo = Undo(body.member, body.bill or "", body.key or "")
    return answered(helping.reverse(asked.service.desk, undo, asked.call), asked, concern)


def about_nobody(asked: Asked) -> Concern:
    """No object of its own."""
    return Concern(asked.service)


def look_up_key(asked: Asked, concern: Concern) -> Answer:
    """What became of a key of the caller's institution."""
    found = asked.service.desk.answer(asked.caller.scope, asked.path["key"])
    if found is None:
        raise nothing_there("key")
    member, state, receipt = found
    concern.member = member
    said = receipt_view(receipt, asked.caller, concern) if receipt else None
    return Answer({"key": asked.path["key"], "member": member, "state": state, "receipt": said})


def about_bill(asked: Asked) -> Concern:
    """A settled bill."""
    return Concern(asked.service, asked.path["member"], asked.path["bill"])


def show_bill(asked: Asked, concern: Concern) -> Answer:
    """A settled bill with its statement."""
    settled = asked.service.desk.settled(concern.member, concern.bill)
    if settled is None:
        raise nothing_there("bill")
    return Answer(bill_view(settled, asked.caller, concern, asked.lang))


# ── members ──


def about_member(asked: Asked) -> Concern:
    """A member."""
    return Concern(asked.service, asked.path["member"])


def show_file(asked: Asked, concern: Concern) -> Answer:
    """A member's facts, the year so far, money in accounts, bills."""
    book, file = concern.opened
    balances = {name: {"amount": amount, "held": held} for name, (amount, held) in sorted(book.balances.items())}
    bills = asked.service.desk.database.rows(BILLS, member=concern.member)
    return Answer(
        {
            "member": concern.member,
            "region": concern.region,
            "pages": book.pages,
            "facts": [fact_view(f) for f in file.facts],
            "sums": dict(sorted(book.sums.items())),
            "balances": balances,
            "bills": bills,
        }
    )


def show_identity(asked: Asked, concern: Concern) -> Answer:
    """Name and number of the identity document."""
    found = identity_of(asked.service.desk.database, asked.service.seal, concern.member)
    if found is None:
        raise nothing_there("member")
    return Answer({"member": concern.member, "name": found.name, "number": found.number, "kind": found.kind})


def about_number(asked: Asked) -> Concern:
    """The member with an identity number, or nobody: whoever may not see the one is not told of the other."""
    body: models.NumberIn = asked.body
    return Concern(asked.service, asked.service.seal.find(asked.service.desk.database, body.kind, body.number) or "")


def find(asked: Asked, concern: Concern) -> Answer:
    """The member's name here, and nothing else."""
    if not concern.member:
        raise nothing_there("body")
    return Answer({"member": concern.member})


def about_facts(asked: Asked) -> Concern:
    """A member, who may be new: then the place is that of the enrolment, if all name one place."""
    body: models.EnrolIn = asked.body
    regions = {fact.region for fact in body.facts if fact.kind == "enrolment"}
    return Concern(asked.service, asked.path["member"], first=regions.pop() if len(regions) == 1 else "?")


def tell(asked: Asked, concern: Concern) -> Answer:
    """Enrol a member, or add facts."""
    body: models.EnrolIn = asked.body
    facts, sealed, lookup = facts_of(body.facts, asked.service.desk.library), "", ""
    if body.identity:
        sealed, lookup = sealed_once(asked.service, concern, body.identity)
    told = Told(concern.member, facts, sealed, lookup)
    return answered(enrol(asked.service.desk, told, asked.call), asked, concern)


def sealed_once(service: Service, concern: Concern, said: models.IdentityIn) -> tuple[str, str]:
    """An identity, sealed. Raises Refused where it is somebody else's, or the member has another."""
    known = service.seal.find(service.desk.database, said.kind, said.number)
    if known not in (None, concern.member) or (known is None and concern.kept is not None):
        what = "the identity is another member's, or the member has another"
        raise refuse("S010", Place("identity"), what, "One person, one file.", "find the member by the number first")
    who = Identity(said.name, said.number, said.kind)
    return service.seal.seal(concern.member, who), service.seal.lookup(who.kind, who.number)


def agree(asked: Asked, concern: Concern) -> Answer:
    """The member agrees that an insurer sees and pays."""
    _, _ = concern.opened
    fact = consent_of(asked.body, asked.service.desk.library)
    return answered(enrol(asked.service.desk, Told(concern.member, (fact,)), asked.call), asked, concern)


def revoke(asked: Asked, concern: Concern) -> Answer:
    """The member no longer agrees: every consent for the product ends yesterday."""
    _, file = concern.opened
    known = asked.service.desk.answer(asked.caller.scope, asked.key)
    today = asked.service.desk.clock().date()
    given = [f for f in file.of("consent") if f.policy == asked.body.product and (f.ends is None or f.ends >= today)]
    if not given and known is None:
        raise nothing_there("product")
    ended = tuple(Fact("consent", f.begins, today - timedelta(days=1), policy=f.policy, said=f.said) for f in given)
    told = Told(concern.member, ended, asking=f"revoke {asked.body.product}")
    return answered(enrol(asked.service.desk, told, asked.call), asked, concern)


def balance(asked: Asked, concern: Concern) -> Answer:
    """What every account got less what it gave; members' accounts as one of each kind."""
    found = folded(trial_balance(asked.service.desk.database))
    return Answer({"accounts": found, "sum": sum(found.values())})


def nothing_there(field_: str) -> Refused:
    """What was asked for is not here."""
    return refuse("S009", Place(field_, 0), "there is nothing of that name here", "", "check the name")
