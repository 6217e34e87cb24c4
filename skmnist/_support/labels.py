"""Reading labels of any type, without losing their type."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import column_or_1d

# NumPy's letters for Boolean, integer, float, object, text (of three kinds), dates and durations.
_LABEL_KINDS = "biufOUSTMm"


def is_missing(label):
    """Tell whether a label is None, NaN or one of pandas' NA and NaT."""
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, (float, np.floating)) and label != label


def as_array(y):
    """Return labels or weights in any container as a NumPy array; lists and tuples as they are.

    scikit-learn would take an array of another library for that library's business: with
    ``array_api_dispatch`` it computes on it there, and without it loses some types.

    Parameters
    ----------
    y : array-like
        Tensors of PyTorch, TensorFlow, Keras or JAX, columns of pandas, polars or PyArrow, xarray,
        buffers, or anything with ``__array__`` or ``__dlpack__``.

    Returns
    -------
    y : ndarray, or what was given
        What is no container of these kinds, or is sparse, is left for others to refuse.
    """
    if y is None or isinstance(y, (np.ndarray, list, tuple)) or hasattr(y, "toarray"):
        return y
    if hasattr(y, "detach"):  # PyTorch: of any device, and with gradients
        y = y.detach().cpu()
        if str(y.dtype) == "torch.bfloat16":
            y = y.float()
    array = _converted(y)
    if array is None:
        return y
    if array.dtype.kind == "V" and array.dtype.names is None:  # bfloat16, of which NumPy has none
        array = array.astype(np.float32)
    is_text = array.dtype == object and array.size and not hasattr(y, "to_numpy")
    if is_text and all(isinstance(v, bytes) for v in array.flat):  # TensorFlow's, which are bytes
        return np.array([v.decode() for v in array.flat]).reshape(array.shape)
    return array


def _converted(y):
    """Return an array, None if `y` is no container that is known."""
    if hasattr(y, "to_numpy"):
        # pandas' nullable integers and booleans would become objects or floats otherwise.
        try:
            return y.to_numpy()
        except Exception:  # PyArrow copies only if it is asked to
            return np.asarray(y)
    if hasattr(y, "__array__") or isinstance(y, memoryview) or hasattr(y, "buffer_info"):
        return np.asarray(y)
    if hasattr(y, "__dlpack__"):
        return np.from_dlpack(y)
    return None


def read_labels(y, caller):
    """Return `y` as a one-dimensional array without missing labels, texts and numbers apart.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, 1)
        Labels, in any container that `as_array` knows.
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
    y = as_array(y)
    if isinstance(y, np.ndarray) and y.dtype.kind == "T":
        # scikit-learn does not know NumPy's StringDType: let it look at the shape alone.
        column_or_1d(np.zeros(y.shape, dtype=bool), warn=True)
        labels = y.reshape(-1)
    else:
        labels = column_or_1d(y, warn=True)
    if labels.dtype.kind in "US" and not hasattr(y, "dtype"):
        # NumPy writes the numbers and the NaNs of a mixed list as text: look at the list.
        given = np.array(y, dtype=object).ravel()
        if not all(isinstance(label, (str, bytes)) for label in given):
            labels = given
    if labels.dtype.kind not in _LABEL_KINDS:
        raise ValueError(
            f"{caller} expects labels that are numbers, booleans, strings, dates or durations, got "
            f"y of dtype {labels.dtype}."
        )
    if _has_missing(labels):
        raise ValueError(
            f"Input y contains NaN: missing labels (None, NaN, NaT or NA), which {caller} does not "
            "accept. Drop those samples, or give them a label of their own."
        )
    return labels


def _has_missing(labels):
    if labels.dtype.kind in "Mm":
        return bool(np.isnat(labels).any())
    return labels.dtype.kind in "fOT" and any(map(is_missing, labels.tolist()))
