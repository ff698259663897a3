"""Signatures and encryption of the envelope: the standards' own examples, another implementation's, and what must not pass."""

import json
import sys
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import gmssl_pyx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from duoceng.base.mistakes import Refused
from duoceng.interfaces.nhsa.signing import (
    Signing,
    close_answer,
    decrypt,
    encrypt,
    is_signed,
    open_asked,
    public_of,
    sign,
    signed_text,
)

# GB/T 32918.5, the example of a signature on the recommended curve.
PRIVATE = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
PUBLIC = (
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
R = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
S = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
DER = f"3046022100{R}022100{S}"
# GB/T 32907, the first example.
SM4_KEY, SM4_ENCRYPTED = "0123456789abcdeffedcba9876543210", "681edf34d206965e86b3e94f536e4246"
# A key and what OpenSSL 3.0 made with it.
PKCS8 = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgmZ9DCqbIAyg0JWD1
/az/ZRUFYxx0d9+BkKme7zbcACGhRANCAATAF8Nc7hanJFAVowTT4mQMmaDvJzhb
X6Zi5+yxwSgWfvAYE6S0CNqPHfHfx2hUmOC8OcDUf7XsIq21yQ7yy+iR
-----END PRIVATE KEY-----
"""
SEC1 = """-----BEGIN SM2 PARAMETERS-----
BggqgRzPVQGCLQ==
-----END SM2 PARAMETERS-----
-----BEGIN SM2 PRIVATE KEY-----
MHcCAQEEIJmfQwqmyAMoNCVg9f2s/2UVBWMcdHffgZCpnu823AAhoAoGCCqBHM9V
AYItoUQDQgAEwBfDXO4WpyRQFaME0+JkDJmg7yc4W1+mYufsscEoFn7wGBOktAja
jx3x38doVJjgvDnA1H+17CKttckO8svokQ==
-----END SM2 PRIVATE KEY-----
"""
SPKI = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEwBfDXO4WpyRQFaME0+JkDJmg7yc4
W1+mYufsscEoFn7wGBOktAjajx3x38doVJjgvDnA1H+17CKttckO8svokQ==
-----END PUBLIC KEY-----
"""
P256 = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSBD7NfnxmdmQ6+YB
sAUKnjAv6R8hWgChHPhFfsZ+IuChRANCAAQZc3+0BR77ClJ46d+paIUCvZLrzOP+
qANCcgRZ1ekA/MHetQwj1CjRheWMdNYc8dwqfjjVZS/DRpcP7LwgNxWU
-----END PRIVATE KEY-----
"""
THEIR_PRIVATE = "999f430aa6c80328342560f5fdacff651505631c7477df8190a99eef36dc0021"
THEIR_PUBLIC = (
    "c017c35cee16a7245015a304d3e2640c99a0ef27385b5fa662e7ecb1c128167e"
    "f01813a4b408da8f1df1dfc7685498e0bc39c0d47fb5ec22adb5c90ef2cbe891"
)
SIGNED = "infno=1101&msgid=H1"
SIGNATURE = "MEQCICAPkk6ZHbDs7JpQfF0wbujzzaZmhoEJALkThAbLa5kAAiAkoWO1v+T+nWIh36ORS887iJ9sVPou1Ac36Hgllpb86w=="
PLAIN = '{"data":{"psn_name":"王"}}'
ECB, CBC = "DrUXkjP4LOI/SqHdknQeSK2i0qJkO+rlKuzkxta+fLs=", "6u5vWoO2LB7gcugyXfsC2IukCyDX24defHaam1kezwo="
IV = "000102030405060708090a0b0c0d0e0f"
# An answer of Jilin, as it was published; its keys are not known.
JILIN = "0n5jVjERPVUh3stB/tmS5rH1X+Cnh3145P4e/0OFDrWAiwtYtlBa/vxMhbVWV0NBWqVP7pakLzQhVb2cmGYdAA=="

OURS = Signing.read(
    {"style": "sm2", "private_key": PRIVATE, "public_key": THEIR_PUBLIC, "encrypted": "yes", "sm4_key": SM4_KEY}
)
THEIRS = replace(OURS, private_key=bytes.fromhex(THEIR_PRIVATE), public_key=bytes.fromhex(PUBLIC))
ASKED = {"infno": "2207", "msgid": "H110100000012026030108300000001", "insuplc_admdvs": "", "dev_no": None, "opter_type": 1,
         "fixmedins_name": "青石市第一医院", "signtype": "SM2"}  # fmt: skip


def asked(said: object = None, signing: Signing = THEIRS, **fields: object) -> dict[str, Any]:
    """A message as an institution sends it: encrypted as is set, then signed."""
    data = json.dumps({"data": {"psn_no": "1"}} if said is None else said, ensure_ascii=False)
    message = {**ASKED, **fields, "input": encrypt(data.encode(), signing) if signing.encrypted else data}
    return {**message, "cainfo": sign(signed_text(message, message["input"], signing), signing)}


def code_of(message: dict[str, Any], signing: Signing = OURS) -> str:
    """With what code a message is refused; nothing where it is taken."""
    try:
        open_asked(message, signing)
    except Refused as refused:
        assert len(refused.mistakes) == 1
        return refused.mistakes[0].code
    return ""


def test_sm3_is_that_of_the_standard() -> None:
    known = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")

    assert digest.finalize().hex() == known == gmssl_pyx.sm3_hash(b"abc").hex()


def test_sm4_is_that_of_the_standard() -> None:
    made = b64decode(encrypt(bytes.fromhex(SM4_KEY), replace(OURS, sm4_mode="ecb")))

    assert made[:16].hex() == SM4_ENCRYPTED
    assert decrypt(b64encode(made).decode(), OURS).hex() == SM4_KEY


@pytest.mark.parametrize("mode, known", [("ecb", ECB), ("cbc", CBC)])
def test_openssl_encrypts_the_same(mode: str, known: str) -> None:
    signing = Signing.read({"encrypted": True, "sm4_key": SM4_KEY, "sm4_mode": mode, "sm4_iv": IV})

    assert encrypt(PLAIN.encode(), signing) == known
    assert decrypt(f"{known[:20]}\r\n{known[20:]}\n", signing).decode() == PLAIN


@pytest.mark.parametrize(
    "case, cainfo",
    [("r and s in base64", b64encode(bytes.fromhex(R + S)).decode()), ("r and s in hexadecimal", R + S),
     ("small letters", (R + S).lower()), ("DER in base64", b64encode(bytes.fromhex(DER)).decode()), ("DER in hexadecimal", DER)],
)  # fmt: skip
def test_the_signature_of_the_standard_is_taken_in_every_form(case: str, cainfo: str) -> None:
    signing = replace(OURS, public_key=bytes.fromhex(PUBLIC))

    assert is_signed("message digest", cainfo, signing), case
    assert not is_signed("message digesT", cainfo, signing)
    assert not is_signed("message digest", cainfo, replace(signing, signer="ALICE123@YAHOO.COM"))
    assert not is_signed("message digest", cainfo, OURS)


def test_the_public_key_is_found_from_the_private_one() -> None:
    assert public_of(bytes.fromhex(PRIVATE)).hex().upper() == PUBLIC
    assert public_of(bytes.fromhex(THEIR_PRIVATE)).hex() == THEIR_PUBLIC
    assert public_of(bytes(31) + b"\1").hex()[:16] == "32c4ae2c1f198119"  # the base point itself


def test_a_signature_of_openssl_is_taken() -> None:
    assert is_signed(SIGNED, SIGNATURE, OURS)
    assert not is_signed(SIGNED + "1", SIGNATURE, OURS)


def test_the_signature_of_jilin_has_our_default_form() -> None:
    made = sign(SIGNED, OURS)

    assert len(b64decode(made)) == len(b64decode(JILIN)) == 64
    assert not is_signed(SIGNED, JILIN, OURS)  # 64 bytes of another message under another key: read, and not taken


@pytest.mark.parametrize("form", ["raw", "der"])
@pytest.mark.parametrize("written", ["base64", "hex"])
def test_what_is_signed_is_taken(form: str, written: str) -> None:
    cainfo = sign(SIGNED, replace(THEIRS, form=form, written=written))
    raw = bytes.fromhex(cainfo) if written == "hex" else b64decode(cainfo)

    assert is_signed(SIGNED, cainfo, OURS)
    assert len(raw) == 64 if form == "raw" else raw[0] == 0x30 and len(raw) == raw[1] + 2


def test_the_text_that_is_signed() -> None:
    message = {**ASKED, "cainfo": "x", "input": "{}", "output": {}}
    fields = "fixmedins_name=青石市第一医院&infno=2207&msgid=H110100000012026030108300000001&opter_type=1&signtype=SM2"

    assert signed_text(message, "{}", OURS) == fields
    assert signed_text(message, "{}", replace(OURS, empty="kept")) == "dev_no=&" + fields.replace(
        "&msgid", "&insuplc_admdvs=&msgid"
    )
    assert signed_text(message, {"a": "王"}, replace(OURS, covers="fields+data")) == fields.replace(
        "&msgid", '&input={"a":"王"}&msgid'
    )
    assert signed_text({"b": True, "a": 1}, "zz", replace(OURS, covers="fields+data")) == "a=1&b=true&output=zz"


@pytest.mark.parametrize("covers", ["fields", "fields+data"])
@pytest.mark.parametrize("mode", ["ecb", "cbc"])
def test_there_and_back(covers: str, mode: str) -> None:
    ours = replace(OURS, covers=covers, sm4_mode=mode, sm4_iv=bytes.fromhex(IV))
    theirs = replace(THEIRS, covers=covers, sm4_mode=mode, sm4_iv=bytes.fromhex(IV))
    opened = open_asked(asked({"data": {"fee": 1.50, "name": "王"}}, theirs), ours)
    closed = close_answer(
        {"infcode": 0, "err_msg": "成功", "signtype": "", "cainfo": "", "enctype": "", "output": {"a": "王"}}, ours
    )

    assert opened["input"] == {"data": {"fee": "1.5", "name": "王"}} and opened["msgid"] == ASKED["msgid"]
    assert (closed["signtype"], closed["enctype"]) == ("SM2", "SM4")
    assert json.loads(decrypt(closed["output"], theirs)) == {"a": "王"}
    assert is_signed(signed_text(closed, closed["output"], theirs), closed["cainfo"], theirs)
    assert not is_signed(signed_text({**closed, "infcode": 1}, closed["output"], theirs), closed["cainfo"], theirs)


def test_plain_and_without_a_signature_nothing_changes() -> None:
    message, answer = {"infno": "2207", "input": {"a": 1}}, {"infcode": 0, "output": None, "signtype": ""}

    assert open_asked(message, Signing()) == message
    assert close_answer(answer, Signing()) == answer


def test_an_answer_without_output_is_encrypted_as_an_empty_object() -> None:
    closed = close_answer({"infcode": 0, "output": None}, OURS)

    assert decrypt(closed["output"], OURS) == b"{}"
    assert len(b64decode(closed["output"])) == len(
        b64decode("PznBlnVSzpDlyl54Vk3/hg==")
    )  # one block, as in Jilin's answer


@pytest.mark.parametrize(
    "case, change, code",
    [("a field", {"infno": "2208"}, "N005"), ("a field more", {"opter": "9"}, "N005"), ("a field emptied", {"infno": ""}, "N005"),
     ("no signature", {"cainfo": None}, "N004"), ("an empty one", {"cainfo": ""}, "N004"), ("the word null", {"cainfo": "null"}, "N004"),
     ("no text", {"cainfo": {"a": []}}, "N005"), ("somebody else's", {"cainfo": JILIN}, "N005"), ("zeros", {"cainfo": "00" * 64}, "N005"),
     ("cut off", {"cainfo": SIGNATURE[:40]}, "N005"), ("letters", {"cainfo": "签名"}, "N005"), ("MOCK", {"signtype": "MOCK"}, "N005"), ("half a letter", {"opter": "\ud800"}, "N005"),
     ("an object for the input", {"input": {"a": 1}}, "N006"), ("no input", {"input": None}, "N006"), ("plain", {"input": "{}"}, "N006"),
     ("another block", {"input": ECB[:-8] + "AAAAAA=="}, "N006"), ("half a block", {"input": "AAAA"}, "N006"),
     ("a number", {"input": encrypt(b"1", OURS)}, "N006"), ("not a number", {"input": encrypt(b'{"a":NaN}', OURS)}, "N006"),
     ("too deep", {"input": encrypt(b"[" * 200_000, OURS)}, "N006"), ("no UTF-8", {"input": encrypt("王".encode("gbk"), OURS)}, "N006")],
)  # fmt: skip
def test_what_was_changed_is_refused(case: str, change: dict[str, Any], code: str) -> None:
    assert code_of(asked()) == "", "unchanged it is taken"
    assert code_of({**asked(), **change}) == code, case


def test_the_data_count_where_they_are_signed() -> None:
    other = encrypt(b'{"data":{"psn_no":"2"}}', OURS)
    fields, data = asked(), asked(signing=replace(THEIRS, covers="fields+data"))

    assert code_of({**fields, "input": other}) == ""
    assert code_of({**data, "input": other}, replace(OURS, covers="fields+data")) == "N005"
    assert code_of(data, replace(OURS, covers="fields+data")) == ""


def test_half_a_letter_is_not_taken_for_a_question_mark() -> None:
    assert code_of(asked(opter="?")) == ""
    assert code_of({**asked(opter="?"), "opter": "\ud800"}) == "N005"


def test_another_key_is_refused() -> None:
    message = asked()

    assert code_of(message, replace(OURS, public_key=bytes.fromhex(PUBLIC))) == "N005"
    assert code_of(message, replace(OURS, sm4_key=bytes(16))) == "N006"


def test_one_field_is_not_taken_for_two() -> None:
    """`a=1&b=2` is one text of two messages; only the one whose fields cannot be split is taken."""
    message = asked(opter="x", opter_name="y")
    joined = {**{name: value for name, value in message.items() if name != "opter_name"}, "opter": "x&opter_name=y"}
    nameless = {
        **{name: value for name, value in message.items() if name not in ("opter", "opter_name")},
        "opter=x&opter_name": "y",
    }

    assert signed_text(joined, "", OURS) == signed_text(message, "", OURS) == signed_text(nameless, "", OURS)
    assert [code_of(one) for one in (message, joined, nameless)] == ["", "N005", "N005"]
    assert code_of(asked(fixmedins_name="强生&青石医院")) == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["infno", "msgid", "cainfo", "input", "output", "", "&"]) | st.text(max_size=4)
BYTES = st.binary(max_size=80) | st.binary(min_size=64, max_size=64)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, JSON | BYTES.map(bytes.hex), max_size=5), BYTES)
def test_nothing_but_a_refusal_comes_of_anything(message: dict[str, Any], raw: bytes) -> None:
    signed = {**message, "cainfo": b64encode(raw).decode()}

    assert code_of(message) in ("N004", "N005")
    assert code_of(signed) == ("N005" if raw else "N004")
    assert code_of(message, replace(OURS, style="plain")) == "N006"


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=8), JSON)
def test_whatever_is_signed_opens_again(name: str, said: Any) -> None:
    """Lone halves of letters, numbers that are none, lists in lists: what is signed and encrypted opens, or is refused as it should be."""
    message = {"infno": "2207", "fixmedins_name": name, "input": encrypt(json.dumps(said).encode(), THEIRS)}
    cainfo = sign(signed_text(message, "", THEIRS), THEIRS)
    is_double, is_half = (
        any("=" in part for part in name.split("&")[1:]),
        any("\ud800" <= letter <= "\udfff" for letter in name),
    )
    try:
        is_object = isinstance(said, dict | list) and bool(json.dumps(said, allow_nan=False))
    except ValueError:
        is_object = False

    assert code_of({**message, "cainfo": cainfo}) == ("N005" if is_double or is_half else "" if is_object else "N006")


@pytest.mark.parametrize(
    "case, private, public",
    [("hexadecimal", THEIR_PRIVATE, THEIR_PUBLIC), ("capitals, 04 before it", THEIR_PRIVATE.upper(), "04" + THEIR_PUBLIC.upper()),
     ("as Java writes a number", "00" + THEIR_PRIVATE, THEIR_PUBLIC), ("compressed", THEIR_PRIVATE, "03" + THEIR_PUBLIC[:64]),
     ("base64", b64encode(bytes.fromhex(THEIR_PRIVATE)).decode(), b64encode(bytes.fromhex("04" + THEIR_PUBLIC)).decode()),
     ("PEM", PKCS8, SPKI), ("SEC1", SEC1, SPKI), ("PEM in one line", PKCS8.replace("\n", " "), SPKI.replace("\n", " ")),
     ("PEM without its frame", "".join(PKCS8.splitlines()[1:-1]), "".join(SPKI.splitlines()[1:-1]))],
)  # fmt: skip
def test_keys_are_read_as_they_are_handed_out(case: str, private: str, public: str) -> None:
    signing = Signing.read({"style": "sm2", "private_key": private, "public_key": public})

    assert (signing.private_key.hex(), signing.public_key.hex()) == (THEIR_PRIVATE, THEIR_PUBLIC), case


@pytest.mark.parametrize("key", [SM4_KEY, SM4_KEY.upper(), b64encode(bytes.fromhex(SM4_KEY)).decode()])
def test_a_key_of_sm4_is_read_as_it_is_handed_out(key: str) -> None:
    assert Signing.read({"encrypted": "yes", "sm4_key": key}).sm4_key.hex() == SM4_KEY
    assert Signing.read({"encrypted": "yes", "sm4_key": "abcdefghijklmnop"}).sm4_key == b"abcdefghijklmnop"


BOTH = {"style": "sm2", "private_key": PRIVATE, "public_key": PUBLIC}


@pytest.mark.parametrize(
    "case, said, told",
    [("no mapping", ["sm2"], {"N001 signing"}), ("an unknown setting", {"stile": "sm2"}, {"N001 signing.stile"}),
     ("an unknown word", {"style": "rsa"}, {"N001 signing.style"}), ("a list", {"covers": []}, {"N001 signing.covers"}),
     ("everything missing", {"style": "sm2", "encrypted": True, "sm4_mode": "cbc"},
      {f"N001 signing.{name}" for name in ("private_key", "public_key", "sm4_key", "sm4_iv")}),
     ("digits without quotes", {"encrypted": "yes", "sm4_key": 12345678}, {"N001 signing.sm4_key"}),
     ("neither yes nor no", {"encrypted": "perhaps"}, {"N001 signing.encrypted"}),
     ("a short key", {"encrypted": "yes", "sm4_key": "0123"}, {"N002 signing.sm4_key"}),
     ("a point beside the curve", {**BOTH, "public_key": PUBLIC[:-1] + "4"}, {"N002 signing.public_key"}),
     ("another curve", {**BOTH, "private_key": P256}, {"N002 signing.private_key"}),
     ("no key", {**BOTH, "private_key": "秘密", "public_key": "-"}, {"N002 signing.private_key", "N002 signing.public_key"}),
     ("zero", {**BOTH, "private_key": "00" * 32}, {"N002 signing.private_key"}),
     ("beyond the order", {**BOTH, "private_key": "ff" * 32}, {"N002 signing.private_key"}),
     ("PEM cut off", {**BOTH, "private_key": "".join(PKCS8.splitlines()[1:-2])}, {"N002 signing.private_key"})],
)  # fmt: skip
def test_settings_that_are_wrong_are_told_all_at_once(case: str, said: Any, told: set[str]) -> None:
    with pytest.raises(Refused) as refused:
        Signing.read(said)

    assert {f"{mistake.code} {mistake.place}" for mistake in refused.value.mistakes} == told, case


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["private_key", "public_key", "sm4_key"]), st.binary(max_size=140), st.text(max_size=80))
def test_a_key_is_read_or_refused(name: str, raw: bytes, text: str) -> None:
    spoilt = (
        bytes.fromhex("".join(f"{one:02x}" for one in raw)) + b64decode("".join(PKCS8.splitlines()[1:-1]))[len(raw) :]
    )
    for said in (text, raw.hex(), b64encode(spoilt).decode()):
        try:
            Signing.read({name: said})
        except Refused as refused:
            assert [mistake.code for mistake in refused.mistakes] == ["N002"]


def test_no_key_is_ever_shown() -> None:
    signing = Signing.read({**BOTH, "encrypted": "yes", "sm4_key": SM4_KEY, "sm4_iv": IV, "sm4_mode": "cbc"})
    shown = repr(signing) + str(signing)
    with pytest.raises(Refused) as refused:
        Signing.read({**BOTH, "private_key": PRIVATE[:-2], "sm4_key": SM4_KEY[:-2]})

    for secret in (signing.private_key, signing.sm4_key, signing.sm4_iv):
        assert secret.hex() not in shown.lower() and repr(secret) not in shown
    assert "style='sm2'" in shown
    assert PRIVATE[:16] not in str(refused.value) and SM4_KEY[:16] not in str(refused.value.mistakes)


def test_without_the_library_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)

    assert code_of(asked_before) == "N003"


asked_before = asked()


def test_the_library_has_the_block_cipher_of_the_standard() -> None:
    """Both libraries, that no change of one passes unseen."""
    key, data = bytes.fromhex(SM4_KEY), PLAIN.encode()
    block = Cipher(algorithms.SM4(key), modes.ECB()).encryptor().update(key)

    assert block.hex() == SM4_ENCRYPTED
    assert b64encode(gmssl_pyx.sm4_cbc_padding_encrypt(key, bytes.fromhex(IV), data)).decode() == CBC
