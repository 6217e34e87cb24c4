"""What users give to displays: images, labels, probabilities, estimators inside others."""

from __future__ import annotations

import math

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skmnist._bridge.data.images import check_image_shape


def as_pictures(X, caller, image_shape=None):
    """Return images to draw from rows or images.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
            (n_samples, height, width, channels)
        Pixels.
    caller : str
        Who asks.
    image_shape : tuple of int, default=None
        Height, width and perhaps channels of rows; None for squares.

    Returns
    -------
    pictures : ndarray of shape (n_samples, height, width) or (n_samples, height, width, 3)
        Pixels as they came.
    """
    pictures = np.asarray(X)
    if pictures.ndim == 2:
        n_features = pictures.shape[1]
        if image_shape is None:
            side = math.isqrt(n_features)
            if side * side != n_features:
                raise ValueError(
                    f"X has {n_features} features, which make no square image. Pass the "
                    f"'image_shape' of its images to {caller}."
                )
            image_shape = (side, side)
        image_shape = check_image_shape(image_shape, n_features, caller)
        pictures = pictures.reshape(len(pictures), *image_shape)
    if pictures.ndim == 4 and pictures.shape[3] == 1:
        pictures = pictures[..., 0]
    if pictures.ndim not in (3, 4) or (pictures.ndim == 4 and pictures.shape[3] != 3):
        raise ValueError(
            f"{caller} draws images, so X is an array of shape (n_samples, n_features), "
            "(n_samples, height, width) or (n_samples, height, width, channels) with one or three "
            f"channels. Got shape {pictures.shape}."
        )
    return pictures


def grey_limits(pictures):
    """Return the values to draw as white and as black: those of all pictures, and zero."""
    if pictures.size == 0:
        return 0.0, 1.0
    low, high = min(0.0, float(pictures.min())), float(pictures.max())
    return low, high if high > low else low + 1.0


def as_labels(y, name):
    """Return a label for each sample; one-hot rows become the numbers of their columns."""
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] > 1:
        y = y.argmax(axis=1)
    if y.ndim == 2:
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(f"{name} holds a label for each image. Got shape {y.shape}.")
    return y


def as_labels_of_both(y_true, y_pred):
    """Return true and predicted labels, which are as many."""
    y_true, y_pred = as_labels(y_true, "y_true"), as_labels(y_pred, "y_pred")
    check_consistent_length(y_true, y_pred)
    if len(y_true) == 0:
        raise ValueError("There must be at least one image; y_true and y_pred are empty.")
    return y_true, y_pred


def as_probabilities(y_proba, classes, *labels):
    """Return the probabilities, the classes of their columns, and columns of `labels`.

    Parameters
    ----------
    y_proba : array-like of shape (n_samples, n_classes)
        Probabilities.
    classes : array-like of shape (n_classes,) or None
        Label of each column; None if they are the sorted labels that occur.
    *labels : ndarray of shape (n_samples,)
        Labels to look up.

    Returns
    -------
    y_proba : ndarray of shape (n_samples, n_classes), float64
        Probabilities.
    classes : ndarray of shape (n_classes,)
        Label of each column.
    *columns : ndarray of shape (n_samples,)
        Number of the column of each label.
    """
    y_proba = np.asarray(y_proba, dtype=float)
    check_consistent_length(y_proba, *labels)
    if y_proba.ndim != 2 or y_proba.shape[1] < 2:
        raise ValueError(
            "y_proba has a row for each image and a column for each class, as predict_proba "
            f"returns it. Got shape {y_proba.shape}."
        )
    in_range = (y_proba >= 0).all() and (y_proba <= 1 + 1e-6).all()  # NaN is not in range
    if not (in_range and np.allclose(y_proba.sum(axis=1), 1, atol=1e-3)):
        raise ValueError(
            "y_proba holds probabilities: numbers in [0, 1], of which each row sums to 1. For "
            "scores, use sklearn.calibration.CalibratedClassifierCV."
        )
    occurring = np.unique(np.concatenate(labels))
    classes = occurring if classes is None else np.asarray(classes)
    if len(classes) != y_proba.shape[1]:
        raise ValueError(
            f"y_proba has {y_proba.shape[1]} columns, but there are {len(classes)} classes: "
            f"{shown(classes)}. Pass the labels of the columns as 'classes'."
        )
    if unknown := set(occurring.tolist()) - set(classes.tolist()):
        raise ValueError(
            f"The labels {shown(sorted(unknown))} have no column in y_proba: the classes are "
            f"{shown(classes)}."
        )
    order = np.argsort(classes)
    columns = [order[np.searchsorted(classes[order], y)] for y in labels]
    return y_proba, classes, *columns


def shown(labels, n_most=12):
    """Return labels as text for an error, the first ones if they are many."""
    labels = [str(label) for label in labels]
    return ", ".join(labels[:n_most]) + (", …" if len(labels) > n_most else "")


def classes_of(estimator):
    """Return the labels of the columns of an estimator's probabilities, or None."""
    classes = getattr(estimator, "classes_", None)
    return classes if isinstance(classes, np.ndarray) and classes.ndim == 1 else None


def probabilities_of(estimator, X, caller):
    """Return an estimator's probabilities for X, and raise if it has none to give."""
    if not hasattr(estimator, "predict_proba"):
        check_is_fitted(estimator)  # a search has methods only after it was fitted
        raise AttributeError(
            f"{caller} needs probabilities, but {type(estimator).__name__} has no predict_proba. "
            "Wrap it in sklearn.calibration.CalibratedClassifierCV."
        )
    return estimator.predict_proba(X)


def unwrapped(estimator):
    """Return what stands at the end of pipelines and inside fitted searches, and the way there.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.

    Returns
    -------
    steps : list of transformer
        Fitted transformers that stand before it, in their order.
    last : estimator
        The estimator that was trained.
    """
    steps = []
    while True:
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "cv_results_"):
            raise AttributeError(
                f"This {type(estimator).__name__} has no best_estimator_, for it was made with "
                "refit=False. Use refit=True."
            )
        elif isinstance(estimator, Pipeline):
            before = [step for _, step in estimator.steps[:-1]]
            steps += [step for step in before if step not in (None, "passthrough")]
            estimator = estimator.steps[-1][1]
        else:
            check_is_fitted(estimator)
            return steps, estimator


def check_keeps_pixels(steps, n_features, caller):
    """Raise if transformers before a network do not hand the pixels on, one for one.

    Parameters
    ----------
    steps : list of transformer
        What stands before it.
    n_features : int
        Number of features that reach it.
    caller : str
        Who draws pixels.
    """
    for step in steps:
        n_pixels = getattr(step, "n_features_in_", n_features)
        new = isinstance(step, ClassNamePrefixFeaturesOutMixin)
        if new or n_pixels != n_features:
            raise ValueError(
                f"{caller} draws pixels, but {type(step).__name__} makes other features of them "
                "before they reach the model. Steps that scale pixels are fine."
            )


def row_of(comparison, model):
    """Return the row of a comparison: that of the label `model`, or the best one.

    Parameters
    ----------
    comparison : Comparison
        What :func:`skmnist.compare` returned.
    model : str or None
        Label of the model; None for the best.

    Returns
    -------
    row : Row
        A row without error.
    """
    rows = {row.model: row for row in comparison.rows}
    if model is None:
        model = next((row.model for row in comparison.rows if row.error is None), None)
        if model is None:
            raise ValueError("Every model of the comparison failed, so there is nothing to draw.")
    if model not in rows:
        raise ValueError(f"There is no model {model!r} in the comparison, but {shown(rows)}.")
    if rows[model].error is not None:
        raise ValueError(f"{model} failed in {rows[model].error}")
    return rows[model]
