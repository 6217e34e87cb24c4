"""Reading labels of any type, without losing their type."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import column_or_1d

_LABEL_KINDS = "biufOUST"  # NumPy's letters for Boolean, integer, float, object and text


def is_missing(label):
    """Tell whether a label is None, NaN or one of pandas' NA and NaT."""
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, (float, np.floating)) and label != label


def read_labels(y, caller):
    """Return `y` as a one-dimensional array without missing labels, texts and numbers apart.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, 1)
        Labels.
    caller : str
        Who asks, for messages.

    Returns
    -------
    labels : ndarray of shape (n_samples,)
        The labels in their own type; pandas' nullable integers and booleans as NumPy's.

    Raises
    ------
    ValueError
        If labels are missing, or of a type that is no label's.
    """
    if hasattr(y, "iloc"):
        y = y.to_numpy()  # else pandas' nullable integers and booleans would become floats
    labels = column_or_1d(y, warn=True)
    if labels.dtype.kind in "US" and not hasattr(y, "dtype"):
        # NumPy writes the numbers and the NaNs of a mixed list as text: look at the list.
        given = np.array(y, dtype=object).ravel()
        if not all(isinstance(label, (str, bytes)) for label in given):
            labels = given
    if labels.dtype.kind not in _LABEL_KINDS:
        raise ValueError(
            f"{caller} expects labels that are numbers, booleans or strings, got y of dtype "
            f"{labels.dtype}."
        )
    if labels.dtype.kind in "fOT" and any(map(is_missing, labels.tolist())):
        raise ValueError(
            f"Input y contains NaN: missing labels (None, NaN or NA), which {caller} does not "
            "accept. Drop those samples, or give them a label of their own."
        )
    return labels
