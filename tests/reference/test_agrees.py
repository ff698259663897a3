"""The engine and the reference, two readings of one page of law, agree to the fen on random bills.

DUOCENG_REFERENCE_BILLS says how many bills are compared (4,000; 100,000 in the long run), spread over the seeds so that
`pytest -n auto` shares them out. Half of them are for the documents of the project and of the tests, half for invented ones
that mix everything the grammar can say.
"""

import os
import shutil
from pathlib import Path

import pytest

from conftest import INVENTED, POLICIES
from duoceng.policy.library import Library
from reference.comparing import Compare, as_text
from reference.random_bills import random_cases
from reference.random_documents import write_documents
from reference.reading import Folders

SEEDS = 20
BILLS = int(os.environ.get("DUOCENG_REFERENCE_BILLS", "4000"))
FIRST = int(os.environ.get("DUOCENG_REFERENCE_SEED", "0"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_engine_and_reference_agree(seed: int, library: Library) -> None:
    agree(library, (POLICIES, INVENTED), seed)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_they_agree_on_invented_documents(seed: int, tmp_path: Path) -> None:
    write_documents(seed, tmp_path)
    shutil.copy(POLICIES / "vocabulary.yaml", tmp_path)
    shutil.copy(POLICIES / "cn" / "order.yaml", tmp_path / "cn")
    library = Library(tmp_path)
    for path in library.paths():
        library.document(path)
    assert not library.mistakes.found, library.mistakes.found[0]

    agree(library, (tmp_path,), seed)


def agree(library: Library, folders: tuple[Path, ...], seed: int) -> None:
    """Fails with the smallest bill on which the two differ."""
    compare = Compare(library, folders)
    for case in random_cases(seed, Folders(folders), BILLS // SEEDS // 2):
        if compare.difference(case):
            small = compare.smallest(case)
            pytest.fail(f"{compare.difference(small)}\n{as_text(small)}")
    assert compare.bills > compare.refused, "hardly a bill was settled: the generator no longer fits the documents"
