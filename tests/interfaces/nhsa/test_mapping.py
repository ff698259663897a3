"""Mappings of an institution's items: what may stand, what takes whose place, and what is shown of it; on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES, a_database
from duoceng.interfaces.nhsa.front import Front
from interfaces.nhsa.his import CLINIC, DAY, His, Said, a_front, a_his


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    with a_database(request.param, tmp_path) as database:
        yield a_front(database)


def a_mapping(local: str = "H1", code: str = "SBX-X0001", **more: Any) -> Said:
    return {"data": {"fixmedins_hilist_id": local, "fixmedins_hilist_name": "院内名称", "list_type": "101", "med_list_codg": code,
                     "begndate": "2026-01-01", "enddate": "2099-12-31", "spec": "0.5g", **more}}  # fmt: skip


def a_removal(his: His, local: str = "H1", code: str = "SBX-X0001", **more: Any) -> Said:
    return {
        "data": {
            "fixmedins_code": his.code,
            "fixmedins_hilist_id": local,
            "list_type": "101",
            "med_list_codg": code,
            **more,
        }
    }


def rows_of(*said: Said) -> Said:
    """Several messages as the rows of one."""
    return {"data": [one["data"] for one in said]}


def shown(his: His, **more: Any) -> list[Said]:
    """What 1317 shows."""
    found = his.ok("1317", {"data": {"updt_time": "2020-01-01", "page_num": 1, "page_size": 100, **more}})
    assert found["recordCounts"] == len(found["data"])
    rows: list[Said] = found["data"]
    return rows


def pairs(rows: list[Said]) -> list[tuple[str, str, str]]:
    return sorted((row["medins_list_codg"], row["med_list_codg"], row["vali_flag"]) for row in rows)


def test_a_mapping_is_shown_until_it_is_taken_back(front: Front) -> None:
    his, other = a_his(front), a_his(front, CLINIC)
    his.ok("3301", a_mapping())
    his.ok("3301", a_mapping("H2", "SBX-X0002"))
    rows = shown(his)
    assert pairs(rows) == [("H1", "SBX-X0001", "1"), ("H2", "SBX-X0002", "1")]
    assert len({row["rid"] for row in rows}) == 2
    [one] = shown(his, medins_list_codg="H1")
    assert {name: one[name] for name in ("fixmedins_code", "medins_list_name", "list_type", "begndate", "enddate", "spec", "insu_admdvs", "updt_time")} == {
        "fixmedins_code": his.code, "medins_list_name": "院内名称", "list_type": "101", "begndate": "2026-01-01", "enddate": "2099-12-31", "spec": "0.5g",
        "insu_admdvs": "110000", "updt_time": "2026-03-10"}  # fmt: skip
    assert shown(other) == []
    his.ok("3302", a_removal(his))
    assert pairs(shown(his)) == [("H1", "SBX-X0001", "0"), ("H2", "SBX-X0002", "1")]
    assert pairs(shown(his, vali_flag="1")) == [("H2", "SBX-X0002", "1")]
    assert pairs(shown(his, medins_list_name="内名")) == pairs(shown(his))
    assert shown(his, medins_list_name="别的") == shown(his, updt_time="2026-03-11") == []


def test_a_message_that_comes_again_changes_nothing(front: Front) -> None:
    his = a_his(front)
    his.ok("3301", a_mapping())
    first = his.last
    his.ok("3302", a_removal(his))
    removed = his.last
    his.ok("3301", a_mapping(), first)
    assert pairs(shown(his)) == [("H1", "SBX-X0001", "0")]
    his.ok("3302", a_removal(his), removed)
    assert "msgid" in his.no("3301", a_mapping("H2"), first)
    assert "msgid" in his.no("3302", a_removal(his), first)
    his.ok("3301", a_mapping())
    assert pairs(shown(his)) == [("H1", "SBX-X0001", "1")]


def test_nothing_is_ever_changed_that_was_written(front: Front) -> None:
    his = a_his(front)
    his.ok("3301", a_mapping())
    rows = [bytes(row["said"]) for row in front.desk.database.rows("SELECT said FROM paper WHERE kind = 'mapping'")]
    his.ok("3301", a_mapping(spec="1g"))
    his.ok("3302", a_removal(his))
    later = [
        bytes(row["said"])
        for row in front.desk.database.rows("SELECT said FROM paper WHERE kind = 'mapping' ORDER BY id")
    ]
    assert (len(later), later[0]) == (3, rows[0])


def test_the_same_mapping_takes_the_place_of_itself_and_another_code_waits(front: Front) -> None:
    his = a_his(front)
    his.ok("3301", a_mapping())
    assert "请先撤销(3302)" in his.no("3301", a_mapping(code="SBX-X0002"))
    his.ok("3301", a_mapping(enddate="2026-06-30", spec="1g"))
    [one] = shown(his)
    assert (one["enddate"], one["spec"]) == ("2026-06-30", "1g")
    assert "已对照SBX-X0001" in his.no("3301", a_mapping(code="SBX-X0002", begndate="2026-06-30"))
    his.ok("3301", a_mapping(code="SBX-X0002", begndate="2026-07-01"))
    assert pairs(shown(his)) == [("H1", "SBX-X0001", "1"), ("H1", "SBX-X0002", "1")]
    assert pairs(shown(his, query_date="2026-06-30")) == [("H1", "SBX-X0001", "1")]
    assert pairs(shown(his, query_date="2026-07-01")) == [("H1", "SBX-X0002", "1")]
    front.desk.clock.now = DAY + timedelta(days=150)  # type: ignore[attr-defined]
    assert pairs(shown(his.sign_in())) == [("H1", "SBX-X0001", "0"), ("H1", "SBX-X0002", "1")]


@pytest.mark.parametrize("change, words", [
    ({"list_type": "301"}, "list_type应为101(西药中成药)"), ({"enddate": "2025-12-31"}, "早于"), ({"begndate": "1990-01-01", "enddate": "2019-12-31"}, "期间无效"),
])  # fmt: skip
def test_what_may_not_stand(front: Front, change: Said, words: str) -> None:
    his = a_his(front)
    assert words in his.no("3301", a_mapping(**change))
    assert shown(his) == []


def test_a_code_of_no_catalogue_stands_in_the_sandbox_only(front: Front) -> None:
    a_his(front).ok("3301", a_mapping(code="NOBODY-KNOWS"))
    earnest = a_his(replace(front, sandbox=False), CLINIC)
    assert "医疗目录编码NOBODY-KNOWS不在就医地目录内" in earnest.no("3301", a_mapping(code="NOBODY-KNOWS"))
    earnest.ok("3301", a_mapping())
    assert pairs(shown(earnest)) == [("H1", "SBX-X0001", "1")]


def test_only_what_stands_is_taken_back_and_only_by_whom_it_belongs_to(front: Front) -> None:
    his, other = a_his(front), a_his(front, CLINIC)
    his.ok("3301", a_mapping())
    assert "没有H1与SBX-X0002的对照" in his.no("3302", a_removal(his, code="SBX-X0002"))
    assert "没有" in his.no("3302", a_removal(his, list_type="102"))
    assert "没有" in other.no("3302", a_removal(other))
    assert "本机构" in other.no("3302", a_removal(his))
    assert "本机构" in other.no(
        "1317", {"data": {"fixmedins_code": his.code, "updt_time": "2020-01-01", "page_num": 1, "page_size": 9}}
    )
    assert pairs(shown(his)) == [("H1", "SBX-X0001", "1")]
    his.ok("3302", a_removal(his))
    assert "已撤销" in his.no("3302", a_removal(his))


def test_of_many_at_once_one_stands(front: Front) -> None:
    his = a_his(front)
    clients = [His(his.send, his.code, sign_no=his.sign_no, count=100 * at) for at in range(1, 7)]
    codes = ["SBX-X0001", "SBX-X0002", "SBX-X0003", "SBX-X0004", "SBX-Z0001", "NOBODY"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda one: one[0].ask("3301", a_mapping(code=one[1])), zip(clients, codes, strict=True))
        )
    assert [int(answer["infcode"]) for answer in answers].count(0) == 1, answers
    assert len(shown(his)) == 1


def test_rows_are_taken_together_or_not_at_all(front: Front) -> None:
    his = a_his(front)
    three = rows_of(a_mapping("H1"), a_mapping("H2"), a_mapping("H3", "SBX-X0002"))
    his.ok("3301", three)
    message = his.last
    whole = [("H1", "SBX-X0001", "1"), ("H2", "SBX-X0001", "1"), ("H3", "SBX-X0002", "1")]
    assert pairs(shown(his)) == whole
    assert his.no("3302", rows_of(a_removal(his, "H1"), a_removal(his, "H9"))).startswith("第2行：没有H9")
    assert his.no("3301", rows_of(a_mapping("H4"), a_mapping("H4", "SBX-X0002"))).startswith(
        "第2行：H4在此期间已对照SBX-X0001"
    )
    assert pairs(shown(his)) == whole
    his.ok("3302", rows_of(a_removal(his, "H1"), a_removal(his, "H2"), a_removal(his, "H3", "SBX-X0002")))
    his.ok("3301", three, message)
    assert pairs(shown(his, vali_flag="1")) == []
    his.ok("3301", rows_of(*(a_mapping(f"R{at}") for at in range(100))))
    assert "最多100条" in his.no("3301", rows_of(*(a_mapping(f"R{at}") for at in range(101))))
    assert len(shown(his, vali_flag="1", page_size=1000)) == 100


def test_a_row_comes_under_every_name_that_is_met(front: Front) -> None:
    his = a_his(front)
    for at, (name, removal) in enumerate(
        (("data", "data"), ("catalogcompin", "catalogcompin"), ("catalogcompin", "")), 1
    ):
        his.ok("3301", {name: [a_mapping(f"H{at}")["data"]]})
        row = a_removal(his, f"H{at}")["data"]
        his.ok("3302", {removal: row} if removal else row)
    assert pairs(shown(his)) == [(f"H{at}", "SBX-X0001", "0") for at in (1, 2, 3)]
    his.ok("3301A", a_mapping("H4", scdz="北京", prdr_name="厂"))
    assert "data" in his.no("3301", {"somewhere": a_mapping()["data"]})
    assert "fixmedins_hilist_id" in his.no("3302", {"fixmedins_code": his.code})


def test_without_days_a_mapping_holds_from_today_on(front: Front) -> None:
    his = a_his(front)
    his.ok("3301", a_mapping(begndate="", enddate=""))
    [one] = shown(his, query_date="2077-01-01")
    assert (one["begndate"], one["enddate"], one["vali_flag"]) == ("2026-03-10", "", "1")
    assert shown(his, query_date="2026-03-09") == []
