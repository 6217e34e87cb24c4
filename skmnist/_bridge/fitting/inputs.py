"""Validation of the user's images (in memory or in files), data sets, labels and weights."""

from __future__ import annotations

import sys

import numpy as np
from sklearn.utils import check_consistent_length
from sklearn.utils.validation import validate_data

from skmnist._bridge.data import images, targets
from skmnist._bridge.data.dataset import is_data_set
from skmnist._bridge.data.memmap import StoredRows, is_streamed
from skmnist._bridge.data.samples import ArraySamples
from skmnist._bridge.data.streamed_samples import read_batches
from skmnist._warnings import warn


def read_images(estimator, X, *, reset=False, expected=None):
    """Validate rows or images as scikit-learn validates rows.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Learns or checks the number and the names of the features.
    X : array-like
        Input of the user.
    reset : bool, default=False
        Whether to learn the number and names of the features; if False, they are checked.
    expected : tuple of int or None, default=None
        Required shape of images, or None.

    Returns
    -------
    rows : ndarray or StoredRows of shape (n_samples, n_features), float32
        Pixels before scaling.  A large memory-mapped array is not loaded.
    image_shape : tuple of int or None
        Height, width and channels if `X` holds images.
    dtype : dtype or None
        Original dtype of the pixels.
    """
    if not is_streamed(X):
        return _read_loaded(estimator, X, reset, expected)
    image_shape = None

    def check(block):
        nonlocal image_shape, reset
        rows, image_shape, _ = _read_loaded(estimator, block, reset, expected)
        reset = False
        return rows

    return StoredRows.checked(X, check), image_shape, X.dtype


def _read_loaded(estimator, X, reset, expected):
    """Validate X in memory; see `read_images`."""
    name = type(estimator).__name__
    X, dtype = images.plain_container(X)
    rows, image_shape = images.as_rows(X)
    if image_shape is not None and estimator.image_shape is None and expected is None:
        images.check_channels_last(np.shape(X), name)
    rows = validate_data(estimator, rows, reset=reset, dtype=np.float32, order="C")
    if None not in (image_shape, expected) and image_shape != expected:
        raise ValueError(
            f"X holds images of shape {image_shape}, but {name} is expecting images of shape "
            f"{expected}."
        )
    return rows, image_shape, dtype


def read_data_set(estimator, data_set, *, task=None, reset=False, expected=None):
    """Read a data set once, validate it and collect the facts about all samples.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Learns or checks the number of features.
    data_set : tf.data.Dataset or keras.utils.PyDataset
        Data set of the user.
    task : Task or None, default=None
        Task of the network; None for predictions, for which only the images matter.
    reset : bool, default=False
        Whether to learn the number of features; if False, it is checked.
    expected : tuple of int or None, default=None
        Required shape of images, or None.

    Returns
    -------
    samples : StreamedSamples
        The data set with the collected facts.
    """

    def check(pictures, is_first):
        return _read_loaded(estimator, pictures, reset and is_first, expected)[:2]

    return read_batches(data_set, type(estimator).__name__, check, task=task)


def read_training(estimator, request, *, expected, reset):
    """Validate the training data of a request; see `read_images` for the other parameters."""
    return _read(estimator, request.training, request.task, expected, reset)


def _read(estimator, given, task, expected, reset=False):
    """Validate data for training or validation.

    Returns
    -------
    samples : ArraySamples or StreamedSamples
        Samples, not yet encoded.
    """
    X, name = given.X, type(estimator).__name__
    if is_data_set(X):
        for what in ("y", "sample_weight"):
            value = getattr(given, what)
            if value is not None:
                raise ValueError(
                    f"{what} must be None, because X is a data set ({type(X).__name__}), whose "
                    f"batches contain labels and weights. Got a {type(value).__name__} instead."
                )
        return read_data_set(estimator, X, task=task, reset=reset, expected=expected)
    rows, image_shape, dtype = read_images(estimator, X, reset=reset, expected=expected)
    y = task.check(given.y, name)
    if y is not None:
        check_consistent_length(rows, y)
    return ArraySamples(
        rows,
        targets.check_sample_weight(given.sample_weight, rows),
        dtype,
        y=y,
        image_shape=image_shape,
        # A model without an input shape is built on the shape that the user passed.
        sample_shape=rows.shape[1:] if image_shape is None else np.shape(X)[1:],
    )


def read_validation(estimator, request, task, image_shape):
    """Validate and encode validation data; error messages name it.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Checks the number and the names of the features.
    request : FitRequest
        Parameters and data.
    task : Task
        Task of the network, with its classes.
    image_shape : tuple of int
        Required shape of images.

    Returns
    -------
    held_out : ArraySamples, StreamedSamples or None
        Encoded samples; None without validation data.
    """
    given = request.validation
    if given.X is None:
        if given.y is not None or given.sample_weight is not None:
            needs = (
                "y_val and sample_weight_val need"
                if task.needs_targets
                else "sample_weight_val needs"
            )
            raise ValueError(f"{needs} X_val, which is None.")
        return None
    if given.y is None and task.needs_targets and not is_data_set(given.X):
        raise ValueError("X_val needs y_val, its labels, which is None.")
    try:
        samples = _read(estimator, given, request.task, image_shape).encoded(task)
        if not is_data_set(given.X):
            _warn_of_cut_rows(len(samples))
        return samples.scaled(samples.mean_one_factor(request.name)).with_weight()
    except ValueError as error:
        y_name = "y_val, " if task.needs_targets else ""
        message = f"The validation data X_val, {y_name}sample_weight_val are not valid: {error}"
        raise ValueError(message) from error


def _warn_of_cut_rows(n_val):
    """Warn if scikit-learn may have cut X_val to the row numbers of a training fold.

    scikit-learn's searches, cross-validation and calibration index every fit parameter that has the
    same number of rows as X, including X_val, by the training rows of a fold.  Only the frames on
    the call stack reveal that a fold is being fitted.
    """
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("sklearn."):
            train = frame.f_locals.get("train")
            if isinstance(train, np.ndarray) and len(train) == n_val:
                warn(
                    f"X_val has the same number of rows ({n_val}) as the training part of this "
                    "fold. If the X_val that you passed has the same number of rows as X, "
                    "scikit-learn has cut it to the row numbers of the training part, and only "
                    "these rows are used for validation. Pass an X_val with another number of rows."
                )
                return
        frame = frame.f_back
