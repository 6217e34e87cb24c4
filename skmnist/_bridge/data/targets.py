"""Validation and encoding of labels and one-hot rows, and weights of samples and classes."""

from __future__ import annotations

from numbers import Real

import numpy as np
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array

from skmnist._compat.sklearn import check_sample_weight as check_weights
from skmnist._support.labels import as_array, read_labels
from skmnist._warnings import warn

# Kinds of dtypes that scikit-learn's LabelEncoder does not support, or whose units it loses.
_OWN_ORDER = "TMm"


class Labels:
    """Conversion between class labels and codes 0 .. n_classes - 1.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted class labels.
    one_hot_dtype : dtype or None
        Dtype of one-hot rows; None if the user passed labels.
    """

    def __init__(self, classes, one_hot_dtype=None):
        self.classes = classes
        self.one_hot_dtype = one_hot_dtype

    @classmethod
    def learn(cls, y, classes=None):
        """Find the classes in validated `y`, or take `classes`."""
        if y.ndim == 2:
            columns = np.arange(y.shape[1])
            if classes is not None and not np.array_equal(classes, columns):
                raise ValueError(
                    f"The 'classes' parameter must be {columns.tolist()}, because y is one-hot "
                    f"with {y.shape[1]} columns. Got {np.asarray(classes).tolist()} instead."
                )
            return cls(columns, y.dtype)
        return cls(_sorted_classes(y if classes is None else _column(classes)))

    @classmethod
    def in_order(cls, classes, caller):
        """Return sorted labels for classes that are given in any order.

        Returns
        -------
        labels : Labels
            The labels.
        order : tuple of int or None
            Position of each sorted label in `classes`; None if `classes` is sorted.
        """
        given = read_labels(_column(classes), caller)
        found, order = np.unique(given, return_index=True)
        if len(found) != len(given):
            raise ValueError(
                "The 'classes' parameter must hold labels that are all different. Got "
                f"{given.tolist()!r} instead."
            )
        is_sorted = np.array_equal(order, np.arange(len(order)))
        return cls(found), None if is_sorted else tuple(order.tolist())

    def encode(self, y):
        """Return the codes of validated `y`; raise ValueError for unknown labels."""
        if y.ndim == 2:
            if self.one_hot_dtype is None or y.shape[1] != len(self.classes):
                raise ValueError(
                    f"y is one-hot with {y.shape[1]} columns, but "
                    + (
                        "this estimator was fitted on labels."
                        if self.one_hot_dtype is None
                        else f"the estimator was fitted with {len(self.classes)}."
                    )
                )
            return np.argmax(y, axis=1).astype(np.int32)
        unknown = self._unknown(np.unique(y))
        if unknown:
            raise ValueError(
                f"y contains labels that are not among the classes: {sorted(unknown, key=str)}. "
                f"The classes are {listed(self.classes)}."
            )
        return np.searchsorted(self.classes, y).astype(np.int32)

    def _unknown(self, labels):
        """Return the labels that are not among the classes."""
        kinds = {labels.dtype.kind, self.classes.dtype.kind}
        if len(kinds) == 1 and kinds <= {"M", "m"}:  # units may differ, which isin allows
            return listed(labels[~np.isin(labels, self.classes)])
        return list(set(listed(labels)) - set(listed(self.classes)))

    def without_samples(self, codes):
        """Return the one-hot columns without a sample; an empty list for labels."""
        if self.one_hot_dtype is None:
            return []
        return np.setdiff1d(np.arange(len(self.classes)), codes).tolist()

    def decode(self, codes):
        """Convert codes to labels or one-hot rows with the dtype of the fit."""
        if self.one_hot_dtype is None:
            return self.classes[codes]
        return np.eye(len(self.classes), dtype=self.one_hot_dtype)[codes]


def listed(labels):
    """Return labels as a list for messages and comparisons, with dates as text."""
    return [str(label) for label in labels] if labels.dtype.kind in "Mm" else labels.tolist()


def _column(classes):
    """Return labels of classes as a one-dimensional array of their own dtype."""
    classes = as_array(classes)
    if isinstance(classes, np.ndarray) and classes.ndim == 1:
        return classes
    return column_or_1d(classes)


def _sorted_classes(labels):
    if labels.dtype.kind in _OWN_ORDER:
        return np.unique(labels)
    return LabelEncoder().fit(labels).classes_


def check_targets(y, caller):
    """Validate `y` as scikit-learn does: labels, or one-hot rows.

    Parameters
    ----------
    y : array-like
        Labels of the user.
    caller : str
        Name of the estimator, for messages.

    Returns
    -------
    y : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Labels, or one-hot rows.
    """
    y = read_targets(y, caller)
    if y.ndim == 1:
        check_classification_targets(known_to_sklearn(y))
    return y


def known_to_sklearn(labels):
    """Convert labels of NumPy's StringDType, which scikit-learn does not support, to ``str_``."""
    return labels.astype(object).astype(str) if labels.dtype.kind == "T" else labels


def read_targets(y, caller):
    """Validate `y`, or a part of it, without checking that it holds classes.

    Parameters
    ----------
    y : array-like
        Labels of the user.
    caller : str
        Name of the estimator, for messages.

    Returns
    -------
    y : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Labels, or one-hot rows.
    """
    if y is None:
        raise ValueError(
            f"This {caller} estimator requires y to be passed, but the target y is None."
        )
    if hasattr(y, "toarray"):  # sparse; scikit-learn raises here
        check_array(y, input_name="y", estimator=caller)
    if not hasattr(y, "iloc"):  # scikit-learn reads each column of a pandas frame separately
        y = as_array(y)
    shape = y.shape if hasattr(y, "shape") else np.asarray(y).shape
    if len(shape) > 1 and shape[1] > 1:
        return _check_one_hot(check_array(y, dtype=None, input_name="y", estimator=caller))
    y = read_labels(y, caller)
    if y.dtype.kind == "T":
        check_array(np.zeros(len(y)), ensure_2d=False, input_name="y", estimator=caller)
        return y
    return check_array(y, ensure_2d=False, dtype=None, input_name="y", estimator=caller)


def _check_one_hot(y):
    if y.dtype.kind not in "biuf" or not (np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()):
        raise ValueError(
            f"y has shape {y.shape}, but its rows are not one-hot: each must hold a single one "
            "and zeros. Unknown label type for a classifier with one label per sample: pass "
            "labels of shape (n_samples,) or one-hot rows (n_samples, n_classes)."
        )
    return y


def check_more_than_one(classes, caller):
    """Raise if there are fewer than two classes."""
    if len(classes) < 2:
        raise ValueError(
            f"{caller} needs samples of at least 2 classes in the data, but the data contains "
            f"only one class: {classes[0]!r}."
        )


def warn_of_empty_columns(empty, n_columns, caller):
    """Warn of one-hot columns without a training sample."""
    if not empty:
        return
    names = f"column {empty[0]}" if len(empty) == 1 else f"columns {_in_words(empty)}"
    warn(
        f"y is one-hot with {n_columns} columns, but no training sample of {caller} has its one in "
        f"{names}, so predictions for these classes are not learned. In cross-validation, the "
        "cause is that scikit-learn neither shuffles nor stratifies one-hot y. Pass labels, "
        "y.argmax(axis=1), instead. In the first call of partial_fit, pass classes=."
    )


def _in_words(numbers):
    shown = ", ".join(map(str, numbers[:20]))
    return f"{shown}, ..." if len(numbers) > 20 else shown


def check_sample_weight(sample_weight, rows, *, whole=True):
    """Validate weights of samples; None stays None.

    If `whole`, these are the weights of all samples, and at least one must not be zero.
    """
    if sample_weight is None:
        return None
    return check_weights(
        as_array(sample_weight),
        rows,
        dtype=np.float64,
        copy=True,
        ensure_non_negative=True,
        allow_all_zero_weights=not whole,
    )


def class_weights(class_weight, codes, classes, caller, counts=None):
    """Return the weight of every class.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        Parameter of the user, by label.
    codes : ndarray of shape (n_samples,)
        Classes of the samples with a positive weight.
    classes : ndarray of shape (n_classes,)
        Labels.
    caller : str
        Name of the estimator, for messages.
    counts : ndarray of shape (n_samples,) or None, default=None
        Number of samples that each of `codes` represents; None for one.

    Returns
    -------
    weights : ndarray of shape (n_classes,) or None
        Weights; None if `class_weight` is None.
    """
    if class_weight is None:
        return None
    weights = np.ones(len(classes))
    if class_weight == "balanced":
        present = np.unique(codes)
        weights[present] = compute_class_weight(
            "balanced", classes=present, y=codes, sample_weight=counts
        )
        return weights
    labels = classes.tolist()
    # Keys that are dates or durations are converted to the units of the classes.
    places = {key: key for key in class_weight}
    if classes.dtype.kind in "Mm":
        places = {key: _in_units(key, classes) for key in class_weight}
    known = set(labels)
    unknown = sorted((key for key, label in places.items() if label not in known), key=str)
    if classes.dtype.kind in "Mm":
        unknown = list(map(str, unknown))
    if unknown:
        hint = (
            " Ensembles such as VotingClassifier pass integers instead of labels: the position of "
            "each label in sorted order. Inside an ensemble, use these integers as keys."
            if np.array_equal(classes, np.arange(len(classes)))
            else ""
        )
        raise ValueError(
            f"The keys of the 'class_weight' parameter of {caller} must be among the classes "
            f"{listed(classes)}. Got {unknown} instead.{hint}"
        )
    for label, weight in class_weight.items():
        if not (isinstance(weight, Real) and 0 <= weight < np.inf):
            raise ValueError(
                f"The 'class_weight' parameter of {caller} must hold finite weights >= 0. Got "
                f"{weight!r} for class {label!r} instead."
            )
        weights[labels.index(places[label])] = weight
    return weights


def _in_units(label, classes):
    """Convert a date or duration to the form in a list of `classes`; keep other keys."""
    try:
        return np.asarray(label, dtype=classes.dtype).item()
    except (TypeError, ValueError):
        return label


def weight_scale(weights, caller):
    """Return the factor that scales the mean of the positive weights to one.

    With it, the scale of the weights does not change the step size, and an integer weight of k
    counts like k copies of the sample.
    """
    if weights is None:
        return 1.0
    total = weights.sum()
    check_some_weight(total, caller)
    return np.count_nonzero(weights) / total


def check_some_weight(total, caller):
    """Raise if the sum of all weights is zero."""
    if total == 0:
        raise ValueError(
            f"{caller} got a weight of zero for every sample, so there is nothing to learn from."
        )


def stratified_holdout(codes, fraction, generator):
    """Choose a random, stratified hold-out.

    A class of two or more samples has at least one sample in each part.  A class with a single
    sample stays in the training set.  (scikit-learn's splitters refuse such classes.)

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        Class of each sample.
    fraction : float in (0, 1)
        Share of the samples to hold out.
    generator : numpy.random.Generator
        Source of the shuffle.

    Returns
    -------
    held_out : ndarray of shape (n_samples,) of bool
        True for the samples to validate on.
    """
    held_out = np.zeros(len(codes), dtype=bool)
    for code in np.unique(codes):
        members = np.flatnonzero(codes == code)
        n_out = min(max(1, round(fraction * len(members))), len(members) - 1)
        held_out[generator.permutation(members)[:n_out]] = True
    return held_out
