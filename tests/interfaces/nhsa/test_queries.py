"""What an institution may ask of its own encounters and settlements, and of a person's year; on both databases."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES, a_database
from duoceng.desk.asks import Call
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.interfaces.nhsa.front import Front
from duoceng.store.seal import Identity
from interfaces.nhsa.his import (
    DAY,
    ELSEWHERE,
    PERSON,
    PHARMACY,
    His,
    Said,
    a_front,
    a_his,
    a_line,
    admission,
    diagnoses,
    discharge,
    registration,
    settled_as_tried,
    to_settle,
    to_settle_stay,
)
from interfaces.nhsa.settled import STAY_LINE, missing, named, outpatient, refund, stay, undo

MONTH = {"begntime": "2026-03-01 00:00:00", "endtime": "2026-03-31 00:00:00"}
SPELT = {
    "med_fee_sumamt": "medfee_sumamt",
    "prese_ifpay_amt": "preselfpay_amt",
    "psnCash_pay": "psn_cash_pay",
    "cert_no": "certno",
}


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    with a_database(request.param, tmp_path) as database:
        yield a_front(database)


def of(key: str, **more: Any) -> Said:
    return {"data": {"psn_no": PERSON[key].member, **more}}


def test_encounters_of_a_person(front: Front) -> None:
    his = a_his(front)
    visit, lying = outpatient(his, "1", "3000.00")["mdtrt_id"], his.ok("2401", admission("1"))["result"]["mdtrt_id"]
    cancelled = his.ok("2201", registration("1"))["data"]["mdtrt_id"]
    his.ok("2202", of("1", mdtrt_id=cancelled, ipt_otp_no="M0001"))
    (row,) = his.ok("5201", of("1", **MONTH, med_type="11"))["mdtrtinfo"]
    assert not missing("5201", "mdtrtinfo", row)
    assert (row["mdtrt_id"], row["begntime"], row["endtime"]) == (visit, "2026-03-10 08:40:00", "2026-03-10 09:10:00")
    assert (row["psn_name"], row["certno"], row["insu_optins"], row["insutype"]) == (
        "王建国",
        PERSON["1"].number,
        "110000",
        "310",
    )
    (row,) = his.ok("5201", of("1", **MONTH, med_type="21"))["mdtrtinfo"]
    assert missing("5201", "mdtrtinfo", row) == {"endtime"}  # who lies there has not left
    assert (row["mdtrt_id"], row["inhosp_stas"], row["adm_dept_name"], row["ipt_otp_no"], row["ipt_days"]) == (
        lying,
        "1",
        "呼吸科",
        "Z0001",
        8,
    )
    his.ok("2402", discharge("1", lying))
    (row,) = his.ok("5201", of("1", **MONTH, med_type="21", mdtrt_id=lying))["mdtrtinfo"]
    assert (row["endtime"], row["inhosp_stas"], row["dscg_way"], row["ipt_days"]) == (
        "2026-03-09 00:00:00",
        "0",
        "1",
        7,
    )
    for other in (
        {"mdtrt_id": visit},
        {"med_type": "28"},
        {"begntime": "2026-03-02 10:00:01"},
        {"endtime": "2026-03-01 00:00:00"},
    ):
        assert his.ok("5201", of("1", **{**MONTH, "med_type": "21", **other}))["mdtrtinfo"] == [], other
    assert a_his(front, ELSEWHERE, "310101").ok("5201", of("1", **MONTH, med_type="11"))["mdtrtinfo"] == []
    assert "未查询到" in his.no("5201", {"data": {"psn_no": "404", **MONTH, "med_type": "11"}})


def test_a_day_as_the_end_is_the_whole_day(front: Front) -> None:
    his = a_his(front)
    outpatient(his, "1", "3000.00")
    asked = of("1", begntime="2026-03-10", endtime="2026-03-10", med_type="11")
    assert len(his.ok("5201", asked)["mdtrtinfo"]) == 1
    asked["data"]["endtime"] = "2026-03-10 08:39:59"
    assert his.ok("5201", asked)["mdtrtinfo"] == []


def test_diagnoses_of_an_encounter(front: Front) -> None:
    his = a_his(front)
    lying = his.ok("2401", admission("1"))["result"]["mdtrt_id"]
    left = discharge("1", lying)
    row = {**admission("1")["diseinfo"][0], "mdtrt_id": lying, "diag_code": "J15.900", "diag_name": "细菌性肺炎"}
    his.ok("2402", {**left, "diseinfo": [row]})
    rows = his.ok("5202", of("1", mdtrt_id=lying))["diseinfo"]
    assert [missing("5202", "diseinfo", row) for row in rows] == [set(), set()]
    assert [(row["diag_code"], row["inout_diag_type"], row["maindiag_flag"]) for row in rows] == [
        ("J18.900", "1", "1"),
        ("J15.900", "2", "1"),
    ]
    assert len({row["diag_info_id"] for row in rows}) == 2
    visit = his.ok("2201", registration("2"))["data"]["mdtrt_id"]
    assert his.ok("5202", of("2", mdtrt_id=visit))["diseinfo"] == []
    his.ok("2203", diagnoses("2", visit))
    (row,) = his.ok("5202", of("2", mdtrt_id=visit))["diseinfo"]
    assert not missing("5202", "diseinfo", row)
    assert (row["diag_code"], row["maindiag_flag"], row["diag_srt_no"]) == ("J06.900", "1", 1)
    assert "不属于本机构" in a_his(front, ELSEWHERE, "310101").no("5202", of("1", mdtrt_id=lying))
    assert "未查询到" in his.no("5202", of("1", mdtrt_id="404"))


def settled_stay(his: His) -> tuple[Said, list[Said]]:
    """A stay of person 4 with lines of several kinds; the answer, and the lines as they were answered."""
    name = his.ok("2401", admission("4"))["result"]["mdtrt_id"]
    codes = (
        ("S1", "SBX-S0004", "9000.00"),
        ("S2", "SBX-X0002", "100.00"),
        ("S3", "SBX-C0002", "30.00"),
        ("S4", "SBX-X0002", "20.00"),
    )
    lines = his.ok(
        "2301", {"feedetail": [a_line("4", name, sn, code, price, **STAY_LINE) for sn, code, price in codes]}
    )["result"]
    his.ok("2402", discharge("4", name))
    return settled_as_tried(his, "2303", "2304", to_settle_stay("4", name, "9150.00")), lines


def test_a_settlement(front: Front) -> None:
    his = a_his(front)
    found, _ = settled_stay(his)
    info = found["setlinfo"]
    said = his.ok("5203", {"data": named(info)})
    row = said["setlinfo"]
    assert not missing("5203", "setlinfo", row)
    assert said["setldetail"] == found["setldetail"]
    assert not missing("5203", "setldetail", said["setldetail"][0]) - {"setl_proc_info"}
    assert {name: row[name] for name in row if name in info} == {name: info[name] for name in row if name in info}
    assert (row["psn_pay"], row["cash_payamt"]) == (info["psn_part_amt"], info["psn_cash_pay"])
    assert (row["begndate"], row["enddate"], row["year"], row["refd_setl_flag"], row["pay_loc"]) == (
        "2026-03-02",
        "2026-03-09",
        "2026",
        "0",
        "2",
    )
    back = refund(his, info, "2305")
    assert his.ok("5203", {"data": named(info)})["setlinfo"]["refd_setl_flag"] == "1"
    row = his.ok("5203", {"data": named({**info, "setl_id": back["setl_id"]})})["setlinfo"]
    assert (row["medfee_sumamt"], row["refd_setl_flag"], row["psn_pay"]) == (-9150, "1", -info["psn_part_amt"])
    assert "不属于本机构" in a_his(front, ELSEWHERE, "310101").no("5203", {"data": named(info)})
    assert "未查询到结算ID404" in his.no("5203", {"data": {**named(info), "setl_id": "404"}})
    undone = outpatient(his, "1", "3000.00")
    undo(his, "1", his.last)
    assert "已冲正" in his.no("5203", {"data": named(undone)})


def test_care_in_another_province_is_paid_there(front: Front) -> None:
    his = a_his(front, insured="310000")
    info = stay(his, "7", "9000.00")["setlinfo"]
    assert his.ok("5203", {"data": named(info)})["setlinfo"]["pay_loc"] == "4"


def test_lines_of_a_settlement(front: Front) -> None:
    his = a_his(front)
    found, answered = settled_stay(his)
    info = found["setlinfo"]
    rows = his.ok("5204", {"data": named(info)})
    assert isinstance(rows, list)
    assert [missing("5204", "-", row) for row in rows] == [{"dosform_name"}] * 4  # the invented catalogue has no forms
    assert [{name: row[name] for name in row if name in one} for row, one in zip(rows, answered, strict=True)] == [
        {name: one[name] for name in one if name in row} for row, one in zip(rows, answered, strict=True)]  # fmt: skip
    assert [row["list_type"] for row in rows] == ["201", "101", "301", "101"]
    assert rows[1]["hilist_name"] == "示例片剂乙"
    assert {row["setl_id"] for row in rows} == {info["setl_id"]}
    assert sum(row["det_item_fee_sumamt"] for row in rows) == info["medfee_sumamt"]
    his.ok(
        "2204",
        {
            "feedetail": [
                a_line("1", visit := his.ok("2201", registration("1"))["data"]["mdtrt_id"], "L1", "SBX-S0001", "5.00")
            ]
        },
    )
    assert "未查询到" in his.no("5204", of("1", mdtrt_id=visit, setl_id=info["setl_id"]))


def test_a_settlement_as_one_province_spells_it(front: Front) -> None:
    his = a_his(front)
    found, _ = settled_stay(his)
    info = found["setlinfo"]
    one, two = (his.ok(infno, {"data": named(info)}) for infno in ("5261", "5262"))
    assert not missing("5261", "setlinfo", one["setlinfo"])
    assert one["setlinfo"] == two["setlinfo"]
    for theirs, ours in {
        **SPELT,
        **{
            name: name
            for name in ("hifp_pay", "maf_pay", "fund_pay_sumamt", "setl_id", "hosp_part_amt", "psn_part_amt")
        },
    }.items():
        assert one["setlinfo"][theirs] == info[ours], theirs
    rows = two["feesttinfo"]
    assert [missing("5262", "feesttinfo", row) for row in rows] == [set()] * 3
    assert {row["med_chrgitm_type"]: (row["item_sumamt"], row["item_claa_amt"], row["item_clab_amt"]) for row in rows} == {
        "06": (9000, 9000, 0), "08": (30, 0, 0), "09": (120, 0, 120)}  # fmt: skip
    assert sum(row["fulamtOwnpay_amt"] for row in rows) == info["fulamt_ownpay_amt"] == 30
    assert sum(row["preselfpay_amt"] for row in rows) == info["preselfpay_amt"] == 12


def sums(his: His, key: str, **more: Any) -> dict[str, float]:
    rows = his.ok("5206", of(key, **more))["cuminfo"]
    assert not any(missing("5206", "cuminfo", row) for row in rows)
    return {row["cum_type_code"]: row["cum"] for row in rows}


def test_what_a_year_came_to(front: Front) -> None:
    """Of all institutions; without what was refunded or taken back; up to a month."""
    his, other = a_his(front), a_his(front, "H11010500002")
    assert sums(his, "1") == {}
    one, two = outpatient(his, "1", "3000.00"), outpatient(other, "1", "2000.00")
    refund(his, outpatient(his, "1", "70.00"))
    outpatient(his, "1", "80.00")
    undo(his, "1", his.last)
    found = sums(his, "1")
    pool = one["hifp_pay"] + two["hifp_pay"]
    assert pool > 0
    assert found["C0000"] == found["C0000_BIZ11"] == 2
    assert found["F0000"] == found["F0000_BIZ11"] == 5000
    assert found["Q0000"] == one["act_pay_dedc"] + two["act_pay_dedc"] > 0
    assert found["S0000"] == 5000 - found["Q0000"]  # all of it was in scope
    assert found["D310102"] == found["D310102_BIZ11"] == pool
    assert {code for code in found if code.startswith("D")} == {"D310102", "D310102_BIZ11"}
    assert sums(his, "1", cum_ym="202603") == found
    assert sums(his, "1", cum_ym="202602") == sums(his, "1", cum_ym="202512") == {}
    front.desk.clock.now = DAY + timedelta(days=30)  # type: ignore[attr-defined]
    his.sign_in()
    assert sums(his, "1") == found
    assert his.ok("5206", of("1"))["cuminfo"][0]["cum_ym"] == "202604"
    assert sums(his, "2") == {}
    assert "应为六位年月" in his.no("5206", of("1", cum_ym="2026-3"))


def test_sums_by_medical_type_and_fund(front: Front) -> None:
    his = a_his(front)
    found = stay(his, "4", "9000.00")
    paid = {f"D{row['fund_pay_type']}": row["fund_payamt"] for row in found["setldetail"]}
    assert set(paid) == {"D390100", "D610100"}
    said = sums(his, "4")
    assert {code: said[code] for code in paid} == paid
    assert said["F0000_BIZ21"] == 9000
    assert {row["insutype"] for row in his.ok("5206", of("4"))["cuminfo"]} == {"390"}


def test_who_lies_in_a_bed(front: Front) -> None:
    his = a_his(front)
    first, second = (his.ok("2401", admission(key))["result"]["mdtrt_id"] for key in ("1", "4"))
    guest = his.ok("2401", admission("7"))["result"]["mdtrt_id"]
    left, cancelled = (his.ok("2401", admission(key))["result"]["mdtrt_id"] for key in ("2", "3"))
    his.ok("2402", discharge("2", left))
    his.ok("2404", of("3", mdtrt_id=cancelled))
    undone = his.ok("2401", admission("5"))
    undo(his, "5", his.last, "2401")
    assert undone
    rows = his.ok("5303", {"data": {"psn_no": "", **MONTH}})["data"]
    assert [missing("5303", "data", row) for row in rows] == [set()] * 3
    assert {row["mdtrt_id"]: row["out_flag"] for row in rows} == {first: "0", second: "0", guest: "1"}
    assert {row["psn_name"] for row in rows} == {"王建国", "赵秀英", "沈国栋"}
    assert [row["mdtrt_id"] for row in his.ok("5303", of("1", **MONTH))["data"]] == [first]
    assert his.ok("5303", of("2", **MONTH))["data"] == []
    his.ok("2405", of("2", mdtrt_id=left))
    assert [row["mdtrt_id"] for row in his.ok("5303", of("2", **MONTH))["data"]] == [left]
    assert len(his.ok("5303", {"data": {"psn_no": "", **MONTH}})["data"]) == 4
    for other in ({"begntime": "2026-03-03 00:00:00"}, {"endtime": "2026-03-01 00:00:00"}):
        assert his.ok("5303", {"data": {"psn_no": "", **MONTH, **other}})["data"] == []
    assert a_his(front, ELSEWHERE, "310101").ok("5303", {"data": {"psn_no": "", **MONTH}})["data"] == []


NANNING = "45010000000000000011"


def test_chronic_drugs(front: Front) -> None:
    """Settled lines of chronic care that are drugs, in a time, here. Nanning's rule for chronic care was read."""
    begins = date(2024, 1, 1)
    facts = (Fact("enrolment", begins, answers={"scheme": "resident", "status": "adult", "age": 60, "aid": "none"}, region="nanning"),
             Fact("filing", begins, answers={"conditions": frozenset({"diabetes"})}))  # fmt: skip
    enrol(
        front.desk,
        Told(NANNING, facts, front.seal.seal(NANNING, Identity("韦一", "450101196001010018")), ""),
        Call("t", "t", "n"),
    )
    his = a_his(front, "H45010000001", "450100", "450100")
    me: Said = {"psn_no": NANNING, "insutype": "390"}
    name = his.ok("2201", {"data": {**registration("4")["data"], **me}})["data"]["mdtrt_id"]
    told = diagnoses("4", name, "14", "糖尿病", "E11.900")
    his.ok("2203", {**told, "mdtrtinfo": {**told["mdtrtinfo"], **me}})

    def lines(batch: str, *codes: str) -> list[Said]:
        return [
            {**a_line("4", name, f"{batch}{at}", code, "100.00", med_type="14", chrg_bchno=batch), **me}
            for at, code in enumerate(codes)
        ]

    his.ok("2204", {"feedetail": [*lines("B1", "SBX-X0001", "SBX-S0002", "SBX-T0001"), *lines("B2", "SBX-X0002")]})
    given = {"data": {**to_settle("4", name, "300.00", "14")["data"], **me}}
    settled_as_tried(his, "2206", "2207", given)
    rows = his.ok("5205", {"data": {**me, **MONTH}})["feedetail"]
    assert [missing("5205", "feedetail", row) for row in rows] == [{"spec"}] * 2
    assert [(row["med_list_codg"], row["list_type"], row["med_type"]) for row in rows] == [
        ("SBX-X0001", "101", "14"),
        ("SBX-T0001", "102", "14"),
    ]
    assert his.ok("5205", {"data": {**me, "begntime": "2026-03-11 00:00:00"}})["feedetail"] == []
    assert a_his(front).ok("5205", {"data": {**me, **MONTH}})["feedetail"] == []
    outpatient(a_his(front, "H11010500002"), "1", "30.00", "SBX-X0001")
    assert a_his(front, "H11010500002").ok("5205", of("1", **MONTH))["feedetail"] == []


def test_a_pharmacy_asks_too(front: Front) -> None:
    shop = a_his(front, PHARMACY)
    assert shop.ok("5201", of("1", **MONTH, med_type="41"))["mdtrtinfo"] == []
    assert shop.ok("5303", {"data": {"psn_no": "", **MONTH}})["data"] == []
