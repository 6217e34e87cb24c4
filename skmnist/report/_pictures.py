"""Images of the data as data URIs of PNG images."""

from __future__ import annotations

import base64
import io

import numpy as np

from skmnist._support.drawable import as_drawable
from skmnist._support.shapes import square_side

_LEAST_PIXELS = 16  # rows of fewer features are tables, even if their number is a square
_MOST_SIDE = 64  # larger images are scaled down


class Pictures:
    """The images of a comparison.

    Parameters
    ----------
    X : array-like of shape (n_images, n_features) or (n_images, height, width, ...)
        Images as they were given.

    Attributes
    ----------
    missing : str or None
        Reason why there are no images to show; None if there are.
    """

    def __init__(self, X):
        self._X = np.asarray(X)
        self.missing = _why_missing(self._X)

    def data_uris(self, rows):
        """Return the data URIs of images, with one scale of grey for all.

        Parameters
        ----------
        rows : array-like of int
            Numbers of the images.

        Returns
        -------
        addresses : list of str
            A PNG image for each, with dark ink; empty if there are no images to show.
        """
        rows = np.asarray(rows, dtype=int)
        if self.missing is not None or rows.size == 0:
            return []
        pictures = np.asarray(as_drawable(self._X[rows], "The report"), dtype=float)
        finite = pictures[np.isfinite(pictures)]
        low, high = min(0.0, finite.min(initial=0.0)), finite.max(initial=0.0)
        scaled = np.nan_to_num((pictures - low) / ((high - low) or 1.0))
        return [_data_uri(picture) for picture in scaled]


def _why_missing(X):
    if X.dtype.kind not in "buif":
        return "the data are not numbers"
    if X.ndim == 2:
        n_features = X.shape[1]
        if square_side(n_features) is None:
            return f"{n_features} features do not make a square image"
        if n_features < _LEAST_PIXELS:
            return f"{n_features} features are too few for an image"
        return None
    if X.ndim == 3 or (X.ndim == 4 and X.shape[3] in (1, 3)):
        return None
    return f"arrays of shape {X.shape[1:]} are not grey or colour images"


def _data_uri(picture):
    """Return the data URI of an image with values in [0, 1]; grey is drawn as ink on paper."""
    from PIL import Image

    values = picture if picture.ndim == 3 else 1 - picture
    image = Image.fromarray(np.round(255 * np.clip(values, 0, 1)).astype(np.uint8))
    if max(image.size) > _MOST_SIDE:
        image.thumbnail((_MOST_SIDE, _MOST_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
