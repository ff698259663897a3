"""In production the service speaks the national interface beside REST: to the institutions of a file, behind their gateway's headers."""

import json
from pathlib import Path
from typing import Any

import pytest

from duoceng.base.mistakes import Refused
from duoceng.interfaces.nhsa.app import beside
from duoceng.interfaces.nhsa.gateway import Gateway, sign
from duoceng.policy.library import Library
from interfaces.nhsa.his import His
from interfaces.rest.services import a_front

INSTITUTIONS = """institutions:
  - {code: H44070000001, name: 江门示例医院, admdvs: "440700", level: secondary, answers: {referral: local}, gateway: {family: tif, secrets: {his: "s3cret"}}}
"""


def test_a_hospital_speaks_to_the_service(tmp_path: Path, library: Library) -> None:
    file = tmp_path / "institutions.yaml"
    file.write_text(INSTITUTIONS, encoding="utf-8")
    gateway = Gateway.read({"family": "tif", "secrets": {"his": "s3cret"}})
    with a_front("sqlite", tmp_path, library) as front:
        front.enrol("ada")
        beside(front.http.app, front.desk, file)  # type: ignore[arg-type]
        turn = 0

        def send(body: bytes, headers: dict[str, str] | None = None) -> Any:
            nonlocal turn
            turn += 1
            infno = json.loads(body)["infno"]
            signed = sign(gateway, infno, front.clock(), f"n{turn}") if headers is None else headers
            return front.http.request("POST", "/fsi/api/rsfComIfsService/callService", content=body, headers=signed)

        his = His(lambda body: send(body).content, "H44070000001", "440700", "440700").sign_in()
        said = his.ok("2201", {"data": {"psn_no": "ada", "insutype": "310", "begntime": "2024-11-20 08:30:00", "mdtrt_cert_type": "02",
                                        "mdtrt_cert_no": "x", "ipt_otp_no": "1", "dept_code": "1", "dept_name": "x", "caty": "A03"}})  # fmt: skip
        assert said["data"]["psn_no"] == "ada"
        bare = send(json.dumps(his.envelope("1101", {})).encode(), {})
        assert (bare.status_code, bare.json()["code"]) == (401, 401)
        assert (
            "未在本系统登记"
            in json.loads(send(json.dumps({**his.envelope("1101", {}), "fixmedins_code": "H0"}).encode()).content)[
                "err_msg"
            ]
        )
        assert front.ask("bureau", "GET", "/v1/members/ada").status_code == 200
        assert front.http.request("POST", "/other/path", content=b"{}").status_code == 404


def test_who_proves_nothing_may_call_from_this_machine_only(tmp_path: Path, library: Library) -> None:
    file = tmp_path / "institutions.yaml"
    file.write_text(
        "institutions:\n  - {code: H44070000001, name: x, admdvs: '440700', level: secondary}\n", encoding="utf-8"
    )
    with a_front("sqlite", tmp_path, library) as front:
        with pytest.raises(Refused) as refused:
            beside(front.http.app, front.desk, file)  # type: ignore[arg-type]
        assert "H44070000001" in refused.value.mistakes[0].what
        beside(front.http.app, front.desk, file, near=True)  # type: ignore[arg-type]
