"""Keras layers computed with fewer operations while a training graph is traced.

In small networks, most of a training step goes into starting operations and into repeated passes
over the same numbers.  Each function here computes the same as a Keras layer, up to rounding in
float32.  Its gradient is written by hand where that saves passes.  A layer with any other
configuration keeps Keras's own computation, and so does every layer outside of training graphs.

The comments with formulas use `*` for products by element, `@` for products of matrices, and `dx`
for the gradient of the loss with respect to `x`.
"""

from __future__ import annotations

import contextlib

from skmnist._bridge.graphs import self_tests
from skmnist._compat.keras_layers import (
    STEPS_OF_LSTM,
    cell_of,
    has_plain_kernel,
    mask_of,
    may_do_without_cudnn,
    plain_attention,
    subtracts_mean,
)
from skmnist._compat.keras_models import layers_of
from skmnist._compat.tricks import is_on, tricks_are_on
from skmnist._keras import keras, tf


@contextlib.contextmanager
def lean_layers(model):
    """Let layers of a model use the functions of this module while a training graph is traced."""
    replaced = []
    try:
        for layer in layers_of(model) if tricks_are_on() else ():
            kind = type(layer)
            if not kind.__module__.startswith("keras.") or layer.compute_dtype != "float32":
                continue
            attribute, make = _KERNELS.get(kind.__name__, (None, None))
            if make is None or (make is _dense and not _takes_rows_of_rows(layer)):
                continue
            function = make(layer) if _agrees(kind.__name__, attribute, make) else None
            if function is not None:
                setattr(layer, attribute, function)
                replaced.append((layer, attribute))
        yield
    finally:
        for layer, attribute in replaced:
            vars(layer).pop(attribute, None)


def _agrees(name, attribute, make):
    """Return whether this version of Keras computes a layer as the function here does."""
    return is_on(
        f"computing {name} with fewer operations",
        lambda: self_tests.layer_agrees(name, attribute, make),
    )


def _takes_rows_of_rows(layer):
    """Return whether a dense layer was built for samples of several rows."""
    shape = (layer.get_build_config() or {}).get("input_shape")
    return shape is not None and len(shape) == 3


def _tensor(variable):
    return tf.convert_to_tensor(variable.value)


def _dense(layer):
    """Multiply the rows of all samples in one matrix product, not one product per sample."""
    if layer.bias is None or not has_plain_kernel(layer):
        return None
    kerases = layer.call

    def call(inputs, *arguments, **named):
        if len(inputs.shape) != 3 or None in inputs.shape[1:]:
            return kerases(inputs, *arguments, **named)
        rows = tf.reshape(inputs, (-1, inputs.shape[-1]))
        rows = tf.nn.bias_add(tf.matmul(rows, _tensor(layer.kernel)), _tensor(layer.bias))
        if layer.activation is not None:
            rows = layer.activation(rows)
        return tf.reshape(rows, (-1, inputs.shape[1], layer.units))

    return call


def _layer_normalization(layer):
    """Compute the gradient by one formula, not through mean, variance and quotient."""
    if layer.gamma is None or layer.beta is None or list(layer.axis) != [-1]:
        return None
    if not subtracts_mean(layer):
        return None

    def call(inputs):
        return _normalized(inputs, _tensor(layer.gamma), _tensor(layer.beta), layer.epsilon)

    return call


def _normalized(inputs, gamma, beta, epsilon):
    """Normalize over the last axis, which has n elements.

    With c = x - mean(x) and s = 1 / sqrt(mean(c^2) + epsilon), the layer computes

        z = s * c,    y = gamma * z + beta.

    Both mean(x) and s depend on every x_i.  With ds/dx_i = -s^3 c_i / n, this gives

        dz_j/dx_i = s ([i = j] - 1/n - z_i z_j / n).

    Summing d_j dz_j/dx_i over j, where d = gamma * dy, leads to

        dx = s * (d - mean(d) - z * mean(d * z)),
        dgamma = sum of dy * z over all rows,    dbeta = sum of dy over all rows.
    """

    @tf.custom_gradient
    def normalize(inputs, gamma, beta):
        centered = inputs - tf.reduce_mean(inputs, -1, keepdims=True)
        variance = tf.reduce_mean(tf.square(centered), -1, keepdims=True)
        inverse = tf.math.rsqrt(variance + epsilon)
        normalized = centered * inverse

        def gradient(d_outputs):
            n = inputs.shape[-1]
            d_gamma = tf.reduce_sum(tf.reshape(d_outputs * normalized, (-1, n)), 0)
            d_beta = tf.reduce_sum(tf.reshape(d_outputs, (-1, n)), 0)
            d = d_outputs * gamma
            along = tf.reduce_mean(d * normalized, -1, keepdims=True)
            d_inputs = inverse * (d - tf.reduce_mean(d, -1, keepdims=True) - normalized * along)
            return d_inputs, d_gamma, d_beta

        return tf.nn.bias_add(normalized * gamma, beta), gradient

    return normalize(inputs, gamma, beta)


def _lstm(layer):
    """Unroll the steps, with a single matrix product for the inputs of all steps.

    The gradient of the recurrent kernel is a single product over all steps too.  Automatic
    differentiation would compute one product per step and add them.
    """
    cell = cell_of(layer)
    plain = (
        not (layer.dropout or layer.recurrent_dropout)
        and cell.use_bias
        and cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
        and not layer.stateful
        and may_do_without_cudnn(layer)
    )
    if not plain:
        return None
    kerases = getattr(layer, STEPS_OF_LSTM)

    def inner_loop(sequences, initial_state, mask, training=False):
        n_steps = sequences.shape[1]
        if mask is not None or n_steps is None or n_steps > _MOST_STEPS:
            return kerases(sequences, initial_state, mask, training=training)
        inputs = tf.transpose(sequences, (1, 0, 2))
        if layer.go_backwards:
            inputs = tf.reverse(inputs, (0,))
        rows = tf.reshape(inputs, (-1, inputs.shape[-1]))
        gates = tf.nn.bias_add(tf.matmul(rows, _tensor(cell.kernel)), _tensor(cell.bias))
        gates = tf.reshape(gates, (n_steps, -1, 4 * cell.units))
        hidden, carried = _lstm_steps(
            gates, _tensor(cell.recurrent_kernel), *initial_state, n_steps
        )
        outputs = tf.transpose(hidden, (1, 0, 2)) if layer.return_sequences else hidden[-1][:, None]
        return hidden[-1], outputs, [hidden[-1], carried]

    return inner_loop


# Longer sequences keep Keras's loop, because tracing a graph of many unrolled steps takes long.
_MOST_STEPS = 64


def _lstm_steps(gates, kernel, hidden, carried, n_steps):
    """Return all hidden states and the last cell state of an LSTM.

    With x_t W + b in `gates` and U the recurrent kernel, step t computes

        a = x_t W + b + h_{t-1} @ U,    split into a_i, a_f, a_g, a_o,
        i = sigmoid(a_i),  f = sigmoid(a_f),  g = tanh(a_g),  o = sigmoid(a_o),
        c_t = f * c_{t-1} + i * g,    h_t = o * tanh(c_t).

    The gradient runs backwards through the steps.  Values of step t + 1 are marked with ', and
    e_t is the gradient that reaches h_t from outside of the recurrence:

        dh_t = e_t + da' @ U^T,    dc_t = f' * dc' + dh_t * o * (1 - tanh(c_t)^2),
        da_i = dc_t * g * i (1 - i),    da_f = dc_t * c_{t-1} * f (1 - f),
        da_g = dc_t * i * (1 - g^2),    da_o = dh_t * tanh(c_t) * o (1 - o).

    Beyond the last step, the first term of dc_t is the gradient of the last cell state, and
    da' is zero.  The gradient of `gates` is da, that of U is the sum of h_{t-1}^T @ da over all
    steps, and those of the first states are da @ U^T and f * dc_t of the first step.
    """

    @tf.custom_gradient
    def steps(gates, kernel, first_hidden, first_carried):
        hidden, carried = first_hidden, first_carried
        all_hidden, kept = [first_hidden], []
        for gate in tf.unstack(gates, n_steps):
            i, f, g, o = tf.split(gate + tf.matmul(hidden, kernel), 4, 1)
            i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
            before, carried = carried, f * carried + i * g
            squashed = tf.tanh(carried)
            hidden = o * squashed
            kept.append((i, f, g, o, before, squashed))
            all_hidden.append(hidden)

        def gradient(d_all_hidden, d_carried):
            d_hidden, d_gates = tf.zeros_like(hidden), []
            d_from_outside = tf.unstack(d_all_hidden, n_steps)
            for (i, f, g, o, before, squashed), d in zip(
                kept[::-1], d_from_outside[::-1], strict=True
            ):
                d_hidden = d_hidden + d
                d_cell = d_carried + tf.raw_ops.TanhGrad(y=squashed, dy=d_hidden * o)
                d_gate = tf.concat(
                    [
                        tf.raw_ops.SigmoidGrad(y=i, dy=d_cell * g),
                        tf.raw_ops.SigmoidGrad(y=f, dy=d_cell * before),
                        tf.raw_ops.TanhGrad(y=g, dy=d_cell * i),
                        tf.raw_ops.SigmoidGrad(y=o, dy=d_hidden * squashed),
                    ],
                    1,
                )
                d_carried = d_cell * f
                d_hidden = tf.matmul(d_gate, kernel, transpose_b=True)
                d_gates.append(d_gate)
            d_gates.reverse()
            d_kernel = tf.matmul(
                tf.concat(all_hidden[:-1], 0), tf.concat(d_gates, 0), transpose_a=True
            )
            return tf.stack(d_gates), d_kernel, d_hidden, d_carried

        return (tf.stack(all_hidden[1:]), carried), gradient

    return steps(gates, kernel, hidden, carried)


def _attention(layer):
    """Compute self-attention by plain matrix products, not by tensor contractions.

    Queries, keys and values come from one product.  With rows x of a sample, size d of a head and
    h the index of a head:

        [Q_1 ... K_1 ... V_1 ...] = x @ [W_Q W_K W_V] + [b_Q b_K b_V],
        A_h = softmax(Q_h @ K_h^T / sqrt(d)),    each row of A_h adds up to 1,
        y = [A_1 @ V_1, A_2 @ V_2, ...] @ W_O + b_O.

    Automatic differentiation supplies the gradient.
    """
    attention = plain_attention(layer)
    if attention is None:
        return None
    parts, last, scale = attention.inputs, attention.output, attention.scale
    kerases = layer.call
    n_heads, size = attention.n_heads, attention.size

    def call(query, value, key=None, *masks, training=None, **others):
        masked = mask_of(query) is not None
        to_itself = value is query and (key is None or key is query)
        more = any(other is not None and other is not False for other in (*masks, *others.values()))
        if masked or not to_itself or more or None in query.shape[1:]:
            return kerases(query, value, key, *masks, training=training, **others)
        n_places, n_units = query.shape[1:]
        width = n_heads * size
        kernel = tf.concat([tf.reshape(_tensor(p.kernel), (n_units, width)) for p in parts], 1)
        bias = tf.concat([tf.reshape(_tensor(p.bias), (width,)) for p in parts], 0)
        rows = tf.nn.bias_add(tf.matmul(tf.reshape(query, (-1, n_units)), kernel), bias)
        rows = tf.reshape(rows, (-1, n_places, 3, n_heads, size))
        q, k, v = tf.unstack(tf.transpose(rows, (2, 0, 3, 1, 4)))
        weights = tf.nn.softmax(tf.matmul(q * scale, k, transpose_b=True))
        mixed = tf.reshape(tf.transpose(tf.matmul(weights, v), (0, 2, 1, 3)), (-1, width))
        mixed = tf.matmul(mixed, tf.reshape(_tensor(last.kernel), (width, n_units)))
        mixed = tf.nn.bias_add(mixed, _tensor(last.bias))
        return tf.reshape(mixed, (-1, n_places, n_units))

    return call


_KERNELS = {
    "Dense": ("call", _dense),
    "LayerNormalization": ("call", _layer_normalization),
    "LSTM": (STEPS_OF_LSTM, _lstm),
    "MultiHeadAttention": ("call", _attention),
}
