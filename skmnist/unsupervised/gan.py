"""Generative adversarial network."""

from collections.abc import Sequence
from dataclasses import field
from numbers import Integral, Real

import numpy as np
from sklearn.callback import with_callbacks
from sklearn.utils.validation import check_is_fitted

from skmnist import _keras, networks
from skmnist._bridge.estimators.base import BaseKerasEstimator
from skmnist._bridge.fitting.request import GivenData
from skmnist._bridge.fitting.tasks import ConditionalGeneration, Generation
from skmnist._compat.sklearn import Interval, StrOptions, fit_context
from skmnist._support.kinds import SizesConstraint
from skmnist._support.parameters import estimator
from skmnist.unsupervised._sampling import check_n_samples, classes_to_make, sampling_generator


@estimator
class GANGenerator(BaseKerasEstimator):
    """Make images like those of a training set, by a generative adversarial network.

    A generator makes images of random numbers, a discriminator learns to tell them from real
    ones, and each is trained against the other.

    Parameters
    ----------
    latent_dim : int >= 1, default={latent_dim}
        Number of standard normal values that an image is made of.
    conditional : bool, default=False
        Whether to learn from labels, too, so that images of a class can be asked for.
    convolutional : bool, default=True
        Whether the two networks are made of convolutions, rather than of dense layers only.
    filters : sequence of int >= 1, default={filters}
        Number of filters of each stage of the generator, from the coarsest on; each doubles
        height and width.  The discriminator has them in reverse.  Only used with `convolutional`.
    dense_units : int >= 1, default={dense_units}
        Number of units of the dense layer after the discriminator's convolutions.  Only used with
        `convolutional`.
    hidden_layer_sizes : sequence of int >= 1, default={hidden_layer_sizes}
        Number of units of each hidden layer of the generator; the discriminator has them in
        reverse.  Not used with `convolutional`.
    dropout : float in [0, 1), default={dropout}
        Fraction of the units dropped after each hidden layer of the discriminator while training.
    loss : {"non-saturating", "least-squares", "hinge"}, default={loss}
        What the two networks minimize: cross-entropies, squared differences or hinges.
    gradient_penalty : float >= 0, default={gradient_penalty}
        Weight of a penalty on how steeply the discriminator's logits change with the pixels of
        real images, which keeps the training stable.
    {common_parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, sorted; only with `conditional`.
    history_ : dict of str to list of float
        After each epoch, ``loss`` of the generator, ``discriminator_loss``, and the shares of the
        real and of the generated images that the discriminator took for what they are:
        ``real_accuracy`` and ``generated_accuracy``.
    {common_attributes}

    See Also
    --------
    Autoencoder : With ``variational=True`` it makes images too: faster, and more blurred.
    sklearn.mixture.GaussianMixture : The same idea for data of few dimensions.

    Notes
    -----
    Neither loss says how good the images are, as each is measured against an opponent that learns
    too.  So there is no early stopping; look at samples, or let a classifier that was trained on
    real images look at them.

    With ``optimizer="adam"``, its parameter ``optimizer__beta_1`` is 0.5 unless it is set, as
    Radford and others found to be more stable.

    References
    ----------
    Goodfellow et al., "Generative adversarial nets", NIPS 2014.

    Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional
    generative adversarial networks", ICLR 2016.

    Mirza and Osindero, "Conditional generative adversarial nets", arXiv:1411.1784, 2014.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skmnist import GANGenerator
    >>> digits = load_digits()
    >>> generator = GANGenerator(conditional=True, epochs=2, random_state=0)
    >>> _ = generator.fit(digits.images, digits.target)
    >>> X, y = generator.sample(3, y=[7, 7, 1])
    >>> X.shape, y.tolist()
    ((3, 8, 8), [7, 7, 1])
    """

    _needs_unit_pixels = True

    latent_dim: int = field(default=64, kw_only=False)
    conditional: bool = False
    convolutional: bool = True
    filters: Sequence[int] = (64, 32)
    dense_units: int = 128
    hidden_layer_sizes: Sequence[int] = (256, 512)
    dropout: float = 0.0
    loss: str = "non-saturating"
    gradient_penalty: float = 0.3
    learning_rate_schedule: str | None = "auto"
    epochs: int = 10
    batch_size: int | None = 64

    _network = staticmethod(networks.gan)
    _parameter_constraints = {
        **BaseKerasEstimator._parameter_constraints,
        "latent_dim": [Interval(Integral, 1, None, closed="left")],
        "conditional": ["boolean"],
        "convolutional": ["boolean"],
        "filters": [SizesConstraint()],
        "dense_units": [Interval(Integral, 1, None, closed="left")],
        "hidden_layer_sizes": [SizesConstraint()],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "loss": [StrOptions({"non-saturating", "least-squares", "hinge"})],
        "gradient_penalty": [Interval(Real, 0, None, closed="left")],
    }

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_weight=None):
        """Fit the two networks to images.

        Either the training completes, or the estimator is left as it was.  One exception:
        Ctrl-C after the first whole epoch keeps the epochs completed so far, and is then raised.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images, in any units: the networks see them scaled to [0, 1].
            A large memory-mapped array is read in blocks, never as a whole.  The batches of a
            ``tf.data.Dataset`` or ``keras.utils.PyDataset`` are images, (images, labels) or
            (images, labels, weights); each is a step, so `batch_size` is not used.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            Labels of any type, or one-hot rows; needed with `conditional`, and ignored without.
            None for a data set, which brings them.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0; only their proportions count.  Samples of weight zero are left out.
            None for a data set.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, before any training; or if a loss becomes
            infinite or NaN.
        """
        continues = self.warm_start and self.__sklearn_is_fitted__()
        return self._fit(X, y, sample_weight, continues=continues, n_epochs=self.epochs)

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None, classes=None, sample_weight=None):
        """Train for one epoch on a part of the data, going on from the present weights.

        Called k times on the same data, it equals ``fit`` with ``epochs=k``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images; data sets as in :meth:`fit`.  The first call's are scaled
            to [0, 1], and all later ones as those.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            Labels, or one-hot rows; needed with `conditional`, and ignored without.
        classes : array-like of shape (n_classes,), default=None
            All labels that any call will bring; needed in the first call with `conditional`,
            unless its `y` has them all.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0, relative to those of the first call.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, or if `y` has labels that are no class.
        """
        continues = self.__sklearn_is_fitted__()
        classes = classes if self.conditional else None
        return self._fit(
            X,
            y,
            sample_weight,
            continues=continues,
            n_epochs=1,
            classes=classes,
            is_whole=False,
        )

    def _fit(self, X, y, sample_weight, *, continues, **how):
        if continues and self.conditional != self._is_conditional():
            raise ValueError(
                f"The networks were built with conditional={self._is_conditional()}, and training "
                f"goes on with them; conditional={self.conditional!r} needs new ones. Fit with "
                "warm_start=False, or set the parameter back."
            )
        task = ConditionalGeneration if self.conditional else Generation
        training = GivenData(X, y, sample_weight)
        return self._run(self._request(task=task, training=training, continues=continues, **how))

    def _is_conditional(self):
        """Tell whether the fitted networks know classes."""
        return self._fitted.task.classes is not None

    def _compile_params(self):
        params = super()._compile_params()
        if self.optimizer == "adam":
            params["routed"] = {"optimizer__beta_1": 0.5, **params["routed"]}
        return params

    def sample(self, n_samples=1, y=None):
        """Make new images.

        Parameters
        ----------
        n_samples : int >= 1, default=1
            Number of images.
        y : label or array-like of shape (n_samples,), default=None
            The class of all images, or of each; only with `conditional`.  None for as many of
            each class as possible, shuffled.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features) or of the images that were fitted
            Images in the form of the training data: rows or images, in the same units; grey
            levels in bytes if those were such, float32 otherwise.  The same in every call if
            `random_state` is an int.
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Their classes, as labels or one-hot rows, whichever were fitted.  Only with
            `conditional`; without, `X` alone is returned.

        Raises
        ------
        ValueError
            If `n_samples` is no number of images, or `y` asks for what was not learned.
        """
        check_is_fitted(self)
        _keras.start()
        n_samples = check_n_samples(n_samples)
        generator, fitted = sampling_generator(self.random_state), self._fitted
        if y is not None and not self._is_conditional():
            raise ValueError(
                f"y={y!r} asks for images of a class, but the networks were fitted without "
                "labels. Fit with conditional=True and labels."
            )
        inputs = [generator.normal(size=(n_samples, fitted.network.model.latent_dim))]
        inputs[0] = inputs[0].astype(np.float32)
        labels = fitted.task.labels
        if labels is not None:
            codes = classes_to_make(labels, n_samples, y, generator)
            inputs.append(codes)
        pictures = fitted.network.run("generate", lambda model: model.generator, *inputs)
        X = self._as_given(pictures)
        return X if labels is None else (X, labels.decode(codes))
