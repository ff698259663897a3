"""Every transaction: each required field missing, each type wrong, each length exceeded, each code unknown. Clear words, nothing stored."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from duoceng.interfaces.nhsa.check import Fault, check, said
from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.fields import ALWAYS, Field, Node, Table, dictionaries, table_of
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.nhsa.registry import all_known
from duoceng.store.columns import COLUMNS
from duoceng.store.database import open_database
from interfaces.nhsa.his import His, a_front, a_his

NUMBERS = sorted(all_known())


@pytest.fixture(scope="module")
def his(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Front, His]]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('fields')}/a.db")
    front = a_front(database)
    yield front, a_his(front)
    database.close()


def fitting(field: Field) -> Any:
    """A value that fits a field."""
    if field.codes:
        return next(iter(dictionaries()[field.codes]))
    return {"date": "2026-03-10", "time": "2026-03-10 08:00:00", "flag": "1", "any": [], "bytes": "AA=="}.get(
        field.type, "1" if field.type.startswith("n") else "x"[: field.places or 1])  # fmt: skip


def row_of(node: Node) -> dict[str, Any]:
    return {field.name: fitting(field) for field in node.fields}


def nested(table: Table) -> dict[str, str]:
    """Nodes that stand inside another: their names, and the node they stand in."""
    names = {node.name for node in table.asked()}
    return {
        field.name: node.name
        for node in table.asked()
        for field in node.fields
        if field.type == "any" and field.name in names
    }


def whole(table: Table) -> dict[str, Any]:
    """An input that fits a table."""
    found: dict[str, Any] = {}
    inside = nested(table)
    rows = {node.name: row_of(node) for node in table.asked()}
    for name in inside:
        rows[inside[name]][name] = [rows[name]]
    for node in table.asked():
        if node.name == "-":
            found |= rows["-"]
        elif node.name not in inside:
            found[node.name] = [rows[node.name]] if node.many else rows[node.name]
    return found


def rows_in(given: dict[str, Any], table: Table, node: Node) -> dict[str, Any]:
    """The row of a node inside an input."""
    inside = nested(table)
    path = [node.name]
    while path[0] in inside:
        path.insert(0, inside[path[0]])
    here: Any = given
    for name in path:
        here = here if name == "-" else here[name]
        here = here[0] if isinstance(here, list) else here
    return dict(here) if here is None else here


def changed(table: Table, node: Node, name: str, value: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(whole(table)))
    rows_in(found, table, node)[name] = value
    return found


def wrongs(table: Table) -> Iterator[tuple[Node, Field, Any, str]]:
    """Every field of a table, wrong in each way it can be; and what the fault says."""
    for node in table.asked():
        for field in node.fields:
            if field.type in ("any", "bytes"):
                continue
            if field.required == ALWAYS:
                yield from ((node, field, empty, "不能为空") for empty in ("", None, "null"))
            if field.type in ("date", "time"):
                yield node, field, "2026-13-45", "不是"
            elif field.type.startswith("n"):
                yield node, field, "abc", "不是数字"
                yield node, field, "9" * 29, "超出长度"
            elif field.codes:
                yield node, field, "\uffee"[: field.places or 1], "不在字典内"
            if field.type.startswith("c"):
                yield node, field, {"a": 1}, "应为单个值"
                if field.places:
                    yield node, field, "长" * (field.places + 1), "长度"


@pytest.mark.parametrize("number", NUMBERS)
def test_what_fits_has_no_fault(number: str) -> None:
    table = table_of(number)
    assert table is not None, f"{number} has no table"
    assert check(table, whole(table), strict=True)[1] == []


@pytest.mark.parametrize("number", NUMBERS)
def test_every_wrong_field_is_named(number: str) -> None:
    table = table_of(number)
    assert table is not None
    for node, field, value, words in wrongs(table):
        faults = check(table, changed(table, node, field.name, value))[1]
        mine = [fault for fault in faults if fault.field == field.name]
        assert len(mine) == 1, (number, node.name, field.name, value, faults)
        assert words in mine[0].what
        assert mine[0].repair
        assert field.title in said(faults)


def stored(front: Front) -> dict[str, int]:
    """How many rows each table has."""
    return {name: front.desk.database.rows(f"SELECT COUNT(*) AS n FROM {name}")[0]["n"] for name in COLUMNS}


@pytest.mark.parametrize("number", NUMBERS)
def test_nothing_is_stored_of_what_is_refused(number: str, his: tuple[Front, His]) -> None:
    """One wrong field of each kind, through the whole door."""
    front, client = his
    table = table_of(number)
    assert table is not None
    before = stored(front)
    tried: set[str] = set()
    for node, field, value, words in wrongs(table):
        if words in tried:
            continue
        tried.add(words)
        message = client.no(number, changed(table, node, field.name, value))
        assert field.name in message, (number, field.name, message)
        assert len(message) <= 200
    assert stored(front) == before


@pytest.mark.parametrize("number", NUMBERS)
def test_what_fits_and_means_nothing_is_no_error_of_the_server(number: str, his: tuple[Front, His]) -> None:
    """Every field as long as it may be, or the last day or number there is: an answer, or a refusal."""
    _, client = his
    table = table_of(number)
    assert table is not None
    for node in table.asked():
        for field in node.fields:
            most = {"date": "9999-12-31", "time": "9999-12-31 23:59:59"}.get(
                field.type, "9" * max(field.places - field.decimals, 1)
            )
            if field.codes or field.type in ("any", "bytes", "flag"):
                continue
            given = changed(table, node, field.name, most)
            found = json.loads(client.send(json.dumps(client.envelope(number, given)).encode()) or b"{}")
            assert found["infcode"] in (0, -2), (node.name, field.name, found)


def test_many_faults_say_how_many() -> None:
    faults = [Fault("data", 0, f"field_{at}", "很长的字段名称" * 3, "不能为空", "必填") for at in range(50)]
    words = said(faults)
    assert len(words) <= 200
    assert "另有" in words


def test_what_only_newer_texts_require(his: tuple[Front, His]) -> None:
    """A client of 2021 sends no name with a registration; a strict institution asks for it."""
    table = table_of("2201")
    assert table is not None
    given = whole(table)
    given["data"]["psn_name"] = ""
    assert check(table, given)[1] == []
    assert [fault.field for fault in check(table, given, strict=True)[1]] == ["psn_name"]


def test_every_table_knows_its_code_lists() -> None:
    from duoceng.interfaces.nhsa.fields import tables

    for table in tables().values():
        for node in table.nodes:
            for field in node.fields:
                assert not field.codes or dictionaries()[field.codes], (table.number, field.name)


def test_a_body_that_is_no_message(his: tuple[Front, His], tmp_path: Path) -> None:
    front, _ = his
    before = stored(front)
    for body in (
        b"",
        b"{",
        b"[]",
        b"\xff\xfe\x00",
        b"null",
        b'{"infno": {"a": 1}}',
        b'{"infno":"2207","input":"{"}',
        b'{"a":"\\ud800"}',
    ):
        answer = json.loads(receive(front, body)[0])
        assert answer["infcode"] == -2
        assert answer["err_msg"]
    assert stored(front) == before
