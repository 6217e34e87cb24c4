"""A Keras model as plain data: what pickles and copies of a network hold of it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skmnist._bridge.models.global_state import fresh_names, seeded
from skmnist._compat.keras_models import (
    config_of,
    custom_objects_of,
    set_trainable,
    take_in_weights,
    trainable_of,
)
from skmnist._keras import keras, tf


@dataclass(frozen=True)
class PackedModel:
    """The architecture and the state of a model.

    Parameters
    ----------
    config : dict
        Keras's own configuration of the model.
    custom_objects : dict
        Classes and functions of the user that the configuration names.
    variables : list of ndarray
        Values of all variables of the model.
    trainable : list of bool or None
        Which single weights are trained, None if the layers say so.
    optimizer : list of ndarray
        Values of the optimizer's variables; empty if no training follows.
    optimizer_type : str or None
        Class of the optimizer.
    optimizer_names : list of str
        Names of its variables.
    """

    config: dict
    custom_objects: dict
    variables: list[np.ndarray]
    trainable: Any
    optimizer: tuple | list = ()
    optimizer_type: str | None = None
    optimizer_names: tuple | list = ()

    @classmethod
    def of(cls, model, variables, *, keep_compile):
        """Return a model with these values of its variables, without an optimizer."""
        return cls(
            config_of(model, keep_compile=keep_compile),
            custom_objects_of(model, keep_compile=keep_compile),
            variables,
            trainable_of(model),
        )

    def with_optimizer(self, values, source):
        """Return the model with the state of an optimizer.

        Parameters
        ----------
        values : list of ndarray
            Values of the optimizer's variables.
        source : keras.optimizers.Optimizer or PackedModel
            The optimizer, or what was packed with the same state.
        """
        if isinstance(source, PackedModel):
            kind, names = source.optimizer_type, source.optimizer_names
        else:
            kind, names = type(source).__name__, _names(source.variables)
        return replace(self, optimizer=values, optimizer_type=kind, optimizer_names=names)

    def build(self, input_shape, has_seeds):
        """Return the model with the values of its variables, not compiled.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one sample.
        has_seeds : bool
            Whether all random layers have seeds of their own.
        """
        # Layers without a seed draw one here.  The packed state overwrites it below.
        with contextlib.nullcontext() if has_seeds else seeded(0), fresh_names():
            model = keras.saving.deserialize_keras_object(
                self.config, custom_objects=self.custom_objects, safe_mode=False
            )
            if not model.built:
                model(tf.zeros((1, *input_shape)))
        assign(model.variables, self.variables)
        if self.trainable is not None:
            set_trainable(model, self.trainable)
        take_in_weights(model)
        return model

    def restore_optimizer(self, optimizer, same_rate):
        """Give a built optimizer the packed state, as far as it is still the same optimizer.

        Parameters
        ----------
        optimizer : keras.optimizers.Optimizer
            Optimizer to change.
        same_rate : bool
            Whether to give it the packed learning rate too.
        """
        if self.optimizer_type != type(optimizer).__name__:
            return
        names, state = _names(optimizer.variables), self.optimizer
        if [v.shape for v in state] == [tuple(v.shape) for v in optimizer.variables]:
            state = dict(zip(names, state, strict=True))
        else:  # a schedule has replaced a number, for instance; the other variables still fit
            state = dict(zip(self.optimizer_names, state, strict=True))
        for name, variable in zip(names, optimizer.variables, strict=True):
            fits = name in state and state[name].shape == tuple(variable.shape)
            if fits and (same_rate or name != "learning_rate"):
                variable.assign(state[name])


def assign(variables, values):
    """Give variables their values, one each."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _names(variables):
    """Return the names of an optimizer's variables without the optimizer's numbered name."""
    return [variable.path.partition("/")[2] for variable in variables]
