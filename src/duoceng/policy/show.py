"""A document in words for a day, as a table of cells, and what differs between two documents or two days.

{by: [status, level], active: {primary: 90%, tertiary: 85%}}        在职 · 一级   90%
                                                                    在职 · 三级   85%

A part that was not read says so: neither a gap nor a day before the first version is an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from duoceng.policy.document import PARTS, Document, Version, in_force
from duoceng.policy.nodes import Branch, Leaf, Node, Row
from duoceng.policy.read_values import VALUE_WORDS
from duoceng.policy.versions import CITED
from duoceng.policy.vocabulary import Attribute, Vocabulary

Cells = list[tuple[str, str]]  # whom or what a cell is for, and what it says


@dataclass(frozen=True, slots=True)
class Said:
    """What a part says on a day: cells by key; or, where it was not read, why."""

    version: Version | None
    cells: dict[str, Cells] = field(default_factory=dict)
    unread: str = ""

    def flat(self) -> str:
        """All of it on one line."""
        return self.unread or "; ".join(f"{key}: {flat(cells)}" for key, cells in self.cells.items())


def flat(cells: Cells) -> str:
    """Cells on one line."""
    return ", ".join(" ".join(filter(None, cell)) for cell in cells)


Shown = dict[tuple[str, str], Said]

# The keys and words of the language, as people say them.
ZH = {
    "deductible": "起付标准", "share": "支付比例", "when": "支付条件", "borne_first": "先行自付", "result": "结果系数", "guarantee": "保底",
    "cash": "现金待遇", "ceiling": "最高支付限额", "ceilings": "最高支付限额", "amount": "金额", "rate_of": "按金额的比例", "rate": "比例",
    "of": "基数",
    "at_least": "不低于", "at_most": "不超过", "taken_from": "扣自", "per": "期间", "every_years": "每几年", "recharged_every": "每满几天再计",
    "filled_by": "由谁的支付抵扣", "shared_as": "共用的累计", "adjust": "调整", "pays": "支付", "bands": "费用段", "starts": "费用段起点",
    "measured": "费用段累计", "running": "共用的累计", "cut": "降低", "limit": "限额", "times": "次数", "per_unit": "乘以数量", "since": "起始日",
    "each": "每个", "bounds": "限制", "beyond_as": "超出部分计为", "needs": "须符合", "into": "计为", "else": "其他", "combine": "多项符合时",
    "further": "每多一项", "index": "指标", "of_year": "年份", "official": "公布数", "official_for": "公布数的年份", "sum": "合计",
    "highest": "取高", "lowest": "取低", "multiply": "乘以", "multiply_own_share": "自付比例乘以", "add": "加", "subtract": "减",
    "over": "超过", "at_most_units": "至多", "divided_by": "除以", "any": "任一", "not": "不是", "first": "取第一项",
    "bill": "每张账单", "stay": "每次住院", "visit": "每次就诊", "day": "每天", "month": "每月", "quarter": "每季度", "year": "每年",
    "episode": "每次治疗", "treatment_year": "每治疗年度", "life": "终身", "payment": "支付额", "expense": "费用", "cost": "费用",
    "expense_with_deductible": "费用（含起付标准）", "zero": "零", "member": "个人", "item": "每个项目", "none": "无", "same": "当年",
    "last": "上一年", "before_last": "前两年", "until_changed": "调整之前", "billed": "医疗费总额", "in_scope": "政策范围内费用",
    "borne_first_elsewhere": "异地先行自付", "days": "天数", "visits": "就诊次数", "months": "月数", "hours": "小时数",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Puts values as they are written into the words of a language."""

    vocabulary: Vocabulary
    lang: str
    indexes: Mapping[str, str] = field(default_factory=dict)  # official words of yearly figures, by name

    def of(self, key: str) -> str:
        """A key or a word of the language."""
        return ZH.get(key, key) if self.lang == "zh" else key

    def part(self, part: str) -> str:
        """A part; a ceiling keeps its name."""
        kind, _, name = part.partition(" ")
        return " ".join(filter(None, (self.of(kind), name)))

    def cells(self, node: Node) -> Cells:
        """A value as cells."""
        if isinstance(node, Leaf):
            return [("", self.of(node.text))]
        if isinstance(node, Row):
            return self._row(node)
        if "index" in node.items:
            return self._indexed(node)
        by = node.items.get("by")
        if by:
            names = [leaf.text for leaf in (by.items if isinstance(by, Row) else [by]) if isinstance(leaf, Leaf)]
            return self._table(node, names)
        return [cell for name, child in node.items.items() for cell in self._named(name, child)]

    def _indexed(self, node: Branch) -> Cells:
        """A yearly figure, of which year, times what: `average wage (the year before last) × 6%`; then the rest of its keys."""
        texts = {name: leaf.text for name, leaf in node.items.items() if isinstance(leaf, Leaf)}
        zh = self.lang == "zh"
        year = f"{'（' if zh else ' ('}{self.of(texts['of_year'])}{'）' if zh else ')'}" if "of_year" in texts else ""
        head = f"{self.indexes.get(texts['index'], texts['index']) if zh else texts['index']}{year}"
        first = f"{head} × {texts['times']}" if "times" in texts else head
        shown = {"index", "of_year", *(["times"] if "times" in texts else [])}
        rest = [cell for name, child in node.items.items() if name not in shown for cell in self._named(name, child)]
        return [("", first), *rest]

    def _named(self, name: str, child: Node) -> Cells:
        """What stands behind a key; behind an attribute stand its values."""
        attribute = self.vocabulary.get(name)
        if attribute is None or isinstance(child, Branch):
            return under(self.name(attribute) if attribute else self.of(name), self.cells(child))
        leaves = [leaf.text for leaf in (child.items if isinstance(child, Row) else [child]) if isinstance(leaf, Leaf)]
        return [(self.name(attribute), " / ".join(self._value(attribute, text) for text in leaves))]

    def _row(self, row: Row) -> Cells:
        texts = [self.of(item.text) for item in row.items if isinstance(item, Leaf)]
        if len(texts) == len(row.items):
            return [("", ", ".join(texts) or "—")]
        return [cell for n, item in enumerate(row.items, 1) for cell in self._item(n, item, len(row.items))]

    def _item(self, number: int, item: Node, of: int) -> Cells:
        """One line of a list: a band by its upper end, anything else by its number where there are several."""
        if not isinstance(item, Branch) or "pays" not in item.items:
            return under(f"{number}." if of > 1 else "", self.cells(item))
        end, pays, zh = item.items.get("up_to"), self.cells(item.items["pays"]), self.lang == "zh"
        if end is None:
            return under("以上" if zh else "above", pays)
        if isinstance(end, Leaf):
            return under(f"至 {end.text}" if zh else f"up to {end.text}", pays)
        head = f"第 {number} 段" if zh else f"band {number}"
        return [*under(f"{head} · {'上限' if zh else 'up to'}", self.cells(end)), *under(head, pays)]

    def _table(self, node: Branch, names: list[str]) -> Cells:
        attribute = self.vocabulary[names[0]]
        found: Cells = []
        for label, child in node.items.items():
            if label == "by":
                continue
            if label in ("combine", "further"):
                found += self._named(label, child)
                continue
            head = self.of("else") if label == "else" else self._label(attribute, label)
            deeper = names[1:] and isinstance(child, Branch) and VALUE_WORDS.isdisjoint(child.items)
            inner = self._table(child, names[1:]) if deeper and isinstance(child, Branch) else self.cells(child)
            found += under(head, inner)
        return found

    def _label(self, attribute: Attribute, label: str) -> str:
        """The values of a label in words; numbers and yes or no with the attribute they answer."""
        words = " / ".join(self._value(attribute, part.strip()) for part in label.split("/"))
        return words if attribute.values else f"{self.name(attribute)} {words}"

    def _value(self, attribute: Attribute, text: str) -> str:
        return attribute.words(text in ("yes", "true") if attribute.type == "yes_no" else text, self.lang)

    def name(self, attribute: Attribute) -> str:
        """An attribute."""
        return attribute.zh if self.lang == "zh" else attribute.en


def under(head: str, cells: Cells) -> Cells:
    """Cells below a heading."""
    return [(" · ".join(filter(None, (head, label))), value) for label, value in cells]


def in_words(document: Document, when: date, words: Words) -> Shown:
    """Layer and part -> what the version in force says; `none` where the document says that there is none."""
    found: Shown = {}
    nodes = _version_nodes(document.raw)
    for layer in document.layers:
        parts = dict(layer.parts())
        absent = {"deductible": layer.deductible, "ceilings": layer.ceilings or layer.unread}
        for part in (*PARTS, *(f"ceiling {c.name}" for c in layer.ceilings), "ceilings"):
            if part in parts:
                found[layer.name, part] = _said(parts[part], when, nodes, words)
            elif part in absent and not absent[part] and not layer.cash:
                found[layer.name, part] = Said(None, {words.of(part): [("", words.of("none"))]})
    return found


def _said(versions: tuple[Version, ...], when: date, nodes: dict[str, Branch], words: Words) -> Said:
    version, zh = in_force(versions, when), words.lang == "zh"
    if version is None:
        first = versions[0].cited.begins
        return Said(
            None, {}, f"没有读到：最早的版本自 {first} 起" if zh else f"not read: the first version begins on {first}"
        )
    if version.cited.gap:
        return Said(version, {}, f"没有读到：{version.cited.gap}" if zh else f"not read: {version.cited.gap}")
    keys = nodes[str(version.cited.place)].items.items()
    return Said(version, {words.of(name): words.cells(child) for name, child in keys if name not in CITED})


def _version_nodes(node: Node) -> dict[str, Branch]:
    """Every mapping of a document by its place."""
    found: dict[str, Branch] = {}
    if isinstance(node, Branch):
        found[str(node.place)] = node
        for child in node.items.values():
            found |= _version_nodes(child)
    elif isinstance(node, Row):
        for item in node.items:
            found |= _version_nodes(item)
    return found


NOTHING = Said(None)


def differences(one: Shown, two: Shown) -> list[tuple[str, str, str, str]]:
    """Layer and part, key and cell, and the words of both where they differ; `—` where one says nothing."""
    rows = []
    for layer, part in dict.fromkeys([*one, *two]):
        first, second = (side.get((layer, part), NOTHING) for side in (one, two))
        if first.unread or second.unread or NOTHING in (first, second):
            cells = [("", first.flat() or "—", second.flat() or "—")]
        else:
            cells = [cell for key in dict.fromkeys([*first.cells, *second.cells])
                     for cell in _differ(key, dict(first.cells.get(key, ())), dict(second.cells.get(key, ())))]  # fmt: skip
        rows += [(layer, " · ".join(filter(None, (part, head))), old, new) for head, old, new in cells if old != new]
    return rows


def _differ(key: str, old: dict[str, str], new: dict[str, str]) -> list[tuple[str, str, str]]:
    """Two tables cell by cell; as a whole where they have no cell in common."""
    if not old.keys() & new.keys():
        first, second = (flat(list(side.items())) or "—" for side in (old, new))
        return [(key, first, second)]
    return [(" · ".join(filter(None, (key, label))), old.get(label, "—"), new.get(label, "—"))
            for label in dict.fromkeys([*old, *new])]  # fmt: skip
