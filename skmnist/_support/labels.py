"""Validation of labels in any container, without changing their type."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import column_or_1d

# NumPy's letters for booleans, integers, floats, objects, text (three kinds), dates and durations.
_LABEL_KINDS = "biufOUSTMm"


def is_missing(label):
    """Return whether a label is None, NaN, or pandas' NA or NaT."""
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, (float, np.floating)) and label != label


def as_array(y):
    """Convert labels or weights in any container to a NumPy array, except for lists and tuples.

    scikit-learn would not do so for arrays of other libraries.  With ``array_api_dispatch`` it
    computes with the other library, and without it some types are lost.

    Parameters
    ----------
    y : array-like
        Tensors of PyTorch, TensorFlow, Keras or JAX, columns of pandas, polars or PyArrow, xarray,
        buffers, or anything with ``__array__`` or ``__dlpack__``.

    Returns
    -------
    y : ndarray or object
        The array.  Unknown and sparse containers are returned unchanged, for the caller to refuse.
    """
    if y is None or isinstance(y, (np.ndarray, list, tuple)) or hasattr(y, "toarray"):
        return y
    if hasattr(y, "detach"):  # PyTorch: NumPy cannot read tensors with gradients or on a GPU
        y = y.detach().cpu()
        if str(y.dtype) == "torch.bfloat16":
            y = y.float()
    array = _converted(y)
    if array is None:
        return y
    if array.dtype.kind == "V" and array.dtype.names is None:  # bfloat16, which NumPy lacks
        array = array.astype(np.float32)
    is_text = array.dtype == object and array.size and not hasattr(y, "to_numpy")
    if is_text and all(isinstance(v, bytes) for v in array.flat):  # text tensors of TensorFlow
        return np.array([v.decode() for v in array.flat]).reshape(array.shape)
    return array


def _converted(y):
    """Convert a known container to an array; return None for others."""
    if hasattr(y, "to_numpy"):
        # Without this, pandas' nullable integers and booleans would become objects or floats.
        try:
            return y.to_numpy()
        except Exception:  # PyArrow raises if it cannot convert without a copy
            return np.asarray(y)
    if hasattr(y, "__array__") or isinstance(y, memoryview) or hasattr(y, "buffer_info"):
        return np.asarray(y)
    if hasattr(y, "__dlpack__"):
        return np.from_dlpack(y)
    return None


def read_labels(y, caller):
    """Validate labels and return them as a one-dimensional array of their own type.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, 1)
        Labels, in any container that `as_array` knows.
    caller : str
        Name of the estimator, for messages.

    Returns
    -------
    labels : ndarray of shape (n_samples,)
        The labels in their own type.  pandas' nullable integers and booleans become NumPy's.

    Raises
    ------
    ValueError
        If labels are missing, or their type is not supported.
    """
    y = as_array(y)
    if isinstance(y, np.ndarray) and y.dtype.kind == "T":
        # scikit-learn does not support NumPy's StringDType, so it checks only the shape.
        column_or_1d(np.zeros(y.shape, dtype=bool), warn=True)
        labels = y.reshape(-1)
    else:
        labels = column_or_1d(y, warn=True)
    if labels.dtype.kind in "US" and not hasattr(y, "dtype"):
        # NumPy converts numbers and NaN in a mixed list to text.  The list itself shows them.
        given = np.array(y, dtype=object).ravel()
        if not all(isinstance(label, (str, bytes)) for label in given):
            labels = given
    if labels.dtype.kind not in _LABEL_KINDS:
        raise ValueError(
            f"{caller} expects labels that are numbers, booleans, strings, dates or durations. Got "
            f"y of dtype {labels.dtype} instead."
        )
    if _has_missing(labels):
        raise ValueError(
            f"Input y contains NaN: {caller} does not accept missing labels (None, NaN, NaT or "
            "NA). Drop those samples, or give them a label of their own."
        )
    return labels


def _has_missing(labels):
    if labels.dtype.kind in "Mm":
        return bool(np.isnat(labels).any())
    return labels.dtype.kind in "fOT" and any(map(is_missing, labels.tolist()))
