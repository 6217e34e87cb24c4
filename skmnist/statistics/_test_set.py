"""Tests and intervals for accuracies on one test set."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from skmnist.statistics._checks import check_fraction, check_rope

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class McNemar:
    """Result of :func:`mcnemar`.

    Parameters
    ----------
    n : int
        Number of test images.
    n_only_a, n_only_b : int
        Number of images that only A, and that only B, labelled correctly.
    difference : float
        Accuracy of A minus accuracy of B.
    p_value : float
        Two-sided p-value of the hypothesis that both have the same accuracy.
    low, high : float
        Confidence interval of the difference of the accuracies.
    """

    n: int
    n_only_a: int
    n_only_b: int
    difference: float
    p_value: float
    low: float
    high: float


def mcnemar(
    correct_a: ArrayLike,
    correct_b: ArrayLike,
    *,
    method: Literal["mid-p", "exact", "chi2"] = "mid-p",
    confidence: float = 0.95,
) -> McNemar:
    """Test whether two classifiers differ, by their answers on one test set.

    McNemar's test looks at the images that only one of the two labelled correctly: if both have
    the same accuracy, each of these images is as likely to be A's as B's [1]_.  The test covers
    the choice of the test images.  It does not cover other training images or another seed,
    because both classifiers were trained once.

    Parameters
    ----------
    correct_a, correct_b : array-like of bool of shape (n_images,)
        Whether A, and B, labelled each image correctly; the same images in the same order.
    method : {"mid-p", "exact", "chi2"}, default="mid-p"
        How the p-value is computed from the images that only one labelled correctly.  "exact" is
        the sign test, which errs on the side of "no difference".  "mid-p" makes up for that by
        counting the observed result by half; Fagerland, Lydersen and Laake recommend it at any
        size [2]_.  "chi2" is the approximation with continuity correction of most textbooks.
    confidence : float in (0, 1), default=0.95
        Confidence level of the interval.

    Returns
    -------
    McNemar
        With the counts ``n``, ``n_only_a`` and ``n_only_b``, the ``difference`` of the
        accuracies, ``p_value``, and the interval ``low`` to ``high`` of the difference.  It is
        Newcombe's: the Wilson intervals of both accuracies, combined according to their
        correlation (his method 10 [3]_).  If both counts are equal, ``p_value`` is 1.

    Raises
    ------
    ValueError
        If the arrays are empty, differ in length, or do not hold true and false (or 1 and 0), or
        another argument has a value that is not allowed.

    See Also
    --------
    paired_rope : Probability that the difference is too small to matter.

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated
       proportions or percentages", Psychometrika 12(2), 153-157, 1947.
       https://doi.org/10.1007/BF02295996
    .. [2] M. W. Fagerland, S. Lydersen and P. Laake, "The McNemar test for binary matched-pairs
       data: mid-p and asymptotic are better than exact conditional", BMC Medical Research
       Methodology 13:91, 2013. https://doi.org/10.1186/1471-2288-13-91
    .. [3] R. G. Newcombe, "Improved confidence intervals for the difference between binomial
       proportions based on paired data", Statistics in Medicine 17(22), 2635-2650, 1998.

    Examples
    --------
    Of 100 images, both labelled 80 correctly, only A 12, only B 3 and neither 5:

    >>> from skmnist.statistics import mcnemar
    >>> a = [True] * 80 + [True] * 12 + [False] * 3 + [False] * 5
    >>> b = [True] * 80 + [False] * 12 + [True] * 3 + [False] * 5
    >>> found = mcnemar(a, b)
    >>> print(f"{found.difference:.2f} ({found.low:.3f} to {found.high:.3f})")
    0.09 (0.013 to 0.172)
    >>> round(found.p_value, 3)
    0.021
    """
    if method not in ("mid-p", "exact", "chi2"):
        raise ValueError(f"method must be 'mid-p', 'exact' or 'chi2'. Got {method!r} instead.")
    confidence = check_fraction(confidence, "confidence")
    both, only_a, only_b, neither = _paired_counts(correct_a, correct_b)
    n = both + only_a + only_b + neither
    low, high = _newcombe(both, only_a, only_b, neither, confidence)
    return McNemar(
        n, only_a, only_b, (only_a - only_b) / n, _mcnemar_p(only_a, only_b, method), low, high
    )


def paired_rope(
    correct_a: ArrayLike, correct_b: ArrayLike, *, rope: float = 0.01
) -> tuple[float, float, float]:
    """Probability that one classifier is better on images like these, or practically equal.

    The counterpart of :func:`bayesian_rope` for one test set.  The shares of images that only A,
    only B, and both or neither label correctly have a Dirichlet posterior [1]_ from Jeffreys's
    prior (half an image in each of the four cells); the distribution of the difference of the
    accuracies follows from it.

    Parameters
    ----------
    correct_a, correct_b : array-like of bool of shape (n_images,)
        Whether A, and B, labelled each image correctly; the same images in the same order.
    rope : float >= 0, default=0.01
        Differences of accuracy up to this do not matter.

    Returns
    -------
    p_left, p_rope, p_right : float
        Probabilities that the accuracy of A minus that of B is below ``-rope``, between, and above
        ``rope``.  They sum to 1.

    Raises
    ------
    ValueError
        If the arrays are empty, differ in length, or do not hold true and false (or 1 and 0), or
        ``rope`` is negative.

    See Also
    --------
    mcnemar : The corresponding test.

    References
    ----------
    .. [1] P. M. E. Altham, "The analysis of matched proportions", Biometrika 58(3), 561-576,
       1971. https://doi.org/10.1093/biomet/58.3.561

    Examples
    --------
    >>> from skmnist.statistics import paired_rope
    >>> a = [True] * 900 + [True] * 6 + [False] * 4 + [False] * 90
    >>> b = [True] * 900 + [False] * 6 + [True] * 4 + [False] * 90
    >>> left, equal, right = paired_rope(a, b, rope=0.01)
    >>> print(f"B better {left:.3f}, equal {equal:.3f}, A better {right:.3f}")
    B better 0.000, equal 0.988, A better 0.012
    """
    rope = check_rope(rope)
    both, only_a, only_b, neither = _paired_counts(correct_a, correct_b)
    # The share s of images that only one labels correctly, and A's share u of those, have
    # independent beta distributions, and the difference is s (2 u - 1).  The mean over s is taken
    # at 1000 quantiles, which is exact to 1e-4.
    quantiles = (np.arange(1000) + 0.5) / 1000
    apart = stats.beta.ppf(quantiles, only_a + only_b + 1, both + neither + 1)
    share = (1 + rope / apart) / 2
    left = float(np.mean(stats.beta.cdf(1 - share, only_a + 0.5, only_b + 0.5)))
    right = float(np.mean(stats.beta.sf(share, only_a + 0.5, only_b + 0.5)))
    return left, max(0.0, 1 - left - right), right


def accuracy_interval(n_correct: int, n: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Confidence interval of an accuracy on one test set, by Wilson's method.

    It lies within 0 and 1, and is not a point even if all labels are right [1]_.

    Parameters
    ----------
    n_correct : int >= 0
        Number of images that were labelled correctly.
    n : int >= 1
        Number of test images.
    confidence : float in (0, 1), default=0.95
        Confidence level.

    Returns
    -------
    low, high : float
        The interval.

    Raises
    ------
    ValueError
        If the numbers are not whole or are outside their ranges.

    See Also
    --------
    corrected_interval : Interval of the mean score of a cross-validation.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22(158), 209-212, 1927.
       https://doi.org/10.1080/01621459.1927.10502953

    Examples
    --------
    >>> from skmnist.statistics import accuracy_interval
    >>> low, high = accuracy_interval(9850, 10000)
    >>> round(low, 4), round(high, 4)
    (0.9824, 0.9872)
    """
    if int(n) != n or n < 1:
        raise ValueError(f"n must be a whole number of at least 1. Got {n!r} instead.")
    if int(n_correct) != n_correct or not 0 <= n_correct <= n:
        raise ValueError(
            f"n_correct must be a whole number from 0 to n={n}. Got {n_correct!r} instead."
        )
    confidence = check_fraction(confidence, "confidence")
    found = stats.binomtest(int(n_correct), int(n)).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


def _mcnemar_p(only_a, only_b, method):
    """Return the two-sided p-value of the counts, if either is equally likely for each image."""
    few, n = min(only_a, only_b), only_a + only_b
    if only_a == only_b:
        return 1.0
    if method == "chi2":
        return float(stats.chi2.sf((abs(only_a - only_b) - 1) ** 2 / n, 1))
    if method == "exact":
        p_value = 2 * stats.binom.cdf(few, n, 0.5)
    else:  # as a sum, because a difference of tiny terms could be negative
        p_value = 2 * stats.binom.cdf(few - 1, n, 0.5) + stats.binom.pmf(few, n, 0.5)
    return float(min(p_value, 1.0))  # rounding can bring it above 1


def _newcombe(both, only_a, only_b, neither, confidence):
    """Return Newcombe's interval of the difference of two paired proportions, his method 10."""
    n = both + only_a + only_b + neither
    a, b = (both + only_a) / n, (both + only_b) / n
    low_a, high_a = accuracy_interval(both + only_a, n, confidence=confidence)
    low_b, high_b = accuracy_interval(both + only_b, n, confidence=confidence)
    # The correlation of the answers, with a continuity correction where it is positive.
    covariance = both * neither - only_a * only_b
    if covariance > 0:
        covariance = max(covariance - n / 2, 0)
    margins = (both + only_a, only_b + neither, both + only_b, only_a + neither)
    phi = covariance / math.sqrt(math.prod(margins)) if all(margins) else 0.0

    def combined(x, y):
        return math.sqrt(max(x * x - 2 * phi * x * y + y * y, 0.0))

    return a - b - combined(a - low_a, high_b - b), a - b + combined(high_a - a, b - low_b)


def _paired_counts(correct_a, correct_b):
    """Return the numbers of images that both, only A, only B and neither labelled correctly."""
    a, b = np.asarray(correct_a), np.asarray(correct_b)
    for name, values in (("correct_a", a), ("correct_b", b)):
        if values.ndim != 1 or not len(values) or not np.isin(values, (0, 1)).all():
            raise ValueError(
                f"{name} must be true or false for each image: whether its label was right. Got "
                f"an array of shape {values.shape} and type {values.dtype} instead."
            )
    if len(a) != len(b):
        raise ValueError(
            "correct_a and correct_b must be about the same images. Got lengths "
            f"{len(a)} and {len(b)} instead."
        )
    a, b = a.astype(bool), b.astype(bool)
    return tuple(int(np.count_nonzero(cell)) for cell in (a & b, a & ~b, ~a & b, ~a & ~b))
