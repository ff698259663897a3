"""All forms of envelope that are met in practice, answered in kind; and whatever else comes, answered in an envelope."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duoceng.interfaces.nhsa.door import receive
from duoceng.interfaces.nhsa.front import Front
from duoceng.interfaces.nhsa.institutions import Institutions
from duoceng.interfaces.nhsa.registry import all_known
from duoceng.interfaces.nhsa.signing import Signing, close_answer, decrypt, is_signed, signed_text
from duoceng.store.database import open_database
from interfaces.nhsa.his import CLINIC, HOSPITAL, PERSON, His, a_front, a_his, person, registration

PRIVATE = bytes(range(1, 33))


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('envelope')}/a.db")
    yield a_front(database)
    database.close()


def answer(front: Front, said: dict[str, Any], encoding: str = "utf-8") -> tuple[dict[str, Any], bytes]:
    body, _, _ = receive(front, json.dumps(said, ensure_ascii=False).encode(encoding))
    return json.loads(body.decode(encoding)), body


def test_gbk_is_answered_in_gbk(front: Front) -> None:
    his = a_his(front)
    found, body = answer(front, his.envelope("1101", {"data": person("1")}), "gbk")
    assert found["output"]["baseinfo"]["psn_name"] == "王建国"
    assert "王建国".encode("gbk") in body


def test_an_input_in_a_string_is_answered_in_a_string(front: Front) -> None:
    his = a_his(front)
    found, _ = answer(front, his.envelope("1101", json.dumps({"data": person("1")}, ensure_ascii=False)))
    assert json.loads(found["output"])["baseinfo"]["psn_name"] == "王建国"


def test_infcode_is_a_number_or_text_as_the_institution_reads_it(front: Front) -> None:
    assert a_his(front, HOSPITAL).ask("1101", {"data": person("1")})["infcode"] == 0
    assert a_his(front, CLINIC).ask("1101", {"data": person("1")})["infcode"] == "0"


def test_numbers_as_text_text_as_numbers_and_times_of_all_forms(front: Front) -> None:
    his = a_his(front)
    for begins in (
        "2026-03-10 08:30:00",
        "20260310083000",
        "2026/03/10 08:30:00",
        "2026-03-10T08:30:00",
        "2026-03-10 08:30",
    ):
        given_ = registration("1")
        given_["data"] |= {
            "begntime": begins,
            "psn_no": int(PERSON["1"].member),
            "insutype": 310,
            "unknown": {"to": "us"},
            "certno": "null",
        }
        assert his.ok("2201", given_)["data"]["psn_no"] == PERSON["1"].member


def test_the_number_counts_and_not_the_path_and_extra_fields_are_nobodys(front: Front) -> None:
    his = a_his(front)
    said = {
        **his.envelope("1101", {"data": person("1")}),
        "enc_type": "",
        "serv_code": "x",
        "infver": 1.0,
        "opter_type": 1,
    }
    assert answer(front, said)[0]["infcode"] == 0


def test_what_is_missing_in_the_envelope_is_named(front: Front) -> None:
    his = a_his(front)
    for name in ("infno", "msgid", "fixmedins_code", "opter"):
        for empty in ("", None, "NULL"):
            found, _ = answer(front, {**his.envelope("1101", {"data": person("1")}), name: empty})
            assert found["infcode"] == -2
            assert name in found["err_msg"]
    found, _ = answer(front, {**his.envelope("9999", {}), "infno": "9999"})
    assert "不受支持" in found["err_msg"]


def test_a_stranger_may_not_call_where_no_guests_are_taken(front: Front) -> None:
    closed = replace(front, institutions=Institutions(front.institutions.known))
    found, _ = answer(
        closed, {**a_his(front).envelope("1101", {"data": person("1")}), "fixmedins_code": "H00000000000"}
    )
    assert "未在本系统登记" in found["err_msg"]


def test_a_signed_and_encrypted_message_is_answered_alike(front: Front) -> None:
    """The hospital's key signs, the service's answers; both seal the data with the SM4 key they share."""
    from duoceng.interfaces.nhsa.signing import public_of

    theirs = Signing(
        style="sm2", private_key=PRIVATE, public_key=public_of(PRIVATE[::-1]), encrypted=True, sm4_key=bytes(16)
    )
    ours = replace(theirs, private_key=PRIVATE[::-1], public_key=public_of(PRIVATE))
    hospital = replace(front.institutions.known[HOSPITAL], signing=ours, sign_in=False)
    sealed = replace(front, institutions=Institutions({HOSPITAL: hospital}))
    said = His(lambda body: body).envelope("1101", {})
    said.pop("input")
    closed = close_answer(
        {**said, "output": {"data": person("1")}}, theirs
    )  # an asking is closed as an answer is, under another name
    closed["input"] = closed.pop("output")
    found, _ = answer(sealed, closed)
    assert found["infcode"] == 0, found
    assert is_signed(signed_text(found, found["output"], theirs), found["cainfo"], theirs)
    assert json.loads(decrypt(found["output"], theirs))["baseinfo"]["psn_name"] == "王建国"
    refused, _ = answer(sealed, {**closed, "opter": "0002"})
    assert refused["infcode"] == -2


ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
                        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4), max_leaves=12)  # fmt: skip
FIELDS = (
    "psn_no",
    "mdtrt_id",
    "data",
    "feedetail",
    "mdtrtinfo",
    "diseinfo",
    "insutype",
    "cnt",
    "pric",
    "begntime",
    "exp_content",
    "setl_id",
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    infno=st.sampled_from(sorted(all_known())),
    said=st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), ANYTHING, max_size=5) | ANYTHING,
)
def test_fuzzed_inputs_are_never_an_error_of_the_server(front: Front, infno: str, said: Any) -> None:
    his = a_his(front) if not front_signed else His(lambda body: receive(front, body)[0], sign_no=front_signed[0])
    front_signed[:] = [his.sign_no]
    found = his.ask(infno, said)
    assert found["infcode"] in (0, -2), found
    assert found["infcode"] == 0 or found["err_msg"]


front_signed: list[str] = []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | ANYTHING.map(lambda said: json.dumps(said).encode()))
def test_fuzzed_bodies_are_answered_in_an_envelope(front: Front, body: bytes) -> None:
    found = json.loads(receive(front, body)[0].decode("gb18030", "replace"))
    assert found["infcode"] == -2
    assert found["err_msg"]


@pytest.mark.parametrize("name", ["msgid", "opter", "sign_no", "mdtrtarea_admvs", "insuplc_admdvs"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=ANYTHING)
def test_fuzzed_envelopes(front: Front, name: str, value: Any) -> None:
    his = a_his(front) if not front_signed else His(lambda body: receive(front, body)[0], sign_no=front_signed[0])
    front_signed[:] = [his.sign_no]
    said = {**his.envelope("2201", registration("1")), name: value}
    found = json.loads(receive(front, json.dumps(said).encode())[0])
    assert found["infcode"] in (0, -2), found


def test_identities_are_nowhere_in_the_clear(tmp_path: Path) -> None:
    """Names and numbers that went through the interface, looked for in every byte of the database."""
    file = tmp_path / "clear.db"
    database = open_database(f"sqlite:///{file}")
    front = a_front(database)
    his = a_his(front)
    name = his.ok("2201", registration("1"))["data"]["mdtrt_id"]
    assert name
    database.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("clear.db*"))
    assert PERSON["1"].member.encode() in stored  # what is looked for would be found
    assert PERSON["1"].number.encode() not in stored
    assert "王建国".encode() not in stored
