"""What every mistake's code means and how it is repaired, zh and en. `duoceng help CODE` prints it beside an example.

Y: the file as YAML. P: policy documents. B: bills and the command line. A code never changes its meaning.
"""

_FORM = {
    "001": ("没有这个键", "此处不认识该键；留着会被无声忽略。改成提示中的键。",
            "no such key", "The key is not known here and would be passed over in silence. Use the key that is offered."),
    "002": ("缺少必填项", "补上提示的键；没有它，金额无法确定。", "something is missing", "Add the key that is named; without it the amount is not decided."),
    "003": ("形式不对", "该处应为列表、映射或单个值，按提示改写。", "another form is wanted", "A list, a mapping or a single value is wanted here; write it as shown."),
    "004": ("不是金额", "金额以元为单位，最多两位小数，如 1300 或 1300.05，不带负号。", "not an amount", "Yuan with at most two decimals, such as 1300 or 1300.05, without a sign."),
    "005": ("不是百分比", "写成 85% 或 92.5%，最多两位小数，不超过 100%。", "not a percentage", "Write 85% or 92.5%, at most two decimals, at most 100%."),
    "006": ("不是日期", "写成 2025-03-31；年度起始日写成 \"01-01\"。", "not a day", "Write 2025-03-31; the first day of a year as \"01-01\"."),
    "007": ("不在可选词之内", "改成列出的词之一。", "not one of the words", "Use one of the words that are listed."),
    "009": ("属性的值不对", "改成词汇表（policies/vocabulary.yaml）中的值；数值要可能（如年龄不超过 130）。",
            "not a value of the attribute", "Use a value of policies/vocabulary.yaml; numbers must be possible (an age of at most 130)."),
}  # fmt: skip
CODES: dict[str, tuple[str, str, str, str]] = {
    **{f"{family}{number}": words for family in "PB" for number, words in _FORM.items()},
    "Y001": ("不是可读的 YAML/JSON", "检查缩进（空格而非制表符）、引号、冒号；文件须为 UTF-8。", "not readable as YAML", "Check indentation (spaces, no tabs), quotes and colons; the file must be UTF-8."),
    "Y002": ("文件过大", "拆分文件。", "too large", "Split the file."),
    "Y003": ("嵌套过深", "检查括号。", "nested too deeply", "Check the brackets."),
    "Y004": ("不使用锚点、别名和标签", "把值写在它所在的地方。", "anchors, aliases and tags are not used", "Write the value out where it stands."),
    "Y005": ("键必须是一个词", "写成普通的键。", "a key must be a word", "Write a plain key."),
    "Y006": ("同一个键出现两次", "删去一个；两个之中只能算一个。", "a key stands twice", "Remove one; only one of them could count."),
    "P010": ("引用的来源不存在", "在 sources 中添加该来源，或改正 cite 的第一个词。", "the citation names no source", "Add it under `sources`, or correct the first word of `cite`."),
    "P011": ("没有写明第几条", "来源之后写明条款，如 notice 第九条；没有条款号的来源只写来源。", "the citation does not say which article", "Write the article after the source (`notice art. 9`); a source without articles stands alone."),
    "P012": ("费用段没有递增", "检查相邻两段的 up_to。", "bands do not rise", "Check the two `up_to`."),
    "P013": ("最后一段必须不设上限", "最后一段不写 up_to；不支付时写 {pays: 0%}。", "the last band must be open", "Leave `up_to` out of the last band; write `{pays: 0%}` if nothing is paid."),
    "P014": ("两个版本同一天起效", "删去一个，或改 from。", "two versions start on one day", "Remove one, or set `from` to the day the second takes effect."),
    "P016": ("不得省略的问题", "该问题读来相同、付款不同，必须在文件中回答。", "a question that must be answered", "It reads alike and pays differently, so the document must say which."),
    "P017": ("支付比例超过 100%", "写不超过 100% 的比例。", "a share above 100 %", "Write a share of at most 100%."),
    "P018": ("段数或限额过多", "合并，或拆成两层。", "too many bands or ceilings", "Join some, or split the layer."),
    "P019": ("两层同名", "各取一名。", "two layers of one name", "Give each its own."),
    "P021": ("这一天的规定没有读到", "在该日之前没有版本，或该处是缺口。结算更晚的日子，或补上当时的版本。", "the rule of that day was not read", "No version begins that early, or it is a gap. Settle a later day, or add the version in force."),
    "P023": ("表格中没有这一格", "来源没有给出该情形的数字；补上该格和来源，或写 else。", "the table has no such cell", "The source gives no figure for it. Add the cell with its source, or `else`."),
    "P024": ("两个限额同名", "各取一名。", "two ceilings of one name", "Give each its own."),
    "P025": ("没有这个指标", "在该地 indexes.yaml 中添加。", "no such index", "Add it to the place's indexes.yaml."),
    "P026": ("指标缺少该年的数字", "在 indexes.yaml 中补上公布值和来源。", "the index has no figure for the year", "Add the published figure and its source to indexes.yaml."),
    "P027": ("公布数与公式不符", "核对文件与指标：两者之一有误。", "the printed figure differs from its formula", "Check the notice and the index: one of the two is wrong."),
    "P028": ("beyond 指的层不存在", "写排在它之前的一层。", "`beyond` names no layer above", "Name a layer that stands above it."),
    "P029": ("文件名与政策名不符", "文件按 policy 的名字存放。", "file and policy have different names", "A document lies where its name says."),
    "P030": ("两个文件同一政策名", "改其中一个。", "two documents of one name", "Rename one."),
    "P032": ("标为已核对，却没有原文", "引用原文（quoted_from: page），或写 status: secondary。", "called verified without the page's words", "Quote the page, or write `status: secondary`."),
    "P033": ("这里没有政策", "用 --policies 指向政策文件夹。", "no policies here", "Point --policies at a folder of policies."),
    "P034": ("不知道各层的支付顺序", "添加 cn/order.yaml。", "no order of tiers", "Add cn/order.yaml."),
    "P035": ("用到未核实的数值", "加 --allow-unverified 才使用，结算单会标明。", "an unverified value", "Pass --allow-unverified to use it; the statement marks it."),
    "P036": ("顺序中没有这一层", "在 order.yaml 或 --order 中写上它。", "the order does not name the tier", "Name it in order.yaml or --order."),
    "P037": ("没有这个政策", "用提示中的名字。", "no such policy", "Use one of the names offered."),
    "B010": ("分项之和不等于总额", "改正总额或分项；差额会凭空消失或产生。", "the parts do not add up", "Correct the total or the parts; money would be lost or made."),
    "B011": ("两张单据同号", "各取一号；更正写 replaces。", "two bills of one id", "Give each its own; a correction says `replaces`."),
    "B012": ("金额为负", "退费是新的一笔：用 void 或 replaces。", "a negative amount", "A refund is a new entry: use `void` or `replaces`."),
    "B013": ("日期不可能", "入院不得晚于出院。", "impossible days", "Admission cannot be after discharge."),
    "B014": ("被更正的单据不存在", "写排在前面的单据号。", "the bill to correct is not there", "Name a bill that stands above."),
    "B015": ("没有金额，或重复给出", "amounts、parts、lines 三者只用其一。", "no amounts, or twice", "Use one of `amounts`, `parts`, `lines`."),
    "B016": ("目录中没有这个编码", "检查编码，或在明细上写 item_class。", "an unknown item code", "Check the code, or let the line say `item_class`."),
    "B017": ("文件过大，不像单据", "检查文件名。", "too large for a bill", "Check which file was named."),
    "B018": ("单据没有按日期排列", "按日期排序，或给迟到的单据加 late: yes。", "bills out of order", "Sort them by day, or add `late: yes` to one that arrived late."),
    "B019": ("读不到文件", "检查文件名和权限；文件要另存为 UTF-8（Windows 下常存成 GBK）。", "the file cannot be read", "Check its name and whether you may read it; save it as UTF-8 text (Windows often saves GBK)."),
    "B020": ("缺少结算所需的答案", "补上提示的属性；系统不猜测。", "an answer is needed", "Add the attribute that is asked for; nothing is guessed."),
    "B021": ("乙类项目没有先行自付比例", "在明细上写 borne_first。", "class B without a first share", "Add `borne_first` to the line."),
    "B022": ("同一层次既已结清又由他人支付", "两个字段只留一处。", "a tier both done and paid by others", "Keep one of the two fields."),
    "B023": ("同一事实给了两次", "只留一个：有日期就写日期。", "one fact given twice", "Keep one: the day, where it is known."),
    "B024": ("没有读到适用于这张单据的规定", "该地读到的规定见提示；改正险种或医疗类别，或写 settled_before: {basic: 0} 表示前面各层另行结算。",
             "no rule that was read covers the bill", "The message lists what is read for the place. Correct the scheme or the care, or write `settled_before: {basic: 0}`: the first tiers are settled elsewhere."),
    "B030": ("没有该统筹区的政策", "用列出的地名，或为该地写政策。", "no policies of that place", "Use a place that is listed, or write its policies."),
    "B031": ("没有该产品的条款", "用列出的产品名。", "no terms of that product", "Use a product that is listed."),
    "B032": ("没有这一层", "用列出的层名。", "no such tier", "Use a tier that is listed."),
    "B033": ("不是改革文件", "改革文件写明 over: <政策>。", "not a reform", "A reform says `over: <policy>`."),
    "B034": ("--set 没有改动任何已知属性", "写成 level=primary 或 单据:level=primary。", "--set changes nothing known", "Write level=primary, or BILL:level=primary."),
    "B035": ("没有这种格式或语言", "text、json、html、pdf、xlsx；zh、en。", "no such format or language", "text, json, html, pdf, xlsx; zh, en."),
    "B036": ("不能写出文件", "给出可写的文件名：-o statement.pdf。", "the file cannot be written", "Name a file that may be written: -o statement.pdf."),
    "B037": ("缺少 PDF 组件", "安装 duoceng[pdf] 和系统库 Pango。", "parts for PDF are missing", "Install duoceng[pdf] and the system library Pango."),
    "B038": ("缺少批量组件", "安装 duoceng[batch]。", "parts for many bills are missing", "Install duoceng[batch]."),
    "B039": ("无法这样抽取账单", "--spread 写 real 或 even；所选地区在该年至少有一类账单能结算。", "bills cannot be drawn so", "`--spread` is real or even; some bill of the places chosen must be settled in the year."),
    "B050": ("缺少 Spark 组件", "安装 duoceng[spark] 和 Java 17。", "parts for Spark are missing", "Install duoceng[spark], and Java 17."),
    "B051": ("Spark 读不到账单", "给出每个执行节点都能读到的 Parquet 文件或文件夹。", "Spark cannot read the bills", "Name Parquet files, or a folder of them, that every executor can reach."),
    "B052": ("Spark 写不出结果", "给出尚不存在、可以写的文件夹。", "Spark cannot write the tables", "Name a folder that is not there yet and may be written to."),
    "B025": ("年终结算缺少当年单据", "全年单据放在同一个文件里结算，年终结算到柜台办理。", "a year's end without its year", "Settle the whole year in one file, or the year's end at the counter."),
    "B056": ("没有这个错误代码", "`duoceng help` 列出全部代码。", "no such code of a mistake", "`duoceng help` lists them all."),
}  # fmt: skip


def explain_code(code: str, lang: str) -> str | None:
    """What a code means and how it is repaired, or None where there is no such code."""
    words = CODES.get(code.upper())
    if words is None:
        return None
    title, repair = words[:2] if lang == "zh" else words[2:]
    return f"{code.upper()}  {title}\n\n  {repair}\n"
