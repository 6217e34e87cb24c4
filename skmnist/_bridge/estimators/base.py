"""The bases of all estimators: scikit-learn's contract on one side, a Keras model on the other."""

from __future__ import annotations

import copy
import inspect
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, _clone_parametrized
from sklearn.callback import CallbackSupportMixin
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from skmnist import _keras
from skmnist._bridge.data import images
from skmnist._bridge.data.dataset import is_data_set, read_batches
from skmnist._bridge.data.memmap import StoredRows, is_streamed
from skmnist._bridge.estimators.shared_docs import COMMON_ATTRIBUTES, COMMON_PARAMETERS
from skmnist._bridge.fitting import fit
from skmnist._bridge.fitting.callbacks import outside_of_fit
from skmnist._bridge.fitting.tasks import Task
from skmnist._bridge.models.foreign import check_optimizer
from skmnist._bridge.models.keras_callbacks import fresh_callbacks
from skmnist._bridge.models.optimizers import OptimizerCopy, is_instance
from skmnist._keras import keras
from skmnist._support.kinds import RangeConstraint, SizesConstraint
from skmnist._support.parameters import NamedParametersMixin, estimator, plain


@estimator
class BaseKerasEstimator(NamedParametersMixin, CallbackSupportMixin, BaseEstimator):
    """Base of all estimators; a subclass names its task, its network and its parameters.

    A subclass sets ``_task`` to a class of :mod:`skmnist._bridge.fitting.tasks` and ``_network``
    to a builder from :mod:`skmnist.networks`, as a static method. It declares a field for each
    of the builder's keyword parameters but ``seed``.

    Parameters
    ----------
    {common_parameters}

    Attributes
    ----------
    {common_attributes}
    """

    _common_docs = {"parameters": COMMON_PARAMETERS, "attributes": COMMON_ATTRIBUTES}
    _routed_prefixes = ("optimizer", "callbacks")
    _task = None
    _network = None
    # Whether the network is to see pixels in [0, 1] whatever their units, for it makes such.
    _unit_pixels = False
    # Whether the network is the user's, who may have it rescale its input.
    _may_rescale_inside = False

    optimizer: Any = "adam"
    learning_rate: Any = None
    learning_rate_schedule: str | None = None
    epochs: int = 5
    batch_size: int | None = 32
    callbacks: Any = None
    jit_compile: bool = False
    dtype_policy: str | None = None
    warm_start: bool = False
    image_shape: tuple[int, ...] | None = None
    pixel_range: Any = "auto"
    random_state: Any = None
    verbose: int = 0

    _parameter_constraints = {
        "optimizer": [str, HasMethods(["get_config", "from_config"])],
        "learning_rate": [
            Interval(Real, 0, None, closed="neither"),
            HasMethods(["get_config", "__call__"]),
            None,
        ],
        "learning_rate_schedule": [StrOptions({"auto", "cosine", "linear"}), None],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "callbacks": [list, tuple, dict, HasMethods(["set_model"]), None],
        "jit_compile": ["boolean"],
        "dtype_policy": [str, None],
        "warm_start": ["boolean"],
        "image_shape": [SizesConstraint(lengths=(2, 3)), None],
        "pixel_range": [StrOptions({"auto", "unit", "as-is"}), RangeConstraint()],
        "random_state": ["random_state"],
        "verbose": ["boolean", Interval(Integral, 0, 2, closed="both")],
    }

    # What subclasses may say of their network and its training.

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
        check_optimizer(self.optimizer, type(self).__name__)
        return {
            # Of an instance a copy, for clones share it and none may train it.
            "optimizer": OptimizerCopy(self.optimizer)
            if is_instance(self.optimizer)
            else self.optimizer,
            "learning_rate": plain(self.learning_rate),
            "routed": self._routed_to("optimizer"),
        }

    def _routed_to(self, *prefixes):
        routed = self._routed_params().items()
        return {k: plain(v) for k, v in routed if k.partition("__")[0] in prefixes}

    def _check_targets(self, y):
        """Validate `y` for the task of the estimator."""
        return self._task.check(y, type(self).__name__)

    def _learn_task(self, y, classes):
        """Return the task, with what it learns from validated `y`, or `classes` given for it."""
        return self._task.learn(y, classes, type(self).__name__)

    def _uses_labels(self):
        """Tell whether training takes labels."""
        return self._task.needs_targets

    def _check_outputs(self, fitted, data):
        """Check a network's outputs before training; skmnist's own need no check."""

    def _learn_more(self, fitted, data):
        """Return attributes that are learned from the trained network and the training data."""
        return {}

    def _own_callbacks(self):
        """Return the Keras callbacks that parameters stand for."""
        return []

    def _holds_out(self):
        return False

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
        rows : ndarray or StoredRows of shape (n_samples, n_features), float32
            Pixels, not yet on the scale of the network; unread if `X` is a file too large.
        image_shape : tuple of int or None
            Height, width and channels if `X` held images.
        dtype : dtype or None
            What the pixels came as.
        """
        if is_streamed(X):
            return self._check_stored(X, reset, expected)
        return self._check_loaded(X, reset, expected)

    def _check_loaded(self, X, reset, expected):
        """Validate X in memory; see `_check_images`."""
        X, dtype = images.plain_container(X)
        rows, image_shape = images.as_rows(X)
        if image_shape is not None and self.image_shape is None and expected is None:
            images.check_channels_last(np.shape(X), type(self).__name__)
        rows = validate_data(self, rows, reset=reset, dtype=np.float32, order="C")
        if None not in (image_shape, expected) and image_shape != expected:
            raise ValueError(
                f"X holds images of shape {image_shape}, but {type(self).__name__} is expecting "
                f"images of shape {expected}."
            )
        return rows, image_shape, dtype

    def _check_stored(self, X, reset, expected):
        """Validate a memory-mapped array block by block; see `_check_images`."""
        image_shape = None

        def check(block):
            nonlocal image_shape, reset
            rows, image_shape, _ = self._check_loaded(block, reset, expected)
            reset = False
            return rows

        return StoredRows.checked(X, check), image_shape, X.dtype

    def _computed(self, X, compute):
        """Compute something of what the user gave, in parts if it is not all in memory.

        Parameters
        ----------
        X : array-like or data set
            What the user gave.
        compute : callable
            Takes the network, and images as the network takes them; returns an array with a row
            for each.

        Returns
        -------
        computed : ndarray of shape (n_samples, ...)
            What `compute` returned.
        """
        check_is_fitted(self)
        _keras.start()
        fitted = self._fitted
        network, pixels, shape = fitted.network, fitted.pixels, fitted.network.input_shape
        if is_data_set(X):
            given = read_batches(self, X, reset=False, expected=self.image_shape_, predicting=True)
            parts = (part.rows for part in given.data(Task()).with_pixels(pixels).parts())
        else:
            rows, _, dtype = self._check_images(X, expected=self.image_shape_)
            if not isinstance(rows, StoredRows):
                return compute(network, images.as_images(pixels.apply(rows, dtype), shape))
            parts = rows.scaled(pixels, dtype).blocks()
        return np.concatenate([compute(network, images.as_images(part, shape)) for part in parts])

    def _as_given(self, pictures):
        """Return a network's images in the form of the training data: shape, units and dtype."""
        fitted = self._fitted
        rows = pictures.reshape(len(pictures), -1)[:, : self.n_features_in_]
        return fitted.pixels.restore(rows).reshape(len(rows), *fitted.sample_shape)

    # What a fitted estimator knows.

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_fitted")

    @property
    def model_(self):
        """The fitted :class:`keras.Model`."""
        check_is_fitted(self)
        _keras.start()
        return fit.compiled_model(self._fitted)

    @property
    def loss_curve_(self):
        """Training loss after each epoch."""
        check_is_fitted(self)
        return self.history_["loss"]

    # Copies.

    def __sklearn_clone__(self):
        callbacks = self.callbacks
        if callbacks is None and not is_instance(self.optimizer):
            return _clone_parametrized(self)
        original = copy.copy(self)
        original.callbacks = None
        if is_instance(self.optimizer):
            original.optimizer = OptimizerCopy(self.optimizer)  # which deepcopy can copy
        cloned = _clone_parametrized(original)
        if callbacks is not None:
            # A deep copy would report to a copy of the study or the list that the user looks at.
            fresh = fresh_callbacks(callbacks)
            cloned.callbacks = copy.copy(fresh) if isinstance(fresh, (list, dict)) else fresh
        if is_instance(self.optimizer):
            cloned.optimizer = cloned.optimizer.make()
        return cloned

    def __getstate__(self):
        state = outside_of_fit(super().__getstate__())
        if is_instance(state.get("optimizer")):
            state = {**state, "optimizer": OptimizerCopy(state["optimizer"])}
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if isinstance(self.optimizer, OptimizerCopy):
            self.optimizer = self.optimizer.make()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


@estimator
class BaseValidatedEstimator(BaseKerasEstimator):
    """Base of the estimators whose loss on other data tells how good they are.

    Parameters
    ----------
    {common_parameters}

    Attributes
    ----------
    {common_attributes}
    """

    _routed_prefixes = ("optimizer", "loss", "metrics", "callbacks")

    loss: Any = None
    metrics: Any = ()
    weighted_metrics: Any = None
    early_stopping: bool = False
    validation_fraction: float | None = None
    n_iter_no_change: int = 5
    restore_best_weights: bool = True

    _parameter_constraints = {
        **BaseKerasEstimator._parameter_constraints,
        "loss": [str, callable],
        "metrics": [list, tuple],
        "weighted_metrics": [list, tuple, None],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither"), None],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "restore_best_weights": ["boolean"],
    }

    def _compile_params(self):
        return {
            **super()._compile_params(),
            "loss": self.loss,
            "metrics": None if self.metrics is None else tuple(self.metrics),
            "weighted_metrics": None
            if self.weighted_metrics is None
            else tuple(self.weighted_metrics),
            "routed": self._routed_to("optimizer", "loss", "metrics"),
        }

    def _own_callbacks(self):
        if not self.early_stopping:
            return []
        return [
            keras.callbacks.EarlyStopping(
                monitor="val_loss",
                patience=self.n_iter_no_change,
                restore_best_weights=self.restore_best_weights,
            )
        ]

    def _holds_out(self):
        return self.early_stopping or self.validation_fraction is not None

    def _refuse_to_hold_out(self):
        """Raise if a part of the data would have to be held out of one part of them."""
        if self._holds_out():
            raise ValueError(
                "partial_fit does not support early_stopping=True or a validation_fraction: it "
                "sees a part of the data at a time, and cannot hold out any of it. Got "
                f"early_stopping={self.early_stopping!r} and "
                f"validation_fraction={self.validation_fraction!r}."
            )

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
