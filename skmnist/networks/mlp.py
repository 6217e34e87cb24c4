"""Multilayer perceptron."""

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks


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
        Number of units of each hidden layer.  Empty for softmax regression.
    activation : str or callable, default="relu"
        Keras activation of the hidden layers.
    batch_norm : bool, default=False
        Whether to normalize over the batch between each hidden layer and its activation.
    dropout : float in [0, 1), default=0.2
        Fraction of the units dropped after each hidden layer while training.
    l1 : float, default=0.0
        Penalty on the absolute values of the hidden layers' kernels, added to the loss.
    l2 : float, default=0.0
        Penalty on the squares of the hidden layers' kernels, added to the loss.
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
    net = Blocks(seed)
    inputs = keras.Input(image_shape, name="image")
    x = keras.layers.Flatten(data_format="channels_last", name="flatten")(inputs)
    for i, units in enumerate(hidden_layer_sizes, start=1):
        x = net.dense(
            x,
            units,
            f"hidden_{i}",
            None if batch_norm else activation,
            use_bias=not batch_norm,
            kernel_regularizer=keras.regularizers.L1L2(l1=l1, l2=l2) if l1 or l2 else None,
        )
        if batch_norm:
            x = net.normalized(x, f"normalization_{i}", activation, f"activation_{i}")
        x = net.dropped(x, dropout, f"dropout_{i}")
    return net.classifier(inputs, x, n_classes, "mlp")
