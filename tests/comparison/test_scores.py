"""Scores: every way of scikit-learn's, the same numbers, each prediction made once."""

import math

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import accuracy_score, f1_score, get_scorer, make_scorer
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skmnist import compare
from tests.comparison.cases import Constant, X, y

METRICS = [
    "accuracy",
    "balanced_accuracy",
    "f1_macro",
    "roc_auc_ovr",
    "neg_log_loss",
    "neg_brier_score",
    "top_k_accuracy",
    "matthews_corrcoef",
]
CV = StratifiedKFold(3)


class Counting(ClassifierMixin, BaseEstimator):
    """Counts how often all test images are predicted."""

    calls = []

    def fit(self, X, y):
        self.model_ = LogisticRegression().fit(X / 16, y)
        self.classes_ = self.model_.classes_
        return self

    def _note(self, method, X):
        self.calls.append((method, len(X)))
        return getattr(self.model_, method)(X / 16)

    def predict(self, X):
        return self._note("predict", X)

    def predict_proba(self, X):
        return self._note("predict_proba", X)

    def decision_function(self, X):
        return self._note("decision_function", X)


def accuracy(estimator, X, y):
    return accuracy_score(y, estimator.predict(X))


# The same as scikit-learn's.


@pytest.mark.parametrize("labels", [y, np.array(list("abcdefghij"))[y]], ids=["int", "text"])
def test_scores_are_those_of_cross_validate(labels):
    model = make_pipeline(MinMaxScaler(), LogisticRegression())
    expected = cross_validate(model, X, labels, cv=CV, scoring=METRICS)
    comparison = compare(model, X, labels, cv=CV, scoring=METRICS)
    assert comparison.metrics == tuple(METRICS)
    row = comparison.rows[0]
    assert not row.reasons
    for metric in METRICS:
        np.testing.assert_array_equal(row.values(metric), expected[f"test_{metric}"])
        assert row.mean(metric) == pytest.approx(np.mean(expected[f"test_{metric}"]))
        assert row.std(metric) == pytest.approx(np.std(expected[f"test_{metric}"], ddof=1))


@pytest.mark.parametrize("model", [RidgeClassifier(), GaussianNB()])
def test_scores_of_two_classes(model):
    metrics = ["roc_auc", "average_precision", "f1", "precision"]
    expected = cross_validate(model, X, y % 2, cv=CV, scoring=metrics)
    row = compare(model, X, y % 2, cv=CV, scoring=metrics).rows[0]
    for metric in metrics:
        np.testing.assert_array_equal(row.values(metric), expected[f"test_{metric}"])


@pytest.mark.parametrize(
    ("scoring", "names"),
    [
        ("f1_macro", ("f1_macro",)),
        (["f1_macro"], ("f1_macro",)),
        (("f1_macro", "accuracy"), ("f1_macro", "accuracy")),
        ({"mine": "f1_macro", "other": accuracy}, ("mine", "other")),
        ({"mine": make_scorer(f1_score, average="macro")}, ("mine",)),
        (get_scorer("f1_macro"), ("score",)),
        (lambda model, X, y: f1_score(y, model.predict(X), average="macro"), ("<lambda>",)),
    ],
)
def test_every_way_to_name_metrics(scoring, names):
    comparison = compare(GaussianNB(), X, y, cv=CV, scoring=scoring)
    assert comparison.metrics == names
    expected = cross_validate(GaussianNB(), X, y, cv=CV, scoring="f1_macro")["test_score"]
    np.testing.assert_array_equal(comparison.rows[0].values(names[0]), expected)


def test_a_function_gives_its_name():
    assert compare(GaussianNB(), X, y, cv=2, scoring=accuracy).metrics == ("accuracy",)


def test_first_metric_decides_the_order():
    def zeros(model, X, y):
        return np.mean(model.predict(X) == 0)

    models = [("zero", Constant(0)), ("bayes", GaussianNB())]
    assert compare(models, X, y, cv=2).rows[0].model == "bayes"
    comparison = compare(models, X, y, cv=2, scoring={"zeros": zeros, "accuracy": "accuracy"})
    assert comparison.rows[0].model == "zero"
    assert comparison.differences[0].metric == "zeros"


# Predictions.


def test_each_prediction_is_made_once():
    Counting.calls.clear()
    metrics = ["accuracy", "f1_macro", "neg_log_loss", "roc_auc_ovr", "neg_brier_score"]
    compare(Counting(), X, y, cv=2, scoring=metrics)
    assert Counting.calls == [("predict", 16), ("predict", 150), ("predict_proba", 150)] * 2
    Counting.calls.clear()
    compare(Counting(), X, y % 2, cv=2, scoring=["roc_auc", "average_precision", "f1"])
    once = [("predict", 16), ("predict", 150), ("predict_proba", 150), ("decision_function", 150)]
    assert Counting.calls == once * 2


def test_scorers_that_choose_images_get_real_predictions():
    def of_some(model, X, y):
        return np.mean(model.predict(X[:20]) == y[:20])

    def of_reversed(model, X, y):
        return np.mean(model.predict(X[::-1]) == y[::-1])

    scoring = {"all": "accuracy", "some": of_some, "reversed": of_reversed}
    expected = cross_validate(GaussianNB(), X, y, cv=CV, scoring=scoring)
    row = compare(GaussianNB(), X, y, cv=CV, scoring=scoring).rows[0]
    for name in scoring:
        np.testing.assert_array_equal(row.values(name), expected[f"test_{name}"])
    assert not np.array_equal(row.values("all"), row.values("some"))


def test_scorers_see_the_model_itself():
    model = make_pipeline(MinMaxScaler(), LogisticRegression())

    def n_zeros(fitted, X, y):
        assert isinstance(fitted, type(model)) and len(fitted) == 2
        return float(np.sum(fitted[-1].coef_ == 0))

    row = compare(model, X, y, cv=2, scoring=["accuracy"]).rows[0]
    looked = compare(model, X, y, cv=2, scoring={"zeros": n_zeros}).rows[0]
    assert looked.error is None and looked.mean("zeros") > 0
    # What the model remembered while it was scored is not part of it.
    assert looked.pickled_bytes == row.pickled_bytes


# Metrics that cannot be computed.


def test_missing_metric_has_a_reason():
    models = [("bayes", GaussianNB()), ("ridge", RidgeClassifier())]
    comparison = compare(models, X, y, cv=2, scoring=["accuracy", "neg_log_loss"])
    assert not comparison.failures
    rows = {row.model: row for row in comparison.rows}
    assert np.isfinite(rows["bayes"].mean("neg_log_loss")) and not rows["bayes"].reasons
    assert np.isnan(rows["ridge"].values("neg_log_loss")).all()
    assert "predict_proba" in rows["ridge"].reasons["neg_log_loss"]
    assert math.isnan(rows["ridge"].interval("neg_log_loss")[0])
    text = " ".join(str(comparison).split())
    assert "ridge has no neg log loss: " in text and "bayes has no" not in text


def test_first_metric_missing_is_a_failure_of_that_model_only():
    models = [("bayes", GaussianNB()), ("ridge", RidgeClassifier())]
    comparison = compare(models, X, y, cv=2, scoring=["neg_log_loss", "accuracy"])
    assert [row.model for row in comparison.failures] == ["ridge"]
    assert "predict_proba" in comparison.rows[-1].error
    assert comparison.rows[0].error is None


@pytest.mark.parametrize("score", [float("nan"), -math.inf, "high", None, np.ones(2)])
def test_metric_that_is_no_number(score):
    bad = {"bad": lambda model, X, y: score}
    comparison = compare(GaussianNB(), X, y, cv=2, scoring={"accuracy": "accuracy", **bad})
    assert math.isnan(comparison.rows[0].mean("bad")) and "bad" in comparison.rows[0].reasons
    assert comparison.rows[0].mean("accuracy") > 0.5
    assert "metric" in compare(GaussianNB(), X, y, cv=2, scoring=bad).rows[0].error


@pytest.mark.parametrize("score", [np.float32(0.5), np.array(0.5), np.float64(0.5), 0.5, True])
def test_metric_that_is_a_number(score):
    row = compare(GaussianNB(), X, y, cv=2, scoring={"m": lambda model, X, y: score}).rows[0]
    assert row.mean("m") == float(score)
    assert type(row.folds[0].scores["m"]) is float


# Mistakes.


@pytest.mark.parametrize(
    ("scoring", "error", "message"),
    [
        ("acuracy", ValueError, r"Unknown metric 'acuracy'\. Did you mean 'accuracy'\?"),
        (["accuracy", "f1_makro"], ValueError, "Did you mean 'f1_macro'"),
        ([], ValueError, "at least one metric"),
        ({}, ValueError, "at least one metric"),
        (3, TypeError, "Got 3 of type int"),
        (None, TypeError, "Got None"),
        ([accuracy], TypeError, "scoring must be a name"),
        ({"accuracy", "f1_macro"}, TypeError, "of type set"),
        ({1: "accuracy"}, TypeError, "a dict of names"),
        ({"a": 1}, TypeError, "scoring must be"),
        ({"error": "accuracy"}, ValueError, "cannot be called 'error'"),
    ],
)
def test_wrong_scoring(scoring, error, message):
    with pytest.raises(error, match=message):
        compare("knn", X, y, scoring=scoring)
