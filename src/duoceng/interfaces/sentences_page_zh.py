"""The sentences of the page in Chinese, by their English. Used by `mistakes_zh`."""

SENTENCES_PAGE = {
    "there is no policy `{}`": "没有政策文件 `{0}`", "there is no such format": "没有这种格式",
    "put headings in the first row, such as: {}": "第一行写表头，例如：{0}", "no column of amounts was found": "没有找到金额这一列",
    "there is no amount": "没有金额",
    "a line is never negative: leave out what was taken back, with its refund": "明细不能是负数：退掉的项目连同退费一起去掉",
    "workbooks cannot be read here": "这里不能读取 Excel 文件",
    "pip install 'duoceng[xlsx]', or paste the cells": "安装 duoceng[xlsx]，或直接粘贴单元格",
    "this file is no table": "这个文件不是表格", "save it as .xlsx or .csv, or paste the cells": "另存为 .xlsx 或 .csv，或直接粘贴单元格",
    "more than {} lines": "超过 {0} 行", "settle the bill in parts, or write its amounts by kind": "分几张账单结算，或改填分类金额",
    "`{}` is no share": "`{0}` 不是比例", "`{}` is no class: 甲, 乙 or 丙": "`{0}` 不是等级：写甲、乙或丙",
    "more than {} bills": "超过 {0} 张账单", "The page settles one person's year.": "网页一次结算一个人一年的账单。",
    "use `duoceng batch` for many bills": "大量账单请用 `duoceng batch`",
    "only a bill with amounts can grow": "只有按分类金额填写的账单可以逐步增大", "An itemised bill grows line by line.": "明细账单的金额来自各行。",
    "write its amounts by kind": "改填分类金额",
}  # fmt: skip
