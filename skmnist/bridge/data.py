"""The samples of a fit: training and held-out data, with their weights."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from sklearn.utils import check_consistent_length

from skmnist.bridge import images, targets
from skmnist.bridge.seeding import holdout_generator


@dataclass
class Data:
    """Validated samples: float32 rows, class codes, and weights (None if all weigh the same)."""

    rows: np.ndarray
    codes: np.ndarray
    weights: np.ndarray | None
    dtype: np.dtype | None

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


def weigh_classes(estimator, data, task, name):
    """Multiply class weights into the weights; samples that weigh nothing then are left out."""
    class_weight = getattr(estimator, "class_weight", None)
    per_class = targets.class_weights(class_weight, data.codes, task.classes, name)
    if per_class is None:
        return data
    weights = per_class[data.codes] * (1 if data.weights is None else data.weights)
    targets.weight_scale(weights, name)
    return dataclasses.replace(data, weights=weights).with_weight()


def read_validation(estimator, validation, task, image_shape):
    """Validate the data to validate on, and say in errors that it is those.

    Parameters
    ----------
    estimator : BaseKerasEstimator
        Estimator that is fitted.
    validation : tuple of (X_val, y_val, sample_weight_val)
        What the user gave, or Nones.
    task : Task
        What the estimator is fitted for, as in :mod:`skmnist.bridge.tasks`.
    image_shape : tuple of int
        The shape that images must have.

    Returns
    -------
    held_out : Data or None
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
    if y_val is None and task.needs_targets:
        raise ValueError("X_val needs y_val, its labels, which is None.")
    try:
        rows, _, dtype = estimator._check_images(X_val, expected=image_shape)
        y_val = estimator._check_targets(y_val)
        if y_val is not None:
            check_consistent_length(rows, y_val)
        weights = targets.check_sample_weight(sample_weight_val, rows)
        data = Data(rows, task.encode(y_val, len(rows)), weights, dtype)
        return data.scaled(targets.weight_scale(weights, name)).with_weight()
    except ValueError as error:
        y_name = "y_val, " if task.needs_targets else ""
        message = f"The validation data X_val, {y_name}sample_weight_val are not valid: {error}"
        raise ValueError(message) from error


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
