"""A bill that near relatives help to pay: each sets money aside in their own book, the bill is settled, and the books are evened out.

    quote ──▶ hold in each relative's book ──▶ settle, paid from transit/help/<relative> ──▶ even out: relative ──▶ transit
                                                                     reversed or replayed: transit ──▶ relative ◀──┘

No step touches two books. Each has a key made of the bill's, so that a crash anywhere is mended by doing the rest again.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from duoceng.base.failpoint import reached
from duoceng.desk import wallets
from duoceng.desk.asks import ACCOUNT, HELP, RULES, WALLET, Ask, Call, Purse, Receipt, Undo, digest_of, use_of
from duoceng.desk.counter import Desk, known_book
from duoceng.desk.people import File
from duoceng.desk.purse import source_of
from duoceng.desk.wallets import end_hold, not_a_relative, opened, relation
from duoceng.ledger import chart
from duoceng.ledger.wallet import may_pay, returns_at
from duoceng.records.accounts import OWN, RELATIVE
from duoceng.records.accounts import WALLET as WALLET_KIND
from duoceng.records.entry import Transfer
from duoceng.store.books import Hold, Seen, append
from duoceng.store.database import Row

HOLDS = "SELECT member, number, account, amount, state, until, purpose FROM hold WHERE member = :member AND purpose = :purpose AND state = 'open'"


def settle(desk: Desk, ask: Ask, call: Call) -> Receipt:
    """Settle a bill that accounts, wallets and relatives pay. Raises Refused; then nothing was done, or what was held is free again."""
    if not ask.pays:
        receipt = desk.settle(ask, call)
        even_out(desk, receipt, call)  # a late bill or a correction changes what relatives gave for others
        return receipt
    known = desk.answer(call.scope, call.key)
    pays = allowed(desk, ask)
    helpers = [source.removeprefix(HELP) for source in pays if source.startswith(HELP)]
    helps = {} if known else set_aside(desk, replace(ask, pays=pays), call, helpers)
    reached("held")
    try:
        receipt = desk.settle(ask, call, Purse(pays, helps))
    except Exception:
        let_go(desk, helpers, purpose_of(ask.member, call))
        raise
    reached("helped")
    even_out(desk, receipt, call)
    let_go(desk, helpers, purpose_of(ask.member, call))
    return receipt


def reverse(desk: Desk, undo: Undo, call: Call) -> Receipt:
    """Take a bill back; what relatives gave goes back to them."""
    receipt = desk.reverse(undo, call)
    even_out(desk, receipt, call)
    return receipt


def allowed(desk: Desk, ask: Ask) -> tuple[str, ...]:
    """The sources that may pay for this use, in the order asked for. Raises Refused for one who is no near relative."""
    today, rules = desk.clock().date(), desk.rules()
    _, file = opened(desk, ask.member)
    scheme = str(file.member(ask.member, today, ()).on(today).get("scheme", ""))
    pays = in_order_of_rules(desk, file, ask) if ask.pays == (RULES,) else ask.pays
    for source in pays:
        helper = source.removeprefix(HELP)
        if source.startswith(HELP) and relation(opened(desk, helper)[1], ask.member, today) not in rules.relatives:
            raise not_a_relative(ask.member)
    fits = may_pay(use_of(ask.bill), scheme, rules)
    return tuple(source for source in pays if fits or not source.startswith((ACCOUNT, WALLET, HELP)))


def in_order_of_rules(desk: Desk, file: File, ask: Ask) -> tuple[str, ...]:
    """All that may pay for a member: own account, near relatives on file who filed it too, wallet, in the order of the rules."""
    today, rules = desk.clock().date(), desk.rules()
    known = [str(fact.said.get("who", "")) for fact in file.of("relative") if fact.holds(today)]
    helpers = [HELP + who for who in known if relation(opened(desk, who)[1], ask.member, today) in rules.relatives]
    of = {OWN: [ACCOUNT], RELATIVE: helpers, WALLET_KIND: [WALLET]}
    return tuple(source for kind in rules.draw_order for source in of[kind])


def set_aside(desk: Desk, ask: Ask, call: Call, helpers: list[str]) -> dict[str, int]:
    """What each relative sets aside: as much as the sources before do not pay."""
    if not helpers:
        return {}
    settlement, _ = desk.quote(ask)
    book, _ = opened(desk, ask.member)
    rest, found = settlement.member_pays, {}
    for source in ask.pays:
        helper = source.removeprefix(HELP)
        if source.startswith(HELP):
            found[helper] = hold(desk, helper, max(rest, 0), call, purpose_of(ask.member, call))
            rest -= found[helper]
        elif source in (ACCOUNT, WALLET):
            rest -= source_of(book, source, {})[1]
    return found


def purpose_of(member: str, call: Call) -> str:
    """What money set aside for the asking of a key is for."""
    return HELP + json.dumps([member, call.scope, call.key], ensure_ascii=False)


def hold(desk: Desk, helper: str, amount: int, call: Call, purpose: str) -> int:
    """Set aside what a relative has of an amount; how much that is. What was set aside and has gone back is nothing."""
    own, digest = Call(call.actor, "help", f"hold {purpose} {helper}"), digest_of("hold for", helper, purpose)

    def act(seen: Seen) -> Receipt:
        book = known_book(seen, helper)
        rules = desk.rules()
        part = min(amount, max(book.free(chart.personal(helper)) - (rules.floor or 0), 0))
        holds = [Hold(chart.personal(helper), part, returns_at(desk.clock(), rules), purpose)] if part else []
        receipt = Receipt("help", helper, "", book.pages + 1, drawn=((chart.personal(helper), part),))
        page = desk.page(own, receipt, digest)
        page.holds = holds
        append(desk.database, book, page)
        return receipt

    desk.once(helper, own, digest, act)
    return sum(row["amount"] for row in desk.database.rows(HOLDS, member=helper, purpose=purpose))


def let_go(desk: Desk, helpers: list[str], purpose: str) -> None:
    """What was set aside and is not needed is free again."""
    for helper in helpers:
        for row in desk.database.rows(HOLDS, member=helper, purpose=purpose):
            end_hold(desk, helper, row, "void")


def finish(desk: Desk, helper: str, row: Row) -> None:
    """Money that is still set aside when its time has come: used, where the bill was settled; else free, and the key is barred.

    Barred first: a bill that arrived after the money had gone back could not be paid by it.
    """
    member, scope, key = json.loads(row["purpose"].removeprefix(HELP))
    desk.bar(Undo(member, key=key), Call("desk", scope, f"bar {key}"))
    found = desk.answer(scope, key)
    if found and found[2]:
        even_out(desk, found[2], Call("desk", scope, key))
    let_go(desk, [helper], row["purpose"])


def return_due(desk: Desk) -> int:
    """Give back, or use, all money whose time has come; how often that was. Run it every few minutes."""
    return wallets.return_due(desk, finish)


def even_out(desk: Desk, receipt: Receipt, call: Call) -> None:
    """Relatives' books follow what a page moved through transit; done once for each page and relative."""
    settled = desk.settled(receipt.member, receipt.bill) if through_transit(receipt) else None
    use = use_of(settled.bill) if settled else ""
    for helper, net in through_transit(receipt).items():
        if not net:
            continue
        own = Call(call.actor, "help", f"even {receipt.member} {receipt.page} {helper}")
        digest = digest_of("even", receipt.member, receipt.page, helper, net)

        def act(seen: Seen, helper: str = helper, net: int = net, own: Call = own, digest: str = digest) -> Receipt:
            book = known_book(seen, helper)
            account, transit = chart.personal(helper), chart.help_of(helper)
            moved = Transfer(account, transit, -net) if net < 0 else Transfer(transit, account, net)
            held = desk.database.rows(HOLDS, member=helper, purpose=purpose_of(receipt.member, call)) if net < 0 else []
            done = Receipt("helped", helper, "", book.pages + 1, moved=(moved,))
            page = desk.page(own, done, digest)
            page.resolved = [(row, "posted") for row in held]
            page.said = {"for": receipt.member, "page": receipt.page, "use": use}
            append(desk.database, book, page)
            return done

        desk.once(helper, own, digest, act)


def complete(desk: Desk, said: Mapping[str, object]) -> None:
    """What a page moved through transit is evened out, if that was not done: after a crash, from the outbox."""
    asked = said.get("asked")
    if isinstance(asked, list):
        scope, key = map(str, asked)
        found = desk.answer(scope, key)
        if found and found[2]:
            even_out(desk, found[2], Call("desk", scope, key))


def through_transit(receipt: Receipt) -> dict[str, int]:
    """What each relative's transit account got, less what it gave, on one page."""
    found: dict[str, int] = {}
    for moved in receipt.moved:
        for account, amount in ((moved.credit, moved.amount), (moved.debit, -moved.amount)):
            if account.startswith(chart.HELP):
                found[chart.owner(account)] = found.get(chart.owner(account), 0) + amount
    return found
