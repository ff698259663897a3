"""What people at a counter look at: a quote told step by step, where a member stands, a statement as a file, money on offer."""

from pathlib import Path
from tempfile import TemporaryDirectory

from duoceng.base.mistakes import Place, refuse
from duoceng.desk.standing import tried
from duoceng.desk.year import Year
from duoceng.interfaces.names import names_for
from duoceng.interfaces.output import Wanted, put
from duoceng.interfaces.rest import models
from duoceng.interfaces.rest.acts import Answer, Asked, nothing_there, shown
from duoceng.interfaces.rest.asking import answers_of, ask_of
from duoceng.interfaces.rest.concern import Concern
from duoceng.interfaces.standing import standing_as_json
from duoceng.interfaces.statement_json import settlement_as_json

SENT = """SELECT number, amount, state, until, purpose FROM hold WHERE member = :member AND purpose LIKE 'send:%'
ORDER BY number DESC LIMIT 100"""
OFFERED = "SELECT member, number, amount, until FROM hold WHERE state = 'open' AND purpose = :purpose ORDER BY until LIMIT 100"


def preview(asked: Asked, concern: Concern) -> Answer:
    """A quote with its statement, and where the member would stand after it."""
    desk = asked.service.desk
    settled, withheld = desk.quote(ask_of(asked.body, desk.library, shown(asked)))
    book, file = concern.opened
    products = tuple(y.policy for y in settled.plan.layers)
    member = file.member(concern.member, settled.bill.discharged, products)
    names = names_for(desk.library, member, asked.lang)
    sums = {**book.sums, **{name: book.sums.get(name, 0) + change for name, change in settled.changes.items()}}
    said = settlement_as_json(settled, asked.lang, names, member)
    return Answer({**said, "withheld": withheld, "standing": standing_as_json([settled], sums, asked.lang, names)})


def stand(asked: Asked, concern: Concern) -> Answer:
    """Where a member stands for a kind of care on a day. Raises Refused where the rules ask what was not answered."""
    body: models.StandingIn = asked.body
    desk = asked.service.desk
    book, file = concern.opened
    day = body.day or desk.clock().date()
    settled = tried(desk, book, file, (day, answers_of(body.answers, desk.library), asked.caller.of))
    member = file.member(concern.member, day, tuple(y.policy for y in settled.plan.layers))
    names = names_for(desk.library, member, asked.lang)
    return Answer(
        {"member": concern.member, "day": day, "standing": standing_as_json([settled], book.sums, asked.lang, names)}
    )


MEDIA = {"pdf": "application/pdf", "html": "text/html; charset=utf-8",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


def statement(asked: Asked, concern: Concern) -> Answer:
    """The statement of a settled bill as a file: pdf, html or xlsx."""
    settled, form = asked.service.desk.settled(concern.member, concern.bill), asked.path["form"]
    if settled is None:
        raise nothing_there("bill")
    if form not in MEDIA:
        raise refuse("W003", Place("body.format", 0), "there is no such format", "", f"one of: {', '.join(MEDIA)}")
    member = concern.opened[1].member(
        concern.member, settled.bill.discharged, tuple(y.policy for y in settled.plan.layers)
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"statement.{form}"
        put(
            member,
            Year((settled,)),
            names_for(asked.service.desk.library, member, asked.lang),
            Wanted(form, asked.lang, str(path)),
        )
        return Answer(path.read_bytes(), media=MEDIA[form])


def offers(asked: Asked, concern: Concern) -> Answer:
    """Money a member has sent, and money that waits to be accepted."""
    _, _ = concern.opened
    database, member = asked.service.desk.database, concern.member
    sent = [{"number": r["number"], "to": r["purpose"].removeprefix("send:"), "amount": r["amount"], "state": r["state"], "until": r["until"]}
            for r in database.rows(SENT, member=member)]  # fmt: skip
    offered = [{"number": r["number"], "sender": r["member"], "amount": r["amount"], "until": r["until"]}
               for r in database.rows(OFFERED, purpose=f"send:{member}")]  # fmt: skip
    return Answer({"member": member, "sent": sent, "offered": offered})
