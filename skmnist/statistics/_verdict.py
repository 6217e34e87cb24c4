"""P-values in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skmnist.statistics._checks import ROUNDING, check_fraction, check_rope

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Verdict:
    """Result of :func:`verdict`.

    Parameters
    ----------
    answer : {"yes", "no", "can't tell"}
        Whether one classifier is better than the other.
    words : str
        The answer in sentences, with the numbers behind it.
    """

    answer: str
    words: str

    def __str__(self):
        """Return the answer in words."""
        return self.words


def holm(p_values: ArrayLike) -> np.ndarray:
    """Correct the p-values of many tests at once, by Holm's step-down method.

    If twenty pairs of equal classifiers are tested at 0.05, one test is expected to find a
    difference.  If you compare the adjusted p-values with ``alpha`` instead, the probability of
    finding any difference that does not exist is at most ``alpha``, however the tests depend on
    one another [1]_.

    Parameters
    ----------
    p_values : array-like of shape (n_tests,)
        The p-values; NaN for a test that was not possible.

    Returns
    -------
    ndarray of shape (n_tests,)
        The adjusted p-values in the same order, none smaller than its p-value or greater than 1.
        NaN stays NaN and does not count as a test.

    Raises
    ------
    ValueError
        If the p-values are not a one-dimensional array of numbers from 0 to 1 or NaN.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
       Journal of Statistics 6(2), 65-70, 1979. https://www.jstor.org/stable/4615733

    Examples
    --------
    >>> from skmnist.statistics import holm
    >>> holm([0.01, 0.04, 0.03, float("nan")])
    array([0.03, 0.06, 0.06,  nan])
    """
    p_values = np.asarray(p_values, dtype=float)
    if p_values.ndim != 1:
        raise ValueError(f"p_values must be one-dimensional. Got shape {p_values.shape} instead.")
    if np.any((p_values < 0) | (p_values > 1)):
        raise ValueError(f"p_values must be between 0 and 1. Got {p_values.tolist()} instead.")
    adjusted = np.full(p_values.shape, np.nan)
    order = np.argsort(p_values, kind="stable")[: np.count_nonzero(~np.isnan(p_values))]
    stepped = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def verdict(
    better: str,
    worse: str,
    difference: float,
    p_value: float,
    rope_probabilities: tuple[float, float, float] | None = None,
    *,
    rope: float = 0.01,
    alpha: float = 0.05,
) -> Verdict:
    """Say in plain words whether one classifier is better than another.

    The answer is "yes" if the test finds a difference (``p_value < alpha``).  It is "no" if the
    test finds none and the two are practically equal with a probability of at least 0.95, and
    "can't tell" otherwise.  A difference that was found can still be too small to matter; the
    words say so.

    Parameters
    ----------
    better, worse : str
        The labels; ``better`` is the one with the higher mean score.
    difference : float >= 0
        Mean score of ``better`` minus that of ``worse``.
    p_value : float
        The p-value, adjusted by :func:`holm` if there are several; NaN if there was no test.
    rope_probabilities : tuple of three float or None, default=None
        Result of :func:`bayesian_rope` or :func:`paired_rope`.  None if they were not computed;
        the answer is then never "no".
    rope : float >= 0, default=0.01
        The region of practical equivalence that they were computed with.
    alpha : float in (0, 1), default=0.05
        Significance level.

    Returns
    -------
    Verdict
        With ``answer`` and ``words``.

    Raises
    ------
    ValueError
        If ``difference`` is negative, or another argument is outside its range.

    Examples
    --------
    >>> from skmnist.statistics import verdict
    >>> print(verdict("forest", "tree", 0.08, 0.002, (0.0, 0.01, 0.99)))
    forest is better than tree: yes. It scores 0.08 higher (p = 0.002).
    >>> verdict("forest", "trees", 0.004, 0.4, (0.01, 0.97, 0.02)).answer
    'no'
    >>> verdict("forest", "boosting", 0.02, 0.2, (0.05, 0.3, 0.65)).answer
    "can't tell"
    """
    alpha = check_fraction(alpha, "alpha")
    rope = check_rope(rope)
    if difference < -ROUNDING:
        raise ValueError(
            f"difference must be at least 0. Got {difference!r} instead. Name the classifier with "
            "the higher mean first."
        )
    if not (math.isnan(p_value) or 0 <= p_value <= 1):
        raise ValueError(f"p_value must be between 0 and 1, or NaN. Got {p_value!r} instead.")
    p_equal = math.nan if rope_probabilities is None else _probabilities(rope_probabilities)[1]
    claim = f"{better} is better than {worse}"
    higher = f"scores {difference:.3g} higher"
    p_words = f"p = {p_value:.3g}" if p_value >= 0.001 else "p < 0.001"
    equal = f"differ by less than {rope:g} with a probability of {_percent(p_equal)}"
    if p_value < alpha:
        words = f"{claim}: yes. It {higher} ({p_words})."
        if p_equal >= 0.95:
            words += f" But that is too little to matter: they {equal}."
        return Verdict("yes", words)
    if p_equal >= 0.95:
        return Verdict("no", f"{claim}: no. They {equal}.")
    if math.isnan(p_value):
        reason = "There are too few results for a test."
    elif difference <= ROUNDING:
        reason = "They score the same here, but may still differ."
    else:
        reason = f"It {higher}, but that may be chance ({p_words})."
    return Verdict("can't tell", f"{claim}: can't tell with this data. {reason}")


def _probabilities(values):
    """Return three probabilities, checked to sum to 1 or to be NaN."""
    values = tuple(float(value) for value in values)
    total = math.fsum(values)
    if len(values) != 3 or not (math.isnan(total) or abs(total - 1) < 1e-6):
        raise ValueError(
            f"rope_probabilities must be three numbers that sum to 1. Got {values} instead."
        )
    return values


def _percent(share):
    """Return a probability as text, not rounded up to certainty."""
    return "more than 99.9 %" if share > 0.999 else f"{100 * share:.3g} %"
