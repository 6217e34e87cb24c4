"""Grey levels of the training images, so that pictures can be given to a model in the same."""

from __future__ import annotations

# Light strokes on black, as in MNIST.
STANDARD = {"background": 0, "ink": 255}
# Share of the images that must agree on background and polarity.
_AGREED = 0.75
# Allowed difference between backgrounds, for a contrast of 255 levels.
_ALIKE = 16


def levels_of(images):
    """Infer the levels of background and strokes, and so whether images are light on dark.

    Parameters
    ----------
    images : ndarray of shape (n, height, width), dtype uint8
        Some of the images that a model was trained on.

    Returns
    -------
    levels : dict of {"background", "ink"} to int
        The level of the background, which is the median of the border of most images; and that
        of the strokes, if ink is on one side of the background.  Strokes that use half of the
        range or more are taken to use all of it.  :data:`STANDARD` if the images have no common
        background, like photographs.
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
    # A percentile, because the brightest pixel of all may be a speck.
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
    """Return whether levels are those of MNIST, or unknown."""
    return levels is None or levels == STANDARD


def white_of(levels):
    """Return the level of white, which is the higher one of background and ink."""
    return max(levels.values())


def to_standard(images, levels):
    """Convert images of given levels to light on black, from 0 to 255."""
    import numpy as np

    background, ink = levels["background"], levels["ink"]
    scaled = (np.asarray(images, dtype=np.float64) - background) * (255 / (ink - background))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def from_standard(image, levels):
    """Convert an image that is light on black, from 0 to 255, to given levels."""
    import numpy as np

    background, ink = levels["background"], levels["ink"]
    scaled = background + np.asarray(image, dtype=np.float64) * ((ink - background) / 255)
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def has_background(image, levels):
    """Return whether an image has the background of given levels, and no pixel above white."""
    import numpy as np

    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    contrast = abs(levels["ink"] - levels["background"])
    near = abs(float(np.median(border)) - levels["background"]) <= contrast / 4
    return bool(near and image.max() <= white_of(levels))


def to_white(image, levels):
    """Scale an image from levels 0 to 255 to levels 0 to white; polarity is unchanged."""
    import numpy as np

    scaled = np.asarray(image, dtype=np.float64) * (white_of(levels) / 255)
    return np.rint(scaled).astype(np.uint8)
