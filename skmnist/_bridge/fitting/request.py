"""Request for a fit: the estimator's parameters, resolved once, and the user's data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GivenData:
    """Data of the user before validation.

    Parameters
    ----------
    X : array-like, data set or None
        Images, or a data set that also contains labels and weights.
    y, sample_weight : array-like or None
        Labels and weights.
    """

    X: Any = None
    y: Any = None
    sample_weight: Any = None


@dataclass(frozen=True)
class FitRequest:
    """All parameters and data of a fit, so that lower layers do not ask the estimator.

    Parameters
    ----------
    name : str
        Name of the estimator's class, for messages.
    task : type of Task or Task
        Task of the network.
    builder : callable or keras.Model
        Function that builds the network, or a model to copy.
    build_params, compile_params : dict
        Parameters of the builder, and of ``compile``.
    image_shape : tuple of int or None
        The ``image_shape`` parameter.
    pixel_range : {"auto", "unit", "as-is"} or (low, high)
        The ``pixel_range`` parameter.
    needs_unit_pixels : bool
        Whether the network's input must be in [0, 1] for all units of X, because its output is.
    may_rescale_inside : bool
        Whether the network may rescale its input, because it is the user's.
    dtype_policy : str or None
        The ``dtype_policy`` parameter.
    random_state : int, RandomState or None
        Source of the seed.
    learning_rate_schedule : str or None
        Schedule of the learning rate over `scheduled_epochs`.
    scheduled_epochs : int
        The ``epochs`` parameter.
    batch_size : int or None
        Number of samples per step, None for all samples.
    jit_compile : bool
        Whether XLA compiles the step.
    verbose : int
        Whether to print a line per epoch.
    callbacks : object
        The user's Keras callbacks.
    routed : dict
        Parameters that are routed to Keras objects, such as ``optimizer__momentum``.
    warm_start : bool
        Whether the optimizer is kept for another ``fit``.
    augmentation : object or None, default=None
        Changes the training images.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes.
    early_stopping : dict or None, default=None
        Arguments of ``keras.callbacks.EarlyStopping``, None for no early stopping.
    holds_out : bool, default=False
        Whether to hold out a part of the samples if there are no validation data.
    validation_fraction : float or None, default=None
        Fraction of the samples to hold out; None for the default.
    checks_outputs : bool, default=False
        Whether to check outputs before training, which skmnist's own networks do not need.
    learn_more : callable or None, default=None
        Takes the state and the training samples; returns further fitted attributes.
    training : GivenData, default=GivenData()
        The training data.
    validation : GivenData, default=GivenData()
        The validation data, if any.
    continues : bool, default=False
        Whether to start from the fitted state.
    n_epochs : int, default=1
        Number of epochs to train.
    classes : array-like or None, default=None
        All labels, if the training data may lack some of them.
    is_whole : bool, default=True
        Whether these are all the data; False for a part of them, in ``partial_fit``.
    """

    name: str
    task: Any
    builder: Any
    build_params: dict
    compile_params: dict
    image_shape: Any
    pixel_range: Any
    needs_unit_pixels: bool
    may_rescale_inside: bool
    dtype_policy: str | None
    random_state: Any
    learning_rate_schedule: str | None
    scheduled_epochs: int
    batch_size: int | None
    jit_compile: bool
    verbose: int
    callbacks: Any
    routed: dict
    warm_start: bool
    augmentation: Any = None
    class_weight: Any = None
    early_stopping: dict | None = None
    holds_out: bool = False
    validation_fraction: float | None = None
    checks_outputs: bool = False
    learn_more: Callable | None = None
    training: GivenData = GivenData()
    validation: GivenData = GivenData()
    continues: bool = False
    n_epochs: int = 1
    classes: Any = None
    is_whole: bool = True
