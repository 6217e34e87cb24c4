"""Checks of dtypes, shapes and units for the transformers."""

from __future__ import annotations

import numpy as np

from skmnist._compat.sklearn import Options, StrOptions
from skmnist._support.shapes import square_side
from skmnist._warnings import warn

# White in common kinds of images: scaled, scikit-learn's digits, 8 bits and 16 bits.
_FULL_SCALES = (1.0, 16.0, 255.0, 65535.0)

# Raw images reach this number.  Scaled images do not, but may exceed 1 slightly.
SCALED_BELOW = 2


def dtype_constraints(*names):
    """Return constraints that accept dtypes as a string, a NumPy type or a ``np.dtype``."""
    dtypes = [np.dtype(name) for name in names]
    return [
        StrOptions(set(names)),
        Options(type, {dtype.type for dtype in dtypes}),
        Options(np.dtype, set(dtypes)),
    ]


def full_scale(dtype, top):
    """Return the divisor for data of this dtype and largest absolute value."""
    if dtype == np.uint8:
        return 1.0 if top == 1 else 255.0  # black and white, or bytes
    if 1 < top < SCALED_BELOW:
        return top
    return next((scale for scale in _FULL_SCALES if top <= scale), top)


def image_shape(X):
    """Return (height, width) of images in any accepted layout.

    Flat rows count as square images; None if their number of pixels is not square.

    Raises
    ------
    ValueError
        If `X` has another layout or does not hold any pixels.
    """
    if not X.size:
        raise ValueError(
            f"Found images with 0 pixel(s) (shape={X.shape}) while a minimum of 1 is required by "
            "MnistScaler."
        )
    if X.ndim == 2:
        side = square_side(X.shape[1])
        return None if side is None else (side, side)
    if X.ndim == 3 or (X.ndim == 4 and X.shape[3] == 1):
        return X.shape[1:3]
    raise ValueError(
        "MnistScaler expects X of shape (n_samples, height, width), (n_samples, height, width, 1) "
        f"or (n_samples, n_features). Got an array of shape {X.shape} instead."
    )


def pixel_names(shape, n_pixels):
    """Return ``pixel_<row>_<column>`` for images of a shape, ``pixel_<index>`` for None."""
    if shape is None:
        return [f"pixel_{index}" for index in range(n_pixels)]
    return [f"pixel_{row}_{column}" for row in range(shape[0]) for column in range(shape[1])]


def check_shape(scaler, X):
    """Raise if images have another shape than in `fit`, or rows another number of pixels.

    Raises
    ------
    ValueError
        If the shape differs from that on which `scaler` was fitted.
    """
    if X.ndim == 2 and X.shape[1] != scaler.n_features_in_:
        hint = " A single image must be passed as X[np.newaxis]."
        raise ValueError(
            f"X has {X.shape[1]} features, but MnistScaler is expecting {scaler.n_features_in_} "
            f"features as input.{hint if X.shape == scaler.image_shape_ else ''}"
        )
    if X.ndim != 2 and image_shape(X) != scaler.image_shape_:
        raise ValueError(
            f"X holds images of shape {image_shape(X)}, but MnistScaler was fitted on samples of "
            f"shape {scaler.input_shape_}."
        )


def check_units(scaler, images):
    """Raise or warn if images are in other units than those on which `scaler` was fitted.

    Raises
    ------
    ValueError
        If images seem to be scaled after a fit on raw images, or the reverse.
    """
    low, high = float(images.min()), float(images.max())
    low_in_fit, high_in_fit = scaler.data_min_, scaler.data_max_
    top, top_in_fit = max(-low, high), max(-low_in_fit, high_in_fit)
    kind, kind_in_fit = images.dtype.kind, scaler.input_dtype_.kind
    scale = scaler.scale_
    facts = (
        f"it holds {images.dtype} values in [{low:g}, {high:g}], but MnistScaler was fitted on "
        f"{scaler.input_dtype_} values in [{low_in_fit:g}, {high_in_fit:g}] and divides by "
        f"{scale:g}."
    )
    if kind == "f" and 0 < top < SCALED_BELOW <= scale:
        message = (
            f"X looks scaled already: {facts} Pass the raw images, or fit another MnistScaler on "
            "the scaled images."
        )
        if kind_in_fit in "iu" or (top_in_fit >= SCALED_BELOW and scale >= 255):
            raise ValueError(message)
        warn(message)
    elif kind in "iu" and kind_in_fit in "fb" and max(scale, top_in_fit) < SCALED_BELOW <= top:
        raise ValueError(
            f"X looks raw: {facts} Fit MnistScaler on the raw images, or scale X like the images "
            "in `fit`."
        )
    elif high > scale or low < (-scale if low_in_fit < 0 else 0):
        warn(f"X goes beyond the range of MnistScaler: {facts}")
