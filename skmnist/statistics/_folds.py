"""Tests and intervals for scores on the folds of a cross-validation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from skmnist.statistics._checks import ROUNDING, check_fraction, check_positive, check_rope

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class CorrectedTTest:
    """Result of :func:`corrected_t_test`.

    Parameters
    ----------
    mean : float
        Mean of the differences.
    standard_error : float
        Its corrected standard error.
    statistic : float
        ``mean / standard_error``.
    df : int
        Degrees of freedom of the t distribution: number of differences minus one.
    p_value : float
        Two-sided p-value of the hypothesis that the expected difference is zero.
    low, high : float
        Confidence interval of the expected difference.
    """

    mean: float
    standard_error: float
    statistic: float
    df: int
    p_value: float
    low: float
    high: float


def corrected_t_test(
    differences: ArrayLike, test_train_ratio: float, *, confidence: float = 0.95
) -> CorrectedTTest:
    r"""Test whether two classifiers differ, by their scores on the same folds.

    This is the corrected resampled t-test of Nadeau and Bengio [1]_.  The folds of a
    cross-validation share most of their training images.  Their scores therefore vary less than
    those of independent experiments, and the usual paired t-test finds differences where there
    are none.  The correction increases the variance of the mean of the :math:`n` differences
    :math:`d_i`, which have the variance :math:`s^2`, by the ratio of the sizes of the test and
    training sets.  The statistic has a t distribution with :math:`n - 1` degrees of freedom:

    .. math:: t = \bar d \Big/ \sqrt{s^2 \left(\frac{1}{n} + \frac{n_{test}}{n_{train}}\right)}

    Parameters
    ----------
    differences : array-like of shape (n_folds,)
        Score of A minus score of B, on every fold.  You can also pass the scores of one
        classifier: the interval is then that of its expected score.
    test_train_ratio : float > 0
        Number of test images of a fold, divided by its number of training images: ``1 / (k - 1)``
        for k-fold cross-validation, once or repeated.
    confidence : float in (0, 1), default=0.95
        Confidence level of the interval.

    Returns
    -------
    CorrectedTTest
        With ``mean``, ``standard_error``, ``statistic``, ``df``, ``p_value``, ``low`` and
        ``high``.  With one fold there is no spread to estimate, so all but ``mean`` and ``df``
        are NaN.  Differences that are equal on all folds (to 1e-12) have no spread either.  The
        limits are returned for them, as by :func:`scipy.stats.ttest_1samp`: ``p_value`` is 1 if
        they are zero and 0 otherwise, and the interval is a point.

    Raises
    ------
    ValueError
        If there are no differences, or one is not a finite number, or another argument is
        outside its range.

    See Also
    --------
    bayesian_rope : Probability that the difference is too small to matter.
    holm : Correct the p-values of many pairs.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning
       52(3), 239-281, 2003. https://doi.org/10.1023/A:1024068626366
    .. [2] R. R. Bouckaert and E. Frank, "Evaluating the replicability of significance tests for
       comparing learning algorithms", PAKDD 2004, 3-12 (the same for repeated k-fold
       cross-validation). https://doi.org/10.1007/978-3-540-24775-3_3

    Examples
    --------
    >>> from skmnist.statistics import corrected_t_test
    >>> found = corrected_t_test([0.01, 0.02, 0.03, 0.02, 0.02], test_train_ratio=1 / 4)
    >>> print(f"{found.mean:.3f}, p = {found.p_value:.3f}, {found.low:.3f} to {found.high:.3f}")
    0.020, p = 0.014, 0.007 to 0.033
    """
    differences = _folds(differences)
    ratio = check_positive(test_train_ratio, "test_train_ratio")
    confidence = check_fraction(confidence, "confidence")
    mean, error, df = _mean_and_error(differences, ratio)
    if math.isnan(error):
        return CorrectedTTest(mean, error, math.nan, df, math.nan, math.nan, math.nan)
    # Without any spread, only a mean of exactly zero supports equality.
    limit = math.copysign(math.inf, mean) if mean else 0.0
    statistic = mean / error if error else limit
    half = float(stats.t.ppf((1 + confidence) / 2, df)) * error
    p_value = float(2 * stats.t.sf(abs(statistic), df))
    return CorrectedTTest(mean, error, statistic, df, p_value, mean - half, mean + half)


def corrected_interval(
    scores: ArrayLike, test_train_ratio: float, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Confidence interval of a classifier's expected score, from its scores on the folds.

    Parameters
    ----------
    scores : array-like of shape (n_folds,)
        One score for each fold.
    test_train_ratio : float > 0
        Number of test images of a fold, divided by its number of training images: ``1 / (k - 1)``
        for k-fold cross-validation, once or repeated.
    confidence : float in (0, 1), default=0.95
        Confidence level.

    Returns
    -------
    low, high : float
        The interval, symmetric about the mean; NaN for one fold.  The t distribution has no
        bounds, so an interval of accuracies can reach above 1.

    Raises
    ------
    ValueError
        As :func:`corrected_t_test`, which computes it.

    See Also
    --------
    accuracy_interval : Interval of an accuracy on one test set.

    Examples
    --------
    >>> from skmnist.statistics import corrected_interval
    >>> low, high = corrected_interval([0.91, 0.93, 0.92, 0.94, 0.90], test_train_ratio=1 / 4)
    >>> round(low, 3), round(high, 3)
    (0.891, 0.949)
    """
    found = corrected_t_test(scores, test_train_ratio, confidence=confidence)
    return found.low, found.high


def bayesian_rope(
    differences: ArrayLike, test_train_ratio: float, *, rope: float = 0.01
) -> tuple[float, float, float]:
    """Probability that one classifier is better, or that they are practically equal.

    This is the Bayesian correlated t-test of Corani and Benavoli [1]_: with a flat prior, the
    expected difference follows the Student distribution of :func:`corrected_t_test`, centred at
    the mean difference.  A p-value can only be evidence against equality; these probabilities
    can also be evidence for it.

    Parameters
    ----------
    differences : array-like of shape (n_folds,)
        Score of A minus score of B, on every fold.
    test_train_ratio : float > 0
        Number of test images of a fold, divided by its number of training images: ``1 / (k - 1)``
        for k-fold cross-validation, once or repeated.
    rope : float >= 0, default=0.01
        Region of practical equivalence, in the unit of the scores: differences up to it do not
        matter.  Choose it for your application; 0.01 is one percentage point of accuracy.

    Returns
    -------
    p_left, p_rope, p_right : float
        Probabilities that the expected difference is below ``-rope`` (B is better), between (it
        does not matter), and above ``rope`` (A is better).  They sum to 1.  All are NaN for one
        fold; if the differences are equal on all folds, one of them is 1.

    Raises
    ------
    ValueError
        If there are no differences, or one is not a finite number, or another argument is
        outside its range.

    See Also
    --------
    corrected_t_test : The corresponding test.
    paired_rope : The same probabilities on one test set.

    References
    ----------
    .. [1] G. Corani and A. Benavoli, "A Bayesian approach for comparing cross-validated
       algorithms on multiple data sets", Machine Learning 100, 285-304, 2015.
       https://doi.org/10.1007/s10994-015-5486-z
    .. [2] A. Benavoli, G. Corani, J. Demšar and M. Zaffalon, "Time for a change: a tutorial for
       comparing multiple classifiers through Bayesian analysis", Journal of Machine Learning
       Research 18(77), 1-36, 2017. https://jmlr.org/papers/v18/16-305.html

    Examples
    --------
    >>> from skmnist.statistics import bayesian_rope
    >>> left, equal, right = bayesian_rope([0.01, 0.02, 0.03, 0.02, 0.02], 1 / 4, rope=0.01)
    >>> print(f"B better {left:.3f}, equal {equal:.3f}, A better {right:.3f}")
    B better 0.002, equal 0.050, A better 0.949
    """
    differences = _folds(differences)
    ratio = check_positive(test_train_ratio, "test_train_ratio")
    rope = check_rope(rope)
    mean, error, df = _mean_and_error(differences, ratio)
    if math.isnan(error):
        return math.nan, math.nan, math.nan
    if error == 0:
        left, right = float(mean < -rope), float(mean > rope)
    else:
        left = float(stats.t.cdf((-rope - mean) / error, df))
        right = float(stats.t.sf((rope - mean) / error, df))
    return left, max(0.0, 1 - left - right), right


def _mean_and_error(differences, ratio):
    """Return the mean, Nadeau and Bengio's standard error of it, and the degrees of freedom."""
    n, mean = len(differences), float(np.mean(differences))
    if n == 1:
        return mean, math.nan, 0
    if np.ptp(differences) <= ROUNDING:
        return (mean if abs(mean) > ROUNDING else 0.0), 0.0, n - 1
    return mean, float(np.std(differences, ddof=1)) * math.sqrt(1 / n + ratio), n - 1


def _folds(differences):
    """Return the differences, or scores, of the folds as a checked array."""
    differences = np.asarray(differences, dtype=float)
    if differences.ndim != 1 or not len(differences):
        raise ValueError(
            f"There must be one number for each fold. Got shape {differences.shape} instead."
        )
    if not np.isfinite(differences).all():
        raise ValueError(
            f"The numbers of the folds must be finite. Got {differences.tolist()} instead."
        )
    return differences
