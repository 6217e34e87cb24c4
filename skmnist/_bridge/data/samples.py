"""Validated samples with their weights, and the hold-out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from skmnist._bridge.data import memmap, targets
from skmnist._bridge.data.memmap import StoredRows
from skmnist._bridge.data.seeds import holdout_generator


class Samples(Protocol):
    """Validated samples in memory or in a file (`ArraySamples`), or of a data set.

    Callers use ``encoded`` first and ``with_pixels`` last.  Methods that only a fit needs, such as
    those for weights, come in between.
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
        """Return the samples with their weights multiplied by the weight of their class."""

    def mean_one_factor(self, caller):
        """Return the factor that scales the mean of the positive weights to one."""

    def with_pixels(self, pixels):
        """Return the samples with their pixels scaled for the network."""

    def first_rows(self, n_rows):
        """Return at most `n_rows` of the first rows, in memory."""

    def parts(self):
        """Yield all samples in order, in parts that fit in memory."""


@dataclass
class ArraySamples:
    """Validated samples in arrays, in memory or in a memory-mapped file.

    Parameters
    ----------
    rows : ndarray or StoredRows of shape (n_samples, n_features)
        Pixels.
    weights : ndarray of shape (n_samples,) or None
        Weights, None if all are equal.
    dtype : dtype or None
        Original dtype of the pixels.
    y : ndarray or None
        Validated labels before encoding.
    codes : ndarray of shape (n_samples,) or None
        Class codes after encoding.
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
        """Class codes of all samples, which include every class that has samples."""
        return self.codes

    @property
    def class_counts(self):
        """Number of samples per entry of `present_classes`; None means one."""
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
        """Return the samples with weights times `factor`; missing weights count as one."""
        if self.weights is None and factor == 1:
            return self
        weights = np.ones(len(self.codes)) if self.weights is None else self.weights
        return dataclasses.replace(self, weights=weights * factor)

    def weighted_by_class(self, per_class, caller):
        """Return the samples with their weights multiplied by the weight of their class."""
        weights = per_class[self.codes] * (1 if self.weights is None else self.weights)
        targets.weight_scale(weights, caller)
        return dataclasses.replace(self, weights=weights).with_weight()

    def mean_one_factor(self, caller):
        """Return the factor that scales the mean of the positive weights to one."""
        return targets.weight_scale(self.weights, caller)

    def with_pixels(self, pixels):
        """Return the samples with their pixels scaled for the network."""
        return dataclasses.replace(self, rows=memmap.scaled(self.rows, pixels, self.dtype))

    @property
    def is_stored(self):
        """True if the rows are in a file."""
        return isinstance(self.rows, StoredRows)

    def read(self, numbers):
        """Return the samples with these row numbers, or of a slice, in memory."""
        rows = self.rows.read(numbers) if self.is_stored else self.rows[numbers]
        weights = None if self.weights is None else self.weights[numbers]
        return dataclasses.replace(self, rows=rows, codes=self.codes[numbers], weights=weights)

    def first_rows(self, n_rows):
        """Return at most `n_rows` of the first rows, in memory."""
        return self.read(slice(n_rows)).rows

    def parts(self):
        """Yield all samples in order, in parts that fit in memory."""
        n_rows = self.rows.rows_per_block if self.is_stored else max(len(self.rows), 1)
        for start in range(0, len(self.rows), n_rows):
            yield self.read(slice(start, start + n_rows))


def weigh_classes(samples, class_weight, classes, caller):
    """Multiply sample weights by class weights, and leave out samples with weight zero."""
    per_class = targets.class_weights(
        class_weight, samples.present_classes, classes, caller, samples.class_counts
    )
    return samples if per_class is None else samples.weighted_by_class(per_class, caller)


def hold_out(samples, fraction, seed, caller):
    """Split samples into a training set and a hold-out for validation."""
    fraction = 0.1 if fraction is None else fraction
    chosen = targets.stratified_holdout(samples.codes, fraction, holdout_generator(seed))
    if not chosen.any():
        raise ValueError(
            f"validation_fraction={fraction} of {len(chosen)} samples leaves nothing to validate "
            "on, because every class has a single sample. Pass validation data, or more data."
        )
    held_out = samples.take(chosen)
    scale = targets.weight_scale(held_out.weights, caller)
    return samples.take(~chosen), held_out.scaled(scale)
