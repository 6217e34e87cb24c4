"""What a Keras model consists of: layers, configuration, and code that is not Keras's.

Private names in here are there in Keras 3.12.4, the lowest that skmnist takes.
"""

from __future__ import annotations

import re
import types

from skmnist._compat.keras_optimizers import exclude, exclusions_of
from skmnist._keras import keras

# Attributes that matter in a model of one of Keras's own classes.  The rest is bookkeeping.
OF_MODELS = (
    *("optimizer", "loss", "_compile_loss", "_compile_metrics", "jit_compile", "run_eagerly"),
    *("_trainable", "_dtype_policy", "train_step", "test_step", "call", "compute_loss"),
)
# Those of variables.
OF_VARIABLES = ("_trainable", "_regularizer", "_constraint", "regularizer", "constraint")
# Attributes of any layer or model that do not influence its graphs.  One that is missing here only
# costs a new graph.
BOOKKEEPING = frozenset(
    (
        *("stop_training", "history", "train_function", "test_function", "_initial_epoch"),
        *("_tracker", "_tracked", "_lock", "_metrics", "_seed_generators", "_trainable_variables"),
        *("_non_trainable_variables", "_auto_config", "_inbound_nodes", "_outbound_nodes"),
        *("_losses", "_loss_ids", "_losses_override", "_path", "_parent_path", "built", "name"),
        *("_call_signature", "call_signature_parameters", "_call_context_args", "_called"),
        *("_saved_model_inputs_spec", "_saved_model_arg_spec", "_build_shapes_dict"),
    )
)
# TensorFlow uses attributes with this prefix for saving, since 2.0.
OF_TENSORFLOW = "_self_"


def lists_layers(model):
    """Return whether Keras itself lists the layers of a model, inside of whatever they are."""
    return hasattr(model, "_flatten_layers")


def layers_of(model):
    """Return all layers of a model or a layer, those inside other layers included."""
    if lists_layers(model):  # Keras has no public way to the inner ones
        return list(model._flatten_layers())
    found, waiting = [], [model]
    while waiting:
        layer = waiting.pop(0)
        if any(layer is other for other in found):
            continue
        found.append(layer)
        waiting += getattr(layer, "layers", [])
        parts = keras.tree.flatten(list(vars(layer).values()))
        waiting += [part for part in parts if isinstance(part, keras.layers.Layer)]
    return found


def seed_generators_of(layer):
    """Return the seed generators of a layer, without those of its inner layers.

    Keras has no public access to them, only to the variables of a layer, which include their
    states.
    """
    return layer._seed_generators


def compiled_metrics(model):
    """Return the object that computes all metrics of a compiled model, None if there are none.

    No public attribute holds it.
    """
    return model._compile_metrics


def loss_tracker(model):
    """Return the metric that a model reports as ``loss``, which a step of its own has to update."""
    return model._loss_tracker


def begin_at_first_epoch(model):
    """Forget an epoch that a callback has set earlier for `epoch_to_begin_at`."""
    model._initial_epoch = None


def epoch_to_begin_at(model):
    """Return the first epoch that BackupAndRestore has set, None if it resumes no training."""
    return model._initial_epoch


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
    given = getattr(model, "_compile_config", None)  # where it is missing, nothing is shared
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
    """Return which weights are trained; configurations tell this of whole layers only."""
    return [weight.trainable for weight in model.weights]


def set_trainable(model, trainable):
    """Set which weights are trained, where that differs."""
    for weight, flag in zip(model.weights, trainable, strict=True):
        if weight.trainable != flag:
            weight.trainable = flag


def take_in_weights(model):
    """Tell layers that compute something from their weights that these were set."""
    for layer in layers_of(model):
        if isinstance(layer, keras.layers.Normalization) and layer.input_mean is None:
            layer.finalize_state()
