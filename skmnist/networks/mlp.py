"""Multilayer perceptron."""

from skmnist._keras import keras
from skmnist.networks._blocks import probabilities
from skmnist.networks._seeds import layer_seeds


def mlp(
    image_shape,
    n_classes,
    *,
    hidden_layer_sizes=(128,),
    activation="relu",
    batch_norm=False,
    dropout=0.2,
    l1=0.0,
    l2=0.0,
    seed=None,
):
    """Build a multilayer perceptron: flattened pixels, hidden layers, softmax.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    n_classes : int
        Number of outputs.
    hidden_layer_sizes : sequence of int, default=(128,)
        Number of units of each hidden layer; empty for softmax regression.
    activation : str or callable, default="relu"
        Keras activation of the hidden layers.
    batch_norm : bool, default=False
        Whether to normalize over the batch between each hidden layer and its activation.
    dropout : float in [0, 1), default=0.2
        Fraction of the units dropped after each hidden layer while training.
    l1, l2 : float, default=0.0
        Penalties on the kernels of the hidden layers, added to the loss.
    seed : int or None, default=None
        Seed of the initial weights and of dropout.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    Examples
    --------
    >>> from skmnist.networks import mlp
    >>> mlp((28, 28, 1), 10).count_params()
    101770
    """
    layers, seed_of = keras.layers, layer_seeds(seed)
    inputs = keras.Input(image_shape, name="image")
    x = layers.Flatten(data_format="channels_last", name="flatten")(inputs)
    for i, units in enumerate(hidden_layer_sizes, start=1):
        x = layers.Dense(
            units,
            activation=None if batch_norm else activation,
            use_bias=not batch_norm,
            kernel_initializer=keras.initializers.GlorotUniform(seed_of(f"hidden_{i}")),
            kernel_regularizer=keras.regularizers.L1L2(l1=l1, l2=l2) if l1 or l2 else None,
            name=f"hidden_{i}",
        )(x)
        if batch_norm:
            x = layers.BatchNormalization(momentum=0.9, name=f"normalization_{i}")(x)
            x = layers.Activation(activation, name=f"activation_{i}")(x)
        if dropout:
            name = f"dropout_{i}"
            x = layers.Dropout(dropout, seed=seed_of(name), name=name)(x)
    return keras.Model(inputs, probabilities(x, n_classes, seed_of), name="mlp")
