"""What a network of the user's takes for white: found out by looking at what its layers see."""

from __future__ import annotations

import contextlib

import numpy as np

from skmnist._compat.keras_models import layers_of
from skmnist._keras import keras, tf

_WHITES = (1.0, 16.0, 255.0, 65535.0)
# What weights usually see of white: 1 of pixels in [0, 1], 2 of those in [-1, 1], some more of
# pixels that a normalization has divided by their standard deviation.
_USUAL = 1.5


class _Seen(Exception):
    """Ends the forward pass where the first layer with weights gets its input."""


def white_inside(model, input_shape):
    """Find out what number a model takes for white.

    The model is shown black and white, and the first layer with weights is asked what reaches it.
    That covers whatever rescales the pixels before: layers, operations, functions, nested models
    and normalization layers that have learnt the scale of their data.

    Parameters
    ----------
    model : keras.Model
        Built model.
    input_shape : tuple of int
        Shape of one sample.

    Returns
    -------
    white : float
        1 unless the model brings levels of grey to a scale of its own; also 1 if that cannot be
        told, because the model cannot be run on such images.
    """
    # A difference of 255 levels; where it arrives as 1 or 2, the network has divided by 255.
    probe = np.stack([np.zeros(input_shape), np.full(input_shape, 255.0)]).astype(np.float32)
    seen = _first_input(model, probe)
    if seen is None or len(seen) != 2 or seen.dtype.kind != "f":
        return 1.0
    change = np.abs(seen[1] - seen[0]).ravel()
    # Not the largest: a constant pixel of the data that a normalization has seen explodes.
    change = float(np.percentile(change, 25)) if change.size else 0.0
    if not np.isfinite(change) or change <= 0:
        return 1.0
    return min(_WHITES, key=lambda white: abs(np.log(change * white / 255 / _USUAL)))


def _first_input(model, probe):
    """Return what the first layer with weights sees of images, None if that cannot be told."""
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
    """Tell whether a layer multiplies its input by weights, rather than normalizing it."""
    normalizing = (keras.layers.BatchNormalization, keras.layers.Normalization)
    if isinstance(layer, (keras.Model, keras.layers.Wrapper, *normalizing)):
        return False
    is_kerases = type(layer).__module__.startswith("keras.")
    if not is_kerases and len(layers_of(layer)) > 1:
        return False  # it may rescale, and hand that to the layers inside
    return any("float" in str(variable.dtype) for variable in layer.variables)
