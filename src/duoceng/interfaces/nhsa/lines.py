"""Fee lines (费用明细): each priced and split by the catalogue of the place of care, and how they come to a bill.

det_item_fee_sumamt = fulamt_ownpay_amt + overlmt_amt + preselfpay_amt + inscp_scp_amt, for every line, to the fen.
A line that says its own class (`chrgitm_lv`, `selfpay_prop`, `pric_uplmt_amt`), as one settled by the basic platform can, is believed.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from duoceng.base.mistakes import Place, Refused
from duoceng.engine.scope import part_of
from duoceng.interfaces.nhsa.check import Input
from duoceng.interfaces.nhsa.encounter import Encounter, Row
from duoceng.interfaces.nhsa.front import Case, No, day, extension, fen, told, yuan
from duoceng.interfaces.nhsa.words import code_of, value_of_code
from duoceng.kernel import columns as k
from duoceng.policy.catalogue import Item, item_at, scope_for
from duoceng.records.bill import Bill, Line, Part, Value
from duoceng.records.plain import plain, whole

NO_LIMIT = 999_999
APPROVED, NOT_APPROVED = "1", "2"
ROUNDING = 5  # fen by which a line may differ from quantity times price
OVER, OUTSIDE = k.KINDS.index("over_price"), k.KIND_COUNT - 1
KIND_OF_CHARGE = {"01": "bed", "03": "exam", "08": "material", "09": "drug", "10": "drug", "11": "drug"}
CHARGE_OF = {
    "drug": "09",
    "material": "08",
    "surgical_material": "08",
    "bed": "01",
    "exam": "03",
    "pet_ct": "03",
    "service": "05",
    "proton": "05",
}


def split(
    case: Case, rows: list[Input], attributes: Mapping[str, Value]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows as the platform answers them, and what the layers ask of each. Raises No, naming the line."""
    seen: set[str] = set()
    answered: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for row in rows:
        sn = row["feedetl_sn"]
        if sn in seen or sn in case.encounter.lines:
            raise No(f"明细流水号{sn}重复上传")
        seen.add(sn)
        first = row.get("init_feedetl_sn")
        if first or Decimal(row["cnt"]) < 0:
            one, said = _returned(case, row, str(first or ""))
        else:
            one, said = _split(case, row, attributes)
        answered.append(one)
        answers.append(said)
    return answered, answers


def _split(case: Case, row: Input, attributes: Mapping[str, Value]) -> tuple[dict[str, Any], dict[str, Any]]:
    when = day(row["fee_ocur_time"])
    region = case.front.regions.region(case.asked.care or case.asked.institution.admdvs)
    item = item_at(case.front.desk.library, region, row["med_list_codg"], when)
    line, memo = _line(row, item), ""
    if case.front.sandbox and item is None and "item_class" not in line.attributes:
        line, memo = (
            replace(line, attributes={**line.attributes, "item_class": "class_a"}),
            "沙箱：目录中没有该编码，按甲类处理",
        )
    file = case.file
    member = replace(file.member(case.member, when, ()), region=file.region(when))
    bill = Bill("lines", when, attributes=attributes, lines=(line,))
    try:
        scoped = scope_for(case.front.desk.library, member, bill)(line, when)
    except Refused as refused:
        if refused.mistakes[0].code == "B016":
            raise No(f"明细{row['feedetl_sn']}：医疗目录编码{row['med_list_codg']}不在就医地目录内或当日无效") from None
        raise No(f"明细{row['feedetl_sn']}：{told(refused)}") from None
    part = part_of(line, scoped)
    words = {name: value for name, value in scoped.attributes.items() if name not in attributes}
    return {**_answered(row, item, part, scoped.borne_first, scoped.price_limit), "memo": memo}, {
        "answers": plain(words),
        "title": line.name,
    }


def _line(row: Input, item: Item | None) -> Line:
    """A row as a line of a bill."""
    amount, quantity, price = fen(row["det_item_fee_sumamt"]), Decimal(row["cnt"]), Decimal(row["pric"])
    if amount < 0 or quantity <= 0 or price < 0:
        raise No(f"明细{row['feedetl_sn']}：金额、数量应为正数，退费请填init_feedetl_sn")
    if abs(int((quantity * price * 100).quantize(Decimal(1), ROUND_HALF_UP)) - amount) > ROUNDING:
        raise No(f"明细{row['feedetl_sn']}：金额{row['det_item_fee_sumamt']}与单价{row['pric']}×数量{row['cnt']}不符")
    answers: dict[str, Value] = {"unit_price": int((price * 100).quantize(Decimal(1), ROUND_HALF_UP))}
    own = {**row, **extension(row)}
    if own.get("chrgitm_lv"):
        answers["item_class"] = value_of_code("item_class", str(own["chrgitm_lv"]))
    if item is None:
        answers["item_kind"] = kind_of(row["med_list_codg"], str(own.get("med_chrgitm_type") or ""))
    if _self_paid(row, item):
        answers["item_class"] = "class_c"
    elif item and _restricted(item):
        answers["indication_met"] = True
    first = int(Decimal(str(own["selfpay_prop"])) * k.WHOLE) if own.get("selfpay_prop") not in (None, "") else None
    limit = own.get("pric_uplmt_amt")
    ceiling = fen(limit) if limit not in (None, "") and Decimal(str(limit)) < NO_LIMIT else None
    return Line(row["med_list_codg"], item.name if item else str(own.get("med_list_name") or ""), amount, int(quantity * 1000),
                day(row["fee_ocur_time"]), first, ceiling, answers, Place(row["feedetl_sn"], 0))  # fmt: skip


def kind_of(code: str, charge: str) -> str:
    """The kind of an item no catalogue has: by its kind of charge, else by the letter national codes begin with."""
    if charge in KIND_OF_CHARGE:
        return KIND_OF_CHARGE[charge]
    return {"X": "drug", "Z": "drug", "T": "drug", "C": "material"}.get(code[:1].upper(), "service")


def _restricted(item: Item) -> bool:
    flag: str = item.said.get("restricted") or ""
    return flag == "yes"


def _self_paid(row: Input, item: Item | None) -> bool:
    """A restricted item is paid only where the hospital approved; any other unless it refused."""
    flag = str(row.get("hosp_appr_flag", ""))
    return flag != APPROVED if item and _restricted(item) else flag == NOT_APPROVED


def _answered(row: Input, item: Item | None, part: Part, first: int, limit: int | None) -> dict[str, Any]:
    item_class = str(part.attributes.get("item_class", "class_a"))
    said = item.said if item else {}
    kind = said.get("charge_kind") or CHARGE_OF.get(str(part.attributes.get("item_kind", "")), "14")
    outside = part.amounts[OUTSIDE]
    return {
        "feedetl_sn": row["feedetl_sn"],
        "det_item_fee_sumamt": yuan(sum(part.amounts)),
        "cnt": float(row["cnt"]),
        "pric": float(row["pric"]),
        "pric_uplmt_amt": NO_LIMIT if limit is None else yuan(limit),
        "selfpay_prop": 1 if outside and not sum(part.amounts) - outside else first / k.WHOLE,
        "fulamt_ownpay_amt": yuan(outside),
        "overlmt_amt": yuan(part.amounts[OVER]),
        "preselfpay_amt": yuan(part.amounts[k.BORNE_FIRST]),
        "inscp_scp_amt": yuan(part.amounts[k.IN_SCOPE]),
        "chrgitm_lv": code_of("item_class", item_class) or "03",
        "med_chrgitm_type": kind,
        "bas_medn_flag": "0",
        "hi_nego_drug_flag": "1" if part.attributes.get("drug_status") == "negotiated" else "0",
        "chld_medc_flag": "0",
        "list_sp_item_flag": "0",
        "lmt_used_flag": "1" if item and _restricted(item) else "0",
        "drt_reim_flag": "0",
        "memo": "",
        "exp_content": "",
    }


SUMS = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")
KINDS = (OUTSIDE, OVER, k.BORNE_FIRST, k.IN_SCOPE)  # in the order of SPLIT
PARTS = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")


def _returned(case: Case, row: Input, first: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A line given back: it takes as much from the line it names, by the same split."""
    original = case.encounter.lines.get(first)
    if original is None:
        raise No(f"明细{row['feedetl_sn']}：退费须填原费用流水号init_feedetl_sn，且原明细{first}已上传")
    if original.setl:
        raise No(f"明细{row['feedetl_sn']}：原明细{first}已结算，请先撤销结算")
    back = [one.answered for one in case.encounter.lines.values() if one.asked.get("init_feedetl_sn") == first]
    amount, count = fen(row["det_item_fee_sumamt"]), Decimal(row["cnt"])
    left = fen(original.answered["det_item_fee_sumamt"]) + sum(fen(one["det_item_fee_sumamt"]) for one in back)
    counted = Decimal(str(original.asked["cnt"])) + sum(Decimal(str(one["cnt"])) for one in back)
    if amount > 0 or count >= 0 or -amount > left or -count > counted:
        raise No(f"明细{row['feedetl_sn']}：退费数量、金额应为负数，且不超过原明细尚余部分")
    parts = {name: fen(original.answered[name]) + sum(fen(one[name]) for one in back) for name in PARTS}
    taken = _shares(parts, -amount, left)
    said = {**original.answered, "feedetl_sn": row["feedetl_sn"], "det_item_fee_sumamt": yuan(amount), "cnt": float(count),
            "pric": float(row["pric"]), **{name: yuan(-taken[name]) for name in PARTS}}  # fmt: skip
    return said, {**original.answers}


def _shares(parts: Mapping[str, int], amount: int, whole_amount: int) -> dict[str, int]:
    """An amount out of parts, in proportion; the last fen where there is most left, never more than there is."""
    if not whole_amount:
        return dict.fromkeys(parts, 0)
    taken = {name: have * amount // whole_amount for name, have in parts.items()}
    rest = amount - sum(taken.values())
    for name in sorted(parts, key=lambda name: taken[name] - parts[name]):
        more = min(rest, parts[name] - taken[name])
        taken[name] += more
        rest -= more
    return taken


def parts_of(rows: list[Row]) -> tuple[Part, ...]:
    """Lines as classified money; a line and what was given back of it together."""
    found: dict[str, list[int]] = {}
    of: dict[str, Row] = {}
    for row in rows:
        first = str(row.asked.get("init_feedetl_sn") or row.sn)
        of.setdefault(first, row)
        if row.sn == first:
            of[first] = row
        amounts = found.setdefault(first, [0] * k.KIND_COUNT)
        for kind, amount in zip(KINDS, row.amounts, strict=True):
            amounts[kind] += amount
    return tuple(Part(tuple(amounts), whole(of[sn].answers["answers"]), day(of[sn].asked["fee_ocur_time"]),
                      of[sn].asked["med_list_codg"], str(of[sn].answers.get("title") or ""))
                 for sn, amounts in found.items())  # fmt: skip


def sums_of(rows: list[Row]) -> dict[str, int]:
    """The cost classes of lines, in fen, as `setlinfo` names them."""

    sums = [sum(row.amounts[at] for row in rows) for at in range(len(SUMS))]
    return {"medfee_sumamt": sum(sums), **dict(zip(SUMS, sums, strict=True))}


def unsettled(encounter: Encounter, batch: str) -> list[Row]:
    """The lines a settlement is about. Raises No where there are none."""
    rows = encounter.open_lines(batch)
    if not rows:
        raise No(
            "没有待结算的费用明细"
            if not encounter.settled
            else "该就诊的费用已结算，不得重复结算；如需更正请先撤销结算"
        )
    return rows
