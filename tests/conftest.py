"""What every test may use: the project's policies, with the invented ones of the tests beside them."""

import os
from pathlib import Path

import pytest

from duoceng.policy.library import Library

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ROOT / "policies"
INVENTED = ROOT / "tests" / "policies"
os.environ["DUOCENG_KEPT_PLANS"] = "off"  # plans of earlier runs are for tests that ask for them
os.environ.pop("COLUMNS", None)  # statements are as wide as they are, whatever the window of whoever runs the tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept` rewrites golden files; the diff is the review."""
    parser.addoption("--accept", action="store_true", help="rewrite golden files with what comes now")


@pytest.fixture(scope="session")
def accept(request: pytest.FixtureRequest) -> bool:
    """Are golden files to be rewritten?"""
    return bool(request.config.getoption("--accept"))


def new_library() -> Library:
    """The project's policies and those of the tests."""
    return Library(POLICIES, (INVENTED,))


@pytest.fixture(scope="session")
def library() -> Library:
    """Policies read once for all tests."""
    return new_library()
