"""Differences between models are those that ``skmnist.statistics`` finds."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier

from skmnist import compare
from skmnist.comparison import Fold, Row
from skmnist.comparison._differences import find_differences
from skmnist.statistics import (
    accuracy_interval,
    bayesian_rope,
    corrected_interval,
    corrected_t_test,
    holm,
    mcnemar,
    paired_rope,
    verdict,
)
from tests.comparison.cases import Constant, Failing, X, y

MODELS = {
    "best": GaussianNB(var_smoothing=0.1),
    "bayes": GaussianNB(var_smoothing=1e-3),
    "tree": DecisionTreeClassifier(random_state=0),
    "bad": Failing(),
    "zero": Constant(),
}


@pytest.fixture(scope="module")
def folds():
    return compare(MODELS, X, y, cv=5, rope=0.02, alpha=0.01, scoring=["f1_macro", "accuracy"])


@pytest.fixture(scope="module")
def fixed():
    return compare(
        MODELS, X[:200], y[:200], X_test=X[200:], y_test=y[200:], rope=0.02, scoring="f1_macro"
    )


@pytest.mark.slow("compares networks")
def test_over_folds(folds):
    rows = {row.model: row for row in folds.rows if row.error is None}
    pairs = list(combinations(rows, 2))
    assert [(d.better, d.worse) for d in folds.differences] == pairs
    assert len(pairs) == 6
    for difference in folds.differences:
        scores = [rows[name].values("f1_macro") for name in (difference.better, difference.worse)]
        ratio = 60 / 240
        expected = corrected_t_test(scores[0] - scores[1], ratio)
        assert difference.metric == "f1_macro"
        assert difference.mean == expected.mean >= 0
        assert (difference.low, difference.high) == (expected.low, expected.high)
        assert difference.p_value == expected.p_value
        assert difference.rope == bayesian_rope(scores[0] - scores[1], ratio, rope=0.02)
        assert difference.test == "corrected resampled t-test"
    assert_told_by_holm(folds.differences, rope=0.02, alpha=0.01)


def assert_told_by_holm(differences, rope, alpha):
    adjusted = holm([difference.p_value for difference in differences])
    for difference, p in zip(differences, adjusted, strict=True):
        assert difference.p_adjusted == p >= difference.p_value
        said = verdict(
            difference.better,
            difference.worse,
            difference.mean,
            p,
            difference.rope,
            rope=rope,
            alpha=alpha,
        )
        assert (difference.verdict, str(difference)) == (said.answer, said.words)


def test_on_a_fixed_test_set(fixed):
    right = {
        row.model: row.folds[0].predicted == y[200:] for row in fixed.rows if row.error is None
    }
    assert {frozenset((d.better, d.worse)) for d in fixed.differences} == set(
        map(frozenset, combinations(right, 2))
    )
    for difference in fixed.differences:
        pair = right[difference.better], right[difference.worse]
        expected = mcnemar(*pair)
        assert difference.metric == "accuracy"
        assert difference.test == "McNemar"
        assert (
            difference.mean == expected.difference == pytest.approx(pair[0].mean() - pair[1].mean())
        )
        assert difference.mean >= 0
        assert (difference.low, difference.high) == (expected.low, expected.high)
        assert difference.p_value == expected.p_value
        assert difference.rope == paired_rope(*pair, rope=0.02)
    assert_told_by_holm(fixed.differences, rope=0.02, alpha=0.05)


def test_accuracy_decides_mcnemar_where_another_metric_orders_the_rows():
    def bad_first(model, X, y):
        return 1 - np.mean(model.predict(X) == y)

    data = {"X_test": X[200:], "y_test": y[200:], "scoring": {"errors": bad_first}}
    comparison = compare({"best": MODELS["best"], "zero": Constant()}, X[:200], y[:200], **data)
    assert [row.model for row in comparison.rows] == ["zero", "best"]
    (difference,) = comparison.differences_to_best()
    assert (difference.better, difference.worse) == ("best", "zero")


def test_one_split_is_a_fixed_test_set():
    comparison = compare(
        {"best": MODELS["best"], "zero": Constant()}, X, y, cv=ShuffleSplit(1, random_state=0)
    )
    test = comparison.rows[0].folds[0].test
    right = [row.folds[0].predicted == y[test] for row in comparison.rows]
    assert comparison.differences[0].p_value == mcnemar(*right).p_value


def test_intervals(folds, fixed):
    for row in folds.rows[:-1]:
        for metric in folds.metrics:
            expected = corrected_interval(row.values(metric), 60 / 240)
            assert row.interval(metric) == expected
    for row in compare(MODELS, X[:200], y[:200], X_test=X[200:], y_test=y[200:]).rows[:-1]:
        n_right = np.sum(row.folds[0].predicted == y[200:])
        assert row.interval("accuracy") == accuracy_interval(n_right, 100)
    assert all(np.isnan(row.interval("f1_macro")).all() for row in fixed.rows)


def test_ratio_of_test_to_training_images_is_the_mean_over_splits():
    rows = np.arange(300)
    splits = [(rows[:100], rows[100:]), (rows[100:], rows[:100])]
    row = compare(GaussianNB(), X, y, cv=splits).rows[0]
    assert row.test_train_ratio == pytest.approx((2 + 0.5) / 2)
    assert compare(GaussianNB(), X, y, cv=KFold(4)).rows[0].test_train_ratio == pytest.approx(1 / 3)


def test_interval_of_something_else_that_is_called_accuracy():
    data = {"X_test": X[200:], "y_test": y[200:]}
    for score in (7.0, -0.5, 0.1234):
        scoring = {"accuracy": lambda model, X, y, score=score: score}
        comparison = compare(GaussianNB(), X[:200], y[:200], scoring=scoring, **data)
        assert np.isnan(comparison.rows[0].interval("accuracy")).all()
        assert f"{score:.4f}" in str(comparison)


def test_means_that_are_equal_but_for_rounding():
    # Means of these are equal in one order of summing, and in another not.
    scores = np.array([1e8, 0.1, 0.3, 1e8 / 3, 7.7])

    def fold(value):
        return Fold({"m": value}, test=np.arange(10), predicted=np.zeros(10))

    def row(name, values):
        return Row(name, None, tuple(map(fold, values)), 0.25)

    for shift in range(5):
        rows = [row("a", scores), row("b", np.roll(scores, shift))]
        rows.sort(key=lambda row: -row.mean("m"))
        (difference,) = find_differences(rows, "m", np.zeros(10), rope=0.01, alpha=0.05)
        assert difference.mean >= 0 and difference.verdict != "yes"


def test_the_old_name_of_differences_to_best(folds):
    with pytest.warns(FutureWarning, match="renamed to differences_to_best"):
        assert folds.verdicts() == folds.differences_to_best()


def test_verdicts_are_those_of_the_best_model(folds):
    verdicts = folds.differences_to_best()
    assert [d.better for d in verdicts] == [folds.rows[0].model] * 3
    assert verdicts == [d for d in folds.differences if d.better == folds.rows[0].model]
    assert verdicts[-1].worse == "zero" and verdicts[-1].verdict == "yes"


def test_the_same_model_twice_is_not_better_than_itself():
    comparison = compare([GaussianNB(), GaussianNB()], X, y, cv=5)
    (difference,) = comparison.differences
    assert difference.verdict == "no"
    assert difference.mean == 0 and difference.p_value == 1
    assert difference.rope[1] > 0.95


def test_no_verdict_without_a_second_model(folds):
    comparison = compare({"best": MODELS["best"], "bad": Failing()}, X, y, cv=2)
    assert comparison.differences == () and comparison.differences_to_best() == []


def test_alpha_and_rope_decide():
    models = {"best": MODELS["best"], "tree": MODELS["tree"]}
    strict, usual = (compare(models, X, y, alpha=alpha) for alpha in (1e-9, 0.2))
    assert strict.differences[0].p_adjusted == usual.differences[0].p_adjusted
    assert (strict.differences[0].verdict, usual.differences[0].verdict) == ("can't tell", "yes")
    wide = compare(models, X, y, rope=0.9, alpha=1e-9).differences[0]
    assert wide.verdict == "no" and wide.rope[1] > 0.99
