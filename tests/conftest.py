"""What every test may use: the project's policies, with the invented ones of the tests beside them."""

from pathlib import Path

import pytest

from duoceng.policy.library import Library

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ROOT / "policies"
INVENTED = ROOT / "tests" / "policies"


def new_library() -> Library:
    """The project's policies and those of the tests."""
    return Library(POLICIES, (INVENTED,))


@pytest.fixture(scope="session")
def library() -> Library:
    """Policies read once for all tests."""
    return new_library()
