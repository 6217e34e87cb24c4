"""Which classes are taken for which."""

from __future__ import annotations

import numpy as np


def confused_pairs(counts):
    """Return all confused pairs of a confusion matrix, the most frequent first.

    Parameters
    ----------
    counts : array-like of int of shape (n_classes, n_classes)
        Number of images of each true class (rows) and predicted class (columns).

    Returns
    -------
    pairs : list of (int, int, int)
        Number of the true class, number of the predicted class, and count.  Pairs of equal
        counts are in the order of the classes.
    """
    counts = np.asarray(counts)
    pairs = [(int(i), int(j), int(counts[i, j])) for i, j in np.argwhere(counts) if i != j]
    return sorted(pairs, key=lambda pair: -pair[2])
