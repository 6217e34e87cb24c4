"""Metrics by name, computed from predictions that are made once."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Mapping
from numbers import Real

import numpy as np
from sklearn.metrics import get_scorer, get_scorer_names

from skmnist._support.names import did_you_mean

_RESPONSES = ("predict", "predict_proba", "predict_log_proba", "decision_function")
# What else stands beside metrics in tables and files.
_TAKEN = ("model", "fold", "error", "fit_seconds", "predict_microseconds", "n_parameters")
_TAKEN += ("pickled_bytes", "peak_memory_bytes")


def read_scoring(scoring):
    """Return scorers by name.

    Parameters
    ----------
    scoring : str, callable, mapping, or list or tuple of str
        As of :func:`skmnist.compare`.

    Returns
    -------
    scorers : dict of str to callable
        The first one decides the order of the models.

    Raises
    ------
    ValueError
        If a name is unknown, or there is no metric.
    TypeError
        If something is neither a name nor a callable.
    """
    if isinstance(scoring, str):
        named = {scoring: scoring}
    elif isinstance(scoring, Mapping):
        named = dict(scoring)
    elif callable(scoring):
        named = {getattr(scoring, "__name__", "score"): scoring}
    elif isinstance(scoring, (list, tuple)) and all(isinstance(name, str) for name in scoring):
        named = {name: name for name in scoring}
    else:
        raise _not_scoring(scoring)
    if not named:
        raise ValueError("scoring must name at least one metric, got none.")
    for name, metric in named.items():
        if not isinstance(name, str) or not (isinstance(metric, str) or callable(metric)):
            raise _not_scoring(scoring)
        if name in _TAKEN:
            raise ValueError(f"A metric cannot be called {name!r}: a column of the tables is.")
    return {name: _scorer(metric) for name, metric in named.items()}


def _not_scoring(scoring):
    return TypeError(
        "scoring must be a name, a callable, a list of names, or a dict of names to either, in "
        f"the order of their weight; got {scoring!r} of type {type(scoring).__name__}."
    )


def _scorer(metric):
    if isinstance(metric, str) and metric not in get_scorer_names():
        raise ValueError(
            f"Unknown metric {metric!r}.{did_you_mean(metric, get_scorer_names())} "
            "sklearn.metrics.get_scorer_names() lists all."
        )
    return get_scorer(metric)


def compute_scores(scorers, model, X, y, answers):
    """Compute all metrics; where one cannot be computed, say why.

    Parameters
    ----------
    scorers : dict of str to callable
        From `read_scoring`.
    model : estimator
        Fitted.
    X, y : array-like
        Test images and their labels.
    answers : dict of str to ndarray
        What methods of the model gave for `X`, by their names; more are added where a metric
        needs them.

    Returns
    -------
    scores : dict of str to float
        NaN where there is a reason.
    reasons : dict of str to str
        Why metrics are missing.

    Raises
    ------
    Exception
        What the first metric raises, for without it the model has no place among the others.
    """
    scores, reasons = {}, {}
    with _remembering(model, X, answers):
        for number, (name, scorer) in enumerate(scorers.items()):
            try:
                scores[name] = _number(scorer(model, X, y))
            except Exception as error:
                if number == 0:
                    raise
                scores[name] = math.nan
                reasons[name] = " ".join(str(error).split()) or type(error).__name__
    return scores, reasons


def _number(score):
    """Return a score as a float; raise if it is none."""
    if np.ndim(score) == 0 and hasattr(score, "item"):  # as scikit-learn takes it
        score = score.item()
    if not isinstance(score, Real):
        raise TypeError(f"the metric must be a number, got {type(score).__name__}")
    if not math.isfinite(score):
        raise ValueError(f"the metric is {score}")
    return float(score)


@contextlib.contextmanager
def _remembering(model, X, answers):
    """Let a model not compute the same predictions twice.

    It stays what it is, rather than something that stands for it: scorers may look into it.
    """
    known = getattr(model, "__dict__", {})
    names = [name for name in _RESPONSES if name not in known and hasattr(model, name)]
    known.update((name, _answer(name, getattr(model, name), X, answers)) for name in names)
    try:
        yield
    finally:
        for name in names:
            known.pop(name, None)


def _answer(name, method, X, answers):
    @functools.wraps(method)  # scorers go by the name of the method
    def answer(images, *args, **options):
        if images is not X or args or options:
            return method(images, *args, **options)
        if name not in answers:
            answers[name] = method(images)
        return answers[name]

    return answer
