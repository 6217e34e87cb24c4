"""Layers that blend images, and with them their labels: MixUp and CutMix."""

from __future__ import annotations

import inspect

from skmnist._compat.keras_models import layers_of
from skmnist._keras import keras


def parts_of(layer):
    """Return the layers that a layer applies in sequence; None if unknown."""
    if isinstance(layer, (keras.Sequential, keras.layers.Pipeline)):
        return list(layer.layers)
    return None


def _is_mixer(layer):
    return isinstance(layer, (keras.layers.MixUp, keras.layers.CutMix))


def mixes(layer):
    return any(map(_is_mixer, layers_of(layer)))


def apply(layer, batch):
    """Call a layer in training mode, if it has a ``training`` argument."""
    takes_it = "training" in inspect.signature(layer.call).parameters
    return layer(batch, training=True) if takes_it else layer(batch)


def mix(layer, pictures, labels):
    """Return images changed by a layer, and labels blended if the layer blends images."""
    if not mixes(layer):
        return apply(layer, pictures), labels
    if _is_mixer(layer):
        changed = apply(layer, {"images": pictures, "labels": labels})
        return changed["images"], changed["labels"]
    parts = parts_of(layer)
    if parts is None:
        raise ValueError(
            f"augmentation: {type(layer).__name__} holds a layer that blends images and labels. "
            "Such a layer must be alone, or inside keras.Sequential or keras.layers.Pipeline."
        )
    for part in parts:
        pictures, labels = mix(part, pictures, labels)
    return pictures, labels
