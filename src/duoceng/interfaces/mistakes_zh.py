"""Mistakes in Chinese. The readers speak plain English; here every sentence has its Chinese, and a test finds any that has not.

`{}` stands for what differs from one mistake to the next; in Chinese `{0}`, `{1}` ... put it where the sentence wants it, and
`{0:n}` says that it is a noun of ours, or the system's, which has its Chinese, too. Everything else is somebody's own word and stays.
"""

import re
from functools import cache

from duoceng.base.mistakes import Mistake
from duoceng.interfaces.sentences_batch_zh import SENTENCES_BATCH
from duoceng.interfaces.sentences_fhir_zh import SENTENCES_FHIR
from duoceng.interfaces.sentences_nhsa_zh import SENTENCES_NHSA
from duoceng.interfaces.sentences_page_zh import SENTENCES_PAGE
from duoceng.interfaces.sentences_rest_zh import SERVICE
from duoceng.interfaces.sentences_store_zh import SENTENCES_STORE
from duoceng.interfaces.sentences_zh import SENTENCES as OF_FILES
from duoceng.interfaces.system_zh import told_by_others

SENTENCES = {
    **OF_FILES,
    **SENTENCES_BATCH,
    **SENTENCES_STORE,
    **SERVICE,
    **SENTENCES_NHSA,
    **SENTENCES_FHIR,
    **SENTENCES_PAGE,
}
NOUNS = {
    "a bill": "账单", "this list of answers": "这组属性", "this value": "这个数值", "amounts by kind": "分类金额",
     "a bill file": "账单文件", "a case": "案例", "a product held": "所持产品", "a part": "分项", "a line": "明细行",
    "the member": "参保人", "attributes": "属性", "the attributes": "属性", "the vocabulary": "词汇表", "the cases": "案例", "a change": "变更",
    "a policy document": "政策文件", "a population": "参保人群文件", "weights of an attribute": "属性的权重",
    "rules of accounts": "个人账户规则", "a bar": "禁用项",
    "a version of the relatives": "近亲属范围的一个版本", "a version of the uses": "用途的一个版本",
    "a version of the order": "支付顺序的一个版本", "a version of the sends": "转账规则的一个版本",
    "relatives": "近亲属范围", "uses": "用途", "order": "支付顺序", "sends": "转账规则",
    "a source": "来源", "a layer": "层", "a band": "费用段", "a ceiling": "最高支付限额", "the window": "保障期",
    "a worked example": "举例", "what was not read": "没有读到的内容", "a catalogue": "目录", "an item": "目录项", "a removal": "调出",
    "a figure": "年度数字", "an index": "指标", "an attribute": "属性", "a value": "取值", "values": "取值", "figures by year": "逐年数字",
    "a version of the share": "支付比例的一个版本", "a version of the deductible": "起付标准的一个版本", "a version of the ceiling": "限额的一个版本",
    "a version of the gate": "支付条件的一个版本", "a version of the guarantee": "保底的一个版本",
    "a version of the first share": "先行自付的一个版本",
    "a version of the cash benefit": "现金待遇的一个版本", "a version of the factor on the result": "结果系数的一个版本",
    "share": "支付比例", "deductible": "起付标准", "ceiling": "最高支付限额", "gate": "支付条件", "guarantee": "保底",
    "first share": "先行自付", "cash benefit": "现金待遇", "factor on the result": "结果系数", "borne_first": "先行自付", "result": "结果系数",
    "cash": "现金待遇", "when": "支付条件",
    "member": "参保人", "bill": "账单", "product held": "所持产品", "line or part": "明细行或分项",
    "not_an_amount": "不是金额", "quiet_hours": "22:00 至次日 6:00 不能转账", "over_send_limit": "超过单笔限额", "too_many_today": "今天的笔数已用完",
    "still_pending": "还有一笔等待接收", "too_many_relatives": "共济的近亲属过多", "not_enough": "余额不足", "below_floor": "低于账户须留的余额",
    "from memory or conflicting": "凭记忆，或来源不一致", "characters that are not text": "含有非文本字符",
}  # fmt: skip


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], str]]:
    """Sentences with holes, those that say most first; each behind its longest words, which are looked for first."""
    holed = sorted((s for s in SENTENCES if "{}" in s), key=lambda s: -len(s.replace("{}", "")))
    return [
        (max(s.split("{}"), key=len), re.compile("(.*?)".join(map(re.escape, s.split("{}"))), re.DOTALL), SENTENCES[s])
        for s in holed
    ]


def chinese(sentence: str) -> str:
    """The sentence in Chinese; as it is where there is none (words of a document, of the system)."""
    if sentence in SENTENCES:
        return SENTENCES[sentence]
    for longest, pattern, words in _patterns():
        if longest in sentence and (found := pattern.fullmatch(sentence)):
            return words.format(*map(_Hole, found.groups()))
    return sentence


def chinese_reason(words: str) -> str:
    """Why a bill of a file was rejected: mistakes one after another, each with its code and its repair in brackets. Each is told once."""
    return "；".join(dict.fromkeys(map(_told, re.split(r"; (?=[A-Z]\d{3} )", words))))


def _told(part: str) -> str:
    """One mistake of a reason. What is wrong may hold brackets as the repair may, so the place between them is tried."""
    code, _, rest = part.partition(" ") if re.match(r"[A-Z]\d{3} ", part) else ("", "", part)
    found = chinese(rest)
    if rest.endswith(")"):
        cuts = [at.start() for at in re.finditer(r" \(", rest)]
        both = [(rest[:at], rest[at + 2 : -1]) for at in cuts]
        known = [
            f"{chinese(what)}（{chinese(repair)}）"
            for what, repair in both
            if chinese(what) != what and chinese(repair) != repair
        ]
        half = [f"{chinese(what)}（{repair}）" for what, repair in both if chinese(what) != what]
        found = (known or half or [found])[0]
    return f"{code} {found}".strip()


class _Hole(str):
    """What fills a sentence: as it is; a noun of ours (n); a remark in brackets, left out where it is not in Chinese (c)."""

    def __format__(self, form: str) -> str:
        if form == "c":
            words = f"{self:n}"
            return f"（{words}）" if re.search("[一-鿿]", words) else ""
        if form != "n":
            return str(self)
        if others := told_by_others(self):
            return others
        names = [NOUNS.get(n) or re.sub(r"^ceiling (.+)", r"限额“\1”", n) for n in self.split(", ")]
        return str(self) if names == self.split(", ") else "、".join(names)


def in_chinese(mistake: Mistake) -> Mistake:
    """The same mistake in Chinese. What a key is for is said on the reference page, in English, and left out here."""
    what = chinese(mistake.what)
    why = chinese(mistake.why)
    if why == mistake.why and re.fullmatch(r".* does not say `\w+`", mistake.what):
        why = ""
    return Mistake(mistake.code, mistake.place, what, why, chinese(mistake.repair), mistake.also)
