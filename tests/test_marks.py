"""The lists of what is left out of a quick run are of what exists."""

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_slow_doctests_exist():
    slow = runpy.run_path(str(ROOT / "conftest.py"))["_SLOW_DOCTESTS"]
    assert slow
    assert [path for path in slow if not (ROOT / path).is_file()] == []
