"""The house stays small: what fits today does not outgrow the line.

The lines are directions with a ratchet. What is over a line today is written down below with its size; the entry
may shrink, and goes away when the code fits. It may not grow, and a new entry needs a reason in its commit.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "duoceng"

FUNCTION_LINES_MAX = 60
FUNCTION_LINES_P95 = 40
FILE_LINES_MAX = 400
ARGUMENTS_MAX = 5
FORBIDDEN_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}

# Over a line today: the size it has, which may only shrink.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}
MANY_ARGUMENTS: dict[str, int] = {}


@dataclass(frozen=True)
class Function:
    """A function of the package or its tools: where it is, how long, and what a caller must give."""

    place: str
    name: str
    lines: int
    arguments: int


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the repository."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    """The file as the repository names it."""
    return path.relative_to(ROOT).as_posix()


def functions_of(path: Path) -> Iterator[Function]:
    """Every function in a file, methods and inner functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Function(f"{name_of(path)}::{node.name}", node.name, lines, arguments_of(node))


def arguments_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many arguments a caller must give: those without a default, self and cls aside."""
    given = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    asked = given[: len(given) - len(node.args.defaults)]
    named = sum(default is None for default in node.args.kw_defaults)
    return sum(name not in ("self", "cls") for name in asked) + named


def over(sizes: dict[str, int], line: int, known: dict[str, int]) -> list[str]:
    """What breaks the ratchet: new, grown, or smaller than its entry says."""
    broken = []
    for place, size in sorted(sizes.items()):
        if size > line and place not in known:
            broken.append(f"{place} has {size}; the line is {line}")
        elif place in known and size > known[place]:
            broken.append(f"{place} grew from {known[place]} to {size}")
        elif place in known and size < known[place]:
            cure = f"write {size}" if size > line else "delete the entry"
            broken.append(f"{place} shrank from {known[place]} to {size}: {cure} in tests/test_tidy.py")
    broken += [f"{place} is gone: delete its entry in tests/test_tidy.py" for place in known if place not in sizes]
    return broken


def biggest(functions: list[Function], measure: str) -> dict[str, int]:
    """Sizes by place; of several functions of one name in a file, the biggest."""
    sizes: dict[str, int] = {}
    for function in functions:
        sizes[function.place] = max(sizes.get(function.place, 0), getattr(function, measure))
    return sizes


FUNCTIONS = [function for path in python_files("src", "tools") for function in functions_of(path)]


def test_files_stay_under_the_line():
    files = python_files("src", "tools", "tests")
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}

    assert over(sizes, FILE_LINES_MAX, LONG_FILES) == []


def test_functions_stay_under_the_line():
    assert over(biggest(FUNCTIONS, "lines"), FUNCTION_LINES_MAX, LONG_FUNCTIONS) == []


def test_most_functions_are_short():
    lengths = sorted(function.lines for function in FUNCTIONS)
    p95 = lengths[int(len(lengths) * 0.95)]

    assert p95 < FUNCTION_LINES_P95, f"5 % of the functions have {p95} lines or more"


def test_public_functions_ask_for_few_arguments():
    """Commands and kernel aside: a command's arguments are its options, and compiled code takes rows, not records."""
    apart = ("src/duoceng/cli/", "src/duoceng/kernel/", "tools/")
    names = (
        "loop",
        "brought",
        "sums",
        "coding",
        "reading",
        "pages",
        "page_numbers",
        "lanes",
        "lane_moves",
        "rounds",
        "recall",
    )
    compiled = ("compiled.py", *(f"/engine/batch/{name}.py" for name in names))
    public = [f for f in FUNCTIONS if not f.name.startswith("_") and not f.place.startswith(apart)]
    public = [f for f in public if not any(name in f.place for name in compiled)]
    sizes = biggest(public, "arguments")

    assert over(sizes, ARGUMENTS_MAX, MANY_ARGUMENTS) == []


@pytest.mark.parametrize("folder", ["src", "tools", "tests"])
def test_modules_open_with_a_docstring(folder):
    modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in python_files(folder)}
    silent = [name_of(path) for path, module in modules.items() if module.body and not ast.get_docstring(module)]

    assert silent == []


def test_names_say_what_is_inside():
    """A folder is a stage, a file is a noun: a drawer for everything has no place in the map."""
    words = {path: set(path.relative_to(ROOT).with_suffix("").parts) for path in python_files("src", "tools", "tests")}

    assert [name_of(path) for path, parts in words.items() if split(parts) & FORBIDDEN_NAMES] == []


def split(parts: set[str]) -> set[str]:
    """The single words of file and folder names: `bill_utils` has two."""
    return {word for part in parts for word in part.lower().split("_")}


def test_the_kernel_imports_only_itself_and_the_standard_library():
    """numba may stand in kernel/mark.py alone, and is used there only when the batch has imported it already."""
    strangers = [
        f"{name_of(path)} imports {module}"
        for path in sorted((SRC / "kernel").rglob("*.py"))
        for module in imports_of(path)
        if not (
            module.startswith("duoceng.kernel")
            or module.split(".")[0] in sys.stdlib_module_names
            or (path.name == "mark.py" and module.startswith("numba"))
        )
    ]

    assert strangers == []


def imports_of(path: Path) -> Iterator[str]:
    """Every module a file imports, inside functions too; `from x import y` counts as x, a leading dot as itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_no_float_is_born_where_money_is_counted():
    """No float literal, no float(), no true division in the kernel or the money module."""
    files = [*sorted((SRC / "kernel").rglob("*.py")), SRC / "base" / "money.py"]
    floats = [f"{name_of(path)}:{line}" for path in files for line in float_lines(path)]

    assert floats == []


def float_lines(path: Path) -> Iterator[int]:
    """Lines on which a float could be made."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
        is_division = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        if is_literal or is_call or is_division:
            yield node.lineno
