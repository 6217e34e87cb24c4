"""Separation of ink from background in a grey picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

# Least difference between ink and background, of levels from 0 to 255.
_FAINTEST = 8.0
# Bounds on noise, in standard deviations: few pixels of noise exceed the first, none the second.
_FLOOR, _CEILING = 4.0, 6.0
# Limits of the threshold for ink as shares of the level of ink, whatever the noise.
_LOWEST, _HIGHEST = 0.1, 0.5
# A speck has less than this share of the ink of the largest stroke.
_SPECK = 0.02
# Standard deviation of a normal distribution, divided by its median absolute deviation.
_MAD = 1.4826


@dataclass(frozen=True)
class Ink:
    """Ink of a picture.

    Parameters
    ----------
    levels : ndarray of shape (height, width), float32
        From 0, for no ink, to 255.
    background : float
        Median grey level along the border.
    is_slanted : bool
        Whether the light, and so the background, changes across the picture.
    is_dark : bool
        Whether ink is darker than the background.
    noise : float
        Standard deviation of the grey levels of the border around the background.
    floor : float
        Largest difference from the background that does not count as ink.
    n_specks : int
        Number of dropped specks.
    is_blank : bool
        Whether there is no ink; `levels` are zero then.
    """

    levels: np.ndarray
    background: float
    is_slanted: bool
    is_dark: bool
    noise: float
    floor: float
    n_specks: int
    is_blank: bool


def find_ink(grey, is_dark=None):
    """Separate ink from background.

    Parameters
    ----------
    grey : ndarray of shape (height, width), float32
        Levels from 0 to 255.
    is_dark : bool or None, default=None
        Whether ink is darker than the background; None to find out: ink is on the side on which
        the squared differences from the background have the larger sum.

    Returns
    -------
    ink : Ink
        The ink.
    """
    background, is_slanted = _background(grey)
    difference = grey - background
    noise = _MAD * float(np.median(np.abs(_border(difference))))
    if is_dark is None:
        squares = np.square(difference, dtype=np.float64)
        is_dark = bool(squares[difference < 0].sum() > squares[difference > 0].sum())
    contrast = np.maximum(-difference if is_dark else difference, 0)
    peak = float(contrast.max())
    found = {
        "background": float(np.median(_border(grey))),
        "is_slanted": is_slanted,
        "is_dark": is_dark,
        "noise": noise,
    }
    if peak <= max(_FAINTEST, _CEILING * noise):
        blank = np.zeros_like(grey)
        return Ink(blank, floor=peak, n_specks=0, is_blank=True, **found)
    # A percentile, because the peak may be a single bright pixel.
    level = float(np.percentile(contrast[contrast >= peak / 2], 90))
    floor = float(np.clip(_FLOOR * noise, _LOWEST * level, _HIGHEST * level))
    levels = np.where(contrast > floor, np.minimum(contrast * (255 / level), 255), 0)
    levels, n_specks = _without_specks(levels.astype(np.float32))
    return Ink(levels, floor=floor, n_specks=n_specks, is_blank=False, **found)


def bounding_box(levels):
    """Return the slices of rows and columns that hold all pixels above zero."""
    return ndimage.find_objects((levels > 0).astype(np.int8))[0]


def _border(image):
    """Return the pixels along the four sides."""
    return np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])


def _background(grey):
    """Return the background and whether the light changes: a level, or else a plane of levels.

    The plane is fitted to the border without its outliers, which may be ink.
    """
    border = _border(grey)
    middle = np.median(border)
    spread = _MAD * np.median(np.abs(border - middle))
    if spread == 0 or min(grey.shape) < 3:
        return middle, False
    rows, columns = np.indices(grey.shape, sparse=True)
    shape = np.broadcast_shapes(rows.shape, columns.shape)
    terms = [_border(np.broadcast_to(index, shape)) for index in (rows, columns)]
    design = np.stack([*terms, np.ones_like(terms[0])], axis=1).astype(np.float64)
    kept = np.abs(border - middle) <= 3 * spread
    for _ in range(3):
        plane, *_ = np.linalg.lstsq(design[kept], border[kept], rcond=None)
        off = np.abs(border - design @ plane)
        kept = off <= max(3 * _MAD * np.median(off), 1.0)
        if kept.sum() < 3:
            return middle, False
    if _MAD * np.median(off) > spread / 2:  # the spread is noise rather than a change of light
        return middle, False
    return (plane[0] * rows + plane[1] * columns + plane[2]).astype(np.float32), True


def _without_specks(levels):
    """Drop specks, which touch no stroke; return the levels and the number of specks."""
    parts, n_parts = ndimage.label(levels > 0, structure=np.ones((3, 3)))
    if n_parts <= 1:
        return levels, 0
    amounts = np.bincount(parts.ravel(), weights=levels.ravel())
    amounts[0] = 0
    is_speck = amounts < _SPECK * amounts.max()
    is_speck[0] = False
    return np.where(is_speck[parts], np.float32(0), levels), int(is_speck.sum())
