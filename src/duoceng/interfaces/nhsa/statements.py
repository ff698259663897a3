"""Queries of settlements: one (5203, 5261, 5262), its lines (5204), chronic drugs (5205), what a person's year came to (5206).

An institution sees its own settlements only; the sums of 5206 are of all institutions. In 5206 the letters of `cum_type_code` are
known from two clients that read them, not from the text: C0000 settlements, F0000 total cost, S0000 cost that went through the
bands of the pool, Q0000 deductible, D and a fund what that fund paid; `_BIZ` and a medical type narrow each.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from duoceng.interfaces.nhsa.bills import med_type_of
from duoceng.interfaces.nhsa.encounter import REVERSES, SETTLES, Row
from duoceng.interfaces.nhsa.front import Asked, Case, Front, No, day, fen, opened, yuan
from duoceng.interfaces.nhsa.queries import begins, encounters_here, ends, filled, known_of, own_encounter, within
from duoceng.interfaces.nhsa.registry import transaction
from duoceng.interfaces.nhsa.words import value_of_code
from duoceng.policy.catalogue import item_at
from duoceng.store.steps import Kept, settled_of

REFUND, NO_REFUND = "1", "0"
PAY_LOC = {"in_city": "2", "in_province": "3", "out_of_province": "4"}
DRUGS = ("09", "10", "11")  # med_chrgitm_type: western, herbal pieces, Chinese patent
LIST_OF_CHARGE = {"08": "301", "09": "101", "10": "102", "11": "101"}
SERVICE = "201"
POOLS = ("3101", "3901")
CLASS_A, CLASS_B = "01", "02"
SPELT = {"med_fee_sumamt": "medfee_sumamt", "prese_ifpay_amt": "preselfpay_amt", "psnCash_pay": "psn_cash_pay", "cert_no": "certno",
         "insu_admdvs": "insu_optins", "inscp_amt": "inscp_scp_amt", "dise_no": "dise_codg", "fix_blng_admdvs": "fixmedins_poolarea"}  # fmt: skip


def settlement_of(front: Front, asked: Asked) -> tuple[Case, Kept]:
    """The settlement, or the refund, a query names. Raises No."""
    data = asked.input["data"]
    case = own_encounter(front, asked, data)
    undone = {step.undoes for step in case.encounter.steps if step.undoes}
    for step in case.encounter.steps:
        if step.setl == data["setl_id"] and not step.undoes and step.number not in undone:
            return case, step
    raise No(f"未查询到结算ID{data['setl_id']}，或已冲正(2601)")


def told(case: Case, step: Kept) -> dict[str, Any]:
    """All that is known of a settlement, by the names of the interface. `refd_setl_flag`: it is a refund, or was refunded."""
    out: Any = step.said["out"]
    info, institution = dict(out["setlinfo"]), case.asked.institution
    stands = step.setl in case.encounter.settled
    home = case.front.regions.code(case.file.region(case.front.today))
    return {
        **known_of(case, case.encounter),
        **{name: value for name, value in info.items() if value is not None},
        "pay_loc": PAY_LOC[case.front.regions.near(home, institution.admdvs)],
        "fixmedins_code": institution.code,
        "fixmedins_name": institution.name,
        "fixmedins_poolarea": institution.admdvs,
        "begndate": begins(case.encounter)[:10],
        "enddate": (ends(case.encounter) or step.at)[:10],
        "psn_pay": info["psn_part_amt"],
        "cash_payamt": info["psn_cash_pay"],
        "refd_setl_flag": NO_REFUND if stands else REFUND,
        "year": step.at[:4],
        "opt_time": step.at,
    }


@transaction("5203")
def settlement(front: Front, asked: Asked) -> Mapping[str, Any]:
    """A settlement, with what each fund paid."""
    case, step = settlement_of(front, asked)
    out: Any = step.said["out"]
    return {
        "setlinfo": filled("5203", "setlinfo", told(case, step)),
        "setldetail": [filled("5203", "setldetail", row) for row in out["setldetail"]],
    }


@transaction("5261")
def statement(front: Front, asked: Asked) -> Mapping[str, Any]:
    """A settlement, as one province spells it."""
    return {"setlinfo": _spelt("5261", *settlement_of(front, asked))}


@transaction("5262")
def statement_by_charge(front: Front, asked: Asked) -> Mapping[str, Any]:
    """A settlement, as one province spells it, with the cost by kind of charge."""
    case, step = settlement_of(front, asked)
    return {"feesttinfo": charges(lines_of(case, step)), "setlinfo": _spelt("5262", case, step)}


def _spelt(number: str, case: Case, step: Kept) -> dict[str, Any]:
    known = told(case, step)
    return filled(number, "setlinfo", {**known, **{other: known.get(name) for other, name in SPELT.items()}})


def lines_of(case: Case, step: Kept) -> list[Row]:
    """The lines of a settlement, as they stand; a refund has none of its own."""
    names: Any = step.said.get("lines") or ()
    return [case.encounter.lines[name] for name in names if name in case.encounter.lines]


def charges(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The cost of lines by kind of charge."""
    found: dict[str, Counter[str]] = {}
    for row in rows:
        answered, amount = row.answered, sum(row.amounts)
        outside, over, first, _ = row.amounts
        lv = answered["chrgitm_lv"]
        found.setdefault(answered["med_chrgitm_type"], Counter()).update(
            {"item_sumamt": amount, "item_claa_amt": amount if lv == CLASS_A else 0, "item_clab_amt": amount if lv == CLASS_B else 0,
             "fulamtOwnpay_amt": outside, "overlmt_selfpay": over, "preselfpay_amt": first})  # fmt: skip
    return [
        {"med_chrgitm_type": charge, **{name: yuan(amount) for name, amount in sums.items()}}
        for charge, sums in sorted(found.items())
    ]


@transaction("5204")
def lines(front: Front, asked: Asked) -> list[dict[str, Any]]:
    """The lines of a settlement; the rows stand directly under output."""
    case, step = settlement_of(front, asked)
    found = []
    for row in lines_of(case, step):
        known = {**line(case, row), "setl_id": step.setl, "opt_time": step.at}
        found.append(filled("5204", "-", known))
    return found


def line(case: Case, row: Row) -> dict[str, Any]:
    """All that is known of a line, by the names of the interface."""
    asked, answered = row.asked, row.answered
    name = str(row.answers.get("title") or asked.get("medins_list_name") or "")
    region = case.front.regions.region(case.asked.institution.admdvs)
    item = item_at(case.front.desk.library, region, asked["med_list_codg"], day(asked["fee_ocur_time"]))
    return {
        **{key: value for key, value in asked.items() if value != ""},
        **answered,
        "psn_no": case.member,
        "fixmedins_code": case.asked.institution.code,
        "fixmedins_name": case.asked.institution.name,
        "med_type": med_type_of(case.encounter, {}) or asked.get("med_type"),
        "hilist_code": asked["med_list_codg"],
        "hilist_name": name,
        "medins_list_name": asked.get("medins_list_name") or name,
        "list_type": (item and item.said.get("list_type")) or LIST_OF_CHARGE.get(answered["med_chrgitm_type"], SERVICE),
    }


@transaction("5205")
def chronic_drugs(front: Front, asked: Asked) -> Mapping[str, Any]:
    """The drugs of settled chronic care at this institution in a time. What other institutions gave is not told."""
    data, rows = asked.input["data"], []
    case = opened(front, asked, data["psn_no"], "")
    for found in encounters_here(front, asked, case.member):
        case.encounter = found
        for row in found.lines.values():
            known = line(case, row)
            chronic = value_of_code("care", str(known["med_type"])) == "chronic"
            if (
                row.setl
                and chronic
                and known["med_chrgitm_type"] in DRUGS
                and within(str(row.asked["fee_ocur_time"]), data)
            ):
                rows.append(filled("5205", "feedetail", known))
    return {"feedetail": rows}


@transaction("5206")
def sums(front: Front, asked: Asked) -> Mapping[str, Any]:
    """What a person's year came to, up to a month: of settlements that stand."""
    data = asked.input["data"]
    case = opened(front, asked, data["psn_no"], "")
    month = data["cum_ym"] or front.today.strftime("%Y%m")
    if not (len(month) == 6 and month.isdecimal()):
        raise No(f"累计年月(cum_ym){month}应为六位年月，如{front.today:%Y%m}")
    found: dict[tuple[str, str], int] = {}
    for step in standing(settled_of(front.desk.database, front.seal, case.member)):
        if step.at[:4] == month[:4] and step.at[:7].replace("-", "") <= month:
            for code, amount in counts(step):
                found[step.scheme, code] = found.get((step.scheme, code), 0) + amount
    return {"cuminfo": [{"insutype": scheme, "year": month[:4], "cum_ym": month, "cum_type_code": code,
                         "cum": amount if code.startswith("C") else yuan(amount)} for (scheme, code), amount in sorted(found.items())]}  # fmt: skip


def standing(steps: list[Kept]) -> list[Kept]:
    """Settlements that were neither refunded nor taken back."""
    gone = {str(step.said["reverses"]) for step in steps if step.undoes or step.infno in REVERSES}
    return [step for step in steps if step.infno in SETTLES and step.setl not in gone]


def counts(step: Kept) -> Iterator[tuple[str, int]]:
    """What a settlement adds to the sums: fen, and one settlement."""
    out: Any = step.said["out"]
    info = out["setlinfo"]
    found = [
        ("C0000", 1),
        ("F0000", step.billed),
        ("S0000", _through_bands(out["setldetail"])),
        ("Q0000", fen(info["act_pay_dedc"])),
    ]
    found += [(f"D{row['fund_pay_type']}", fen(row["fund_payamt"])) for row in out["setldetail"]]
    for code, amount in found:
        yield code, amount
        yield f"{code}_BIZ{info['med_type']}", amount


def _through_bands(rows: list[dict[str, Any]]) -> int:
    return sum(fen(band["hifpPayInscp"]) for row in rows if row["fund_pay_type"].startswith(POOLS)
               for band in json.loads(row["setl_proc_info"] or "[]"))  # fmt: skip
