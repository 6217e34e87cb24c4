"""Vision transformer: an image as a sequence of patches."""

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks


def transformer(
    image_shape,
    n_classes,
    *,
    patch_size=7,
    n_layers=3,
    n_heads=4,
    d_model=64,
    mlp_ratio=2,
    pooling="average",
    dropout=0.1,
    seed=None,
):
    """Build a vision transformer: patches with learned positions, encoder layers, softmax.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    n_classes : int
        Number of outputs.
    patch_size : int, default=7
        Height and width of a patch, in pixels.  Images that are no multiple of it are padded with
        zeros on all sides.
    n_layers : int, default=3
        Number of encoder layers: self-attention and a two-layer perceptron, each after a layer
        normalization and around a shortcut.
    n_heads : int, default=4
        Number of attention heads.
    d_model : int, default=64
        Number of features of a patch inside the encoder; a multiple of `n_heads`.
    mlp_ratio : float, default=2
        Number of hidden units of the perceptrons, in multiples of `d_model`.
    pooling : {"average", "token"}, default="average"
        What the output layer sees of the encoded patches: their average, or a further token
        that stands in front of them.
    dropout : float in [0, 1), default=0.1
        Fraction of the values dropped from the embedding and the outputs of attentions and
        perceptrons, while training.
    seed : int or None, default=None
        Seed of the initial weights and of dropout.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    Raises
    ------
    ValueError
        If `d_model` is no multiple of `n_heads`, or `pooling` is unknown.

    References
    ----------
    Dosovitskiy et al., "An image is worth 16x16 words: transformers for image recognition at
    scale", ICLR 2021.

    Vaswani et al., "Attention is all you need", NeurIPS 2017.

    Examples
    --------
    >>> from skmnist.networks import transformer
    >>> transformer((28, 28, 1), 10).count_params()
    105354
    """
    if d_model % n_heads:
        raise ValueError(
            "d_model must be a multiple of n_heads, for each head gets an equal share of the "
            f"features. Got d_model={d_model!r} and n_heads={n_heads!r}."
        )
    if pooling not in ("average", "token"):
        raise ValueError(f"pooling must be 'average' or 'token'. Got {pooling!r} instead.")
    layers, net = keras.layers, Blocks(seed)

    def attention(x, name):
        layer = layers.MultiHeadAttention(
            n_heads,
            d_model // n_heads,
            kernel_initializer=net.initializer(name),
            name=name,
        )
        x = layer(x, x)
        # Keras gives queries, keys and values the same initializer; seeded, they would be equal.
        for kernel in layer.trainable_weights:
            if kernel.name == "kernel":
                part = kernel.path.split("/")[-2]
                draw = net.initializer(f"{name}_{part}")
                kernel.assign(keras.ops.reshape(draw((d_model, d_model)), kernel.shape))
        return x

    inputs = keras.Input(image_shape, name="image")
    x = _patches(inputs, patch_size)
    if pooling == "token":
        x = layers.ZeroPadding1D((1, 0), data_format="channels_last", name="token")(x)
    # A bias for every place of the sequence: the positions, and the content of the token.
    x = layers.EinsumDense(
        "btp,pd->btd",
        (x.shape[1], d_model),
        bias_axes="td",
        kernel_initializer=net.initializer("embedding"),
        bias_initializer=keras.initializers.RandomNormal(stddev=0.3, seed=net.seed_of("positions")),
        name="embedding",
    )(x)
    x = net.dropped(x, dropout, "dropout")
    for i in range(1, n_layers + 1):
        shortcut = x
        x = net.layer_normalized(x, f"normalization_{i}_1")
        x = net.dropped(attention(x, f"attention_{i}"), dropout, f"dropout_{i}_1")
        shortcut = x = layers.Add(name=f"sum_{i}_1")([shortcut, x])
        x = net.layer_normalized(x, f"normalization_{i}_2")
        x = net.dense(x, max(1, round(mlp_ratio * d_model)), f"hidden_{i}", "gelu")
        x = net.dropped(net.dense(x, d_model, f"projection_{i}"), dropout, f"dropout_{i}_2")
        x = layers.Add(name=f"sum_{i}_2")([shortcut, x])
    x = net.layer_normalized(x, "normalization")
    if pooling == "token":
        x = layers.Cropping1D((0, x.shape[1] - 1), name="first")(x)
        x = layers.Flatten(data_format="channels_last", name="flatten")(x)
    else:
        x = layers.GlobalAveragePooling1D(data_format="channels_last", name="average")(x)
    return net.classifier(inputs, x, n_classes, "transformer")


def _patches(x, size):
    """Cut images into patches: (height, width, channels) to (patches, pixels of a patch)."""
    layers = keras.layers
    missing = [-side % size for side in x.shape[1:3]]
    if any(missing):
        margins = tuple((m // 2, m - m // 2) for m in missing)
        x = layers.ZeroPadding2D(margins, data_format="channels_last", name="padding")(x)
    height, width, channels = x.shape[1:]
    x = layers.Reshape((height // size, size, width // size, size * channels), name="tiles")(x)
    x = layers.Permute((1, 3, 2, 4), name="tiles_in_order")(x)
    return layers.Reshape((-1, size * size * channels), name="patches")(x)
