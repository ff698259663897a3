"""Settlements for tests: somebody comes, is treated, and the bill is settled."""

from collections.abc import Mapping
from typing import Any

from duoceng.interfaces.nhsa.fields import ALWAYS, table_of
from interfaces.nhsa.his import (
    PERSON,
    His,
    Said,
    a_line,
    admission,
    diagnoses,
    discharge,
    registration,
    settled_as_tried,
    to_settle,
    to_settle_stay,
)

STAY_LINE = {"fee_ocur_time": "2026-03-04 10:00:00"}


def outpatient(his: His, key: str, price: str, code: str = "SBX-S0001", med_type: str = "11") -> Said:
    """An out-patient settlement: its `setlinfo`."""
    name = his.ok("2201", registration(key))["data"]["mdtrt_id"]
    his.ok("2203", diagnoses(key, name, med_type))
    his.ok("2204", {"feedetail": [a_line(key, name, "L1", code, price, med_type=med_type)]})
    found: Said = settled_as_tried(his, "2206", "2207", to_settle(key, name, price, med_type))["setlinfo"]
    return found


def stay(his: His, key: str, price: str, **more: Any) -> Said:
    """A stay and its settlement: the whole answer."""
    name = his.ok("2401", admission(key))["result"]["mdtrt_id"]
    his.ok("2301", {"feedetail": [a_line(key, name, "S1", "SBX-S0004", price, **STAY_LINE)]})
    his.ok("2402", discharge(key, name))
    found: Said = settled_as_tried(his, "2303", "2304", to_settle_stay(key, name, price, **more))
    return found


def named(info: Said) -> Said:
    """What names a settlement: person, encounter, settlement."""
    return {"psn_no": info["psn_no"], "mdtrt_id": info["mdtrt_id"], "setl_id": info["setl_id"]}


def refund(his: His, info: Said, infno: str = "2208") -> Said:
    """Take a settlement back: the `setlinfo` of the refund."""
    found: Said = his.ok(infno, {"data": named(info)})["setlinfo"]
    return found


def undo(his: His, key: str, msgid: str, infno: str = "2207") -> None:
    """Take back what a message did."""
    his.ok("2601", {"data": {"psn_no": PERSON[key].member, "omsgid": msgid, "oinfno": infno}})


def missing(infno: str, node: str, row: Mapping[str, Any]) -> set[str]:
    """Fields the table of an answer requires, and the row does not have; and fields it has that the table does not name."""
    table = table_of(infno)
    assert table is not None
    fields = next(one.fields for one in table.answered() if one.name == node)
    strange = set(row) - {field.name for field in fields}
    return {field.name for field in fields if field.required == ALWAYS and row.get(field.name) in ("", None)} | strange
