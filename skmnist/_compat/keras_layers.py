"""What layers of Keras keep privately, or do not document.

All of it is there in Keras 3.12.4, the lowest that skmnist takes, unless a line says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skmnist._keras import keras

# The method of an LSTM that goes through the steps; cuDNN's way does not pass it.
STEPS_OF_LSTM = "inner_loop"

# What a layer computes by, and its configuration does not tell: whether to use cuDNN, and flash
# attention.
_KERNELS = ("use_cudnn", "_flash_attention")

# Options that later versions of Keras add may change what attention computes.  Keras has the gate
# since 3.14 and the window since 3.15.
_OPTIONS_OF_ATTENTION = frozenset(
    (
        *("name", "trainable", "dtype", "num_heads", "key_dim", "value_dim", "dropout", "use_bias"),
        *("use_gate", "output_shape", "attention_axes", "sliding_window", "flash_attention"),
        *("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer"),
        *("activity_regularizer", "kernel_constraint", "bias_constraint", "seed"),
    )
)


def has_plain_kernel(layer):
    """Return whether a dense layer multiplies by its kernel, without quantization or LoRA."""
    return layer.quantization_mode is None and not layer.lora_enabled


def subtracts_mean(layer):
    """Return whether a layer normalization is one, and does not scale alone."""
    return not layer.rms_scaling


def may_do_without_cudnn(layer):
    """Return whether an LSTM is not bound to cuDNN."""
    return layer.use_cudnn is not True


def cell_of(layer):
    """Return what an LSTM does in each step: it has kernels, bias and activations."""
    return layer.cell


def kernels_of(layer):
    """Return by name what tells a layer which kernels to use, None where it has no such choice."""
    return {name: getattr(layer, name, None) for name in _KERNELS}


def mask_of(tensor):
    """Return the mask that a layer before has given a tensor, or None."""
    return keras.src.backend.get_keras_mask(tensor)


@dataclass
class Attention:
    """The parts of a ``MultiHeadAttention``: layers of the projections, and sizes."""

    inputs: tuple[Any, Any, Any]  # of queries, keys and values
    output: Any
    n_heads: int
    size: int
    scale: float


def plain_attention(layer):
    """Return the parts of an attention layer, None if it has options that change what it does."""
    config = layer.get_config()
    parts = (layer._query_dense, layer._key_dense, layer._value_dense)
    plain = (
        set(config) <= _OPTIONS_OF_ATTENTION
        and not layer._dropout
        and layer._use_bias
        and not config.get("use_gate")
        and config.get("sliding_window") is None
        and layer._value_dim == layer._key_dim
        # Grouped queries have fewer of these; other layers have no such attribute.
        and getattr(layer, "_num_key_value_heads", layer._num_heads) == layer._num_heads
        and layer._output_shape is None
        and layer._attention_axes == (1,)
        and all(map(has_plain_kernel, parts))
    )
    if not plain:
        return None
    return Attention(
        inputs=parts,
        output=layer._output_dense,
        n_heads=layer._num_heads,
        size=layer._key_dim,
        scale=layer._inverse_sqrt_key_dim,
    )
