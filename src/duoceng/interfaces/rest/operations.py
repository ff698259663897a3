"""Every operation of the service, one a row: address, action in the table of access, what it takes, what it is about, what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from duoceng.interfaces.rest import acts, answers, models, told_acts, wallet_acts
from duoceng.interfaces.rest.acts import Answer, Asked
from duoceng.interfaces.rest.concern import Concern
from duoceng.interfaces.rest.fields import Strict


@dataclass(frozen=True)
class Operation:
    """One row. `personal`: who read it is written down. `writes`: a key is asked for."""

    action: str
    method: str
    path: str
    about: Callable[[Asked], Concern]
    run: Callable[[Asked, Concern], Answer]
    answers: type[BaseModel]
    body: type[Strict] | None = None
    writes: bool = False
    personal: bool = False
    says: tuple[str, str] = ("", "")


MEMBER, BILL = "/v1/members/{member}", "/v1/members/{member}/bills/{bill}"
OPERATIONS = (
    Operation("quote", "POST", "/v1/quotes", acts.about_bill_asked, acts.quote, answers.QuoteOut, models.SettleIn, personal=True,
              says=("预结算", "What a bill would come to; leaves no trace in the books")),
    Operation("preview", "POST", "/v1/quotes/statement", acts.about_bill_asked, told_acts.preview, answers.BillOut, models.SettleIn, personal=True,
              says=("预结算及其说明", "A quote with its statement, step by step")),
    Operation("settle", "POST", "/v1/settlements", acts.about_bill_asked, acts.settle, answers.ReceiptOut, models.SettleIn, writes=True,
              says=("结算（含更正和补记）", "Settle a bill, a correction, or a bill that comes late")),
    Operation("reverse", "POST", "/v1/reversals", acts.about_bill_undone, acts.reverse, answers.ReceiptOut, models.ReverseIn, writes=True,
              says=("冲正：按单据号或按幂等键", "Take a bill back, by its id or by its key")),
    Operation("key", "GET", "/v1/keys/{key}", acts.about_nobody, acts.look_up_key, answers.KeyOut, personal=True,
              says=("查询幂等键的结果", "What became of a key")),
    Operation("bill", "GET", BILL, acts.about_bill, acts.show_bill, answers.BillOut, personal=True,
              says=("单据及其结算说明", "A settled bill with its statement")),
    Operation("statement", "GET", BILL + "/statement/{form}", acts.about_bill, told_acts.statement, answers.FileBytes, personal=True,
              says=("结算单文件：pdf、html、xlsx", "The statement as a file: pdf, html, xlsx")),
    Operation("file", "GET", MEMBER, acts.about_member, acts.show_file, answers.FileOut, personal=True,
              says=("参保人档案与年度累计", "A member's file and the year so far")),
    Operation("standing", "POST", MEMBER + "/standing", acts.about_member, told_acts.stand, answers.StandingOut, models.StandingIn, personal=True,
              says=("起付标准和限额的使用情况", "Deductibles borne and ceilings used")),
    Operation("offers", "GET", MEMBER + "/offers", acts.about_member, told_acts.offers, answers.OffersOut, personal=True,
              says=("转出和待接收的钱", "Money sent, and money on offer")),
    Operation("identity", "GET", MEMBER + "/identity", acts.about_member, acts.show_identity, answers.IdentityOut, personal=True,
              says=("姓名和证件号码", "Name and identity number")),
    Operation("find", "POST", "/v1/members/find", acts.about_number, acts.find, answers.FoundOut, models.NumberIn, personal=True,
              says=("按证件号码查找参保人", "Find a member by an identity number")),
    Operation("code", "POST", MEMBER + "/codes", acts.about_member, acts.issue_code, answers.CodeOut, models.CodeIn,
              says=("出示医保码或商保码", "A code to show: basic or commercial")),
    Operation("shown", "POST", "/v1/members/shown", acts.about_nobody, acts.whose_code, answers.FoundOut, models.ShownIn, personal=True,
              says=("按医保码识别参保人", "Who shows a basic code")),
    Operation("enrol", "POST", MEMBER + "/facts", acts.about_facts, acts.tell, answers.ReceiptOut, models.EnrolIn, writes=True,
              says=("参保登记与事实登记", "Enrol a member, or add facts")),
    Operation("consent", "POST", MEMBER + "/consents", acts.about_member, acts.agree, answers.ReceiptOut, models.ConsentIn, writes=True,
              says=("同意：允许保险公司查看和赔付", "Agree that an insurer sees and pays")),
    Operation("revoke", "POST", MEMBER + "/consents/revocations", acts.about_member, acts.revoke, answers.ReceiptOut, models.RevokeIn,
              writes=True, says=("撤回同意", "Take a consent back")),
    Operation("credit", "POST", MEMBER + "/credits", acts.about_member, wallet_acts.credit, answers.ReceiptOut, models.CreditIn, writes=True,
              says=("个人账户划入", "Credit a personal account")),
    Operation("premium", "POST", MEMBER + "/premiums", acts.about_member, wallet_acts.pay_premium, answers.ReceiptOut, models.PremiumIn,
              writes=True, says=("用个人账户缴纳保费", "Pay a premium out of the account")),
    Operation("send", "POST", MEMBER + "/sendings", acts.about_member, wallet_acts.send, answers.ReceiptOut, models.SendIn, writes=True,
              says=("医保钱包转出", "Offer money to a relative's wallet")),
    Operation("accept", "POST", MEMBER + "/acceptances", acts.about_member, wallet_acts.accept, answers.ReceiptOut, models.AcceptIn,
              writes=True, says=("接收转账", "Accept what was offered")),
    Operation("recall", "POST", MEMBER + "/recalls", acts.about_member, wallet_acts.recall, answers.ReceiptOut, models.RecallIn, writes=True,
              says=("撤回转账", "Call back what was offered")),
    Operation("trial", "GET", "/v1/trial-balance", acts.about_nobody, acts.balance, answers.TrialOut,
              says=("试算平衡", "The trial balance")),
)  # fmt: skip
