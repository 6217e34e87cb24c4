"""Conversion of pictures of any size to images of the size and kind that a network expects."""

from __future__ import annotations

import math
from numbers import Integral
from typing import TYPE_CHECKING, Literal

import numpy as np

from skmnist._support.choices import check_auto
from skmnist._support.grey import check_pixels, grey_levels, to_bytes
from skmnist.pictures._ink import bounding_box, find_ink
from skmnist.pictures._read import Picture, from_pil
from skmnist.pictures._resample import reduce, resample
from skmnist.pictures._steps import NormalizedPicture, PictureStep

if TYPE_CHECKING:
    import PIL.Image
    from numpy.typing import ArrayLike

# MNIST's digits fill 20 of 28 pixels.
_BOX, _SIDE = 20, 28
# Larger pictures are reduced first, because more detail would not show in so few pixels.
_LARGEST = 1024
# How far MNIST's own centres of mass are off the centre: half a pixel, because MNIST's digits were
# moved by whole pixels.
_OFF_CENTRE = 0.51


def to_mnist(
    image: Picture | PIL.Image.Image | ArrayLike,
    *,
    shape: tuple[int, int] = (28, 28),
    box: int | None = None,
    invert: Literal["auto"] | bool = "auto",
    keep: bool = False,
) -> NormalizedPicture:
    """Convert a picture of one character to an image like those of MNIST.

    The steps are those by which MNIST was made.  The character is scaled so that it just fits a
    box of 20 x 20 pixels, keeping its proportions, with grey levels where an edge runs through a
    pixel.  It is placed in 28 x 28 pixels so that its centre of mass is at the centre.  Before
    that, the picture is converted to grey, ink is separated from background, and specks and
    margins are dropped.

    An image that is like this already is left as it is.

    Parameters
    ----------
    image : Picture, PIL.Image.Image or array-like of shape (height, width) or \
            (height, width, 1 to 4)
        Numbers of any type, at least 0.  The channels are grey; grey and opacity; red, green and
        blue; or these and opacity.  Transparent pixels become white; but if all strokes have one
        light colour, which white would hide, the opacity is the picture.
    shape : tuple of 2 int, default=(28, 28)
        Height and width of the image.
    box : int or None, default=None
        Side of the box that the character fits; None for 20 of 28 pixels of the shorter side.
    invert : "auto" or bool, default="auto"
        Whether ink is darker than the background, unlike MNIST's; "auto" to find out.
    keep : bool, default=False
        Whether a picture that already has this shape and is light on dark, with a black border,
        is left as it is wherever the character stands.  This suits images of data sets.

    Returns
    -------
    fitted : NormalizedPicture
        The image and its steps.

    Raises
    ------
    ValueError
        If `image` is not a picture, or a parameter is out of range.

    See Also
    --------
    read_pictures : Read pictures from files.
    to_shape : Only resize, for pictures of other things than characters.

    Notes
    -----
    The background is the median of the picture's border, or a plane through the border if the
    light changes across the picture.  A pixel is ink if it differs from the background by more
    than the noise, and by more than a tenth of the difference of typical ink.  There must be one
    character, alone, on a plain background: no lines, no shadows with edges, no frame.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits",
    http://yann.lecun.com/exdb/mnist/

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist.pictures import to_mnist
    >>> picture = np.full((300, 200), 240, dtype=np.uint8)  # paper
    >>> picture[50:250, 80:120] = 30  # an upright stroke
    >>> fitted = to_mnist(picture)
    >>> fitted.pixels.shape, int(fitted.pixels.min()), int(fitted.pixels.max())
    ((28, 28), 0, 255)
    >>> print(fitted.explain())
    grey    300 x 200 pixels, levels 30 to 240
    ink     dark on a background of level 240: inverted; differences up to 21 are none
    crop    to rows 50 to 249 and columns 80 to 119: 200 x 40 pixels
    scale   by 0.1 to 20 x 4 pixels, to fit 20 x 20
    centre  centre of mass to (14, 14) of 28 x 28 pixels: at row 5, column 13
    """
    shape, box = _check_sizes("to_mnist", shape, box)
    check_auto("to_mnist", "invert", invert)
    grey, step, is_empty = _grey(image)
    steps = [step]
    reason = None if is_empty else _reason_to_keep(grey, shape, box, invert, keep)
    if reason:
        pixels = _to_uint8(grey)
        return NormalizedPicture(pixels, (*steps, PictureStep("kept", reason, pixels)))
    ink = find_ink(grey, None if invert == "auto" else bool(invert))
    if ink.is_blank:
        pixels = np.zeros(shape, dtype=np.uint8)
        text = (
            f"no ink: nothing differs from the background, of level {ink.background:.0f}, by more "
            f"than {ink.floor:.0f}"
        )
        return NormalizedPicture(
            pixels, (*steps, PictureStep("blank", text, pixels)), is_blank=True
        )
    steps.append(_ink_step(ink))

    rows, columns = bounding_box(ink.levels)
    cropped = ink.levels[rows, columns]
    text = (
        f"to rows {rows.start} to {rows.stop - 1} and columns {columns.start} to "
        f"{columns.stop - 1}: {_size(cropped.shape)} pixels"
    )
    steps.append(PictureStep("crop", text, _to_uint8(cropped)))

    size = _scaled_sides(cropped.shape, box)
    scaled = resample(cropped, size)
    # Brighten again: a thin stroke no longer covers any pixel completely.
    scaled *= 255 / scaled.max()
    text = f"by {box / max(cropped.shape):.3g} to {_size(size)} pixels, to fit {box} x {box}"
    steps.append(PictureStep("scale", text, _to_uint8(scaled)))

    top, left = _position(scaled, shape)
    pixels = np.zeros(shape, dtype=np.uint8)
    pixels[top : top + size[0], left : left + size[1]] = _to_uint8(scaled)
    centre = ", ".join(f"{side / 2:g}" for side in shape)
    text = f"centre of mass to ({centre}) of {_size(shape)} pixels: at row {top}, column {left}"
    return NormalizedPicture(pixels, (*steps, PictureStep("centre", text, pixels)))


def to_shape(
    image: Picture | PIL.Image.Image | ArrayLike,
    *,
    shape: tuple[int, int] = (28, 28),
    invert: Literal["auto"] | bool = False,
) -> NormalizedPicture:
    """Convert a picture to grey and resize it, without looking for ink.

    Parameters
    ----------
    image : Picture, PIL.Image.Image or array-like of shape (height, width) or \
            (height, width, 1 to 4)
        As for :func:`to_mnist`.
    shape : tuple of 2 int, default=(28, 28)
        Height and width of the image.  The picture keeps its proportions; the rest is filled with
        the level of its border.
    invert : "auto" or bool, default=False
        Whether to invert the picture; "auto" if it is darker than its border.

    Returns
    -------
    fitted : NormalizedPicture
        The image and its steps.

    Raises
    ------
    ValueError
        If `image` is not a picture, or a parameter is out of range.

    See Also
    --------
    to_mnist : Crop, scale and centre as MNIST was.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist.pictures import to_shape
    >>> fitted = to_shape(np.full((300, 200), 7, dtype=np.uint8))
    >>> fitted.pixels.shape, int(fitted.pixels.min()), int(fitted.pixels.max())
    ((28, 28), 7, 7)
    >>> print(fitted.explain())
    grey    300 x 200 pixels, levels 7 to 7
    resize  to 28 x 19 pixels, in 28 x 28 of level 7
    """
    shape, _ = _check_sizes("to_shape", shape, None)
    check_auto("to_shape", "invert", invert)
    grey, step, is_empty = _grey(image)
    steps = [step]
    if is_empty:
        pixels = np.zeros(shape, dtype=np.uint8)
        step = PictureStep("blank", "nothing to see: all of it is transparent", pixels)
        return NormalizedPicture(pixels, (*steps, step), is_blank=True)
    ink = find_ink(grey)
    background = ink.background
    if ink.is_dark if invert == "auto" else invert:
        grey, background = 255 - grey, 255 - background
        steps.append(PictureStep("invert", "white and black exchanged", _to_uint8(grey)))
    if grey.shape == shape:
        pixels = _to_uint8(grey)
        text = f"not needed: {_size(shape)} pixels"
        return NormalizedPicture(pixels, (*steps, PictureStep("resize", text, pixels)))
    factor = min(new / old for new, old in zip(shape, grey.shape, strict=True))
    size = tuple(
        min(new, max(1, math.floor(old * factor + 0.5)))
        for new, old in zip(shape, grey.shape, strict=True)
    )
    pixels = np.full(shape, _to_uint8(np.float32(background)), dtype=np.uint8)
    top, left = ((whole - part) // 2 for whole, part in zip(shape, size, strict=True))
    pixels[top : top + size[0], left : left + size[1]] = _to_uint8(resample(grey, size))
    text = f"to {_size(size)} pixels, in {_size(shape)} of level {background:.0f}"
    return NormalizedPicture(pixels, (*steps, PictureStep("resize", text, pixels)))


def _check_sizes(caller, shape, box):
    """Return the checked shape, and the box or its default."""
    sides = tuple(shape) if isinstance(shape, (tuple, list)) else ()
    if len(sides) != 2 or not all(isinstance(s, Integral) and s >= 1 for s in sides):
        raise ValueError(
            f"The 'shape' parameter of {caller} must be two integers of at least 1. "
            f"Got {shape!r} instead."
        )
    sides = tuple(int(side) for side in sides)
    if box is None:
        return sides, max(1, round(min(sides) * _BOX / _SIDE))
    if not isinstance(box, Integral) or isinstance(box, bool) or not 1 <= box <= min(sides):
        raise ValueError(
            f"The 'box' parameter of {caller} must be an integer from 1 to {min(sides)}. "
            f"Got {box!r} instead."
        )
    return sides, int(box)


def _grey(image):
    """Return the grey levels of a picture, the step that made them, and whether it is empty."""
    if hasattr(image, "getbands"):  # Pillow's images
        image, _ = from_pil(image)
    pixels = np.asarray(image.pixels if isinstance(image, Picture) else image)
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and not 1 <= pixels.shape[2] <= 4):
        raise ValueError(
            "A picture must have the shape (height, width) or (height, width, 1 to 4 channels), "
            f"got {pixels.shape}."
        )
    check_pixels(pixels, "A picture")
    grey, how, is_empty = grey_levels(to_bytes(pixels))
    how.insert(0, f"{_size(grey.shape)} pixels")
    factor = math.ceil(max(grey.shape) / _LARGEST)
    if factor > 1 and min(grey.shape) >= factor:
        grey = reduce(grey, factor)
        how.append(f"reduced to {_size(grey.shape)}")
    how.append(f"levels {grey.min():.0f} to {grey.max():.0f}")
    return grey, PictureStep("grey", ", ".join(how), _to_uint8(grey)), is_empty


def _reason_to_keep(grey, shape, box, invert, keep):
    """Return why an image is left as it is, or None if it is to be converted."""
    if grey.shape != shape or invert is True or not grey.any():
        return None
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    if np.median(border) != 0:
        return None
    if keep:
        return f"as it is: {_size(shape)} pixels already, light on dark"
    if grey.max() < 250:
        return None
    rows, columns = bounding_box(grey)
    fills = max(rows.stop - rows.start, columns.stop - columns.start) in (box - 1, box)
    off = np.abs(_centre_of_mass(grey) - np.array(shape) / 2).max()
    if not fills or off > _OFF_CENTRE:
        return None
    return f"as it is: fits {box} x {box} pixels and is centred already, light on dark"


def _ink_step(ink):
    side = "dark" if ink.is_dark else "light"
    parts = [f"{side} on a background of level {ink.background:.0f}"]
    if ink.is_slanted:
        parts[0] += ", which changes across the picture"
    if ink.is_dark:
        parts[0] += ": inverted"
    parts.append(f"differences up to {ink.floor:.0f} are none")
    if ink.n_specks:
        parts.append(f"{ink.n_specks} speck{'s' * (ink.n_specks > 1)} dropped")
    return PictureStep("ink", "; ".join(parts), _to_uint8(ink.levels))


def _scaled_sides(sides, box):
    """Scale sides in proportion so that the longer one is `box`; in exact integer arithmetic."""
    longest = max(sides)
    return tuple(max(1, (2 * side * box + longest) // (2 * longest)) for side in sides)


def _position(scaled, shape):
    """Return the row and column that put the character's centre of mass nearest the centre."""
    # A little more than a half, because a symmetric character is exactly between two places.
    offsets = np.floor(np.array(shape) / 2 - _centre_of_mass(scaled) + 0.501).astype(int)
    return tuple(
        int(min(max(offset, 0), whole - part))
        for offset, whole, part in zip(offsets, shape, scaled.shape, strict=True)
    )


def _centre_of_mass(levels):
    """Return the row and column of the centre of mass, which is (14, 14) in MNIST's images."""
    total = levels.sum(dtype=np.float64)
    rows, columns = levels.sum(axis=1, dtype=np.float64), levels.sum(axis=0, dtype=np.float64)
    return np.array([rows @ np.arange(len(rows)), columns @ np.arange(len(columns))]) / total


def _to_uint8(levels):
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def _size(shape):
    return f"{shape[0]} x {shape[1]}"
