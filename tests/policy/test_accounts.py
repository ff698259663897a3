"""The rules of accounts and wallets: what holds on a day, and mistakes in the document."""

from datetime import date

import pytest

from conftest import POLICIES
from duoceng.base.mistakes import Mistakes, Refused
from duoceng.policy.accounts import account_rules, read_accounts
from duoceng.policy.check import check_folder
from duoceng.policy.library import Library

SOURCE = (POLICIES / "accounts.yaml").read_text(encoding="utf-8")

DAYS = [
    (date(2021, 4, 22), 3, 0),
    (date(2024, 7, 31), 3, 0),
    (date(2024, 8, 1), 6, 0),
    (date(2024, 10, 31), 6, 0),
    (date(2024, 11, 1), 6, 3),
    (date(2026, 11, 23), 6, 3),
]


@pytest.mark.parametrize("day, relatives, sends", DAYS)
def test_rules_of_a_day(library, day, relatives, sends):
    rules = account_rules(library, day)

    assert (len(rules.relatives), rules.sends_a_day) == (relatives, sends)
    assert rules.draw_order == ("own", "relative", "wallet")
    assert (rules.floor, rules.relatives_max, rules.barred) == (None, None, frozenset())


def test_sending_as_it_is_printed(library):
    rules = account_rules(library, date(2025, 7, 1))

    assert (rules.send_max, rules.quiet_from, rules.quiet_until) == (2_000_00, 22 * 3600, 6 * 3600)
    assert rules.is_pending_a_bar


def test_a_day_before_the_law_that_was_read_is_refused(library):
    with pytest.raises(Refused) as refused:
        account_rules(library, date(2021, 4, 21))

    assert [m.code for m in refused.value.mistakes] == ["P021"]


def test_a_folder_may_have_its_own(tmp_path):
    here = tmp_path / "policies"
    here.mkdir()
    (here / "accounts.yaml").write_text(SOURCE.replace("a_day: 3", "a_day: 5"), encoding="utf-8")

    (here / "vocabulary.yaml").write_text((POLICIES / "vocabulary.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    assert account_rules(Library(POLICIES, (here,)), date(2025, 7, 1)).sends_a_day == 3
    assert account_rules(Library(here), date(2025, 7, 1)).sends_a_day == 5


def test_what_a_place_may_add(library):
    text = SOURCE.replace("    are: [own, relative, wallet]\n", "    are: [own, relative]\n    floor: 500\n")
    barred = "    are: [hospital, pharmacy, premium]\n    barred: [{scheme: resident, use: pharmacy}]\n"
    text = text.replace("    are: [hospital, pharmacy, premium]\n", barred)
    rules = read_accounts(text, "accounts.yaml", library, date(2025, 7, 1), Mistakes())

    assert rules.floor == 500_00
    assert rules.barred == {("resident", "pharmacy")}
    assert rules.draw_order == ("own", "relative")


WRONG = [
    (
        "verified without the page",
        "quoted_from: page\n    status: verified",
        "quoted_from: note\n    status: verified",
        "P032",
    ),
    ("an unknown relation", "sibling, grandparent", "sibling, cousin", "P007"),
    ("no such source", "cite: qinan", "cite: qinian", "P010"),
    ("no time", '"22:00"', "late", "P007"),
    ("a day that never ends", '"22:00"', '"05:00"', "P007"),
    ("a source twice", "[own, relative, wallet]", "[own, own]", "P007"),
    ("no amount", "most: 2000", "most: much", "P004"),
    ("no words", "    quote: own account first, then relatives'\n", "", "P002"),
    ("an unknown key", "a_day: 3", "a_week: 3", "P001"),
    ("a key that stands there twice", "quote: 近亲属包括", "quoted_from: note\n    quote: 近亲属包括", "Y006"),
    ("no document", SOURCE, "", "Y001"),
]


@pytest.mark.parametrize("case, right, wrong, code", WRONG)
def test_mistakes_in_the_document(library, case, right, wrong, code):
    assert right in SOURCE
    with pytest.raises(Refused) as refused:
        read_accounts(SOURCE.replace(right, wrong), "accounts.yaml", library, date(2025, 7, 1), Mistakes())

    assert code in {m.code for m in refused.value.mistakes}, refused.value


def test_policy_check_reads_the_rules_of_accounts(tmp_path):
    here = tmp_path / "policies"
    (here / "cn").mkdir(parents=True)
    (here / "accounts.yaml").write_text(SOURCE.replace("a_day: 3", "a_day: three"), encoding="utf-8")
    (here / "vocabulary.yaml").write_text((POLICIES / "vocabulary.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    library = Library(here)
    check_folder(library)

    assert [(m.code, m.place.file) for m in library.mistakes.found] == [("P007", "policies/accounts.yaml")]


def test_the_rules_of_the_tests_are_those_of_the_document(library):
    from ledger.rules import RULES

    assert account_rules(library, date(2025, 7, 1)) == RULES
