"""Detection of the pixel range that a network of the user expects."""

from __future__ import annotations

import contextlib

import numpy as np

from skmnist._compat.keras_models import layers_of
from skmnist._keras import keras, tf

_WHITES = (1.0, 16.0, 255.0, 65535.0)
# Usual difference between white and black in front of the weights: 1 for pixels in [0, 1], 2 for
# pixels in [-1, 1], and a little more for pixels divided by their standard deviation.
_USUAL = 1.5


class _Seen(Exception):
    """Signal that stops the forward pass at the first layer with weights."""


def white_inside(model, input_shape):
    """Estimate the number that a model takes as white.

    The model is run on a black and a white image up to its first layer with weights.  The inputs of
    this layer show any rescaling before it: by layers, operations, functions, nested models, or
    normalization layers that were adapted to data.

    Parameters
    ----------
    model : keras.Model
        Built model.
    input_shape : tuple of int
        Shape of one sample.

    Returns
    -------
    white : float
        1 if the model does not rescale its input, or cannot run on such images.
    """
    # Images that differ by 255.  If a difference of 1 or 2 arrives, the network divides by 255.
    probe = np.stack([np.zeros(input_shape), np.full(input_shape, 255.0)]).astype(np.float32)
    seen = _first_input(model, probe)
    if seen is None or len(seen) != 2 or seen.dtype.kind != "f":
        return 1.0
    change = np.abs(seen[1] - seen[0]).ravel()
    # A low percentile and not the maximum, because a normalization divides pixels that were
    # constant in its data by almost zero.
    change = float(np.percentile(change, 25)) if change.size else 0.0
    if not np.isfinite(change) or change <= 0:
        return 1.0
    return min(_WHITES, key=lambda white: abs(np.log(change * white / 255 / _USUAL)))


def _first_input(model, probe):
    """Return the input of the first layer with weights; None if the model cannot be run."""
    seen = []

    def watching(inputs, *args, **kwargs):
        seen.append(keras.tree.flatten(inputs)[0])
        raise _Seen

    watched = []
    try:
        for layer in layers_of(model):
            if layer is not model and _has_weights(layer):
                watched.append((layer, vars(layer).get("call")))
                object.__setattr__(layer, "call", watching)
        with contextlib.suppress(Exception):  # the model's own code may raise anything
            model(tf.constant(probe), training=False)
    finally:
        for layer, own in watched:
            if own is None:
                object.__delattr__(layer, "call")
            else:
                object.__setattr__(layer, "call", own)
    with contextlib.suppress(Exception):  # a tensor of a graph has no values
        return np.asarray(seen[0])
    return None


def _has_weights(layer):
    """Return whether a layer multiplies its input by weights and is not a normalization."""
    normalizing = (keras.layers.BatchNormalization, keras.layers.Normalization)
    if isinstance(layer, (keras.Model, keras.layers.Wrapper, *normalizing)):
        return False
    is_kerases = type(layer).__module__.startswith("keras.")
    if not is_kerases and len(layers_of(layer)) > 1:
        return False  # it may rescale its input before it calls the layers inside
    return any("float" in str(variable.dtype) for variable in layer.variables)
