"""The field tables and code lists of the interface, as text files beside this module.

    == 2201 门诊挂号                     a transaction
    > data                               a node that comes in; `<` goes out; `>>` and `<<` are columns of files; `*` a list
    psn_no   人员编号   c30   Y           a field: type, whether it is required, its code list

Types: `c30` text of at most 30 places, `n16.2` a number of 16 places, two of them decimals, `date`, `time`, `flag`, `bytes`, `any`.
Required: `Y` always; `R` by the newer texts, while known clients of 2021 leave it out; `.` no.
Source: the Hunan text V1.1.27 of the specification (national baseline XJ-K01-2020), compared with public clients.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

ALWAYS, NEWER, FREE = "Y", "R", "."
SAME = {"2101A": "2101", "2204A": "2204", "3203A": "3203", "3204A": "3204", "3301A": "3301", "4101A": "4101", "3201A": "3201",
        "3202A": "3202", "3205": "3205A"}  # fmt: skip
# What clients call the node `data` too; `-`: its fields directly under input.
ALSO = {"3301": ("catalogcompin",), "3302": ("catalogcompin", "-")}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name on the wire, what it means, its type, whether it is required, its code list."""

    name: str
    title: str
    type: str
    required: str
    codes: str = ""

    @property
    def places(self) -> int:
        """How many places it may have; 0 where the text does not say."""
        digits = self.type[1:].partition(".")[0]
        return int(digits) if digits.isdigit() else 0

    @property
    def decimals(self) -> int:
        """How many places after the point."""
        return int(self.type.partition(".")[2] or 0) if self.type.startswith("n") else 0


@dataclass(frozen=True, slots=True)
class Node:
    """Fields that stand together under one name; `-` directly under input or output. A field of type `any` that has the name of another
    node holds rows of that node: it stands in `inner`, and is `nested`."""

    way: str
    name: str
    many: bool
    fields: tuple[Field, ...]
    inner: tuple[tuple[Field, "Node"], ...] = ()
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One transaction: its number, its name, what comes in, what goes out."""

    number: str
    title: str
    nodes: tuple[Node, ...]

    def asked(self) -> tuple[Node, ...]:
        """What comes in."""
        return tuple(node for node in self.nodes if node.way == ">")

    def answered(self) -> tuple[Node, ...]:
        """What goes out."""
        return tuple(node for node in self.nodes if node.way == "<")

    def columns(self, way: str) -> tuple[Field, ...]:
        """The columns of a file that is sent (`>>`) or fetched (`<<`)."""
        return next((node.fields for node in self.nodes if node.way == way), ())


@cache
def tables() -> dict[str, Table]:
    """Every transaction with a table, by number."""
    found: dict[str, Table] = {}
    for file in sorted(files(__package__).joinpath("tables").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".txt") and file.name != "codes.txt":
            found |= _read(file.read_text("utf-8"))
    return found


def table_of(number: str) -> Table | None:
    """The table of a transaction; forms with a letter that have none of their own use that of the plain number."""
    return tables().get(number) or tables().get(SAME.get(number, ""))


@cache
def dictionaries() -> dict[str, dict[str, str]]:
    """Code lists by the name of their field: code, what it means."""
    found: dict[str, dict[str, str]] = {}
    here: dict[str, str] = {}
    for line in files(__package__).joinpath("tables", "codes.txt").read_text("utf-8").splitlines():
        if line.startswith("== "):
            here = found.setdefault(line.split()[1], {})
        elif line and not line.startswith("#"):
            code, _, meaning = line.partition(" ")
            here[code] = meaning
    return found


@cache
def titles() -> dict[str, str]:
    """What a code list is called."""
    lines = files(__package__).joinpath("tables", "codes.txt").read_text("utf-8").splitlines()
    return {line.split()[1]: line.split()[2] for line in lines if line.startswith("== ")}


def meaning(codes: str, code: str) -> str:
    """What a code means: its own words, or those of the longest code it begins with; regions append digits."""
    known = dictionaries().get(codes, {})
    return next((known[code[:end]] for end in range(len(code), 0, -1) if code[:end] in known), "")


def knit(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Nodes that are fields of another node, put inside it at every depth."""
    known = {(node.way, node.name): node for node in nodes}

    def whole(node: Node) -> Node:
        inner = tuple((field, whole(known[node.way, field.name])) for field in _holders(node, known))
        return replace(node, inner=inner) if inner else node

    inside = {(node.way, field.name) for node in nodes for field in _holders(node, known)}
    return tuple(replace(whole(node), nested=(node.way, node.name) in inside) for node in nodes)


def _holders(node: Node, known: Mapping[tuple[str, str], Node]) -> list[Field]:
    return [field for field in node.fields if field.type == "any" and (node.way, field.name) in known]


def _read(text: str) -> dict[str, Table]:
    found: dict[str, Table] = {}
    number = title = ""
    nodes: list[tuple[str, str, bool, list[Field]]] = []

    def close() -> None:
        if number:
            made = tuple(Node(way, name, many, tuple(fields)) for way, name, many, fields in nodes)
            found[number] = Table(number, title, knit(made))

    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        words = line.split()
        if words[0] == "==":
            close()
            number, title, nodes = words[1], words[2], []
        elif words[0] in ("<", ">", "<<", ">>"):
            nodes.append((words[0], words[1].rstrip("*"), words[1].endswith("*"), []))
        else:
            name, label, kind, required, *codes = words
            nodes[-1][3].append(Field(name, label, kind, required, codes[0] if codes else ""))
    close()
    return found
