"""A Keras model as an estimator holds it: forward pass, state, and pickled form."""

from __future__ import annotations

import contextlib
import types

import numpy as np

from skmnist._keras import keras, tf
from skmnist.bridge.seeding import making_models, seeded

# Predictions run in chunks: large enough for the matrix products, small enough for the cache.
_CHUNK = 1024
# Every chunk is padded to a multiple of this many rows.  Matrix kernels treat the last odd rows
# differently from the rest, in the last bits; padded, a row's prediction depends on that row
# alone, wherever it stands and whatever stands beside it.
_ROWS = 16


class Network:
    """A Keras model with a compiled forward pass.

    Pickles and deep copies hold the architecture as Keras's own configuration, and the values
    of all variables, those of the optimizer included; no graph, and no function.  The model is
    built again when it is first used.

    Parameters
    ----------
    model : keras.Model
        Built model with one input and one output.
    input_shape : tuple of int
        Shape of one sample as the model takes it.
    own_compile : bool, default=False
        Whether the model came compiled, and keeps that when it is built again.
    has_seeds : bool, default=False
        Whether all layers that draw at random have seeds of their own.
    """

    def __init__(self, model, input_shape, own_compile=False, has_seeds=False):
        self._model = model
        self.input_shape = tuple(input_shape)
        self._own_compile = own_compile
        self._has_seeds = has_seeds
        self._packed = None
        self._trained_weights = None
        self._functions = {}

    @property
    def model(self):
        """The live Keras model."""
        if self._model is None:
            with making_models:
                if self._model is None:
                    self._unpack()
        return self._model

    @property
    def output_shape(self):
        """Shape of the outputs, with None for the number of samples."""
        try:
            return self.model.output_shape
        except AttributeError:  # a subclass of keras.Model has none
            return (None, *self.model(tf.zeros((1, *self.input_shape))).shape[1:])

    def function(self, name, make):
        """Return the compiled function `name` of this model, made by ``make(model)`` once."""
        if name not in self._functions:
            with making_models:
                if name not in self._functions:
                    self._functions[name] = make(self.model)
        return self._functions[name]

    def predict(self, images):
        """Compute the outputs for images.

        Parameters
        ----------
        images : ndarray of shape (n_samples, ...), float32
            Samples in the shape of the model's input.

        Returns
        -------
        outputs : ndarray of shape (n_samples, ...), float32
            Outputs, the same for a sample whatever else is in `images`.
        """
        return self.run("forward", lambda model: model, images)

    def run(self, name, part, *inputs):
        """Compute the outputs of a part of the model.

        Parameters
        ----------
        name : str
            Name of the part.
        part : callable
            Takes the model, and returns what is to be called.
        *inputs : ndarrays of shape (n_samples, ...)
            What it takes.

        Returns
        -------
        outputs : ndarray of shape (n_samples, ...), float32
            Outputs, the same for a sample whatever else is in `inputs`.
        """
        forward = self.function(name, lambda model: _make_forward(part(model), inputs))
        chunks = []
        for start in range(0, len(inputs[0]), _CHUNK):
            parts = [array[start : start + _CHUNK] for array in inputs]
            n_rows = len(parts[0])
            parts = [tf.constant(_padded(array)) for array in parts]
            chunks.append(forward(*parts).numpy()[:n_rows])
        return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)

    def snapshot(self):
        """Copy the state: the values of all variables, those of the optimizer included."""
        model = self.model
        if self._packed is not None:  # not trained on since it was unpacked
            optimizer = self._packed["optimizer"]
        else:
            optimizer = [v.numpy() for v in model.optimizer.variables] if model.compiled else []
        return [v.numpy() for v in model.variables], optimizer, self._trained_weights

    def restore(self, snapshot):
        """Set the state to a snapshot."""
        variables, optimizer, self._trained_weights = snapshot
        _assign(self.model.variables, variables)
        if self._packed is None and self.model.compiled:
            _assign(self.model.optimizer.variables, optimizer)

    def rescales_its_input(self):
        """Tell whether a layer of the model brings pixels to its own scale."""
        kinds = (keras.layers.Rescaling, keras.layers.Normalization)
        return any(isinstance(layer, kinds) for layer in _layers(self.model))

    def compile_again(self, compile_model, changed=False, same_rate=True):
        """Get ready to train on: compile an unpickled model, or one to be compiled differently.

        The optimizer goes on with its state, as far as it is still the same optimizer.

        Parameters
        ----------
        compile_model : callable
            Compiles the model it is given.
        changed : bool, default=False
            Whether the parameters to compile with have changed since the model was trained.
        same_rate : bool, default=True
            Whether the learning rate goes on too, as a callback may have left it.
        """
        model = self.model
        if changed or not model.compiled:
            compile_model(model)
        optimizer = model.optimizer
        optimizer.build(model.trainable_variables)
        if self._packed is None:
            return
        if self._packed["optimizer_type"] == type(optimizer).__name__:
            names = _names(optimizer.variables)
            state = self._packed["optimizer"]
            if [v.shape for v in state] == [tuple(v.shape) for v in optimizer.variables]:
                state = dict(zip(names, state, strict=True))
            else:  # a schedule instead of a rate, say: what there still is goes on
                state = dict(zip(self._packed["optimizer_names"], state, strict=True))
            for name, variable in zip(names, optimizer.variables, strict=True):
                fits = name in state and state[name].shape == tuple(variable.shape)
                if fits and (same_rate or name != "learning_rate"):
                    variable.assign(state[name])
        self._packed = None

    def finish_training(self):
        """Take the optimizer's average of the weights, if it keeps one, as Keras's ``fit`` does.

        The weights themselves are kept, for training goes on from them.

        Returns
        -------
        averaged : list of ndarray or None
            The averages, None if the optimizer keeps none.
        """
        optimizer = self.model.optimizer
        self._trained_weights = None
        if not getattr(optimizer, "use_ema", False):
            return None
        self._trained_weights = self.weights()
        optimizer.finalize_variable_values(self.model.trainable_variables)
        return self.weights()

    def weights(self):
        """Copy the weights that are trained."""
        return [v.numpy() for v in self.model.trainable_variables]

    def resume_training(self):
        """Put the weights back that training stopped at."""
        if self._trained_weights is not None:
            _assign(self.model.trainable_variables, self._trained_weights)
            self._trained_weights = None

    def keep_weights(self):
        """Let training go on from the weights as they are, for a callback has set them."""
        self._trained_weights = None

    def _unpack(self):
        packed = self._packed
        # Layers without a seed draw one, to be overwritten by the state that was packed.
        with contextlib.nullcontext() if self._has_seeds else seeded(0):
            model = keras.saving.deserialize_keras_object(
                packed["config"], custom_objects=packed["custom_objects"], safe_mode=False
            )
            if not model.built:
                model(tf.zeros((1, *self.input_shape)))
        _assign(model.variables, packed["variables"])
        self._model = model

    def __getstate__(self):
        packed = self._packed
        if self._model is not None:
            model = self._model
            variables, optimizer, _ = self.snapshot()
            if packed is None:
                kind, names = type(model.optimizer).__name__, _names(model.optimizer.variables)
            else:
                kind, names = packed["optimizer_type"], packed["optimizer_names"]
            packed = {
                "config": config_of(model, keep_compile=self._own_compile),
                "custom_objects": custom_objects_of(model, keep_compile=self._own_compile),
                "variables": variables,
                "optimizer": optimizer,
                "optimizer_type": kind,
                "optimizer_names": names,
            }
        return {
            "packed": packed,
            "input_shape": self.input_shape,
            "own_compile": self._own_compile,
            "has_seeds": self._has_seeds,
            "trained_weights": self._trained_weights,
        }

    def __setstate__(self, state):
        self._model = None
        self._packed = state["packed"]
        self.input_shape = state["input_shape"]
        self._own_compile = state["own_compile"]
        self._has_seeds = state["has_seeds"]
        self._trained_weights = state["trained_weights"]
        self._functions = {}


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _names(variables):
    """Return the names of an optimizer's variables, which do not depend on how many it is."""
    return [variable.path.partition("/")[2] for variable in variables]


def _layers(model):
    """Return all layers of a model, those inside other layers included."""
    flatten = getattr(model, "_flatten_layers", None)  # Keras has no public way to the inner ones
    return list(flatten()) if flatten is not None else [model, *model.layers]


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

    for layer in _layers(model):
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
    return copied


def _padded(array):
    missing = -len(array) % _ROWS
    if not missing:
        return array
    filler = np.zeros((missing, *array.shape[1:]), dtype=array.dtype)
    return np.concatenate([array, filler])


def _make_forward(model, inputs):
    specs = [tf.TensorSpec((None, *array.shape[1:]), array.dtype) for array in inputs]

    @tf.function(input_signature=specs, autograph=False)
    def forward(*inputs):
        outputs = model(inputs[0] if len(inputs) == 1 else list(inputs), training=False)
        return tf.cast(outputs, tf.float32)

    return forward.get_concrete_function()
