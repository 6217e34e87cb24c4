"""Histograms of oriented gradients for arrays of images."""

from __future__ import annotations

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from skmnist._bridge.data.images import as_images, as_rows, fold_shape
from skmnist._compat.sklearn import Interval, StrOptions, fit_context
from skmnist._support.optional import require
from skmnist._support.parameters import NamedParametersMixin

# Cells along the shorter side with cell_size="auto": cells of 4 pixels for MNIST's 28.
_CELLS = 7


class HOG(NamedParametersMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Describe images by histograms of oriented gradients.

    An image is divided into cells. For each cell, the gradients of its pixels are counted by
    direction, weighted by their magnitude. The counts of overlapping blocks of cells are
    normalised together. Needs scikit-image.

    Parameters
    ----------
    orientations : int >= 1, default=9
        Number of directions that are distinguished, over 180 degrees.

    cell_size : "auto" or int >= 1, default="auto"
        Side of a cell in pixels; pixels at the right and lower edges that fill no cell are left
        out. ``"auto"`` takes a seventh of the shorter side of the images, but at least 2 if the
        images have room for a block of such cells.

    block_size : int >= 1, default=2
        Side of a block in cells; in smaller images, the number of cells there are.

    Attributes
    ----------
    image_shape_ : tuple of (height, width, channels)
        Shape of the images; for rows, the square that holds them, whose last pixels are black if
        the number of pixels is not a square.

    cell_size_ : int
        Side of a cell in pixels.

    block_size_ : int
        Side of a block in cells.

    n_features_in_ : int
        Number of pixels in an image.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of the data frame seen in `fit`. Only defined if all are strings.

    See Also
    --------
    skmnist.baselines.make_baseline : ``"hog-svm"`` is a classifier on these.

    Notes
    -----
    The histograms are those of scikit-image's ``skimage.feature.hog``, image by image, with its
    L2-Hys normalisation: a third of a millisecond for an image of 28 x 28 pixels.

    References
    ----------
    N. Dalal and B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmnist.baselines import HOG
    >>> X, _ = load_digits(return_X_y=True)
    >>> hog = HOG().fit(X)
    >>> hog.image_shape_, hog.cell_size_
    ((8, 8, 1), 2)
    >>> hog.transform(X).shape
    (1797, 324)
    """

    _parameter_constraints = {
        "orientations": [Interval(Integral, 1, None, closed="left")],
        "cell_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "block_size": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, orientations=9, cell_size="auto", block_size=2):
        self.orientations = orientations
        self.cell_size = cell_size
        self.block_size = block_size

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn the shape of the images, and how to divide them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Images, or their pixels in rows.

        y : None
            Ignored.

        Returns
        -------
        self : HOG
            The fitted transformer.

        Raises
        ------
        ImportError
            If scikit-image is not installed.
        ValueError
            If the images are smaller than a cell.
        """
        _skimage_hog()
        rows, image_shape = as_rows(X)
        validate_data(self, rows, dtype=[np.float64, np.float32])
        self.image_shape_ = image_shape or fold_shape(self.n_features_in_)
        shorter = min(self.image_shape_[:2])
        if self.cell_size == "auto":
            self.cell_size_ = max(1, shorter // _CELLS, min(2, shorter // self.block_size))
        elif self.cell_size > shorter:
            raise ValueError(
                f"HOG(cell_size={self.cell_size}) needs images of at least {self.cell_size} x "
                f"{self.cell_size} pixels, got {self.image_shape_[0]} x {self.image_shape_[1]} "
                "instead."
            )
        else:
            self.cell_size_ = int(self.cell_size)
        cells = [side // self.cell_size_ for side in self.image_shape_[:2]]
        self.block_size_ = min(self.block_size, *cells)
        blocks = [n - self.block_size_ + 1 for n in cells]
        self._n_features_out = blocks[0] * blocks[1] * self.block_size_**2 * self.orientations
        return self

    def transform(self, X):
        """Compute the histograms.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Images of the shape seen in `fit`, or their pixels in rows.

        Returns
        -------
        histograms : ndarray of shape (n_samples, n_blocks * block_size_ ** 2 * orientations)
            The normalised histograms of all blocks, which overlap. For a pixel with several
            channels, the channel with the largest gradient counts.

        Raises
        ------
        ImportError
            If scikit-image is not installed.
        ValueError
            If the images have another shape than in `fit`.
        """
        check_is_fitted(self)
        hog = _skimage_hog()
        rows, image_shape = as_rows(X)
        if image_shape not in (None, self.image_shape_):
            raise ValueError(
                f"X holds images of shape {image_shape}, but HOG was fitted on images of shape "
                f"{self.image_shape_}."
            )
        rows = validate_data(self, rows, dtype=[np.float64, np.float32], reset=False)
        images = as_images(rows, self.image_shape_)
        colour = self.image_shape_[2] > 1
        histograms = np.empty((len(rows), self._n_features_out), dtype=rows.dtype)
        for image, out in zip(images, histograms, strict=True):
            out[:] = hog(
                image if colour else image[..., 0],
                orientations=self.orientations,
                pixels_per_cell=(self.cell_size_, self.cell_size_),
                cells_per_block=(self.block_size_, self.block_size_),
                channel_axis=-1 if colour else None,
            )
        return histograms

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _skimage_hog():
    caller = "HOG, and the baseline 'hog-svm',"
    return require("skimage.feature", caller, extra="hog", package="scikit-image").hog
