"""The levels of the images that a model was trained on, for pictures to be given in the same."""

from __future__ import annotations

# Light strokes on black, as MNIST's.
STANDARD = {"background": 0, "ink": 255}
# The share of the images that must agree.
_AGREED = 0.75
# So far may the backgrounds of images be apart, of 255 levels of contrast.
_ALIKE = 16


def levels_of(images):
    """Find out whether images are light on dark or dark on light, and in which levels.

    Parameters
    ----------
    images : ndarray of shape (n, height, width), dtype uint8
        Some of the images that a model was trained on.

    Returns
    -------
    levels : dict of {"background", "ink"} to int
        The level of the background, the median of the border of most images; and that of the
        strokes, where ink is on one side of it.  Strokes that use half of the range or more are
        taken to use all of it.  :data:`STANDARD` where images have no background in common, as
        photographs.
    """
    import numpy as np

    images = np.asarray(images)
    if not images.size or images.dtype != np.uint8:
        return dict(STANDARD)
    border = np.concatenate(
        [images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]], axis=1
    )
    backgrounds = np.median(border, axis=1)
    background = round(float(np.median(backgrounds)))
    difference = images.reshape(len(images), -1).astype(np.float64) - background
    below = np.square(np.minimum(difference, 0)).sum(axis=1)
    above = np.square(np.maximum(difference, 0)).sum(axis=1)
    inked = (below > 0) | (above > 0)
    if not inked.any():
        return dict(STANDARD)
    is_dark = (below > above)[inked]
    dark = bool(is_dark.mean() > 0.5)
    # Not the brightest pixel of all, which may be a speck.
    extremes = (-difference if dark else difference).max(axis=1)[inked]
    contrast = float(np.percentile(extremes, 90))
    alike = np.abs(backgrounds - background) <= max(1, _ALIKE * contrast / 255)
    if np.mean(is_dark == dark) < _AGREED or alike.mean() < _AGREED or contrast < 1:
        return dict(STANDARD)
    whole = background if dark else 255 - background
    contrast = whole if contrast >= whole / 2 else round(contrast)
    return {
        "background": background,
        "ink": background - contrast if dark else background + contrast,
    }


def is_standard(levels):
    """Tell whether levels are those of MNIST, or not known."""
    return levels is None or levels == STANDARD


def white_of(levels):
    """Return the level of white: the higher one of background and ink."""
    return max(levels.values())


def to_standard(images, levels):
    """Return images of some levels as light on black, from 0 to 255."""
    import numpy as np

    background, ink = levels["background"], levels["ink"]
    scaled = (np.asarray(images, dtype=np.float64) - background) * (255 / (ink - background))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def from_standard(image, levels):
    """Return an image that is light on black, from 0 to 255, in other levels."""
    import numpy as np

    background, ink = levels["background"], levels["ink"]
    scaled = background + np.asarray(image, dtype=np.float64) * ((ink - background) / 255)
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def has_background(image, levels):
    """Tell whether an image has the background of some levels, and nothing whiter than white."""
    import numpy as np

    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    contrast = abs(levels["ink"] - levels["background"])
    near = abs(float(np.median(border)) - levels["background"]) <= contrast / 4
    return bool(near and image.max() <= white_of(levels))


def to_white(image, levels):
    """Return an image of levels from 0 to 255 in levels from 0 to white, polarity unchanged."""
    import numpy as np

    scaled = np.asarray(image, dtype=np.float64) * (white_of(levels) / 255)
    return np.rint(scaled).astype(np.uint8)
