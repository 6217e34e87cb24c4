"""Read the predictions that a comparison holds, for plots and reports."""

from __future__ import annotations

import numpy as np


def predictions_of(comparison, row):
    """Return the predictions of a model of a comparison, over all folds.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`skmnist.compare`.
    row : Row
        The model.

    Returns
    -------
    test : ndarray of shape (n_predicted,)
        Row numbers of the predicted images; repeated splits predict an image several times.
    predicted : ndarray of shape (n_predicted,)
        Their predicted labels.
    probabilities : ndarray of shape (n_predicted, n_classes) or None
        Their probabilities; None if the model does not compute them.
    """
    test = np.concatenate([fold.test for fold in row.folds])
    predicted = np.concatenate([fold.predicted for fold in row.folds])
    probabilities = [fold.probabilities for fold in row.folds]
    if any(part is None for part in probabilities):
        return test, predicted, None
    return test, predicted, np.concatenate(probabilities)
