"""Rows of pixels and images: the two shapes of the same data.

scikit-learn thinks in rows (n_samples, n_features), Keras in images (n_samples, height, width,
channels).  Everything here is NumPy; validation itself stays with scikit-learn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

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


def dtype_of(X):
    """Return the common NumPy dtype of an array-like or data frame, or None if there is none."""
    if isinstance(X, (list, tuple)):
        return np.asarray(X).dtype
    dtype = getattr(X, "dtype", None)
    if dtype is None and hasattr(X, "dtypes"):  # one per column
        names = {str(column).lower() for column in X.dtypes}
        dtype = names.pop() if len(names) == 1 else None
    try:
        return None if dtype is None else np.dtype(dtype)
    except TypeError:
        return None


def fold_shape(n_features):
    """Return the shape of the square image that rows of `n_features` pixels are folded into.

    A number of features that is no square is padded with zeros up to the next one.
    """
    side = math.isqrt(n_features - 1) + 1
    return (side, side, 1)


def check_image_shape(image_shape, n_features, caller):
    """Check a user's `image_shape` against the number of features; return it with channels."""
    shape = tuple(image_shape)
    if len(shape) not in (2, 3) or not all(
        isinstance(side, (int, np.integer)) and side > 0 for side in shape
    ):
        raise ValueError(
            f"The 'image_shape' parameter of {caller} must be None, (height, width) or (height, "
            f"width, channels) in positive integers. Got {image_shape!r} instead."
        )
    if math.prod(shape) != n_features:
        raise ValueError(
            f"The 'image_shape' parameter of {caller} is {image_shape!r}, which is "
            f"{math.prod(shape)} pixels, but X has {n_features} features."
        )
    return (*(int(side) for side in shape), 1)[:3]


def as_images(rows, shape):
    """Reshape rows to `shape` per sample, padding them with zeros if that is larger."""
    missing = math.prod(shape) - rows.shape[1]
    if missing:
        rows = np.pad(rows, ((0, 0), (0, missing)))
    return rows.reshape(len(rows), *shape)


@dataclass(frozen=True)
class PixelScale:
    """How grey levels in bytes compare with the pixels the network was fitted on.

    Decided once, when fitting: a network fitted on bytes, or on numbers in [0, 1], is fed bytes
    divided by 255, so that the same images give the same predictions in either form.  A network
    fitted on larger numbers is fed bytes as they are.
    """

    divisor: float = 1.0
    fitted_on_bytes: bool = False

    @classmethod
    def learn(cls, rows, dtype):
        """Decide from the training rows and the dtype they came in."""
        if dtype == np.uint8:
            return cls(255.0, True)
        real = dtype is None or dtype.kind in "fb"
        return cls(255.0 if real and rows.size and rows.max() <= 1 else 1.0)

    def apply(self, rows, dtype):
        """Bring float rows that came as `dtype` to the scale of the training rows."""
        in_bytes = dtype == np.uint8 or (
            self.fitted_on_bytes and dtype is not None and dtype.kind in "iu"
        )
        if in_bytes and self.divisor != 1:
            rows /= np.float32(self.divisor)  # the rows are no integers: a copy, so ours
        return rows
