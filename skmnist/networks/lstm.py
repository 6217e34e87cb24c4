"""Recurrent network that reads an image row by row."""

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks


def lstm(
    image_shape,
    n_classes,
    *,
    units=128,
    n_layers=1,
    bidirectional=False,
    cell="lstm",
    dropout=0.2,
    seed=None,
):
    """Build a recurrent network: rows of an image as time steps, recurrent layers, softmax.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    n_classes : int
        Number of outputs.
    units : int, default=128
        Number of units of each recurrent layer, in each direction.
    n_layers : int, default=1
        Number of recurrent layers.  Each layer except the last outputs its state after every row.
    bidirectional : bool, default=False
        Whether each layer also reads the rows from bottom to top, with separate units.
    cell : {"lstm", "gru"}, default="lstm"
        Kind of recurrent layer: long short-term memory, or gated recurrent units.
    dropout : float in [0, 1), default=0.2
        Fraction of a recurrent layer's outputs dropped while training.
    seed : int or None, default=None
        Seed of the initial weights and of dropout.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    Raises
    ------
    ValueError
        If `cell` is unknown.

    References
    ----------
    Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.

    Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation", EMNLP 2014, for gated recurrent units.

    Examples
    --------
    >>> from skmnist.networks import lstm
    >>> lstm((28, 28, 1), 10).count_params()
    81674
    """
    if cell not in ("lstm", "gru"):
        raise ValueError(
            f"The 'cell' parameter of lstm must be 'lstm' or 'gru'. Got {cell!r} instead."
        )
    layers, net = keras.layers, Blocks(seed)
    kind = {"lstm": layers.LSTM, "gru": layers.GRU}[cell]

    def recurrent(name, **options):
        return kind(
            units,
            kernel_initializer=net.initializer(name),
            recurrent_initializer=keras.initializers.Orthogonal(seed=net.seed_of(f"{name}_state")),
            seed=net.seed_of(f"{name}_dropout"),
            name=name,
            **options,
        )

    height, width, channels = image_shape
    inputs = keras.Input(image_shape, name="image")
    x = layers.Reshape((height, width * channels), name="rows")(inputs)
    for i in range(1, n_layers + 1):
        name = f"{cell}_{i}"
        options = {"return_sequences": i < n_layers}
        if bidirectional:
            # Both layers are passed, because Keras would copy the second from the first, including
            # its initial weights.
            x = layers.Bidirectional(
                recurrent(f"{name}_down", **options),
                backward_layer=recurrent(f"{name}_up", go_backwards=True, **options),
                name=name,
            )(x)
        else:
            x = recurrent(name, **options)(x)
        x = net.dropped(x, dropout, f"dropout_{i}")
    return net.classifier(inputs, x, n_classes, "lstm")
