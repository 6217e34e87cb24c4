"""Descriptions of networks that are equal if two networks can run the same graph.

A graph depends on the layers of a network and their connections, on its loss, its metrics and its
optimizer.  It does not depend on the values of variables, on names or on seeds.  Dropout rates,
penalties and learning rates do not matter either, because a graph takes them as inputs.
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

# Attributes that a graph can take as inputs, by the name of their Keras class.
_VALUES = {"Dropout": ("rate",), "L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}
_OWNERS = ("keras.", "skmnist.", "builtins")
_IGNORED = ("name", "seed", "registered_name", "build_config")


def layers_architecture(model):
    """Describe everything in a model that its forward pass depends on.

    Parameters
    ----------
    model : keras.Model
        Built model.

    Returns
    -------
    architecture : str or None
        Equal for two models if they can run each other's forward pass.  None if the model contains
        functions or classes of the user, because those may do anything.
    """
    # Without Keras's list of nested layers, the description might lack some.
    if not (is_on("telling networks apart", self_tests.models_tell_all) and lists_layers(model)):
        return None
    layers = layers_of(model)
    if not all(map(_is_known_layer, layers)):
        return None
    names = {layer.name: i for i, layer in enumerate(layers) if _is_numbered(layer)}
    # Layers that share a penalty object share its number.  A graph of separate penalties differs.
    owners = [id(owner) for owner, _ in owners_of_values(model)]
    shared = [owners.index(owner) for owner in owners]
    variables = []
    for variable in model.variables:
        # A builder may set these on the variable itself and not on its layer.
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
    """Describe everything in a compiled model that its training and evaluation depend on.

    Parameters
    ----------
    model : keras.Model
        Compiled model whose metrics and optimizer are built.
    layers : str or None
        Description by `layers_architecture`.

    Returns
    -------
    architecture : str or None
        Equal for two models if they can run each other's training; None if unknown.
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
    """Return whether a function, a class or the class of an object is of Keras or skmnist."""
    named = isinstance(thing, (type, types.FunctionType, types.BuiltinFunctionType))
    module = (thing if named else type(thing)).__module__
    return f"{module}.".startswith(_OWNERS)


def _is_known(thing):
    """Return whether an object holds only code of Keras and skmnist."""
    return _is_ours(thing) and all(
        _is_ours(part)
        for part in getattr(thing, "__dict__", {}).values()
        if callable(part) or hasattr(part, "get_config")
    )


def _is_known_layer(layer):
    if isinstance(layer, keras.layers.Lambda):
        return False
    # A functional model may contain operations that are not layers.
    return _is_known(layer) and all(map(_is_ours, getattr(layer, "operations", ())))


def _is_known_optimizer(optimizer):
    if optimizer is None:
        return True
    inner = inner_of(optimizer)
    if inner is not None:
        return _is_known(optimizer) and _is_known_optimizer(inner)
    # If a later version of Keras renames these attributes, two different optimizers would look
    # alike.  Their graphs must not be shared then.
    return (
        _is_known(optimizer)
        and has_rate(optimizer)
        and _is_ours(rate_of(optimizer))
        and not excludes_any(optimizer)
    )


def _is_known_configuration(thing, kind=None):
    """Return whether arguments of ``compile`` hold only objects of Keras and skmnist."""
    if isinstance(thing, dict):
        return all(_is_known_configuration(part, kind or name) for name, part in thing.items())
    if isinstance(thing, (list, tuple)):
        return all(_is_known_configuration(part, kind) for part in thing)
    if isinstance(thing, str) and kind in ("loss", "metrics", "weighted_metrics"):
        return thing in _SHORT_NAMES or _is_known(_registered(thing, kind))
    if callable(thing) or hasattr(thing, "get_config"):
        return _is_known(thing)
    return thing is None or isinstance(thing, (bool, int, float, str))


# Names that Keras resolves only when it knows the shape of the outputs.
_SHORT_NAMES = ("accuracy", "acc", "crossentropy", "ce")


def _registered(name, kind):
    """Return the object that Keras finds for a name; the user may have registered it."""
    return (keras.losses if kind == "loss" else keras.metrics).get(name)


def _constants_of(layer):
    """Return values that a graph takes from a layer besides its configuration and variables."""
    found = kernels_of(layer)
    for name, value in vars(layer).items():
        # A normalization layer that has been adapted to data keeps such arrays.
        if isinstance(value, np.ndarray) or is_eager_tensor(value):
            value = np.asarray(value)
            found[name] = (str(value.dtype), value.shape, value.tobytes().hex())
    return found


def _is_numbered(layer):
    """Return whether Keras chose the name of a layer, with a number that depends on history."""
    return re.fullmatch(rf"{default_name(type(layer))}(_\d+)?", layer.name) is not None


def _serialized(value):
    if isinstance(value, (list, tuple)):
        return [_serialized(part) for part in value]
    if isinstance(value, dict):
        return {name: _serialized(part) for name, part in value.items()}
    if hasattr(value, "get_config") and not isinstance(value, type):
        # Keras's configurations lack some parameters, such as a loss's delta or a metric's axis.
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
    """Return a configuration without the parts that graphs do not depend on."""
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
            # Names that the user chose matter, because outputs and losses are found by them.
            described[name] = f"layer {names[value]}" if value in names else value
        elif name not in _IGNORED:
            described[name] = _described(value, names)
    return described


def _described_optimizer(optimizer):
    if optimizer is None:
        return None
    config = dict(optimizer.get_config())
    config.pop("name", None)
    # A number is a variable of the optimizer.  A schedule is part of the graph and stays.
    if not isinstance(config.get("learning_rate"), dict):
        config.pop("learning_rate", None)
    shapes = [(tuple(v.shape), str(v.dtype)) for v in optimizer.variables]
    return [f"{type(optimizer).__module__}.{type(optimizer).__qualname__}", config, shapes]


def _is_input(name, number):
    """Return whether a number is an input of the graph.

    Keras traces a different graph without a penalty (0), without dropout (0) and for a dropout of
    everything (1).
    """
    return isinstance(number, (int, float)) and 0 < number < (1 if name == "rate" else float("inf"))


def values_of(model):
    """Return the numbers of a model that its graphs take as inputs, in a fixed order."""
    return [number for owner, name in owners_of_values(model) for number in _numbers(owner, name)]


def _numbers(owner, name):
    number = float(getattr(owner, name))
    # Keras computes the factor for the elements that are kept in double precision.  It is an input
    # of its own, because the graph would compute it in single precision.
    return [number, 1 / (1 - number)] if name == "rate" else [number]


def owners_of_values(model):
    """Return the (object, attribute) pairs whose numbers a graph takes as inputs."""
    return [(owner, name) for owner, name in _owners(model) if _can_be_taken(name)]


def _can_be_taken(name):
    """Return whether a graph can take the value of an attribute as an input."""
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
    """Replace numbers of a model by inputs of a graph while that graph is traced.

    Parameters
    ----------
    model : keras.Model
        Model.
    values : tensor of shape (n_values,), float32
        Symbolic tensor in place of the numbers of `values_of`.
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
    """Drop the same elements as Keras's layer, with a rate that is an input of the graph."""
    if not training:
        return inputs
    # Keras converts the state of its seed generator to a seed in this way.
    seed = tf.cast(tf.math.floormod(layer.seed_generator.next(), tf.int32.max - 1), tf.int32)
    draws = tf.random.stateless_uniform(tf.shape(inputs), seed, dtype=inputs.dtype)
    kept = draws >= tf.cast(rate, inputs.dtype)
    dropped = tf.where(kept, inputs * tf.cast(scale, inputs.dtype), tf.zeros((), inputs.dtype))
    return tf.ensure_shape(dropped, inputs.shape)


class _Positive:
    """A positive factor that is an input of the graph."""

    def __init__(self, tensor):
        self._tensor = tensor

    def __tf_tensor__(self, dtype=None, name=None):
        return self._tensor if dtype is None else tf.cast(self._tensor, dtype)
