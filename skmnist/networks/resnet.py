"""Residual network with the activation before each convolution."""

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks, pair


def resnet(
    image_shape,
    n_classes,
    *,
    n_blocks=1,
    filters=(32, 64, 128),
    kernel_size=3,
    activation="relu",
    dropout=0.2,
    seed=None,
):
    """Build a residual network: a convolution, stages of residual blocks, global average, softmax.

    A block adds the output of two convolutions to its input.  Normalization and activation come
    before each convolution, so that the sum passes on the input unchanged.  The first block of each
    stage except the first halves height and width, and adds a 1 x 1 convolution of its input
    instead of the input itself.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    n_classes : int
        Number of outputs.
    n_blocks : int, default=1
        Number of residual blocks in each stage.
    filters : sequence of int, default=(32, 64, 128)
        Number of filters of the convolutions of each stage; at least one stage.
    kernel_size : int or tuple of two int, default=3
        Height and width of the kernels, in pixels.
    activation : str or callable, default="relu"
        Keras activation before the convolutions and before the global average.
    dropout : float in [0, 1), default=0.2
        Fraction of the values dropped between the two convolutions of each block, while training.
    seed : int or None, default=None
        Seed of the initial weights and of dropout.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    Raises
    ------
    ValueError
        If `filters` is empty.

    References
    ----------
    He, Zhang, Ren and Sun, "Identity mappings in deep residual networks", ECCV 2016.

    Zagoruyko and Komodakis, "Wide residual networks", BMVC 2016, for the position of dropout.

    Examples
    --------
    >>> from skmnist.networks import resnet
    >>> resnet((28, 28, 1), 10).count_params()
    308650
    """
    if len(filters) == 0:
        raise ValueError(
            f"The 'filters' parameter of resnet must hold at least one number. Got {filters!r} "
            "instead."
        )
    layers, net, kernel = keras.layers, Blocks(seed, "HeNormal"), pair(kernel_size)

    def convolution(x, n_filters, size, strides, name):
        return net.conv(x, n_filters, size, name, strides=strides, use_bias=False)

    def activated(x, suffix):
        return net.normalized(x, f"normalization_{suffix}", activation, f"activation_{suffix}")

    inputs = keras.Input(image_shape, name="image")
    x = convolution(inputs, filters[0], kernel, 1, "stem")
    for i, n_filters in enumerate(filters, start=1):
        for j in range(1, n_blocks + 1):
            name = f"{i}_{j}"
            strides = 2 if i > 1 and j == 1 else 1
            shortcut, x = x, activated(x, f"{name}_1")
            if strides > 1 or shortcut.shape[-1] != n_filters:
                shortcut = convolution(x, n_filters, 1, strides, f"shortcut_{name}")
            x = convolution(x, n_filters, kernel, strides, f"convolution_{name}_1")
            x = net.dropped(activated(x, f"{name}_2"), dropout, f"dropout_{name}")
            x = convolution(x, n_filters, kernel, 1, f"convolution_{name}_2")
            x = layers.Add(name=f"sum_{name}")([shortcut, x])
    x = activated(x, "last")
    x = layers.GlobalAveragePooling2D(data_format="channels_last", name="average")(x)
    return net.classifier(inputs, x, n_classes, "resnet")
