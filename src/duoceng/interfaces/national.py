"""The national interface's own fields, read off a settlement: `setlinfo` and `setldetail` of the 定点医药机构接口规范.

The identities of the text hold for every settlement, to the fen:

    medfee_sumamt   = fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_scp_amt
    medfee_sumamt   = fund_pay_sumamt + psn_part_amt + hosp_part_amt
    fund_pay_sumamt = hifp + cvlserv + hifes + hifmi + hifob + maf + hifdm + oth
    psn_part_amt    = acct_pay + psn_cash_pay
"""

from duoceng.kernel import columns as k
from duoceng.records.plan import LayerInfo
from duoceng.records.settlement import Settlement

# Field by the first digits of the fund payment type (基金支付类型), longest first; anything else is oth_pay.
FIELD_OF = (("3902", "hifmi_pay"), ("3903", "hifmi_pay"), ("310", "hifp_pay"), ("390", "hifp_pay"), ("320", "cvlserv_pay"), ("330", "hifob_pay"),
            ("350", "hifdm_pay"), ("370", "hifes_pay"), ("610", "maf_pay"), ("99999", "hosp_part_amt"))  # fmt: skip
FIELD_OF_TIER = {"basic": "hifp_pay", "critical_illness": "hifmi_pay", "large_amount": "hifob_pay", "assistance": "maf_pay",
                 "civil_servant": "cvlserv_pay", "package": "hosp_part_amt"}  # fmt: skip
FUNDS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "hifdm_pay", "oth_pay")


def field_of(layer: LayerInfo) -> str:
    """The field of `setlinfo` that a layer's payment belongs to."""
    if layer.payer[:1].isdigit():
        return next((name for prefix, name in FIELD_OF if layer.payer.startswith(prefix)), "oth_pay")
    return FIELD_OF_TIER.get(layer.tier, "oth_pay") if layer.settled_before or layer.payer == "hospital" else "oth_pay"


# Fund payment type of who pays without being a fund of the state: insurers of city and commercial products stand where captured answers
# have them (620100, there 特惠保补偿金 or 商业保险责任), hospitals under a package at 医院垫付基金.
FUND_OF_PAYER = {"insurer": "620100", "hospital": "999996"}
OTHER_FUND = "999997"


def fund_pay_type(layer: LayerInfo) -> str:
    """The fund payment type (基金支付类型) of a layer."""
    return layer.payer if layer.payer[:1].isdigit() else FUND_OF_PAYER.get(layer.payer, OTHER_FUND)


def setlinfo(settlement: Settlement) -> dict[str, int]:
    """The amounts of `setlinfo`, in fen. Benefits in cash are no part of a bill and stand outside."""
    found = dict.fromkeys((*FUNDS, "hosp_part_amt"), 0)
    for layer, paid in zip(settlement.plan.layers, settlement.paid, strict=True):
        if not layer.cash:
            found[field_of(layer)] += paid
    brought = [sum(c.amounts[kind] for c in settlement.charges) for kind in range(k.KIND_COUNT)]
    whole = settlement.billed
    first = brought[k.BORNE_FIRST] + brought[k.BORNE_FIRST_ELSEWHERE] + _borne_first_here(settlement)
    account = min(settlement.member_pays, settlement.bill.account_balance or 0)
    return {
        "medfee_sumamt": whole,
        "fulamt_ownpay_amt": brought[8],
        "overlmt_selfpay": brought[7],
        "preselfpay_amt": first,
        "inscp_scp_amt": whole - brought[8] - brought[7] - first,
        "act_pay_dedc": _moved(settlement, k.DEDUCTED, "basic"),
        **{name: found[name] for name in FUNDS},
        "fund_pay_sumamt": sum(found[name] for name in FUNDS),
        "psn_part_amt": settlement.member_pays,
        "acct_pay": account,
        "psn_cash_pay": settlement.member_pays - account,
        "hosp_part_amt": found["hosp_part_amt"],
    }


def setldetail(settlement: Settlement) -> list[dict[str, object]]:
    """One row for each layer that paid: fund payment type, its name, what it looked at, what it paid (fen)."""
    rows = []
    for at, (layer, paid) in enumerate(zip(settlement.plan.layers, settlement.paid, strict=True)):
        if paid and not layer.cash:
            seen = sum(
                t[k.SEEN] for s, t in zip(settlement.plan.steps, settlement.trails, strict=True) if s.layer == at
            )
            rows.append(
                {
                    "fund_pay_type": fund_pay_type(layer),
                    "fund_pay_type_name": layer.title,
                    "inscp_scp_amt": seen,
                    "fund_payamt": paid,
                }
            )
    return rows


def _borne_first_here(settlement: Settlement) -> int:
    """What a layer itself moved out of scope to be borne first."""
    return sum(trail[k.FIRST] for trail in settlement.trails)


def _moved(settlement: Settlement, column: int, tier: str) -> int:
    layers = settlement.plan.layers
    return sum(
        t[column] for s, t in zip(settlement.plan.steps, settlement.trails, strict=True) if layers[s.layer].tier == tier
    )
