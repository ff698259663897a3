"""`duoceng coverage`: what is read and how far it is checked, as COVERAGE.md; and which values no case reaches."""

from pathlib import Path

from duoceng.base.mistakes import Place, Refused
from duoceng.interfaces.worked import every_case, run_worked
from duoceng.policy.catalogue import catalogues
from duoceng.policy.coverage import STATUSES, Counted, counted, every_number
from duoceng.policy.library import Library

HEAD = """# What is covered, and how far it is checked

Made by `duoceng coverage`; do not edit. A value is one number as written in a document. **verified**: the government's own words were read;
**secondary**: a mirror, local guide or the press; **unverified**: from memory, or sources disagree (never used unless asked for);
**gap**: known to differ, not read. The years are those in which versions begin.

本页由 `duoceng coverage` 生成。数值逐个计数：已核对原文、二手来源、未核实、缺口。
"""


def run(library: Library, cases: str, check: str) -> int:
    """Print the page, or list unreached values, or compare with a page already made. Returns the exit code."""
    if cases:
        missed, numbers = unreached(library, Path(cases))
        for place, what in missed:
            print(f"{place}: {what}")
        print(f"{len(missed)} of {numbers} values are reached by no case ({len(missed) * 100 / max(numbers, 1):.1f} %)")
        return 0
    page = coverage_page(library)
    if check:
        fresh = Path(check).exists() and Path(check).read_text(encoding="utf-8") == page
        print("" if fresh else f"{check} is stale: run `duoceng coverage > {check}`", end="" if fresh else "\n")
        return 0 if fresh else 1
    print(page, end="")
    return 0


def coverage_page(library: Library) -> str:
    """COVERAGE.md."""
    rows = counted(library)
    library.mistakes.stop_if_any()
    parts = [HEAD, _sums(rows)]
    for kind, title in (
        ("public", "Public tiers 公共保障"),
        ("product", "Products 商业产品"),
        ("example", "Examples and reforms 示例"),
    ):
        mine = [r for r in rows if r.kind == kind]
        if mine:
            parts.append(f"## {title}\n\n{_table(mine)}")
    parts.append(
        "## Catalogues 目录\n\n"
        + "\n".join(
            f"- `{c.name}` {c.title}: {sum(len(i) for i in c.items.values())} items" for c in catalogues(library)
        )
    )
    parts.append("## Gaps, in words 缺口\n\n" + "\n".join(_gaps(library)))
    return "\n".join(parts) + "\n"


def _sums(rows: list[Counted]) -> str:
    total = {s: sum(r.values[s] for r in rows) for s in STATUSES}
    every = sum(total[s] for s in STATUSES[:3]) or 1
    shares = ", ".join(f"{s} {total[s]} ({total[s] * 100 // every} %)" for s in STATUSES[:3])
    places = len({r.place for r in rows if r.kind == "public"})
    policies = len({r.policy for r in rows})
    return f"**{every} values** in {policies} policies of {places} places: {shares}; {total['gap']} gaps.\n"


def _table(rows: list[Counted]) -> str:
    lines = [
        "| place | policy | title | from | values | verified | secondary | unverified | gaps |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for r in rows:
        cells = [f"{r.values[s] * 100 // r.total} %" if r.total and r.values[s] else "" for s in STATUSES[:3]]
        lines.append(
            f"| {r.place} | `{r.policy}` | {r.title} | {r.year} | {r.total} | {' | '.join(cells)} | {r.values['gap'] or ''} |"
        )
    return "\n".join(lines) + "\n"


def _gaps(library: Library) -> list[str]:
    return [f"- `{d.policy}`: {gap}" for p in library.paths() if (d := library.document(p)) for gap in d.gaps]


def unreached(library: Library, folder: Path) -> tuple[list[tuple[Place, str]], int]:
    """Numbers that no case reaches, with where they belong, and how many numbers there are."""
    library.reached = set()
    for file, said in every_case(library, folder):
        try:
            run_worked(said, library, file)
        except Refused:
            continue
    numbers = every_number(library)
    missed = [
        (place, f"{d.policy} {y.name}.{part} {v.cited.begins}")
        for place, (d, y, part, v) in numbers.items()
        if place not in library.reached
    ]
    return missed, len(numbers)
