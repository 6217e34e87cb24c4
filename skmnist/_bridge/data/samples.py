"""The samples of a fit: training and held-out data, with their weights."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from skmnist._bridge.data import images, memmap, targets
from skmnist._bridge.data.memmap import StoredRows
from skmnist._bridge.data.seeds import holdout_generator


@dataclass
class Data:
    """Validated samples: rows, class codes, and weights (None if all weigh the same)."""

    rows: np.ndarray | StoredRows
    codes: np.ndarray
    weights: np.ndarray | None
    dtype: np.dtype | None
    counts = None  # of the samples that a class code stands for: one

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

    def weight_scale(self, caller):
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


def weigh_classes(estimator, data, task, name):
    """Multiply class weights into the weights; samples that weigh nothing then are left out."""
    class_weight = getattr(estimator, "class_weight", None)
    per_class = targets.class_weights(class_weight, data.codes, task.classes, name, data.counts)
    return data if per_class is None else data.weighted_by_class(per_class, name)


def hold_out(estimator, data, seed):
    """Split the samples into those to train on and those to validate on."""
    fraction = estimator.validation_fraction
    fraction = 0.1 if fraction is None else fraction
    chosen = targets.stratified_holdout(data.codes, fraction, holdout_generator(seed))
    if not chosen.any():
        raise ValueError(
            f"validation_fraction={fraction} of {len(chosen)} samples leaves nothing to validate "
            "on, as every class has a single sample. Pass validation data, or more data."
        )
    held_out = data.take(chosen)
    scale = targets.weight_scale(held_out.weights, type(estimator).__name__)
    return data.take(~chosen), held_out.scaled(scale)


def resolve_image_shape(estimator, given_shape, n_features):
    """Return the shape of the images: as given, as declared, or as rows are folded."""
    if estimator.image_shape is None:
        return given_shape or images.fold_shape(n_features)
    declared = images.check_image_shape(estimator.image_shape, n_features, type(estimator).__name__)
    if given_shape not in (None, declared):
        raise ValueError(
            f"X holds images of shape {given_shape}, but the 'image_shape' parameter of "
            f"{type(estimator).__name__} is {estimator.image_shape!r}."
        )
    return declared
