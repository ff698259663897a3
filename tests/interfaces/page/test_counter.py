"""The counter in a real browser: what each role may, once and only once, and the same figures as the desk."""

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

HOSPITAL = "H11010500001"


class Rest:
    """The desk asked beside the page, as one of the invented callers."""

    def __init__(self, service: str):
        self.service = service
        with urlopen(f"{service}/page/counter") as answer:
            said = json.loads(answer.read())
        self.today = said["today"]
        self.tokens = {
            (r["role"], r["of"] if r["role"] == "member" else ""): r["token"] for r in said["tries"]["roles"]
        }

    def ask(self, who: tuple[str, str], method: str, path: str, body: Any = None) -> Any:
        raw = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.service}{path}", raw, {"authorization": f"Bearer {self.tokens[who]}"}, method=method)
        with urlopen(request) as answer:
            return json.loads(answer.read())

    def file(self, member: str) -> Any:
        return self.ask(("bureau", ""), "GET", f"/v1/members/{member}")


@pytest.fixture
def rest(service: str) -> Rest:
    return Rest(service)


def yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def signed_in(visit: Any, role: str, person: str = "", tab: str = "overview") -> Any:
    page = visit.open(f"counter?tab={tab}")
    page.get_by_role("button", name=role, exact=True).click()
    if person:
        page.locator(".people").get_by_role("button", name=person, exact=True).click()
        expect(page.locator(".who")).to_be_visible()
    return page


def test_a_bill_is_quoted_settled_once_and_taken_back(visits: Any, rest: Rest) -> None:
    page = signed_in(visits(), "医保经办", "赵秀英", "settle")
    before = rest.file("demo-poor")
    page.get_by_label("医疗费总额（元）").fill("46000")
    expect(page.get_by_test_id("member-pays")).to_be_visible()
    expect(page.locator(".figures").first).to_contain_text("46,000.00")
    bill = page.get_by_label("单据号").input_value()
    quoted = page.get_by_test_id("member-pays").inner_text().split("\n")[0]

    page.get_by_role("button", name="结算", exact=True).click()
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text(f"单据 {bill} 已结算")
    after = rest.file("demo-poor")
    kept = next(b for b in after["bills"] if b["bill"] == bill)
    assert quoted.startswith(yuan(kept["member_pays"])) and after["pages"] == before["pages"] + 1

    page.get_by_role("button", name="结算", exact=True).click()  # a second click, under the same key
    expect(receipt).to_contain_text("没有重复记账")
    assert rest.file("demo-poor")["pages"] == after["pages"]

    page.get_by_role("link", name="单据", exact=True).click()
    row = page.locator(f"tr[data-bill='{bill}']")
    expect(row).to_contain_text(yuan(kept["covered"]))
    row.get_by_role("button").click()
    page.get_by_role("button", name="冲正").click()
    expect(page.locator(".ant-popconfirm, .ant-popover").last).to_contain_text(yuan(kept["covered"]))
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".receipt")).to_contain_text(f"单据 {bill} 已冲正")
    assert next(b for b in rest.file("demo-poor")["bills"] if b["bill"] == bill)["state"] != "live"


def test_the_gauges_are_the_desks(visits: Any, rest: Rest) -> None:
    page = signed_in(visits(), "医保经办", "陈\U00030edd")
    asked = {"answers": {"care": "outpatient", "level": "tertiary"}, "day": rest.today}
    wanted = rest.ask(("bureau", ""), "POST", "/v1/members/demo-chronic/standing", asked)["standing"]
    assert wanted and any(one["used"] for one in wanted)
    for one in wanted:
        words = f"已用 {yuan(one['used'])}，共 {yuan(one['limit'])}，还剩 {yuan(one['limit'] - one['used'])}"
        expect(page.locator(".gauges")).to_contain_text(words)


def test_a_member_is_found_by_number_and_the_number_is_hidden(visits: Any) -> None:
    visit = visits()
    page = signed_in(visit, "医保经办")
    page.get_by_label("证件号码").fill("11010519491231002X")
    page.keyboard.press("Enter")
    expect(page.locator(".who h2")).to_have_text("王建国")
    expect(page.locator(".who")).to_contain_text("110*************2X")
    page.get_by_role("button", name="显示").click()
    expect(page.locator(".who")).to_contain_text("11010519491231002X")
    assert "11010519491231002X" not in page.url and "demo-retired" not in page.url
    page.get_by_label("证件号码").fill("440524188001010014")
    page.keyboard.press("Enter")
    expect(page.locator(".finder .mistakes")).to_be_visible()


def test_a_hospital_sees_no_file_and_settles_its_own(visits: Any, rest: Rest) -> None:
    page = signed_in(visits(), "医院结算窗口", "李小禾")
    expect(page.locator(".who")).to_contain_text("不能查看参保人档案")
    assert page.get_by_role("link", name="概况", exact=True).count() == 0
    page.get_by_role("link", name="结算", exact=True).click()
    expect(page.get_by_test_id("quote-pays")).to_be_visible()
    bill = page.get_by_label("单据号").input_value()
    page.get_by_role("button", name="结算", exact=True).click()
    expect(page.locator(".receipt")).to_contain_text(f"单据 {bill} 已结算")
    with pytest.raises(HTTPError):
        rest.ask(("hospital", ""), "GET", "/v1/members/demo-child")
    page.get_by_role("link", name="单据", exact=True).click()
    page.get_by_label("按单据号查看本院单据").fill(bill)
    page.keyboard.press("Enter")
    with page.expect_download() as saved:
        page.get_by_role("button", name="结算单 PDF").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF-")


def test_money_goes_from_wallet_to_wallet(visits: Any, rest: Rest) -> None:
    page = signed_in(visits(), "参保人本人：陈\U00030edd", tab="money")
    had = rest.file("demo-chronic")["balances"]["account/demo-chronic"]["amount"]
    expect(page.locator(".balance[data-account=account]")).to_contain_text(yuan(had))
    page.locator("#send-amount").fill("12.34")
    page.get_by_role("button", name="转出").click()
    expect(page.locator(".receipt")).to_be_visible()
    expect(page.locator(".work")).to_contain_text("等待接收")
    other = signed_in(visits(), "参保人本人：王建国", tab="money")
    other.get_by_role("button", name="接收").first.click()
    expect(other.locator(".balance[data-account=wallet]")).to_contain_text("12.34")
    assert rest.file("demo-chronic")["balances"]["account/demo-chronic"]["amount"] == had - 1_234
    assert rest.ask(("auditor", ""), "GET", "/v1/trial-balance")["sum"] == 0


def test_a_consent_is_taken_back_and_given_again(visits: Any) -> None:
    page = signed_in(visits(), "参保人本人：陈\U00030edd", tab="consents")
    row = page.locator("[data-policy='zhenai.million-medical']")
    expect(row).to_contain_text("已授权")
    row.get_by_role("button", name="撤回授权").click()
    expect(row).to_contain_text("未授权")
    row.get_by_role("button", name="授权", exact=True).click()
    expect(row).to_contain_text("已授权")


def test_a_credit_and_a_relative_are_filed(visits: Any, rest: Rest) -> None:
    page = signed_in(visits(), "医保经办", "王建国", "money")
    had = rest.file("demo-retired")["balances"].get("account/demo-retired", {"amount": 0})["amount"]
    page.locator("#credit-month").fill(f"{rest.today[:4]}-02")
    page.locator("#credit-amount").fill("100.01")
    page.get_by_role("button", name="划入", exact=True).click()
    expect(page.locator(".balance[data-account=account]")).to_contain_text(yuan(had + 10_001))
    page.locator("#rel-who").fill("demo-poor")
    page.locator("#rel-proof").fill("结婚证")
    page.get_by_role("button", name="登记近亲属").click()
    expect(page.locator("section:has(h2:text('共济近亲属'))")).to_contain_text("赵秀英")


def test_an_expired_token_leads_back_to_the_door(visits: Any) -> None:
    visit = visits()
    page = signed_in(visit, "医保经办", "王建国")
    kept = page.evaluate("sessionStorage.getItem('duoceng-session')")
    page.evaluate("(s) => sessionStorage.setItem('duoceng-session', s)", kept.replace('"token":"', '"token":"x'))
    page.reload()
    page.locator(".people").get_by_role("button", name="王建国").click()
    expect(page.locator(".sign-in")).to_contain_text("令牌无效或已过期")
    assert page.evaluate("sessionStorage.getItem('duoceng-session')") is None


def test_by_keyboard_from_the_door_to_the_receipt(visits: Any) -> None:
    page = visits("en").open("counter?tab=settle")
    page.get_by_role("button", name="Bureau clerk", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("Member number").focus()
    page.keyboard.type("demo-poor")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("member-pays")).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if (
            page.evaluate("document.activeElement.textContent") == "Settle"
            and page.evaluate("document.activeElement.tagName") == "BUTTON"
        ):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".receipt")).to_contain_text("is settled")


@pytest.mark.parametrize("tab", ["overview", "settle", "bills", "money", "consents"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_anybody_can_use_it(tab: str, phone: bool, visits: Any) -> None:
    visit = visits("zh", phone)
    page = visit.open(f"counter?tab={tab}")
    assert visit.accessible() == []
    signed_in(visit, "医保经办", "陈\U00030edd", tab)
    if tab == "bills":
        page.locator("[data-bill] button").first.click()
        expect(page.locator(".steps")).to_be_visible()
    page.wait_for_timeout(500)
    assert visit.accessible() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
