"""Tasks of a network: classification, reconstruction and generation of images.

The fits of all tasks differ only in their targets.  A task reads and validates labels, and converts
them to targets for the network's training step.
"""

from __future__ import annotations

import copy

import numpy as np

from skmnist._bridge.data import images, targets
from skmnist._bridge.data.feeds import StepArrays
from skmnist._bridge.data.outputs import Outputs
from skmnist._bridge.models.metric_targets import MetricTargets
from skmnist._keras import keras, tf


class Task:
    """Base class of the tasks, and a task without targets."""

    needs_targets = False
    classes = None
    labels = None

    @classmethod
    def learn(cls, y, classes, caller):
        """Return the task, which learns nothing from labels."""
        return cls()

    @staticmethod
    def check(y, caller):
        """Ignore labels, as scikit-learn's unsupervised estimators do."""

    def encode(self, y, n_samples):
        """Return one class for all samples."""
        return np.zeros(n_samples, dtype=np.int32)

    def check_samples(self, codes, caller):
        """Accept any samples; warn of one-hot columns without a sample."""
        self._warn_of_empty_columns(codes, caller)

    def _warn_of_empty_columns(self, codes, caller):
        if self.labels is not None:
            empty = self.labels.without_samples(codes)
            targets.warn_of_empty_columns(empty, len(self.labels.classes), caller)

    def with_outputs(self, network, *, trains=True):
        """Return the task with the facts about a network's outputs that it needs.

        Parameters
        ----------
        network : Network
            Compiled network.
        trains : bool, default=True
            Whether the network will be trained, which requires valid metrics.
        """
        return self

    def weights(self, weights):
        """Return weights, or None, in the shape for the training step."""
        return weights

    def step_arrays(self, samples, input_shape):
        """Convert encoded samples in memory to arrays for a training step.

        Parameters
        ----------
        samples : ArraySamples
            Samples scaled for the network.
        input_shape : tuple of int
            Shape of one sample as the network takes it.

        Returns
        -------
        arrays : StepArrays
            Images, targets and weights.
        """
        pictures = images.as_images(samples.rows, input_shape)
        weights = self.weights(samples.weights)
        return StepArrays(pictures, self.targets(samples.codes, pictures), weights)

    def check_compiled_again(self, network, caller):
        """Raise if a callback has compiled the model with a loss for other targets."""
        now = getattr(self.with_outputs(network), "outputs", None)
        if now != getattr(self, "outputs", None):
            raise ValueError(
                "A callback has compiled the model with a loss that requires other targets or "
                f"outputs than before: {network.model.loss!r}. Set the 'loss' parameter of "
                f"{caller} instead."
            )

    def attributes(self):
        """Return the attributes of a fitted estimator that belong to the task."""
        return {}


class Classification(Task):
    """Classification of images.

    Parameters
    ----------
    labels : Labels
        Classes.
    order : tuple of int or None, default=None
        Position of each class among the network's outputs; None if outputs are sorted.
    """

    needs_targets = True

    def __init__(self, labels, order=None):
        self.labels = labels
        self.order = order
        self.outputs = None

    @classmethod
    def learn(cls, y, classes, caller):
        """Learn the classes from validated labels, or take `classes`."""
        labels = targets.Labels.learn(y, classes)
        targets.check_more_than_one(labels.classes, caller)
        return cls(labels)

    @staticmethod
    def check(y, caller):
        """Validate labels."""
        return targets.check_targets(y, caller)

    @property
    def classes(self):
        """Class labels, sorted."""
        return self.labels.classes

    def encode(self, y, n_samples):
        """Return the class codes of validated labels."""
        return self.labels.encode(y)

    def check_samples(self, codes, caller):
        """Raise if samples with a positive weight have fewer than two classes."""
        targets.check_more_than_one(self.labels.classes[np.unique(codes)], caller)
        self._warn_of_empty_columns(codes, caller)

    def with_outputs(self, network, *, trains=True):
        """Return the task with the meaning of a network's outputs, after checking them."""
        task = type(self)(self.labels, self.order)
        task.outputs = Outputs.of(network, len(self.labels.classes), self.order)
        if trains:
            network.metric_targets = MetricTargets.of(network.model, task.outputs)
        return task

    def weights(self, weights):
        """Return weights, or None, with the number of dimensions of the loss."""
        if weights is None or self.outputs.loss_dimensions < 2:
            return weights
        return weights.reshape(-1, 1)

    def targets(self, codes, pictures):
        """Return class codes in the form that the loss takes."""
        return self.outputs.targets(codes)

    def check_outputs(self, network, samples):
        """Raise if a network's outputs for some samples do not fit its loss."""
        pictures = images.as_images(samples.first_rows(16), network.input_shape)
        self.outputs.check(network.predict(pictures), network.model.loss)

    def attributes(self):
        """Return the attributes of a fitted estimator that belong to the task."""
        return {"classes_": self.labels.classes}


class ClassificationInOrder:
    """Classification with given classes, in the order of the network's outputs.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
        Label of each output.
    """

    needs_targets = True
    check = staticmethod(Classification.check)

    def __init__(self, classes):
        self.classes = classes

    def learn(self, y, classes, caller):
        """Return the task, after checking that the data have the same classes."""
        labels, order = targets.Labels.in_order(self.classes, caller)
        for given in (classes, np.arange(y.shape[1]) if y.ndim == 2 else None):
            if given is not None and not np.array_equal(np.unique(given), labels.classes):
                raise ValueError(
                    f"The 'classes' parameter of {caller} must hold the classes of the data, "
                    f"{np.unique(given).tolist()}. Got {labels.classes.tolist()} instead."
                )
        if y.ndim == 2:
            labels = targets.Labels(labels.classes, y.dtype)
        else:
            _refuse_codes(y, labels, order, caller)
        return Classification(labels, order)


def _refuse_codes(y, labels, order, name):
    """Raise if `y` holds the integers that an ensemble passes in place of the labels."""
    n_classes = len(labels.classes)
    if y.dtype.kind not in "iu" or not len(y) or y.min() < -1 or y.max() >= n_classes:
        return
    try:
        labels.encode(y)
    except ValueError as error:
        numbered = ", ".join(
            f"{i} for {label!r}" for i, label in enumerate(targets.listed(labels.classes))
        )
        outputs = np.empty(n_classes, dtype=int)
        outputs[np.arange(n_classes) if order is None else list(order)] = np.arange(n_classes)
        raise ValueError(
            f"{error} Ensembles such as VotingClassifier pass integers instead of labels, the "
            f"position of each label in sorted order: {numbered}. Inside an ensemble, the "
            f"'classes' parameter of {name} must be {outputs.tolist()}, the integer for each "
            "output. OneVsRestClassifier and similar estimators pass 1 for one class and 0 or -1 "
            "for all other classes. They need networks with two outputs and classes=None."
        ) from None


class Reconstruction(Task):
    """Reconstruction of the input images."""

    def with_outputs(self, network, *, trains=True):
        """Return the task with the number of dimensions of the loss's result."""
        task = copy.copy(self)
        loss = keras.losses.get(network.model.loss)
        loss = loss.call if isinstance(loss, keras.losses.Loss) else loss
        sample = tf.zeros((2, *network.output_shape[1:]))
        task.loss_dimensions = len(loss(sample, sample).shape)
        return task

    def weights(self, weights):
        """Return weights, or None, with the number of dimensions of the loss."""
        # Keras's losses return one number per row of pixels.  Weights with fewer dimensions would
        # be broadcast along the wrong axis.
        if weights is None:
            return None
        return weights.reshape(-1, *[1] * (self.loss_dimensions - 1))

    def targets(self, codes, pictures):
        """Return the images themselves."""
        return pictures


class Generation(Task):
    """Generation of images like those of the training set, without labels.

    Parameters
    ----------
    labels : Labels or None, default=None
        Classes; None without labels.
    """

    def __init__(self, labels=None):
        self.labels = labels

    @classmethod
    def learn(cls, y, classes, caller):
        """Learn the classes from validated labels, or take `classes`; labels may be None."""
        return cls(None if y is None else targets.Labels.learn(y, classes))

    @property
    def classes(self):
        """Class labels, sorted; None without labels."""
        return None if self.labels is None else self.labels.classes

    def encode(self, y, n_samples):
        """Return the class codes of validated labels, or zeros."""
        if self.labels is None:
            return super().encode(y, n_samples)
        return self.labels.encode(y)

    def targets(self, codes, pictures):
        """Return the class codes; None without labels."""
        return None if self.labels is None else codes

    def attributes(self):
        """Return the attributes of a fitted estimator that belong to the task."""
        return {} if self.labels is None else {"classes_": self.labels.classes}


class ConditionalGeneration(Generation):
    """Generation of images of a given class, learned from labels."""

    needs_targets = True

    @staticmethod
    def check(y, caller):
        """Validate labels, which are required."""
        if y is None:
            raise ValueError(
                f"{caller}(conditional=True) requires y to be passed, but the target y is None. "
                "Pass the labels of the images, or set conditional=False."
            )
        return targets.check_targets(y, caller)
