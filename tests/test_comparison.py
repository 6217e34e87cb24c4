import json
import math
import sys
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skmnist import LeNetClassifier, MLPClassifier, MnistScaler, compare
from skmnist.comparison import DEFAULT_MODELS, Comparison, Fold, Row, Step, find_models

DIGITS = load_digits()
X, y = DIGITS.data[:300], DIGITS.target[:300]
SEEN = {}


class Recorder(ClassifierMixin, BaseEstimator):
    """Notes which images it is given; the first pixel is their number."""

    def __init__(self, name=""):
        self.name = name

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        SEEN.setdefault(self.name, []).append(("fit", X[:, 0].tolist()))
        return self

    def predict(self, X):
        SEEN[self.name].append(("predict", X[:, 0].tolist()))
        return np.full(len(X), self.classes_[0])


class Sleeper(ClassifierMixin, BaseEstimator):
    """Takes a known time, and longer in the first prediction."""

    def fit(self, X, y):
        self.warm_ = False
        time.sleep(0.05)
        return self

    def predict(self, X):
        time.sleep(0.01 if self.warm_ else 0.5)
        self.warm_ = True
        return np.zeros(len(X), dtype=int)


class Failing(ClassifierMixin, BaseEstimator):
    """Fails on the fold whose training images lack one of them."""

    def __init__(self, image=None, error=RuntimeError):
        self.image = image
        self.error = error

    def fit(self, X, y):
        if self.image is None or self.image not in X[:, 0]:
            raise self.error("cannot\nfit")
        return self

    def predict(self, X):
        return np.zeros(len(X), dtype=int)


# Splits.


def test_same_splits_for_all_and_stratified():
    SEEN.clear()
    images = np.column_stack([np.arange(300), np.zeros(300)])
    compare([("a", Recorder("a")), ("b", Recorder("b"))], images, y, cv=3, random_state=5)
    assert SEEN["a"] == SEEN["b"]
    tests = [numbers for kind, numbers in SEEN["a"] if kind == "predict" and len(numbers) > 16]
    expected = StratifiedKFold(3, shuffle=True, random_state=5).split(images, y)
    assert tests == [test.tolist() for _, test in expected]


def test_random_splits_are_drawn_once():
    SEEN.clear()
    images = np.column_stack([np.arange(300), np.zeros(300)])
    compare(
        [("a", Recorder("a")), ("b", Recorder("b"))],
        images,
        y,
        cv=ShuffleSplit(2),
        random_state=None,
    )
    assert SEEN["a"] == SEEN["b"]


def test_splitter_and_iterable_agree():
    cv = KFold(4)
    first = compare("knn", X, y, cv=cv)
    second = compare("knn", X, y, cv=iter(list(cv.split(X))))
    assert first.n_folds == second.n_folds == 4
    assert first.rows[0].accuracy == second.rows[0].accuracy


def test_seed_decides_the_folds():
    accuracies = [
        [fold.accuracy for fold in compare("knn", X, y, random_state=seed).rows[0].folds]
        for seed in (0, 0, 1)
    ]
    assert accuracies[0] == accuracies[1] != accuracies[2]


# What is measured.


def test_accuracy_is_mean_and_sample_deviation():
    row = compare(DummyClassifier(strategy="constant", constant=1), X, y, cv=KFold(3)).rows[0]
    shares = [np.mean(y[i : i + 100] == 1) for i in (0, 100, 200)]
    assert [fold.accuracy for fold in row.folds] == pytest.approx(shares)
    assert row.accuracy == pytest.approx(np.mean(shares))
    assert row.accuracy_std == pytest.approx(np.std(shares, ddof=1))


def test_times_are_per_fold_and_per_image_after_a_warm_up():
    row = compare(Sleeper(), X, y, cv=3).rows[0]
    assert row.fit_seconds >= 0.05
    assert 0.01 / 100 * 1e6 <= row.predict_microseconds < 0.4 / 100 * 1e6


def test_one_split_has_no_deviation():
    comparison = compare("knn", X, y, cv=ShuffleSplit(1, random_state=0))
    assert math.isnan(comparison.rows[0].accuracy_std)
    assert "±" not in str(comparison)


def test_networks_are_reproducible_and_learn():
    first, second = (compare(["mlp", "lenet"], X, y, cv=2, random_state=3) for _ in range(2))
    for row, other in zip(first.rows, second.rows, strict=True):
        assert row.model == other.model
        assert [f.accuracy for f in row.folds] == [f.accuracy for f in other.folds]
        assert row.accuracy > 0.7


def test_labels_may_be_text_and_images_a_frame_or_a_list():
    names = np.array(["even", "odd"])[y % 2]
    expected = compare("knn", X, names, cv=2).rows[0].accuracy
    assert expected > 0.9
    assert compare("knn", pd.DataFrame(X), pd.Series(names), cv=2).rows[0].accuracy == expected
    assert compare("knn", X.tolist(), names.tolist(), cv=2).rows[0].accuracy == expected


def test_default_data_are_the_sample():
    comparison = compare("naive-bayes", cv=2)
    assert comparison.n_images == 5000
    assert comparison.image_shape == (784,)
    assert comparison.rows[0].accuracy > 0.8


# Models.


def test_default_models():
    assert [label for label, _ in find_models()] == list(DEFAULT_MODELS)
    assert DEFAULT_MODELS == ("mlp", "lenet", "knn", "naive-bayes", "logistic-regression")


def test_named_models_get_the_seed():
    (_, mlp), (_, lenet) = find_models(["mlp", "lenet"], random_state=7)
    assert isinstance(mlp[-1], MLPClassifier) and isinstance(lenet[-1], LeNetClassifier)
    assert mlp[-1].random_state == lenet[-1].random_state == 7


def test_own_estimators_stay_as_they_are():
    own = MLPClassifier(epochs=1)
    ((_, model),) = find_models([own], random_state=7)
    assert model is own and own.random_state is None
    row = compare(make_pipeline(MnistScaler(), own), X, y, cv=2).rows[0]
    assert row.error is None
    assert not hasattr(own, "_fitted")


def test_networks_see_images_that_are_no_squares():
    images = DIGITS.images[:100, :, 1:7]
    ((_, mlp),) = find_models("mlp", flat=False)
    mlp.set_params(mlpclassifier__epochs=1).fit(images, y[:100])
    assert mlp[-1].image_shape_ == (8, 6, 1)
    assert {row.error for row in compare(["mlp", "knn"], images, y[:100], cv=2).rows} == {None}


def test_labels():
    models = [SVC(), ("mine", "knn"), make_pipeline(MnistScaler(), SVC()), "knn", GaussianNB()]
    labels = [label for label, _ in find_models(models)]
    assert labels == ["SVC-1", "mine", "SVC-2", "knn", "GaussianNB"]
    assert [label for label, _ in find_models({"a": SVC(), "b": "knn"})] == ["a", "b"]


# Failures.


def test_failure_stays_in_its_row():
    comparison = compare(["knn", ("bad", Failing()), "naive-bayes"], X, y, cv=2)
    assert [row.model for row in comparison.rows] == ["knn", "naive-bayes", "bad"]
    bad = comparison.rows[-1]
    assert comparison.failures == [bad]
    assert bad.error == "fold 1: RuntimeError: cannot\nfit"
    assert math.isnan(bad.accuracy) and math.isnan(bad.fit_seconds)
    assert "bad failed in fold 1: RuntimeError: cannot fit" in str(comparison)


def test_failure_in_a_later_fold_leaves_no_mean():
    images = np.column_stack([np.arange(300), np.zeros(300)])
    steps = []
    comparison = compare(Failing(image=150), images, y, cv=KFold(3), progress=steps.append)
    row = comparison.rows[0]
    assert row.error.startswith("fold 2: ")
    assert math.isnan(row.accuracy)
    assert len(row.folds) == 2 and len(steps) == 4


def test_keyboard_interrupt_is_not_a_failure():
    with pytest.raises(KeyboardInterrupt):
        compare(Failing(error=KeyboardInterrupt), X, y, cv=2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("knm", X, y), ValueError, r"Unknown model 'knm'\. Did you mean 'knn'\?"),
        (([], X, y), ValueError, "at least one model"),
        ((SVC, X, y), TypeError, r"pass SVC\(\)"),
        (([3], X, y), TypeError, "got 3 of type int"),
        (("knn", X, None), ValueError, "got no y"),
        (("knn", None, y), ValueError, "got no X"),
        (("knn", X, y[:-1]), ValueError, "inconsistent numbers of samples"),
        (("knn", X[:8], y[:8]), ValueError, "n_splits=5"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        compare(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cv": 1}, "n_splits=1"),
        ({"cv": []}, "at least one split"),
        ({"cv": "five"}, "five"),
        ({"random_state": "zero"}, "got 'zero'"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        compare("knn", X, y, **options)


# Progress.


def test_progress_reports_begin_and_end_of_every_fold():
    steps = []
    comparison = compare(["knn", "naive-bayes"], X, y, cv=2, progress=steps.append)
    assert all(isinstance(step, Step) for step in steps)
    assert [(s.model, s.fold, s.number, s.result is None) for s in steps] == [
        ("knn", 1, 1, True),
        ("knn", 1, 1, False),
        ("knn", 2, 2, True),
        ("knn", 2, 2, False),
        ("naive-bayes", 1, 3, True),
        ("naive-bayes", 1, 3, False),
        ("naive-bayes", 2, 4, True),
        ("naive-bayes", 2, 4, False),
    ]
    assert {(step.n_folds, step.n_steps) for step in steps} == {(2, 4)}
    assert steps[1].result == comparison.rows[0].folds[0]


# Output.


@pytest.fixture
def comparison():
    folds = (Fold(0.9, 1.0, 2000.0), Fold(1.0, 3.0, 4000.0))
    rows = (
        Row("good|one", SVC(), folds),
        Row("bad", SVC(), (Fold(error="ValueError: " + "long message " * 20),)),
    )
    return Comparison(rows, 1200, (28, 28), 10, 2, 4, 8, {"skmnist": "0.1.0"})


def test_text(comparison):
    lines = str(comparison).splitlines()
    assert lines[0] == "model     accuracy           fit s  predict µs/image"
    assert lines[2] == "good|one  0.9500 ± 0.0707     2.00           3,000.0"
    assert lines[3] == "bad       failed, see below"
    assert max(map(len, lines)) < 80
    assert repr(comparison) == str(comparison)
    text = " ".join(lines)
    assert "1,200 images of 28 x 28 pixels, 10 classes" in text
    assert "2 folds, the same for all models, seed 4" in text
    assert "8 cores; skmnist 0.1.0" in text


def test_markdown(comparison):
    lines = comparison.to_markdown().splitlines()
    assert lines[:4] == [
        "| model | accuracy | fit s | predict µs/image |",
        "|:---|:---|---:|---:|",
        "| good\\|one | 0.9500 ± 0.0707 | 2.00 | 3,000.0 |",
        "| bad | failed, see below |  |  |",
    ]
    assert lines[5].startswith("- bad failed in fold 1: ValueError")


def test_frame(comparison):
    frame = comparison.to_frame()
    assert frame.index.name == "model"
    assert frame.loc["good|one", "accuracy"] == pytest.approx(0.95)
    assert frame.loc["good|one", "predict_microseconds"] == 3000
    assert frame.loc["good|one", "error"] is None
    assert np.isnan(frame.loc["bad", "accuracy"])
    assert frame.loc["bad", "error"].startswith("fold 1: ValueError")
    assert frame["accuracy_std"].dtype == float


def test_frame_without_pandas(comparison, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"skmnist\[frames\]"):
        comparison.to_frame()


def test_dict_fits_into_json(comparison):
    content = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    good, bad = content["models"]
    assert good["accuracy"] == pytest.approx(0.95)
    assert [fold["accuracy"] for fold in good["folds"]] == [0.9, 1.0]
    assert bad["accuracy"] is None
    assert bad["error"].startswith("fold 1")
    assert (content["n_images"], content["image_shape"]) == (1200, [28, 28])


def test_versions_and_machine():
    comparison = compare("knn", X, y, cv=2)
    assert comparison.n_cores >= 1
    assert {"skmnist", "Python", "scikit-learn", "NumPy"} <= set(comparison.versions)
    assert comparison.versions["NumPy"] == np.__version__
