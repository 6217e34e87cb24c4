"""Convolutional network with blocks of convolutions and poolings."""

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks, pair


def cnn(
    image_shape,
    n_classes,
    *,
    filters=(32, 64),
    convs_per_block=2,
    kernel_size=3,
    pooling="max",
    batch_norm=True,
    dense_units=128,
    activation="relu",
    dropout=0.3,
    seed=None,
):
    """Build a convolutional network: blocks of convolutions and poolings, a dense layer, softmax.

    The convolutions are padded to keep the image size.  A block has no pooling if it would leave
    less than two pixels per side.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    n_classes : int
        Number of outputs.
    filters : sequence of int, default=(32, 64)
        Number of filters of the convolutions of each block.
    convs_per_block : int, default=2
        Number of convolutions in a block.
    kernel_size : int or tuple of two int, default=3
        Height and width of the kernels, in pixels.
    pooling : {"max", "average"}, default="max"
        Function that reduces the four pixels of a 2 x 2 pooling to one.
    batch_norm : bool, default=True
        Whether to normalize over the batch between each convolution and its activation.
    dense_units : int, default=128
        Number of units of the dense layer before the output.
    activation : str or callable, default="relu"
        Keras activation of the convolutions and of the dense layer.
    dropout : float in [0, 1), default=0.3
        Fraction of the units dropped before and after the dense layer while training.
    seed : int or None, default=None
        Seed of the initial weights and of dropout.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    Raises
    ------
    ValueError
        If `pooling` is unknown.

    References
    ----------
    Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
    ICLR 2015, for blocks of small convolutions.

    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015.

    Examples
    --------
    >>> from skmnist.networks import cnn
    >>> cnn((28, 28, 1), 10).count_params()
    468394
    """
    if pooling not in ("max", "average"):
        raise ValueError(
            f"The 'pooling' parameter of cnn must be 'max' or 'average'. Got {pooling!r} instead."
        )
    layers, net, kernel = keras.layers, Blocks(seed, "HeUniform"), pair(kernel_size)
    pool = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}[pooling]
    x = inputs = keras.Input(image_shape, name="image")
    for i, n_filters in enumerate(filters, start=1):
        for j in range(1, convs_per_block + 1):
            x = net.conv(
                x,
                n_filters,
                kernel,
                f"convolution_{i}_{j}",
                activation=None if batch_norm else activation,
                use_bias=not batch_norm,
            )
            if batch_norm:
                x = net.normalized(x, f"normalization_{i}_{j}", activation, f"activation_{i}_{j}")
        if min(x.shape[1:3]) > 2:
            x = pool(2, padding="same", data_format="channels_last", name=f"pooling_{i}")(x)
    x = layers.Flatten(data_format="channels_last", name="flatten")(x)
    x = net.dense(net.dropped(x, dropout, "dropout_1"), dense_units, "dense", activation)
    x = net.dropped(x, dropout, "dropout_2")
    return net.classifier(inputs, x, n_classes, "cnn")
