"""Labels of any kind, one-hot rows included, and the weights of samples and classes."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_array


class Labels:
    """What the classes look like outside, and as codes 0 .. n_classes - 1 inside.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Sorted class labels.
    one_hot_dtype : dtype or None
        Dtype of the one-hot rows the labels came as, None if they came as labels.
    """

    def __init__(self, classes, one_hot_dtype=None):
        self.classes = classes
        self.one_hot_dtype = one_hot_dtype

    @classmethod
    def learn(cls, y, classes=None):
        """Find the classes in validated `y`, or take those given for it."""
        if y.ndim == 2:
            return cls(np.arange(y.shape[1]), y.dtype)
        return cls(LabelEncoder().fit(y if classes is None else column_or_1d(classes)).classes_)

    def encode(self, y):
        """Return the codes of validated `y`; raise ValueError for labels that are no class."""
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
        unknown = set(np.unique(y).tolist()) - set(self.classes.tolist())
        if unknown:
            raise ValueError(
                f"y contains labels that are none of the classes: {sorted(unknown, key=str)}. "
                f"The classes are {self.classes.tolist()}."
            )
        return np.searchsorted(self.classes, y).astype(np.int32)

    def decode(self, codes):
        """Return codes as labels of the kind and dtype that were fitted."""
        if self.one_hot_dtype is None:
            return self.classes[codes]
        return np.eye(len(self.classes), dtype=self.one_hot_dtype)[codes]

    def __eq__(self, other):
        return (
            isinstance(other, Labels)
            and np.array_equal(self.classes, other.classes)
            and (self.one_hot_dtype is None) == (other.one_hot_dtype is None)
        )

    __hash__ = None


def check_targets(y):
    """Validate `y` as scikit-learn does: labels, or rows with a single one.

    Returns
    -------
    y : ndarray of shape (n_samples,) or (n_samples, n_classes)
        Labels, or one-hot rows.
    """
    y = check_array(y, ensure_2d=False, dtype=None, input_name="y", estimator="the classifier")
    if y.ndim == 2 and y.shape[1] > 1:
        if y.dtype.kind not in "biuf" or not (
            np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()
        ):
            raise ValueError(
                f"y has shape {y.shape}, but its rows are not one-hot: each must hold a single "
                "one and zeros. Unknown label type for a classifier with one label per sample: "
                "pass labels of shape (n_samples,) or one-hot rows (n_samples, n_classes)."
            )
        return y
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    return y


def check_more_than_one(classes, caller):
    """Raise if there are fewer than two classes to tell apart."""
    if len(classes) < 2:
        raise ValueError(
            f"{caller} needs samples of at least 2 classes in the data, but the data contains "
            f"only one class: {classes[0]!r}."
        )


def sample_weights(sample_weight, class_weight, rows, codes, classes, caller):
    """Combine sample and class weights.

    Returns
    -------
    weights : ndarray of shape (n_samples,) or None
        Weights with mean one over the samples that have any, None if all weigh the same.
        The scale of weights therefore does not change the step size, and an integer weight
        counts like that many copies of the sample.
    """
    if sample_weight is None and class_weight is None:
        return None
    weights = _check_sample_weight(
        sample_weight, rows, dtype=np.float64, copy=True, ensure_non_negative=True
    )
    if class_weight is not None:
        if isinstance(class_weight, dict):
            unknown = set(class_weight) - set(classes.tolist())
            if unknown:
                raise ValueError(
                    f"The 'class_weight' parameter of {caller} has keys that are no class: "
                    f"{sorted(unknown, key=str)}. The classes are {classes.tolist()}."
                )
        present = np.unique(codes)
        per_class = np.ones(len(classes))
        if isinstance(class_weight, dict):
            for i, label in enumerate(classes.tolist()):
                per_class[i] = class_weight.get(label, 1.0)
        else:
            per_class[present] = compute_class_weight(class_weight, classes=present, y=codes)
        if not (np.isfinite(per_class).all() and (per_class >= 0).all()):
            raise ValueError(
                f"The 'class_weight' parameter of {caller} must hold finite weights >= 0. "
                f"Got {class_weight!r} instead."
            )
        weights *= per_class[codes]
    total = weights.sum()
    if total == 0:
        raise ValueError(
            f"{caller} got a weight of zero for every sample, so there is nothing to learn from."
        )
    return weights * (np.count_nonzero(weights) / total)


def stratified_holdout(codes, fraction, generator):
    """Choose the samples to validate on: shuffled, and of every class its share.

    A class of two or more samples has at least one on either side; a class with a single sample
    stays in the training set.  (scikit-learn's splitters refuse such classes.)

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
