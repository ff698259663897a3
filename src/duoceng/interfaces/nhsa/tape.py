"""All traffic on a tape, a line of JSON for each message; and a recorded day played again, its answers compared.

Numbers that were given out (encounters, settlements, sign-ins ...) are others when a day is played again: each is put in the place of
the one it stands for, as the answers come in.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import IO, Any

from duoceng.base.mistakes import Place, refuse
from duoceng.base.text import unreadable
from duoceng.interfaces.nhsa.door import Outcome, explained

GIVEN = frozenset(
    {
        "mdtrt_id",
        "setl_id",
        "sign_no",
        "trt_dcla_detl_sn",
        "file_qury_no",
        "clr_appy_evt_id",
        "setl_list_id",
        "ipt_psn_sp_flag_detl_id",
    }
)
PASSING = frozenset({"inf_refmsgid", "refmsg_time", "respond_time", "setl_time", "sign_time", "opt_time", "crte_time", "dld_endtime", "dld_end_time",
                     "filename", "cainfo", *GIVEN})  # fmt: skip


@dataclass
class Tape:
    """A file that everything said is written to."""

    file: IO[str]
    clock: Callable[[], datetime]
    lock: Lock = field(default_factory=Lock)

    def note(self, asked: bytes, answered: bytes, outcome: Outcome) -> None:
        """Write down one message and its answer."""
        read = outcome.envelope
        said = {"at": self.clock().isoformat(), "asked": dict(read.said) if read else asked.decode("utf-8", "replace"),
                "answered": _json(answered), "faults": explained(outcome)}  # fmt: skip
        with self.lock:
            self.file.write(json.dumps(said, ensure_ascii=False) + "\n")
            self.file.flush()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message of a tape, and its answer then."""

    line: int
    at: datetime
    asked: Any
    answered: Any


def recorded(path: Path) -> Iterator[Recorded]:
    """The messages of a tape, in order. Raises Refused, naming the line."""
    try:
        with path.open(encoding="utf-8") as lines:
            for at, line in enumerate(lines, 1):
                said = json.loads(line)
                yield Recorded(at, datetime.fromisoformat(said["at"]), said["asked"], said["answered"])
    except (OSError, UnicodeDecodeError) as error:
        what, repair = unreadable(error)
        raise refuse("B019", Place(str(path), 0), what, "", repair) from None
    except (ValueError, KeyError, TypeError):
        what, repair = "this line is no message of a tape", "give a file written with --record"
        raise refuse("N020", Place(str(path), at), what, "Nothing after it was played.", repair) from None


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an answer is another than it was: the line of the tape, the transaction, the place in the answer, then and now."""

    line: int
    infno: str
    where: str
    then: object
    now: object


@dataclass
class Player:
    """Plays a tape to somebody who answers."""

    send: Callable[[bytes], bytes]
    numbers: dict[str, str] = field(default_factory=dict)

    def play(self, one: Recorded) -> list[Difference]:
        """One message again; what of its answer is another."""
        asked = self._with_new(one.asked)
        body = asked.encode() if isinstance(asked, str) else json.dumps(asked, ensure_ascii=False).encode()
        now = _json(self.send(body))
        self._learn(one.answered, now)
        infno = str(one.asked.get("infno", "")) if isinstance(one.asked, dict) else ""
        return [Difference(one.line, infno, where, then, new) for where, then, new in differences(one.answered, now)]

    def _with_new(self, said: Any) -> Any:
        if isinstance(said, dict):
            return {name: self._with_new(value) for name, value in said.items()}
        if isinstance(said, list):
            return [self._with_new(value) for value in said]
        if isinstance(said, str) and said[:1] in "{[" and any(old in said for old in self.numbers):
            for old, new in self.numbers.items():
                said = said.replace(old, new)
            return said
        return self.numbers.get(said, said) if isinstance(said, str) else said

    def _learn(self, then: Any, now: Any) -> None:
        if isinstance(then, dict) and isinstance(now, dict):
            for name, value in then.items():
                if name in GIVEN and isinstance(value, str) and isinstance(now.get(name), str) and value:
                    self.numbers[value] = now[name]
                else:
                    self._learn(value, now.get(name))
        elif isinstance(then, list) and isinstance(now, list):
            for one, other in zip(then, now, strict=False):
                self._learn(one, other)


def differences(then: Any, now: Any, where: str = "") -> Iterator[tuple[str, object, object]]:
    """The places where two answers are not the same; times and numbers given out do not count."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in [*then, *(name for name in now if name not in then)]:
            if name not in PASSING:
                yield from differences(then.get(name), now.get(name), f"{where}.{name}" if where else name)
    elif isinstance(then, list) and isinstance(now, list):
        if len(then) != len(now):
            yield where, f"{len(then)} 行", f"{len(now)} 行"
        for at, (one, other) in enumerate(zip(then, now, strict=False), 1):
            yield from differences(one, other, f"{where}[{at}]")
    elif then != now:
        yield where, then, now


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        return json.loads(body.decode("gb18030")) if body[:1] == b"{" else {"bytes": len(body)}
    except ValueError:
        return {"bytes": len(body)}
