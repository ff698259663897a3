"""The policies in a real browser: read on a day, held against each other, and how far they are checked."""

from typing import Any

import pytest
from playwright.sync_api import expect

from conftest import ROOT
from duoceng.policy.coverage import STATUSES, counted
from duoceng.policy.library import Library


def test_a_document_is_read_on_a_day(visits: Any) -> None:
    page = visits().open("policies?tab=read&policy=beijing.employee.inpatient&day=2025-03-01")
    text = page.locator(".text")
    expect(text).to_contain_text("统筹基金最高支付限额为10万元")
    grid = page.locator("table.grid").first
    row = grid.locator("tbody tr", has_text="退休").first
    expect(row).to_contain_text("97%96.1%95.5%")
    assert text.locator("a[href*='dahe.cn']").first.get_attribute("rel") == "noreferrer noopener"


def test_the_timeline_leads_through_the_changes(visits: Any) -> None:
    page = visits().open("policies?tab=read&policy=shenzhen.outpatient&day=2023-12-31")
    knots = page.locator(".timeline li")
    expect(knots.first).to_be_visible()
    days = [knot.locator("span").nth(1).inner_text() for knot in knots.all()]
    assert days == sorted(days) and len(days) > 3
    expect(page.locator(".timeline .holding")).to_contain_text("2023")
    expect(page.locator(".text .part-text").first).to_be_visible()
    before = page.locator(".text .part-text").all_inner_texts()
    knots.last.get_by_role("link").click()
    expect(page.locator(".timeline .holding")).to_contain_text(days[-1])
    expect(page.locator("#law-day")).to_have_value(days[-1])
    expect(page.locator(".text .part-text")).not_to_have_text(before)


def test_documents_are_found_by_name_and_place(visits: Any) -> None:
    page = visits().open("policies")
    page.get_by_label("按地名、标题或编号查找").fill("镇江")
    expect(page.locator(".doc-list li")).to_have_count(3)
    page.get_by_role("link", name="镇江市职工大病保险").click()
    expect(page.locator(".doc-title")).to_have_text("镇江市职工大病保险")
    page.get_by_label("按地名、标题或编号查找").fill("没有的地方")
    expect(page.locator(".doc-list")).to_contain_text("没有找到")


def test_documents_are_narrowed_by_benefit_and_year(visits: Any) -> None:
    page = visits().open("policies")
    page.get_by_label("医疗类别").click()
    page.keyboard.type("长期护理")
    page.keyboard.press("Enter")
    expect(page.locator(".doc-list li", has_text="上海市长期护理保险待遇")).to_have_count(1)
    expect(page.locator(".doc-list li", has_text="门诊")).to_have_count(0)
    page.get_by_label("年份").click()
    page.keyboard.type("2022")
    page.keyboard.press("Enter")
    expect(page.locator(".doc-list li", has_text="上海市长期护理保险待遇")).to_have_count(1)  # from 2022 on
    expect(page.locator(".doc-list li", has_text="杭州市长期护理保险待遇")).to_have_count(0)  # from 2025 on


def test_two_days_of_one_document_are_held_against_each_other(visits: Any) -> None:
    page = visits().open(
        "policies?tab=diff&first=hangzhou.employee.inpatient&day=2024-12-31&second=hangzhou.employee.inpatient&other=2025-01-01"
    )
    expect(page.locator(".diff-row").first).to_be_visible()
    assert page.locator("del").count() and page.locator("ins").count()
    old, new = page.locator("del").first.inner_text(), page.locator("ins").first.inner_text()
    page.get_by_role("button", name="对调").click()
    expect(page.locator("del").first).to_have_text(new)
    expect(page.locator("ins").first).to_have_text(old)
    page.goto(page.url.replace("day=2025-01-01", "day=2024-12-31"))
    expect(page.locator("main")).to_contain_text("没有差别")


def test_the_coverage_page_counts_what_the_library_holds(visits: Any) -> None:
    library = Library(ROOT / "policies")
    page = visits().open("policies?tab=coverage")
    sums = {status: sum(row.values[status] for row in counted(library)) for status in STATUSES}
    expect(page.locator(".legend strong").first).to_have_text(str(sums["verified"]))
    shown = page.locator(".legend strong").all_inner_texts()
    assert shown == [str(sums[status]) for status in STATUSES]
    assert page.locator("button.tile").count() == 34

    public = sum(
        sum(row.values[s] for s in STATUSES[:3])
        for row in counted(library)
        if row.kind == "public" and row.place != "cn"
    )
    assert sum(int(n) for n in page.locator("button.tile small").all_inner_texts() if n) == public
    page.get_by_role("button", name="江苏").click()
    expect(page.locator(".place-list")).to_contain_text("镇江市")
    page.locator(".place-list a", has_text="镇江市职工大病保险").click()
    expect(page.locator(".doc-title")).to_have_text("镇江市职工大病保险")


@pytest.mark.parametrize("tab", ["read", "diff", "coverage"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_anybody_can_use_it(tab: str, phone: bool, visits: Any) -> None:
    visit = visits("en" if phone and tab == "read" else "zh", phone)
    page = visit.open(f"policies?tab={tab}")
    expect(page.locator("main .card").nth(1)).to_be_visible()
    assert visit.accessible() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
