"""Resizing with exactly defined weights, in NumPy alone."""

from __future__ import annotations

import numpy as np


def resample(image, shape):
    """Resize an image.

    Parameters
    ----------
    image : ndarray of shape (height, width), float32
        The image.
    shape : tuple of 2 int
        The new height and width.

    Returns
    -------
    resized : ndarray of `shape`, float32
        If a side shrinks, each new pixel is the mean of the area it covers, so that an image
        and its enlargement by a whole number give the same result; if a side grows, pixels are
        interpolated linearly.
    """
    height, width = image.shape
    return _weights(height, shape[0]) @ image @ _weights(width, shape[1]).T


def reduce(image, factor):
    """Shrink an image by a whole number, to the means of squares; remaining pixels are cut off."""
    height, width = (side // factor * factor for side in image.shape)
    squares = image[:height, :width].reshape(height // factor, factor, width // factor, factor)
    return squares.mean(axis=(1, 3), dtype=np.float32)


def _weights(n_old, n_new):
    """Return the matrix that makes `n_new` pixels from `n_old`; its rows sum to one."""
    if n_new > n_old:
        places = (np.arange(n_new) + 0.5) * n_old / n_new - 0.5
        places = np.clip(places, 0, n_old - 1)[:, np.newaxis]
        return np.maximum(0, 1 - np.abs(places - np.arange(n_old))).astype(np.float32)
    edges = np.arange(n_new + 1)[:, np.newaxis] * (n_old / n_new)
    covered = np.clip(edges - np.arange(n_old), 0, 1)  # share of each old pixel before each edge
    weights = np.diff(covered, axis=0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
