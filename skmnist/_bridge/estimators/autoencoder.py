"""Base class of the estimators that reconstruct their input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.callback import with_callbacks

from skmnist import networks
from skmnist._bridge.data import images
from skmnist._bridge.estimators.base import BaseValidatedEstimator
from skmnist._bridge.estimators.shared_docs import AUTOENCODER_PARAMETERS, COMMON_ATTRIBUTES
from skmnist._bridge.fitting.request import GivenData
from skmnist._bridge.fitting.tasks import Reconstruction
from skmnist._compat.sklearn import Interval, StrOptions, fit_context
from skmnist._keras import keras
from skmnist._support.kinds import SizesConstraint
from skmnist._support.parameters import estimator


@estimator
class BaseAutoencoder(BaseValidatedEstimator):
    """Base class of the estimators that reconstruct their input, with all their parameters.

    Parameters
    ----------
    {common_parameters}

    Attributes
    ----------
    {common_attributes}
    """

    _common_docs = {"parameters": AUTOENCODER_PARAMETERS, "attributes": COMMON_ATTRIBUTES}
    _task = Reconstruction
    _network = staticmethod(networks.autoencoder)
    _needs_unit_pixels = True
    _has_not = ("classes_",)

    latent_dim: int = field(default=32, kw_only=False)
    hidden_layer_sizes: Sequence[int] = (512, 256)
    convolutional: bool = False
    filters: Sequence[int] = (16, 32)
    activation: Any = "relu"
    output_activation: Any = "sigmoid"
    noise: float = 0.0
    noise_type: str = "gaussian"
    variational: bool = False
    kl_weight: float = 0.4
    loss: Any = "mean_squared_error"
    learning_rate_schedule: str | None = "auto"
    epochs: int = 15
    batch_size: int | None = 128

    _parameter_constraints = {
        **BaseValidatedEstimator._parameter_constraints,
        "latent_dim": [Interval(Integral, 1, None, closed="left")],
        "hidden_layer_sizes": [SizesConstraint()],
        "convolutional": ["boolean"],
        "filters": [SizesConstraint()],
        "activation": [str, callable, None],
        "output_activation": [str, callable, None],
        "noise": [Interval(Real, 0, 1, closed="both")],
        "noise_type": [StrOptions({"gaussian", "salt-and-pepper"})],
        "variational": ["boolean"],
        "kl_weight": [Interval(Real, 0, None, closed="left")],
    }

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_weight=None, *, X_val=None, sample_weight_val=None):
        """Fit the network to images.

        If the training fails, the estimator stays unchanged.  There is one exception: after
        Ctrl-C, the estimator keeps the completed epochs, if any, and KeyboardInterrupt is raised.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images, in any units; they are scaled to [0, 1] for the network.
            A large memory-mapped array is read in blocks and never all at once.  The batches of a
            ``tf.data.Dataset`` or ``keras.utils.PyDataset`` are images, (images, labels) or
            (images, labels, weights).  Their labels are ignored, and each batch is a step, so
            `batch_size` is not used.
        y : Ignored
            Not used, present for API consistency.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0; only their proportions count.  Samples with weight zero are left out.
            Must be None for a data set, which contains its weights.
        X_val : array-like or data set, default=None
            Images for validation after every epoch, in place of a part of `X`.
        sample_weight_val : array-like, default=None
            Weights of `X_val`.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, which is checked before training, or if the
            loss becomes infinite or NaN.
        """
        return self._run(
            self._request(
                training=GivenData(X, y, sample_weight),  # y is for callbacks that compute scores
                validation=GivenData(X_val, None, sample_weight_val),
                continues=self.warm_start and self.__sklearn_is_fitted__(),
                n_epochs=self.epochs,
            )
        )

    def score_samples(self, X):
        """Compute the negative reconstruction error of each image.

        Images like those of the training set have higher scores.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Negative mean squared error over the pixels of each image, scaled to [0, 1] as in
            training.  0 is perfect.
        """
        return self._computed(X, _scores)


def _scores(network, pictures):
    """Return the negative reconstruction error of each picture."""
    errors = np.square(network.predict(pictures) - pictures)
    return -errors.reshape(len(errors), -1).mean(axis=1, dtype=np.float64)


def training_scores(fitted, data):
    """Return the scores and the weights of the samples that a network was trained on."""
    network, scores, weights = fitted.network, [], []
    for part in data.parts():
        scores.append(_scores(network, images.as_images(part.rows, network.input_shape)))
        weights.append(part.weights)
    weights = None if weights[0] is None else np.concatenate(weights)
    return np.concatenate(scores), weights


def encode(network, pictures):
    """Return the codes of pictures."""

    def encoder(model):
        return keras.Model(model.input, model.get_layer("codes").output)

    return network.run("encode", encoder, pictures)


def decode(network, codes):
    """Return the pictures of codes."""
    return network.run("decode", lambda model: model.get_layer("decoder"), codes)
