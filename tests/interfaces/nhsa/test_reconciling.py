"""Totals of a period, row by row, and the application for the money; on both databases."""

import json
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES, a_database
from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.fields import table_of
from duoceng.interfaces.nhsa.files import read_table, text_of, write_table
from duoceng.interfaces.nhsa.front import Front
from interfaces.nhsa.his import DAY, ELSEWHERE, PERSON, His, Said, a_front, a_his
from interfaces.nhsa.settled import missing, outpatient, refund, stay, undo

NAMES = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    with a_database(request.param, tmp_path) as database:
        yield a_front(database)


def summed(*infos: Said) -> Said:
    """What a hospital adds up of the answers it has."""
    return {
        **{name: f"{sum(info[name] for info in infos):.2f}" for name in NAMES},
        "fixmedins_setl_cnt": str(len(infos)),
    }


def to_compare(*infos: Said, **more: Any) -> Said:
    return {"data": {"insutype": "310", "clr_type": "11", "setl_optins": "110000", "stmt_begndate": "2026-03-10", "stmt_enddate": "2026-03-10",
                     **summed(*infos), **more}}  # fmt: skip


def compared(his: His, *infos: Said, **more: Any) -> tuple[str, str]:
    found = his.ok("3201", to_compare(*infos, **more))["stmtinfo"]
    assert found["setl_optins"] == more.get("setl_optins", "110000")
    return found["stmt_rslt"], found["stmt_rslt_dscr"]


def test_totals_count_refunds_as_rows_and_reversals_by_message_not_at_all(front: Front) -> None:
    his = a_his(front)
    first, second = outpatient(his, "1", "3000.00"), outpatient(his, "2", "2500.00")
    back = refund(his, first)
    undone = outpatient(his, "1", "700.00")
    undo(his, "1", his.last)
    assert compared(his, first, second, back) == ("0", "")
    for flag in ({"refd_setl_flag": "1"}, {"REFD_SETL_FLAG": "1"}, {"refd_setl_flag": ""}):
        assert compared(his, first, second, back, **flag) == ("0", "")
    for flag in ({"refd_setl_flag": "0"}, {"REFD_SETL_FLAG": "0"}):
        assert compared(his, second, **flag) == ("0", "")
        assert compared(his, first, second, back, **flag)[0] == "1"
    result, words = compared(his, first, second, back, undone)
    assert result == "1"
    assert words.startswith("医疗费总额：机构3200.00，中心2500.00；")
    assert words.endswith("结算笔数：机构4，中心3（含退费1笔）")


def test_only_what_was_asked_for_counts(front: Front) -> None:
    his = a_his(front)
    info = outpatient(his, "1", "3000.00")
    nothing: tuple[Said, ...] = ()
    for other in ({"insutype": "390"}, {"clr_type": "21"}, {"stmt_begndate": "2026-03-11", "stmt_enddate": "2026-03-31"},
                  {"stmt_begndate": "2026-03-01", "stmt_enddate": "2026-03-09"}):  # fmt: skip
        assert compared(his, *nothing, **other) == ("0", ""), other
        assert compared(his, info, **other)[0] == "1", other
    for last in ("2026-03-31", "2026-03-10", "9999-12-31"):
        assert compared(his, info, stmt_begndate="2026-03-01", stmt_enddate=last) == ("0", "")
    assert compared(a_his(front, ELSEWHERE, "310101"), *nothing) == ("0", "")
    assert "早于" in his.no("3201", to_compare(stmt_begndate="2026-03-11"))


def test_by_office_of_the_insured_place_or_all_at_once(front: Front) -> None:
    his = a_his(front)
    local = stay(his, "4", "9000.00")["setlinfo"]
    his.insured = "310000"
    guest = stay(his, "7", "60000.00")["setlinfo"]
    assert (guest["clr_optins"], local["clr_optins"]) == ("310000", "110000")
    of_stays = {"clr_type": "21", "insutype": "310"}
    assert compared(his, guest, **of_stays, setl_optins="310000") == ("0", "")
    assert compared(his, guest, **of_stays) == ("0", "")  # its own office for all
    assert compared(his, guest, guest, **of_stays, setl_optins="310000")[0] == "1"
    assert compared(his, local, **{**of_stays, "insutype": "390"}) == ("0", "")


def test_taken_back_by_message_after_the_period(front: Front) -> None:
    his = a_his(front)
    info = outpatient(his, "1", "3000.00")
    msgid = his.last
    assert compared(his, info) == ("0", "")
    front.desk.clock.now = DAY + timedelta(days=3)  # type: ignore[attr-defined]
    his.sign_in()
    undo(his, "1", msgid)
    assert compared(his) == ("0", "")
    again = outpatient(his, "1", "100.00")
    assert compared(his, again, stmt_begndate="2026-03-13", stmt_enddate="2026-03-13") == ("0", "")
    assert compared(his, stmt_enddate="2026-03-12") == ("0", "")


def sent(his: His, rows: list[Said], width: int = 7) -> str:
    """A file of rows, sent; its number."""
    columns = [
        "setl_id",
        "mdtrt_id",
        "psn_no",
        "medfee_sumamt",
        "fund_pay_sumamt",
        "acct_pay",
        "refd_setl_flag",
        "exp_content",
    ][:width]
    given = {
        "fsUploadIn": {
            "in": b64encode(write_table(columns, rows)).decode(),
            "filename": "a.zip",
            "fixmedins_code": his.code,
        }
    }
    found: str = his.ok("9101", given)["file_qury_no"]
    return found


def fetched(his: His, info: Said) -> list[Said]:
    """The rows of a result file."""
    asked = his.envelope(
        "9102",
        {"fsDownloadIn": {**{name: info[name] for name in ("file_qury_no", "filename")}, "fixmedins_code": his.code}},
    )
    table = table_of("3202")
    assert table is not None
    content = his.send(json.dumps(asked).encode())
    assert all(line.count("\t") == 9 for line in text_of(content).splitlines())
    free = tuple(
        replace(column, required=".") for column in table.columns("<<")
    )  # the msgid of a row only they have is not known
    return read_table(content, free)


def in_detail(his: His, rows: list[Said], width: int = 7, **more: Any) -> list[Said]:
    given = to_compare(**more)["data"] | {"file_qury_no": sent(his, rows, width), "cash_payamt": "0"}
    found = his.ok("3202", {"data": given})["fileinfo"]
    assert not missing("3202", "fileinfo", found)
    return fetched(his, found)


def a_row(info: Said, **more: Any) -> Said:
    return {**{name: info[name] for name in ("setl_id", "mdtrt_id", "psn_no", "medfee_sumamt", "fund_pay_sumamt", "acct_pay")},
            "refd_setl_flag": "1" if info["medfee_sumamt"] < 0 else "0", **more}  # fmt: skip


@pytest.mark.parametrize("width", [7, 8])
def test_detail_names_what_differs(front: Front, width: int) -> None:
    his = a_his(front)
    equal, wrong, unnamed, first = (outpatient(his, "1", price) for price in ("3000.00", "50.00", "60.00", "70.00"))
    back = refund(his, first)
    ghost = {**equal, "setl_id": "9" * 22}
    rows = [
        a_row(equal),
        a_row(wrong, fund_pay_sumamt="1.00", mdtrt_id="x"),
        a_row(first),
        a_row(back),
        a_row(ghost),
        a_row(equal),
    ]
    found = in_detail(his, rows, width)
    assert [row["stmt_rslt"] for row in found] == ["0", "1", "0", "0", "1", "1", "1"]
    assert [row["refd_setl_flag"] for row in found] == ["0", "0", "0", "1", "0", "0", "0"]
    assert found[0]["memo"] == ""
    assert found[0]["msgid"] == equal["medins_setl_id"]
    assert (
        found[1]["memo"]
        == f"基金支付总额：机构1.00，中心{wrong['fund_pay_sumamt']:.2f}；就诊ID不一致，中心为{wrong['mdtrt_id']}"
    )
    assert found[4]["memo"].startswith("仅医药机构有")
    assert found[5]["memo"] == "该行重复上传"
    only = found[6]
    assert (only["setl_id"], only["mdtrt_id"], only["psn_no"], only["msgid"]) == (
        "",
        "",
        unnamed["psn_no"],
        unnamed["medins_setl_id"],
    )
    assert only["memo"].startswith(f"仅中心有：结算ID{unnamed['setl_id']}")
    assert only["medfee_sumamt"] == "60.00"


def test_a_refund_may_be_named_by_what_it_refunds(front: Front) -> None:
    his = a_his(front)
    info = outpatient(his, "1", "3000.00")
    back = refund(his, info)
    found = in_detail(his, [a_row(info), a_row({**back, "setl_id": info["setl_id"]})])
    assert [row["stmt_rslt"] for row in found] == ["0", "0"]
    stands = outpatient(his, "1", "40.00")
    found = in_detail(his, [a_row(info), a_row(back), a_row(stands), a_row({**back, "setl_id": stands["setl_id"]})])
    assert [row["stmt_rslt"] for row in found] == ["0", "0", "0", "1"]
    assert "没有该结算的退费" in found[3]["memo"]


def test_a_file_that_is_not_there_or_not_theirs(front: Front) -> None:
    his, other = a_his(front), a_his(front, ELSEWHERE, "310101")
    number = sent(his, [a_row(outpatient(his, "1", "3000.00"))])
    given = to_compare()["data"] | {"cash_payamt": "0"}
    assert "不属于本机构" in other.no("3202", {"data": {**given, "file_qury_no": number}})
    assert "不存在" in his.no("3202", {"data": {**given, "file_qury_no": "1"}})
    short = sent(his, [a_row(outpatient(his, "1", "20.00"))], 5)
    assert "5列，应为7列" in his.no("3202", {"data": {**given, "file_qury_no": short}})


def application(*infos: Said, **more: Any) -> Said:
    found = summed(*infos)
    return {"data": {"clr_type": "11", "clr_way": "1", "setlym": "202603", "psntime": found["fixmedins_setl_cnt"], "med_sumfee": found["medfee_sumamt"],
                     "medfee_sumamt": found["medfee_sumamt"], "fund_appy_sum": found["fund_pay_sumamt"], "cash_payamt": found["psn_cash_pay"],
                     "acct_pay": found["acct_pay"], "begndate": "2026-03-01", "enddate": "2026-03-10", **more}}  # fmt: skip


def test_an_application_agrees_with_the_platform_and_is_open_once(front: Front) -> None:
    his, other = a_his(front), a_his(front, ELSEWHERE, "310101")
    info = outpatient(his, "1", "3000.00")
    for wrong, words in (({"medfee_sumamt": "3000.01"}, "医疗费总额：机构3000.01，中心3000.00"), ({"fund_appy_sum": "0"}, "基金支付总额"),
                         ({"cash_payamt": "0.01"}, "现金支付金额"), ({"acct_pay": "0.01"}, "个人账户支付"), ({"psntime": "2"}, "清算人次：机构2，中心1"),
                         ({"med_sumfee": "3000.01"}, "医保认可费用总额")):  # fmt: skip
        assert words in his.no("3203", application(info, **wrong)), wrong
    number = his.ok("3203", application(info), "M-1")["result"]["clr_appy_evt_id"]
    assert his.ok("3203", application(info), "M-1")["result"]["clr_appy_evt_id"] == number
    assert "内容不同" in his.no("3203", application(info, setlym="202604"), "M-1")
    assert number in his.no("3203", application(info))
    assert "已有清算申请" in his.no("3203", application(info, begndate="2026-03-10"))
    assert his.ok("3203", application(begndate="2026-02-01", enddate="2026-02-28"))
    assert his.ok("3203A", application(clr_type="21"))  # another class
    assert other.ok("3203", application())["result"]["clr_appy_evt_id"] != number  # another institution
    assert "未查询到" in other.no("3204", {"data": {"clr_appy_evt_id": number}})
    his.ok("3204", {"data": {"clr_appy_evt_id": number}}, "M-2")
    his.ok("3204", {"data": {"clr_appy_evt_id": number}}, "M-2")
    assert "已撤销" in his.no("3204", {"data": {"clr_appy_evt_id": number}})
    assert his.ok("3203", application(info))["result"]["clr_appy_evt_id"] != number


def test_what_is_claimed_is_refunded_and_not_unmade(front: Front) -> None:
    """A settlement of an open application is not taken back by its message; a refund is a row of the next period."""
    his = a_his(front)
    info = outpatient(his, "1", "3000.00")
    settled = his.last
    number = his.ok("3203", application(info))["result"]["clr_appy_evt_id"]
    given = {"data": {"psn_no": PERSON["1"].member, "omsgid": settled, "oinfno": "2207"}}
    assert number in his.no("2601", given)
    his.ok("3204", {"data": {"clr_appy_evt_id": number}})
    his.ok("2601", given)
    other = outpatient(his, "1", "3000.00")
    his.ok("3203", application(other))
    refund(his, other)


def test_an_application_of_a_period_that_is_not_over(front: Front) -> None:
    assert "尚未结束" in a_his(front).no("3203", application(enddate="2026-03-11"))
    his = a_his(replace(front, sandbox=False), ELSEWHERE, "310101")
    assert "尚未结束" in his.no("3203", application(enddate="2026-03-10"))
    assert his.ok("3203", application(enddate="2026-03-09"))["result"]


def test_what_is_asked_of_applications(front: Front) -> None:
    his = a_his(front)
    info, back = (found := outpatient(his, "1", "3000.00")), refund(his, found)
    more = outpatient(his, "2", "500.00")
    number = his.ok("3203A", application(info, back, more, psntime="", setlym="", clr_optins="110000"))["result"][
        "clr_appy_evt_id"
    ]
    row = his.ok("3205A", {"data": {"clr_optins": "110000", "clr_stas": "10", "clr_ym": ""}})["clr_appys"]
    assert not missing("3205A", "clr_appys", row)
    assert (row["clr_appy_evt_id"], row["medfee_Sumamt"], row["fund_appy_sum"], row["clr_ym"]) == (
        number,
        500,
        more["fund_pay_sumamt"],
        "202603",
    )
    his.ok("3203", application(clr_type="21"))
    for every in ({"data": {"clr_optins": "110000"}}, {"data": {}}, {}):
        assert len(his.ok("3205A", every)["clr_appys"]) == 2
    for other in ({"clr_optins": "310000", "clr_appy_evt_id": number}, {"clr_stas": "50"}, {"clr_ym": "202602"}):
        assert his.ok("3205A", {"data": other})["clr_appys"] == []
    his.ok("3204A", {"data": {"clr_appy_evt_id": number, "clr_optins": "110000"}})
    assert his.ok("3205A", {"data": {"clr_appy_evt_id": number}})["clr_appys"] == []


def test_no_settlement_is_in_two_applications(front: Front) -> None:
    """By office or for all: what one covers, no other may."""
    his = a_his(front)
    local = stay(his, "1", "9000.00")["setlinfo"]
    his.insured = "310000"
    guest = stay(his, "7", "60000.00")["setlinfo"]
    assert (local["clr_type"], guest["clr_type"]) == ("21", "21")

    def of(office: str, *infos: Said) -> Said:
        return application(*infos, clr_type="21", clr_optins=office)

    shanghai = his.ok("3203A", of("310000", guest))["result"]["clr_appy_evt_id"]
    for given in (of("110000", local, guest), of("310101", guest), application(local, guest, clr_type="21")):
        assert shanghai in his.no("3203A", given)
    assert "医疗费总额" in his.no("3203A", of("110000", guest))
    beijing = his.ok("3203A", of("110000", local))["result"]["clr_appy_evt_id"]
    for number in (shanghai, beijing):
        his.ok("3204A", {"data": {"clr_appy_evt_id": number}})
    every = his.ok("3203A", of("110000", local, guest))["result"]["clr_appy_evt_id"]
    for given in (of("310000", guest), of("110000", local)):
        assert every in his.no("3203A", given)


def test_many_apply_at_once(front: Front) -> None:
    his = a_his(front)
    info = outpatient(his, "1", "3000.00")
    bodies = [json.dumps(his.envelope("3203", application(info)), ensure_ascii=False).encode() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        codes = sorted(json.loads(found[0])["infcode"] for found in pool.map(lambda body: receive(front, body), bodies))
    assert codes == [-2] * 7 + [0]
