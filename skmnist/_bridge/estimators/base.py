"""Base classes of all estimators, which follow scikit-learn's contract and hold a Keras model."""

from __future__ import annotations

import copy
import inspect
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.validation import check_is_fitted

from skmnist import _keras
from skmnist._bridge.data import images
from skmnist._bridge.data.dataset import is_data_set
from skmnist._bridge.data.memmap import StoredRows
from skmnist._bridge.estimators.shared_docs import COMMON_ATTRIBUTES, COMMON_PARAMETERS
from skmnist._bridge.fitting.callbacks import outside_of_fit
from skmnist._bridge.fitting.fit import fit_estimator
from skmnist._bridge.fitting.inputs import read_data_set, read_images
from skmnist._bridge.fitting.request import FitRequest
from skmnist._bridge.fitting.tasks import Task
from skmnist._bridge.models.foreign import check_optimizer
from skmnist._bridge.models.keras_callbacks import fresh_callbacks
from skmnist._bridge.models.optimizers import OptimizerCopy, is_instance
from skmnist._compat.sklearn import HasMethods, Interval, StrOptions, clone_parametrized
from skmnist._support.kinds import RangeConstraint, SizesConstraint
from skmnist._support.parameters import NamedParametersMixin, estimator, plain


@estimator
class BaseKerasEstimator(NamedParametersMixin, CallbackSupportMixin, BaseEstimator):
    """Base class of all estimators.

    A subclass sets ``_task`` to a class of :mod:`skmnist._bridge.fitting.tasks` and ``_network``
    to a builder from :mod:`skmnist.networks`, as a static method. It declares a field for each
    of the builder's keyword parameters except ``seed``.

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
    # Whether the network's input must be in [0, 1] for all units of X, because its output is.
    _needs_unit_pixels = False

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

    # Hooks for subclasses.

    def _builder(self):
        """Return a function that builds the network, or a model to copy."""
        return type(self)._network

    def _builder_params(self):
        """Return the fields that are parameters of the builder."""
        parameters = inspect.signature(self._builder()).parameters.values()
        names = [p.name for p in parameters if p.kind == p.KEYWORD_ONLY and p.name != "seed"]
        return {name: plain(getattr(self, name)) for name in names}

    def _compile_params(self):
        """Return the parameters for compiling the network."""
        check_optimizer(self.optimizer, type(self).__name__)
        return {
            # Copy instances, because clones share them and no fit may change the shared one.
            "optimizer": OptimizerCopy(self.optimizer)
            if is_instance(self.optimizer)
            else self.optimizer,
            "learning_rate": plain(self.learning_rate),
            "routed": self._routed_to("optimizer"),
        }

    def _routed_to(self, *prefixes):
        routed = self._routed_params().items()
        return {k: plain(v) for k, v in routed if k.partition("__")[0] in prefixes}

    def _request(self, **given):
        """Collect everything that a fit with these parameters needs.

        Parameters
        ----------
        **given : dict
            Fields of ``FitRequest``: the data, and settings of a subclass.

        Returns
        -------
        request : FitRequest
            The resolved parameters and the data.
        """
        _keras.start()
        fields = {
            "name": type(self).__name__,
            "task": self._task,
            "builder": self._builder(),
            "build_params": self._builder_params(),
            "compile_params": self._compile_params(),
            "image_shape": self.image_shape,
            "pixel_range": plain(self.pixel_range),
            "needs_unit_pixels": self._needs_unit_pixels,
            "may_rescale_inside": False,
            "dtype_policy": self.dtype_policy,
            "random_state": self.random_state,
            "learning_rate_schedule": self.learning_rate_schedule,
            "scheduled_epochs": self.epochs,
            "batch_size": self.batch_size,
            "jit_compile": self.jit_compile,
            "verbose": self.verbose,
            "callbacks": self.callbacks,
            "routed": self._routed_params(),
            "warm_start": self.warm_start,
        }
        return FitRequest(**{**fields, **given})

    def _run(self, request):
        """Fit as requested."""
        fit_estimator(self, request)
        return self

    def _computed(self, X, compute):
        """Compute a function of the network and the user's images.

        The images are processed in parts if they are not in memory.

        Parameters
        ----------
        X : array-like or data set
            Images of the user.
        compute : callable
            Takes the network and images scaled for it; returns an array with a row per image.

        Returns
        -------
        computed : ndarray of shape (n_samples, ...)
            Results of `compute`.
        """
        check_is_fitted(self)
        _keras.start()
        fitted = self._fitted
        network, pixels, shape = fitted.network, fitted.pixels, fitted.network.input_shape
        if is_data_set(X):
            samples = read_data_set(self, X, expected=self.image_shape_).encoded(Task())
            parts = (part.rows for part in samples.with_pixels(pixels).parts())
        else:
            rows, _, dtype = read_images(self, X, expected=self.image_shape_)
            if not isinstance(rows, StoredRows):
                return compute(network, images.as_images(pixels.apply(rows, dtype), shape))
            parts = rows.scaled(pixels, dtype).blocks()
        return np.concatenate([compute(network, images.as_images(part, shape)) for part in parts])

    def _as_given(self, pictures):
        """Convert a network's images to the shape, units and dtype of the training data."""
        fitted = self._fitted
        rows = pictures.reshape(len(pictures), -1)[:, : self.n_features_in_]
        return fitted.pixels.restore(rows).reshape(len(rows), *fitted.sample_shape)

    # Fitted attributes.

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_fitted")

    @property
    def model_(self):
        """The fitted :class:`keras.Model`."""
        check_is_fitted(self)
        _keras.start()
        return self._fitted.compiled_model()

    @property
    def loss_curve_(self):
        """Training loss after each epoch."""
        check_is_fitted(self)
        return self.history_["loss"]

    # Copies.

    def __sklearn_clone__(self):
        callbacks = self.callbacks
        if callbacks is None and not is_instance(self.optimizer):
            return clone_parametrized(self)
        original = copy.copy(self)
        original.callbacks = None
        if is_instance(self.optimizer):
            original.optimizer = OptimizerCopy(self.optimizer)  # deepcopy can copy this
        cloned = clone_parametrized(original)
        if callbacks is not None:
            # A deep copy would report to a copy of the user's study or list, not to the original.
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
    """Base class of the estimators that are validated by their loss on other data.

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

    def _request(self, **given):
        stopping = {
            "monitor": "val_loss",
            "patience": self.n_iter_no_change,
            "restore_best_weights": self.restore_best_weights,
        }
        fields = {
            "early_stopping": stopping if self.early_stopping else None,
            "holds_out": self._holds_out(),
            "validation_fraction": self.validation_fraction,
        }
        return super()._request(**{**fields, **given})

    def _holds_out(self):
        return self.early_stopping or self.validation_fraction is not None

    def _refuse_to_hold_out(self):
        """Raise for parameters that ask ``partial_fit`` to hold out data."""
        if self._holds_out():
            raise ValueError(
                "partial_fit does not support early_stopping=True or a validation_fraction, "
                "because it sees only a part of the data and cannot hold out any of it. Got "
                f"early_stopping={self.early_stopping!r} and "
                f"validation_fraction={self.validation_fraction!r}."
            )

    @property
    def validation_loss_curve_(self):
        """Validation loss after each epoch; only available with validation."""
        check_is_fitted(self)
        if "val_loss" not in self.history_:
            raise AttributeError(
                f"This {type(self).__name__} has no 'validation_loss_curve_', because it was "
                "fitted without X_val, validation_fraction or early_stopping."
            )
        return self.history_["val_loss"]
