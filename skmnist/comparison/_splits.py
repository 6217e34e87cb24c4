"""The images of a comparison, and their splits into training and test images."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.utils import indexable
from sklearn.utils.validation import column_or_1d

from skmnist._bridge.data.targets import known_to_sklearn
from skmnist._compat.sklearn import safe_indexing
from skmnist._support.labels import as_array


@dataclass(frozen=True)
class Split:
    """Training and test images of one fit.

    Parameters
    ----------
    train, test : ndarray of int
        Rows of the images to fit to and to test on.
    """

    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Samples:
    """Images to fit to and to test on: the same ones for folds, or a fixed test set.

    Parameters
    ----------
    X, y : array-like, ndarray
        Images and labels from which splits take their training images.
    X_test, y_test : array-like, ndarray
        Images and labels from which splits take their test images.
    splits : list of Split
        The splits.
    """

    X: Any
    y: np.ndarray
    X_test: Any
    y_test: np.ndarray
    splits: list[Split]

    @property
    def n_images(self):
        """Number of images, each counted once."""
        return len(self.y) + (0 if self.X_test is self.X else len(self.y_test))

    @property
    def classes(self):
        """Sorted labels of all images."""
        return np.unique(np.concatenate([self.y, self.y_test]))

    @property
    def test_train_ratio(self):
        """Number of test images per training image, as a mean over the splits."""
        return float(np.mean([len(split.test) / len(split.train) for split in self.splits]))

    def train(self, split):
        """Return images and labels to fit to."""
        return _rows(self.X, split.train), self.y[split.train]

    def test(self, split):
        """Return images and labels to test on."""
        return _rows(self.X_test, split.test), self.y_test[split.test]


def read_samples(X, y, X_test, y_test, cv, groups, random_state):
    """Check the data of :func:`skmnist.compare` and split them.

    Parameters
    ----------
    X, y, X_test, y_test, cv, groups, random_state : object
        As of :func:`skmnist.compare`; `X` and `y` are given.

    Returns
    -------
    samples : Samples
        Images, labels and splits.

    Raises
    ------
    ValueError
        If they do not fit together.
    """
    X, y = _pair(X, y)
    if (X_test is None) != (y_test is None):
        missing = "X_test" if X_test is None else "y_test"
        raise ValueError(f"A fixed test set needs both X_test and y_test. Got no {missing}.")
    if X_test is None:
        splits = _split(X, y, 5 if cv is None else cv, groups, random_state)
        return Samples(X, y, X, y, splits)
    for name, value in {"cv": cv, "groups": groups}.items():
        if value is not None:
            raise ValueError(f"With X_test there is nothing to split. Got {name} too.")
    X_test, y_test = _pair(X_test, y_test)
    if X.shape[1:] != X_test.shape[1:]:
        raise ValueError(
            f"X and X_test must hold images of the same shape. Got {X.shape[1:]} and "
            f"{X_test.shape[1:]} instead."
        )
    split = Split(np.arange(len(y)), np.arange(len(y_test)))
    return Samples(X, y, X_test, y_test, [split])


def _pair(X, y):
    y = as_array(y)
    if isinstance(y, np.ndarray):
        y = known_to_sklearn(y)
    if np.ndim(y) == 2 and np.shape(y)[1] > 1:
        raise ValueError(
            f"y must hold one label per image. Got shape {np.shape(y)} instead. Turn one-hot rows "
            "into labels with OneHotLabelEncoder.inverse_transform or y.argmax(axis=1)."
        )
    return indexable(X if hasattr(X, "shape") else np.asarray(X), column_or_1d(y, warn=True))


def _split(X, y, cv, groups, random_state):
    """Return the splits as a list, so that every model gets the same splits."""
    if isinstance(cv, Integral):
        folds = StratifiedKFold if groups is None else StratifiedGroupKFold
        cv = folds(cv, shuffle=True, random_state=random_state)
    splits = [
        Split(np.arange(len(y))[train], np.arange(len(y))[test])
        for train, test in check_cv(cv, y, classifier=True).split(X, y, groups)
    ]
    if not splits:
        raise ValueError(f"cv must give at least one split. Got none from {cv!r} instead.")
    for number, split in enumerate(splits, 1):
        if not len(split.train) or not len(split.test):
            raise ValueError(f"Split {number} of cv has no images to fit to, or none to test on.")
        if groups is not None:
            both = np.intersect1d(np.asarray(groups)[split.train], np.asarray(groups)[split.test])
            if len(both):
                raise ValueError(
                    f"cv must keep groups together, but split {number} fits to and tests on "
                    f"group {both[0]}. Pass a number, or a splitter like GroupKFold."
                )
    return splits


def _rows(X, rows):
    # All rows in their order, as of a fixed training set, need no copy.
    if len(rows) == X.shape[0] and (rows == np.arange(len(rows))).all():
        return X
    return safe_indexing(X, rows)
