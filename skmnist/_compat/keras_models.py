"""What a Keras model consists of: layers, configuration, and code that is not Keras's."""

from __future__ import annotations

import re
import types

from skmnist._compat.keras_optimizers import exclude, exclusions_of
from skmnist._keras import keras


def layers_of(model):
    """Return all layers of a model, those inside other layers included."""
    flatten = getattr(model, "_flatten_layers", None)  # Keras has no public way to the inner ones
    return list(flatten()) if flatten is not None else [model, *model.layers]


def default_name(kind):
    """Return the name that Keras gives the first object of a class, before it counts them."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind.__name__)
    return parts.lower()


def config_of(model, keep_compile=False):
    """Return Keras's configuration of a model, without how it was compiled unless asked."""
    config = keras.saving.serialize_keras_object(model)
    if not keep_compile:
        config.pop("compile_config", None)
    return config


def input_shape_of(model, given_shape):
    """Return the shape of one sample as `model` takes it; `given_shape` if it does not tell."""
    try:
        return tuple(model.input_shape[1:])
    except AttributeError:  # a subclass of keras.Model has none
        return tuple(given_shape)


def custom_objects_of(model, keep_compile=False):
    """Return the classes and functions in a model that Keras cannot find by its configuration.

    These are the user's own: layer classes, activations, and so on, and what the model is
    compiled with.  They are pickled as Python pickles them.

    Parameters
    ----------
    model : keras.Model
        Live model.
    keep_compile : bool, default=False
        Whether to include loss, metrics and optimizer.

    Returns
    -------
    custom_objects : dict of str to class or function
        By name.
    """
    found = {}

    def add(name, thing):
        if found.setdefault(name, thing) is not thing:
            raise ValueError(
                f"The network has two different functions or classes named {name!r}, which Keras "
                "tells apart by name when a network is copied or pickled. Give them different "
                "names (__name__)."
            )

    def note(thing):
        if isinstance(thing, (list, tuple)):
            for part in thing:
                note(part)
        elif isinstance(thing, dict):
            for part in thing.values():
                note(part)
        elif isinstance(thing, types.FunctionType):
            if not thing.__module__.startswith("keras."):
                add(thing.__name__, thing)
        elif hasattr(thing, "get_config") and not type(thing).__module__.startswith("keras."):
            add(type(thing).__name__, type(thing))

    for layer in layers_of(model):
        note(layer)
        for name, attribute in vars(layer).items():
            if hasattr(type(layer), name):  # a method that Keras has wrapped: ``build``
                continue
            if isinstance(attribute, types.FunctionType) or hasattr(attribute, "get_config"):
                note(attribute)
    if keep_compile and model.compiled:
        note(list(compile_arguments(model).values()))
    return found


def compile_arguments(model):
    """Return what a model was compiled with, as the objects that were given.

    Keras's public ``get_compile_config`` has them serialized, in which functions are mere names.
    """
    given = getattr(model, "_compile_config", None)
    return {} if given is None else dict(given.config)


def copy_model(model):
    """Return an independent copy of a model, its weights and the way it was compiled."""
    copied = keras.saving.deserialize_keras_object(
        config_of(model, keep_compile=True),
        custom_objects=custom_objects_of(model, keep_compile=True),
        safe_mode=False,
    )
    if model.built:
        if not copied.built:
            copied.build_from_config(model.get_build_config())
        copied.set_weights(model.get_weights())
        set_trainable(copied, trainable_of(model))
        take_in_weights(copied)
    if model.compiled and copied.compiled:
        exclude(copied.optimizer, exclusions_of(model.optimizer))
    return copied


def trainable_of(model):
    """Return which weights are trained: configurations tell it of layers only."""
    return [weight.trainable for weight in model.weights]


def set_trainable(model, trainable):
    """Set which weights are trained, where that differs."""
    for weight, flag in zip(model.weights, trainable, strict=True):
        if weight.trainable != flag:
            weight.trainable = flag


def take_in_weights(model):
    """Let layers know that their weights were set, which keep something that is made of them."""
    for layer in layers_of(model):
        if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None:
            layer.finalize_state()
