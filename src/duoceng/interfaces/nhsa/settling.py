"""Trial, settlement and its reversal: the desk's settlement in the words of `setlinfo` and `setldetail`.

medfee_sumamt   = fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_scp_amt
medfee_sumamt   = fund_pay_sumamt + psn_part_amt + hosp_part_amt
psn_part_amt    = acct_pay + psn_cash_pay            acct_pay contains acct_mulaid_pay
setldetail      = fund_pay_sumamt + acct_pay + hosp_part_amt
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from duoceng.base.mistakes import Refused
from duoceng.desk import helping
from duoceng.desk.asks import ACCOUNT, RULES, Ask, Receipt, Undo
from duoceng.desk.codes import COMMERCIAL, whose
from duoceng.interfaces.national import fund_pay_type, setlinfo
from duoceng.interfaces.nhsa.bills import bill_of, med_type_of
from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.encounter import NOT_SUBMITTED, Row
from duoceng.interfaces.nhsa.front import (
    Asked,
    Case,
    Front,
    No,
    extension,
    fen,
    number_of,
    opened,
    said_before,
    told,
    yuan,
)
from duoceng.interfaces.nhsa.lines import sums_of
from duoceng.interfaces.nhsa.people import person_of
from duoceng.interfaces.nhsa.words import CLEARING, value_of_code
from duoceng.kernel import columns as k
from duoceng.ledger import chart
from duoceng.records.settlement import Settlement
from duoceng.store.books import Book
from duoceng.store.database import Statement
from duoceng.store.steps import Kept, step_row, steps_of

PAYS = {"0": (), "1": (ACCOUNT,), "2": (RULES,), "": ()}  # acct_used_flag: none, the own account, the relatives' too
CLASSES = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
ACCOUNT_FUND, HOSPITAL_FUND = "310200", "999996"
EXTENSION_MAX = 4000


def ask_of(case: Case, rows: list[Row], data: Input, setl_id: str) -> Ask:
    """What the desk is asked to settle. Raises No."""
    sums = sums_of(rows)
    if fen(data["medfee_sumamt"]) != sums["medfee_sumamt"]:
        raise No(f"医疗费总额{data['medfee_sumamt']}与已上传明细合计{yuan(sums['medfee_sumamt']):.2f}不一致")
    for name in CLASSES:
        if data.get(name) not in (None, "") and fen(data[name]) != sums[name]:
            raise No(f"{name}为{data[name]}，与中心计算的{yuan(sums[name]):.2f}不一致，请重新预结算")
    code = extension(data).get("commercial_code")
    agreed = False
    if code:
        try:
            agreed = whose(case.front.desk, str(code), COMMERCIAL) == case.member
        except Refused as refused:
            raise No(told(refused)) from None
    bill = bill_of(case, rows, data, setl_id)
    return Ask(
        case.member, bill, case.asked.institution.code, PAYS.get(str(data.get("acct_used_flag") or ""), ()), agreed
    )


def trial(front: Front, asked: Asked, case: Case, rows: list[Row], data: Input) -> dict[str, Any]:
    """What the bill would come to. Leaves no trace."""
    ask = ask_of(case, rows, data, number_of(front, asked))
    try:
        settlement, withheld = front.desk.quote(ask)
    except Refused as refused:
        raise No(told(refused)) from None
    account = min(settlement.member_pays, case.book.free(chart.personal(case.member))) if ask.pays else 0
    drawn = ((chart.personal(case.member), account),) if account else ()
    found = _answer(case, rows, data, settlement, drawn)
    found["setlinfo"] |= {"setl_id": None, "setl_time": None, "clr_way": None, "clr_optins": None}
    return _extended(found, settlement, withheld)


def settle(
    front: Front, asked: Asked, member: str, encounter: str, choose: Callable[[Case], tuple[list[Row], Input, Input]]
) -> Mapping[str, Any]:
    """Settle the lines `choose` finds; the desk's page and this step are written together, or neither. Raises No."""
    for _ in range(8):
        case = opened(front, asked, member, encounter)
        try:
            return _settle(front, asked, case, choose)
        except Stale:
            continue
    raise No("该就诊正在被其他操作修改，请重试")


class Stale(Exception):
    """The encounter got another step since it was read."""


def _settle(
    front: Front, asked: Asked, case: Case, choose: Callable[[Case], tuple[list[Row], Input, Input]]
) -> Mapping[str, Any]:
    if any(step.msgid == asked.msgid for step in case.encounter.steps):
        return said_before_checked(front, asked, case.member)
    rows, data, kept = choose(case)
    setl_id = number_of(front, asked)
    ask = ask_of(case, rows, data, setl_id)
    said: dict[str, Any] = {}

    def beside(receipt: Receipt, book: Book, settlement: Settlement | None) -> list[Statement]:
        assert settlement is not None
        if book.pages != case.book.pages:
            stop_if_changed(front, case)
        found = _answer(case, rows, data, settlement, receipt.drawn, book)
        found["setlinfo"] |= {"setl_id": setl_id, "setl_time": asked.now}
        said.update(_extended(found, settlement, receipt.withheld))
        info = said["setlinfo"]
        step = Kept(receipt.page, case.encounter.id, asked.infno, asked.msgid, asked.institution.code, asked.now, 0, setl_id, info["insutype"],
                    info["clr_type"], fen(info["medfee_sumamt"]), fen(info["fund_pay_sumamt"]), fen(info["acct_pay"]), fen(info["psn_cash_pay"]),
                    {"in": asked.input, "out": said, "lines": [row.sn for row in rows], **kept})  # fmt: skip
        return [step_row(case.member, step, front.seal)]

    try:
        receipt = helping.settle(front.desk, ask, asked.call(beside, case.seen))
    except Refused as refused:
        raise No(told(refused)) from None
    return said_before(front, asked, case.member) if receipt.repeated else said


def said_before_checked(front: Front, asked: Asked, member: str) -> Mapping[str, Any]:
    """The answer that was given; raises No where the message said something else then."""
    kept = front.desk.database.row(
        "SELECT digest FROM answer WHERE scope = :scope AND key = :key", scope=asked.institution.code, key=asked.msgid
    )
    if kept and kept["digest"] != asked.digest:
        raise No("该报文ID已使用且内容不同，请更换msgid")
    return said_before(front, asked, member)


def stop_if_changed(front: Front, case: Case) -> None:
    """Raise Stale where the encounter has a step that was not read."""
    steps = steps_of(front.desk.database, front.seal, case.member, case.encounter.id)
    if (steps[-1].number if steps else 0) != case.encounter.last:
        raise Stale


def reverse(front: Front, asked: Asked, case: Case, setl_id: str, undoes: int = 0) -> Mapping[str, Any]:
    """Take a settlement back: a settlement of its own, with negative amounts. Raises No."""
    original = case.encounter.settled.get(setl_id)
    if original is None:
        raise No(f"结算ID{setl_id}不存在或已撤销")
    if case.encounter.lists.get(setl_id, {}).get("stas_type", NOT_SUBMITTED) != NOT_SUBMITTED:
        raise No("该结算的结算清单已提交，请先将清单状态改回未提交(4102)")
    new = number_of(front, asked)
    said: dict[str, Any] = {}

    def beside(receipt: Receipt, book: Book, settlement: Settlement | None) -> list[Statement]:
        before: Any = original.said["out"]
        back = sum(moved.amount for moved in receipt.moved if moved.credit == chart.personal(case.member))
        said.update(negative(before, new, asked, yuan(book.free(chart.personal(case.member)) + back)))
        step = Kept(receipt.page, case.encounter.id, asked.infno, asked.msgid, asked.institution.code, asked.now, undoes, new, original.scheme,
                    original.clearing, -original.billed, -original.fund, -original.account, -original.cash,
                    {"in": asked.input, "out": said if not undoes else {}, "reverses": setl_id})  # fmt: skip
        return [step_row(case.member, step, front.seal)]

    try:
        receipt = helping.reverse(front.desk, Undo(case.member, bill=setl_id), asked.call(beside))
    except Refused as refused:
        raise No(told(refused)) from None
    return said_before(front, asked, case.member) if receipt.repeated else said


AMOUNTS = ("medfee_sumamt", *CLASSES, "act_pay_dedc", "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hifdm_pay",
           "oth_pay", "fund_pay_sumamt", "psn_part_amt", "acct_pay", "psn_cash_pay", "hosp_part_amt", "acct_mulaid_pay")  # fmt: skip


def negative(before: Mapping[str, Any], setl_id: str, asked: Asked, balance: float) -> dict[str, Any]:
    """The answer of a reversal: what was answered, with its amounts negative."""
    info = {**before["setlinfo"], **{name: -before["setlinfo"][name] or 0 for name in AMOUNTS}}
    info |= {
        "setl_id": setl_id,
        "setl_time": asked.now,
        "balc": balance,
        "medins_setl_id": asked.msgid,
        "exp_content": "",
    }
    if asked.infno == "2208":
        info["pdn_cash_pay"] = info["psn_cash_pay"]  # as the text of 2208 spells it; the other name stays beside it
    rows = [
        {**row, "fund_payamt": -row["fund_payamt"], "inscp_scp_amt": -row["inscp_scp_amt"] or 0}
        for row in before["setldetail"]
    ]
    return {"setlinfo": info, "setldetail": rows}


Draws = tuple[tuple[str, int], ...]


def _answer(
    case: Case, rows: list[Row], data: Input, settlement: Settlement, drawn: Draws, book: Book | None = None
) -> dict[str, Any]:
    """`setlinfo` and `setldetail` of a settlement paid out of these accounts."""
    member = case.member
    own = sum(amount for account, amount in drawn if account == chart.personal(member))
    helped = sum(amount for account, amount in drawn if account.startswith(chart.HELP))
    purse = sum(amount for account, amount in drawn if account == chart.wallet(member))
    account = own + helped + purse
    money = {name: yuan(amount) for name, amount in setlinfo(settlement).items()}
    care = value_of_code("care", med_type_of(case.encounter, data))
    info = {
        "mdtrt_id": case.encounter.id,
        **person_of(case, data.get("insutype", "")),
        "mdtrt_cert_type": data.get("mdtrt_cert_type", ""),
        "med_type": med_type_of(case.encounter, data),
        **money,
        **{name: yuan(amount) for name, amount in sums_of(rows).items()},
        "pool_prop_selfpay": _share(settlement),
        "acct_pay": yuan(account),
        "psn_cash_pay": yuan(settlement.member_pays - account),
        "balc": yuan((book or case.book).free(chart.personal(member)) - own),
        "acct_mulaid_pay": yuan(helped),
        "medins_setl_id": case.asked.msgid,
        "clr_optins": case.front.regions.code(case.file.region(settlement.bill.discharged)) or case.asked.insured,
        "clr_way": "1",
        "clr_type": CLEARING.get(care, "11"),
        "exp_content": "",
    }
    details = detail(settlement)
    own_funds = (
        (ACCOUNT_FUND, "城镇职工基本医疗保险个人账户基金", account),
        (HOSPITAL_FUND, "医院垫付基金", fen(money["hosp_part_amt"])),
    )
    for code, name, amount in own_funds:
        if amount:
            details.append(_row(code, name, 0, amount, ""))
    return {"setlinfo": info, "setldetail": details, "wallet": yuan(purse)}


def detail(settlement: Settlement) -> list[dict[str, Any]]:
    """A row for each layer that paid, with what it looked at and how."""
    found = []
    for at, (layer, paid) in enumerate(zip(settlement.plan.layers, settlement.paid, strict=True)):
        code = fund_pay_type(layer)
        if not paid or layer.cash or code == HOSPITAL_FUND:
            continue
        rows = [(s, t) for s, t in zip(settlement.plan.steps, settlement.trails, strict=True) if s.layer == at]
        bands = [
            {"polItemCode": f"{layer.name[:16]}{band + 1}", "hifpPayInscp": yuan(trail[k.SLICE + band]), "poolPropSelfpay": rate / k.WHOLE,
             "hifpPay": yuan(trail[k.SLICE_PAID + band])}
            for step, trail in rows for band, (_, rate, _) in enumerate(k.bands_of(step.terms)) if trail[k.SLICE + band]]  # fmt: skip
        info = json.dumps(bands[:20], ensure_ascii=False)
        seen = sum(trail[k.SEEN] for _, trail in rows)
        found.append(_row(code, layer.title, seen, paid, info))
    return found


def _row(code: str, name: str, seen: int, paid: int, info: str) -> dict[str, Any]:
    return {"fund_pay_type": code, "inscp_scp_amt": yuan(seen), "crt_payb_lmt_amt": 0, "fund_payamt": yuan(paid),
            "fund_pay_type_name": name[:200], "setl_proc_info": info}  # fmt: skip


def _share(settlement: Settlement) -> float:
    """The share the pool paid of what it counted; the field's name notwithstanding."""
    plan = settlement.plan
    basic = [t for s, t in zip(plan.steps, settlement.trails, strict=True) if plan.layers[s.layer].tier == "basic"]
    counted = sum(sum(t[k.SLICE : k.SLICE + k.BANDS_MAX]) for t in basic)
    return round(settlement.paid_by("basic") / counted, 4) if counted else 0.0


def _extended(found: dict[str, Any], settlement: Settlement, withheld: tuple[str, ...]) -> dict[str, Any]:
    """What the national fields have no room for, in `exp_content`: layers beyond them, products not asked, values not verified."""
    layers = [{"policy": layer.policy, "tier": layer.tier, "title": layer.title, "fund_pay_type": fund_pay_type(layer), "paid": yuan(paid)}
              for layer, paid in zip(settlement.plan.layers, settlement.paid, strict=True) if paid]  # fmt: skip
    unverified = sorted(
        {c.policy for s in settlement.plan.steps for c in s.clauses.values() if c.status == "unverified"}
    )
    wallet = found.pop("wallet")
    said: dict[str, Any] = {"layers": layers} | ({"wallet": wallet} if wallet else {})
    said |= {name: value for name, value in (("withheld", list(withheld)), ("unverified", unverified)) if value}
    words = json.dumps({"duoceng": said}, ensure_ascii=False, separators=(",", ":"))
    while len(words) > EXTENSION_MAX and said["layers"]:
        said["layers"].pop()
        words = json.dumps({"duoceng": {**said, "more": True}}, ensure_ascii=False, separators=(",", ":"))
    found["setlinfo"]["exp_content"] = words
    return found
