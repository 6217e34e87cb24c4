"""Measurements of one model: on one split, and on all splits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from skmnist.statistics import accuracy_interval, corrected_interval


@dataclass(frozen=True, eq=False)
class Fold:
    """Measurements of one model on one split.

    Parameters
    ----------
    scores : dict of str to float
        Score by metric; NaN if it cannot be computed for this model.
    reasons : dict of str to str
        Reason why a score is missing, by metric.
    fit_seconds : float
        Time to fit, from the raw training images.
    predict_microseconds : float
        Time to predict, per test image, after a warm-up.
    n_parameters : int or None
        Number of weights of the network or linear model at the end; None if it has none.
    pickled_bytes : int or None
        Size of the fitted model as a pickle; None if it cannot be pickled.
    peak_memory_bytes : int or None
        Largest growth of the process's memory while it fitted and predicted; None if the system
        does not report it (other systems than Linux).
    best_params : dict or None
        Best parameters of a search.
    test : ndarray of int
        Rows of the test images, in `Comparison.X` and `Comparison.y`.
    predicted : ndarray of shape (n_test,)
        Their predicted labels.
    probabilities : ndarray of float32 of shape (n_test, n_classes) or None
        Their probabilities, in the order of `Comparison.classes`; None if the model does not
        compute them.
    history : dict of str to list of float, or None
        `history_` of the network; None if the model has none.
    error : str or None
        The error of the model, without other measurements; None if it did not fail.
    """

    scores: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    fit_seconds: float = math.nan
    predict_microseconds: float = math.nan
    n_parameters: int | None = None
    pickled_bytes: int | None = None
    peak_memory_bytes: int | None = None
    best_params: dict[str, Any] | None = None
    test: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    predicted: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    probabilities: np.ndarray | None = None
    history: dict[str, list[float]] | None = None
    error: str | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """Measurements of one model on all splits.

    Parameters
    ----------
    model : str
        Its label.
    estimator : estimator
        The unfitted estimator.
    folds : tuple of Fold
        One for each split, in the order of the splits.  A model that fails is not tried on the
        remaining splits, and its numbers are NaN, because means over fewer folds could not be
        compared with those of the other models.
    test_train_ratio : float
        Number of test images per training image.
    """

    model: str
    estimator: Any
    folds: tuple[Fold, ...]
    test_train_ratio: float = math.nan

    @property
    def error(self) -> str | None:
        """The error with the number of the fold; None if the model did not fail."""
        error = self.folds[-1].error
        return None if error is None else f"fold {len(self.folds)}: {error}"

    @property
    def reasons(self) -> dict[str, str]:
        """Reasons why scores are missing, by metric."""
        return {name: text for fold in self.folds for name, text in fold.reasons.items()}

    def values(self, metric: str) -> np.ndarray:
        """Return the scores of the folds.

        Parameters
        ----------
        metric : str
            Name of the metric.

        Returns
        -------
        scores : ndarray of float of shape (n_folds,)
            In the order of the splits; NaN where the fold failed.
        """
        return np.array([fold.scores.get(metric, math.nan) for fold in self.folds])

    def mean(self, metric: str) -> float:
        """Return the mean score over the folds.

        Parameters
        ----------
        metric : str
            Name of the metric.

        Returns
        -------
        mean : float
            NaN if the model failed or does not have the score.
        """
        return math.nan if self.error is not None else float(np.mean(self.values(metric)))

    def std(self, metric: str) -> float:
        """Return the standard deviation of the scores of the folds.

        Parameters
        ----------
        metric : str
            Name of the metric.

        Returns
        -------
        std : float
            With divisor n - 1; NaN for one fold.
        """
        if self.error is not None or len(self.folds) < 2:
            return math.nan
        return float(np.std(self.values(metric), ddof=1))

    def interval(self, metric: str) -> tuple[float, float]:
        """Return the 95 % confidence interval of the score.

        Parameters
        ----------
        metric : str
            Name of the metric.

        Returns
        -------
        low, high : float
            For several folds, Nadeau and Bengio's interval
            (:func:`~skmnist.statistics.corrected_interval`); for an accuracy on one test set,
            Wilson's (:func:`~skmnist.statistics.accuracy_interval`); otherwise NaN.
        """
        scores = self.values(metric)
        if self.error is not None or np.isnan(scores).any():
            return math.nan, math.nan
        if len(scores) > 1:
            return corrected_interval(scores, self.test_train_ratio)
        n = len(self.folds[0].test)
        n_right = round(scores[0] * n)
        # Another metric may have this name; only for an accuracy n_right is a whole number.
        if metric == "accuracy" and 0 <= n_right <= n and math.isclose(n_right / n, scores[0]):
            return accuracy_interval(n_right, n)
        return math.nan, math.nan

    @property
    def fit_seconds(self) -> float:
        """Mean time to fit on the training images of one split."""
        return self._mean_of("fit_seconds")

    @property
    def predict_microseconds(self) -> float:
        """Mean time to predict, per image."""
        return self._mean_of("predict_microseconds")

    @property
    def n_parameters(self) -> float | None:
        """Mean number of weights; None if there are none."""
        return self._rounded("n_parameters")

    @property
    def pickled_bytes(self) -> float | None:
        """Mean size as a pickle; None if it cannot be pickled."""
        return self._rounded("pickled_bytes")

    @property
    def peak_memory_bytes(self) -> int | None:
        """Largest growth of the process's memory in any fold; None if it is not known."""
        known = self._known("peak_memory_bytes")
        return max(known) if known else None

    def _known(self, name):
        if self.error is not None:
            return []
        values = (getattr(fold, name) for fold in self.folds)
        return [value for value in values if value is not None]

    def _mean_of(self, name):
        known = self._known(name)
        return float(np.mean(known)) if known else math.nan

    def _rounded(self, name):
        mean = self._mean_of(name)
        return None if math.isnan(mean) else round(mean)
