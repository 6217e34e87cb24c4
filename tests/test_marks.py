"""The lists of what is left out of a quick run are of what exists."""

from pathlib import Path

import conftest

ROOT = Path(__file__).resolve().parents[1]


def test_slow_doctests_exist():
    assert [path for path in conftest._SLOW_DOCTESTS if not (ROOT / path).is_file()] == []
