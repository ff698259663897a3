"""An encounter (就诊) is what its messages come to: every step that was taken, in order, without those taken back.

registered ──▶ told (diagnoses) ──▶ lines ──▶ settled ──▶ reversed        out-patient, pharmacy
admitted ──▶ lines ──▶ discharged ──▶ settled ──▶ reversed                in-patient
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from duoceng.interfaces.nhsa.check import Input
from duoceng.store.steps import Kept

OUTPATIENT, INPATIENT, PHARMACY = "outpatient", "inpatient", "pharmacy"
OPENS = {"2201": OUTPATIENT, "2401": INPATIENT, "2102": PHARMACY}
SETTLES, REVERSES = ("2207", "2304", "2102"), ("2208", "2305", "2103")
ALL_LINES = "0000"
NOT_SUBMITTED = "0"
SPLIT = ("fulamt_ownpay_amt", "overlmt_amt", "preselfpay_amt", "inscp_scp_amt")


@dataclass(slots=True)
class Row:
    """One fee line: as it came, as it was answered, what the layers ask of it, and by which settlement it is settled."""

    sn: str
    asked: Input
    answered: Input
    answers: dict[str, Any]
    amounts: tuple[int, ...]  # fen: wholly self-paid, above the price limit, borne first, in scope
    setl: str = ""


@dataclass
class Encounter:
    """An encounter as of its last step."""

    id: str
    member: str
    steps: list[Kept] = field(default_factory=list)
    hospital: str = ""
    kind: str = ""
    opened: Input = field(default_factory=dict)
    told: Input = field(default_factory=dict)
    diagnoses: list[Input] = field(default_factory=list)
    discharged: Input = field(default_factory=dict)
    lines: dict[str, Row] = field(default_factory=dict)
    settled: dict[str, Kept] = field(default_factory=dict)
    lists: dict[str, Input] = field(default_factory=dict)
    flags: list[Input] = field(default_factory=list)
    cancelled: bool = False

    @property
    def known(self) -> bool:
        """Was it opened, and not cancelled?"""
        return bool(self.kind) and not self.cancelled

    @property
    def last(self) -> int:
        """The page of its last step."""
        return self.steps[-1].number if self.steps else 0

    def open_lines(self, batch: str = "") -> list[Row]:
        """The lines no settlement has; of one batch, where one is named."""
        return [
            row
            for row in self.lines.values()
            if not row.setl and (not batch or row.asked.get("chrg_bchno", "") == batch)
        ]


def encounter_of(member: str, name: str, steps: Iterable[Kept]) -> Encounter:
    """The encounter its steps come to."""
    kept = list(steps)
    undone = {step.undoes for step in kept if step.undoes}
    found = Encounter(name, member, kept)
    for step in kept:
        if step.number not in undone and step.infno in TAKES:
            TAKES[step.infno](found, step)
    return found


def encounters_of(member: str, steps: Iterable[Kept]) -> list[Encounter]:
    """The encounters that steps of several come to, in the order they began."""
    names: dict[str, list[Kept]] = {}
    for step in steps:
        names.setdefault(step.encounter, []).append(step)
    return [encounter_of(member, name, kept) for name, kept in names.items()]


def _said(step: Kept) -> Input:
    said: Input = step.said["in"]
    return said


def _open(found: Encounter, step: Kept) -> None:
    said = _said(step)
    found.kind, found.hospital, found.cancelled = OPENS[step.infno], step.hospital, False
    found.opened = said.get("data") or said.get("mdtrtinfo") or said.get("druginfo") or {}
    found.diagnoses = said.get("diseinfo") or []


def _cancel(found: Encounter, step: Kept) -> None:
    found.cancelled = True


def _told(found: Encounter, step: Kept) -> None:
    found.told = _said(step)["mdtrtinfo"]
    valid = [row for row in _said(step).get("diseinfo") or [] if row.get("vali_flag") != "0"]
    gone = {row["diag_code"] for row in _said(step).get("diseinfo") or [] if row.get("vali_flag") == "0"}
    new = {row["diag_code"] for row in valid}
    found.diagnoses = [row for row in found.diagnoses if row["diag_code"] not in gone | new] + valid


def _lines(found: Encounter, step: Kept) -> None:
    asked = _said(step).get("feedetail") or _said(step).get("drugdetail") or []
    out: Any = step.said["out"]
    answered = out.get("result") or out.get("detlcutinfo") or []
    answers: Any = step.said["answers"]
    for row, split, said in zip(asked, answered, answers, strict=True):
        found.lines[row["feedetl_sn"]] = row_of(row, split, said)


def row_of(asked: Input, answered: Input, answers: dict[str, Any]) -> Row:
    """A line, with its split in fen."""
    return Row(
        asked["feedetl_sn"], asked, answered, answers, tuple(round(float(answered[name]) * 100) for name in SPLIT)
    )


def _fewer(found: Encounter, step: Kept) -> None:
    said = _said(step)["data"]
    rows = said if isinstance(said, list) else [said]
    for row in rows:
        batch, sn = row.get("chrg_bchno"), row.get("feedetl_sn")
        gone = [line.sn for line in found.lines.values() if not line.setl and (
            ALL_LINES in (batch, sn) or line.sn == sn or (batch and line.asked.get("chrg_bchno") == batch))]  # fmt: skip
        for name in gone:
            found.lines.pop(name)


def _settled(found: Encounter, step: Kept) -> None:
    if step.infno == "2102":
        _open(found, step)
        _lines(found, step)
    found.settled[step.setl] = step
    names: Any = step.said["lines"]
    for name in names:
        found.lines[name].setl = step.setl


def _reversed(found: Encounter, step: Kept) -> None:
    gone = str(step.said["reverses"])
    found.settled.pop(gone, None)
    found.lists.pop(gone, None)
    for line in found.lines.values():
        if line.setl == gone:
            line.setl = ""


def _discharged(found: Encounter, step: Kept) -> None:
    found.discharged = _said(step)["dscginfo"]
    found.diagnoses = [row for row in found.diagnoses if row.get("inout") != "out"]
    found.diagnoses += [{**row, "inout": "out"} for row in _said(step).get("diseinfo") or []]


def _back_in(found: Encounter, step: Kept) -> None:
    found.discharged = {}
    found.diagnoses = [row for row in found.diagnoses if row.get("inout") != "out"]


def _changed(found: Encounter, step: Kept) -> None:
    said = _said(step)
    found.opened = {**found.opened, **{name: value for name, value in said["adminfo"].items() if value != ""}}
    found.diagnoses = said.get("diseinfo") or found.diagnoses


def _list(found: Encounter, step: Kept) -> None:
    said = _said(step)
    for row in [said["setlinfo"]] if "setlinfo" in said else []:
        out: Any = step.said["out"]
        state = row.get("stas_type") or NOT_SUBMITTED
        found.lists[row["setl_id"]] = {**said, "setl_list_id": out["data"]["setl_list_id"], "stas_type": state}


def _list_state(found: Encounter, step: Kept) -> None:
    for row in _said(step)["data"]["stastinfo"]:
        if row["setl_id"] in found.lists:
            found.lists[row["setl_id"]]["stas_type"] = row["stas_type"]


def _flag(found: Encounter, step: Kept) -> None:
    found.flags.append(_said(step)["data"])


TAKES: dict[str, Callable[[Encounter, Kept], None]] = {
    "2201": _open, "2401": _open, "2202": _cancel, "2404": _cancel, "2203": _told, "2203A": _told, "2204": _lines, "2301": _lines,
    "2205": _fewer, "2302": _fewer, "2207": _settled, "2304": _settled, "2102": _settled, "2208": _reversed, "2305": _reversed,
    "2103": _reversed, "2402": _discharged, "2405": _back_in, "2403": _changed, "4101": _list, "4101A": _list, "4102": _list_state,
    "2406": _flag}  # fmt: skip
