"""Measure one model on one split: scores, predictions, and costs."""

from __future__ import annotations

import contextlib
import gc
import pickle
import time

import numpy as np
from sklearn.base import clone
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import column_or_1d

from skmnist._support.pipelines import unwrap
from skmnist.comparison._measurements import Fold
from skmnist.comparison._peak_memory import PeakMemory
from skmnist.comparison._scoring import compute_scores

_WARM_UP_IMAGES = 16
# Attributes that hold the weights of fitted linear models and perceptrons.
_WEIGHTS = (("coef_", "intercept_"), ("coefs_", "intercepts_"))


def measure(estimator, samples, split, scorers):
    """Fit a clone of a model, predict, and measure both.

    Parameters
    ----------
    estimator : estimator
        The model, which stays unfitted.
    samples : Samples
        The images.
    split : Split
        Their rows to fit to and to test on.
    scorers : dict of str to callable
        The metrics.

    Returns
    -------
    fold : Fold
        The measurements.

    Raises
    ------
    Exception
        Any exception of the model.
    """
    X_train, y_train = samples.train(split)
    X_test, y_test = samples.test(split)
    model = clone(estimator)
    gc.collect()
    with PeakMemory() as memory:
        start = time.perf_counter()
        model.fit(X_train, y_train)
        fit_seconds = time.perf_counter() - start
        model.predict(X_test[:_WARM_UP_IMAGES])
        start = time.perf_counter()
        predicted = model.predict(X_test)
        predict_seconds = time.perf_counter() - start
    predicted = column_or_1d(predicted)
    check_consistent_length(predicted, y_test)
    answers = {"predict": predicted}
    # A metric that needs probabilities raises this error again and gives it as its reason.
    with contextlib.suppress(Exception):
        answers["predict_proba"] = model.predict_proba(X_test)
    scores, reasons = compute_scores(scorers, model, X_test, y_test, answers)
    _, last = unwrap(model)
    history = getattr(last, "history_", None)
    return Fold(
        scores=scores,
        reasons=reasons,
        fit_seconds=fit_seconds,
        predict_microseconds=predict_seconds / len(y_test) * 1e6,
        n_parameters=_count_parameters(last),
        pickled_bytes=_pickled_bytes(model),
        peak_memory_bytes=memory.growth,
        best_params=getattr(model, "best_params_", None),
        test=split.test,
        predicted=predicted,
        probabilities=_aligned(answers.get("predict_proba"), model, samples.classes),
        history=dict(history) if isinstance(history, dict) else None,
    )


def _count_parameters(model):
    """Return the number of weights of a model; None if it has no weights."""
    if hasattr(model, "model_") and hasattr(model.model_, "count_params"):
        return int(model.model_.count_params())
    for slopes, intercepts in _WEIGHTS:
        if hasattr(model, slopes):
            found = (getattr(model, name, ()) for name in (slopes, intercepts))
            return sum(int(np.size(part)) for each in found for part in each)
    return None


class _ByteCounter:
    """A file that only counts bytes: a pickle of k-nearest neighbours is as large as the data."""

    def __init__(self):
        self.n_bytes = 0

    def write(self, data):
        self.n_bytes += memoryview(data).nbytes


def _pickled_bytes(model):
    counter = _ByteCounter()
    # A model that cannot be pickled can still be compared.
    with contextlib.suppress(Exception):
        pickle.Pickler(counter, protocol=5).dump(model)
        return counter.n_bytes
    return None


def _aligned(probabilities, model, classes):
    """Return probabilities with a column for each class of the comparison."""
    known = getattr(model, "classes_", None)
    if probabilities is None or known is None or np.shape(probabilities)[1:] != (len(known),):
        return None
    if not np.isin(known, classes).all():  # classes that were declared, but do not occur
        return None
    aligned = np.zeros((len(probabilities), len(classes)), np.float32)
    aligned[:, np.searchsorted(classes, known)] = probabilities
    return aligned
