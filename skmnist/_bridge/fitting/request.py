"""What a fit is asked to do: the estimator's parameters and the user's data, resolved once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GivenData:
    """Data as the user gave them, not yet validated.

    Parameters
    ----------
    X : array-like, data set or None
        Images, or a data set that brings labels and weights as well.
    y, sample_weight : array-like or None
        Labels and weights.
    """

    X: Any = None
    y: Any = None
    sample_weight: Any = None


@dataclass(frozen=True)
class FitRequest:
    """Everything that a fit has to know; nothing below asks the estimator again.

    Parameters
    ----------
    name : str
        Name of the estimator's class, for messages.
    task : type of Task or Task
        What the network is trained for.
    builder : callable or keras.Model
        Builds the network, or is one to copy.
    build_params, compile_params : dict
        Parameters of the builder, and of ``compile``.
    image_shape : tuple of int or None
        The ``image_shape`` parameter.
    pixel_range : {"auto", "unit", "as-is"} or (low, high)
        The ``pixel_range`` parameter.
    needs_unit_pixels : bool
        Whether the network must see pixels in [0, 1] whatever their units, because it makes such.
    may_rescale_inside : bool
        Whether the network is the user's, who may have it rescale its input.
    dtype_policy : str or None
        The ``dtype_policy`` parameter.
    random_state : int, RandomState or None
        Where the seed comes from.
    learning_rate_schedule : str or None
        How the learning rate falls over `scheduled_epochs`.
    scheduled_epochs : int
        The ``epochs`` parameter.
    batch_size : int or None
        Number of samples a step, None for all of them.
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
        Whether to hold out part of the samples where there are no validation data.
    validation_fraction : float or None, default=None
        Which part.
    checks_outputs : bool, default=False
        Whether outputs are checked before training; skmnist's own networks need no check.
    learn_more : callable or None, default=None
        Takes the state and the training samples; returns further fitted attributes.
    training : GivenData, default=GivenData()
        The training data.
    validation : GivenData, default=GivenData()
        The validation data, if any.
    continues : bool, default=False
        Whether to go on from the fitted state.
    n_epochs : int, default=1
        Number of epochs to train.
    classes : array-like or None, default=None
        All labels, where the training data may have fewer.
    is_whole : bool, default=True
        Whether these are all the data, rather than a part of them.
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
