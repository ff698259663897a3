"""Every code has an example and its exact text; `pytest --accept` rewrites the texts, and the diff is the review."""

from pathlib import Path

import pytest

from conftest import POLICIES
from duoceng.base.mistakes import Mistake, Mistakes, Refused
from duoceng.cli.show_mistakes import words_of
from duoceng.desk.uncovered import stop_if_uncovered
from duoceng.desk.year import settle_year
from duoceng.interfaces.bill_file import read_case
from duoceng.interfaces.codes import CODES
from duoceng.policy.grammar import read_document
from duoceng.policy.library import Library

HERE = Path(__file__).resolve().parent
EXAMPLES = sorted(HERE.glob("*.yaml"))
# Shown elsewhere: by the command line, or only by a whole folder of policies or a file of a size.
ELSEWHERE = {
    "P026": "test_in_a_folder", "P027": "test_in_a_folder", "P029": "test_in_a_folder", "P030": "test_in_a_folder", "P033": "test_command_line",
    "P034": "test_in_a_folder", "P036": "test_in_a_folder", "P037": "test_command_line", "Y002": "test_in_a_folder", "Y003": "test_bad_bills",
    "B017": "test_bad_bills", "B019": "test_command_line", "B032": "test_command_line", "B033": "test_command_line", "B034": "test_command_line",
    "B035": "test_command_line", "B036": "test_command_line", "B037": "test_command_line", "B038": "lab/test_command", "B039": "lab/test_command",
    "B050": "lab/batch/test_spark", "B051": "lab/batch/test_spark", "B052": "lab/batch/test_spark",
    "B056": "test_command_line", "B025": "lab/batch/test_bounds", "B026": "lab/batch/test_line_door",
    "B040": "lab/batch/test_files", "B041": "lab/batch/test_files", "B042": "lab/batch/test_files", "B043": "lab/batch/test_files",
    "B044": "lab/batch/test_files", "B045": "lab/batch/test_files", "B046": "lab/batch/test_files", "B047": "lab/batch/test_files", "B048": "lab/batch/test_files",
    **{f"D{number:03d}": "desk/test_counter" for number in (1, 2, 3, 4, 5, 6, 8, 9, 10, 16)},
    **{f"D{number:03d}": "desk/test_wallets" for number in (11, 12, 13, 15)},
    "D014": "desk/test_codes",
    **{f"V{number:03d}": "desk/test_verify" for number in range(1, 7)}, "V008": "store/test_backup", "V009": "store/test_backup",
    **{f"S{number:03d}": "interfaces/rest" for number in range(1, 16)},
    "V010": "interfaces/test_operations", "V011": "store/test_migrations",
    **{f"N{number:03d}": "interfaces/nhsa/test_signing" for number in range(1, 7)}, "N020": "interfaces/nhsa/test_tape", "N021": "interfaces/nhsa/test_tape",
    **{f"W{number:03d}": "interfaces/page/test_api" for number in (1, 2, 3)},
    "B057": "lab/batch/test_replay", "B058": "lab/batch/test_replay",
}  # fmt: skip


def mistakes_in(path: Path) -> list[Mistake]:
    """What is wrong with an example."""
    source, library = path.read_text(encoding="utf-8"), Library(POLICIES)
    found = Mistakes()
    if path.name.endswith(".policy.yaml"):
        _, reader = read_document(source, path.name, library.vocabulary, found)
        for index, place in reader.indexes:
            library.note_index(index, place, found)
        return found.found
    try:
        case = read_case(source, path.name, library.vocabulary)
        stop_if_uncovered(library, case.member, settle_year(library, case.member, case.bills))
    except Refused as refused:
        return refused.mistakes
    return []


@pytest.mark.parametrize("path", EXAMPLES, ids=[p.name.split(".")[0] for p in EXAMPLES])
def test_the_example_is_told_in_these_words(path: Path, accept: bool) -> None:
    code = path.name.split(".")[0]
    mine = [m for m in mistakes_in(path) if m.code == code]
    assert mine, f"{path.name} does not show {code}"
    sources = {path.name: path.read_text(encoding="utf-8")}
    text = "\n".join(words_of(mine[0], sources, lang) for lang in ("zh", "en"))
    kept = HERE / f"{code}.txt"
    if accept:
        kept.write_text(text, encoding="utf-8")

    assert kept.read_text(encoding="utf-8") == text


def test_every_code_has_an_example() -> None:
    shown = {p.name.split(".")[0] for p in EXAMPLES}
    assert shown | set(ELSEWHERE) == set(CODES)
    assert not shown & set(ELSEWHERE)
