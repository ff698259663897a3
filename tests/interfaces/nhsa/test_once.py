"""A message is taken once: sent again, by many at once, with another body, taken back, after a restart."""

import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES, a_database, new_url
from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.front import Front
from duoceng.store.backup import backup, restore
from duoceng.store.database import open_database
from duoceng.store.snapshot import snapshot
from interfaces.nhsa.his import (
    CLASSES,
    DAY,
    HOSPITAL,
    PERSON,
    His,
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
    verified,
)


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    with a_database(request.param, tmp_path) as database:
        yield a_front(database)


def ready(his: His, key: str = "1", price: str = "3000.00") -> tuple[str, dict[str, Any]]:
    """An encounter with a line, and what settles it."""
    name = his.ok("2201", registration(key))["data"]["mdtrt_id"]
    his.ok("2203", diagnoses(key, name))
    his.ok("2204", {"feedetail": [a_line(key, name, "L1", "SBX-S0001", price)]})
    given = to_settle(key, name, price, acct_used_flag="1")
    info = his.ok("2206", given)["setlinfo"]
    return name, {"data": {**given["data"], **{one: info[one] for one in CLASSES}}}


def steps(front: Front) -> int:
    return int(front.desk.database.rows("SELECT COUNT(*) AS n FROM step")[0]["n"])


def test_sent_again_it_is_answered_as_it_was(front: Front) -> None:
    his = a_his(front)
    _, given = ready(his)
    stay = his.ok("2401", admission("4"), "M-2401")["result"]["mdtrt_id"]
    his.ok(
        "2301",
        {"feedetail": [a_line("4", stay, "S1", "SBX-S0004", "900.00", fee_ocur_time="2026-03-04 10:00:00")]},
        "M-2301",
    )
    his.ok("2402", discharge("4", stay), "M-2402")
    settled = his.ok("2207", given, "M-2207")
    whole = settled_as_tried(his, "2303", "2304", to_settle_stay("4", stay, "900.00"), "M-2304")
    before = steps(front)
    stay_given = to_settle_stay("4", stay, "900.00")
    stay_given["data"] |= {one: whole["setlinfo"][one] for one in CLASSES}
    assert his.ok("2207", given, "M-2207") == settled
    assert his.ok("2304", stay_given, "M-2304") == whole
    assert his.ok("2401", admission("4"), "M-2401")["result"]["mdtrt_id"] == stay
    assert steps(front) == before
    assert his.no("2207", {"data": {**given["data"], "invono": "77"}}, "M-2207")  # the same id, another body
    assert his.no("2201", registration("1"), "M-2207")
    assert steps(front) == before
    assert not verified(front)


def test_a_second_settlement_is_refused(front: Front) -> None:
    """To settle a settled bill again is an offence since 2026-04-01 (NHSA order 7); it is refused under any message id."""
    his = a_his(front)
    _, given = ready(his)
    his.ok("2207", given)
    before = steps(front)
    assert "不得重复结算" in his.no("2207", given)
    assert "不得重复结算" in his.no("2206", given)
    assert steps(front) == before


def test_by_many_at_once(front: Front) -> None:
    """The same message by sixteen: one effect, one answer. Sixteen messages for one encounter: one settles."""
    his = a_his(front)
    _, given = ready(his)
    body = json.dumps(his.envelope("2207", given, "SAME"), ensure_ascii=False).encode()
    with ThreadPoolExecutor(16) as pool:
        answers = [json.loads(found[0]) for found in pool.map(lambda _: receive(front, body), range(16))]
    assert [found["infcode"] for found in answers] == [0] * 16, answers
    assert len({json.dumps(found["output"], sort_keys=True) for found in answers}) == 1
    _, given = ready(his, "2")
    bodies = [json.dumps(his.envelope("2207", given), ensure_ascii=False).encode() for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        codes = sorted(json.loads(found[0])["infcode"] for found in pool.map(lambda one: receive(front, one), bodies))
    assert codes == [-2] * 15 + [0]
    assert not verified(front)


def test_a_line_that_comes_while_it_is_settled_is_in_the_bill_or_left_for_the_next(front: Front) -> None:
    his = a_his(front)
    for turn in range(6):
        name, given = ready(his, "1", "50.00")
        late = his.envelope("2204", {"feedetail": [a_line("1", name, "LATE", "SBX-S0002", "7.00")]})
        two = [json.dumps(said, ensure_ascii=False).encode() for said in (his.envelope("2207", given), late)]
        with ThreadPoolExecutor(2) as pool:
            settled, uploaded = (
                json.loads(found[0])
                for found in pool.map(lambda one: receive(front, one), two[:: 1 if turn % 2 else -1])
            )
        if not turn % 2:
            settled, uploaded = uploaded, settled
        assert uploaded["infcode"] == 0, uploaded
        assert settled["infcode"] == 0 or "不一致" in settled["err_msg"], settled
        rest = his.ok("2206", to_settle("1", name, "7.00" if settled["infcode"] == 0 else "57.00"))["setlinfo"]
        assert rest["medfee_sumamt"] == (7 if settled["infcode"] == 0 else 57)


UNDONE = ("2201", "2203", "2204", "2207", "2401", "2301", "2402", "2403", "2304", "2503", "2501")


def test_any_message_can_be_taken_back_by_its_id(front: Front) -> None:
    """From the last to the first; a second time is no error; a way back has none."""
    his = a_his(front)
    sent: list[tuple[str, str, str]] = []

    def tell(infno: str, given: dict[str, Any], key: str) -> Any:
        found = his.ok(infno, given)
        sent.append((infno, his.last, PERSON[key].member))
        return found

    name = tell("2201", registration("1"), "1")["data"]["mdtrt_id"]
    tell("2203", diagnoses("1", name), "1")
    tell("2204", {"feedetail": [a_line("1", name, "L1", "SBX-S0001", "10.00")]}, "1")
    settled_as_tried(his, "2206", "2207", to_settle("1", name, "10.00"))
    sent.append(("2207", his.last, PERSON["1"].member))
    stay = tell("2401", admission("4"), "4")["result"]["mdtrt_id"]
    tell(
        "2301",
        {"feedetail": [a_line("4", stay, "S1", "SBX-S0004", "900.00", fee_ocur_time="2026-03-04 10:00:00")]},
        "4",
    )
    tell("2402", discharge("4", stay), "4")
    settled_as_tried(his, "2303", "2304", to_settle_stay("4", stay, "900.00"))
    sent.append(("2304", his.last, PERSON["4"].member))
    tell("2503", {"data": {"psn_no": PERSON["4"].member, "insutype": "390", "opsp_dise_code": "M03900", "opsp_dise_name": "高血压",
                           "insu_optins": "110000", "ide_fixmedins_no": HOSPITAL, "ide_fixmedins_name": "示例", "hosp_ide_date": "2026-01-05",
                           "diag_dr_codg": "D1", "diag_dr_name": "张", "begndate": "2026-01-06"}}, "4")  # fmt: skip
    first = [one for one in sent if one[0] in ("2201", "2401", "2204", "2301")]
    for infno, msgid, member in first:
        assert his.no("2601", {"data": {"psn_no": member, "omsgid": msgid, "oinfno": infno}})  # something hangs on it
    for infno, msgid, member in reversed(sent):
        given = {"data": {"psn_no": member, "omsgid": msgid, "oinfno": infno}}
        assert "应为" in his.no("2601", {"data": {**given["data"], "oinfno": "2102"}})
        his.ok("2601", given)
        undo = his.last
        his.ok("2601", given)
        his.ok("2601", given, undo)
        assert "不能再冲正" in his.no("2601", {"data": {"psn_no": member, "omsgid": undo, "oinfno": "2601"}})
    assert "已撤销" in his.no("2206", to_settle("1", name, "10.00")) or "未查询到" in his.no(
        "2206", to_settle("1", name, "10.00")
    )
    assert his.ok("5301", {"data": {"psn_no": PERSON["4"].member}})["feedetail"] == []
    assert (
        sum(
            row["amount"]
            for row in front.desk.database.rows("SELECT amount FROM balance WHERE member = :m", m=PERSON["1"].member)
        )
        == 200_000
    )
    assert not verified(front)


@pytest.mark.parametrize("engine", ENGINES)
def test_after_a_backup_and_a_restore(engine: str, tmp_path: Path) -> None:
    """On the other engine: the message is answered as it was, and nobody's number is in the backup."""
    url, other = new_url("sqlite", tmp_path), new_url(engine, tmp_path)
    database = open_database(url)
    front = a_front(database)
    his = a_his(front)
    _, given = ready(his)
    settled = his.ok("2207", given, "M-1")
    with snapshot(url) as reading:
        backup(reading, tmp_path / "b.zip", DAY, lambda *_: None)
    database.close()
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        parts = b"".join(archive.read(name) for name in archive.namelist())
    assert PERSON["1"].member.encode() in parts
    assert PERSON["1"].number.encode() not in parts
    restore(tmp_path / "b.zip", other, lambda *_: None)
    again = a_front(open_database(other))
    assert His(lambda body: receive(again, body)[0], sign_no=his.sign_no).ok("2207", given, "M-1") == settled
    assert not verified(again)
    again.desk.database.close()


def test_after_a_restart(tmp_path: Path) -> None:
    url = new_url("sqlite", tmp_path)
    database = open_database(url)
    front = a_front(database)
    his = a_his(front)
    _, given = ready(his)
    settled = his.ok("2207", given, "M-1")
    database.close()
    again = a_front(open_database(url))
    restarted = His(lambda body: receive(again, body)[0], sign_no=his.sign_no)
    assert restarted.ok("2207", given, "M-1") == settled
    again.desk.database.close()
