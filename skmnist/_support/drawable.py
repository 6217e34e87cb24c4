"""Rows and images as arrays that can be drawn."""

from __future__ import annotations

import numpy as np

from skmnist._support.shapes import check_image_shape, square_shape


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
