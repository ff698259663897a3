"""The engine and the reference, two readings of one page of law, agree to the fen on random bills.

DUOCENG_REFERENCE_BILLS says how many bills are compared (4,000; 100,000 in the long run), spread over the seeds so that
`pytest -n auto` shares them out.
"""

import os

import pytest

from conftest import INVENTED, POLICIES
from duoceng.policy.library import Library
from reference.comparing import Compare, as_text
from reference.random_bills import random_cases
from reference.reading import Folders

SEEDS = 20
BILLS = int(os.environ.get("DUOCENG_REFERENCE_BILLS", "4000"))
FOLDERS = (POLICIES, INVENTED)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_engine_and_reference_agree(seed: int, library: Library) -> None:
    compare = Compare(library, FOLDERS)
    for case in random_cases(seed, Folders(FOLDERS), BILLS // SEEDS):
        if compare.difference(case):
            small = compare.smallest(case)
            pytest.fail(f"{compare.difference(small)}\n{as_text(small)}")
    assert compare.bills > compare.refused, "hardly a bill was settled: the generator no longer fits the documents"
