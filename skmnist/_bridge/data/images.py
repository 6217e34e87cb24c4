"""Rows of pixels and images: the two shapes of the same data.

scikit-learn thinks in rows (n_samples, n_features), Keras in images (n_samples, height, width,
channels).  Everything here is NumPy; validation itself stays with scikit-learn.
"""

from __future__ import annotations

import contextlib
import math

import numpy as np


def as_rows(X):
    """Flatten images to rows, and leave everything else to scikit-learn's validation.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
            (n_samples, height, width, channels)
        Rows or images.

    Returns
    -------
    rows : array-like of shape (n_samples, n_features)
        `X` itself unless it held images.
    image_shape : tuple of int of shape (3,) or None
        Height, width and channels of the images, None for rows.
    """
    if not isinstance(X, (list, tuple)) and getattr(X, "ndim", 2) <= 2:
        return X, None
    array = np.asarray(X)
    if array.ndim not in (3, 4):
        return X, None
    image_shape = array.shape[1:] if array.ndim == 4 else (*array.shape[1:], 1)
    return array.reshape(len(array), math.prod(image_shape)), image_shape


def plain_container(X):
    """Return what `X` holds in a container that scikit-learn validates, and its NumPy dtype.

    Parameters
    ----------
    X : array-like
        An array, list, memoryview, tensor of any framework, data frame or table.

    Returns
    -------
    X : object
        Tensors, memory and foreign arrays as a NumPy array; data frames of columns that are not
        NumPy's as pandas data frames of those that are; anything else as it is.
    dtype : dtype or None
        Common dtype of all pixels, None if they have none.
    """
    if isinstance(X, np.ndarray):
        return (X, X.dtype) if X.dtype.kind != "O" else _from_objects(X)
    if hasattr(X, "toarray"):  # sparse, which scikit-learn refuses in its own words
        return X, getattr(X, "dtype", None)
    if isinstance(X, (list, tuple)):
        with contextlib.suppress(TypeError, ValueError, RuntimeError):
            array = np.asarray(X)
            return (array, array.dtype) if array.dtype.kind in "biuf" else _from_objects(X)
        return X, None
    if hasattr(X, "column_names") and hasattr(X, "to_pandas"):  # pyarrow.Table
        X = X.to_pandas()
    if hasattr(X, "iloc") and hasattr(X, "columns"):
        return _plain_frame(X)
    if hasattr(X, "columns") and hasattr(X, "to_numpy"):  # polars
        return X, X.to_numpy().dtype
    array = _from_tensor(X)
    if array is None:
        return X, None
    return (array, array.dtype) if array.dtype.kind != "O" else _from_objects(array)


def _from_tensor(X):
    """Return a tensor, or anything that can be read as an array, as a NumPy array."""
    if hasattr(X, "detach"):  # torch's, which NumPy does not read from graphs and devices
        X = X.detach().cpu()
        if str(X.dtype) == "torch.bfloat16":  # which NumPy does not have
            X = X.float()
    with contextlib.suppress(Exception):  # of containers of others, anything
        if not hasattr(X, "__array__") and hasattr(X, "__dlpack__"):
            return np.from_dlpack(X)
        array = np.asarray(X)
        # NumPy holds what it does not know as an array of one object; ml_dtypes are kind V.
        if array.ndim and array.dtype.kind == "V" and array.dtype.names is None:
            return array.astype(np.float32)
        return array if array.ndim else None
    return None


def _from_objects(X):
    """Return the numbers in an array of objects in the dtype that they have."""
    with contextlib.suppress(TypeError, ValueError, RuntimeError):
        array = np.array(np.asarray(X, dtype=object).tolist())
        if array.dtype.kind in "biuf":
            return array, array.dtype
    return X, None


def _plain_frame(frame):
    """Return a pandas data frame of NumPy's dtypes, and the common one of its columns."""
    plain = all(isinstance(dtype, np.dtype) and dtype.kind != "O" for dtype in frame.dtypes)
    if plain:
        return frame, np.result_type(*set(frame.dtypes)) if len(frame.columns) else None
    columns = [_plain_column(frame.iloc[:, i]) for i in range(frame.shape[1])]
    if any(column is None for column in columns):
        return frame, None
    dtype = np.result_type(*{column.dtype for column in columns})
    values = np.column_stack(columns).astype(dtype, copy=False)
    return type(frame)(values, index=frame.index, columns=frame.columns), dtype


def _plain_column(column):
    """Return a column of numbers as an array of their dtype; None if they are not numbers."""
    dtype = column.dtype
    with contextlib.suppress(AttributeError, TypeError, ValueError):  # of text, the first
        if hasattr(dtype, "categories") or hasattr(dtype, "subtype") or isinstance(dtype, np.dtype):
            values = np.asarray(column)
        elif column.isna().any():
            values = column.to_numpy(dtype=float, na_value=np.nan)
        else:
            values = column.to_numpy(dtype=dtype.numpy_dtype)
        if values.dtype == object:
            values = np.array(values.tolist())
        return values if values.dtype.kind in "biuf" else None
    return None


def check_channels_last(shape, caller):
    """Raise if 4-D images look like PyTorch's, whose channels come first.

    Parameters
    ----------
    shape : tuple of int
        Shape of X.
    caller : str
        Name of the estimator, for the message.
    """
    if len(shape) == 4 and shape[1] <= 4 < min(shape[2:]):
        raise ValueError(
            f"X has shape {shape}, which looks like images with the channels first, but {caller} "
            "takes (n_samples, height, width, channels). Pass np.moveaxis(X, 1, -1), or set "
            f"image_shape={shape[1:]} if {shape[1]} is really the height."
        )


def fold_shape(n_features):
    """Return the shape of the square image that rows of `n_features` pixels are folded into.

    A number of features that is no square is padded with zeros up to the next one.
    """
    side = math.isqrt(n_features - 1) + 1
    return (side, side, 1)


def check_image_shape(image_shape, n_features, caller):
    """Check a user's `image_shape` against the number of features; return it with channels."""
    shape = tuple(int(side) for side in image_shape)
    if math.prod(shape) != n_features:
        raise ValueError(
            f"The 'image_shape' parameter of {caller} is {image_shape!r}, which is "
            f"{math.prod(shape)} pixels, but X has {n_features} features."
        )
    return (*shape, 1)[:3]


def as_images(rows, shape):
    """Reshape rows to `shape` per sample, padding them with zeros if that is larger."""
    missing = math.prod(shape) - rows.shape[1]
    if missing:
        rows = np.pad(rows, ((0, 0), (0, missing)))
    return rows.reshape(len(rows), *shape)


def resolve_image_shape(declared, given, n_features, caller):
    """Return the shape of the images: as given, as declared, or as rows are folded."""
    if declared is None:
        return given or fold_shape(n_features)
    checked = check_image_shape(declared, n_features, caller)
    if given not in (None, checked):
        raise ValueError(
            f"X holds images of shape {given}, but the 'image_shape' parameter of {caller} is "
            f"{declared!r}."
        )
    return checked
