"""The description as a page: plain HTML, made here; nothing is fetched from anywhere."""

import json
from html import escape
from typing import Any

STYLE = """body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code,pre{font:14px/1.5 ui-monospace,monospace}
pre{background:#f4f4f4;padding:.7rem;overflow:auto}h2{border-top:1px solid #ccc;padding-top:1rem}b{color:#00695c}table{border-collapse:collapse}
td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left}"""


def page_of(said: dict[str, Any], lang: str) -> str:
    """Operations, and the forms they take and give."""
    words = {"zh": ("操作", "表单", "请求", "答复"), "en": ("Operations", "Forms", "takes", "answers")}[lang]
    info = said["info"]
    parts = [f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>{escape(info["title"])}</title><style>{STYLE}</style>',
             f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info['description'])}</p><h2>{words[0]}</h2>"]  # fmt: skip
    for path, methods in said["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(f"{method.upper()} {path}", operation, words))
    parts.append(f"<h2>{words[1]}</h2>")
    for name, schema in sorted(said["components"]["schemas"].items()):
        body = escape(json.dumps(schema, ensure_ascii=False, indent=1))
        parts.append(f'<h3 id="{escape(name)}">{escape(name)}</h3><pre>{body}</pre>')
    return "".join(parts)


def _operation(title: str, operation: dict[str, Any], words: tuple[str, ...]) -> str:
    named = "".join(
        f"<tr><td><code>{escape(p['name'])}</code><td>{escape(p['in'])}" for p in operation.get("parameters", ())
    )
    body = _form(operation.get("requestBody", {}), words[2]) + _form(operation["responses"]["200"], words[3])
    about = escape(operation.get("description", ""))
    return f"<h3><code>{escape(title)}</code></h3><p>{escape(operation['summary'])}<br>{about}</p><table>{named}</table><p>{body}</p>"  # fmt: skip


def _form(said: dict[str, Any], word: str) -> str:
    for content in said.get("content", {}).values():
        if name := content["schema"].get("$ref", "").rpartition("/")[2]:
            return f'{word}: <a href="#{escape(name)}">{escape(name)}</a> '
    return ""
