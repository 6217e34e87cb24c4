"""A model that fails is a row of its own, and loses nothing of the others."""

import math

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from skmnist import compare
from skmnist.comparison import _run
from tests.comparison.cases import NUMBERED, Constant, Failing, X, y


@pytest.mark.parametrize("where", ["fit", "predict"])
@pytest.mark.parametrize("error", [RuntimeError, MemoryError, AssertionError])
def test_failure_stays_in_its_row(where, error):
    models = ["naive-bayes", ("bad", Failing(where, error)), ("constant", Constant())]
    comparison = compare(models, X, y, cv=2)
    assert [row.model for row in comparison.rows] == ["naive-bayes", "constant", "bad"]
    bad = comparison.rows[-1]
    assert comparison.failures == [bad]
    assert bad.error == f"fold 1: {error.__name__}: cannot\n{where}"
    assert len(bad.folds) == 1
    for number in (bad.mean("accuracy"), bad.std("accuracy"), bad.fit_seconds):
        assert math.isnan(number)
    assert all(map(math.isnan, bad.interval("accuracy")))
    assert bad.n_parameters is bad.pickled_bytes is bad.peak_memory_bytes is None
    text = " ".join(str(comparison).split())
    assert f"bad failed in fold 1: {error.__name__}: cannot {where}" in text
    # Differences are of the two that did not fail.
    (difference,) = comparison.differences
    assert {difference.better, difference.worse} == {"naive-bayes", "constant"}


def test_failure_in_a_later_fold_leaves_no_mean():
    steps = []
    comparison = compare(Failing(image=150), NUMBERED, y, cv=KFold(3), progress=steps.append)
    row = comparison.rows[0]
    assert row.error.startswith("fold 2: RuntimeError")
    assert math.isnan(row.mean("accuracy"))
    assert len(row.folds) == 2 and len(steps) == 4
    assert math.isfinite(row.values("accuracy")[0]) and math.isnan(row.values("accuracy")[1])


def test_all_models_may_fail():
    comparison = compare([("a", Failing()), ("b", Failing("predict"))], X, y, cv=2)
    assert [row.model for row in comparison.rows] == ["a", "b"]
    assert comparison.differences == () and comparison.differences_to_best() == []
    assert "a failed in fold 1" in str(comparison)
    one_test = compare(Failing(), X, y, X_test=X[:30], y_test=y[:30])
    assert "One test set of 30" in str(one_test)


def test_keyboard_interrupt_is_not_a_failure():
    with pytest.raises(KeyboardInterrupt):
        compare(["naive-bayes", ("bad", Failing(error=KeyboardInterrupt))], X, y, cv=2)


def test_progress_that_fails_is_not_a_failure_of_the_model():
    def progress(step):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        compare("naive-bayes", X, y, cv=2, progress=progress)


def test_wrong_parameters_are_a_failure_of_that_model():
    comparison = compare([("svc", SVC(C=-1)), GaussianNB()], X, y, cv=2)
    assert "InvalidParameterError" in comparison.rows[-1].error
    assert not comparison.rows[0].error


def test_broken_tensorflow_is_told_in_the_row_of_the_network(monkeypatch):
    def start():
        raise ImportError("no TensorFlow here")

    monkeypatch.setattr(_run._keras, "start", start)
    monkeypatch.setattr(_run._keras, "_started", False)
    comparison = compare(["mlp", "naive-bayes"], X, y, cv=2)
    assert comparison.rows[0].model == "naive-bayes"
    assert comparison.rows[1].error == "fold 1: ImportError: no TensorFlow here"


class Shaped(ClassifierMixin, BaseEstimator):
    """Predicts arrays of a shape."""

    def __init__(self, shape):
        self.shape = shape

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.zeros([len(X) if length is None else length for length in self.shape], int)


def test_predictions_in_a_column_count_as_labels():
    models = [("column", Shaped((None, 1))), ("row", Shaped((None,)))]
    comparison = compare(models, X[:200], y[:200], X_test=X[200:], y_test=y[200:])
    assert not comparison.failures
    assert {row.folds[0].predicted.shape for row in comparison.rows} == {(100,)}
    assert comparison.differences[0].p_value == 1


@pytest.mark.parametrize("shape", [(3,), (None, 10), ()])
def test_predictions_of_a_wrong_shape_are_a_failure(shape):
    def half(model, X, y):
        return 0.5

    comparison = compare([("bad", Shaped(shape)), GaussianNB()], X, y, cv=2, scoring=half)
    assert [row.model for row in comparison.failures] == ["bad"]
