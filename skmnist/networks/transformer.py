"""Vision transformer, for an image as a sequence of patches."""

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
        Height and width of a patch, in pixels.  Images whose size is not a multiple of it are
        padded with zeros on all sides.
    n_layers : int, default=3
        Number of encoder layers.  Each consists of self-attention and a two-layer perceptron, both
        with a layer normalization before and a shortcut around them.
    n_heads : int, default=4
        Number of attention heads.
    d_model : int, default=64
        Number of features of a patch inside the encoder; a multiple of `n_heads`.
    mlp_ratio : float, default=2
        Number of hidden units of the perceptrons, in multiples of `d_model`.
    pooling : {"average", "token"}, default="average"
        Input of the output layer: the average of the encoded patches, or the encoding of an
        additional token before them.
    dropout : float in [0, 1), default=0.1
        Fraction of the values of the embedding, and of the outputs of attentions and perceptrons,
        dropped while training.
    seed : int or None, default=None
        Seed of the initial weights and of dropout.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    Raises
    ------
    ValueError
        If `d_model` is not a multiple of `n_heads`, or `pooling` is unknown.

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
            f"The 'd_model' parameter of transformer must be a multiple of n_heads={n_heads!r}, "
            f"because each head gets an equal share of the features. Got {d_model!r} instead."
        )
    if pooling not in ("average", "token"):
        raise ValueError(
            "The 'pooling' parameter of transformer must be 'average' or 'token'. Got "
            f"{pooling!r} instead."
        )
    layers, net = keras.layers, Blocks(seed)

    def attention(x, name):
        layer = layers.MultiHeadAttention(
            n_heads,
            d_model // n_heads,
            kernel_initializer=net.initializer(name),
            name=name,
        )
        x = layer(x, x)
        # Keras uses one initializer for queries, keys and values.  With a seed, their kernels would
        # be equal, so they are drawn again from separate seeds.
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
    # The bias for each place of the sequence holds the learned positions and the learned token.
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
