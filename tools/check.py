"""Run everything CI runs: `python check.py`. One line a station, the slow one last, silence about what is well.

    python check.py                       every station
    python check.py lint types            these stations
    python check.py tests -k "half a fen" one station; what follows its name goes to its tool
    python check.py --fix                 format and repair what a tool can repair, then check
    python check.py --ci                  every station; pytest's own closing line is printed as well

The quick stations run side by side and are reported in the order below; the tests have the machine to themselves.
A station is a command of its own: what it says when it fails is shown as the tool wrote it.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
DUOCENG = str(Path(PYTHON).parent / "duoceng")
LINT_IMPORTS = str(Path(PYTHON).parent / "lint-imports")
SITE = str(Path(tempfile.gettempdir()) / f"duoceng-site-{os.getpid()}")

CLOSING_LINE = re.compile(r"^=+ (.*\b(?:passed|failed|error|skipped|deselected|no tests ran)\b.*) =+$", re.MULTILINE)
TEST_HEADER = re.compile(r"\A=+ test session starts =+$.*?(?=^=+ (?:FAILURES|ERRORS) =+$)", re.MULTILINE | re.DOTALL)
TEST_PROGRESS = re.compile(r"^(?:[.FEsxX]+ *\[ *\d+%\]|bringing up nodes\.*|)$")


@dataclass(frozen=True)
class Station:
    """Commands that must all succeed; `says` finds what is worth telling when they do."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    says: str = ""
    repair: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a station's commands wrote, and whether all of them succeeded."""

    station: Station
    is_well: bool
    output: str


STATIONS = (
    Station(
        "format",
        ((PYTHON, "-m", "ruff", "format", "--check", "--quiet", "--output-format=concise", "."),),
        repair="python check.py --fix",
    ),
    Station(
        "lint",
        ((PYTHON, "-m", "ruff", "check", "--quiet", "--output-format=concise", "."),),
        repair="python check.py --fix",
    ),
    Station("types", ((PYTHON, "-m", "mypy", "--no-error-summary"),)),
    Station("layout", ((LINT_IMPORTS, "--no-logo"),), says=r"Contracts: (\d+ kept)"),
    Station("tidy", ((PYTHON, "-m", "pytest", "-q", "--tb=short", "--noconftest", "tests/test_tidy.py"),)),
    Station("policies", ((DUOCENG, "policy", "check"),), says=r"^(.*\d.*)$"),
    Station(
        "made",
        ((PYTHON, "tools/make_docs.py", "--check"),),
        repair="python tools/make_docs.py",
    ),
    Station("docs", ((PYTHON, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", SITE),)),
    Station("tests", ((PYTHON, "-m", "pytest", "--tb=short", "-n", "auto", "--ignore=tests/test_tidy.py"),)),
)
REPAIRS = (
    (PYTHON, "-m", "ruff", "check", "--fix", "--quiet", "."),
    (PYTHON, "-m", "ruff", "format", "--quiet", "."),
)


def main(arguments: list[str]) -> int:
    """Run the chosen stations, tell each in a line, and end with 1 if one failed."""
    in_ci = "--ci" in arguments
    if "--fix" in arguments:
        for command in REPAIRS:
            run(command)
    stations = chosen([word for word in arguments if word not in ("--ci", "--fix")])

    failed = []
    for outcome in outcomes(stations):
        tell(outcome, in_ci)
        if not outcome.is_well:
            failed.append(outcome.station.name)
    shutil.rmtree(SITE, ignore_errors=True)
    if failed:
        print(f"{len(failed)} of {len(stations)} failed.   Run only this:  python check.py {' '.join(failed)}")
    return 1 if failed else 0


def chosen(words: list[str]) -> tuple[Station, ...]:
    """The stations named first on the command line, all when none is; the rest goes to the last one's tool."""
    named = {station.name: station for station in STATIONS}
    stations = []
    while words and words[0] in named:
        stations.append(named[words.pop(0)])
    if not words:
        return tuple(stations) or STATIONS
    if not stations:
        sys.exit(f"There is no station {words[0]!r}. Stations: {', '.join(named)}. See the top of tools/check.py.")
    last = stations.pop()
    extended = tuple((*command, *words) for command in last.commands)
    return (*stations, Station(last.name, extended, last.says, last.repair))


def outcomes(stations: tuple[Station, ...]) -> Iterator[Outcome]:
    """What each station found, in order; the tests start when the others are through."""
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        yield from pool.map(visit, [station for station in stations if station.name != "tests"])
    yield from (visit(station) for station in stations if station.name == "tests")


def visit(station: Station) -> Outcome:
    """Run a station's commands, all of them even when one fails: one look shows everything."""
    runs = [run(command) for command in station.commands]
    return Outcome(station, all(code == 0 for code, _ in runs), "\n".join(output for _, output in runs))


def run(command: tuple[str, ...]) -> tuple[int, str]:
    """Exit code, and what the command wrote; a tool that is missing is a failure with a cure."""
    surroundings = {**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1", "COLUMNS": "120"}
    try:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        return 127, f"{command[0]} is not here. Run: make setup-dev"
    return ended.returncode, ended.stdout


def tell(outcome: Outcome, in_ci: bool) -> None:
    """One line when all is well; the tool's own words when not. In CI pytest's closing line stands alone, whole."""
    station = outcome.station
    print(
        f"{station.name:<9}{'ok' if outcome.is_well else 'FAIL':<5}{worth_telling(outcome)}".rstrip(),
        flush=True,
    )
    if not outcome.is_well:
        for line in TEST_HEADER.sub("", outcome.output).splitlines():
            if not TEST_PROGRESS.match(line):
                print(f"    {line}")
        if station.repair:
            print(f"    Repair:  {station.repair}")
    if in_ci and station.name == "tests":
        closing = CLOSING_LINE.search(outcome.output)
        print(closing.group(0) if closing else "pytest wrote no closing line", flush=True)


def worth_telling(outcome: Outcome) -> str:
    """The figure of a station that went well, if it has one."""
    if not outcome.is_well:
        return ""
    if outcome.station.name == "tests":
        closing = CLOSING_LINE.search(outcome.output)
        return closing.group(1) if closing else ""
    figure = re.findall(outcome.station.says, outcome.output, re.MULTILINE) if outcome.station.says else []
    return figure[-1].strip() if figure else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
