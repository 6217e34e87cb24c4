"""The lists of what is left out of a quick run are of what exists."""

import collections
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_slow_doctests_exist():
    slow = runpy.run_path(str(ROOT / "conftest.py"))["_SLOW_DOCTESTS"]
    assert slow
    assert [path for path in slow if not (ROOT / path).is_file()] == []


class Item(SimpleNamespace):
    """A case of a test, as pytest collects it."""

    __hash__ = object.__hash__

    def get_closest_marker(self, name):
        return name in self.marks


def items_of(name, n_cases, *marks):
    cases = [Item(path="test_it.py", originalname=name, marks=marks) for _ in range(n_cases)]
    for case in cases:
        case.callspec = None
    return cases


def test_three_days_see_every_case_once(monkeypatch):
    keep = runpy.run_path(str(ROOT / "conftest.py"))["_keep_a_third"]
    many = items_of("many", 10, "slow")
    others = [
        *items_of("few", 3, "slow"),
        *items_of("quick", 9),
        Item(path="test_it.py", originalname="one", marks=["slow"]),
    ]
    seen = collections.Counter()
    for day in range(7, 10):
        monkeypatch.setenv("SKMNIST_TESTS_DAY", str(day))
        items, deselected = [*many, *others], []
        hook = SimpleNamespace(
            pytest_deselected=lambda items, found=deselected: found.extend(items)
        )
        keep(SimpleNamespace(hook=hook), items)
        assert {*items} | {*deselected} == {*many, *others}
        assert [item for item in items if item.originalname != "many"] == others
        assert 3 <= len(items) - len(others) <= 4
        seen.update(items)
    assert all(seen[item] == 1 for item in many)


def test_marks_say_why():
    """A mark without a reason ends the run with an error."""
    check = runpy.run_path(str(ROOT / "conftest.py"))["_leave_out_slow_tests"]
    silent = SimpleNamespace(nodeid="a", get_closest_marker=lambda name: pytest.mark.slow.mark)
    with pytest.raises(pytest.UsageError, match=r"do not say why they are slow: \['a'\]"):
        check(None, [silent])
