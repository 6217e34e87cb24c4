"""Validated samples: those to train on and the hold-out, with their weights."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from skmnist._bridge.data import memmap, targets
from skmnist._bridge.data.memmap import StoredRows
from skmnist._bridge.data.seeds import holdout_generator


class Samples(Protocol):
    """Validated samples, in memory (`ArraySamples`), in a file, or of a data set.

    ``encoded`` comes first, ``with_pixels`` last; what only a training needs stands between.
    """

    image_shape: tuple[int, ...] | None
    sample_shape: tuple[int, ...]
    dtype: np.dtype | None
    n_features: int
    present_classes: np.ndarray
    class_counts: np.ndarray | None

    def encoded(self, task):
        """Return the samples with the class codes of their labels."""

    def with_weight(self):
        """Return the samples whose weight is not zero."""

    def scaled(self, factor):
        """Return the samples with weights times `factor`."""

    def weighted_by_class(self, per_class, caller):
        """Return the samples with a weight for every class multiplied into their weights."""

    def mean_one_factor(self, caller):
        """Return the factor that brings the mean of the weights that are not zero to one."""

    def with_pixels(self, pixels):
        """Return the samples in the units of a network."""

    def first_rows(self, n_rows):
        """Return rows of the beginning, at most `n_rows`, that lie in memory."""

    def parts(self):
        """Yield all samples in their order, as many at a time as are to be in memory."""


@dataclass
class ArraySamples:
    """Validated samples that lie in arrays, in memory or in a memory-mapped file.

    Parameters
    ----------
    rows : ndarray or StoredRows of shape (n_samples, n_features)
        Pixels.
    weights : ndarray of shape (n_samples,) or None
        Weights, None if all are equal.
    dtype : dtype or None
        What the pixels came as.
    y : ndarray or None
        Validated labels, until they are encoded.
    codes : ndarray of shape (n_samples,) or None
        Class codes, once they are.
    image_shape : tuple of int or None
        Shape of an image, None if the samples came as rows.
    sample_shape : tuple of int
        Shape of a sample as the user passed it.
    """

    rows: np.ndarray | StoredRows
    weights: np.ndarray | None
    dtype: np.dtype | None
    y: np.ndarray | None = None
    codes: np.ndarray | None = None
    image_shape: tuple[int, ...] | None = None
    sample_shape: tuple[int, ...] = ()

    def __len__(self):
        return len(self.rows)

    @property
    def n_features(self):
        """Number of pixels of a sample."""
        return self.rows.shape[1]

    @property
    def present_classes(self):
        """Class codes of all samples, so that each class that has samples is among them."""
        return self.codes

    @property
    def class_counts(self):
        """How many samples each entry of `present_classes` stands for; None means one."""
        return None

    def pixel_stats(self):
        """Return the ``PixelStats`` of all rows."""
        return memmap.pixel_stats(self.rows, self.dtype)

    def encoded(self, task):
        """Return the samples with the class codes of their labels."""
        return dataclasses.replace(self, codes=task.encode(self.y, len(self.rows)), y=None)

    def take(self, chosen):
        """Return the samples where the mask `chosen` is true."""
        if chosen.all():
            return self
        weights = None if self.weights is None else self.weights[chosen]
        return dataclasses.replace(
            self, rows=self.rows[chosen], codes=self.codes[chosen], weights=weights
        )

    def with_weight(self):
        """Return the samples whose weight is not zero."""
        return self if self.weights is None else self.take(self.weights > 0)

    def scaled(self, factor):
        """Return the samples with weights times `factor`; of weight one where they had none."""
        if self.weights is None and factor == 1:
            return self
        weights = np.ones(len(self.codes)) if self.weights is None else self.weights
        return dataclasses.replace(self, weights=weights * factor)

    def weighted_by_class(self, per_class, caller):
        """Return the samples with a weight for every class multiplied into their weights."""
        weights = per_class[self.codes] * (1 if self.weights is None else self.weights)
        targets.weight_scale(weights, caller)
        return dataclasses.replace(self, weights=weights).with_weight()

    def mean_one_factor(self, caller):
        """Return the factor that brings the mean of the weights that are not zero to one."""
        return targets.weight_scale(self.weights, caller)

    def with_pixels(self, pixels):
        """Return the samples in the units of a network."""
        return dataclasses.replace(self, rows=memmap.scaled(self.rows, pixels, self.dtype))

    @property
    def is_stored(self):
        """Whether the rows lie in a file."""
        return isinstance(self.rows, StoredRows)

    def read(self, numbers):
        """Return the samples of some numbers, or of a slice, with rows that lie in memory."""
        rows = self.rows.read(numbers) if self.is_stored else self.rows[numbers]
        weights = None if self.weights is None else self.weights[numbers]
        return dataclasses.replace(self, rows=rows, codes=self.codes[numbers], weights=weights)

    def first_rows(self, n_rows):
        """Return rows of the beginning, at most `n_rows`, that lie in memory."""
        return self.read(slice(n_rows)).rows

    def parts(self):
        """Yield all samples in their order, as many at a time as are to be in memory."""
        n_rows = self.rows.rows_per_block if self.is_stored else max(len(self.rows), 1)
        for start in range(0, len(self.rows), n_rows):
            yield self.read(slice(start, start + n_rows))


def weigh_classes(samples, class_weight, classes, caller):
    """Multiply class weights into the weights; samples that weigh nothing then are left out."""
    per_class = targets.class_weights(
        class_weight, samples.present_classes, classes, caller, samples.class_counts
    )
    return samples if per_class is None else samples.weighted_by_class(per_class, caller)


def hold_out(samples, fraction, seed, caller):
    """Split the samples into those to train on and those to validate on."""
    fraction = 0.1 if fraction is None else fraction
    chosen = targets.stratified_holdout(samples.codes, fraction, holdout_generator(seed))
    if not chosen.any():
        raise ValueError(
            f"validation_fraction={fraction} of {len(chosen)} samples leaves nothing to validate "
            "on, as every class has a single sample. Pass validation data, or more data."
        )
    held_out = samples.take(chosen)
    scale = targets.weight_scale(held_out.weights, caller)
    return samples.take(~chosen), held_out.scaled(scale)
