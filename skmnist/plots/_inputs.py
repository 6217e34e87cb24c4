"""Check what users pass to displays: labels, probabilities, estimators, comparisons."""

from __future__ import annotations

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted


def grey_limits(images):
    """Return the values to draw as white and as black: the range of all images and zero."""
    if images.size == 0:
        return 0.0, 1.0
    low, high = min(0.0, float(images.min())), float(images.max())
    return low, high if high > low else low + 1.0


def as_labels(y, name):
    """Return a label for each sample; one-hot rows become the numbers of their columns."""
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] > 1:
        y = y.argmax(axis=1)
    if y.ndim == 2:
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(f"{name} must hold one label per image. Got shape {y.shape} instead.")
    return y


def as_labels_of_both(y_true, y_pred):
    """Return true and predicted labels, checked to be equally many."""
    y_true, y_pred = as_labels(y_true, "y_true"), as_labels(y_pred, "y_pred")
    check_consistent_length(y_true, y_pred)
    if len(y_true) == 0:
        raise ValueError("y_true and y_pred must hold at least one label. Got none instead.")
    return y_true, y_pred


def as_probabilities(y_proba, classes, *labels):
    """Return the probabilities, the classes of their columns, and columns of `labels`.

    Parameters
    ----------
    y_proba : array-like of shape (n_samples, n_classes)
        Probabilities.
    classes : array-like of shape (n_classes,) or None
        Label of each column; None for the sorted labels that occur.
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
            "y_proba must have a row for each image and a column for each class, as "
            f"predict_proba returns it. Got shape {y_proba.shape} instead."
        )
    in_range = (y_proba >= 0).all() and (y_proba <= 1 + 1e-6).all()  # NaN is not in range
    if not (in_range and np.allclose(y_proba.sum(axis=1), 1, atol=1e-3)):
        raise ValueError(
            "y_proba must hold probabilities: numbers in [0, 1] that sum to 1 in each row. If "
            "you have scores, use sklearn.calibration.CalibratedClassifierCV."
        )
    occurring = np.unique(np.concatenate(labels))
    classes = occurring if classes is None else np.asarray(classes)
    if len(classes) != y_proba.shape[1]:
        raise ValueError(
            f"y_proba has {y_proba.shape[1]} columns, but there are {len(classes)} classes: "
            f"{listed(classes)}. Pass the labels of the columns as 'classes'."
        )
    if unknown := set(occurring.tolist()) - set(classes.tolist()):
        raise ValueError(
            f"The labels {listed(sorted(unknown))} have no column in y_proba: the classes are "
            f"{listed(classes)}."
        )
    order = np.argsort(classes)
    columns = [order[np.searchsorted(classes[order], y)] for y in labels]
    return y_proba, classes, *columns


def listed(labels, n_most=12):
    """Return labels as text for a message, only the first ones if there are many."""
    labels = [str(label) for label in labels]
    return ", ".join(labels[:n_most]) + (", …" if len(labels) > n_most else "")


def classes_of(estimator):
    """Return the labels of the columns of an estimator's probabilities, or None."""
    classes = getattr(estimator, "classes_", None)
    return classes if isinstance(classes, np.ndarray) and classes.ndim == 1 else None


def probabilities_of(estimator, X, caller):
    """Return an estimator's probabilities for X; raise if it does not compute any."""
    if not hasattr(estimator, "predict_proba"):
        check_is_fitted(estimator)  # a search has its methods only after the fit
        raise AttributeError(
            f"{caller} needs probabilities, but {type(estimator).__name__} has no predict_proba. "
            "Wrap it in sklearn.calibration.CalibratedClassifierCV."
        )
    return estimator.predict_proba(X)


def check_keeps_pixels(steps, n_features, caller):
    """Raise if a transformer before a model makes other features of the pixels.

    Parameters
    ----------
    steps : list of transformer
        Transformers before the model.
    n_features : int
        Number of features that reach the model.
    caller : str
        Name of the method that draws, for the message.
    """
    for step in steps:
        n_pixels = getattr(step, "n_features_in_", n_features)
        new = isinstance(step, ClassNamePrefixFeaturesOutMixin)
        if new or n_pixels != n_features:
            raise ValueError(
                f"{caller} draws pixels, but {type(step).__name__} makes other features of them "
                "before they reach the model. Only steps that scale pixels are possible."
            )


def row_of(comparison, model):
    """Return the row of a model of a comparison.

    Parameters
    ----------
    comparison : Comparison
        Result of :func:`skmnist.compare`.
    model : str or None
        Label of the model; None for the best one.

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
        raise ValueError(f"The comparison has no model {model!r}. Its models are {listed(rows)}.")
    if rows[model].error is not None:
        raise ValueError(f"{model} failed in {rows[model].error}")
    return rows[model]


def checked_metric(comparison, metric):
    """Return the name of a metric of a comparison: the first one for None."""
    if metric is None:
        return comparison.metrics[0]
    if metric not in comparison.metrics:
        raise ValueError(
            f"The comparison has no metric {metric!r}. Its metrics are "
            f"{', '.join(comparison.metrics)}."
        )
    return metric
