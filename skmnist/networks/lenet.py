"""LeNet, an early convolutional network for handwritten digits."""

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks, pair


def _has_room(side, kernel, n_convolutions):
    """Return whether unpadded convolutions with poolings between them leave a pixel."""
    for i in range(n_convolutions):
        side -= kernel - 1
        if i < n_convolutions - 1:
            side //= 2
        if side < 1:
            return False
    return True


def lenet(
    image_shape,
    n_classes,
    *,
    filters=(6, 16, 120),
    kernel_size=3,
    dense_units=84,
    activation="relu",
    pooling="average",
    dropout=0.0,
    seed=None,
):
    """Build a LeNet: convolutions with pooling between them, one dense layer, softmax.

    The convolutions are unpadded, as in the original.  If the image is too small for that, such as
    8 x 8 pixels, all convolutions are padded to keep its size.  In that case the first poolings are
    left out, so that at least eight pixels per side remain.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    n_classes : int
        Number of outputs.
    filters : sequence of int, default=(6, 16, 120)
        Number of filters of each convolution.  A 2 x 2 pooling follows each except the last.
    kernel_size : int or tuple of two int, default=3
        Height and width of the kernels, in pixels.
    dense_units : int, default=84
        Number of units of the dense layer before the output.
    activation : str or callable, default="relu"
        Keras activation of the convolutions and of the dense layer.
    pooling : {"average", "max"}, default="average"
        Function that reduces the four pixels of a pooling to one.
    dropout : float in [0, 1), default=0.0
        Fraction of the dense layer's units dropped while training.
    seed : int or None, default=None
        Seed of the initial weights and of dropout.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86(11), 1998.  The defaults are a common variant with
    3 x 3 kernels, ReLU and a softmax.

    Examples
    --------
    >>> from skmnist.networks import lenet
    >>> lenet((28, 28, 1), 10).count_params()
    109994
    """
    layers, net, kernel = keras.layers, Blocks(seed), pair(kernel_size)
    roomy = all(
        _has_room(side, k, len(filters)) for side, k in zip(image_shape[:2], kernel, strict=True)
    )
    padding = "valid" if roomy else "same"
    n_poolings = len(filters) - 1
    while not roomy and n_poolings > 0 and min(image_shape[:2]) >> n_poolings < 8:
        n_poolings -= 1
    pool = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}[pooling]
    x = inputs = keras.Input(image_shape, name="image")
    for i, n_filters in enumerate(filters, start=1):
        name = f"convolution_{i}"
        x = net.conv(x, n_filters, kernel, name, activation=activation, padding=padding)
        if len(filters) - n_poolings <= i < len(filters):
            x = pool(2, padding=padding, data_format="channels_last", name=f"pooling_{i}")(x)
    x = layers.Flatten(data_format="channels_last", name="flatten")(x)
    x = net.dropped(net.dense(x, dense_units, "dense", activation), dropout, "dropout")
    return net.classifier(inputs, x, n_classes, "lenet")
