"""Small images drawn with characters, for terminals."""

from __future__ import annotations

_SHADES = " .:-=+*#%@"


def as_text(image):
    """Draw an image with characters.

    Parameters
    ----------
    image : ndarray of shape (height, width), dtype uint8
        Light on dark.

    Returns
    -------
    lines : list of str
        One character for two pixels, one above the other, because characters are twice as high
        as wide.
    """
    import numpy as np

    if len(image) % 2:
        image = np.concatenate([image, np.zeros_like(image[:1])])
    levels = image.reshape(-1, 2, image.shape[1]).mean(axis=1)
    shades = np.rint(levels * ((len(_SHADES) - 1) / 255)).astype(int)
    return ["".join(_SHADES[shade] for shade in row) for row in shades]
