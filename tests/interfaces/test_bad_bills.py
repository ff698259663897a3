"""Bad input: each a clear error with a place and a repair, exit code 2, and nothing printed as if it were a result."""

import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duoceng.base.mistakes import Refused
from duoceng.desk.year import settle_year
from duoceng.interfaces.bill_file import read_case
from duoceng.policy.library import Library

MEMBER = "member: {region: jiangmen, scheme: employee}\n"
GOOD = "id: b, day: 2024-06-03, care: inpatient, level: secondary, referral: local"


def bill(words: str, amounts: str = "amounts: {in_scope: 100}") -> str:
    """A file with one bill."""
    return f"{MEMBER}bill: {{{words}, {amounts}}}\n"


def lines(*written: str) -> str:
    """A file with one itemised bill."""
    return bill(GOOD, "lines: [" + ", ".join("{" + w + "}" for w in written) + "]")


CASES = {
    "broken YAML": ("member: {region: jiangmen\nbill: [", "Y001"),
    "empty file": ("", "Y001"),
    "only a word": ("hello", "B003"),
    "control characters": ("member: \x00\x01", "Y001"),
    "an alias": ("member: &m {region: jiangmen}\nbill: *m", "Y004"),
    "a Python object": ("member: !!python/object:os.system {}\nbill: {}", "Y004"),
    "a key twice": (bill(GOOD + ", id: c"), "Y006"),
    "nested without end": ("[" * 5000, "Y003"),
    "unknown city": (bill(GOOD).replace("jiangmen", "atlantis"), "B030"),
    "path as a city": (bill(GOOD).replace("jiangmen", "../../etc"), "B030"),
    "unknown scheme": (bill(GOOD).replace("employee", "martian"), "B009"),
    "day before the first value": (bill(GOOD.replace("2024", "2001")), "P021"),
    "no day at all": (bill("id: b, care: inpatient"), "B002"),
    "a day that is none": (bill(GOOD.replace("2024-06-03", "2024-02-30")), "B006"),
    "year three thousand": (bill(GOOD.replace("2024", "3024")), "B006"),
    "negative amount": (bill(GOOD, "amounts: {in_scope: -100}"), "B012"),
    "half a fen": (bill(GOOD, "amounts: {in_scope: 100.005}"), "B004"),
    "absurd amount": (bill(GOOD, "amounts: {in_scope: 99999999999999}"), "B004"),
    "not a number": (bill(GOOD, "amounts: {in_scope: a lot}"), "B004"),
    "NaN": (bill(GOOD, "amounts: {in_scope: .nan}"), "B004"),
    "exponent": (bill(GOOD, "amounts: {in_scope: 1e9}"), "B004"),
    "full-width digits": (bill(GOOD, "amounts: {in_scope: １００}"), "B004"),
    "unknown kind of money": (bill(GOOD, "amounts: {in_scoop: 100}"), "B001"),
    "no amounts": (f"{MEMBER}bill: {{{GOOD}}}", "B015"),
    "amounts twice": (bill(GOOD, "amounts: {in_scope: 1}, lines: [{code: x, amount: 1, item_class: class_a}]"), "B015"),
    "total does not add up": (bill(GOOD + ", total: 100.01"), "B010"),
    "lines do not add up": (lines("code: x, amount: 60, item_class: class_a", "code: y, amount: 39.99, item_class: class_a").replace("lines", "total: 100, lines"), "B010"),
    "unknown item code": (lines("code: nobody-knows, amount: 60"), "B016"),
    "class B without a first share": (lines("code: x, amount: 60, item_class: class_b"), "B021"),
    "quantity of nothing": (lines("code: x, amount: 60, quantity: 0, item_class: class_a"), "B007"),
    "impossible age": (bill(GOOD).replace("scheme:", "age: 180, scheme:"), "B009"),
    "age in letters": (bill(GOOD).replace("scheme:", "age: old, scheme:"), "B009"),
    "admitted after discharge": (bill(GOOD.replace("day: 2024-06-03", "admitted: 2024-06-05, discharged: 2024-06-03")), "B013"),
    "unknown key": (bill(GOOD + ", hosptal: x"), "B001"),
    "missing answer": (bill("id: b, day: 2024-06-03, care: inpatient, referral: local"), "B020"),
    "unknown product": (bill(GOOD).replace("employee}", "employee, products: [atlantis.cover]}"), "B031"),
    "unknown tier settled before": (bill(GOOD + ", settled_before: {moon: 1}"), "B001"),
    "duplicate bill ids": (f"{MEMBER}bills: [{{{GOOD}, amounts: {{in_scope: 1}}}}, {{{GOOD}, amounts: {{in_scope: 1}}}}]", "B011"),
    "a year out of order": (f"{MEMBER}bills: [{{{GOOD}, amounts: {{in_scope: 1}}}}, {{{GOOD.replace('id: b', 'id: c').replace('06-03', '05-03')}, amounts: {{in_scope: 1}}}}]", "B018"),
    "amounts that are none": (bill(GOOD, "amounts: {}"), "B015"),
    "a bill corrected twice": (f"{MEMBER}bills: [{{{GOOD}, amounts: {{in_scope: 1}}}}, {{{GOOD.replace('id: b', 'id: c')}, replaces: b, amounts: {{in_scope: 1}}}}, {{{GOOD.replace('id: b', 'id: d')}, replaces: b, amounts: {{in_scope: 1}}}}]", "B014"),
    "a bill voided twice": (f"{MEMBER}bills: [{{{GOOD}, amounts: {{in_scope: 1}}}}, {{id: c, void: b}}, {{id: d, void: b}}]", "B014"),
    "a void bill with money": (f"{MEMBER}bills: [{{{GOOD}, amounts: {{in_scope: 1}}}}, {{id: c, void: b, amounts: {{in_scope: 1}}}}]", "B015"),
    "bill and bills": (bill(GOOD) + f"bills: [{{{GOOD.replace('id: b', 'id: c')}, amounts: {{in_scope: 1}}}}]\n", "B015"),
    "day and discharged": (bill(GOOD + ", discharged: 2024-06-03"), "B013"),
    "another place within the year": (bill(GOOD).replace("employee}", "employee, changes: [{from: 2024-07-01, region: wuhan}]}"), "B013"),
    "correction of nothing": (f"{MEMBER}bills: [{{{GOOD}, replaces: x, amounts: {{in_scope: 1}}}}]", "B014"),
}  # fmt: skip


def settle(source: str, library: Library) -> None:
    """What the command does, up to the printing."""
    case = read_case(source, "bill.yaml", library.vocabulary)
    settle_year(library, case.member, case.bills)


@pytest.mark.parametrize("source, code", CASES.values(), ids=CASES.keys())
def test_bad_input_is_refused_with_place_and_repair(source: str, code: str, library: Library) -> None:
    with pytest.raises(Refused) as refused:
        settle(source, library)

    found = {m.code: m for m in refused.value.mistakes}
    assert code in found, [m.head() for m in refused.value.mistakes]
    assert found[code].repair or found[code].why
    assert found[code].place.line >= 1


def test_a_name_with_rare_characters_is_kept_whole(library: Library) -> None:
    name = "𡍟㛃·买买提 Ğ"

    case = read_case(bill(GOOD).replace("scheme:", f'name: "{name}", scheme:'), "bill.yaml", library.vocabulary)

    assert case.member.name == name


@pytest.mark.parametrize("garbage", ["bytes", "zeros", "brackets", "letters"])
def test_ten_megabytes_of_garbage_end_with_code_2_and_print_nothing(garbage: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    made = {
        "bytes": random.Random(1).randbytes(10_000_000),
        "zeros": bytes(10_000_000),
        "brackets": b"[{" * 5_000_000,
        "letters": b"a: b\n" * 2_000_000,
    }
    path = tmp_path / "garbage"
    path.write_bytes(made[garbage])

    done = subprocess.run(
        [sys.executable, "-m", "duoceng", "settle", str(path)], capture_output=True, timeout=120, check=False
    )

    assert done.returncode == 2
    assert done.stdout == b""
    assert b"garbage:" in done.stderr and b"Traceback" not in done.stderr


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    library = _kept()
    try:
        settle(text, library)
    except Refused as refused:
        assert refused.mistakes


@given(st.recursive(st.text(max_size=8) | st.integers(-(10**20), 10**20).map(str), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["member", "bill", "bills", "region", "scheme", "id", "day", "amounts", "in_scope", "parts", "lines", "care", "level", "products"]),
    inner, max_size=6), max_leaves=25))  # fmt: skip
def test_any_tree_is_read_or_refused(tree: object) -> None:
    import json

    try:
        settle(json.dumps(tree, ensure_ascii=False), _kept())
    except Refused as refused:
        assert refused.mistakes


_KEPT: list[Library] = []


def _kept() -> Library:
    """One library for all examples of a property."""
    from conftest import new_library

    if not _KEPT:
        _KEPT.append(new_library())
    return _KEPT[0]
