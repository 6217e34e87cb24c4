"""Self-tests: each compares a trick of the engine with Keras's own code on a few numbers.

A self-test runs once in a process, before the first use of its trick, and takes 10 to 300 ms.
None of them draws from a global random generator.
"""

from __future__ import annotations

import contextlib
import functools

import numpy as np

from skmnist._compat.keras_models import compile_arguments, layers_of, lists_layers
from skmnist._compat.keras_optimizers import excludes_any, rate_of, slots_of
from skmnist._keras import keras, tf


def optimizer_agrees(make, fusing, scratch_of):
    """Return whether a Keras optimizer makes the same step with a fused update.

    Parameters
    ----------
    make : callable
        Makes the optimizer.
    fusing : callable
        Takes an optimizer and its scratch; returns a context in which the update is fused.
    scratch_of : callable
        Takes an optimizer, and returns its scratch.
    """
    optimizer = make()
    variable = keras.Variable(np.zeros(2, dtype=np.float32), dtype="float32")
    optimizer.build([variable])
    state = [variable, *(slot for slots in slots_of(optimizer) for slot in slots)]
    gradient, rate = tf.constant([0.5, -1.0]), tf.constant(0.1)
    after = []
    for context in (contextlib.nullcontext(), fusing(optimizer, scratch_of(optimizer))):
        for i, each in enumerate(state):  # no zeros, as after many steps
            each.assign(np.array([0.25, 0.5], dtype=np.float32) * (1 + i % 2))
        with context:
            optimizer.update_step(gradient, variable.value, rate)
        after.append([each.numpy() for each in state])
    return all(map(functools.partial(np.allclose, rtol=1e-4, atol=1e-5), *after))


def layer_agrees(name, attribute, make):
    """Return whether a Keras layer gives the same outputs and gradients with a replaced method.

    Parameters
    ----------
    name : str
        Its class.
    attribute : str
        The method that the function replaces.
    make : callable
        Takes the layer, and returns the function.
    """
    layer = _layer(name)
    inputs = tf.constant(_numbers((2, 2, 4), 0))
    arguments = (inputs, inputs) if name == "MultiHeadAttention" else (inputs,)
    layer.build(*(tuple(each.shape) for each in arguments))
    for i, weight in enumerate(layer.weights):
        weight.assign(_numbers(weight.shape, i + 1))
    expected = _outputs_and_gradients(layer, arguments)
    function, calls = make(layer), []

    def counted(*args, **named):
        calls.append(name)
        return function(*args, **named)

    setattr(layer, attribute, counted)
    found = _outputs_and_gradients(layer, arguments)
    # The tolerance allows for the rounding of GPUs, and still detects another formula.
    return bool(calls) and all(map(_are_close, expected, found))


def _layer(name):
    common = {"dtype": "float32", "kernel_initializer": "zeros"}
    if name == "Dense":
        return keras.layers.Dense(5, "tanh", **common)
    if name == "LSTM":
        return keras.layers.LSTM(
            3, recurrent_initializer="zeros", return_sequences=True, seed=0, **common
        )
    if name == "MultiHeadAttention":
        return keras.layers.MultiHeadAttention(2, 3, seed=0, **common)
    return getattr(keras.layers, name)(dtype="float32")


def _numbers(shape, start):
    numbers = np.sin(1.7 * np.arange(np.prod(shape)) + start)
    return numbers.reshape(tuple(shape)).astype(np.float32)


def _outputs_and_gradients(layer, arguments):
    sources = [arguments[0], *(weight.value for weight in layer.trainable_weights)]
    with tf.GradientTape() as tape:
        tape.watch(arguments[0])
        outputs = layer.call(*arguments)
        total = tf.reduce_sum(outputs**3)
    return [outputs, *tape.gradient(total, sources)]


def _are_close(first, second):
    return np.allclose(first, second, rtol=1e-2, atol=1e-2)


def rates_are_taken(owners_of, taking):
    """Return whether dropout with its rate in a tensor gives what dropout with a number gives.

    Parameters
    ----------
    owners_of : callable
        Takes a layer, and returns the objects that hold such numbers.
    taking : callable
        Takes these objects and a tensor; returns a context in which they read the tensor.
    """
    ones = tf.ones((8, 8))
    expected = keras.layers.Dropout(0.5, seed=0, dtype="float32").call(ones, training=True)
    layer = keras.layers.Dropout(0.25, seed=0, dtype="float32")
    with taking(owners_of(layer), tf.constant([0.5, 2.0])):
        found = layer.call(ones, training=True)
    return np.array_equal(expected, found)


def penalties_are_taken(owners_of, taking):
    """Return whether penalties work with their factors in a tensor; see `rates_are_taken`."""
    penalty = keras.regularizers.L1L2(0.1, 0.2)
    dense = keras.layers.Dense(
        1, kernel_initializer="ones", kernel_regularizer=penalty, dtype="float32"
    )
    dense.build((None, 4))
    with taking(owners_of(dense), tf.constant([0.5, 0.25])):
        [loss] = dense.losses
    return np.isclose(float(loss), 4 * (0.5 + 0.25))


def models_tell_all():
    """Return whether a model shows all its layers and everything it was compiled with."""
    inner = keras.layers.Activation("linear", dtype="float32")
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    optimizer, loss = keras.optimizers.SGD(schedule), keras.losses.MeanSquaredError()
    optimizer.exclude_from_weight_decay(var_names=["any"])
    model = keras.Sequential([keras.Sequential([inner])])
    model.compile(optimizer, loss=loss)
    return (
        lists_layers(model)
        and any(layer is inner for layer in layers_of(model))
        and compile_arguments(model).get("loss") is loss
        and rate_of(optimizer) is schedule
        and excludes_any(optimizer)
    )
