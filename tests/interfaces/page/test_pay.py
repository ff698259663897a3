"""What will I pay, in a real browser: the answer as it is typed, its steps, its links, on a phone and by keyboard."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from interfaces.page.test_api import changed


def pays(page: Any) -> str:
    """What the page says the member pays."""
    return re.match(r"[\d,.]+", page.get_by_test_id("member-pays").inner_text())[0]  # type: ignore[index]


def wait_for(page: Any, amount: str) -> None:
    expect(page.get_by_test_id("member-pays")).to_contain_text(amount)


def wait_for_another(page: Any) -> None:
    expect(page.get_by_test_id("member-pays")).not_to_contain_text("82,400.54")


def settled(service: str, scenario: dict[str, Any]) -> dict[str, Any]:
    """The first bill as the service settles it."""
    asked = Request(f"{service}/page/settle", json.dumps(scenario).encode())
    with urlopen(asked) as answer:
        return json.loads(answer.read())["year"]["bills"][0]  # type: ignore[no-any-return]


def yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def test_the_answer_follows_what_is_typed(visits: Any, service: str) -> None:
    page = visits().open()
    wait_for(page, "82,400.54")

    page.get_by_label("医疗费总额（元）").fill("200000")
    wanted = settled(
        service, changed(amounts={"in_scope": "131879.50", "borne_first": "4000", "outside_scope": "64120.50"})
    )
    wait_for(page, yuan(wanted["member_pays"]))
    page.get_by_label("全自费", exact=True).fill("999999")
    expect(page.get_by_text("超过总额 200,000.00 元")).to_be_visible()
    assert pays(page) == yuan(wanted["member_pays"])  # what cannot be is not sent


def test_every_layer_of_the_picture_stands_in_the_table(visits: Any, service: str) -> None:
    page = visits().open()
    wait_for(page, "82,400.54")
    bill = settled(service, changed())

    shown = [cell.inner_text() for cell in page.locator("table.layers tbody tr td:nth-child(2)").all()]
    assert shown == [*(yuan(layer["paid"]) for layer in bill["layers"]), "82,400.54"]
    page.wait_for_selector(".chart svg")
    drawn = page.locator(".chart").inner_text()
    assert all(yuan(layer["paid"]) in drawn for layer in bill["layers"] if layer["paid"]) and "82,400.54" in drawn


def test_a_bar_leads_to_its_steps_and_a_step_to_its_clause(visits: Any) -> None:
    page = visits().open()
    page.wait_for_selector(".chart svg path[fill='#3f5fa8']")
    page.locator(".chart svg path[fill='#3f5fa8']").first.click()
    chosen = page.locator("tr.chosen")
    assert "大病保险" in chosen.first.inner_text() and "60% × 35,700.11" in chosen.all_inner_texts()[-1]
    chosen.last.get_by_role("button", name="[3]").click()
    assert "其个人自负费用可由大病保险资金再报销60%" in page.locator(".ant-popover").inner_text()


def test_another_place_offers_its_own_schemes_and_care(visits: Any) -> None:
    page = visits().open()
    wait_for(page, "82,400.54")
    page.get_by_label("参保地").click()
    page.keyboard.type("大连")
    page.keyboard.press("Enter")
    expect(page.locator(".field.scheme .ant-segmented-item")).to_have_text(["职工医保"])  # nothing else was read there
    page.get_by_label("医疗类别").click()
    offered = page.locator(".ant-select-item-option-content").all_inner_texts()
    assert "住院" in offered and "长期护理" not in offered


def test_a_class_of_the_other_scheme_is_asked_anew(visits: Any) -> None:
    page = visits().open()
    wait_for(page, "82,400.54")
    page.get_by_text("职工医保", exact=True).click()
    expect(page.locator("[data-field=status].asked")).to_be_visible()
    page.get_by_label("人员类别").click()
    expect(page.locator(".ant-select-item-option-content")).to_have_text(["在职", "退休"])
    page.keyboard.press("Enter")
    expect(page.locator("[data-field=status].asked")).to_have_count(0)


def test_a_question_stands_where_it_is_to_be_answered(visits: Any) -> None:
    scenario = changed()
    del scenario["case"]["bills"][0]["diseases"]
    page = open_with(visits(), scenario)
    page.wait_for_selector("[data-field=diseases].asked")
    expect(page.get_by_text("还要回答 1 个问题")).to_be_visible()
    page.get_by_label("病种").click()
    page.keyboard.type("恶性肿瘤")
    page.keyboard.press("Enter")
    wait_for(page, "82,400.54")
    expect(page.locator(".field.asked")).to_have_count(0)


def open_with(visit: Any, scenario: dict[str, Any], path: str = "pay") -> Any:
    """The page with a scenario out of a bill file."""
    page = visit.open(path)
    raw = json.dumps({"member": scenario["case"]["member"], "bills": scenario["case"]["bills"]}).encode()
    page.locator("input[type=file][accept='.json']").set_input_files(
        {"name": "bill.json", "mimeType": "application/json", "buffer": raw}
    )
    return page


def test_a_link_holds_everything_and_is_never_sent(visits: Any) -> None:
    first = visits()
    page = first.open()
    wait_for(page, "82,400.54")
    page.get_by_label("医疗费总额（元）").fill("150000")
    wait_for_another(page)
    link, amount = page.url, pays(page)
    assert "#/pay?c=" in link

    asked: list[str] = []
    second = visits("en")
    second.page.on("request", lambda request: asked.append(request.url))
    second.page.goto(link)
    wait_for(second.page, amount)
    assert second.page.get_by_label("The whole bill (yuan)").input_value() == "150000"
    assert not any("c=" in url for url in asked)


def test_lines_pasted_from_a_workbook(visits: Any, service: str) -> None:
    page = visits().open()
    wait_for(page, "82,400.54")
    page.get_by_text("明细", exact=True).click()
    page.locator("#paste").fill(
        "项目名称\t金额\t等级\t自付比例\n床位费\t1200\t乙\t10%\n检查费\t30000\t甲\t\n自费药\t300\t丙\t\n错\tabc\t甲\t"
    )
    page.get_by_role("button", name="读取粘贴的内容").click()
    expect(page.get_by_text("1 行没有读出来")).to_be_visible()
    lines = [{"code": "L1", "amount": "1200", "item_class": "class_b", "borne_first": "10%"}, {"code": "L2", "amount": "30000", "item_class": "class_a"},
             {"code": "L3", "amount": "300", "item_class": "class_c"}]  # fmt: skip
    wait_for(page, yuan(settled(service, changed(amounts=None, lines=lines))["member_pays"]))


def test_the_next_bill_of_the_year_goes_on_where_the_first_ended(visits: Any) -> None:
    page = visits().open()
    wait_for(page, "82,400.54")
    page.get_by_role("button", name="加下一张账单").click()
    page.wait_for_selector("text=全年")
    rows = page.locator("section.card:has(h2:text('全年')) tbody tr")
    assert rows.count() == 3
    amounts = [float(row.locator("td").last.inner_text().replace(",", "")) for row in rows.all()]
    assert round(amounts[0] + amounts[1], 2) == amounts[2]


def test_unverified_values_are_named_used_when_told_and_marked(visits: Any) -> None:
    scenario = changed(diseases=[], hospital_kind="general")
    scenario["case"]["member"] |= {"region": "jinan", "scheme": "employee", "status": "active"}
    page = open_with(visits(), scenario)
    page.get_by_role("button", name="知道了，先用未核实的数值算").click()
    page.wait_for_selector(".steps .mark")
    assert page.locator(".clauses .status-unverified").count() > 0


def test_a_worked_example_is_a_start(visits: Any) -> None:
    page = visits().open()
    wait_for(page, "82,400.54")
    page.get_by_label("从一个例子开始").click()
    page.keyboard.type("own-beijing-employee-level-3")
    page.wait_for_selector(".ant-select-item-option >> text=own-beijing-employee-level-3")
    page.keyboard.press("Enter")
    expect(page.locator(".steps")).to_contain_text("42,895.00")


def test_the_statement_is_printed_and_saved(visits: Any) -> None:
    page = visits().open()
    wait_for(page, "82,400.54")
    with page.expect_download() as saved:
        page.get_by_role("button", name="结算单 PDF").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF-")
    page.emulate_media(media="print")
    assert not page.get_by_label("参保地").is_visible() and page.get_by_test_id("member-pays").is_visible()


def test_from_end_to_end_by_keyboard(visits: Any) -> None:
    page = visits("en").open()
    wait_for(page, "82,400.54")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id.endsWith('-total')"):
            break
    page.keyboard.press("Control+A")
    page.keyboard.type("100000")
    wait_for_another(page)
    outline = page.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow"
    )
    assert outline != "nonenone"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_anybody_can_use_it(lang: str, phone: bool, visits: Any) -> None:
    visit = visits(lang, phone)
    page = visit.open()
    wait_for(page, "82,400.54")
    page.wait_for_selector(".chart svg")
    assert visit.accessible() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[lang]
    left = page.locator("main").inner_text()
    if lang == "en":
        own = re.sub(r"<.*?>", "", re.sub(r"[“”‘’，。、；：《》（）]", "", left.partition("Clauses")[0]))
        assert not re.findall(r"[一-鿿]+", own.replace("中文", "")), re.findall(r"[一-鿿]+", own)[:5]


def test_a_service_that_is_gone_is_told(visits: Any) -> None:
    visit = visits()
    page = visit.open()
    wait_for(page, "82,400.54")
    page.route("**/page/settle", lambda route: route.abort())
    page.get_by_label("医疗费总额（元）").fill("190000")
    expect(page.get_by_text("连不上服务")).to_be_visible()
    page.unroute("**/page/settle")
    page.get_by_role("button", name="再试一次").click()
    page.wait_for_selector("text=连不上服务", state="detached")
    visit.faults.clear()  # the browser's own line about the broken request
