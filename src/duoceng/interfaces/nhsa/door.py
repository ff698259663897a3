"""One message, from its bytes to the bytes of its answer.

bytes ─▶ envelope ─▶ institution, gateway, signature ─▶ transaction by `infno` ─▶ sign-in ─▶ table ─▶ handler ─▶ answer in kind
Whatever is wrong is answered in an envelope; nothing is stored of a message that is refused.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import count
from json import dumps
from pathlib import Path
from traceback import extract_tb
from typing import Any

from duoceng.base.mistakes import Refused
from duoceng.interfaces.nhsa import check, envelope
from duoceng.interfaces.nhsa.check import Fault
from duoceng.interfaces.nhsa.envelope import FAILED, REFUSED, Answer, Envelope, Unreadable
from duoceng.interfaces.nhsa.fields import Table, table_of
from duoceng.interfaces.nhsa.front import Asked, Front, No, told
from duoceng.interfaces.nhsa.institutions import Institution
from duoceng.interfaces.nhsa.registry import Transaction, all_known
from duoceng.interfaces.nhsa.session import signed_in
from duoceng.interfaces.nhsa.signing import close_answer, open_asked
from duoceng.ledger.wallet import china_time
from duoceng.store.database import Busy

LOG = logging.getLogger("duoceng.nhsa")

SERIAL = count(1)


@dataclass
class Outcome:
    """What became of a message: the answer, and for whoever watches, what was asked and why it was refused."""

    answer: Answer
    envelope: Envelope | None = None
    institution: Institution | None = None
    faults: list[Fault] = field(default_factory=list)


def receive(front: Front, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[bytes, Outcome, str]:
    """The bytes of an answer to some bytes, what became of them, and the content type. Never raises for what somebody sent."""
    came = china_time(front.desk.clock())
    outcome = _outcome(front, body, headers or {}, came)
    read = outcome.envelope
    if outcome.answer.file is not None:
        return outcome.answer.file, outcome, "application/octet-stream"
    where = (read["mdtrtarea_admvs"] if read else "") or "000000"
    serial = f"{where[:6]:0<6}{came:%Y%m%d%H%M%S}{next(SERIAL) % 10**10:010d}"
    style = outcome.institution.infcode if outcome.institution else "number"
    said = envelope.answered(outcome.answer, came, china_time(front.desk.clock()), serial, style)
    if outcome.institution:
        said = close_answer(said, outcome.institution.signing)
    encoding = read.encoding if read else "utf-8"
    kind = f"application/json; charset={'GBK' if encoding != 'utf-8' else 'utf-8'}"
    return envelope.written(said, encoding, bool(read and read.wrapped)), outcome, kind


def _outcome(front: Front, body: bytes, headers: Mapping[str, str], came: datetime) -> Outcome:
    try:
        read = envelope.read(body)
    except Unreadable as unreadable:
        return Outcome(Answer(REFUSED, str(unreadable)))
    found = Outcome(Answer(), read)
    try:
        found.answer = _answer(front, found, read, came)
    except No as no:
        found.answer = Answer(REFUSED, str(no))
    except Refused as refused:
        found.answer = Answer(REFUSED, told(refused))
    except Busy:
        found.answer = Answer(FAILED, "系统繁忙，请用同一msgid重发，或冲正(2601)后重新办理")
    except Exception as error:  # noqa: BLE001  the last stand: logged without a word of what was in it
        where = extract_tb(error.__traceback__)[-1]
        LOG.error("nhsa %s %s %s:%s", read["infno"][:6], type(error).__name__, Path(where.filename).name, where.lineno)
        found.answer = Answer(FAILED, "系统异常，结果不明，请冲正(2601)后重新办理")
    return found


def _answer(front: Front, found: Outcome, read: Envelope, came: datetime) -> Answer:
    wrong = envelope.faults(read)
    if wrong:
        return Answer(REFUSED, "；".join(wrong))
    institution = front.institutions.find(read["fixmedins_code"], read["fixmedins_name"], read["mdtrtarea_admvs"])
    if institution is None:
        raise No(f"定点医药机构{read['fixmedins_code']}未在本系统登记")
    found.institution = institution
    read = found.envelope = _unsealed(read, institution)
    transaction, table = known(read["infno"])
    if transaction.signed and institution.sign_in and not signed_in(front, institution.code, read["sign_no"]):
        raise No("未签到或签到已失效，请先签到(9001)")
    clean, found.faults = check.check(table, read.input, institution.strict)
    if found.faults:
        return Answer(REFUSED, check.said(found.faults))
    output = transaction.handle(front, asked_of(read, institution, clean, came))
    if isinstance(output, bytes):
        return Answer(file=output)
    return Answer(output=output)


def _unsealed(read: Envelope, institution: Institution) -> Envelope:
    if institution.signing.style == "plain" and not institution.signing.encrypted:
        return read
    try:
        return envelope.opened(open_asked(read.said, institution.signing), read.encoding)
    except Unreadable as unreadable:
        raise No(str(unreadable)) from None


def known(infno: str) -> tuple[Transaction, Table]:
    """The transaction of a number, and its table. Raises No."""
    handlers = all_known()
    table = table_of(infno)
    found = handlers.get(infno) or (handlers.get(infno.rstrip("AB")) if table else None)
    if found is None or table is None:
        raise No(f"交易编号{infno}不受支持")
    return found, table


def asked_of(read: Envelope, institution: Institution, clean: check.Input, came: datetime) -> Asked:
    """The asking of a checked message."""
    digest = sha256(dumps([read["infno"], clean], ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()
    return Asked(read["infno"], read["msgid"], institution, read["mdtrtarea_admvs"] or institution.admdvs,
                 read["insuplc_admdvs"], read["opter"], read["opter_name"], came, clean, digest)  # fmt: skip


def explained(outcome: Outcome) -> list[dict[str, Any]]:
    """Every fault of a refused message, field by field."""
    return [
        {"node": f.node, "row": f.row, "field": f.field, "title": f.title, "what": f.what, "repair": f.repair}
        for f in outcome.faults
    ]
