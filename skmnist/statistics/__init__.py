"""Tests and intervals that say whether the difference between two classifiers can be trusted.

These are the functions behind :func:`skmnist.compare`.  They take plain arrays: scores of folds,
or whether each test image was labelled correctly.  ``docs/statistics.md`` explains them.
:func:`expected_calibration_error` says whether probabilities can be trusted.
"""

from skmnist.statistics._calibration import expected_calibration_error
from skmnist.statistics._folds import (
    CorrectedTTest,
    bayesian_rope,
    corrected_interval,
    corrected_t_test,
)
from skmnist.statistics._test_set import McNemar, accuracy_interval, mcnemar, paired_rope
from skmnist.statistics._verdict import Verdict, holm, verdict

__all__ = [
    "CorrectedTTest",
    "McNemar",
    "Verdict",
    "accuracy_interval",
    "bayesian_rope",
    "corrected_interval",
    "corrected_t_test",
    "expected_calibration_error",
    "holm",
    "mcnemar",
    "paired_rope",
    "verdict",
]
