"""A document to start from: every question that must be answered stands in it, waiting for the notice on the desk."""

TEMPLATE = """# yaml-language-server: $schema=https://duoceng.example/schema/policy.json
# Fill in what the notice says, clause by clause. `duoceng policy check` names every line that is still open.
policy: {region}.{scheme}.{benefit}
title:                                  # the notice's own title
english:
region: {region}
kind: public
covers: {{scheme: {scheme}, care: {benefit}}}
year_starts: "01-01"                    # first day of the medical year
decided_by: discharge                   # discharge, admission, settlement or expense
rounding: layer                         # where a half fen is rounded: layer, band, item or running_total
sources:
  notice:
    title:
    number:                             # 文号
    url:
    trust: government
layers:
  - name: basic
    tier: basic
    title: 统筹基金
    english: pooled fund
    payer: "{payer}"
    sees: [in_scope]
    deductible:                         # or: deductible: none
      - from:                           # first day in force
        per: stay
        amount: {{by: level, primary: , secondary: , tertiary: }}
        cite: notice art.
        quote:
        quoted_from: page
        status: verified
    share:
      - from:
        pays: {{by: level, primary: , secondary: , tertiary: }}
        cite: notice art.
        quote:
        quoted_from: page
        status: verified
    ceilings:                           # or: ceilings: none
      - name: year
        title: 年度最高支付限额
        versions:
          - from:
            limit:
            per: year
            bounds: payment             # what the fund pays, or the expense it counts
            beyond_as: payment
            cite: notice art.
            quote:
            quoted_from: page
            status: verified
worked:                                 # the notice's own example; it runs as a test
  - id: example
    member: {{region: {region}, scheme: {scheme}}}
    bill: {{id: b, day: , care: {benefit}, level: tertiary, amounts: {{in_scope: }}}}
    expect: {{basic: }}
gaps: []
"""
PAYER = {"employee": "310100", "resident": "390100"}


def new_document(region: str, scheme: str, benefit: str) -> str:
    """The template for a place, a scheme and a kind of care."""
    return TEMPLATE.format(region=region, scheme=scheme, benefit=benefit, payer=PAYER.get(scheme, ""))
