"""Differences between models, and whether they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from skmnist.statistics import (
    bayesian_rope,
    corrected_t_test,
    holm,
    mcnemar,
    paired_rope,
    verdict,
)

T_TEST = "corrected resampled t-test"
MCNEMAR = "McNemar"


@dataclass(frozen=True)
class Difference:
    """Difference between two models, and whether it can be trusted.

    Parameters
    ----------
    better, worse : str
        Their labels; `better` has the higher mean score.
    metric : str
        Score that was tested: the first metric over folds, the accuracy on a fixed test set.
    mean : float
        Mean score of `better` minus that of `worse`.
    low, high : float
        95 % confidence interval of the difference.
    p_value : float
        p-value of the hypothesis that both are equal.
    p_adjusted : float
        p-value corrected for the number of pairs by Holm's method.
    test : {"corrected resampled t-test", "McNemar"}
        The test: Nadeau and Bengio's over folds, McNemar's on a fixed test set.
    rope : tuple of three float
        Probabilities that `better` is worse, that the two are practically equal, and that it is
        better, by more than the region of practical equivalence.
    verdict : {"yes", "no", "can't tell"}
        Whether `better` is better.
    words : str
        The verdict as a sentence.
    """

    better: str
    worse: str
    metric: str
    mean: float
    low: float
    high: float
    p_value: float
    p_adjusted: float
    test: str
    rope: tuple[float, float, float]
    verdict: str
    words: str

    def __str__(self):
        return self.words


def find_differences(rows, metric, y, *, rope, alpha):
    """Test every pair of models.

    Parameters
    ----------
    rows : list of Row
        The models that did not fail, the best first.
    metric : str
        Score to test over folds.
    y : ndarray
        The labels of all test images.
    rope : float
        Differences up to this do not matter.
    alpha : float
        Significance level.

    Returns
    -------
    differences : tuple of Difference
        In the order of `rows`.
    """
    pairs = list(combinations(rows, 2))
    if not pairs:
        return ()
    fixed = len(rows[0].folds) == 1
    tested = [
        _on_test_set(*pair, y, rope) if fixed else _over_folds(*pair, metric, rope)
        for pair in pairs
    ]
    adjusted = holm([result.p_value for _, _, result, _ in tested])
    return tuple(
        _difference(better, worse, result, probabilities, float(p), fixed, metric, rope, alpha)
        for (better, worse, result, probabilities), p in zip(tested, adjusted, strict=True)
    )


def _over_folds(a, b, metric, rope):
    differences = a.values(metric) - b.values(metric)
    if np.mean(differences) < 0:  # the order of the rows and this mean differ by rounding
        a, b, differences = b, a, -differences
    ratio = a.test_train_ratio
    return (
        a.model,
        b.model,
        corrected_t_test(differences, ratio),
        bayesian_rope(differences, ratio, rope=rope),
    )


def _on_test_set(a, b, y, rope):
    # The test compares accuracies, whose order may differ from that of the first metric.
    right_a, right_b = (row.folds[0].predicted == y[row.folds[0].test] for row in (a, b))
    if np.sum(right_a) < np.sum(right_b):
        a, b, right_a, right_b = b, a, right_b, right_a
    return (
        a.model,
        b.model,
        mcnemar(right_a, right_b),
        paired_rope(right_a, right_b, rope=rope),
    )


def _difference(better, worse, result, probabilities, p_adjusted, fixed, metric, rope, alpha):
    mean = result.difference if fixed else result.mean
    decision = verdict(better, worse, mean, p_adjusted, probabilities, rope=rope, alpha=alpha)
    return Difference(
        better=better,
        worse=worse,
        metric="accuracy" if fixed else metric,
        mean=mean,
        low=result.low,
        high=result.high,
        p_value=result.p_value,
        p_adjusted=p_adjusted,
        test=MCNEMAR if fixed else T_TEST,
        rope=tuple(probabilities),
        verdict=decision.answer,
        words=decision.words,
    )
