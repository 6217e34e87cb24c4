"""Metrics by name, computed from predictions that are computed once."""

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
# Other columns of tables and files, which metrics must not be named after.
_OTHER_COLUMNS = ("model", "fold", "error", "fit_seconds", "predict_microseconds", "n_parameters")
_OTHER_COLUMNS += ("pickled_bytes", "peak_memory_bytes")


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
        If a name is unknown or reserved, or there is no metric.
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
        raise ValueError("scoring must name at least one metric. Got none instead.")
    for name, metric in named.items():
        if not isinstance(name, str) or not (isinstance(metric, str) or callable(metric)):
            raise _not_scoring(scoring)
        if name in _OTHER_COLUMNS:
            raise ValueError(
                f"A metric cannot be called {name!r}, because another column has that name."
            )
    return {name: _scorer(metric) for name, metric in named.items()}


def _not_scoring(scoring):
    return TypeError(
        "scoring must be a name, a callable, a list of names, or a dict of names to either, with "
        f"the main metric first. Got {scoring!r} of type {type(scoring).__name__} instead."
    )


def _scorer(metric):
    if isinstance(metric, str) and metric not in get_scorer_names():
        raise ValueError(
            f"Unknown metric {metric!r}.{did_you_mean(metric, get_scorer_names())} "
            "sklearn.metrics.get_scorer_names() lists all names."
        )
    return get_scorer(metric)


def compute_scores(scorers, model, X, y, answers):
    """Compute all metrics, or the reasons why they cannot be computed.

    Parameters
    ----------
    scorers : dict of str to callable
        From `read_scoring`.
    model : estimator
        Fitted model.
    X, y : array-like
        Test images and their labels.
    answers : dict of str to ndarray
        Results of the model's methods for `X`, by their names.  Results that a metric needs are
        added.

    Returns
    -------
    scores : dict of str to float
        Score by metric; NaN for a metric with a reason.
    reasons : dict of str to str
        Reason why a score is missing, by metric.

    Raises
    ------
    Exception
        Any exception of the first metric, because the order of the models needs its score.
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
    """Return a score as a float; raise if it is not a finite number."""
    if np.ndim(score) == 0 and hasattr(score, "item"):  # as scikit-learn does
        score = score.item()
    if not isinstance(score, Real):
        raise TypeError(f"the metric must be a number, but it is of type {type(score).__name__}")
    if not math.isfinite(score):
        raise ValueError(f"the metric is {score}")
    return float(score)


@contextlib.contextmanager
def _remembering(model, X, answers):
    """Keep a model from computing the same predictions twice.

    The methods of the model itself are replaced, not the model, because scorers may inspect it.
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
    @functools.wraps(method)  # scorers look at the name of the method
    def answer(images, *args, **options):
        if images is not X or args or options:
            return method(images, *args, **options)
        if name not in answers:
            answers[name] = method(images)
        return answers[name]

    return answer
