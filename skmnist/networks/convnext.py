"""ConvNeXt, a convolutional network with blocks like those of a transformer."""

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks, pair


def convnext(
    image_shape,
    n_classes,
    *,
    filters=(32, 64, 128),
    n_blocks=1,
    patch_size=2,
    kernel_size=5,
    dropout=0.1,
    seed=None,
):
    """Build a ConvNeXt: stages of blocks on patches, global average, softmax.

    A block adds to its input what a depthwise convolution and a perceptron make of it.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    n_classes : int
        Number of outputs.
    filters : sequence of int, default=(32, 64, 128)
        Number of filters of each stage.  Each but the first halves height and width.
    n_blocks : int, default=1
        Number of blocks in each stage.
    patch_size : int, default=2
        Height and width, in pixels, of the patches that the first stage makes one pixel of.
    kernel_size : int or tuple of two int, default=5
        Height and width of the depthwise kernels.
    dropout : float in [0, 1), default=0.1
        Fraction of the perceptrons' outputs dropped while training.
    seed : int or None, default=None
        Seed of the initial weights and of dropout.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    References
    ----------
    Liu et al., "A ConvNet for the 2020s", CVPR 2022; here with ReLU, which is faster.
    """
    layers, net = keras.layers, Blocks(seed)
    x = inputs = keras.Input(image_shape, name="image")
    for i, n_out in enumerate(filters, start=1):
        size = patch_size if i == 1 else 2
        x = net.conv(x, n_out, size, f"patches_{i}", strides=size)
        x = net.layer_normalized(x, f"normalization_{i}")
        for j in range(1, n_blocks + 1):
            name, shortcut = f"{i}_{j}", x
            x = net.depthwise(x, pair(kernel_size), f"convolution_{name}")
            x = net.layer_normalized(x, f"normalization_{name}")
            x = net.conv(x, 4 * n_out, 1, f"hidden_{name}", activation="relu")
            x = net.dropped(net.conv(x, n_out, 1, f"projection_{name}"), dropout, f"dropout_{name}")
            x = layers.Add(name=f"sum_{name}")([shortcut, x])
    x = layers.GlobalAveragePooling2D(data_format="channels_last", name="average")(x)
    return net.classifier(inputs, net.layer_normalized(x, "normalization"), n_classes, "convnext")
