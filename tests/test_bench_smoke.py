"""The bench measures what it says: every task gets its answers, and the table has a line for each."""

import sys

import pytest

from tests.bench import __main__ as bench
from tests.bench.tasks import NAMES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processor time is read from /proc")


def test_a_quick_run_measures_every_task(capsys):
    assert bench.main(["--sizes", "600", "--rounds", "1", "--quick"]) == 0
    printed = capsys.readouterr().out
    for name in NAMES.values():
        assert f"| {name} | 600 |" in printed
    assert "| create | 600 | 32 |" in printed
    assert "| due clocks | 1,000 |" in printed and "| due clocks | 2,000 |" in printed
    assert "memory, master and 2 workers" in printed
