"""Rows of pixels and images: the two shapes of the same data.

scikit-learn thinks in rows (n_samples, n_features), Keras in images (n_samples, height, width,
channels).  Everything here is NumPy; validation itself stays with scikit-learn.
"""

from __future__ import annotations

import math
import warnings
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
        X = np.asarray(X)
    dtype = getattr(X, "dtype", None)
    try:
        if dtype is None and hasattr(X, "dtypes"):  # one per column
            return np.result_type(*{str(column).lower() for column in X.dtypes})
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


@dataclass(frozen=True)
class PixelScale:
    """In what units the network was fitted, and how to bring other pixels to them.

    Decided once, when fitting:

    - on bytes, that is ``uint8`` with values above one: the network sees them divided by 255.
      After that, integers of any type and floats that reach 2 are grey levels as well and divided
      too; floats below 2 have been divided before.
    - on numbers in [0, 1]: bytes, and other integers that reach 2, are divided by 255 later on.
    - on anything else, or by a network that rescales its input itself: nothing is ever divided.

    A network that makes pixels, rather than only reading them, makes them in [0, 1]; for such a
    one, `low` and `high` of the training data are brought to 0 and 1 in the last case.
    """

    units: str = "own"
    low: float = 0.0
    high: float = 1.0

    @classmethod
    def learn(cls, rows, dtype, *, unit=False):
        """Decide from the training rows and the dtype they came in.

        Parameters
        ----------
        rows : ndarray of shape (n_samples, n_features)
            Training rows.
        dtype : dtype or None
            What they came as.
        unit : bool, default=False
            Whether the network is to see numbers in [0, 1] whatever the units.
        """
        low, high = rows.min(), rows.max()
        if dtype == np.uint8 and high > 1:
            if high <= 16:
                warnings.warn(
                    f"X holds bytes (uint8) of at most {high:g}, and bytes are divided by 255. If "
                    f"{high:g} stands for white, scale X with MnistScaler, or pass it as floats.",
                    UserWarning,
                    stacklevel=2,
                )
            return cls("bytes")
        if low >= 0 and high <= 1:
            return cls("binary" if dtype == np.uint8 else "fractions")
        if unit:
            return cls("own", float(low), float(high) if high > low else float(low) + 1.0)
        return cls("own")

    def apply(self, rows, dtype):
        """Bring float rows that came as `dtype` to the units of the network."""
        return self.bring(rows, dtype, self.is_grey(rows, dtype))

    def is_grey(self, rows, dtype):
        """Tell whether rows that came as `dtype` are grey levels, to be divided by 255.

        Parameters
        ----------
        rows : ndarray of shape (n_samples, n_features)
            All rows, or anything that knows their ``max()``.
        dtype : dtype or None
            What they came as.
        """
        whole = dtype is not None and dtype.kind in "iu"
        if self.units == "binary" and dtype == np.uint8 and rows.max() > 1:
            raise ValueError(
                f"X holds bytes (uint8) up to {rows.max():g}, but the network was fitted on "
                "bytes that are all 0 and 1. Fit on grey levels, or pass black and white images."
            )
        return {
            "bytes": lambda: whole or rows.max() >= 2,
            "fractions": lambda: dtype == np.uint8 or (whole and rows.max() >= 2),
        }.get(self.units, lambda: False)()

    def bring(self, rows, dtype, grey):
        """Bring some of the rows to the units of the network, `grey` being known of all."""
        if grey and dtype is not None and dtype.kind in "iu":
            rows /= np.float32(255)  # converted from integers, so a copy of ours
        elif grey:
            rows = rows / np.float32(255)
        if (self.low, self.high) != (0, 1):
            rows = (rows - np.float32(self.low)) / np.float32(self.high - self.low)
        return rows

    def restore(self, pixels):
        """Bring a network's pixels back to the units of the training data, bytes to bytes."""
        if self.units == "bytes":
            return np.clip(np.rint(pixels * np.float32(255)), 0, 255).astype(np.uint8)
        if (self.low, self.high) != (0, 1):
            pixels = pixels * np.float32(self.high - self.low) + np.float32(self.low)
        return pixels
