"""Shapes of images: squares of rows, and arrays of images in one layout."""

from __future__ import annotations

import math

import numpy as np


def square_side(n_pixels):
    """Return the side of the square image that has this number of pixels, None if none has."""
    side = math.isqrt(n_pixels)
    return side if side * side == n_pixels else None


def fold_shape(n_features):
    """Return the shape of the smallest square image that holds `n_features` pixels.

    Missing pixels are filled with zeros.
    """
    side = math.isqrt(n_features - 1) + 1
    return (side, side, 1)


def check_image_shape(image_shape, n_features, caller):
    """Check a user's `image_shape` against the number of features; return it with channels."""
    shape = tuple(int(side) for side in image_shape)
    if math.prod(shape) != n_features:
        raise ValueError(
            f"The 'image_shape' parameter of {caller} must have {n_features} pixels, because X has "
            f"{n_features} features. Got {image_shape!r} with {math.prod(shape)} pixels instead."
        )
    return (*shape, 1)[:3]


def square_shape(n_features, holder, caller):
    """Return the shape of square images, for a caller whose user can name another one.

    Parameters
    ----------
    n_features : int
        Number of pixels of an image.
    holder : str
        What has these features, with a verb: ``"X has"``.
    caller : str
        Name of the function or method, for the message.

    Returns
    -------
    shape : tuple of int
        Height and width.

    Raises
    ------
    ValueError
        If the number is not a square.
    """
    side = square_side(n_features)
    if side is None:
        raise ValueError(
            f"{holder} {n_features} features, which do not make a square image. Pass the "
            f"'image_shape' of the images to {caller}."
        )
    return side, side


def as_drawable(X, caller, image_shape=None):
    """Return rows or images as images that can be drawn.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
            (n_samples, height, width, channels)
        Pixels.
    caller : str
        Name of the function or method, for messages.
    image_shape : tuple of int, default=None
        Height, width and perhaps channels of rows; None for squares.

    Returns
    -------
    images : ndarray of shape (n_samples, height, width) or (n_samples, height, width, 3)
        The same values.

    Raises
    ------
    ValueError
        If `X` does not hold images with one or three channels.
    """
    images = np.asarray(X)
    if images.ndim == 2:
        n_features = images.shape[1]
        if image_shape is None:
            image_shape = square_shape(n_features, "X has", caller)
        shape = check_image_shape(image_shape, n_features, caller)
        images = images.reshape(len(images), *shape)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] != 3):
        raise ValueError(
            f"{caller} draws images: X must have shape (n_samples, n_features), "
            "(n_samples, height, width) or (n_samples, height, width, channels) with one or three "
            f"channels. Got shape {images.shape} instead."
        )
    return images
