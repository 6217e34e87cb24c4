"""Distance between the confidence of predictions and their accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from skmnist._support.calibration import N_BINS, calibration_bins

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def expected_calibration_error(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    classes: ArrayLike | None = None,
    n_bins: int = N_BINS,
    strategy: Literal["uniform", "quantile"] = "uniform",
) -> float:
    """Compute the mean distance between confidence and accuracy.

    The confidence of a prediction is the largest of its probabilities.  Predictions are sorted
    into bins of confidence; the error is the mean distance between mean confidence and accuracy
    over the bins, weighted by the number of predictions in each.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_proba : array-like of shape (n_samples, n_classes)
        Probabilities, as ``predict_proba`` returns them.
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns of `y_proba`; None for the sorted labels that occur.
    n_bins : int >= 1, default=15
        Number of bins.  There are fewer bins of equal counts if many confidences are equal.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or of equal counts.

    Returns
    -------
    error : float
        Between 0 and 1; 0 if predictions are right as often as their probabilities say.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the shapes do not fit.

    See Also
    --------
    skmnist.plots.ReliabilityDisplay : A diagram of the same bins.

    Notes
    -----
    The error depends on the bins, so compare only errors with the same number of bins and the
    same strategy.  :class:`~skmnist.plots.ReliabilityDisplay`,
    :func:`skmnist.report.write_report` and ``skmnist evaluate`` use the defaults of this function.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017.

    Examples
    --------
    >>> from skmnist.statistics import expected_calibration_error
    >>> probabilities = [[0.75, 0.25], [0.75, 0.25], [0.75, 0.25], [0.25, 0.75]]
    >>> expected_calibration_error([0, 0, 1, 1], probabilities)
    0.0
    >>> expected_calibration_error([0, 1, 1, 0], probabilities)
    0.5
    """
    y_true, y_proba = np.asarray(y_true), np.asarray(y_proba)
    if y_true.ndim != 1 or y_proba.ndim != 2 or len(y_true) != len(y_proba) or not len(y_true):
        raise ValueError(
            "y_true must have shape (n_samples,) and y_proba (n_samples, n_classes). Got shapes "
            f"{y_true.shape} and {y_proba.shape} instead."
        )
    classes = np.unique(y_true) if classes is None else np.asarray(classes)
    if classes.shape != y_proba.shape[1:]:
        raise ValueError(
            f"y_proba has {y_proba.shape[1]} columns, but there are {len(classes)} classes. Pass "
            "the labels of the columns as 'classes'."
        )
    if not (np.isfinite(y_proba).all() and (y_proba >= 0).all() and (y_proba <= 1 + 1e-4).all()):
        raise ValueError("y_proba must hold probabilities: numbers between 0 and 1.")
    right = classes[y_proba.argmax(axis=1)] == y_true
    bins = calibration_bins(y_proba.max(axis=1), right, n_bins=n_bins, strategy=strategy)
    return bins.error
