"""Bins of confidence, each with its accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

import numpy as np

N_BINS = 15  # as in Guo et al. 2017


@dataclass(frozen=True, eq=False)
class CalibrationBins:
    """Predictions in bins of confidence.

    Parameters
    ----------
    accuracy : ndarray of shape (n_bins,)
        Fraction of correct predictions in each bin; NaN for empty bins.
    confidence : ndarray of shape (n_bins,)
        Mean confidence of the predictions in each bin; NaN for empty bins.
    counts : ndarray of shape (n_bins,), int
        Number of predictions in each bin.
    edges : ndarray of shape (n_bins + 1,)
        Bin edges; each bin includes its upper edge.
    """

    accuracy: np.ndarray
    confidence: np.ndarray
    counts: np.ndarray
    edges: np.ndarray

    @property
    def error(self):
        """Expected calibration error."""
        filled = self.counts > 0
        gaps = np.abs(self.accuracy[filled] - self.confidence[filled])
        return float(self.counts[filled] / self.counts.sum() @ gaps)


def calibration_bins(confidence, right, *, n_bins=N_BINS, strategy="uniform"):
    """Sort predictions into bins of confidence.

    Parameters
    ----------
    confidence : ndarray of shape (n_samples,)
        Probabilities of the predicted labels.
    right : ndarray of shape (n_samples,) of bool
        Whether each prediction is correct.
    n_bins : int >= 1, default=15
        Number of bins.  There are fewer bins of equal counts if many confidences are equal.
    strategy : {"uniform", "quantile"}, default="uniform"
        Bins of equal width, or of equal counts.

    Returns
    -------
    bins : CalibrationBins
        The bins.

    Raises
    ------
    ValueError
        If a parameter is out of range.
    """
    if isinstance(n_bins, (bool, np.bool_)) or not (isinstance(n_bins, Integral) and n_bins >= 1):
        raise ValueError(f"n_bins must be an integer of at least 1. Got {n_bins!r} instead.")
    if strategy not in ("uniform", "quantile"):
        raise ValueError(f"strategy must be 'uniform' or 'quantile'. Got {strategy!r} instead.")
    # Rounded probabilities may exceed 1 by a little.
    confidence = np.minimum(np.asarray(confidence, dtype=np.float64), 1.0)
    if strategy == "uniform":
        edges = np.linspace(0, 1, n_bins + 1)
    else:
        edges = np.unique(np.quantile(confidence, np.linspace(0, 1, n_bins + 1)))
        edges = edges if len(edges) > 1 else np.array([0.0, edges[0]])
    # Bins exclude their lower edge, but the lowest quantile belongs to the first bin.
    places = np.maximum(np.searchsorted(edges, confidence, side="left") - 1, 0)
    counts = np.bincount(places, minlength=len(edges) - 1)
    with np.errstate(invalid="ignore"):
        accuracy, mean = (
            np.bincount(places, weights=values, minlength=len(counts)) / counts
            for values in (right, confidence)
        )
    return CalibrationBins(accuracy, mean, counts, edges)
