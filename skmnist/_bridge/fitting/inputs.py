"""Reading what the user gave: arrays in memory or in files, and data sets of batches."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from sklearn.utils import check_consistent_length

from skmnist._bridge.data import targets
from skmnist._bridge.data.dataset import is_data_set, read_batches
from skmnist._bridge.data.memmap import StoredRows
from skmnist._bridge.data.samples import Data
from skmnist._warnings import warn


@dataclass
class Given:
    """Validated arrays, as the user gave them: rows, labels and weights."""

    rows: np.ndarray | StoredRows
    y: np.ndarray | None
    weights: np.ndarray | None
    image_shape: tuple[int, ...] | None  # None for rows
    sample_shape: tuple[int, ...]
    dtype: np.dtype | None

    def data(self, task):
        """Return the samples, of which a task knows the classes."""
        codes = task.encode(self.y, len(self.rows))
        return Data(self.rows, codes, self.weights, self.dtype)


def read(estimator, X, y, sample_weight, *, reset=False, expected=None):
    """Validate what the user gave to train or to validate on.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Estimator that is fitted.
    X, y, sample_weight : array-like
        What the user gave; `y` and `sample_weight` None if `X` is a data set, which brings them.
    reset : bool, default=False
        Whether to learn the number and names of the features, or to check them.
    expected : tuple of int or None, default=None
        Shape that images must have, if they must have one.

    Returns
    -------
    given : Given or GivenBatches
        What there is.
    """
    if is_data_set(X):
        for name, value in (("y", y), ("sample_weight", sample_weight)):
            if value is not None:
                raise ValueError(
                    f"X is a data set ({type(X).__name__}), whose batches bring labels and "
                    f"weights, so {name} must be None. Got a {type(value).__name__} instead."
                )
        return read_batches(estimator, X, reset=reset, expected=expected)
    rows, image_shape, dtype = estimator._check_images(X, reset=reset, expected=expected)
    y = estimator._check_targets(y)
    if y is not None:
        check_consistent_length(rows, y)
    weights = targets.check_sample_weight(sample_weight, rows)
    # The shape as the user passed it: a model that tells no input shape is built on it.
    sample_shape = rows.shape[1:] if image_shape is None else np.shape(X)[1:]
    return Given(rows, y, weights, image_shape, sample_shape, dtype)


def read_validation(estimator, validation, task, image_shape):
    """Validate the data to validate on, and say in errors that it is those.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Estimator that is fitted.
    validation : tuple of (X_val, y_val, sample_weight_val)
        What the user gave, or Nones.
    task : Task
        What the estimator is fitted for, as in :mod:`skmnist._bridge.fitting.tasks`.
    image_shape : tuple of int
        The shape that images must have.

    Returns
    -------
    held_out : Data, Batches or None
        The samples, None if there are none.
    """
    X_val, y_val, sample_weight_val = validation
    name = type(estimator).__name__
    if X_val is None:
        if y_val is not None or sample_weight_val is not None:
            given = (
                "y_val and sample_weight_val need"
                if task.needs_targets
                else "sample_weight_val needs"
            )
            raise ValueError(f"{given} X_val, which is None.")
        return None
    if y_val is None and task.needs_targets and not is_data_set(X_val):
        raise ValueError("X_val needs y_val, its labels, which is None.")
    try:
        given = read(estimator, X_val, y_val, sample_weight_val, expected=image_shape)
        data = given.data(task)
        if not is_data_set(X_val):
            _warn_of_cut_rows(len(given.rows))
        return data.scaled(data.weight_scale(name)).with_weight()
    except ValueError as error:
        y_name = "y_val, " if task.needs_targets else ""
        message = f"The validation data X_val, {y_name}sample_weight_val are not valid: {error}"
        raise ValueError(message) from error


def _warn_of_cut_rows(n_val):
    """Warn where X_val may be the part of the user's that has the numbers of the training rows.

    scikit-learn's searches, cross-validation and calibration cut whatever has as many rows as X to
    the training rows of the fold, and X_val with it.  Only their frames know that there are folds.
    """
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("sklearn."):
            train = frame.f_locals.get("train")
            if isinstance(train, np.ndarray) and len(train) == n_val:
                warn(
                    f"X_val has as many rows ({n_val}) as the training part of this fold. If you "
                    "passed as many rows as X has, scikit-learn has cut them to the numbers of the "
                    "training rows, as it does with everything of that length, and only these "
                    "are validated on. Pass an X_val with another number of rows."
                )
                return
        frame = frame.f_back
