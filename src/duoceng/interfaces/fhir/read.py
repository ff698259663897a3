"""A Claim as it is asked of the desk. Whatever cannot be told of is refused with its FHIR path; nothing is passed over that would change money."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.interfaces.fhir.terms import CARE, url
from duoceng.interfaces.rest.models import ReverseIn, SettleIn
from duoceng.interfaces.rest.refusals import not_valid
from duoceng.kernel.columns import KINDS

ITEM_KINDS = frozenset(KINDS)
Form = TypeVar("Form", bound=BaseModel)


def wrong(path: str, what: str, repair: str) -> Refused:
    """A claim that says something the desk cannot take."""
    return refuse("S001", Place(path, 0), what, "", repair)


def action_of(claim: Any) -> str:
    """Settle, quote, or take back."""
    if claim.status == "cancelled":
        return "reverse"
    if claim.status != "active":
        raise wrong("Claim.status", "this status asks for nothing", "send active to settle, cancelled to take back")
    if claim.use not in ("claim", "predetermination"):
        raise wrong("Claim.use", "this use asks for nothing", "send claim to settle, predetermination to quote")
    return "settle" if claim.use == "claim" else "quote"


def key_of(claim: Any) -> str:
    """The key of an asking: the first identifier; a cancellation has one of its own, made of it."""
    name = identifier(claim)
    return f"cancel.{name}"[:64] if claim.status == "cancelled" else name


def identifier(claim: Any) -> str:
    """What the claim is called by whoever sends it."""
    found = [one.value for one in claim.identifier or [] if one.value]
    if not found:
        raise wrong(
            "Claim.identifier",
            "the claim has no identifier",
            "give it one: it is the bill's id, and the key under which it counts once",
        )
    return str(found[0])


def reverse_in(claim: Any) -> ReverseIn:
    """A claim to take back: the one it is related to, or the one of its own identifier."""
    bill = prior(claim) or identifier(claim)
    return made(ReverseIn, {"member": referred(claim.patient, "Claim.patient"), "bill": bill})


def settle_in(claim: Any) -> SettleIn:
    """A claim to settle or to quote. Raises Refused."""
    period = claim.billablePeriod
    days = [item.servicedDate for item in claim.item or [] if item.servicedDate]
    ended = day_of(period.end if period else None) or max(days, default=None)
    if ended is None:
        raise wrong(
            "Claim.billablePeriod.end",
            "the day of the bill is missing",
            "give billablePeriod.end, or servicedDate of an item",
        )
    begun = day_of(period.start if period else None)
    answers = answers_in(claim.extension, "Claim")
    care = next((one.code for one in ((claim.type.coding if claim.type else None) or []) if one.system == CARE), None)
    if care:
        answers["care"] = care
    bill: dict[str, Any] = {
        "id": identifier(claim),
        "discharged": ended.isoformat(),
        "answers": answers,
        **_items(claim),
    }
    if begun and care in ("inpatient", "maternity_stay"):
        bill["admitted"] = begun.isoformat()
    if claim.total is not None:
        bill["total"] = fen(claim.total, "Claim.total")
    if before := prior(claim):
        bill["replaces"] = before
    return made(
        SettleIn,
        {
            "member": referred(claim.patient, "Claim.patient"),
            "hospital": referred(claim.provider, "Claim.provider"),
            "bill": bill,
        },
    )


def made(form: type[Form], said: dict[str, Any]) -> Form:
    """A form of the service filled in. Raises Refused."""
    try:
        return form.model_validate_json(json.dumps(said))
    except ValidationError as error:
        raise not_valid(error, "body") from None


def day_of(when: Any) -> date | None:
    """The day of a date or time; None where there is none."""
    return date.fromisoformat(str(when)[:10]) if when and len(str(when)) >= 10 else None


def prior(claim: Any) -> str:
    """The claim that this one takes the place of."""
    for one in claim.related or []:
        if one.claim is not None and one.claim.identifier is not None and one.claim.identifier.value:
            return str(one.claim.identifier.value)
    return ""


def referred(reference: Any, path: str) -> str:
    """A name: the identifier of a reference, or the last part of its address."""
    if reference is not None:
        if reference.identifier is not None and reference.identifier.value:
            return str(reference.identifier.value)
        if reference.reference:
            return str(reference.reference).rsplit("/", 1)[-1]
    raise wrong(path, "nobody is named here", "give identifier.value, or a reference")


def fen(money: Any, path: str) -> int:
    """An amount in fen. Raises Refused."""
    if money is None or money.value is None:
        raise wrong(path, "the amount is missing", "give value and currency")
    if money.currency not in (None, "CNY"):
        raise wrong(path, "only CNY is settled here", "give the amount in yuan")
    amount = Decimal(str(money.value)) * 100
    if amount != amount.to_integral_value() or not 0 <= amount <= 10**13:
        raise wrong(path, "this is no amount of whole fen", "give yuan with at most two decimals, not negative")
    return int(amount)


def _items(claim: Any) -> dict[str, Any]:
    """Items as lines, or as parts where each says its class of cost."""
    items = claim.item or []
    if not items:
        raise wrong("Claim.item", "there are no items", "send at least one")
    lines, parts = [], []
    for at, item in enumerate(items):
        path = f"Claim.item[{at}]"
        amount, own = fen(item.net, f"{path}.net"), dict(_own(item.extension))
        product = item.productOrService
        coding = next(iter((product.coding if product else None) or []), None)
        code = str(coding.code) if coding is not None and coding.code else ""
        words = str((product.text if product else "") or (coding.display if coding is not None else "") or "")
        day = {"day": item.servicedDate.isoformat()} if item.servicedDate else {}
        answers = answers_in(item.extension, path)
        if "cost-class" in own:
            if own["cost-class"] not in ITEM_KINDS:
                raise wrong(f"{path}.extension", "this is no class of cost", f"one of {', '.join(KINDS)}")
            parts.append(
                {"amounts": {own["cost-class"]: amount}, "answers": answers, "title": words, **day}
                | ({"item": code} if code else {})
            )
            continue
        if not code:
            raise wrong(
                f"{path}.productOrService", "the item has no code", "give coding.code, or the extension cost-class"
            )
        if "item-class" in own:
            answers["item_class"] = own["item-class"]
        line = {"code": code, "name": words, "amount": amount, "answers": answers, **day}
        if item.quantity is not None and item.quantity.value:
            line["quantity"] = int(Decimal(str(item.quantity.value)) * 1000)
        if "borne-first" in own:
            line["borne_first"] = int(Decimal(str(own["borne-first"])) * 10_000)
        if "price-limit" in own:
            line["price_limit"] = fen(own["price-limit"], f"{path}.extension")
        lines.append(line)
    if lines and parts:
        raise wrong("Claim.item", "some items are classified and some are not", "send all with cost-class, or none")
    return {"lines": lines} if lines else {"parts": parts}


VALUES = ("valueString", "valueCode", "valueBoolean", "valueInteger", "valueDecimal", "valueMoney", "valueDate")


def _value(one: Any) -> Any:
    return next((value for name in VALUES if (value := getattr(one, name, None)) is not None), None)


def _own(extensions: Any) -> Iterator[tuple[str, Any]]:
    """Our extensions with one value."""
    for one in extensions or []:
        for name in ("cost-class", "item-class", "borne-first", "price-limit"):
            if one.url == url(name):
                yield name, _value(one)


def answers_in(extensions: Any, path: str) -> dict[str, Any]:
    """Answers of the vocabulary, each an extension of a name and a value."""
    found: dict[str, Any] = {}
    for one in extensions or []:
        if one.url == url("answer"):
            said = {part.url: _value(part) for part in one.extension or []}
            if not said.get("name") or said.get("value") is None:
                raise wrong(
                    f"{path}.extension", "an answer has no name, or no value", "give the extensions `name` and `value`"
                )
            value = said["value"]
            known = found.get(said["name"])
            many = [*(known if isinstance(known, list) else [known]), str(value)] if known is not None else None
            found[str(said["name"])] = many or (
                int(value) if isinstance(value, Decimal) else value.isoformat() if isinstance(value, date) else value
            )
    return found
