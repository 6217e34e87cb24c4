"""Generative adversarial networks with convolutions or dense layers, optionally conditional."""

import math

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks
from skmnist.networks.autoencoder import crop


def gan(
    image_shape,
    n_classes=None,
    *,
    latent_dim=64,
    convolutional=True,
    filters=(64, 32),
    dense_units=128,
    hidden_layer_sizes=(256, 512),
    loss="non-saturating",
    gradient_penalty=0.3,
    dropout=0.0,
    seed=None,
):
    """Build a generative adversarial network for pixels between 0 and 1.

    A generator makes images from random numbers, and a discriminator classifies images as real or
    generated.  Each is trained against the other.  The discriminator has the generator's layers in
    reverse.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    n_classes : int or None, default=None
        Number of classes, for a network that makes images of a given class.  None for a network
        without classes.
    latent_dim : int, default=64
        Number of standard normal values from which an image is made.
    convolutional : bool, default=True
        Whether to use convolutions; if False, all layers are dense.
    filters : sequence of int, default=(64, 32)
        Number of filters of each stage of the generator, starting with the coarsest.  Each stage
        doubles height and width.  Only used if `convolutional`.
    dense_units : int, default=128
        Number of units of the dense layer between the discriminator's convolutions and its output.
        Only used if `convolutional`.
    hidden_layer_sizes : sequence of int, default=(256, 512)
        Number of units of each hidden layer of the generator.  Not used if `convolutional`.
    loss : {"non-saturating", "least-squares", "hinge"}, default="non-saturating"
        Loss of both networks: cross-entropy, squared difference or hinge.
    gradient_penalty : float, default=0.3
        Weight of the penalty on the discriminator's squared gradient at real images (R1).  Without
        it, the generator soon makes only one image per class.
    dropout : float in [0, 1), default=0.0
        Fraction of the units dropped after each hidden layer of the discriminator while training.
    seed : int or None, default=None
        Seed of initial weights, dropout and latent vectors of the training.

    Returns
    -------
    model : keras.Model
        Uncompiled model with its own training step and losses.  Compile it with an optimizer only.
        Its attribute `generator` takes latent vectors of shape ``(n_samples, latent_dim)`` or, with
        classes, a list of latent vectors and of integer codes of shape ``(n_samples,)``.  Its
        attribute `discriminator` takes images, or a list of images and codes, and returns logits.

    References
    ----------
    Goodfellow et al., "Generative adversarial nets", NIPS 2014.

    Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional
    generative adversarial networks", ICLR 2016.

    Mescheder, Geiger and Nowozin, "Which training methods for GANs do actually converge?",
    ICML 2018.

    Miyato and Koyama, "cGANs with projection discriminator", ICLR 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist.networks import gan
    >>> model = gan((28, 28, 1), n_classes=10, seed=0)
    >>> latent = np.random.default_rng(0).normal(size=(3, 64))
    >>> model.generator([latent, np.array([7, 7, 1])]).shape
    TensorShape([3, 28, 28, 1])
    """
    from skmnist.networks._gan_model import GAN

    net = Blocks(seed)
    sizes = filters if convolutional else hidden_layer_sizes
    if not len(sizes):
        raise ValueError(
            f"The '{'filters' if convolutional else 'hidden_layer_sizes'}' parameter of gan must "
            f"hold at least one number. Got {sizes!r} instead."
        )
    generator = _generator(image_shape, n_classes, latent_dim, convolutional, sizes, net)
    discriminator = _discriminator(
        image_shape, n_classes, convolutional, sizes, dense_units, dropout, net
    )
    return GAN(
        generator,
        discriminator,
        loss=loss,
        gradient_penalty=gradient_penalty,
        seed=net.seed_of("latent"),
        name="gan",
    )


def _embedding(n_classes, size, name, net):
    # The class embedding starts smaller than the latent values, which it would dominate otherwise.
    initializer = keras.initializers.RandomNormal(stddev=0.3, seed=net.seed_of(name))
    return keras.layers.Embedding(n_classes, size, initializer, name=name)


def _generator(image_shape, n_classes, latent_dim, convolutional, sizes, net):
    layers = keras.layers

    def normalized(x, name):
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_normalization")(x)
        return layers.ReLU(name=f"{name}_activation")(x)

    x = latent = keras.Input((latent_dim,), name="latent")
    inputs = [latent]
    if n_classes is not None:
        inputs.append(keras.Input((), dtype="int32", name="code"))
        embedded = _embedding(n_classes, latent_dim, "generator_class", net)(inputs[1])
        x = layers.Concatenate(name="latent_and_class")([latent, embedded])

    # The bias makes images dark at first, like most pixels of such images.
    background = keras.initializers.Constant(-2.0)
    height, width, n_channels = image_shape
    if convolutional:
        factor = 2 ** len(sizes)
        core_shape = (-(-height // factor), -(-width // factor), sizes[0])
        x = net.dense(x, math.prod(core_shape), "generator_1", use_bias=False)
        x = layers.Reshape(core_shape, name="reshape")(x)
        x = normalized(x, "generator_1")
        for i, n_filters in enumerate([*sizes[1:], n_channels], start=2):
            last = i == len(sizes) + 1
            name = "pixels" if last else f"generator_{i}"
            x = net.conv(
                x,
                n_filters,
                4,
                name,
                activation="sigmoid" if last else None,
                transposed=True,
                strides=2,
                use_bias=last,
                bias_initializer=background if last else None,
            )
            if not last:
                x = normalized(x, name)
        x = crop(x, image_shape)
    else:
        for i, units in enumerate(sizes, start=1):
            name = f"generator_{i}"
            x = normalized(net.dense(x, units, name, use_bias=False), name)
        x = net.dense(
            x, math.prod(image_shape), "pixels", activation="sigmoid", bias_initializer=background
        )
        x = layers.Reshape(image_shape, name="image")(x)
    return keras.Model(inputs, x, name="generator")


def _discriminator(image_shape, n_classes, convolutional, sizes, dense_units, dropout, net):
    layers = keras.layers

    def activated(x, name):
        x = layers.LeakyReLU(0.2, name=f"{name}_activation")(x)
        return net.dropped(x, dropout, f"{name}_dropout")

    x = image = keras.Input(image_shape, name="image")
    inputs = [image]
    if convolutional:
        for i, n_filters in enumerate(reversed(sizes), start=1):
            name = f"discriminator_{i}"
            x = activated(net.conv(x, n_filters, 4, name, strides=2), name)
        x = layers.Flatten(data_format="channels_last", name="flatten")(x)
        name = "discriminator_dense"
        x = activated(net.dense(x, dense_units, name), name)
    else:
        x = layers.Flatten(data_format="channels_last", name="flatten")(x)
        for i, units in enumerate(reversed(sizes), start=1):
            name = f"discriminator_{i}"
            x = activated(net.dense(x, units, name), name)
    logit = net.dense(x, 1, "logit")
    if n_classes is not None:
        inputs.append(keras.Input((), dtype="int32", name="code"))
        name = "discriminator_class"
        projection = layers.Embedding(n_classes, x.shape[-1], net.initializer(name), name=name)
        projected = layers.Dot(axes=-1, name="projection")([projection(inputs[1]), x])
        logit = layers.Add(name="conditional_logit")([logit, projected])
    return keras.Model(inputs, logit, name="discriminator")
