"""The base of all classifiers: scikit-learn's contract on one side, a Keras model on the other."""

from __future__ import annotations

import inspect
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, _fit_context
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from skmnist import _keras
from skmnist.bridge import fitting, images
from skmnist.bridge.common_docs import COMMON_ATTRIBUTES, COMMON_PARAMETERS
from skmnist.bridge.parameters import NamedParametersMixin, SizesConstraint, estimator, plain


@estimator
class BaseKerasClassifier(
    NamedParametersMixin, CallbackSupportMixin, ClassifierMixin, BaseEstimator
):
    """Base of the classifiers; a subclass names its network and that network's parameters.

    A subclass sets ``_network`` to a builder from :mod:`skmnist.networks`, as a static method,
    and declares a field for each of the builder's keyword parameters but ``seed``.

    Parameters
    ----------
    {common_parameters}

    Attributes
    ----------
    {common_attributes}
    """

    _common_docs = {
        "common_parameters": COMMON_PARAMETERS,
        "common_attributes": COMMON_ATTRIBUTES,
    }
    _routed_prefixes = ("optimizer", "loss", "metrics", "callbacks")
    _network = None

    optimizer: Any = "adam"
    learning_rate: Any = None
    loss: Any = "sparse_categorical_crossentropy"
    metrics: Any = ("accuracy",)
    epochs: int = 5
    batch_size: int | None = 32
    early_stopping: bool = False
    validation_fraction: float | None = None
    n_iter_no_change: int = 5
    restore_best_weights: bool = True
    callbacks: Any = None
    class_weight: Any = None
    warm_start: bool = False
    image_shape: tuple[int, ...] | None = None
    random_state: Any = None
    verbose: int = 0

    _parameter_constraints = {
        "optimizer": [str, HasMethods(["get_config", "from_config"])],
        "learning_rate": [
            Interval(Real, 0, None, closed="neither"),
            HasMethods(["get_config", "__call__"]),
            None,
        ],
        "loss": [str, callable],
        "metrics": [list, tuple],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither"), None],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "restore_best_weights": ["boolean"],
        "callbacks": [list, tuple, dict, HasMethods(["set_model"]), None],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "warm_start": ["boolean"],
        "image_shape": [SizesConstraint(lengths=(2, 3)), None],
        "random_state": ["random_state"],
        "verbose": ["boolean", Interval(Integral, 0, 2, closed="both")],
    }

    # What subclasses may say of their network.

    def _builder(self):
        """Return the function that builds the network, or a model to copy."""
        return type(self)._network

    def _builder_params(self):
        """Return the parameters of the builder: the fields of the same name."""
        parameters = inspect.signature(self._builder()).parameters.values()
        names = [p.name for p in parameters if p.kind == p.KEYWORD_ONLY and p.name != "seed"]
        return {name: plain(getattr(self, name)) for name in names}

    def _compile_params(self):
        """Return the parameters that tell how to compile the network."""
        prefixes = ("optimizer", "loss", "metrics")
        routed = self._routed_params().items()
        return {
            "optimizer": self.optimizer,
            "learning_rate": plain(self.learning_rate),
            "loss": self.loss,
            "metrics": None if self.metrics is None else tuple(self.metrics),
            "routed": {k: plain(v) for k, v in routed if k.partition("__")[0] in prefixes},
        }

    def _check_outputs(self, fitted, rows):
        """Check a network's outputs before training; skmnist's own need no check."""

    def _holds_out(self):
        return self.early_stopping or self.validation_fraction is not None

    # Fitting.

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None):
        """Fit the network to images and their labels.

        Either the training completes, or the estimator is left as it was.  One exception:
        Ctrl-C after the first whole epoch keeps the epochs completed so far, and is then raised.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Pixels, as rows or as images.  Bytes (uint8) are grey levels and divided by 255, unless
            they are all 0 and 1; numbers of any other dtype are taken as they are.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels of any type, or one-hot rows.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0; only their proportions count.  Samples of weight zero are left out.
        X_val : array-like, default=None
            Images to validate on after every epoch, instead of a part of `X`.
        y_val : array-like, default=None
            Labels of `X_val`.
        sample_weight_val : array-like, default=None
            Weights of `X_val`.

        Returns
        -------
        self : estimator instance
            The fitted classifier.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, before any training; or if the loss becomes
            infinite or NaN.
        """
        fitting.fit(
            self,
            X,
            y,
            sample_weight,
            validation=(X_val, y_val, sample_weight_val),
            continues=self.warm_start and self.__sklearn_is_fitted__(),
            n_epochs=self.epochs,
        )
        return self

    @with_callbacks
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Train for one epoch on a part of the data, going on from the present weights.

        Called k times on the same data, it equals ``fit`` with ``epochs=k``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Pixels, as rows or as images.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Labels, or one-hot rows.
        classes : array-like of shape (n_classes,), default=None
            All labels that any call will bring; needed in the first call, unless its `y` has
            them all.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights >= 0, relative to those of the first call.

        Returns
        -------
        self : estimator instance
            The fitted classifier.

        Raises
        ------
        ValueError
            If the data or a parameter is not valid, or if `y` has labels that are no class; or if
            `class_weight` is "balanced" or a part of the data should be held out, which needs all
            of the data.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "partial_fit does not support class_weight='balanced': each part of the data would "
                "balance the classes differently. Pass a dict of weights, for instance from "
                "sklearn.utils.class_weight.compute_class_weight on all labels."
            )
        if self._holds_out():
            raise ValueError(
                "partial_fit does not support early_stopping=True or a validation_fraction: it "
                "sees a part of the data at a time, and cannot hold out any of it. Got "
                f"early_stopping={self.early_stopping!r} and "
                f"validation_fraction={self.validation_fraction!r}."
            )
        fitting.fit(
            self,
            X,
            y,
            sample_weight,
            validation=(None, None, None),
            continues=self.__sklearn_is_fitted__(),
            n_epochs=1,
            classes=classes,
            whole=False,
        )
        return self

    def _check_images(self, X, *, reset=False, expected=None):
        """Validate X as scikit-learn does, images included.

        Parameters
        ----------
        X : array-like
            What the user gave.
        reset : bool
            Whether to learn the number and names of the features, or to check them.
        expected : tuple of int or None
            Shape that images must have, if they must have one.

        Returns
        -------
        rows : ndarray of shape (n_samples, n_features), float32
            Pixels, not yet on the scale of the network.
        image_shape : tuple of int or None
            Height, width and channels if `X` held images.
        dtype : dtype or None
            What the pixels came as.
        """
        dtype = images.dtype_of(X)
        rows, image_shape = images.as_rows(X)
        rows = validate_data(self, rows, reset=reset, dtype=np.float32, order="C")
        if None not in (image_shape, expected) and image_shape != expected:
            raise ValueError(
                f"X holds images of shape {image_shape}, but {type(self).__name__} is expecting "
                f"images of shape {expected}."
            )
        return rows, image_shape, dtype

    # Predicting.

    def predict_proba(self, X):
        """Estimate the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Pixels, as rows or as images.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Probabilities in the order of ``classes_``; each row sums to one.
        """
        outputs = self._outputs(X)
        return self._fitted.outputs.probabilities(outputs)

    def _outputs(self, X):
        """Return the network's own outputs for what the user gave."""
        check_is_fitted(self)
        _keras.start()
        fitted = self._fitted
        rows, _, dtype = self._check_images(X, expected=self.image_shape_)
        pictures = images.as_images(fitted.pixels.apply(rows, dtype), fitted.network.input_shape)
        return fitted.network.predict(pictures)

    def predict(self, X):
        """Predict the most probable class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Pixels, as rows or as images.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Labels as they were fitted: of the same dtype, or one-hot rows.
        """
        codes = np.argmax(self.predict_proba(X), axis=1)
        return self._fitted.labels.decode(codes)

    def predict_log_proba(self, X):
        """Estimate the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Pixels, as rows or as images.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes), float32
            Natural logarithms, in the order of ``classes_``.
        """
        with np.errstate(divide="ignore"):  # a probability of zero is minus infinity
            return np.log(self.predict_proba(X))

    def decision_function(self, X):
        """Compute the evidence for each class, on the scale before the softmax.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, channels)
            Pixels, as rows or as images.

        Returns
        -------
        scores : ndarray of shape (n_samples,) or (n_samples, n_classes)
            For two classes the log-odds of the second, else the logarithms of the
            probabilities.  All are finite.
        """
        outputs = self._outputs(X)
        return self._fitted.outputs.scores(outputs)

    # What a fitted estimator knows.

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_fitted")

    @property
    def model_(self):
        """The fitted :class:`keras.Model`."""
        check_is_fitted(self)
        _keras.start()
        return fitting.compiled_model(self._fitted)

    @property
    def loss_curve_(self):
        """Training loss after each epoch."""
        check_is_fitted(self)
        return self.history_["loss"]

    @property
    def validation_loss_curve_(self):
        """Validation loss after each epoch; there is none without validation."""
        check_is_fitted(self)
        if "val_loss" not in self.history_:
            raise AttributeError(
                f"This {type(self).__name__} has no 'validation_loss_curve_': it was fitted "
                "without X_val, validation_fraction or early_stopping."
            )
        return self.history_["val_loss"]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
