"""The shelf in a real browser: terms, drugs, what each product would have paid, gaps and overlaps."""

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from conftest import ROOT
from duoceng.policy.catalogue import catalogues
from duoceng.policy.library import Library

CASE = {
    "member": {"region": "shanghai", "scheme": "resident", "status": "elderly", "age": "70", "aid": "none", "products": []},
    "bills": [{"id": "1", "discharged": "2024-03-01", "care": "inpatient", "level": "tertiary", "diseases": ["cancer"], "settled_by_basic": "yes",
               "item_kind": "service", "amounts": {"in_scope": "118300.37", "borne_first": "4000", "outside_scope": "64120.50"}}],
}  # fmt: skip
ANSWERS = {
    "pre_existing": "no",
    "healthy_years": "0",
    "contract_from": "2024-01-01",
    "days_since_enrolment": "200",
    "renewed": "no",
    "bought_with_basic": "yes",
}


def asked(service: str, name: str, body: dict[str, Any]) -> Any:
    with urlopen(Request(f"{service}/page/{name}", json.dumps(body).encode())) as answer:
        return json.loads(answer.read())


def yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def test_terms_stand_side_by_side_and_what_was_not_read_is_said(visits: Any) -> None:
    page = visits().open("products?tab=terms")
    expect(page.locator("article.terms")).to_have_count(3)
    chengdu = page.get_by_role("article", name="惠蓉保（2023—24版）")
    expect(chengdu).to_contain_text("15,000")
    expect(chengdu).to_contain_text("限额、保障期起止没有读到")
    page.get_by_label("选择二到四个产品").click()
    page.keyboard.type("西湖")
    page.keyboard.press("Enter")
    expect(page.locator("article.terms")).to_have_count(4)


def test_drugs_are_found_by_disease_brand_and_day(visits: Any) -> None:
    page = visits().open("products?tab=drugs")
    items = [
        i
        for c in catalogues(Library(ROOT / "policies"))
        if c.kind == "list"
        for versions in c.items.values()
        for i in versions
    ]
    expect(page.locator(".drugs > li")).to_have_count(len(items))
    page.get_by_role("button", name="骨髓瘤").click()
    expect(page.locator(".drugs > li")).to_have_count(sum("骨髓瘤" in i.said["indication"] for i in items))
    page.get_by_label("查找药品").fill("lecanemab")
    expect(page.locator(".drugs > li")).to_contain_text("仑卡奈单抗")
    page.get_by_label("查找药品").fill("达唯珂")
    expect(page.locator(".drugs > li")).to_contain_text("已于 2026-03-09 调出")
    page.get_by_label("这一天在目录内").fill("2026-03-09")
    expect(page.locator(".drugs > li")).to_have_count(0)
    page.get_by_label("这一天在目录内").fill("2026-03-08")
    expect(page.locator(".drugs > li")).to_have_count(1)


def test_what_each_product_pays_is_what_the_engine_says(visits: Any, service: str) -> None:
    page = visits().open("products?tab=paid")
    policies = ["shanghai.huhuibao.2023", "chengdu.huirongbao.2023", "zhenai.million-medical"]
    said = asked(service, "try", {"case": CASE, "products": policies, "answers": ANSWERS, "allow_unverified": True})
    expect(page.locator("table.plain").first).to_contain_text(yuan(said["without"]["member_pays"]))
    rows = page.locator("table.plain").first.locator("tbody tr").all()
    shown = [row.locator("td").all_inner_texts() for row in rows]
    assert shown == [
        ["—", yuan(said["without"]["member_pays"])],
        *([yuan(p["paid"]), yuan(p["member_pays"])] for p in said["products"]),
    ]


def test_a_product_outside_its_days_says_so_and_is_helped(visits: Any) -> None:
    page = visits().open("products?tab=paid")
    page.get_by_label("要比的产品").click()
    page.keyboard.type("2025版）普通")
    page.keyboard.press("Enter")
    told = page.locator("section.told", has_text="沪惠保（2025版）普通版")
    expect(told).to_contain_text("没有支付")
    told.get_by_role("button", name="把日期放到它的保障期内").click()
    expect(page.get_by_label("出院或就诊日期")).to_have_value("2026-03-01")


def test_gaps_and_overlaps_are_drawn_and_said(visits: Any, service: str) -> None:
    page = visits().open("products?tab=gaps")
    held = json.loads(json.dumps(CASE))
    held["member"]["products"] = [{"policy": "shanghai.huhuibao.2023", "pre_existing": "no", "healthy_years": "0"}]
    bill = asked(service, "settle", {"case": held, "allow_unverified": True})["year"]["bills"][0]
    expect(page.locator("table.matrix")).to_contain_text(yuan(bill["self_pay"]["outside_scope"]))
    expect(page.locator(".verdicts .gap").first).to_contain_text(f"按比例自付 {yuan(bill['self_pay']['share'])} 元")

    page.get_by_label("惠民保、商业医疗险，按理赔顺序").click()
    page.keyboard.type("惠蓉保（2023")
    page.keyboard.press("Enter")
    expect(page.locator(".verdicts .overlap")).to_contain_text("都覆盖全自费")
    page.get_by_text("数字", exact=True).click()
    first = [
        float(cell.replace(",", ""))
        for cell in page.locator("section:has(h2:text('账单越大')) tbody tr").last.locator("td").all_inner_texts()[:-1]
    ]
    assert first[0] == 500_000 and abs(sum(first[1:]) - (500_000 + 68_120.50)) < 0.005


@pytest.mark.parametrize("tab", ["terms", "drugs", "paid", "gaps"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_anybody_can_use_it(tab: str, phone: bool, visits: Any) -> None:
    visit = visits("en" if phone else "zh", phone)
    page = visit.open(f"products?tab={tab}")
    expect(page.locator("main .card").nth(1)).to_be_visible()
    page.wait_for_timeout(400)
    assert visit.accessible() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
