"""The headers of three families of gateways: what is let in, what is not, and in which words."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.base.mistakes import Refused
from duoceng.interfaces.nhsa.gateway import NEW, SEEN, TOO_OLD, Gateway, Nonces, NotLetIn, check, sign

NOW = datetime.fromtimestamp(1793520000, UTC)
SECRETS = {"hospital-1": "s3cret", "hospital-2": "0ther"}
HALF = timedelta(minutes=30)


def gateway(family: str = "tif") -> Gateway:
    """A new gateway, that remembers nothing."""
    return Gateway(family, SECRETS, "1.0.0")


def words(one: Gateway, headers: dict[str, str], infno: str = "2207", now: datetime = NOW) -> str:
    """What a message is refused with; nothing where it is let in."""
    try:
        check(one, headers, infno, now)
    except NotLetIn as refused:
        assert refused.status == 401 and refused.body() == {"code": 401, "message": refused.message}
        return refused.message
    return ""


def test_openssl_and_sha256sum_make_the_same_headers() -> None:
    signed = sign(gateway("signed"), "2207", NOW, "")
    tif = sign(Gateway("tif", {"hospital-1": "t0ken"}), "2207", NOW, "19d2f-a1")

    assert signed == {
        "_api_name": "2207", "_api_version": "1.0.0", "_api_timestamp": "1793520000000", "_api_access_key": "hospital-1",
        "_api_signature": "Trs5I08SdU30PKYFmqwuSdB65kM=",
    }  # fmt: skip
    assert tif == {
        "x-tif-paasid": "hospital-1", "x-tif-timestamp": "1793520000", "x-tif-nonce": "19d2f-a1",
        "x-tif-signature": "5d0ee68dc197b1229b4495f149d402fc71ef0a2614702b70d427a75734ca982c",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["", "hospital-2"])
@pytest.mark.parametrize("family", ["none", "signed", "tif", "key"])
def test_what_is_signed_is_let_in(family: str, name: str) -> None:
    headers = sign(gateway(family), "2207", NOW, "n1", name)

    assert words(gateway(family), headers) == ""
    assert words(gateway(family), {key.upper(): f" {value} " for key, value in headers.items()} | {"Host": "x"}) == ""
    assert (words(gateway(family), {}) == "") == (family == "none")


@pytest.mark.parametrize(
    "family, change, told",
    [("signed", {"_api_signature": ""}, "缺少服务网关的请求头：_api_signature"), ("signed", {"_api_name": " ", "_api_version": ""}, "缺少服务网关的请求头：_api_name、_api_version"),
     ("tif", {"x-tif-nonce": ""}, "缺少服务网关的请求头：x-tif-nonce"), ("key", {"apikey": ""}, "缺少服务网关的请求头：apikey"),
     ("signed", {"_api_access_key": "nobody"}, "非法用户"), ("tif", {"x-tif-paasid": "nobody"}, "非法用户"), ("key", {"apikey": "s3cre"}, "非法用户"),
     ("key", {"apikey": "hospital-1"}, "非法用户"), ("key", {"apikey": "密钥"}, "非法用户"),
     ("signed", {"_api_access_key": "hospital-2"}, "签名不一致"), ("signed", {"_api_version": "1.0.1"}, "签名不一致"), ("signed", {"_api_name": "2208"}, "签名不一致"),
     ("signed", {"_api_timestamp": "1793520000001"}, "签名不一致"), ("signed", {"_api_signature": "签名"}, "签名不一致"),
     ("signed", {"_api_signature": "trs5I08SdU30PKYFmqwuSdB65kM="}, "签名不一致"),
     ("tif", {"x-tif-paasid": "hospital-2"}, "签名不一致"), ("tif", {"x-tif-timestamp": "1793520001"}, "签名不一致"), ("tif", {"x-tif-nonce": "n2"}, "签名不一致"),
     ("tif", {"x-tif-signature": "\udcff"}, "签名不一致"), ("tif", {"x-tif-nonce": "n" * 129}, "签名不一致：x-tif-nonce应为1至128位可见ASCII字符"),
     ("signed", {"_api_timestamp": "1793520000"}, "签名时间戳超时：时间戳应为13位数字"), ("tif", {"x-tif-timestamp": "1793520000000"}, "签名时间戳超时：时间戳应为10位数字"),
     ("tif", {"x-tif-timestamp": "１７９３５２００００"}, "签名时间戳超时：时间戳应为10位数字"), ("tif", {"x-tif-timestamp": "-793520000"}, "签名时间戳超时：时间戳应为10位数字")],
)  # fmt: skip
def test_what_was_changed_is_not(family: str, change: dict[str, str], told: str) -> None:
    headers = sign(gateway(family), "2207", NOW, "n1")

    assert words(gateway(family), headers) == ""
    assert words(gateway(family), headers | change) == told


def test_a_hash_in_capitals_is_the_same_hash() -> None:
    headers = sign(gateway(), "2207", NOW, "n1")

    assert words(gateway(), headers | {"x-tif-signature": headers["x-tif-signature"].upper()}) == ""


def test_headers_of_one_transaction_are_not_those_of_another() -> None:
    headers = sign(gateway("signed"), "2207", NOW, "")

    assert words(gateway("signed"), headers, infno="2208") == "签名不一致：_api_name与报文infno不同"


@pytest.mark.parametrize("family", ["signed", "tif"])
@pytest.mark.parametrize(
    "late, told",
    [
        (HALF, ""),
        (-HALF, ""),
        (HALF + timedelta(seconds=1), "签名时间戳超时"),
        (-HALF - timedelta(seconds=1), "签名时间戳超时"),
    ],
)
def test_the_window_is_half_an_hour_to_both_sides(family: str, late: timedelta, told: str) -> None:
    headers = sign(gateway(family), "2207", NOW, "n1")

    assert words(gateway(family), headers, now=NOW + late) == told


def test_a_nonce_counts_once_and_for_its_caller() -> None:
    one = gateway()
    first, other = (sign(one, "2207", NOW, "n1", name) for name in SECRETS)
    later = sign(one, "2207", NOW + HALF, "n1")

    assert words(one, first) == ""
    assert words(one, first, now=NOW + HALF) == "重复请求：x-tif-nonce已使用"
    assert words(one, later, now=NOW + HALF) == "重复请求：x-tif-nonce已使用"
    assert words(one, other) == ""
    assert words(one, sign(one, "2207", NOW + 2 * HALF, "n1"), now=NOW + 2 * HALF) == ""
    assert words(gateway(), first) == "", "another gateway remembers nothing"


def test_what_was_not_signed_is_not_remembered() -> None:
    one = gateway()
    headers = sign(one, "2207", NOW, "n1")

    assert words(one, headers | {"x-tif-signature": "0" * 64}) == "签名不一致"
    assert len(one.nonces) == 0
    assert words(one, headers) == ""
    assert len(one.nonces) == 1


def test_a_hash_that_was_continued_is_not_let_in() -> None:
    """A plain hash can be continued by whoever saw it; the bytes that fill its block cannot stand in a nonce."""
    stamp, token = "1793520000", SECRETS["hospital-1"]
    begun = f"{stamp}{token}n1{stamp}".encode()
    filling = b"\x80" + bytes(64 - len(begun) - 9) + (8 * len(begun)).to_bytes(8, "big")
    continued = sha256(begun + filling + stamp.encode()).hexdigest()
    nonce = (begun[len(stamp + token) :] + filling).decode("latin-1")

    headers = {
        "x-tif-paasid": "hospital-1",
        "x-tif-timestamp": stamp,
        "x-tif-nonce": nonce,
        "x-tif-signature": continued,
    }
    assert words(gateway(), headers).startswith("签名不一致：x-tif-nonce")


def test_memory_is_bounded_and_what_is_forgotten_is_not_let_in_twice() -> None:
    nonces = Nonces(most=3)
    for stamp in (11, 12, 13, 14):
        assert nonces.note("a", f"n{stamp}", stamp, 0) == NEW

    assert len(nonces) == 3
    assert [nonces.note("a", f"n{stamp}", stamp, 0) for stamp in (11, 12, 13, 14)] == [TOO_OLD, SEEN, SEEN, SEEN]
    assert [nonces.note("a", "new", 11, 0), nonces.note("b", "new", 11, 0)] == [TOO_OLD, NEW]
    assert nonces.note("a", "late", 12, 0) == NEW  # and forgotten at once: it is the oldest of four
    assert [nonces.note("a", name, 12, 0) for name in ("late", "n12")] == [TOO_OLD, SEEN]
    assert len(nonces) == 4


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(0, 12)), max_size=40), st.integers(1, 5))
def test_nothing_is_let_in_twice(calls: list[tuple[int, int, int]], most: int) -> None:
    """Whatever comes in whatever order, while the clock goes on: never the same nonce of the same second twice."""
    nonces, let_in, oldest = Nonces(most), set(), 0
    for stamp, nonce, clock in calls:
        oldest = max(oldest, clock)
        if stamp >= oldest and nonces.note("a", str(nonce), stamp, oldest) == NEW:
            assert (stamp, nonce) not in let_in
            let_in.add((stamp, nonce))
        assert len(nonces) <= most


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["signed", "tif", "key"]), st.data())
def test_nothing_but_a_refusal_comes_of_anything(family: str, data: st.DataObject) -> None:
    one, any_text = gateway(family), st.text(st.characters(exclude_categories=()), min_size=1)
    headers = {name: data.draw(any_text | st.just(value)) for name, value in sign(one, "2207", NOW, "n1").items()}
    told = words(one, headers)

    assert told == "" or headers != sign(one, "2207", NOW, "n1")
    assert told != "" or _same(headers, one)


def _same(headers: dict[str, str], one: Gateway) -> bool:
    """Do headers differ in blanks around them, or in capitals of a hash, alone?"""
    made = sign(one, "2207", NOW, "n1")
    return {name: value.strip().lower() for name, value in headers.items()} == {
        name: value.lower() for name, value in made.items()
    }


@pytest.mark.parametrize(
    "case, said, told",
    [("an unknown family", {"family": "ebus", "secrets": SECRETS}, {"gateway.family"}), ("no secrets", {"family": "tif"}, {"gateway.secrets"}),
     ("an unknown setting", {"famly": "tif"}, {"gateway.famly"}), ("digits without quotes", {"family": "tif", "secrets": {"a": 12}}, {"gateway.secrets"}),
     ("an empty secret", {"family": "key", "secrets": {"a": ""}}, {"gateway.secrets"}), ("a list", {"family": "key", "secrets": ["a"]}, {"gateway.secrets"}),
     ("all at once", {"family": [], "secrets": None, "version": 1.0}, {"gateway.family", "gateway.secrets", "gateway.version"}),
     ("no mapping", ["tif"], {"gateway"})],
)  # fmt: skip
def test_settings_that_are_wrong_are_told_all_at_once(case: str, said: Any, told: set[str]) -> None:
    with pytest.raises(Refused) as refused:
        Gateway.read(said)

    assert {str(mistake.place) for mistake in refused.value.mistakes} == told, case
    assert {mistake.code for mistake in refused.value.mistakes} == {"N001"}


def test_settings_are_read() -> None:
    assert Gateway.read({}) == Gateway() == Gateway.read({"family": "none"})
    assert Gateway.read({"family": "signed", "secrets": SECRETS, "version": "2.0"}) == replace(
        gateway("signed"), version="2.0"
    )


def test_no_secret_is_ever_shown() -> None:
    assert "s3cret" not in repr(gateway()) and "family='tif'" in repr(gateway())


def test_a_refusal_goes_from_one_process_to_another() -> None:
    refused = pickle.loads(pickle.dumps(NotLetIn(401, "非法用户")))

    assert (refused.status, refused.message, str(refused)) == (401, "非法用户", "非法用户")
