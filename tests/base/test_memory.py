"""Memory that is freed serves what comes next, without the system handing out new pages."""

import subprocess
import sys

import pytest

from duoceng.base import memory

TWICE = """
from resource import RUSAGE_SELF, getrusage
from duoceng.base import memory

def faults_of_a_table():
    before = getrusage(RUSAGE_SELF).ru_minflt
    table = bytearray(64 << 20)
    table[::4096] = bytes(len(table) // 4096)
    del table
    return getrusage(RUSAGE_SELF).ru_minflt - before

kept = memory.keep()
print(int(kept), faults_of_a_table(), faults_of_a_table())
"""


def test_a_second_table_needs_no_new_pages() -> None:
    said = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, check=True).stdout
    kept, first, second = map(int, said.split())
    if not kept:
        pytest.skip("the system's library does not keep memory")

    assert first > 0
    assert second * 10 < first


def test_without_that_library_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())

    assert memory.keep() is False
