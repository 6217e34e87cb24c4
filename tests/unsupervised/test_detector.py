"""AutoencoderOutlierDetector: the threshold, and what it finds."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.ensemble import IsolationForest

from skmnist import AutoencoderOutlierDetector
from tests.unsupervised.cases import CASES


@pytest.mark.parametrize("contamination", [0.01, 0.05, 0.1, 0.25, 1 / 3, 0.5])
def test_contamination_is_the_share_of_outliers_in_training(contamination, X):
    fitted = CASES["detector"].make(epochs=1, contamination=contamination).fit(X)
    found = fitted.predict(X)
    assert set(found) == {-1, 1}
    assert found.dtype.kind == "i"
    assert abs((found == -1).sum() - contamination * 120) <= 1
    lowest = np.argsort(fitted.score_samples(X))[: (found == -1).sum()]
    np.testing.assert_array_equal(np.sort(lowest), np.flatnonzero(found == -1))


def test_methods_agree(fitted_once, X):
    fitted = fitted_once("detector")
    scores, decision = fitted.score_samples(X), fitted.decision_function(X)
    assert scores.shape == decision.shape == (120,)
    assert scores.max() <= 0
    assert type(fitted.offset_) is float
    np.testing.assert_array_equal(decision, scores - fitted.offset_)
    np.testing.assert_array_equal(fitted.predict(X) == -1, decision < 0)
    np.testing.assert_array_equal(CASES["detector"].make().fit_predict(X), fitted.predict(X))


def test_contamination_moves_only_the_threshold(fitted_once, X):
    few = fitted_once("detector")
    many = clone(few).set_params(contamination=0.4).fit(X)
    np.testing.assert_array_equal(few.score_samples(X), many.score_samples(X))
    assert many.offset_ > few.offset_
    few.set_params(contamination=0.4)
    assert few.decision_function(X)[0] != many.decision_function(X)[0]  # until it is fitted


def test_weights_of_ones_are_none(fitted_once, X):
    """In the threshold too."""
    weighted = CASES["detector"].make().fit(X, sample_weight=np.full(120, 2.5))
    assert weighted.offset_ == pytest.approx(fitted_once("detector").offset_, rel=1e-4)
    np.testing.assert_array_equal(weighted.predict(X), fitted_once("detector").predict(X))


def test_the_threshold_is_weighted(X):
    """The outliers hold their share of the weight, not of the number of images."""
    weight = np.where(np.arange(120) < 60, 5.0, 0.5)
    for contamination in (0.1, 0.3):
        fitted = CASES["detector"].make(contamination=contamination).fit(X, sample_weight=weight)
        found = fitted.predict(X) == -1
        share = weight[found].sum() / weight.sum()
        assert abs(share - contamination) <= 5 / weight.sum() + 1e-9
    left_out = np.where(np.arange(120) < 60, 1.0, 0.0)
    fitted = CASES["detector"].make(contamination=0.2).fit(X, sample_weight=left_out)
    assert abs((fitted.predict(X[:60]) == -1).sum() - 12) <= 1


def test_the_threshold_is_that_of_what_was_trained_on(X):
    """Images held out, or given to validate on, have no part in it."""
    one = CASES["detector"].make().fit(X)
    other = CASES["detector"].make().fit(X, X_val=1 - X)
    assert one.offset_ == other.offset_


def test_units_do_not_move_the_threshold(fitted_once, X):
    """Padded rows and images of any units are scored the same when training and afterwards."""
    for rows in (X[:, :50], X.reshape(-1, 8, 8) * 16 - 3, np.rint(X * 255).astype(np.uint8)):
        fitted = CASES["detector"].make().fit(rows)
        assert (fitted.predict(rows) == -1).sum() == 12
        assert np.sort(fitted.score_samples(rows))[11] < fitted.offset_
        assert fitted.offset_ <= np.sort(fitted.score_samples(rows))[12]


@pytest.mark.slow("trains until it has learned")
def test_outliers_are_found(X):
    """Negatives and noise are unlike digits; and more clearly so than to a forest."""
    detector = AutoencoderOutlierDetector(
        latent_dim=6, hidden_layer_sizes=(32,), epochs=80, learning_rate=0.01, random_state=0
    ).fit(X)
    noise = np.random.default_rng(0).random((50, 64), dtype=np.float32)
    for outliers in (1 - X[:50], noise):
        assert (detector.predict(outliers) == -1).mean() > 0.95
    forest = IsolationForest(random_state=0).fit(X)
    shuffled = np.random.default_rng(0).permuted(X[:50], axis=1)
    found = [(model.predict(shuffled) == -1).mean() for model in (detector, forest)]
    assert found[0] > 0.9
    assert found[0] >= found[1]


def test_warm_start_moves_the_threshold(fitted_once, X):
    fitted = fitted_once("detector")
    before = fitted.offset_
    fitted.set_params(warm_start=True, epochs=5, learning_rate=0.01).fit(X)
    assert fitted.offset_ > before  # it rebuilds better now
    assert abs((fitted.predict(X) == -1).sum() - 12) <= 1
