"""Settlement lists: held against the settlement they name, replaced until submitted; on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES, a_database
from duoceng.interfaces.nhsa.front import Front
from interfaces.nhsa.his import ELSEWHERE, PERSON, His, Said, a_front, a_his, verified
from interfaces.nhsa.settled import named, outpatient, refund, stay, undo

DIAGNOSIS = {"diag_type": "1", "diag_code": "J18.900", "diag_name": "肺炎", "adm_cond_type": "1", "maindiag_flag": "1"}


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    with a_database(request.param, tmp_path) as database:
        yield a_front(database)


def a_list(found: Said, **more: Any) -> Said:
    """The list of a stay that was settled so."""
    return {"setlinfo": {**named(found["setlinfo"]), "ntly": "CHN", "prfs": "37", "patn_rlts": "01", "coner_addr": "北京", "coner_tel": "10000",
                         "adm_time": "2026-03-02 10:00:00", "dscg_time": "2026-03-09 00:00:00", "dscg_caty": "A03", "dscg_way": "1", "bill_code": "B1",
                         "bill_no": "1", "biz_sn": "1", "setl_begn_date": "2026-03-02", "setl_end_date": "2026-03-09", "medins_fill_dept": "医保办",
                         "medins_fill_psn": "李", "hi_paymtd": "1"},
            "diseinfo": [DIAGNOSIS], "payinfo": [{name: row[name] for name in ("fund_pay_type", "fund_payamt")} for row in found["setldetail"]],
            **more}  # fmt: skip


def changed(found: Said, **fields: Any) -> Said:
    given = a_list(found)
    return {**given, "setlinfo": {**given["setlinfo"], **fields}}


def state(his: His, rows: list[tuple[Said, str]]) -> Said:
    return {
        "data": {
            "stastinfo": [
                {"psn_no": "", "setl_id": found["setlinfo"]["setl_id"], "stas_type": word} for found, word in rows
            ]
        }
    }


def sent(his: His, given: Said, infno: str = "4101", msgid: str = "") -> str:
    found: str = his.ok(infno, given, msgid)["data"]["setl_list_id"]
    assert 9 <= len(found) <= 30
    return found


def steps(front: Front) -> int:
    return int(front.desk.database.rows("SELECT COUNT(*) AS n FROM step")[0]["n"])


def test_a_list_is_replaced_until_it_is_submitted(front: Front) -> None:
    his = a_his(front)
    found = stay(his, "4", "9000.00")
    number = sent(his, a_list(found), msgid="M-1")
    before = steps(front)
    assert sent(his, a_list(found), msgid="M-1") == number
    assert steps(front) == before
    assert sent(his, changed(found, curr_addr="新址", psn_no="")) == number  # clients of 2021 leave psn_no out
    his.ok("4102", state(his, [(found, "1")]), "M-2")
    assert "已提交" in his.no("4101", a_list(found))
    his.ok(
        "4102", {"data": {**state(his, [(found, "0")])["data"]["stastinfo"][0], "psn_no": PERSON["4"].member}}
    )  # the flat form
    assert sent(his, a_list(found)) == number
    assert sent(his, changed(found, stas_type="1")) == number
    assert "已提交" in his.no("4101", a_list(found))
    assert not verified(front)


WRONG = {
    "another amount": (lambda given: given["payinfo"][0].update(fund_payamt="1.00"), "清单1.00，结算"),
    "a fund is missing": (lambda given: given["payinfo"].pop(), "清单0.00，结算"),
    "a fund too many": (lambda given: given["payinfo"].append({"fund_pay_type": "330100", "fund_payamt": "5"}), "330100：清单5.00，结算0.00"),
    "no payments": (lambda given: given.update(payinfo=[]), "请按结算结果填写payinfo"),
    "no diagnosis": (lambda given: given.update(diseinfo=[]), "诊断信息(diseinfo)不能为空"),
    "no main diagnosis": (lambda given: given.update(diseinfo=[{**DIAGNOSIS, "maindiag_flag": "0"}]), "实有0个"),
    "two main diagnoses": (lambda given: given.update(diseinfo=[DIAGNOSIS, DIAGNOSIS]), "实有2个"),
    "ends before it begins": (lambda given: given["setlinfo"].update(setl_end_date="2026-03-01"), "早于"),
    "charges": (lambda given: given.update(iteminfo=[{"med_chrgitm": "05", "amt": "8999.99"}]), "收费项目合计8999.99"),
    "blood of another": (lambda given: given.update(bldinfo=[{"mdtrt_id": "1", "setl_id": "2"}]), "输血信息"),
    "another encounter": (lambda given: given["setlinfo"].update(mdtrt_id="1"), "不属于就诊"),
    "another person": (lambda given: given["setlinfo"].update(psn_no=PERSON["1"].member), "不属于人员"),
    "no such settlement": (lambda given: given["setlinfo"].update(setl_id="2603100900000000000000"), "未查询到"),
    "no number of ours": (lambda given: given["setlinfo"].update(setl_id="99x"), "未查询到"),
}  # fmt: skip


def test_what_does_not_fit_its_settlement(front: Front) -> None:
    his = a_his(front)
    found = stay(his, "4", "9000.00")
    assert len(found["setldetail"]) == 2
    before = steps(front)
    for name, (spoil, words) in WRONG.items():
        given = a_list(found)
        spoil(given)
        assert words in his.no("4101", given), name
    assert "未查询到" in a_his(front, ELSEWHERE, "310101").no("4101", a_list(found))
    assert steps(front) == before
    charges = [{"med_chrgitm": "05", "amt": "9000.00"}]
    assert sent(his, a_list(found, payinfo=[], iteminfo=charges), "4101A")  # the later form has no payments


def test_two_main_diagnoses_of_two_medicines(front: Front) -> None:
    his = a_his(front)
    found = stay(his, "4", "9000.00")
    assert sent(
        his, a_list(found, diseinfo=[DIAGNOSIS, {**DIAGNOSIS, "diag_type": "2"}, {**DIAGNOSIS, "maindiag_flag": "0"}])
    )


def test_accounts_may_be_left_out_and_may_not_be_wrong(front: Front) -> None:
    his = a_his(front)
    found = stay(his, "1", "9000.00", acct_used_flag="1")
    funds = [row for row in a_list(found)["payinfo"] if row["fund_pay_type"] != "310200"]
    assert len(funds) == len(found["setldetail"]) - 1
    assert sent(his, a_list(found, payinfo=funds))
    assert "310200" in his.no(
        "4101", a_list(found, payinfo=[*funds, {"fund_pay_type": "310200", "fund_payamt": "0.01"}])
    )


def test_a_list_of_outpatient_care(front: Front) -> None:
    his = a_his(front)
    found = {"setlinfo": outpatient(his, "2", "3000.00"), "setldetail": []}
    payments = his.ok("5203", {"data": named(found["setlinfo"])})["setldetail"]
    given = a_list(
        {**found, "setldetail": payments},
        diseinfo=[],
        opspdiseinfo=[{"oprn_oprt_name": "换药", "oprn_oprt_code": "93.57"}],
    )
    assert "不能为空" in his.no("4101", {**given, "opspdiseinfo": []})
    assert sent(his, given)


def test_a_reversal_takes_the_list_with_it(front: Front) -> None:
    his = a_his(front)
    found = stay(his, "4", "9000.00")
    number = sent(his, a_list(found))
    his.ok("4102", state(his, [(found, "1")]))
    assert "清单已提交" in his.no("2305", {"data": named(found["setlinfo"])})
    his.ok("4102", state(his, [(found, "0")]))
    refund(his, found["setlinfo"], "2305")
    assert "已撤销" in his.no("4101", a_list(found))
    assert "没有结算清单" in his.no("4102", state(his, [(found, "1")]))
    other = stay(a_his(front, ELSEWHERE, "310101"), "7", "9000.00")
    assert number
    assert "未查询到" in his.no("4102", state(his, [(other, "1")]))


def test_a_list_can_be_taken_back_by_its_message(front: Front) -> None:
    his = a_his(front)
    found = stay(his, "4", "9000.00")
    sent(his, a_list(found))
    undo(his, "4", his.last, "4101")
    assert "没有结算清单" in his.no("4102", state(his, [(found, "1")]))
    assert sent(his, a_list(found))


def test_states_of_several_persons_in_one_message(front: Front) -> None:
    his = a_his(front)
    one, two, bare = stay(his, "4", "9000.00"), stay(his, "5", "8000.00"), stay(his, "3", "700.00")
    sent(his, a_list(one))
    sent(his, a_list(two))
    before = steps(front)
    assert "没有结算清单" in his.no("4102", state(his, [(one, "1"), (bare, "1")]))
    for nothing in ({"data": {}}, {}, {"data": {"stas_type": "1"}}):
        assert "逐行填写" in his.no("4102", nothing)
    assert "不能为空" in his.no("4102", state(his, [(one, "")]))
    assert steps(front) == before
    his.ok("4102", state(his, [(one, "1"), (two, "1")]), "M-1")
    his.ok("4102", state(his, [(one, "1"), (two, "1")]), "M-1")
    assert steps(front) == before + 2
    for found in (one, two):
        assert "已提交" in his.no("4101", a_list(found))
    his.ok("4102", state(his, [(two, "0")]))
    assert sent(his, a_list(two))
    assert "已提交" in his.no("4101", a_list(one))
    assert not verified(front)
