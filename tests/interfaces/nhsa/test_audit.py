"""Audit: messages four nodes deep are checked at every depth, and answered with no finding; on both databases."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from databases import ENGINES, a_database
from duoceng.interfaces.nhsa.check import check
from duoceng.interfaces.nhsa.fields import Node, dictionaries, table_of
from duoceng.interfaces.nhsa.front import Front
from duoceng.store.steps import papers_of
from interfaces.nhsa.his import HOSPITAL, Said, a_front, a_his

PLACE = "data.patient_dtos[1].fsi_encounter_dtos[2]"


@pytest.fixture(params=ENGINES)
def front(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Front]:
    with a_database(request.param, tmp_path) as database:
        yield a_front(database)


def node_of(name: str, infno: str = "3102") -> Node:
    table = table_of(infno)
    assert table is not None
    return next(node for node in table.asked() if node.name == name)


def row(name: str, **more: Any) -> Said:
    """A row of a node with every field that is required."""
    found = {}
    for field in node_of(name).fields:
        if field.required == "Y" and field.type != "any":
            codes = next(iter(dictionaries()[field.codes])) if field.codes else "1"
            found[field.name] = {"date": "2026/03/10", "time": "20260310080000"}.get(field.type, codes)
    return {**found, **more}


def message() -> Said:
    """A person, two encounters, each with a diagnosis and two orders."""
    orders = [row("fsi_order_dtos"), row("fsi_order_dtos", extend_order_map={"o_prdDays": "3"})]
    stay = row(
        "fsi_encounter_dtos", med_type="2101", fsi_diagnose_dtos=[row("fsi_diagnose_dtos")], fsi_order_dtos=orders
    )
    return {
        "data": {
            "patient_dtos": [row("patient_dtos", fsi_encounter_dtos=[stay, json.loads(json.dumps(stay))])],
            "trig_scen": "1",
        }
    }


def inside(given: Said, *path: str | int) -> Any:
    for name in ("data", "patient_dtos", 0, "fsi_encounter_dtos", 1, *path):
        given = given[name]  # type: ignore[index]
    return given


def spoilt(*path: str | int, **fields: Any) -> Said:
    given = message()
    inside(given, *path).update(fields)
    return given


@pytest.mark.parametrize("infno", ["3101", "3102"])
def test_no_finding(front: Front, infno: str) -> None:
    assert a_his(front).ok(infno, message()) == {"result": []}


CASES = {
    "a field of an order": (spoilt("fsi_order_dtos", 1, rxno=""), f"{PLACE}.fsi_order_dtos[2].rxno(处方号)不能为空"),
    "a day of a diagnosis": (spoilt("fsi_diagnose_dtos", 0, dise_date="x"), f"{PLACE}.fsi_diagnose_dtos[1].dise_date(诊断日期)的值「x」不是日期"),
    "five nodes deep": (spoilt("fsi_order_dtos", 1, "extend_order_map", o_prdDays="长" * 11),
                        f"{PLACE}.fsi_order_dtos[2].extend_order_map.o_prdDays(周期天数)长度11超过10"),
    "no orders": (spoilt(fsi_order_dtos=[]), f"{PLACE}.fsi_order_dtos(处方(医嘱)信息)不能为空"),
    "orders missing": (spoilt(fsi_order_dtos=None), f"{PLACE}.fsi_order_dtos(处方(医嘱)信息)不能为空"),
    "an order that is none": (spoilt(fsi_order_dtos=["x"]), f"{PLACE}.fsi_order_dtos[1].-(行)不是对象"),
    "two maps": (spoilt("fsi_order_dtos", 1, extend_order_map=[{}, {}]), f"{PLACE}.fsi_order_dtos[2].extend_order_map(节点)应为一个对象"),
    "an unknown code": (spoilt(insutype="x"), f"{PLACE}.insutype(险种)的值「x」不在字典内"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_names_its_path(name: str) -> None:
    given, words = CASES[name]
    table = table_of("3102")
    assert table is not None
    assert [str(fault) for fault in check(table, given)[1]] == [words]


def test_what_is_good_has_one_form_at_every_depth() -> None:
    table = table_of("3102")
    assert table is not None
    clean, faults = check(table, message())
    assert not faults
    assert inside(clean, "fsi_diagnose_dtos", 0)["dise_date"] == "2026-03-10"
    assert inside(clean, "fsi_order_dtos", 0)["pric"] == "1.00"
    assert inside(clean, "fsi_order_dtos", 0)["extend_order_map"] == {}
    assert inside(clean)["fsi_operation_dtos"] == []


def test_a_person_may_be_an_object_where_a_list_is_meant() -> None:
    table = table_of("3102")
    assert table is not None
    given = message()
    given["data"]["patient_dtos"] = given["data"]["patient_dtos"][0]
    clean, faults = check(table, given)
    assert not faults
    assert clean == check(table, message())[0]


def test_only_the_newer_texts_require_the_nodes_of_3101() -> None:
    table = table_of("3101")
    assert table is not None
    assert check(table, {"data": {"trig_scen": "1"}})[1] == []
    assert [fault.field for fault in check(table, {"data": {"trig_scen": "1"}}, strict=True)[1]] == ["patient_dtos"]
    assert [fault.field for fault in check(table, {"data": {"patient_dtos": []}}, strict=True)[1]] == ["patient_dtos"]


def test_a_reply_is_kept_once(front: Front) -> None:
    his = a_his(front)
    given = {"data": {"warn_type": "1", "warns": [{"warn_rslt_id": "W1", "dspo_way": "1", "dspo_way_rea": "已核对"}]}}
    his.ok("3103", given, "M-1")
    his.ok("3103", given, "M-1")
    kept = papers_of(front.desk.database, front.seal, HOSPITAL, "audit-reply")
    assert [paper.said for paper in kept] == [given["data"]]
    assert "内容不同" in his.no("3103", {"data": {**given["data"], "warn_type": "2"}}, "M-1")
    assert "data.warns(处理数据集合)不能为空" in his.no("3103", {"data": {"warn_type": "1", "warns": []}})
    assert "data.warns[1].dspo_way(处理方式)不能为空" in his.no(
        "3103", {"data": {"warn_type": "1", "warns": [{"warn_rslt_id": "W1"}]}}
    )
    assert len(papers_of(front.desk.database, front.seal, HOSPITAL, "audit-reply")) == 1
