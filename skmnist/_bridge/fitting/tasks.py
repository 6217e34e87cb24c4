"""What a network is trained for: telling classes apart, rebuilding its input, making images.

A fit is the same for all of them but for the targets, which a task reads, checks and turns into
what the network's training step takes.
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

    def step_arrays(self, samples, input_shape):
        """Return encoded samples in memory as a training step takes them.

        Parameters
        ----------
        samples : ArraySamples
            Samples in the units of the network.
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
        """Raise if a callback has compiled the model with a loss that the targets do not fit."""
        now = getattr(self.with_outputs(network), "outputs", None)
        if now != getattr(self, "outputs", None):
            raise ValueError(
                "A callback has compiled the model with a loss that takes other targets or outputs "
                f"than before: {network.model.loss!r}. Set the 'loss' parameter of {caller} "
                "instead."
            )

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

    def check_outputs(self, network, samples):
        """Check that a network's outputs for some samples are what its loss says."""
        pictures = images.as_images(samples.first_rows(16), network.input_shape)
        self.outputs.check(network.predict(pictures), network.model.loss)

    def attributes(self):
        """Return the attributes of a fitted estimator that belong to the task."""
        return {"classes_": self.labels.classes}


class ClassificationInOrder:
    """Classification whose classes, in the order of the outputs, are known before the fit.

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
        """Return the task, after checking that the data have no other classes."""
        labels, order = targets.Labels.in_order(self.classes, caller)
        for given in (classes, np.arange(y.shape[1]) if y.ndim == 2 else None):
            if given is not None and not np.array_equal(np.unique(given), labels.classes):
                raise ValueError(
                    f"The 'classes' parameter of {caller} is {labels.classes.tolist()}, but the "
                    f"classes of the data are {np.unique(given).tolist()}."
                )
        if y.ndim == 2:
            labels = targets.Labels(labels.classes, y.dtype)
        else:
            _refuse_codes(y, labels, order, caller)
        return Classification(labels, order)


def _refuse_codes(y, labels, order, name):
    """Raise if `y` holds the integers that an ensemble passes for labels, which are others."""
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
            f"{error} Ensembles such as VotingClassifier pass integers instead of labels, each the "
            f"place of its label in sorted order: {numbered}. Inside them the 'classes' parameter "
            f"of {name} must be {outputs.tolist()}, the number of the label of each output. "
            "OneVsRestClassifier and the like pass 1 for one class and 0 or -1 for all others, to "
            "networks of two outputs: classes=None."
        ) from None


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
    """Making images like those of the training set; labels are ignored.

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


class ConditionalGeneration(Generation):
    """Making images of a class, which is learned from labels."""

    needs_targets = True

    @staticmethod
    def check(y, caller):
        """Validate labels, which there must be."""
        if y is None:
            raise ValueError(
                f"{caller}(conditional=True) requires y to be passed, the labels of the images, "
                "but the target y is None. Pass labels, or set conditional=False."
            )
        return targets.check_targets(y, caller)
