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
    """Generate images like those of a training set by a generative adversarial network.

    A generator makes images from random numbers, and a discriminator learns to classify images as
    real or generated.  Each is trained against the other.

    Parameters
    ----------
    latent_dim : int >= 1, default={latent_dim}
        Number of standard normal values from which an image is made.
    conditional : bool, default=False
        Whether to learn from labels too, so that images of a given class can be generated.
    convolutional : bool, default=True
        Whether to use convolutions; if False, all layers are dense.
    filters : sequence of int >= 1, default={filters}
        Number of filters of each stage of the generator, starting with the coarsest.  Each stage
        doubles height and width.  The discriminator has the stages in reverse.  Only used with
        `convolutional`.
    dense_units : int >= 1, default={dense_units}
        Number of units of the dense layer between the discriminator's convolutions and its output.
        Only used with `convolutional`.
    hidden_layer_sizes : sequence of int >= 1, default={hidden_layer_sizes}
        Number of units of each hidden layer of the generator.  The discriminator has the layers in
        reverse.  Not used with `convolutional`.
    dropout : float in [0, 1), default={dropout}
        Fraction of the units dropped after each hidden layer of the discriminator while training.
    loss : {"non-saturating", "least-squares", "hinge"}, default={loss}
        Loss of both networks: cross-entropy, squared difference or hinge.
    gradient_penalty : float >= 0, default={gradient_penalty}
        Weight of the penalty on the discriminator's squared gradient at real images (R1), which
        stabilizes the training.
    {common_parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Class labels, sorted; only available with `conditional`.
    history_ : dict of str to list of float
        Values after each epoch: the generator's ``loss``, the ``discriminator_loss``, and the
        discriminator's accuracy on real and on generated images, ``real_accuracy`` and
        ``generated_accuracy``.
    {common_attributes}

    See Also
    --------
    Autoencoder : Generates images faster with ``variational=True``, but they are more blurred.
    sklearn.mixture.GaussianMixture : Generates data with few dimensions.

    Notes
    -----
    The losses do not measure the quality of the images, because each network is compared with an
    opponent that learns too.  There is therefore no early stopping.  Look at samples, or classify
    them by a classifier that was trained on real images.

    With ``optimizer="adam"``, the default of ``optimizer__beta_1`` is 0.5, which Radford and others
    found to be more stable.

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

        If the training fails, the estimator stays unchanged.  There is one exception: after
        Ctrl-C, the estimator keeps the completed epochs, if any, and KeyboardInterrupt is raised.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images, in any units; they are scaled to [0, 1] for the networks.
            A large memory-mapped array is read in blocks and never all at once.  The batches of a
            ``tf.data.Dataset`` or ``keras.utils.PyDataset`` are images, (images, labels) or
            (images, labels, weights).  Each batch is a step, so `batch_size` is not used.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            Labels of any type, or one-hot rows.  Required with `conditional`, else ignored.  Must
            be None for a data set, which contains its labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0; only their proportions count.  Samples with weight zero are left out.
            Must be None for a data set.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, which is checked before training, or if a loss
            becomes infinite or NaN.
        """
        continues = self.warm_start and self.__sklearn_is_fitted__()
        return self._fit(X, y, sample_weight, continues=continues, n_epochs=self.epochs)

    @with_callbacks
    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None, classes=None, sample_weight=None):
        """Train for one epoch on a part of the data, starting from the present weights.

        k calls on the same data equal ``fit`` with ``epochs=k``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels), or data set
            Pixels, as rows or as images; data sets as in :meth:`fit`.  The first call determines
            how pixels are scaled to [0, 1] in all calls.
        y : array-like of shape (n_samples,) or (n_samples, n_classes), default=None
            Labels, or one-hot rows.  Required with `conditional`, else ignored.
        classes : array-like of shape (n_classes,), default=None
            All labels that occur in any call.  Required in the first call with `conditional`,
            unless its `y` contains all of them.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0, relative to those of the first call.

        Returns
        -------
        self : estimator instance
            The fitted estimator.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, or if `y` has labels that are not among the
            classes.
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
                "The 'conditional' parameter must not change when training is resumed, because the "
                f"networks were built with conditional={self._is_conditional()}. Got "
                f"{self.conditional!r} instead. Fit with warm_start=False, or restore the "
                "parameter."
            )
        task = ConditionalGeneration if self.conditional else Generation
        training = GivenData(X, y, sample_weight)
        return self._run(self._request(task=task, training=training, continues=continues, **how))

    def _is_conditional(self):
        """Return whether the fitted networks have classes."""
        return self._fitted.task.classes is not None

    def _compile_params(self):
        params = super()._compile_params()
        if self.optimizer == "adam":
            params["routed"] = {"optimizer__beta_1": 0.5, **params["routed"]}
        return params

    def sample(self, n_samples=1, y=None):
        """Generate new images.

        Parameters
        ----------
        n_samples : int >= 1, default=1
            Number of images.
        y : label or array-like of shape (n_samples,), default=None
            Class of all images, or one class per image; only with `conditional`.  None generates
            equal numbers of all classes, as far as possible, in random order.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features) or of the images that were fitted
            Images in the form of the training data, as rows or as images in the same units.  The
            dtype is uint8 if the training data were grey levels of that dtype, else float32.  The
            images are the same in every call if `random_state` is an int.
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Classes of the images, as labels or one-hot rows, as in :meth:`fit`.  Only returned with
            `conditional`.

        Raises
        ------
        ValueError
            If `n_samples` is not a positive int, or if `y` holds unknown classes.
        """
        check_is_fitted(self)
        _keras.start()
        n_samples = check_n_samples(n_samples)
        generator, fitted = sampling_generator(self.random_state), self._fitted
        if y is not None and not self._is_conditional():
            raise ValueError(
                "The 'y' parameter of sample must be None, because the networks were fitted "
                f"without labels. Got {y!r} instead. Fit with conditional=True and labels."
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
