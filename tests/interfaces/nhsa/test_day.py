"""A hospital's day in the national language, over HTTP, on both databases."""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from databases import ENGINES, a_database
from duoceng.desk import wallets
from duoceng.desk.asks import Call
from duoceng.desk.codes import BASIC, issue
from duoceng.desk.enrol import Told, enrol
from duoceng.desk.people import Fact
from duoceng.interfaces.nhsa.app import application
from duoceng.interfaces.nhsa.fields import table_of
from duoceng.interfaces.nhsa.files import text_of, write_table
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.rest.service import Windows
from duoceng.store.pages import trial_balance
from interfaces.nhsa.his import (
    ELSEWHERE,
    HOSPITAL,
    PERSON,
    PHARMACY,
    His,
    a_front,
    a_line,
    admission,
    diagnoses,
    discharge,
    person,
    registration,
    settled_as_tried,
    to_settle,
    to_settle_stay,
    verified,
)

PATHS = (
    "/fsi/api/rsfComIfsService/callService",
    "/fsi/api/rsfComIfsService/callService/{infno}",
    "/mbs/fmi/fsi/api/callFsiService/callService",
    "/",
)


@pytest.fixture(params=ENGINES)
def hospital(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator["Hospital"]:
    with a_database(request.param, tmp_path) as database:
        front = a_front(database)
        with TestClient(application(front, Windows(4, 16))) as client:
            yield Hospital(front, client)


class Hospital:
    def __init__(self, front: Front, client: TestClient):
        self.front, self.client, self.turn = front, client, 0

    def his(self, code: str = HOSPITAL, care: str = "110105", insured: str = "110000") -> His:
        def send(body: bytes) -> bytes:
            self.turn += 1
            path = PATHS[self.turn % len(PATHS)].format(infno="2207")  # the number in the path is not looked at
            return self.client.post(path, content=body, headers={"content-type": "text/plain"}).content

        return His(send, code, care, insured).sign_in()


def registered(his: His, key: str, lines: list[tuple[str, str]], med_type: str = "11") -> tuple[str, str]:
    """Somebody registered, with diagnoses and lines; the encounter and the total."""
    name = his.ok("2201", registration(key))["data"]["mdtrt_id"]
    his.ok("2203", diagnoses(key, name, med_type))
    rows = [a_line(key, name, f"L{at}", code, price) for at, (code, price) in enumerate(lines, 1)]
    answered = his.ok("2204", {"feedetail": rows})["result"]
    assert [row["feedetl_sn"] for row in answered] == [row["feedetl_sn"] for row in rows]
    return name, f"{sum(float(price) for _, price in lines):.2f}"


def test_a_day(hospital: Hospital) -> None:
    his = hospital.his()
    found = his.ok("1101", {"data": person("1")})
    assert found["baseinfo"]["psn_no"] == PERSON["1"].member
    assert [row["insutype"] for row in found["insuinfo"]] == ["310"]
    funds = his.ok("2001", {"data": {"psn_no": PERSON["1"].member, "insutype": "310", "fixmedins_code": HOSPITAL, "med_type": "11",
                                     "begntime": "2026-03-10 08:00:00"}})["trtinfo"]  # fmt: skip
    assert {"fund_pay_type": "310102", "trt_enjymnt_flag": "1"}.items() <= funds[0].items()

    # out-patient: 5000 in scope, 10 % of 1000 borne first
    name, total = registered(his, "1", [("SBX-S0001", "4000.00"), ("SBX-X0002", "1000.00")])
    info = first = settled_as_tried(his, "2206", "2207", to_settle("1", name, total, acct_used_flag="1"))["setlinfo"]
    assert (info["medfee_sumamt"], info["preselfpay_amt"], info["inscp_scp_amt"]) == (5000, 100, 4900)
    assert (info["act_pay_dedc"], info["hifp_pay"], info["psn_part_amt"]) == (1300, 3240, 1760)  # (4900 - 1300) x 90 %
    assert (info["acct_pay"], info["psn_cash_pay"], info["balc"]) == (1760, 0, 240)

    # a second one, cancelled: the year is as before
    other, total = registered(his, "1", [("SBX-S0002", "100.00")])
    again = settled_as_tried(his, "2206", "2207", to_settle("1", other, total))["setlinfo"]
    assert again["hifp_pay"] == 90
    back = his.ok("2208", {"data": {"setl_id": again["setl_id"], "mdtrt_id": other, "psn_no": PERSON["1"].member}})[
        "setlinfo"
    ]
    assert (back["medfee_sumamt"], back["hifp_pay"], back["pdn_cash_pay"]) == (-100, -90, -10)
    his.ok("2205", {"data": {"mdtrt_id": other, "chrg_bchno": "0000", "psn_no": PERSON["1"].member}})
    his.ok("2202", {"data": {"psn_no": PERSON["1"].member, "mdtrt_id": other, "ipt_otp_no": "M0001"}})

    # a stay, with a line given back; then one whose answer was lost
    stay = his.ok("2401", admission("4"))["result"]["mdtrt_id"]
    lines = [
        a_line("4", stay, f"S{at}", "SBX-S0004", "3000.00", fee_ocur_time="2026-03-04 10:00:00") for at in range(10)
    ]
    his.ok("2301", {"feedetail": lines})
    his.ok(
        "2301",
        {
            "feedetail": [
                a_line(
                    "4",
                    stay,
                    "R1",
                    "SBX-S0004",
                    "3000.00",
                    "-1",
                    init_feedetl_sn="S1",
                    fee_ocur_time="2026-03-04 10:00:00",
                )
            ]
        },
    )
    his.ok("2402", discharge("4", stay))
    given = to_settle_stay("4", stay, "27000.00")
    lost = settled_as_tried(his, "2303", "2304", given)["setlinfo"]
    his.ok("2601", {"data": {"psn_no": PERSON["4"].member, "omsgid": his.last, "oinfno": "2304"}})
    found = settled_as_tried(his, "2303", "2304", given)
    info = found["setlinfo"]
    assert (info["fund_pay_sumamt"], info["psn_part_amt"]) == (lost["fund_pay_sumamt"], lost["psn_part_amt"])
    assert {row["fund_pay_type"]: row["fund_payamt"] for row in found["setldetail"]} == {
        "390100": info["hifp_pay"],
        "610100": info["maf_pay"],
    }
    assert (info["hifp_pay"], info["maf_pay"], info["psn_part_amt"]) == (19275, 6566.25, 1158.75)

    # a message that never arrived is taken back, and may not arrive later
    his.ok("2601", {"data": {"psn_no": PERSON["4"].member, "omsgid": "LOST-1", "oinfno": "2207"}})
    assert "先撤销" in his.no("2201", registration("4"), "LOST-1") or "D005" in his.no(
        "2201", registration("4"), "LOST-1"
    )

    # a pharmacy
    shop = hospital.his(PHARMACY)
    drug = {**a_line("2", "", "P1", "SBX-X0001", "30.00"), "med_type": "41"}
    said = {"druginfo": {"psn_no": PERSON["2"].member, **person("2"), "psn_type": "11", "begntime": "2026-03-10 10:00:00", "medfee_sumamt": "30.00",
                         "insutype": "310", "acct_used_flag": "1", "med_type": "41"}, "drugdetail": [drug]}  # fmt: skip
    assert "没有" in shop.no("2102", said) or "B024" in shop.no(
        "2102", said
    )  # no rule of Beijing's pharmacies was read

    # reconciliation of the out-patients: one settled, one settled and refunded; it balances, and with a row too many it does not
    month = {
        "insutype": "310",
        "clr_type": "11",
        "setl_optins": "110000",
        "stmt_begndate": "2026-03-10",
        "stmt_enddate": "2026-03-10",
    }
    sums = {
        "medfee_sumamt": "5000.00",
        "fund_pay_sumamt": "3240.00",
        "acct_pay": "1760.00",
        "fixmedins_setl_cnt": "3",
        "fixmedins_refd_setl_flag": "1",
    }
    assert his.ok("3201", {"data": {**month, **sums}})["stmtinfo"]["stmt_rslt"] == "0"
    off = his.ok("3201", {"data": {**month, **sums, "medfee_sumamt": "5100.00"}})["stmtinfo"]
    assert (off["stmt_rslt"], "机构5100.00，中心5000.00" in off["stmt_rslt_dscr"]) == ("1", True)
    columns = [field.name for field in table_of("3202").columns(">>")]  # type: ignore[union-attr]
    mine = {"setl_id": first["setl_id"], "mdtrt_id": name, "psn_no": PERSON["1"].member, "medfee_sumamt": "5000.00", "fund_pay_sumamt": "3240.01",
            "acct_pay": "1760.00", "refd_setl_flag": "0"}  # fmt: skip
    content = b64encode(write_table(columns, [mine])).decode()
    sent = his.ok("9101", {"fsUploadIn": {"in": content, "filename": "a.zip", "fixmedins_code": HOSPITAL}})
    rows = {**month, "medfee_sumamt": "5000.00", "fund_pay_sumamt": "3240.01", "cash_payamt": "0.00", "fixmedins_setl_cnt": "1",
            "fixmedins_refd_setl_flag": "1", "file_qury_no": sent["file_qury_no"]}  # fmt: skip
    result = his.ok("3202", {"data": rows})["fileinfo"]
    asked = {
        "fsDownloadIn": {
            "file_qury_no": result["file_qury_no"],
            "filename": result["filename"],
            "fixmedins_code": HOSPITAL,
        }
    }
    lines = text_of(his.send(json.dumps(his.envelope("9102", asked)).encode())).splitlines()
    assert len(lines) == 3  # one whose fund differs, two that only the centre has
    assert sum("3240" in line for line in lines) == 1

    # signed out: nothing more
    sign_no = his.sign_no
    his.ok("9002", {"signOut": {"sign_no": sign_no, "opter_no": "0001"}})
    assert "签到" in his.no("1101", {"data": person("1")})

    assert sum(trial_balance(hospital.front.desk.database).values()) == 0
    assert not verified(hospital.front)


def test_care_in_another_city(hospital: Hospital) -> None:
    """Catalogue of the place of care, benefits of the insured place, and its city product without asking."""
    his = hospital.his(HOSPITAL, "110105", "310000")
    name = his.ok("2401", admission("7"))["result"]["mdtrt_id"]
    lines = [a_line("7", name, "S1", "SBX-S0004", "60000.00", fee_ocur_time="2026-03-04 10:00:00"),
             a_line("7", name, "S2", "SBX-X0004", "40000.00", fee_ocur_time="2026-03-04 10:00:00")]  # fmt: skip
    his.ok("2301", {"feedetail": lines})
    his.ok("2402", discharge("7", name))
    found = settled_as_tried(his, "2303", "2304", to_settle_stay("7", name, "100000.00"))
    info = found["setlinfo"]
    assert info["clr_optins"] == "310000"
    assert (info["hifp_pay"], info["oth_pay"], info["psn_part_amt"]) == (
        49725,
        19600,
        30675,
    )  # (60000 - 1500) x 85 %; 沪惠保 (40000 - 12000) x 70 %
    assert [(row["fund_pay_type"], row["fund_payamt"]) for row in found["setldetail"]] == [
        ("310100", 49725),
        ("620100", 19600),
    ]
    assert not verified(hospital.front)


def test_a_filing_is_honoured(hospital: Hospital) -> None:
    """Jiangmen pays 83 % in a tertiary hospital: 20 points less elsewhere, 10 less where referred, none less where settled there for long."""
    his = hospital.his(HOSPITAL, "110105", "440700")
    member = PERSON["0"].member
    stay = his.ok("2401", admission("0"))["result"]["mdtrt_id"]
    his.ok(
        "2301", {"feedetail": [a_line("0", stay, "S1", "SBX-S0004", "9000.00", fee_ocur_time="2026-03-04 10:00:00")]}
    )
    his.ok("2402", discharge("0", stay))

    def share() -> float:
        found: float = his.ok("2303", to_settle_stay("0", stay, "9000.00"))["setlinfo"]["pool_prop_selfpay"]
        return found

    assert share() == 0.63
    number = his.ok("2501", {"refmedin": {"psn_no": member, "diag_code": "J18.900", "diag_name": "肺炎", "reflin_medins_no": HOSPITAL,
                                          "reflin_medins_name": "示例", "mdtrtarea_admdvs": "110105", "refl_type": "3", "refl_date": "2026-03-01",
                                          "refl_rea": "病情需要", "refl_opnn": "同意", "begndate": "2026-03-01"}})["result"]["trt_dcla_detl_sn"]  # fmt: skip
    assert (
        his.ok("5304", {"data": {"psn_no": member, "begntime": "2026-01-01 00:00:00"}})["refmedin"][0][
            "reflin_medins_no"
        ]
        == HOSPITAL
    )
    assert share() == 0.73
    his.ok("2502", {"data": {"trt_dcla_detl_sn": number, "psn_no": member, "memo": "取消"}})
    assert share() == 0.63
    his.ok("2505", {"data": {"psn_no": member, "biz_appy_type": "08", "begndate": "2026-01-01", "fix_srt_no": "1", "fixmedins_code": HOSPITAL,
                             "fixmedins_name": "示例"}})  # fmt: skip
    assert share() == 0.83


def test_filings_are_honoured(hospital: Hospital) -> None:
    """A chronic filing becomes a fact of the member's file, and its end takes it away again."""
    his = hospital.his()
    member = PERSON["1"].member
    filing = {"data": {"psn_no": member, "insutype": "310", "opsp_dise_code": "M03900", "opsp_dise_name": "高血压", "insu_optins": "110000",
                       "ide_fixmedins_no": HOSPITAL, "ide_fixmedins_name": "示例", "hosp_ide_date": "2026-01-05", "diag_dr_codg": "D1",
                       "diag_dr_name": "张", "begndate": "2026-01-06"}}  # fmt: skip
    number = his.ok("2503", filing)["result"]["trt_dcla_detl_sn"]
    assert "已有" in his.no("2503", filing)
    assert [row["opsp_dise_code"] for row in his.ok("5301", {"data": {"psn_no": member}})["feedetail"]] == ["M03900"]
    his.ok("2504", {"data": {"trt_dcla_detl_sn": number, "psn_no": member, "memo": "错报"}})
    assert his.ok("5301", {"data": {"psn_no": member}})["feedetail"] == []


def test_another_hospital_sees_nothing(hospital: Hospital) -> None:
    mine, theirs = hospital.his(), hospital.his(ELSEWHERE, "310101")
    name, total = registered(mine, "1", [("SBX-S0001", "50.00")])
    assert "不属于本机构" in theirs.no("2206", to_settle("1", name, total))
    assert "不属于本机构" in theirs.no("2204", {"feedetail": [a_line("1", name, "X1", "SBX-S0001", "50.00")]})


def test_a_code_shown_says_who_it_is(hospital: Hospital) -> None:
    his = hospital.his()
    code, _ = issue(hospital.front.desk, PERSON["3"].member, BASIC)
    shown = {"data": {**person("1"), "mdtrt_cert_type": "01", "mdtrt_cert_no": code}}
    assert his.ok("1101", shown)["baseinfo"]["psn_name"] == "李小禾"
    assert "姓名" in his.no("1101", {"data": {**person("1"), "psn_name": "张三"}})
    assert "未查询到" in his.no(
        "1101", {"data": {**person("1"), "certno": "110105199001010017", "mdtrt_cert_no": "110105199001010017"}}
    )


def test_a_relative_helps(hospital: Hospital) -> None:
    """The father's account first, then the son's; what the son gave goes back to him."""
    his = hospital.his()
    name, total = registered(his, "1", [("SBX-S0001", "9000.00")])
    info = settled_as_tried(his, "2206", "2207", to_settle("1", name, total, acct_used_flag="2"))["setlinfo"]
    assert (info["hifp_pay"], info["psn_part_amt"]) == (6930, 2070)  # (9000 - 1300) x 90 %
    assert (info["acct_pay"], info["acct_mulaid_pay"], info["psn_cash_pay"]) == (2070, 70, 0)
    assert his.ok("1101", {"data": person("9")})["insuinfo"][0]["balc"] == 4930
    his.ok("2208", {"data": {"setl_id": info["setl_id"], "mdtrt_id": name, "psn_no": PERSON["1"].member}})
    assert his.ok("1101", {"data": person("9")})["insuinfo"][0]["balc"] == 5000
    assert not verified(hospital.front)


def test_everybody_of_the_sandbox_can_be_settled(hospital: Hospital) -> None:
    """A child, somebody poor, somebody disabled, with a commercial product, and a birth in another province."""
    his = hospital.his()
    for key, layers in (("3", ["390102"]), ("5", ["390102"]), ("6", ["310102"])):
        name, total = registered(his, key, [("SBX-S0001", "5000.00")])
        found = settled_as_tried(his, "2206", "2207", to_settle(key, name, total))
        assert [row["fund_pay_type"] for row in found["setldetail"]][:1] == layers, key
    birth = hospital.his("H15010200001", "150102", "150100")
    stay = birth.ok("2401", admission("8", "52", matn_type="1", fetus_cnt="1"))["result"]["mdtrt_id"]
    birth.ok(
        "2301", {"feedetail": [a_line("8", stay, "S1", "SBX-S0004", "6000.00", fee_ocur_time="2026-03-04 10:00:00")]}
    )
    birth.ok("2402", discharge("8", stay))
    given = to_settle_stay("8", stay, "6000.00", med_type="52")
    found = settled_as_tried(birth, "2303", "2304", given)
    assert found["setlinfo"]["fund_pay_sumamt"] > 0
    assert found["setlinfo"]["clr_type"] == "52"


def test_a_wallet_pays_what_is_left(hospital: Hospital) -> None:
    """Account, relatives, wallet, in the order of the rules: the extension says what of `acct_pay` the wallet gave."""
    his, desk = hospital.his(), hospital.front.desk
    child, mother = PERSON["3"].member, PERSON["6"].member
    for who, other, relation in ((mother, child, "child"), (child, mother, "parent")):
        fact = Fact("relative", date(2024, 1, 1), said={"who": other, "relation": relation, "proof": "book"})
        enrol(desk, Told(who, (fact,)), Call("t", "t", f"kin {who}"))
    sent = wallets.send(desk, wallets.Sending(mother, child, 20_000), Call("t", "t", "send"))
    wallets.accept(desk, child, mother, sent.page * 100, "child")
    name, total = registered(his, "3", [("SBX-X0004", "1500.00")])
    info = settled_as_tried(his, "2206", "2207", to_settle("3", name, total, acct_used_flag="2"))["setlinfo"]
    own = json.loads(info["exp_content"])["duoceng"]
    assert (info["psn_part_amt"], info["acct_pay"], info["acct_mulaid_pay"]) == (1500, 1200, 1000)
    assert (own["wallet"], info["psn_cash_pay"]) == (200, 300)
    assert not verified(hospital.front)
