"""What a model costs: time, weights, size, memory; and what else a fold keeps."""

import pickle
import time
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier as SklearnMLP
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import SVC

from skmnist import MLPClassifier, compare
from skmnist._support.pipelines import unwrap
from skmnist.comparison import _peak_memory
from tests.comparison.cases import Constant, Failing, X, y

MEGABYTE = 10**6


class Sleeper(ClassifierMixin, BaseEstimator):
    """Takes a known time, and longer in the first prediction."""

    def fit(self, X, y):
        self.warm_ = False
        time.sleep(0.05)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        time.sleep(0.01 if self.warm_ else 1)
        self.warm_ = True
        return np.zeros(len(X), dtype=int)


class Hungry(Constant):
    """Uses 200 MB for a moment, in one of its methods."""

    def __init__(self, where="fit"):
        super().__init__(0)
        self.where = where

    def fit(self, X, y):
        self._eat("fit")
        return super().fit(X, y)

    def predict(self, X):
        self._eat("predict")
        return super().predict(X)

    def _eat(self, where):
        if where == self.where:
            np.ones(25 * MEGABYTE).sum()


def only_row(model, *, cv=2, labels=y, **options):
    (row,) = compare(model, X, labels, cv=cv, **options).rows
    assert row.error is None, row.error
    return row


@pytest.mark.slow("compares networks")
def test_times_are_per_fold_and_per_image_after_a_warm_up():
    row = only_row(Sleeper(), cv=3)
    assert all(fold.fit_seconds >= 0.05 for fold in row.folds)
    for fold in row.folds:  # had it been the first prediction, it had taken 10,000
        assert 0.01 / 100 * 1e6 <= fold.predict_microseconds < 1 / 100 * 1e6
    assert row.fit_seconds == pytest.approx(np.mean([f.fit_seconds for f in row.folds]))
    assert row.predict_microseconds == pytest.approx(
        np.mean([fold.predict_microseconds for fold in row.folds])
    )


@pytest.mark.slow("builds every kind of model")
@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize(
    ("model", "labels", "expected"),
    [
        (LogisticRegression(), y, 64 * 10 + 10),
        (LogisticRegression(), y % 2, 64 + 1),
        (make_pipeline(MinMaxScaler(), LogisticRegression()), y, 650),
        (GridSearchCV(make_pipeline(LogisticRegression()), {}, cv=2), y, 650),
        (SVC(kernel="linear"), y, 45 * 64 + 45),
        (SklearnMLP((5, 4), max_iter=3), y, 64 * 5 + 5 + 5 * 4 + 4 + 4 * 10 + 10),
        (MLPClassifier((5, 4), epochs=1), y, 64 * 5 + 5 + 5 * 4 + 4 + 4 * 10 + 10),
        (SVC(), y, None),
        (KNeighborsClassifier(), y, None),
        (Constant(), y, None),
    ],
)
def test_number_of_weights(model, labels, expected):
    row = only_row(model, labels=labels)
    assert row.n_parameters == expected
    assert {fold.n_parameters for fold in row.folds} == {expected}


@pytest.mark.parametrize("model", [GaussianNB(), KNeighborsClassifier(), SVC()])
def test_size_is_that_of_a_pickle(model):
    row = only_row(model, cv=KFold(3))
    for fold, (train, _) in zip(row.folds, KFold(3).split(X), strict=True):
        fitted = clone(model).fit(X[train], y[train])
        assert fold.pickled_bytes == len(pickle.dumps(fitted, protocol=5))
    assert row.pickled_bytes == round(np.mean([fold.pickled_bytes for fold in row.folds]))


class Unpicklable(Constant):
    def fit(self, X, y):
        self.function_ = lambda x: x
        return super().fit(X, y)


def test_model_that_cannot_be_pickled_is_compared(tmp_path):
    row = only_row(Unpicklable(), memory=tmp_path)
    assert row.pickled_bytes is None
    assert row.mean("accuracy") > 0


@pytest.fixture
def peak_is_known():
    with _peak_memory.PeakMemory() as memory:
        pass
    if memory.growth is None:
        pytest.skip("this system does not tell the peak of a process's memory")


@pytest.mark.usefixtures("peak_is_known")
def test_peak_of_memory_that_was_freed_is_seen():
    models = [
        ("modest", Constant()),
        ("fits", Hungry("fit")),
        ("after", Constant()),
        ("predicts", Hungry("predict")),
    ]
    rows = {row.model: row for row in compare(models, X, y, cv=2).rows}
    for name in ("fits", "predicts"):
        folds = [fold.peak_memory_bytes / MEGABYTE for fold in rows[name].folds]
        assert all(190 <= peak < 260 for peak in folds), folds
        assert rows[name].peak_memory_bytes == max(f.peak_memory_bytes for f in rows[name].folds)
    for name in ("modest", "after"):
        assert 0 <= rows[name].peak_memory_bytes < 50 * MEGABYTE


@pytest.mark.parametrize("status", [None, "Name:\tpython\n", "VmRSS:\t 5 kB\n"])
def test_peak_where_the_system_does_not_tell(tmp_path, monkeypatch, status):
    file = tmp_path / "status"
    if status is not None:
        file.write_text(status, encoding="ascii")
    monkeypatch.setattr(_peak_memory, "_STATUS", file)
    row = only_row(GaussianNB())
    assert row.peak_memory_bytes is None
    assert row.mean("accuracy") > 0.5


# What else a fold keeps.


def test_predictions_and_probabilities():
    names = np.array(list("zyxwvutsrq"))[y]
    comparison = compare(GaussianNB(), X, names, cv=KFold(3))
    assert comparison.classes.tolist() == sorted("zyxwvutsrq")
    for fold, (train, test) in zip(comparison.rows[0].folds, KFold(3).split(X), strict=True):
        model = GaussianNB().fit(X[train], names[train])
        np.testing.assert_array_equal(fold.test, test)
        np.testing.assert_array_equal(fold.predicted, model.predict(X[test]))
        expected = np.zeros((100, 10), np.float32)
        columns = [comparison.classes.tolist().index(name) for name in model.classes_]
        expected[:, columns] = model.predict_proba(X[test])
        np.testing.assert_array_equal(fold.probabilities, expected)
        assert fold.probabilities.dtype == np.float32


def test_probabilities_that_a_model_does_not_have_are_none():
    assert only_row(Constant()).folds[0].probabilities is None
    assert only_row(SVC()).folds[0].probabilities is None
    # One that has the method, but not with these data, is compared by what it predicts.
    assert only_row(Failing("predict_proba")).folds[0].probabilities is None


class Strange(Failing):
    """Tells of classes that do not occur."""

    def fit(self, X, y):
        super().fit(X, y)
        self.classes_ = np.append(self.classes_[:-1], 77)
        return self


def test_probabilities_of_unknown_classes_are_not_told_as_others():
    assert only_row(Strange(where="never")).folds[0].probabilities is None


def test_history_of_networks():
    network = MLPClassifier((4,), epochs=3, random_state=0)
    row = only_row(make_pipeline(MinMaxScaler(), network))
    for fold in row.folds:
        assert len(fold.history["loss"]) == 3
    assert only_row(GaussianNB()).folds[0].history is None


@pytest.mark.slow("compares networks")
def test_networks_are_reproducible():
    network = MLPClassifier((8,), epochs=2, random_state=0)
    first, second = (only_row(network) for _ in range(2))
    for fold, other in zip(first.folds, second.folds, strict=True):
        np.testing.assert_array_equal(fold.probabilities, other.probabilities)


def test_estimator_is_cloned_for_each_fold():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = GaussianNB()
        only_row(model)
    assert vars(model) == vars(GaussianNB())


def test_weights_of_the_last_step_of_the_best_model():
    search = GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}, cv=2).fit(X, y)
    assert isinstance(unwrap(make_pipeline(MinMaxScaler(), search))[1], GaussianNB)
