"""Conversion between rows of pixels and images, the two shapes of the same data.

scikit-learn works on rows (n_samples, n_features), Keras on images (n_samples, height, width,
channels).  This module uses NumPy only, and leaves validation to scikit-learn.
"""

from __future__ import annotations

import contextlib
import math

import numpy as np

from skmnist._support.shapes import check_image_shape, fold_shape


def as_rows(X):
    """Flatten images to rows; leave other input unchanged for scikit-learn's validation.

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
    """Return `X` in a container that scikit-learn can validate, and its NumPy dtype.

    Parameters
    ----------
    X : array-like
        An array, list, memoryview, tensor of any framework, data frame or table.

    Returns
    -------
    X : object
        Tensors, buffers and arrays of other libraries become NumPy arrays.  Data frames with
        extension dtypes become pandas data frames with NumPy dtypes.  Other input is unchanged.
    dtype : dtype or None
        Common dtype of all pixels, None if they have none.
    """
    if isinstance(X, np.ndarray):
        return (X, X.dtype) if X.dtype.kind != "O" else _from_objects(X)
    if hasattr(X, "toarray"):  # sparse; scikit-learn's validation refuses it with its own message
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
    """Return a tensor, or any object that NumPy can read as an array, as a NumPy array."""
    if hasattr(X, "detach"):  # PyTorch: NumPy cannot read tensors with gradients or on a GPU
        X = X.detach().cpu()
        if str(X.dtype) == "torch.bfloat16":  # NumPy does not have this dtype
            X = X.float()
    with contextlib.suppress(Exception):  # containers of other libraries may raise anything
        if not hasattr(X, "__array__") and hasattr(X, "__dlpack__"):
            return np.from_dlpack(X)
        array = np.asarray(X)
        # NumPy wraps unknown objects in an array without dimensions.  Dtypes of ml_dtypes, such as
        # bfloat16, have kind V.
        if array.ndim and array.dtype.kind == "V" and array.dtype.names is None:
            return array.astype(np.float32)
        return array if array.ndim else None
    return None


def _from_objects(X):
    """Return the numbers in an array of objects as an array of their own dtype."""
    with contextlib.suppress(TypeError, ValueError, RuntimeError):
        array = np.array(np.asarray(X, dtype=object).tolist())
        if array.dtype.kind in "biuf":
            return array, array.dtype
    return X, None


def _plain_frame(frame):
    """Return a pandas data frame with NumPy dtypes, and the common dtype of its columns."""
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
    """Return a column as an array of its NumPy dtype; None if it does not hold numbers."""
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
    """Raise if 4-D images look like those of PyTorch, with the channels first.

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
            "expects (n_samples, height, width, channels). Pass np.moveaxis(X, 1, -1), or set "
            f"image_shape={shape[1:]} if {shape[1]} is really the height."
        )


def as_images(rows, shape):
    """Reshape each row to `shape`, padded with zeros if `shape` has more pixels."""
    missing = math.prod(shape) - rows.shape[1]
    if missing:
        rows = np.pad(rows, ((0, 0), (0, missing)))
    return rows.reshape(len(rows), *shape)


def resolve_image_shape(declared, given, n_features, caller):
    """Return the shape of the images: the declared one, that of the input, or a square."""
    if declared is None:
        return given or fold_shape(n_features)
    checked = check_image_shape(declared, n_features, caller)
    if given not in (None, checked):
        raise ValueError(
            f"The 'image_shape' parameter of {caller} must be {given} or None, because X holds "
            f"images of that shape. Got {declared!r} instead."
        )
    return checked
