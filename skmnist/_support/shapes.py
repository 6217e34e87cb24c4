"""Shapes of images: the square of a row, and shapes that users name.

The help of the command line loads this module, so it does without NumPy.
"""

from __future__ import annotations

import math


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
