"""A recorded day is played again; a refused message is explained; the sandbox's page shows what came."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from duoceng.base.mistakes import Refused
from duoceng.cli import sandbox as command
from duoceng.cli.app import app
from duoceng.interfaces.nhsa.app import application
from duoceng.interfaces.nhsa.board import Board
from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.nhsa.tape import Tape, recorded
from duoceng.interfaces.rest.service import Windows
from duoceng.store.database import open_database
from interfaces.nhsa.his import (
    PERSON,
    His,
    a_front,
    a_line,
    diagnoses,
    person,
    registration,
    settled_as_tried,
    to_settle,
)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    database = open_database(f"sqlite:///{tmp_path}/a.db")
    yield a_front(database)
    database.close()


def recording(front: Front, path: Path) -> None:
    """A short day on a tape: a settlement, its reversal, a refusal."""
    with path.open("w", encoding="utf-8") as file:
        tape = Tape(file, front.desk.clock)

        def send(body: bytes) -> bytes:
            answer, outcome, _ = receive(front, body)
            tape.note(body, answer, outcome)
            return answer

        his = His(send).sign_in()
        name = his.ok("2201", registration("1"))["data"]["mdtrt_id"]
        his.ok("2203", diagnoses("1", name))
        his.ok("2204", {"feedetail": [a_line("1", name, "L1", "SBX-S0001", "3000.00")]})
        info = settled_as_tried(his, "2206", "2207", to_settle("1", name, "3000.00"))["setlinfo"]
        his.ok("2208", {"data": {"setl_id": info["setl_id"], "mdtrt_id": name, "psn_no": PERSON["1"].member}})
        his.no("2206", to_settle("1", name, "2999.00"))


def test_a_day_is_played_again(front: Front, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tape = tmp_path / "day.jsonl"
    recording(front, tape)
    assert len(list(recorded(tape))) == 8
    assert command.replay(str(tape), "", command.Wanted()) == 0
    assert capsys.readouterr().out == "8 条报文，0 处不同\n"


def test_what_differs_is_shown(front: Front, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tape = tmp_path / "day.jsonl"
    recording(front, tape)
    lines = tape.read_text(encoding="utf-8").splitlines()
    said = json.loads(lines[5])
    said["answered"]["output"]["setlinfo"]["hifp_pay"] = 1.0
    tape.write_text("\n".join([*lines[:5], json.dumps(said, ensure_ascii=False), *lines[6:]]) + "\n", encoding="utf-8")
    assert command.replay(str(tape), "", command.Wanted()) == 1
    assert (
        "day.jsonl:6  2207  output.setlinfo.hifp_pay: 1.0 → 1530.0" in capsys.readouterr().out
    )  # (3000 - 1300) x 90 %


def test_a_line_that_is_no_message_is_named(tmp_path: Path) -> None:
    tape = tmp_path / "day.jsonl"
    tape.write_text('{"at": "x"}\n', encoding="utf-8")
    with pytest.raises(Refused) as refused:
        list(recorded(tape))
    assert (refused.value.mistakes[0].code, refused.value.mistakes[0].place.line) == ("N020", 1)


def test_nobody_answers(front: Front, tmp_path: Path) -> None:
    tape = tmp_path / "day.jsonl"
    recording(front, tape)
    with pytest.raises(Refused) as refused:
        command.replay(str(tape), "http://127.0.0.1:9/", command.Wanted())
    assert refused.value.mistakes[0].code == "N021"


def test_a_message_in_a_file_is_explained_field_by_field(tmp_path: Path) -> None:
    given = registration("1")
    given["data"] |= {"insutype": "999", "begntime": "yesterday", "dept_code": ""}
    file = tmp_path / "m.json"
    file.write_text(json.dumps(His(lambda body: body).envelope("2201", given), ensure_ascii=False), encoding="gbk")
    found = CliRunner().invoke(app, ["sandbox", "--explain", str(file)])
    assert found.exit_code == 1
    assert [line.split("(")[0] for line in found.output.splitlines()] == [
        "✗ data.insutype",
        "✗ data.begntime",
        "✗ data.dept_code",
    ]
    assert "→ 写成 2026-03-01 08:30:00" in found.output


def test_the_page_shows_what_came(front: Front) -> None:
    board = Board()

    def watch(asked: bytes, answered: bytes, outcome: Any) -> None:
        board.note("09:00:00", asked, answered, outcome)

    with TestClient(application(front, Windows(2, 8), watch, board.routes())) as client:
        his = His(lambda body: client.post("/any/path", content=body).content).sign_in()
        his.ok("1101", {"data": person("1")})
        his.no("1101", {"data": {**person("1"), "certno": "", "psn_cert_type": "<script>"}})
        page, english = client.get("/").text, client.get("/", headers={"accept-language": "en"}).text
        traffic = client.get("/traffic").json()
    assert [row["infno"] for row in traffic] == ["1101", "1101", "9001"]
    assert "certno 证件号码" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "Last messages" in english


def test_a_file_comes_as_a_form_too(front: Front) -> None:
    """The sample client sends the envelope as text beside the bytes of a file; what is no form is answered in an envelope."""
    with TestClient(application(front, Windows(2, 8))) as client:
        his = His(lambda body: client.post("/", content=body).content).sign_in()
        said = json.dumps(his.envelope("1101", {"data": person("1")}))
        assert client.post("/", files={"file": b"x"}, data={"jsonStr": said}).json()["infcode"] == 0
        assert client.post("/", files={"file": b"x"}).json()["infcode"] == -2
        assert client.post("/", content=b"x" * 5_000_000).status_code == 413
