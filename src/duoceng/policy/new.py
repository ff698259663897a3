"""A document to start from: every question that must be answered stands in it, waiting for the notice on the desk."""

import re

from duoceng.base.mistakes import Place, refuse
from duoceng.policy.vocabulary import Vocabulary

TEMPLATE = """# {fill}
# {complete}
policy: {region}.{scheme}.{benefit}
title:                                  # {title}
english:
region: {region}
kind: public
covers: {{scheme: {scheme}, care: {benefit}}}
year_starts: "01-01"                    # {year}
decided_by: discharge                   # {decided}
rounding: layer                         # {rounding}
sources:
  notice:
    title:                              # {title}
    number:                             # {number}
    url:                                # {url}
    trust: government
layers:
  - name: basic
    tier: basic
    title: 统筹基金
    english: pooled fund
    payer: "{payer}"
    sees: [in_scope]
    deductible:                         # {deductible}
      - from:                           # {begins}
        per: stay
        amount: {{by: level, primary: , secondary: , tertiary: }}
        cite: notice art.               # {cite}
        quote:                          # {quote}
        quoted_from: page
        status: verified
    share:                              # {share}
      - from:
        pays: {{by: level, primary: , secondary: , tertiary: }}
        cite: notice art.
        quote:
        quoted_from: page
        status: verified
    ceilings:                           # {ceilings}
      - name: year
        title: 年度最高支付限额
        versions:
          - from:
            limit:
            per: year
            bounds: payment             # {bounds}
            beyond_as: payment          # {beyond}
            cite: notice art.
            quote:
            quoted_from: page
            status: verified
worked:                                 # {worked}
  - id: example
    member: {{region: {region}, scheme: {scheme}}}
    bill: {{id: b, day: , care: {benefit}, level: tertiary, amounts: {{in_scope: }}}}
    expect: {{basic: }}
gaps: []                                # {gaps}
"""
COMMENTS = {
    "fill": ("照文件逐条填写；`duoceng policy check` 会列出还空着的每一处。",
             "Fill in what the notice says, clause by clause; `duoceng policy check` names every line that is still blank."),
    "complete": ("编辑器补全：`duoceng policy schema > policy.schema.json`，并在编辑器中指向这个文件。",
                 "For an editor that completes keys: `duoceng policy schema > policy.schema.json`, and point the editor at it."),
    "title": ("文件的标题", "the notice's own title"),
    "year": ("医保年度起始日", "first day of the medical year"),
    "decided": ("以哪一天为准：discharge 出院、admission 入院、settlement 结算、expense 费用发生",
                "which day decides: discharge, admission, settlement or expense"),
    "rounding": ("在哪里四舍五入：layer 每层、band 每段、item 每项、running_total 年度累计",
                 "where a half fen is rounded: layer, band, item or running_total"),
    "number": ("文号", "the notice's number"),
    "url": ("读到原文的地址", "the address where it was read"),
    "deductible": ("起付标准；没有就写 deductible: none", "or: deductible: none"),
    "begins": ("从哪一天起施行", "first day in force"),
    "cite": ("写明第几条，例如 notice 第九条", "say which article: notice art. 9"),
    "quote": ("抄录原文", "the very words"),
    "share": ("支付比例", "what it pays above the deductible"),
    "ceilings": ("最高支付限额；没有就写 ceilings: none", "or: ceilings: none"),
    "bounds": ("限制的是支付额 payment，还是计入的费用 expense", "what the fund pays, or the expense it counts"),
    "beyond": ("超出的部分按少付的钱 payment，还是按对应的费用 expense 留给下一层",
               "what lies beyond goes on as money not paid, or as its cost (expense)"),
    "worked": ("文件自己的举例，会作为测试运行", "the notice's own example; it runs as a test"),
    "gaps": ("没有查到的内容，用文字写明", "what was not found, in words"),
}  # fmt: skip
PAYER = {"employee": "310100", "resident": "390100"}


def new_document(vocabulary: Vocabulary, names: tuple[str, str, str], lang: str) -> str:
    """The template for a place, a scheme and a kind of care. Raises Refused where there is no such scheme or care."""
    region, scheme, benefit = names
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", region):
        raise refuse("B007", Place("policy new", 0), f"`{region[:40]}` cannot be the name of a place", "It names a folder, too.",
                     "write small letters, digits and hyphens, such as jiangmen")  # fmt: skip
    for attribute, answer in (("scheme", scheme), ("care", benefit)):
        try:
            vocabulary[attribute].parse(answer)
        except ValueError as error:
            raise refuse("B009", Place("policy new", 0), str(error), "", "write one of the values allowed") from None
    comments = {name: words[lang == "en"] for name, words in COMMENTS.items()}
    return TEMPLATE.format(region=region, scheme=scheme, benefit=benefit, payer=PAYER.get(scheme, ""), **comments)
