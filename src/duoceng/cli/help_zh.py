"""The help of commands in Chinese. Commands are written in plain English; here every sentence has its Chinese, and a test finds any that has not.

What the command-line library itself says of a wrong call (`Usage`, `No such option`) stays in its own English.
"""

from typing import Any

HELP = {
    # commands
    "Settle a medical bill through every layer, and explain every fen.": "把一张医疗账单逐层结算，并说明每一分钱。",
    "The national hospital interface to try against, with invented people.": "国家医保接口的沙箱：人员、机构、目录均为虚构，供医院系统对接试用。",
    "address to listen at": "监听地址",
    "address of the database; a file here, if not said": "数据库地址；不写则用此处的文件",
    "file of institutions, beside the invented ones": "机构文件，与虚构的机构并用",
    "file of institutions that may speak the national interface": "可以用国家医保接口通话的机构（文件）",
    "file to write all messages and answers to, a line of JSON each": "把全部报文和应答写入的文件，每条一行 JSON",
    "a recorded file: play it again, to a new sandbox or to --to, and compare the answers": "录制的文件：向新沙箱或 --to 回放，并比较应答",
    "with --replay: address to send the messages to": "与 --replay 同用：报文发往的地址",
    "a file with one message: say what is wrong with it, field by field": "一条报文的文件：逐字段说明有什么问题",
    "number or text: how `infcode` is answered": "number 或 text：应答中 `infcode` 的形式",
    "messages need a sign-in (9001)": "报文须先签到（9001）",
    "Draw members and their bills, of any number, from documented distributions.": "按有出处的分布，生成任意数量的参保人和单据。",
    "Parquet file to write: one row a bill": "写出的 Parquet 文件：一行一张单据",
    "how many bills": "单据张数",
    "the same seed draws the same bills": "随机种子：种子相同，单据相同",
    "only members of this place; may be given several times": "只要这个统筹区的参保人；可以写多次",
    "year of discharge (real)": "出院年份（real）",
    "real: documented distributions; even: every value alike, for tests": "real：有出处的分布；even：各值机会均等，用于测试",
    "Parquet file of itemised lines, for a tenth of the bills": "明细行的 Parquet 文件（十分之一的单据带明细）",
    "a population document instead of the one that came with the policies": "另用一份人口文件，代替随政策附带的那份",
    "Is every book whole: its pages, accounts and bills, and the years by the rules?": "核验每本账簿：账页、账户、单据，并按规定重算各年度。",
    "One line a book and one hash over all: what to hold the database against later.": "每本账簿一行、全部一个哈希：以后用来核对数据库。",
    "The whole database of one moment, into a file that either engine restores.": "把某一时刻的整个数据库备份成一个文件，两种数据库都能恢复。",
    "Fill an empty database from a backup, whole or not at all.": "用备份写满一个空数据库；要么全部，要么不写。",
    "sqlite:///FILE or postgresql://...; the environment DUOCENG_DATABASE says it, too":
        "sqlite:///文件 或 postgresql://...；也可用环境变量 DUOCENG_DATABASE",
    "an anchor that was kept elsewhere: finds books cut off or written anew": "存放在别处的锚文件：能发现被截短或重写的账簿",
    "settle every bill again by the rules": "按规定把每张单据重新结算一遍",
    "file to write; keep it, or at least its hash, elsewhere": "写出的文件；文件（至少其哈希）要存放在别处",
    "file to write: a zip of JSON lines": "写出的文件：JSON 行的 zip", "a backup": "备份文件",
    "Settle a file of bills, of any size, through every layer.": "逐层结算一个单据表（任意大小）。",
    "table of bills (Parquet, CSV or Excel): one row a bill": "单据表（Parquet、CSV 或 Excel）：一行一张单据",
    "table to write (Parquet, CSV or Excel): what each tier paid, one row a bill": "写出的 Parquet 文件：各层次支付，一行一张单据",
    "Parquet file of the lines of itemised bills": "明细单据的明细行（Parquet）",
    "also write what each layer paid": "另写出每一层的支付",
    "also write the whole trail of every bill": "另写出每张单据的完整计算轨迹",
    "running sums that members bring, as --years-out wrote them": "参保人带来的年度累计（--years-out 写出的文件）",
    "write the running sums that members end with": "写出参保人期末的年度累计",
    "sort the bills first, by member and day": "先按参保人和日期排序",
    "how many processes; as many as there are cores if not said": "进程数；不写则与处理器核数相同",
    "memory to stay within, such as 4GB; half of what is free if not said": "内存上限，如 4GB；不写则为空闲内存的一半",
    "local, or spark: a cluster, with a folder of Parquet for each table": "local（本机）或 spark（集群，每张表一个 Parquet 文件夹）",
    "go on with a run that was stopped": "继续已停止的运行",
    "work all plans out anew, whatever earlier runs have kept": "重新推算全部方案，不取用以前运行留下的",
    "Explain one bill of a file of bills, by settling that member's bills alone.": "说明单据表中的一张单据：只重算该参保人的单据。",
    "the bill to explain": "要说明的单据号",
    "whose bill, where several members have one of that id": "参保人（多人有同号单据时）",
    "Settle a bill through every layer, and explain every fen.": "把一张账单（或一年的账单）逐层结算，并说明每一分钱。",
    "Compare two results step by step, and name the first step where they part.": "逐步比较两个结果，指出首先分开的一步。",
    "The same person with another hospital, referral, product, order or rule; the rest of the year replayed.":
        "同一个人，换一家医院、转诊方式、产品、顺序或规则，其余账单照原样重算。",
    "What is read and how far it is checked: COVERAGE.md, to the standard output.": "读到了哪些、核对到哪一步：把 COVERAGE.md 写到标准输出。",
    "Read, check and compare policy documents.": "查看、检查、比较政策文件。",
    "Check every document: form, citations, and its worked examples.": "检查每份文件：格式、引用和举例。",
    "What a document says on a day, with the words of each clause.": "一份文件在某一天的内容，附各条原文。",
    "Where two documents, or one on two days, say different things; one without days is compared version by version.":
        "两份文件（或一份文件在两天）有什么不同；不写日期则逐个版本比较。",
    "The JSON Schema of policy documents, for editors.": "政策文件的 JSON Schema，供编辑器使用。",
    "A document to start from, with every question that must be answered.": "起草用的文件，列出必须回答的每个问题。",
    "What a mistake's code means, and its repair.": "错误代码的含义和改法。",
    "The JSON Schema of bill files.": "账单文件的 JSON Schema。",
    "Serve the page, and quotes, settlements and reversals over HTTP.": "提供网页，以及 HTTP 上的预结算、结算和冲正。",
    "with the page for people at /": "在 / 提供给人用的网页",
    "address of the database: sqlite:///file or postgresql://...; a file here, with invented members, if not said":
        "数据库地址：sqlite:///文件 或 postgresql://...；不写则用本目录下的文件，内有虚构的参保人",
    "processes; more than one on PostgreSQL only": "进程数；多于一个只能用 PostgreSQL",
    "file to write, such as books.beancount": "写入的文件，如 books.beancount",
    "All transfers as a beancount ledger, for auditors: bean-check proves that it balances.":
        "全部转账导出为 beancount 账本，供审计；bean-check 可校验平衡。",
    "port to listen at": "监听的端口",
    "address to listen at; 0.0.0.0 for every one, behind TLS only": "监听的地址；0.0.0.0 表示全部，前面须有 TLS",
    "file with the keys of the service; the environment DUOCENG_KEYS names it, too": "服务密钥文件；也可用环境变量 DUOCENG_KEYS 指明",
    # arguments and options
    "a bill, a member's year, or - for the standard input": "一张账单、一年的账单，或 - 表示标准输入",
    "a bill, or a member's year": "一张账单，或一年的账单",
    "a bill file": "账单文件",
    "another, or the same one changed": "另一个，或改动后的同一个",
    "folder of policies": "政策文件夹",
    "text, json, html, pdf or xlsx": "text、json、html、pdf 或 xlsx",
    "zh or en; the environment DUOCENG_LANG says it for every command": "zh 或 en；环境变量 DUOCENG_LANG 对所有命令有效",
    "order of tiers, first to pay first, separated by commas": "各层的支付顺序，先付的在前，用逗号隔开",
    "order of tiers": "各层的支付顺序",
    "another order of tiers": "另一种支付顺序",
    "a reform document laid over the policies": "叠加在政策上的改革方案",
    "use values nobody has checked; the statement marks them": "使用未核实的数值，结算单会标明",
    "use values nobody has checked": "使用未核实的数值",
    "file to write (pdf and xlsx need one)": "写到这个文件（pdf 和 xlsx 必须写明）",
    "attribute=value, for all bills, or BILL:attribute=value for one": "属性=值，用于全部账单；或 账单编号:属性=值，用于一张",
    "policy id of a product held besides": "另外持有的产品",
    "policy id of a product no longer held": "不再持有的产品",
    "folder of cases: list the values that no case reaches": "案例文件夹：列出没有案例用到的数值",
    "a COVERAGE.md: fail if it is stale": "一份 COVERAGE.md：过时则报错",
    "only files whose name holds this": "只检查文件名含有这些字的文件",
    "policy id, such as beijing.employee.inpatient": "政策名，例如 beijing.employee.inpatient",
    "what was in force on this day": "这一天有效的内容",
    "policy id": "政策名",
    "another policy id; the same one if left out": "另一个政策名；省略则为同一个",
    "day of the first": "前者的日期",
    "day of the second": "后者的日期",
    "place, such as jiangmen": "地名，例如 jiangmen",
    "employee or resident": "employee（职工）或 resident（居民）",
    "kind of care, as the vocabulary names it": "医疗类别，用词汇表中的名称",
    "code of a mistake, such as P014": "错误代码，例如 P014",
    "bill": "bill（账单）",
    "the version of duoceng, and no more": "显示版本后退出",
}  # fmt: skip
WIDEST = 100


def in_chinese(command: Any) -> Any:
    """The command, and those below it, with their help in Chinese."""

    def write(context: Any, formatter: Any) -> None:
        formatter.write(page(command, context))

    command.format_help = write
    command.short_help = HELP.get(_first(command.help), "")
    for child in getattr(command, "commands", {}).values():
        in_chinese(child)
    return command


def _first(words: str | None) -> str:
    return " ".join((words or "").split())


def page(command: Any, context: Any) -> str:
    """The help of one command."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    below = list(getattr(command, "commands", {}).items())
    usage = " ".join([context.command_path, "[选项]", *(_name(p) for p in arguments), *(["命令 ..."] if below else [])])
    blocks = [f"用法：{usage}", f"  {HELP.get(_first(command.help), _first(command.help))}"]
    asked = [("--help", "显示这些说明后退出")]
    for title, rows in (
        ("参数", [(_name(p), _says(p)) for p in arguments]),
        ("选项", [*((", ".join(reversed(p.opts)), _says(p)) for p in options), *asked]),
        ("命令", [(name, HELP.get(_first(child.help), _first(child.help))) for name, child in below]),
    ):
        if rows:
            blocks.append("\n".join([f"{title}：", *_table(rows)]))
    return "\n\n".join(blocks) + "\n"


def _name(parameter: Any) -> str:
    return str(parameter.name).upper() if parameter.required else f"[{str(parameter.name).upper()}]"


def _says(parameter: Any) -> str:
    """What a parameter is for, and what it is where nothing is said."""
    default = parameter.default if isinstance(parameter.default, str) else ""
    said = HELP.get(parameter.help or "", parameter.help or "")
    return f"{said}（默认 {default}）" if default else said


def _table(rows: list[tuple[str, str]]) -> list[str]:
    """Names and what they say in two columns, folded to the terminal."""
    from rich.cells import cell_len

    from duoceng.interfaces.output import columns
    from duoceng.interfaces.statement_text import pad, wrapped

    left = max(cell_len(name) for name, _ in rows) + 4
    width = min(columns(), WIDEST)
    return [row for name, says in rows for row in wrapped(pad(f"  {name}", left) + says, width, left)]
