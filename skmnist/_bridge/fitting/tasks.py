"""What a network is trained for: telling classes apart, rebuilding its input, making images.

A fit is the same for all of them but for the targets, which a task reads, checks and turns into
what the network's training step takes.
"""

from __future__ import annotations

import copy

import numpy as np

from skmnist._bridge.data import targets
from skmnist._bridge.data.outputs import Outputs
from skmnist._bridge.models.metric_targets import MetricTargets
from skmnist._keras import keras, tf


class Task:
    """What tasks without targets have in common."""

    needs_targets = False
    classes = None
    labels = None

    @classmethod
    def learn(cls, y, classes, caller):
        """Make the task; there is nothing to learn."""
        return cls()

    @staticmethod
    def check(y, caller):
        """Ignore labels, as scikit-learn's unsupervised estimators do."""

    def encode(self, y, n_samples):
        """Return one class for all samples."""
        return np.zeros(n_samples, dtype=np.int32)

    def check_samples(self, codes, caller):
        """Accept any samples; warn of classes without one, which only one-hot rows can have."""
        self._warn_of_empty_columns(codes, caller)

    def _warn_of_empty_columns(self, codes, caller):
        if self.labels is not None:
            empty = self.labels.without_samples(codes)
            targets.warn_of_empty_columns(empty, len(self.labels.classes), caller)

    def with_outputs(self, network, *, trains=True):
        """Return the task, with what it has to know of a network's outputs.

        Parameters
        ----------
        network : Network
            Compiled network.
        trains : bool, default=True
            Whether the network is to be trained, so that its metrics must be right.
        """
        return self

    def weights(self, weights):
        """Return weights of samples, or None, as the training step takes them."""
        return weights

    def attributes(self):
        """Return the attributes of a fitted estimator that belong to the task."""
        return {}


class Classification(Task):
    """Telling the classes of labels apart.

    Parameters
    ----------
    labels : Labels
        The classes.
    order : tuple of int or None, default=None
        Which of the network's outputs each class is; None for one after the other.
    """

    needs_targets = True

    def __init__(self, labels, order=None):
        self.labels = labels
        self.order = order
        self.outputs = None

    @classmethod
    def learn(cls, y, classes, caller):
        """Learn the classes from validated labels, or take those given for them."""
        labels = targets.Labels.learn(y, classes)
        targets.check_more_than_one(labels.classes, caller)
        return cls(labels)

    @staticmethod
    def check(y, caller):
        """Validate labels."""
        return targets.check_targets(y, caller)

    @property
    def classes(self):
        """Class labels, None where there are none."""
        return self.labels.classes

    def encode(self, y, n_samples):
        """Return the class codes of validated labels."""
        return self.labels.encode(y)

    def check_samples(self, codes, caller):
        """Raise if the samples that weigh anything are no training set."""
        targets.check_more_than_one(self.labels.classes[np.unique(codes)], caller)
        self._warn_of_empty_columns(codes, caller)

    def with_outputs(self, network, *, trains=True):
        """Return the task with a network's outputs read off, after checking that they fit."""
        task = type(self)(self.labels, self.order)
        task.outputs = Outputs.of(network, len(self.labels.classes), self.order)
        if trains:
            network.metric_targets = MetricTargets.of(network.model, task.outputs)
        return task

    def weights(self, weights):
        """Return weights of samples, or None, as the loss takes them: with its dimensions."""
        if weights is None or self.outputs.loss_dimensions < 2:
            return weights
        return weights.reshape(-1, 1)

    def targets(self, codes, pictures):
        """Return what the loss takes as targets."""
        return self.outputs.targets(codes)

    def attributes(self):
        """Return the attributes of a fitted estimator that belong to the task."""
        return {"classes_": self.labels.classes}


class Reconstruction(Task):
    """Rebuilding the images that the network is given."""

    def with_outputs(self, network, *, trains=True):
        """Return the task, which knows then how many dimensions losses have."""
        task = copy.copy(self)
        loss = keras.losses.get(network.model.loss)
        loss = loss.call if isinstance(loss, keras.losses.Loss) else loss
        sample = tf.zeros((2, *network.output_shape[1:]))
        task.loss_dimensions = len(loss(sample, sample).shape)
        return task

    def weights(self, weights):
        """Return weights of samples, or None, as the loss takes them: with its dimensions."""
        # Keras's losses are one number a row of pixels, and weights of fewer dimensions would be
        # spread along the wrong one.
        if weights is None:
            return None
        return weights.reshape(-1, *[1] * (self.loss_dimensions - 1))

    def targets(self, codes, pictures):
        """Return the images themselves."""
        return pictures


class Generation(Task):
    """Making images like those of the training set, of a class if there are labels.

    Parameters
    ----------
    labels : Labels or None, default=None
        The classes, None if all images are of one kind.
    """

    def __init__(self, labels=None):
        self.labels = labels

    @classmethod
    def learn(cls, y, classes, caller):
        """Learn the classes from validated labels, or take those given for them."""
        return cls(None if y is None else targets.Labels.learn(y, classes))

    @staticmethod
    def check(y, caller):
        """Validate labels if there are any."""
        return None if y is None else targets.check_targets(y, caller)

    @property
    def classes(self):
        """Class labels, None where there are none."""
        return None if self.labels is None else self.labels.classes

    def encode(self, y, n_samples):
        """Return the class codes of validated labels, or zeros."""
        if self.labels is None:
            return super().encode(y, n_samples)
        return self.labels.encode(y)

    def targets(self, codes, pictures):
        """Return the class codes, None if there are no classes."""
        return None if self.labels is None else codes

    def attributes(self):
        """Return the attributes of a fitted estimator that belong to the task."""
        return {} if self.labels is None else {"classes_": self.labels.classes}
