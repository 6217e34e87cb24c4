"""Progress: calls, lines, a bar on a terminal, and the time that is left."""

import io
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmnist import _progress, compare
from skmnist._progress import Clock
from skmnist.comparison import ComparisonStep
from tests.comparison.cases import Failing, X, y

MODELS = ["decision-tree", ("bad[red]", Failing()), "naive-bayes"]


def test_callable_sees_begin_and_end_of_every_step():
    steps = []
    comparison = compare(["decision-tree", "naive-bayes"], X, y, cv=2, progress=steps.append)
    assert all(isinstance(step, ComparisonStep) for step in steps)
    assert [(s.model, s.fold, s.number, s.result is None) for s in steps] == [
        ("decision-tree", 1, 1, True),
        ("decision-tree", 1, 1, False),
        ("decision-tree", 2, 2, True),
        ("decision-tree", 2, 2, False),
        ("naive-bayes", 1, 3, True),
        ("naive-bayes", 1, 3, False),
        ("naive-bayes", 2, 4, True),
        ("naive-bayes", 2, 4, False),
    ]
    assert {(step.n_folds, step.n_steps, step.metric) for step in steps} == {(2, 4, "accuracy")}
    (tree,) = (row for row in comparison.rows if row.model == "decision-tree")
    assert steps[1].result is tree.folds[0]
    assert not any(step.stored for step in steps)


def test_time_left():
    steps = []
    compare(["decision-tree", "naive-bayes"], X, y, cv=2, progress=steps.append)
    left = [step.seconds_left for step in steps]
    assert left[0] is None
    assert all(seconds > 0 for seconds in left[1:-1])
    assert left[-1] == 0


def test_failed_and_stored_steps_say_nothing_of_the_time_left(tmp_path):
    steps = []
    compare(("decision-tree",), X, y, cv=2, memory=tmp_path)
    compare(
        [("bad", Failing()), "decision-tree"], X, y, cv=2, memory=tmp_path, progress=steps.append
    )
    assert [step.stored for step in steps] == [False] * 2 + [True] * 4
    assert {step.seconds_left for step in steps} == {None}


# As lines.


def test_lines_off_a_terminal(capsys, tmp_path):
    compare(MODELS, X, y, cv=2, progress=True, memory=tmp_path)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert [line.split(": ")[0] for line in lines] == [
        "[1/6] decision-tree fold 1/2",
        "[2/6] decision-tree fold 2/2",
        "[3/6] bad[red] fold 1/2",
        "[5/6] naive-bayes fold 1/2",
        "[6/6] naive-bayes fold 2/2",
    ]
    assert ": accuracy 0." in lines[0] and "fitted in 0.0 s; about " in lines[0]
    assert "failed, RuntimeError: cannot fit" in lines[2]
    assert "left" not in lines[-1]
    compare("decision-tree", X, y, cv=2, progress=True, memory=tmp_path)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("[1/2] decision-tree fold 1/2, from an earlier run: accuracy 0.")


def test_lines_tell_the_first_metric(capsys):
    compare("decision-tree", X, y, cv=2, progress=True, scoring=["f1_macro", "accuracy"])
    assert "fold 1/2: f1 macro 0." in capsys.readouterr().err


@pytest.mark.parametrize("progress", [None, False])
def test_silence(capsys, progress):
    compare(["decision-tree", ("bad", Failing())], X, y, cv=2, progress=progress)
    assert capsys.readouterr() == ("", "")


def test_lines_without_rich(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    compare("decision-tree", X, y, cv=2, progress=True)
    assert "[2/2] decision-tree fold 2/2: accuracy" in capsys.readouterr().err


# As a bar.


def test_bar_on_a_terminal(monkeypatch, capsys):
    from rich.console import Console

    file = io.StringIO()
    console = Console(file=file, force_terminal=True, force_interactive=True, width=100)
    monkeypatch.setattr(_progress, "_terminal", lambda: console)
    compare(MODELS, X, y, cv=2, progress=True)
    text = re.sub(r"\x1b\[[\d;]*m", "", file.getvalue())  # without colours
    assert "6/6" in text
    assert "about 1 s left  naive-bayes fold 2/2" in text
    # Failures stay, in one line; names are not markup.
    assert "bad[red] fold 1/2: failed, RuntimeError: cannot fit" in text
    assert text.endswith("\x1b[2K")  # and the bar goes
    assert capsys.readouterr() == ("", "")


def test_bar_goes_when_interrupted(monkeypatch):
    from rich.console import Console

    file = io.StringIO()
    console = Console(file=file, force_terminal=True, force_interactive=True, width=100)
    monkeypatch.setattr(_progress, "_terminal", lambda: console)
    with pytest.raises(KeyboardInterrupt):
        compare(Failing(error=KeyboardInterrupt), X, y, cv=2, progress=True)
    assert file.getvalue().rstrip("\n").endswith("\x1b[2K")
    assert "\x1b[?25h" in file.getvalue()  # the cursor is shown again


# The clock.


def test_clock_by_hand():
    clock = Clock(3, 4)
    assert clock.seconds_left(0, 0) is None
    clock.add(0, 2.0)
    assert clock.seconds_left(0, 1) == 2 * 3 + 2 * 4 * 2
    clock.add(0, 4.0)
    assert clock.seconds_left(0, 2) == 3 * 2 + 3 * 4 * 2
    # A task of which nothing is known yet takes as long as the others, each counted once.
    assert clock.seconds_left(1, 0) == 3 * 4 + 3 * 4
    clock.add(1, 9.0)
    assert clock.seconds_left(1, 1) == 9 * 3 + (3 + 9) / 2 * 4
    assert clock.seconds_left(2, 4) == 0


@pytest.mark.slow("compares networks")
@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=5), st.integers(0, 4))
def test_clock_between_the_fastest_and_the_slowest(seconds, done):
    clock = Clock(2, 5)
    for value in seconds:
        clock.add(0, value)
    left = clock.seconds_left(0, done)
    n_steps = 5 - done + 5
    assert min(seconds) * n_steps * 0.999 <= left <= max(seconds) * n_steps * 1.001


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "time left not known yet"),
        (0.0, "about 1 s left"),
        (89.4, "about 89 s left"),
        (90, "about 2 min left"),
        (5399, "about 90 min left"),
        (5400, "about 1.5 h left"),
    ],
)
def test_time_left_in_words(seconds, words):
    assert _progress._left(seconds) == words
