"""Every published example and every worked example of a notice, from inputs to each figure, to the fen.

Where a page is wrong, the case holds our figures under `expect` and the printed ones under `published`: they must differ.
"""

from typing import Any

import pytest

from conftest import ROOT, new_library
from duoceng.base.money import fen
from duoceng.interfaces.worked import every_case, figure, run_worked, show
from duoceng.policy.library import Library

CASES = every_case(new_library(), ROOT / "tests" / "cases")


@pytest.mark.parametrize("file, said", CASES, ids=[f"{said['id']}-{file}" for file, said in CASES])
def test_case(file: str, said: dict[str, Any], library: Library) -> None:
    year, outcomes = run_worked(said, library, file)

    assert outcomes, "a case without an expected figure proves nothing"
    assert not [show(o) for o in outcomes if not o.right]
    if "published" in said:
        last = year.settlements[-1]
        printed = {what: fen(leaf.text) for what, leaf in said["published"].items.items()}
        assert all(figure(last, what) != amount for what, amount in printed.items())
