"""Metrics by name, computed from predictions that are made once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from numbers import Real

import numpy as np
from sklearn.metrics import get_scorer

_RESPONSES = ("predict", "predict_proba", "predict_log_proba", "decision_function")


def read_scoring(scoring):
    """Return scorers by name.

    Parameters
    ----------
    scoring : str, callable, mapping or iterable of str
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
    else:
        try:
            named = {name: name for name in scoring}
        except TypeError:
            named = {"": scoring}
    if not named:
        raise ValueError("scoring must name at least one metric, got none.")
    for metric in named.values():
        if not isinstance(metric, str) and not callable(metric):
            raise TypeError(
                "scoring must be a name, a callable, a list of names, or a dict of either; got "
                f"{metric!r} of type {type(metric).__name__}."
            )
    return {name: get_scorer(metric) for name, metric in named.items()}


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
    # Under the model's own name, for messages of scikit-learn's.
    answering = type(type(model).__name__, (_Answering,), {})(model, X, answers)
    scores, reasons = {}, {}
    for number, (name, scorer) in enumerate(scorers.items()):
        try:
            score = scorer(answering, X, y)
            if not isinstance(score, Real):
                raise TypeError(f"{name} must return a number, got {type(score).__name__}")
            scores[name] = float(score)
            if number == 0 and np.isnan(scores[name]):
                raise ValueError(f"{name} is NaN")
        except Exception as error:
            if number == 0:
                raise
            scores[name] = float("nan")
            reasons[name] = " ".join(str(error).split())
    return scores, reasons


class _Answering:
    """The model, which does not compute the same predictions twice."""

    def __init__(self, model, X, answers):
        self._model, self._X, self._answers = model, X, answers

    def __getattr__(self, name):
        attribute = getattr(self._model, name)
        if name not in _RESPONSES:
            return attribute

        @functools.wraps(attribute)  # scorers go by the name of the method
        def answer(X):
            if X is not self._X:
                return attribute(X)
            if name not in self._answers:
                self._answers[name] = attribute(X)
            return self._answers[name]

        return answer
