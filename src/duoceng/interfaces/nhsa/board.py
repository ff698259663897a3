"""The sandbox's page: who is who, and the last messages, each refused one explained field by field. Nothing is fetched from anywhere."""

import json
from collections import deque
from dataclasses import dataclass, field
from html import escape
from threading import Lock
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from duoceng.interfaces.nhsa.door import Outcome, explained
from duoceng.interfaces.nhsa.fields import table_of
from duoceng.interfaces.nhsa.registry import all_known
from duoceng.interfaces.nhsa.sandbox import INSTITUTIONS, PEOPLE

KEPT = 200
STYLE = """body{font:16px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;max-width:70rem;margin:1.5rem auto;padding:0 1rem;color:#222}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{border-bottom:1px solid #ddd;padding:.3rem .5rem;text-align:left;vertical-align:top}th{background:#f3f6f6;font-weight:600}
code{font:14px ui-monospace,monospace;white-space:nowrap}.no{color:#b00020}.ok{color:#00695c}.wide{overflow-x:auto}
article{border-top:1px solid #ddd;padding:.5rem 0}article p{margin:.1rem 0}article details{margin:.1rem 1rem .1rem 0}
summary{cursor:pointer;color:#455}pre{background:#f6f6f6;padding:.6rem;overflow:auto;max-height:24rem;font-size:13px}
.wide td:last-child{min-width:11rem}.known span{display:inline-block;margin:.1rem .9rem .1rem 0}"""
WORDS = {
    "zh": {"title": "多层沙箱：国家医保接口", "who": "人员（虚构）", "homes": "机构（虚构；其他编号也可以调用）",
           "last": "最近的报文", "none": "还没有收到报文。",
           "known": "支持的交易", "asked": "请求", "answered": "应答", "send": "把报文 POST 到本服务的任意路径。",
           "people": ("人员编号", "证件号码", "姓名", "说明"), "places": ("编号", "医保区划", "名称"),
           "faults": ("位置", "字段", "问题", "怎样改")},
    "en": {"title": "Duoceng sandbox: the national interface", "who": "People (invented)",
           "homes": "Institutions (invented; any other code may call too)",
           "last": "Last messages", "none": "No message came yet.", "known": "Transactions that are answered",
           "asked": "asked", "answered": "answered", "send": "POST a message to any path of this service.",
           "people": ("psn_no", "certno", "name", "what for"), "places": ("code", "admdvs", "name"),
           "faults": ("where", "field", "what", "repair")},
}  # fmt: skip


@dataclass
class Board:
    """The last messages, for whoever looks."""

    last: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))
    lock: Lock = field(default_factory=Lock)

    def note(self, at: str, asked: bytes, answered: bytes, outcome: Outcome) -> dict[str, Any]:
        """Put a message up."""
        read = outcome.envelope
        infno = read["infno"] if read else ""
        row = {"at": at, "infno": infno, "title": title_of(infno), "institution": read["fixmedins_code"] if read else "",
               "infcode": outcome.answer.code, "err_msg": outcome.answer.message, "faults": explained(outcome),
               "asked": asked.decode(read.encoding if read else "utf-8", "replace")[:20_000],
               "answered": answered[:20_000].decode(read.encoding if read else "utf-8", "replace")}  # fmt: skip
        with self.lock:
            self.last.appendleft(row)
        return row

    def routes(self) -> list[Route]:
        """The page, and the same as JSON."""

        async def page(request: Request) -> Response:
            lang = "en" if request.headers.get("accept-language", "zh").lower().startswith("en") else "zh"
            return HTMLResponse(self.page(lang))

        async def traffic(_: Request) -> Response:
            with self.lock:
                return JSONResponse(list(self.last))

        return [Route("/", page, methods=["GET"]), Route("/traffic", traffic, methods=["GET"])]

    def page(self, lang: str) -> str:
        """The page in one language."""
        words: dict[str, Any] = WORDS[lang]
        with self.lock:
            rows = list(self.last)
        people = table(words["people"], [(one.member, one.number, one.name, one.kind) for one in PEOPLE])
        homes = table(words["places"], [(one.code, one.admdvs, one.name) for one in INSTITUTIONS.values()])
        known = "".join(
            f"<span><code>{number}</code> {escape(title_of(number))}</span>" for number in sorted(all_known())
        )
        messages = "".join(_message(row, words) for row in rows) or f"<p>{words['none']}"
        return (f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
                f"<title>{words['title']}</title><style>{STYLE}</style><h1>{words['title']}</h1><p>{words['send']}</p>"
                f"<h2>{words['who']}</h2><div class=wide>{people}</div><h2>{words['homes']}</h2><div class=wide>{homes}</div>"
                f"<h2>{words['last']}</h2>{messages}<h2>{words['known']}</h2><p class=known>{known}</p></html>")  # fmt: skip


def title_of(infno: str) -> str:
    """What a transaction is called."""
    found = table_of(infno)
    return found.title if found else ""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of plain text."""
    body = "".join("<tr>" + "".join(f"<td>{_marked(cell)}" for cell in row) for row in rows)
    return f"<table><tr>{''.join(f'<th>{word}' for word in head)}{body}</table>"


def _message(row: dict[str, Any], words: dict[str, Any]) -> str:
    faults: list[tuple[str, ...]] = []
    for fault in row["faults"]:
        where = f"{fault['node']}[{fault['row']}]" if fault["row"] else fault["node"]
        faults.append((where, f"{fault['field']} {fault['title']}", fault["what"], fault["repair"]))
    reasons = f"<div class=wide>{table(words['faults'], faults)}</div>" if faults else ""
    shown = ((words[name], escape(_pretty(row[name]))) for name in ("asked", "answered"))
    texts = "".join(f"<details><summary>{title}</summary><pre>{text}</pre></details>" for title, text in shown)
    said = (
        '<span class="ok">✓ 0</span>'
        if row["infcode"] == 0
        else f'<span class="no">✗ {row["infcode"]} {escape(row["err_msg"])}</span>'
    )
    where = f"<code>{escape(row['infno'])}</code> {escape(row['title'])} <code>{escape(row['institution'])}</code>"
    return f"<article><p>{escape(row['at'])} {where} {said}{reasons}{texts}</article>"


def _marked(cell: str) -> str:
    """A number of somebody or something in one piece; words as they are."""
    return f"<code>{escape(cell)}</code>" if cell[-4:-1].isdigit() and len(cell) > 5 else escape(cell)


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except ValueError:
        return text
