"""Data sets that produce images in batches: ``tf.data.Dataset`` and ``keras.utils.PyDataset``."""

from __future__ import annotations

import sys

import numpy as np

_WANTED = "Its batches must be (images, labels) or (images, labels, sample_weight)"
_WANTED_WITHOUT_LABELS = (
    "Its batches must be images, (images, labels) or (images, labels, sample_weight)"
)


def is_data_set(X):
    """Return whether `X` is a ``tf.data.Dataset`` or ``keras.utils.PyDataset``."""
    return not isinstance(X, np.ndarray) and (_is_tf_dataset(X) or _is_py_dataset(X))


def _is_tf_dataset(X):
    # No such object exists before TensorFlow is imported, and importing it here takes seconds.
    data = getattr(sys.modules.get("tensorflow"), "data", None)
    return isinstance(X, getattr(data, "Dataset", ()))


def _is_py_dataset(X):
    utils = getattr(sys.modules.get("keras"), "utils", None)
    return isinstance(X, getattr(utils, "PyDataset", ()))


class Reader:
    """Iterable over the batches of a data set.

    Parameters
    ----------
    data_set : tf.data.Dataset or keras.utils.PyDataset
        Data set of the user.
    caller : str
        Name of the estimator, for messages.
    uses_labels : bool
        Whether labels are required; if False, they are not read.
    uses_weights : bool
        Whether weights are read.
    """

    def __init__(self, data_set, caller, uses_labels, uses_weights):
        self.data_set, self.caller = data_set, caller
        self.uses_labels, self.uses_weights = uses_labels, uses_weights
        self.sample_shape = None  # shape of the first image
        self.dtype = None
        self._check_kind()

    def __iter__(self):
        """Yield images, labels and weights of each batch as arrays; None for missing parts."""
        is_weighted = None
        for number, element in enumerate(self._elements()):
            batch = self._split(element, number)
            self._check_like_first(batch[0], number)
            if len(batch[0]) == 0:
                continue
            if is_weighted not in (None, batch[2] is not None):
                raise ValueError(
                    f"{self._where(number)} differs from earlier batches in having weights or "
                    "not. Give weights to all batches, or to none."
                )
            is_weighted = batch[2] is not None
            yield batch

    def begin_epoch(self):
        """Notify a ``PyDataset`` that an epoch begins."""
        if _is_py_dataset(self.data_set):
            self.data_set.on_epoch_begin()

    def end_epoch(self):
        """Notify a ``PyDataset`` that an epoch has ended."""
        if _is_py_dataset(self.data_set):
            self.data_set.on_epoch_end()

    @property
    def _name(self):
        return type(self.data_set).__name__

    def _where(self, number):
        return f"Batch {number} of the data set ({self._name})"

    def _check_kind(self):
        """Raise if the data set is infinite or has no number of batches."""
        if _is_py_dataset(self.data_set):
            try:
                infinite = self.data_set.num_batches is None
            except NotImplementedError as error:
                raise ValueError(
                    f"The data set ({self._name}) does not define its number of batches. Give it "
                    "a property num_batches or a method __len__."
                ) from error
        else:
            infinite = int(self.data_set.cardinality()) == -1  # tf.data.INFINITE_CARDINALITY
        if infinite:
            raise ValueError(
                f"The data set ({self._name}) is infinite, but an epoch of {self.caller} is one "
                "pass over it. Leave out repeat(), or end it with take(n)."
            )

    def _elements(self):
        if _is_py_dataset(self.data_set):
            for i in range(self.data_set.num_batches):
                yield self.data_set[i]
            return
        try:
            elements = self.data_set.as_numpy_iterator()
        except TypeError as error:
            raise ValueError(
                f"The data set ({self._name}) has elements that are not dense tensors, which "
                f"{self.caller} cannot read: {error}"
            ) from error
        yield from elements

    def _split(self, element, number):
        wanted = _WANTED if self.uses_labels else _WANTED_WITHOUT_LABELS
        parts = tuple(element) if isinstance(element, (tuple, list)) else (element,)
        if isinstance(element, dict) or len(parts) not in (1, 2, 3):
            got = f"a {type(element).__name__} of {len(element)}"
            raise ValueError(f"{self._where(number)} is {got}. {wanted}.")
        pictures, labels, weights = (*parts, None, None)[:3]
        if not self.uses_labels:
            labels = None
        elif labels is None:
            raise ValueError(
                f"{self._where(number)} holds images without labels. {wanted} for {self.caller}."
            )
        pictures = self._array(pictures, "images", number)
        if pictures.dtype.kind not in "biuf":
            raise ValueError(
                f"{self._where(number)} holds images of dtype {pictures.dtype}, but they must be "
                "arrays of numbers."
            )
        labels = None if labels is None else _labels(self._array(labels, "labels", number))
        if weights is not None:
            weights = self._array(weights, "weights", number) if self.uses_weights else None
        self._check_batched(pictures, labels, weights, number)
        return pictures, labels, weights

    def _array(self, part, what, number):
        try:
            return np.asarray(part)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{self._where(number)} holds {what} that are not an array: {error}"
            ) from error

    def _check_batched(self, pictures, labels, weights, number):
        """Raise if parts hold single samples, or differ in their number of samples."""
        advice = (
            "If these are single images, group them, for instance by batch(32) of a "
            "tf.data.Dataset."
        )
        if pictures.ndim not in (2, 3, 4) or (labels is not None and labels.ndim == 0):
            of_labels = "" if labels is None else f" and labels of shape {labels.shape}"
            raise ValueError(
                f"{self._where(number)} holds images of shape {pictures.shape}{of_labels}, but "
                "batches of images have shape (n_samples, n_features), (n_samples, height, width) "
                f"or (n_samples, height, width, channels), with one label per image. {advice}"
            )
        for what, part in (("labels", labels), ("weights", weights)):
            if part is not None and part.shape[:1] != pictures.shape[:1]:
                raise ValueError(
                    f"{self._where(number)} holds images of shape {pictures.shape}, but {what} of "
                    f"shape {part.shape}, which is not one per image. {advice}"
                )

    def _check_like_first(self, pictures, number):
        shape, dtype = pictures.shape[1:], pictures.dtype
        if self.sample_shape is None:
            self.sample_shape, self.dtype = shape, dtype
        for what, found, first in (
            ("shape", shape, self.sample_shape),
            ("dtype", dtype, self.dtype),
        ):
            if found != first:
                raise ValueError(
                    f"{self._where(number)} holds images of {what} {found}, but the first batch "
                    f"held images of {what} {first}. All images must have the same {what}."
                )


def _labels(labels):
    """Return labels with a column flattened and TensorFlow's bytes decoded."""
    if labels.shape[1:] == (1,):
        labels = labels[:, 0]
    if labels.dtype == object and all(isinstance(label, bytes) for label in labels.flat):
        return np.array([label.decode() for label in labels.flat]).reshape(labels.shape)
    return labels
