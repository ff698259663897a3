"""Two to four scenarios side by side in a real browser, and why they differ."""

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from interfaces.page.test_api import changed


def asked(service: str, *scenarios: dict[str, Any]) -> list[dict[str, Any]]:
    with urlopen(Request(f"{service}/page/compare", json.dumps({"scenarios": scenarios}).encode())) as answer:
        return json.loads(answer.read())["sides"]  # type: ignore[no-any-return]


def yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def test_the_columns_the_table_and_the_reason_are_the_engines(visits: Any, service: str) -> None:
    page = visits().open("compare")
    first, second = asked(service, changed(), changed(level="secondary"))
    pays = [side["year"]["bills"][0]["member_pays"] for side in (first, second)]
    expect(page.locator(".column .pays").nth(0)).to_contain_text(yuan(pays[0]))
    expect(page.locator(".column .pays").nth(1)).to_contain_text(f"比基准少付 {yuan(pays[0] - pays[1])}")
    expect(page.locator(".column .differs")).to_have_count(1)
    expect(page.locator(".column .differs")).to_contain_text("医院等级")
    row = page.locator("tr", has=page.get_by_role("rowheader", name="大病保险"))
    for side in (first, second):
        paid = sum(y["paid"] for y in side["year"]["bills"][0]["layers"] if y["tier"] == "critical_illness")
        expect(row).to_contain_text(yuan(paid))
    expect(page.locator(".parting")).to_contain_text("起付标准：300.00 → 100.00")
    page.locator(".parting .cite").first.click()
    expect(page.locator(".ant-popover")).to_contain_text("三级医疗机构300元")


@pytest.mark.parametrize(
    "preset, differs", [("加一个产品", "+"), ("去年的规则", "账单"), ("同年再来一次", "账单"), ("换城市", "统筹区")]
)
def test_what_people_ask_most_is_one_click(preset: str, differs: str, visits: Any) -> None:
    page = visits().open("compare")
    expect(page.locator(".column")).to_have_count(2)
    page.get_by_role("button", name="加一个方案").click()
    page.get_by_role("menuitem", name=preset).click()
    expect(page.locator(".column")).to_have_count(3)
    expect(page.locator(".column").nth(2).locator(".differs", has_text=differs).first).to_be_visible()
    expect(page.locator(".column").nth(2).locator(".pays")).not_to_contain_text("…")


def test_from_the_answer_to_the_comparison_and_on_by_a_link(visits: Any) -> None:
    page = visits().open("pay")
    page.get_by_label("医疗费总额（元）").fill("99000")
    expect(page.locator(".figures")).to_contain_text("99,000.00")
    page.get_by_role("link", name="换个条件对比").click()
    expect(page.locator(".column")).to_have_count(1)
    expect(page.locator(".column")).to_contain_text("99,000.00")
    page.get_by_role("button", name="加一个方案").click()
    page.get_by_role("menuitem", name="换医院等级").click()
    expect(page.locator(".column .pays strong")).to_have_count(2)
    shown = page.locator(".column .pays strong").all_inner_texts()

    other = visits("en").page
    other.goto(page.url)
    expect(other.locator(".column .pays strong")).to_have_text(shown)
    expect(other.locator("h1")).to_contain_text("What if")


def test_a_scenario_is_changed_in_its_drawer(visits: Any) -> None:
    page = visits().open("compare")
    page.get_by_role("button", name="修改方案 2").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("医疗费总额（元）").fill("120000")
    drawer.get_by_role("button", name="完成").click()
    expect(page.locator(".column").nth(1)).to_contain_text("120,000.00")
    expect(page.locator(".column").nth(0)).to_contain_text("186,420.87")


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_anybody_can_use_it(phone: bool, visits: Any) -> None:
    visit = visits("zh", phone)
    page = visit.open("compare")
    expect(page.locator(".parting")).to_be_visible()
    assert visit.accessible() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
