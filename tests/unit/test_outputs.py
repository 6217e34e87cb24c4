"""Outputs: targets of every form, and probabilities and scores of every kind of output."""

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

from skmnist._bridge.data.outputs import Outputs

LOGITS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
CODES = np.array([2, 0, 1])


def test_targets():
    codes = Outputs(3, 3, sparse=True, from_logits=False).targets(CODES)
    assert (codes.tolist(), codes.dtype) == ([2, 0, 1], np.int32)
    rows = Outputs(3, 3, sparse=False, from_logits=False).targets(CODES)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, np.eye(3)[CODES])
    column = Outputs(2, 1, sparse=False, from_logits=False).targets(np.array([1, 0]))
    assert (column.tolist(), column.dtype) == ([[1], [0]], np.float32)


def test_targets_and_probabilities_in_the_networks_order():
    outputs = Outputs(3, 3, sparse=True, from_logits=False, order=(2, 0, 1))
    assert outputs.targets(CODES).tolist() == [1, 2, 0]
    given = softmax(LOGITS, axis=1)
    proba = outputs.probabilities(given)
    np.testing.assert_allclose(proba, given[:, [2, 0, 1]], rtol=1e-6)
    # A network that is sure of the target is sure of the class.
    sure = np.eye(3, dtype=np.float32)[outputs.targets(CODES)]
    np.testing.assert_array_equal(outputs.probabilities(sure).argmax(axis=1), CODES)


def test_probabilities_and_scores_of_logits():
    outputs = Outputs(3, 3, sparse=True, from_logits=True)
    np.testing.assert_allclose(outputs.probabilities(LOGITS), softmax(LOGITS, axis=1), rtol=1e-5)
    np.testing.assert_allclose(outputs.scores(LOGITS), log_softmax(LOGITS, axis=1), rtol=1e-5)
    large = outputs.probabilities(1e4 * LOGITS)
    assert np.isfinite(large).all()


def test_half_precision_adds_up_to_one():
    given = softmax(LOGITS, axis=1) * 1.004
    proba = Outputs(3, 3, sparse=True, from_logits=False).probabilities(given)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("order", [None, (0, 1), (1, 0)])
def test_one_output_of_two_classes(order):
    sign = -1 if order == (1, 0) else 1
    logits = LOGITS[:, :1]
    for from_logits in (False, True):
        outputs = Outputs(2, 1, sparse=False, from_logits=from_logits, order=order)
        given = logits if from_logits else expit(logits)
        proba, scores = outputs.probabilities(given), outputs.scores(given)
        np.testing.assert_allclose(proba[:, 1], expit(sign * logits[:, 0]), rtol=1e-5)
        np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-6)
        np.testing.assert_allclose(scores, sign * logits[:, 0], rtol=1e-4, atol=1e-6)


def test_scores_of_two_outputs_are_log_odds():
    logits = LOGITS[:, :2]
    expected = logits[:, 1] - logits[:, 0]
    for from_logits in (False, True):
        given = logits if from_logits else softmax(logits, axis=1)
        scores = Outputs(2, 2, sparse=True, from_logits=from_logits).scores(given)
        np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-6)


def test_sure_networks_have_finite_scores():
    sure = np.eye(3, dtype=np.float32)
    assert np.isfinite(Outputs(3, 3, sparse=True, from_logits=False).scores(sure)).all()


def test_outputs_that_are_no_probabilities_are_refused():
    outputs = Outputs(3, 3, sparse=True, from_logits=False)
    outputs.check(softmax(LOGITS, axis=1))
    for wrong in (LOGITS, 2 * softmax(LOGITS, axis=1), np.full((2, 3), 0.1)):
        with pytest.raises(ValueError, match="probabilities"):
            outputs.check(wrong)
    Outputs(3, 3, sparse=True, from_logits=True).check(LOGITS)
