"""Every test that is left out of a quick run says why, and every list of them is of what exists."""

from pathlib import Path

import conftest

ROOT = Path(__file__).resolve().parents[1]


def test_slow_doctests_exist():
    assert [path for path in conftest._SLOW_DOCTESTS if not (ROOT / path).is_file()] == []


def test_slow_tests_say_why(request):
    marks = [mark for item in request.session.items for mark in item.iter_markers("slow")]
    assert [mark for mark in marks if not mark.args or not mark.args[0]] == []
