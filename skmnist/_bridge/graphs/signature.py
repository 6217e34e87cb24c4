"""What two networks must have in common to run the same graph.

A graph depends on how a network's layers are made and connected, on its loss, its metrics and its
optimizer.  It does not depend on the values of variables, on names or seeds, and not on numbers
that a graph can take as an input: dropout rates, penalties, learning rates.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import re
import types

import numpy as np

from skmnist._bridge.graphs import self_tests
from skmnist._compat.keras_layers import kernels_of
from skmnist._compat.keras_models import (
    compile_arguments,
    config_of,
    default_name,
    layers_of,
    lists_layers,
)
from skmnist._compat.keras_optimizers import excludes_any, has_rate, inner_of, rate_of
from skmnist._compat.tensorflow import is_eager_tensor
from skmnist._compat.tricks import is_on
from skmnist._keras import keras, tf

# Numbers that a graph can take as an input, by the class of Keras that has them.
_VALUES = {"Dropout": ("rate",), "L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}
_OWNERS = ("keras.", "skmnist.", "builtins")
_IGNORED = ("name", "seed", "registered_name", "build_config")


def layers_architecture(model):
    """Describe all of a model that its forward pass depends on.

    Parameters
    ----------
    model : keras.Model
        Built model.

    Returns
    -------
    architecture : str or None
        Equal for two models if they can run each other's forward pass.  None if that cannot be
        told, because the model has parts that are not Keras's or skmnist's: functions or classes
        of the user, which may do anything.
    """
    # Without Keras's list of the layers inside layers, some might go unseen.
    if not (is_on("telling networks apart", self_tests.models_tell_all) and lists_layers(model)):
        return None
    layers = layers_of(model)
    if not all(map(_is_known_layer, layers)):
        return None
    names = {layer.name: i for i, layer in enumerate(layers) if _is_numbered(layer)}
    # Layers that share a penalty have one number, others one each.
    owners = [id(owner) for owner, _ in owners_of_values(model)]
    shared = [owners.index(owner) for owner in owners]
    variables = []
    for variable in model.variables:
        # A builder may have set these on the variable rather than on its layer.
        extras = (getattr(variable, "regularizer", None), getattr(variable, "constraint", None))
        if not all(extra is None or _is_known(extra) for extra in extras):
            return None
        extras = ["value" if id(extra) in owners else _serialized(extra) for extra in extras]
        variables.append((tuple(variable.shape), str(variable.dtype), variable.trainable, extras))
    constants = [_constants_of(layer) for layer in layers]
    settings = (keras.config.epsilon(), keras.config.floatx(), keras.config.image_data_format())
    described = [_described(config_of(model), names), variables, shared, constants, settings]
    return json.dumps(described, default=repr)


def training_architecture(model, layers):
    """Describe all of a compiled model that its training and its evaluation depend on.

    Parameters
    ----------
    model : keras.Model
        Compiled model, whose metrics and optimizer have their variables.
    layers : str or None
        Its `layers_architecture`.

    Returns
    -------
    architecture : str or None
        As of `layers_architecture`.
    """
    compiled_with = compile_arguments(model)
    if layers is None or not compiled_with or not _is_known_configuration(compiled_with):
        return None
    if not _is_known_optimizer(model.optimizer):
        return None
    arguments = {k: _serialized(v) for k, v in compiled_with.items() if k != "optimizer"}
    shapes = [(v.name, tuple(v.shape), str(v.dtype)) for v in model.metrics_variables]
    described = [layers, arguments, _described_optimizer(model.optimizer), shapes]
    return json.dumps(described, default=repr)


def _is_ours(thing):
    """Tell whether a function or class, or the class of an object, is Keras's or skmnist's."""
    named = isinstance(thing, (type, types.FunctionType, types.BuiltinFunctionType))
    module = (thing if named else type(thing)).__module__
    return f"{module}.".startswith(_OWNERS)


def _is_known(thing):
    """Tell whether an object has nothing in it but Keras's and skmnist's own code."""
    return _is_ours(thing) and all(
        _is_ours(part)
        for part in getattr(thing, "__dict__", {}).values()
        if callable(part) or hasattr(part, "get_config")
    )


def _is_known_layer(layer):
    if isinstance(layer, keras.layers.Lambda):
        return False
    # In a functional model there may be operations that are no layers.
    return _is_known(layer) and all(map(_is_ours, getattr(layer, "operations", ())))


def _is_known_optimizer(optimizer):
    if optimizer is None:
        return True
    inner = inner_of(optimizer)
    if inner is not None:
        return _is_known(optimizer) and _is_known_optimizer(inner)
    # What cannot be read, in a later version of Keras, cannot be told apart.
    return (
        _is_known(optimizer)
        and has_rate(optimizer)
        and _is_ours(rate_of(optimizer))
        and not excludes_any(optimizer)
    )


def _is_known_configuration(thing, kind=None):
    """Tell whether arguments of ``compile`` are Keras's own."""
    if isinstance(thing, dict):
        return all(_is_known_configuration(part, kind or name) for name, part in thing.items())
    if isinstance(thing, (list, tuple)):
        return all(_is_known_configuration(part, kind) for part in thing)
    if isinstance(thing, str) and kind in ("loss", "metrics", "weighted_metrics"):
        return thing in _SHORT_NAMES or _is_known(_registered(thing, kind))
    if callable(thing) or hasattr(thing, "get_config"):
        return _is_known(thing)
    return thing is None or isinstance(thing, (bool, int, float, str))


# Names of which Keras finds out what they mean when it sees the outputs.
_SHORT_NAMES = ("accuracy", "acc", "crossentropy", "ce")


def _registered(name, kind):
    """Return what Keras takes a name for, which may be something that the user has registered."""
    return (keras.losses if kind == "loss" else keras.metrics).get(name)


def _constants_of(layer):
    """Return what a graph has of a layer, besides its configuration and its variables."""
    found = kernels_of(layer)
    for name, value in vars(layer).items():
        if isinstance(value, np.ndarray) or is_eager_tensor(value):  # adapted, say
            value = np.asarray(value)
            found[name] = (str(value.dtype), value.shape, value.tobytes().hex())
    return found


def _is_numbered(layer):
    """Tell whether Keras chose the name of a layer, which then depends on those before it."""
    return re.fullmatch(rf"{default_name(type(layer))}(_\d+)?", layer.name) is not None


def _serialized(value):
    if isinstance(value, (list, tuple)):
        return [_serialized(part) for part in value]
    if isinstance(value, dict):
        return {name: _serialized(part) for name, part in value.items()}
    if hasattr(value, "get_config") and not isinstance(value, type):
        # Keras leaves some parameters out of configurations: a loss's delta, a metric's axis.
        plain = {k: v for k, v in vars(value).items() if _is_plain(v)}
        return [f"{type(value).__module__}.{type(value).__qualname__}", value.get_config(), plain]
    if callable(value):
        return f"{value.__module__}.{value.__qualname__}"
    return value


def _is_plain(value):
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (bool, int, float, str))


def _described(config, names):
    """Return a configuration without what graphs do not depend on."""
    if isinstance(config, (list, tuple)):
        return [_described(part, names) for part in config]
    if isinstance(config, str):
        return f"layer {names[config]}" if config in names else config
    if not isinstance(config, dict):
        return config
    if config.get("module") == "keras.initializers":
        return None
    own = config.get("config")
    values = _VALUES.get(config.get("class_name"), ()) if isinstance(own, dict) else ()
    if values and not _can_be_taken(values[0]):
        values = ()
    if values and own.get("noise_shape") is not None:
        values = ()
    described = {}
    for name, value in config.items():
        if name == "config" and values:
            chosen = {k for k in values if _is_input(k, value[k])}
            value = {k: "value" if k in chosen else v for k, v in value.items()}
        if name == "name" and isinstance(value, str):
            # Names that were given matter, for outputs and losses are told apart by them.
            described[name] = f"layer {names[value]}" if value in names else value
        elif name not in _IGNORED:
            described[name] = _described(value, names)
    return described


def _described_optimizer(optimizer):
    if optimizer is None:
        return None
    config = dict(optimizer.get_config())
    config.pop("name", None)
    if not isinstance(config.get("learning_rate"), dict):  # else a schedule, part of the graph
        config.pop("learning_rate", None)
    shapes = [(tuple(v.shape), str(v.dtype)) for v in optimizer.variables]
    return [f"{type(optimizer).__module__}.{type(optimizer).__qualname__}", config, shapes]


def _is_input(name, number):
    """Tell whether a number is an input of the graph; zero, and dropping all, are other graphs."""
    return isinstance(number, (int, float)) and 0 < number < (1 if name == "rate" else float("inf"))


def values_of(model):
    """Return the numbers of a model that its graphs take as an input, in a fixed order."""
    return [number for owner, name in owners_of_values(model) for number in _numbers(owner, name)]


def _numbers(owner, name):
    number = float(getattr(owner, name))
    # What is kept is scaled by a factor that Keras computes in double precision.
    return [number, 1 / (1 - number)] if name == "rate" else [number]


def owners_of_values(model):
    """Return objects and attributes of the numbers that a graph takes as an input."""
    return [(owner, name) for owner, name in _owners(model) if _can_be_taken(name)]


def _can_be_taken(name):
    """Tell whether a graph can take what an attribute holds as an input."""
    if name == "rate":
        return is_on("rates of dropout as inputs of a graph", _rates_are_taken)
    return is_on("penalties as inputs of a graph", _penalties_are_taken)


def _rates_are_taken():
    return self_tests.rates_are_taken(_owners, _taking)


def _penalties_are_taken():
    return self_tests.penalties_are_taken(_owners, _taking)


def _owners(model):
    found = []
    for layer in layers_of(model):
        for owner in (layer, *vars(layer).values()):
            kind = type(owner)
            if kind.__name__ not in _VALUES or not kind.__module__.startswith("keras."):
                continue
            if getattr(owner, "noise_shape", None) is not None:
                continue
            for name in _VALUES[kind.__name__]:
                if _is_input(name, getattr(owner, name)):
                    found.append((owner, name))
    return found


@contextlib.contextmanager
def taking_values(model, values):
    """Let a model use inputs of a graph for some of its numbers, while the graph is made.

    Parameters
    ----------
    model : keras.Model
        Model.
    values : tensor of shape (n_values,), float32
        Stands for the numbers of `values_of`.
    """
    with _taking(owners_of_values(model), values):
        yield


@contextlib.contextmanager
def _taking(owners, values):
    kept = [getattr(owner, name) for owner, name in owners]
    sizes = [len(_numbers(owner, name)) for owner, name in owners]
    places = itertools.count()
    try:
        for (owner, name), size in zip(owners, sizes, strict=True):
            taken = [values[next(places)] for _ in range(size)]
            if name == "rate":
                owner.call = functools.partial(_drop, owner, *taken)
            else:
                setattr(owner, name, _Positive(*taken))
        yield
    finally:
        for (owner, name), number in zip(owners, kept, strict=True):
            if name == "rate":
                vars(owner).pop("call", None)
            else:
                setattr(owner, name, number)


def _drop(layer, rate, scale, inputs, training=False):
    """Do what Keras's layer does, bit by bit, for a rate that is known when the graph runs."""
    if not training:
        return inputs
    # As Keras makes a seed of what its generator draws.
    seed = tf.cast(tf.math.floormod(layer.seed_generator.next(), tf.int32.max - 1), tf.int32)
    draws = tf.random.stateless_uniform(tf.shape(inputs), seed, dtype=inputs.dtype)
    kept = draws >= tf.cast(rate, inputs.dtype)
    dropped = tf.where(kept, inputs * tf.cast(scale, inputs.dtype), tf.zeros((), inputs.dtype))
    return tf.ensure_shape(dropped, inputs.shape)


class _Positive:
    """A factor above zero that is known when the graph runs."""

    def __init__(self, tensor):
        self._tensor = tensor

    def __tf_tensor__(self, dtype=None, name=None):
        return self._tensor if dtype is None else tf.cast(self._tensor, dtype)
