"""A Keras model as an estimator holds it: forward pass, state, and pickled form."""

from __future__ import annotations

import threading

import numpy as np

from skmnist._keras import keras, tf

# Predictions run in chunks: large enough for the matrix products, small enough for the cache.
_CHUNK = 1024
# Every chunk is padded to a multiple of this many rows.  Matrix kernels treat the last odd rows
# differently from the rest, in the last bits; padded, a row's prediction depends on that row
# alone, wherever it stands and whatever stands beside it.
_ROWS = 16

_unpacking = threading.RLock()


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
    """

    def __init__(self, model, input_shape, own_compile=False):
        self._model = model
        self.input_shape = tuple(input_shape)
        self._own_compile = own_compile
        self._packed = None
        self._functions = {}

    @property
    def model(self):
        """The live Keras model."""
        if self._model is None:
            with _unpacking:
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
            with _unpacking:
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
        outputs : ndarray of shape (n_samples, n_outputs), float32
            Outputs, the same for a sample whatever else is in `images`.
        """
        forward = self.function("forward", lambda model: _make_forward(model, self.input_shape))
        chunks = []
        for start in range(0, len(images), _CHUNK):
            chunk = images[start : start + _CHUNK]
            missing = -len(chunk) % _ROWS
            if missing:
                filler = np.zeros((missing, *chunk.shape[1:]), dtype=chunk.dtype)
                padded = np.concatenate([chunk, filler])
            else:
                padded = chunk
            chunks.append(forward(tf.constant(padded)).numpy()[: len(chunk)])
        return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)

    def snapshot(self):
        """Copy the values of all variables, those of the optimizer included."""
        model = self.model
        optimizer = model.optimizer.variables if model.compiled else []
        return [v.numpy() for v in model.variables], [_value(v) for v in optimizer]

    def restore(self, snapshot):
        """Set all variables to a snapshot."""
        variables, optimizer = snapshot
        for variable, value in zip(self.model.variables, variables, strict=True):
            variable.assign(value)
        if self.model.compiled:
            for variable, value in zip(self.model.optimizer.variables, optimizer, strict=True):
                variable.assign(value)

    def compile_again(self, compile_model, changed):
        """Get ready to train on: compile an unpickled model, or one to be compiled differently.

        The optimizer goes on with its state, as far as it is still the same optimizer.

        Parameters
        ----------
        compile_model : callable
            Compiles the model it is given.
        changed : bool
            Whether the parameters to compile with have changed since the model was trained.
        """
        model = self.model
        state = self.snapshot()[1] if self._packed is None else self._packed["optimizer"]
        kind = type(model.optimizer) if model.compiled else None
        if changed or not model.compiled:
            compile_model(model)
            # They hold the old optimizer.
            self._functions = {k: f for k, f in self._functions.items() if k == "forward"}
        optimizer = model.optimizer
        optimizer.build(model.trainable_variables)
        fits = [tuple(v.shape) for v in optimizer.variables] == [v.shape for v in state]
        if fits and kind in (None, type(optimizer)):
            for variable, value in zip(optimizer.variables, state, strict=True):
                if not (changed and variable.path.endswith("learning_rate")):
                    variable.assign(value)
        self._packed = None

    def _unpack(self):
        model = keras.saving.deserialize_keras_object(self._packed["config"], safe_mode=False)
        if not model.built:
            model(tf.zeros((1, *self.input_shape)))
        for variable, value in zip(model.variables, self._packed["variables"], strict=True):
            variable.assign(value)
        self._model = model

    def __getstate__(self):
        if self._model is None:
            packed = self._packed
        else:
            variables, optimizer = self.snapshot()
            if not optimizer and self._packed is not None:  # not trained since it was unpacked
                optimizer = self._packed["optimizer"]
            packed = {
                "config": config_of(self._model, keep_compile=self._own_compile),
                "variables": variables,
                "optimizer": optimizer,
            }
        return {
            "packed": packed,
            "input_shape": self.input_shape,
            "own_compile": self._own_compile,
        }

    def __setstate__(self, state):
        self._model = None
        self.input_shape = state["input_shape"]
        self._own_compile = state["own_compile"]
        self._packed = state["packed"]
        self._functions = {}


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


def copy_model(model):
    """Return an independent copy of a model, its weights and the way it was compiled."""
    config = config_of(model, keep_compile=True)
    copied = keras.saving.deserialize_keras_object(config, safe_mode=False)
    if model.built:
        if not copied.built:
            copied.build_from_config(model.get_build_config())
        copied.set_weights(model.get_weights())
    return copied


def _value(variable):
    # A learning-rate schedule keeps no variable; everything else converts to an array.
    return np.asarray(variable)


def _make_forward(model, input_shape):
    spec = tf.TensorSpec((None, *input_shape), tf.float32)

    @tf.function(input_signature=[spec], autograph=False)
    def forward(images):
        return tf.cast(model(images, training=False), tf.float32)

    return forward.get_concrete_function()
