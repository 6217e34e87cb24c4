"""Pictures of any kind of numbers as grey levels from 0 to 255."""

from __future__ import annotations

import numpy as np

# Luminance of red, green and blue (Recommendation ITU-R BT.601), as in JPEG and Pillow.
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
# Values of white where the type does not tell: of fractions, scikit-learn's digits, 8 and 16 bits.
# MnistScaler has the same rule.
_WHITES = (1, 16, 255, 65535)
# The lowest level of a light colour, whose strokes do not show on white paper.
_LIGHT = 128
# Levels that differ by no more count as one colour; ink differs from its background by more.
_ONE_COLOUR = 8


def check_pixels(array, name):
    """Raise ValueError unless an array holds numbers that can be grey levels.

    Parameters
    ----------
    array : ndarray
        What the user gave.
    name : str
        What it is, for the message.
    """
    if array.size == 0:
        raise ValueError(f"{name} holds no pixels: its shape is {array.shape}.")
    if array.dtype.kind not in "buif":
        raise ValueError(f"{name} must hold real numbers, got dtype {array.dtype} instead.")
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"{name} must hold finite numbers, got NaN or infinity instead.")
    if low < 0:
        raise ValueError(f"{name} must hold pixels of at least 0, got {low} instead.")


def to_bytes(array):
    """Convert pixels to bytes, where 255 is white.

    Parameters
    ----------
    array : ndarray
        Pixels that pass :func:`check_pixels`.

    Returns
    -------
    pixels : ndarray of the same shape, dtype uint8
        All pixels divided by the same white: 1 for bool, and for bytes that are all 0 and 1; 255
        for other bytes; for other types the smallest of 1, 16, 255 and 65535 that is not below
        the brightest pixel.
    """
    high = array.max()
    if array.dtype == np.uint8 and high > 1:
        return array
    if array.dtype.kind == "b" or high <= 1:
        white = 1
    elif array.dtype.kind == "f" and high < 2:  # fractions that overshoot
        white = high
    else:
        white = next((white for white in _WHITES if high <= white), high)
    scaled = array * (np.float64(255) / np.float64(white))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def grey_levels(pixels):
    """Convert a picture to grey levels.

    Parameters
    ----------
    pixels : ndarray of shape (height, width) or (height, width, 1 to 4), dtype uint8
        Grey; or the channels grey; grey and opacity; red, green, blue; these and opacity.

    Returns
    -------
    grey : ndarray of shape (height, width), float32
        Levels from 0 to 255.
    how : list of str
        What was done, in a few words each.
    is_empty : bool
        Whether all of it is transparent.

    Notes
    -----
    Transparent pixels become white, as paper is.  If all opaque pixels have one light colour, they
    would vanish on white.  Then the opacity is the picture, light on dark.
    """
    if pixels.ndim == 2:
        return pixels.astype(np.float32), [], False
    n_channels = pixels.shape[2]
    how = []
    if n_channels >= 3:
        grey = pixels[..., :3].astype(np.float32) @ _LUMINANCE
        if (pixels[..., :1] != pixels[..., 1:3]).any():
            how.append("colours by luminance")
    else:
        grey = pixels[..., 0].astype(np.float32)
    if n_channels not in (2, 4) or (pixels[..., -1] == 255).all():
        return grey, how, False
    opacity = pixels[..., -1].astype(np.float32) / 255
    if not opacity.any():
        return np.full_like(grey, 255), ["all of it transparent"], True
    # At soft edges, where the opacity is low, files hold any colour.
    seen = grey[opacity >= opacity.max() / 2]
    if seen.min() >= _LIGHT and np.ptp(seen) <= _ONE_COLOUR:
        how.append("light on transparency: the opacity is the picture")
        return opacity * (255 / opacity.max()), how, False
    how.append("transparency over white")
    return grey * opacity + 255 * (1 - opacity), how, False
