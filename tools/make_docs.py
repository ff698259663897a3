"""Make the pages that are made: glossary, coverage, shapes and the reference, in place; `--check` fails if one is stale.

python tools/make_docs.py            write them
python tools/make_docs.py --check    say which are stale
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from duoceng.base.mistakes import Mistakes
from duoceng.cli.app import app
from duoceng.cli.coverage import coverage_page
from duoceng.cli.help_zh import HELP
from duoceng.engine.words import say
from duoceng.interfaces.bill_file import BILL, HELD, LINE, MEMBER, PART
from duoceng.interfaces.codes import CODES
from duoceng.interfaces.worked import every_case
from duoceng.kernel.columns import KINDS
from duoceng.lab.drawing.population import ANSWER, FIGURE, POPULATION, read_population
from duoceng.policy import grammar
from duoceng.policy.catalogue import CATALOGUE, ITEM
from duoceng.policy.library import Library
from duoceng.policy.reader import Keys
from duoceng.policy.versions import CITED
from duoceng.policy.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[1]
MADE = "<!-- made by tools/make_docs.py; do not edit -->\n"


def keys_table(keys: Keys) -> str:
    """A table of keys as the grammar reads them."""
    rows = ["| key | meaning | form |", "|---|---|---|"]
    for name, key in keys.items():
        allowed = getattr(key.form, "allowed", None) or getattr(getattr(key.form, "item", None), "allowed", None)
        form = (
            ", ".join(f"`{a}`" for a in allowed)
            if allowed
            else {"money": "yuan", "rate": "percentage", "count": "number"}.get(getattr(key.form, "unit", ""), "")
        )
        rows.append(f"| `{name}`{' *' if key.required else ''} | {cell(key.says)} | {form} |")
    return "\n".join(rows) + "\n"


def cell(words: str) -> str:
    """Words that may stand in a table."""
    return words.replace("|", "\\|")


def language_page(_: Library) -> str:
    """The grammar of documents."""
    parts = [MADE, "# The policy language, key by key 政策语言\n\nA star marks what must be there. What each move means to the fen stands in "
             "[what a layer pays, exactly](../internals/semantics.md).\n"]  # fmt: skip
    for title, keys in (("A document 文件", grammar.DOCUMENT), ("A source 来源", grammar.SOURCE), ("A layer 层", grammar.LAYER),
                        ("Every version 每个版本", CITED), ("Deductible 起付标准", grammar.DEDUCTIBLE), ("Share 支付比例", grammar.SHARE),
                        ("Band 费用段", grammar.BAND), ("Ceiling 最高支付限额", grammar.CEILING), ("Borne first 先行自付", grammar.BORNE_FIRST),
                        ("Guarantee 保底", grammar.GUARANTEE), ("Cash benefit 现金待遇", grammar.CASH), ("Gate 支付条件", grammar.WHEN),
                        ("Window of a product 保障期", grammar.WINDOW), ("Not read 没有读到", grammar.UNREAD), ("Worked example 举例", grammar.WORKED),
                        ("Catalogue 目录", CATALOGUE), ("Item of a catalogue 目录项", ITEM)):  # fmt: skip
        parts.append(f"## {title}\n\n{keys_table(keys)}")
    return "\n".join(parts)


def bill_page(library: Library) -> str:
    """The grammar of bill files, every kind of money and every attribute; the words around them stand in tools/bill_file.md."""
    words = (ROOT / "tools" / "bill_file.md").read_text(encoding="utf-8")
    parts = [MADE, words.replace("<!-- kinds -->\n", kinds_table())]
    for title, keys in (
        ("Product held 所持产品的键", HELD),
        ("member 参保人", MEMBER),
        ("bill 账单", BILL),
        ("part 分项", PART),
        ("line 明细", LINE),
    ):
        parts.append(f"## {title}\n\n{keys_table(keys)}")
    parts.append("## Attributes 属性\n\n" + attributes_table(library.vocabulary))
    return "\n".join(parts)


def kinds_table() -> str:
    """Every kind of money, as the glossary has it."""
    terms = yaml.safe_load((ROOT / "docs" / "terms.yaml").read_text(encoding="utf-8"))["terms"]
    known = {name.strip(): t for t in terms for name in t["name"].split(",")}
    rows = ["| kind | 术语 | meaning | national field |", "|---|---|---|---|"]
    for kind in KINDS:
        term = known[kind]
        field = f"`{term['nhsa']}`" if term.get("nhsa") else ""
        rows.append(f"| `{kind}` | {say(kind, 'zh')} | {cell(term['says'])} | {field} |")
    return "\n".join(rows) + "\n"


def attributes_table(vocabulary: Vocabulary) -> str:
    """Every attribute with its values."""
    rows = ["| attribute | 术语 | who answers | values | national field |", "|---|---|---|---|---|"]
    for a in vocabulary.values():
        values = ", ".join(f"`{v}` {t.zh}" for v, t in a.values.items()) or a.type
        rows.append(f"| `{a.name}` | {a.zh} | {a.of} | {cell(values)} | {a.nhsa and f'`{a.nhsa}`'} |")
    return "\n".join(rows) + "\n"


def population_page(library: Library) -> str:
    """Every figure that bills are drawn from, with its source and words."""
    said = yaml.safe_load((ROOT / "policies" / "population.yaml").read_text(encoding="utf-8"))
    mistakes = Mistakes()
    read_population(
        (ROOT / "policies" / "population.yaml").read_text(encoding="utf-8"),
        "population.yaml",
        library.vocabulary,
        mistakes,
    )
    mistakes.stop_if_any()
    every = [*said["figures"], *said["answers"]]
    counts = {s: sum(f["status"] == s for f in every) for s in ("verified", "secondary", "unverified")}
    parts = [MADE, "# The figures bills are drawn from 抽样所依据的数字\n\n`duoceng generate` draws from `policies/population.yaml`. "
             "**unverified** figures are assumptions or from memory, and stand here so that they can be corrected. "
             f"Of {len(every)} entries {', '.join(f'{n} are {s}' for s, n in counts.items() if n)}.\n\n"
             "`duoceng generate` 按 `policies/population.yaml` 抽取；**unverified** 是假定或凭记忆，列在这里以便更正。\n"]  # fmt: skip
    parts.append("| figure | status | source | words | note |\n|---|---|---|---|---|")
    for figure in every:
        name = figure.get("figure") or f"answers: {figure['attribute']}"
        of = " ".join(figure.get("care", []) + figure.get("scheme", []) + figure.get("status_of", []))
        title = said["sources"][figure["cite"].split(" ")[0]]["title"]
        cells = (f"`{name}` {of}".strip(), figure["status"], title, figure["quote"], figure.get("note", ""))
        parts.append("| " + " | ".join(cell(str(c)) for c in cells) + " |")
    sources = [
        f"- {s['title']}{': ' + s['url'] if 'url' in s else ''}{' (' + s['publisher'] + ')' if 'publisher' in s else ''}"
        for s in said["sources"].values()
    ]
    parts.append("\n## Sources 来源\n\n" + "\n".join(sources))
    parts.append("\n## Form 形式\n\n" + keys_table(POPULATION) + "\n" + keys_table(FIGURE) + "\n" + keys_table(ANSWER))
    return "\n".join(parts)


def glossary(library: Library) -> str:
    """GLOSSARY.md."""
    terms = yaml.safe_load((ROOT / "docs" / "terms.yaml").read_text(encoding="utf-8"))["terms"]
    rows = ["| official term | name | unit | national field | meaning here |", "|---|---|---|---|---|"]
    rows += [
        f"| {t['zh']} | `{t['name']}` | {t.get('unit', '')} | {(t.get('nhsa') and '`' + t['nhsa'] + '`') or ''} | {cell(t['says'])} |"
        for t in terms
    ]
    values = ["| attribute | value | official term | national code |", "|---|---|---|---|"]
    for a in library.vocabulary.values():
        values += [f"| `{a.name}` | `{v}` | {t.zh} | {t.code} |" for v, t in a.values.items()]
    return (f"{MADE}\n# Glossary 术语表\n\nOne term, one word. Code, documents, statements and pages use these names and no others.\n\n"
            + "\n".join(rows) + "\n\n## Attributes 属性\n\n" + attributes_table(library.vocabulary) + "\n## Values 取值\n\n" + "\n".join(values) + "\n")  # fmt: skip


def errors_page(_: Library) -> str:
    """Every code with an example and its exact text."""
    parts = [
        MADE,
        "# Mistakes and their repair 错误与修正\n\n`duoceng help CODE` prints the same. The examples are those of `tests/errors/`.\n",
    ]
    for code, (title, repair, english, english_repair) in sorted(CODES.items()):
        parts.append(f"## {code} {title} · {english}\n\n{repair}\n\n{english_repair}\n")
        shown = ROOT / "tests" / "errors" / f"{code}.txt"
        if shown.exists():
            parts.append("```text\n" + shown.read_text(encoding="utf-8").strip() + "\n```\n")
    return "\n".join(parts)


def cli_page(_: Library) -> str:
    """Every command with its options."""
    import typer

    parts = [
        MADE,
        "# The command line 命令行\n\nExit codes: 0 settled; 2 the input cannot be settled (every reason on the standard error); 1 a check failed.\n",
    ]
    for name, command in commands(typer.main.get_command(app), "duoceng"):
        rows = ["| option | meaning | 含义 | default |", "|---|---|---|---|"]
        for p in command.params:
            default = (
                "" if p.default in (None, "", [], ()) or not isinstance(p.default, str | int) else f"`{p.default}`"
            )
            rows.append(
                f"| `{' '.join(p.opts) if p.param_type_name == 'option' else p.name.upper()}` | {cell(getattr(p, 'help', '') or '')} | {cell(HELP.get(getattr(p, 'help', '') or '', ''))} | {default} |"
            )
        said = (command.help or "").strip()
        parts.append(f"## {name}\n\n{said}\n\n{HELP.get(said, '')}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def commands(command, name: str) -> Iterator[tuple[str, object]]:  # type: ignore[no-untyped-def]
    """Every command below one, with its name."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for short, child in inner.items():
        yield from commands(child, f"{name} {short}")


def shapes_page(library: Library) -> str:
    """docs/shapes.md: every rule shape, how it is written, and the cases that prove it."""
    shapes = yaml.safe_load((ROOT / "docs" / "shapes.yaml").read_text(encoding="utf-8"))["shapes"]
    proofs: dict[str, list[str]] = {}
    for file, said in every_case(Library(ROOT / "policies", (ROOT / "tests" / "policies",)), ROOT / "tests" / "cases"):
        for shape in said.get("shapes", []):
            proofs.setdefault(shape, []).append(f"{said['id']} ({Path(file).stem})")
    rows = ["| shape | what it is | how it is written | proved by |", "|---|---|---|---|"]
    supported = 0
    for shape in shapes:
        proved = proofs.get(shape["id"], [])
        supported += bool(proved)
        shown = (
            ", ".join(proved[:4]) + (f" and {len(proved) - 4} more" if len(proved) > 4 else "") or "**not proved yet**"
        )
        rows.append(f"| {shape['id']} | {cell(shape['says'])} | {cell(shape['written'])} | {cell(shown)} |")
    head = ("R1-R68 are the shapes of the public tiers, K1-K34 those of commercial products. A shape counts as supported only when a case proves it: "
            f"**{supported} of {len(shapes)}** are.\n")  # fmt: skip
    return f"{MADE}\n# Rule shapes 规则形态\n\n{head}\n" + "\n".join(rows) + "\n"


ATOMS = {
    "text": {"type": "string"},
    "fen": {"type": "integer"},
    "number": {"type": "integer"},
    "rate": {"type": "integer", "minimum": 0, "maximum": 10_000},
    "yes or no": {"type": "boolean"},
    "day": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "yuan": {"type": "string", "pattern": r"^-?\d+\.\d{2}$"},
    "fen by name": {"type": "object", "additionalProperties": {"type": "integer"}},
    "fen by kind": {"$ref": "#/$defs/Kinds of money"},
    "clauses by part": {"type": "object", "additionalProperties": {"type": "string"}},
    "answers": {"type": "object"},
}


def settlement_schema(_: Library) -> str:
    """The JSON Schema of `duoceng.settlement/1`, read off the tables of its page."""
    page = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.*)\n(?:(?!## ).*\n)*?(\| key .*\n(?:\|.*\n)+)", page, re.MULTILINE)
    found = {title: object_of_table(table) for title, table in sections}
    root = found.pop("Settled year")
    root["properties"]["form"]["const"] = "duoceng.settlement/1"
    root["properties"]["unit"]["const"] = "fen"
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "duoceng.settlement/1"}
    return json.dumps({**head, **root, "$defs": found}, ensure_ascii=False, indent=1) + "\n"


def object_of_table(table: str) -> dict:  # type: ignore[type-arg]
    """An object by the rows `key | type | meaning`; every key is there, others may be added."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*) \|$", table, re.MULTILINE)
    properties = {key: {**of_type(kind), "description": meaning} for key, kind, meaning in rows}
    return {"type": "object", "properties": properties, "required": list(properties)}


def of_type(kind: str) -> dict:  # type: ignore[type-arg]
    """A type as the page writes it."""
    if kind.endswith(" or nothing"):
        return {"anyOf": [of_type(kind.removesuffix(" or nothing")), {"type": "null"}]}
    if kind.startswith("list of "):
        return {"type": "array", "items": of_type(kind.removeprefix("list of "))}
    return dict(ATOMS.get(kind) or {"$ref": f"#/$defs/{kind}"})


def national_page(_: Library) -> str:
    """Which transactions of the national interface are answered, with the fields each must carry."""
    from duoceng.interfaces.nhsa.check import required
    from duoceng.interfaces.nhsa.fields import table_of
    from duoceng.interfaces.nhsa.registry import all_known

    rows = []
    for number in sorted(all_known()):
        table = table_of(number)
        assert table is not None
        must: dict[str, list[str]] = {}
        for node, field in required(table):
            must.setdefault(node.name, []).append(field.name)
        asked = "；".join(f"`{node}`：{'、'.join(names)}" for node, names in must.items())
        answered = "、".join(f"`{node.name}`" for node in table.answered() if node.name != "-")
        rows.append(f"| {number} | {table.title} | {asked} | {answered} |")
    return (f"{MADE}\n# 国家医保接口：支持的交易 · The national interface: transactions that are answered\n\n"
            "字段表与字典在 `src/duoceng/interfaces/nhsa/tables/`，是纯文本；此处只列必填字段。"
            "The field tables and code lists are plain text beside the code; only required fields stand here.\n\n"
            "| 编号 number | 名称 name | 必填 required | 应答节点 answered |\n|---|---|---|---|\n" + "\n".join(rows) + "\n")  # fmt: skip


def fhir_definition(name: str) -> Callable[[Library], str]:
    """The page of one FHIR definition."""
    from duoceng.interfaces.fhir.terms import definitions

    return lambda _: json.dumps(definitions()[name], ensure_ascii=False, indent=1) + "\n"


def fhir_pages() -> dict[str, Callable[[Library], str]]:
    """Every FHIR definition as a file."""
    from duoceng.interfaces.fhir.terms import definitions

    return {f"docs/reference/fhir/{name}.json": fhir_definition(name) for name in definitions()}


PAGES = {
    **fhir_pages(),
    "GLOSSARY.md": glossary,
    "COVERAGE.md": coverage_page,
    "docs/shapes.md": shapes_page,
    "docs/reference/policy-language.md": language_page,
    "docs/reference/bill-file.md": bill_page,
    "docs/reference/population.md": population_page,
    "docs/reference/errors.md": errors_page,
    "docs/reference/national.md": national_page,
    "docs/reference/cli.md": cli_page,
    "docs/reference/duoceng.settlement.1.schema.json": settlement_schema,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them. Returns the exit code."""
    library = Library(ROOT / "policies")
    stale = []
    for name, make in PAGES.items():
        path, text = ROOT / name, make(library)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print(("stale: " if "--check" in arguments else "made: ") + ", ".join(stale))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
