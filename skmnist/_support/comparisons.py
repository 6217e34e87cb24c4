"""Reading what a comparison keeps, for pictures and reports of it."""

from __future__ import annotations

import numpy as np


def predictions_of(comparison, row):
    """Return what a model of a comparison predicted, over all folds.

    Parameters
    ----------
    comparison : Comparison
        What :func:`skmnist.compare` returned.
    row : Row
        The model.

    Returns
    -------
    test : ndarray of shape (n_predicted,)
        Which images were predicted; those of repeated splits occur several times.
    predicted : ndarray of shape (n_predicted,)
        Their predicted labels.
    probabilities : ndarray of shape (n_predicted, n_classes) or None
        Their probabilities; None if the model gives none.
    """
    test = np.concatenate([fold.test for fold in row.folds])
    predicted = np.concatenate([fold.predicted for fold in row.folds])
    probabilities = [fold.probabilities for fold in row.folds]
    if any(part is None for part in probabilities):
        return test, predicted, None
    return test, predicted, np.concatenate(probabilities)
