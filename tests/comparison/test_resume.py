"""A run that was killed and resumed gives the same as an unbroken one."""

import pickle
import random
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from skmnist import compare
from skmnist.comparison import Fold, _run
from tests.comparison import program
from tests.comparison.cases import Constant, Failing, Recorder, X, y

ROOT = Path(__file__).resolve().parents[2]


def results_in(folder):
    return sorted(Path(folder).rglob("output.pkl"))


def one_life(folder, log, suite, n_steps, delay):
    """Run the program; kill it some time after it told of so many steps.

    Returns what it told of steps, and what came out, or None.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", program.__name__, folder, log, suite],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    told, out = [], None
    try:
        while line := process.stdout.readline():
            if not line.startswith("done "):
                out = pickle.loads(bytes.fromhex(line))
                break
            told.append(line.split()[1:])
            if len(told) == n_steps:
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
                # What it could still tell before it died ended before, too.
                told += [rest.split()[1:] for rest in process.stdout if rest.endswith("\n")]
                told = [words for words in told if len(words) == 3]
                break
    finally:
        process.kill()
        process.wait(timeout=60)
        process.stdout.close()
    return told, out


def fits_in(log):
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


@pytest.mark.slow("starts and kills processes")
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize(("suite", "kills", "seed"), [("quick", 2, 0), ("network", 1, 1)])
def test_killed_and_resumed_gives_the_same_as_unbroken(tmp_path, monkeypatch, suite, kills, seed):
    monkeypatch.setenv("CMP_LOG", str(tmp_path / "unbroken.log"))
    expected = program.content(program.run(None, suite))
    unbroken = fits_in(tmp_path / "unbroken.log")
    n_steps = len(program.SUITES[suite]) * 3
    assert len(set(unbroken)) == len(unbroken) == n_steps

    chance = random.Random(seed)
    folder, log = tmp_path / "kept", tmp_path / "killed.log"
    finished, before = set(), 0
    for life in range(kills + 1):
        killed_after = None
        if life < kills:
            killed_after = min(len(finished) + chance.randint(1, 2), n_steps - 1)
        told, out = one_life(folder, log, suite, killed_after, chance.uniform(0, 0.1))
        # All that was told of in earlier lives is read from disk.
        stored = {(model, fold) for model, fold, stored in told if stored == "1"}
        assert finished <= stored or out is None
        assert not {(m, f) for m, f, stored in told if stored == "0"} & finished
        finished |= {(model, fold) for model, fold, _ in told}
        fits = fits_in(log)
        assert len(fits) - before <= n_steps - len(stored)
        before = len(fits)
    assert out == expected
    # At most the fit that was going on at each kill is repeated.
    fits = fits_in(log)
    assert set(fits) == set(unbroken)
    assert len(fits) - len(unbroken) <= kills


@pytest.mark.slow("compares networks")
def test_errors_are_tried_again_and_what_went_well_is_not(tmp_path):
    models = ["naive-bayes", ("bad", Failing())]
    first = compare(models, X, y, cv=2, memory=tmp_path)
    assert [row.model for row in first.failures] == ["bad"]
    steps = []
    again = compare(models, X, y, cv=2, memory=tmp_path, progress=steps.append)
    assert again.failures[0].error == first.failures[0].error
    assert [step.stored for step in steps] == [True] * 4 + [False] * 2


def test_costs_are_kept_as_they_were_measured(tmp_path):
    first, again = (compare("knn", X, y, cv=2, memory=tmp_path) for _ in range(2))
    for fold, other in zip(first.rows[0].folds, again.rows[0].folds, strict=True):
        assert fold.fit_seconds == other.fit_seconds
        assert fold.peak_memory_bytes == other.peak_memory_bytes


@pytest.mark.parametrize("damage", ["empty", "half", "other", "gone"])
def test_damaged_results_are_measured_anew(tmp_path, damage, capfd):
    model = DecisionTreeClassifier(random_state=0)
    expected = compare(model, X, y, cv=2, memory=tmp_path).rows[0].values("accuracy")
    victim, intact = results_in(tmp_path)
    whole = victim.read_bytes()
    if damage == "empty":
        victim.write_bytes(b"")
    elif damage == "half":
        victim.write_bytes(whole[: len(whole) // 2])
    elif damage == "other":
        joblib.dump({"not": "a result"}, victim)
    else:
        victim.unlink()
    for n_damaged in (1, 0):
        steps = []
        row = compare(model, X, y, cv=2, memory=tmp_path, progress=steps.append).rows[0]
        np.testing.assert_array_equal(row.values("accuracy"), expected)
        assert [step.stored for step in steps].count(False) == 2 * n_damaged
    assert results_in(tmp_path) == [victim, intact]
    assert isinstance(joblib.load(victim), Fold)  # whole again
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", [str, Path, lambda folder: joblib.Memory(folder, verbose=0)])
def test_kinds_of_memory(tmp_path, kind):
    compare(GaussianNB(), X, y, cv=2, memory=kind(tmp_path / "kept"))
    assert len(results_in(tmp_path / "kept")) == 2


def test_memory_that_keeps_nothing():
    for memory in (None, joblib.Memory(None)):
        assert compare(GaussianNB(), X, y, cv=2, memory=memory).rows[0].error is None


def test_folder_that_cannot_be_made_is_told_before_work(tmp_path):
    Recorder.seen.clear()
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        compare(Recorder(), X, y, cv=2, memory=tmp_path / "file" / "kept")
    assert not Recorder.seen


def measured(folder, model=None, images=X, labels=y, **options):
    """Return how many folds were measured rather than read."""
    steps = []
    model = GaussianNB() if model is None else model
    options = {"cv": 2, **options}
    compare(model, images, labels, memory=folder, progress=steps.append, **options)
    return sum(step.result is not None and not step.stored for step in steps)


def test_only_the_same_is_found_again(tmp_path, monkeypatch):
    one_pixel = X.copy()
    one_pixel[17, 3] += 1
    one_label = y.copy()
    one_label[17] = (one_label[17] + 1) % 10
    fixed = {"cv": None, "X_test": X[:50], "y_test": y[:50]}
    other_test = {"cv": None, "X_test": X[1:51], "y_test": y[1:51]}
    assert measured(tmp_path) == 2
    for new in (
        {"model": GaussianNB(var_smoothing=1e-8)},
        {"images": one_pixel},
        {"images": X.astype(np.float32)},
        {"labels": one_label},
        {"scoring": "f1_macro"},
        {"scoring": ["accuracy", "f1_macro"]},
        {"random_state": 1},
        {"cv": 3},
        fixed,
        other_test,
    ):
        assert measured(tmp_path, **new) > 0, new
        assert measured(tmp_path, **new) == 0, new
    # What does not change results: labels, thresholds, other models beside, copies.
    assert measured(tmp_path, {"mine": GaussianNB()}, X.copy(), y.tolist(), rope=0.1) == 0
    assert measured(tmp_path, alpha=0.1, data="digits") == 0
    assert measured(tmp_path, [GaussianNB(), GaussianNB()]) == 0
    assert measured(tmp_path, [DecisionTreeClassifier(), GaussianNB()]) == 2
    monkeypatch.setattr(_run, "versions", lambda: {"skmnist": "another"})
    assert measured(tmp_path) == 2


class Hoarder(Constant):
    """Changes what its class and its module hold, as it fits."""

    fits = []

    def fit(self, X, y):
        self.fits.append(len(X))
        FITS.append(len(X))
        return super().fit(X, y)


FITS = []


def test_what_fits_leave_in_classes_and_modules_does_not_hinder(tmp_path):
    models = [Hoarder(0), Hoarder(1), Hoarder(2)]
    assert measured(tmp_path, models[:2]) == 4
    assert measured(tmp_path, models) == 6  # for they may use it
    Hoarder.fits.clear()
    FITS.clear()
    assert measured(tmp_path, models) == 2  # as in a new process: only the third is new


def test_random_splits_find_only_what_is_split_alike(tmp_path):
    assert measured(tmp_path, random_state=None) == 2
    assert measured(tmp_path, random_state=None) == 2  # drawn anew
    assert measured(tmp_path, random_state=None, cv=[(range(99), range(99, 300))]) == 1
    assert measured(tmp_path, random_state=None, cv=[(range(99), range(99, 300))]) == 0


def test_model_of_which_no_key_can_be_told_warns_once(tmp_path):
    untold = GaussianNB(priors=(part for part in ()))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        comparison = compare(
            [("untold", untold), ("told", GaussianNB())], X, y, cv=2, memory=tmp_path
        )
    ours = [str(found.message) for found in caught if "not kept" in str(found.message)]
    assert len(ours) == 1
    assert ours[0].startswith("Results of untold are not kept in memory: ")
    assert caught[[str(c.message) for c in caught].index(ours[0])].filename == __file__
    # Generators cannot be cloned either; the other model is compared all the same.
    assert [row.model for row in comparison.failures] == ["untold"]
    assert len(results_in(tmp_path)) == 2


def test_metric_of_which_no_key_can_be_told(tmp_path):
    with open(__file__, encoding="utf-8") as file:

        class Odd:
            def __init__(self):
                self.file = file

            def __call__(self, model, X, y):
                return 1.0

        with pytest.warns(UserWarning, match="No results are kept in memory"):
            comparison = compare(GaussianNB(), X, y, cv=2, memory=tmp_path, scoring=Odd())
    assert comparison.rows[0].mean("score") == 1
    assert not results_in(tmp_path)
