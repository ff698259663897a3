"""The file of institutions, with everything that is wrong in it; administrative codes and their regions; every layer's fund."""

from pathlib import Path

import pytest

from duoceng.base.mistakes import Refused
from duoceng.interfaces.national import fund_pay_type
from duoceng.interfaces.nhsa.fields import dictionaries
from duoceng.interfaces.nhsa.institutions import read_institutions, read_regions
from duoceng.policy.library import Library, find_policies
from duoceng.records.plan import LayerInfo

LIBRARY = Library(find_policies())


def written(folder: Path, text: str) -> Path:
    path = folder / "institutions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_institutions(tmp_path: Path) -> None:
    found = read_institutions(written(tmp_path, """institutions:
  - {code: H45010000001, name: 示例医院, admdvs: "450100", level: tertiary_a, kind: general, infcode: text, strict: yes, answers: {channel: hospital}}
  - {code: P45010000001, name: 示例药店, admdvs: "450103", level: pharmacy, sign_in: no}
"""), LIBRARY)  # fmt: skip
    hospital, shop = found.known["H45010000001"], found.known["P45010000001"]
    assert (hospital.infcode, hospital.strict, hospital.answers["level"], hospital.answers["channel"]) == (
        "text",
        True,
        "tertiary_a",
        "hospital",
    )
    assert (shop.pharmacy, shop.sign_in) == (True, False)
    assert found.find("H00000000000", "", "") is None


@pytest.mark.parametrize("line, says", [
    ("{name: x, admdvs: '450100', level: tertiary}", "code"),
    ("{code: H1, name: x, admdvs: '450100', level: huge}", "huge"),
    ("{code: H1, name: x, admdvs: '450100', level: tertiary, infcode: roman}", "roman"),
    ("{code: H1, name: x, admdvs: '450100', level: tertiary, colour: red}", "colour"),
    ("{code: H1, name: x, admdvs: '450100', level: tertiary, signing: {style: sm2}}", "private_key"),
    ("{code: H1, name: x, admdvs: '450100', level: tertiary, gateway: {family: moon}}", "family"),
])  # fmt: skip
def test_what_is_wrong_in_it_is_named(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read_institutions(written(tmp_path, f"institutions:\n  - {line}\n"), LIBRARY)
    assert says in " ".join(f"{one.what} {one.repair}" for one in refused.value.mistakes)


def test_every_place_with_policies_has_its_code() -> None:
    regions = read_regions()
    assert {region for region in LIBRARY.regions() if region in regions.codes} == set(LIBRARY.regions())
    assert len(set(regions.codes.values())) == len(regions.codes)


@pytest.mark.parametrize("code, region", [("450100", "nanning"), ("450199", "nanning"), ("450103", "nanning"), ("110105", "beijing"),
                                              ("320281", "jiangyin"), ("320214", ""), ("360100", "nanchang"), ("360400", "jiangxi"), ("", "")])  # fmt: skip
def test_a_code_belongs_to_the_nearest_place(code: str, region: str) -> None:
    assert read_regions().region(code) == region


def test_near_and_far() -> None:
    regions = read_regions()
    assert regions.near("450100", "450103") == "in_city"
    assert regions.near("450100", "450500") == "in_province"
    assert regions.near("450100", "110000") == "out_of_province"


def test_every_layer_of_every_document_has_a_fund_payment_type() -> None:
    known = set(dictionaries()["fund_pay_type"]) | {
        "660101",
        "660102",
    }  # long-term care has a list of its own in the text
    for document in filter(None, map(LIBRARY.document, LIBRARY.paths())):
        for layer in document.layers:
            code = fund_pay_type(
                LayerInfo(document.policy, layer.name, layer.tier, layer.title, layer.english, layer.payer)
            )
            assert code in known, (document.policy, layer.name, layer.payer)
