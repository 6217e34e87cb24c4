"""Autoencoders: plain, denoising and variational, of dense layers or of convolutions."""

import math

from skmnist._keras import keras
from skmnist.networks._blocks import Blocks


def autoencoder(
    image_shape,
    *,
    latent_dim=32,
    hidden_layer_sizes=(512, 256),
    convolutional=False,
    filters=(16, 32),
    activation="relu",
    output_activation="sigmoid",
    noise=0.0,
    noise_type="gaussian",
    variational=False,
    kl_weight=0.4,
    seed=None,
):
    """Build an autoencoder: an image, pressed through a few numbers, and an image again.

    The model is trained with its input as its target, ``model.fit(x, x)``.  The layer ``"codes"``
    has the few numbers as its output, and the layer ``"decoder"`` is a model of its own, from
    codes to images::

        encoder = keras.Model(model.input, model.get_layer("codes").output)
        decoder = model.get_layer("decoder")

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    latent_dim : int, default=32
        Number of codes an image is pressed into.
    hidden_layer_sizes : sequence of int, default=(512, 256)
        Units of the dense layers between image and codes, and in reverse between codes and
        image.  Not used if `convolutional`.
    convolutional : bool, default=False
        Whether to use convolutions in place of the dense layers.
    filters : sequence of int, default=(16, 32)
        Filters of each 3 x 3 convolution, which halves height and width; transposed
        convolutions double them again, and what is too much is cropped.  Only used if
        `convolutional`.
    activation : str or callable, default="relu"
        Keras activation of the hidden layers.
    output_activation : str, callable or None, default="sigmoid"
        Keras activation of the output.  ``"sigmoid"`` is for pixels between 0 and 1; None leaves
        the output linear, for pixels of any scale.
    noise : float, default=0.0
        How much noise the images get on their way in while training, with the clean image as the
        target: the standard deviation of Gaussian noise, in the unit of the pixels, or the
        fraction of the pixels, at most 1, that salt and pepper replaces.
    noise_type : {"gaussian", "salt-and-pepper"}, default="gaussian"
        Kind of noise.  Salt is the largest value of the batch, pepper the smallest.
    variational : bool, default=False
        Whether codes are drawn from a normal distribution of learned mean and variance while
        training, so that the decoder makes images of draws from N(0, 1).  The layer ``"codes"``
        gives the means.
    kl_weight : float, default=0.4
        Weight of the Kullback-Leibler divergence, divided by the number of pixels as the losses
        of Keras are.  With ``"binary_crossentropy"``, 1 makes the loss the negative evidence
        lower bound; with ``"mean_squared_error"``, 2 s**2 does if s is the standard deviation of
        a pixel around its reconstruction.  The default stands for s = 0.45.  Only used if
        `variational`.
    seed : int or None, default=None
        Seed of the initial weights, of noise and of draws.

    Returns
    -------
    model : keras.Model
        Uncompiled model.

    References
    ----------
    Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313, 2006.

    Vincent, Larochelle, Bengio and Manzagol, "Extracting and composing robust features with
    denoising autoencoders", ICML 2008.

    Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014.

    Examples
    --------
    >>> from skmnist.networks import autoencoder
    >>> model = autoencoder((28, 28, 1), latent_dim=16)
    >>> model.output_shape, model.get_layer("codes").output.shape
    ((None, 28, 28, 1), (None, 16))
    """
    from skmnist.networks._autoencoder_layers import GaussianSampling, SaltAndPepperNoise

    layers, net = keras.layers, Blocks(seed)
    noises = {"gaussian": layers.GaussianNoise, "salt-and-pepper": SaltAndPepperNoise}
    if noise_type not in noises:
        raise ValueError(f"noise_type is one of {sorted(noises)}, not {noise_type!r}.")
    if convolutional and not len(filters):
        raise ValueError("filters has at least one number.")

    x = inputs = keras.Input(image_shape, name="image")
    if noise:
        x = noises[noise_type](noise, seed=net.seed_of("noise"), name="noise")(x)
    if convolutional:
        for i, n_filters in enumerate(filters, start=1):
            x = net.conv(x, n_filters, 3, f"encoder_{i}", activation=activation, strides=2)
        core_shape = tuple(x.shape[1:])
    x = layers.Flatten(data_format="channels_last", name="flatten")(x)
    if not convolutional:
        for i, units in enumerate(hidden_layer_sizes, start=1):
            x = net.dense(x, units, f"encoder_{i}", activation)
    codes = net.dense(x, latent_dim, "codes")

    y = decoder_inputs = keras.Input((latent_dim,), name="decoder_input")
    if convolutional:
        y = net.dense(y, math.prod(core_shape), "decoder_dense", activation)
        y = layers.Reshape(core_shape, name="decoder_reshape")(y)
        sizes = [*filters[-2::-1], image_shape[2]]
        for i, n_filters in enumerate(sizes, start=1):
            last = i == len(sizes)
            name = "reconstruction" if last else f"decoder_{i}"
            kind = output_activation if last else activation
            y = net.conv(y, n_filters, 3, name, activation=kind, transposed=True, strides=2)
        y = crop(y, image_shape)
    else:
        for i, units in enumerate(reversed(hidden_layer_sizes), start=1):
            y = net.dense(y, units, f"decoder_{i}", activation)
        y = net.dense(y, math.prod(image_shape), "reconstruction", output_activation)
        y = layers.Reshape(image_shape, name="decoder_image")(y)
    decoder = keras.Model(decoder_inputs, y, name="decoder")

    if variational:
        log_variance = net.dense(x, latent_dim, "log_variance")
        weight = kl_weight / math.prod(image_shape)
        draw = GaussianSampling(weight, seed=net.seed_of("sampling"), name="sampling")
        outputs = decoder(draw([codes, log_variance]))
    else:
        outputs = decoder(codes)
    return keras.Model(inputs, outputs, name="autoencoder")


def crop(images, image_shape):
    """Cut the middle out of images that are a little too large.

    Parameters
    ----------
    images : keras.KerasTensor
        Images at least as large as wanted.
    image_shape : tuple of int of shape (3,)
        Height and width wanted, and number of channels.

    Returns
    -------
    cropped : keras.KerasTensor
        Images of that height and width.
    """
    margins = [have - want for have, want in zip(images.shape[1:3], image_shape, strict=False)]
    if not any(margins):
        return images
    cropping = [(margin // 2, margin - margin // 2) for margin in margins]
    return keras.layers.Cropping2D(cropping, data_format="channels_last", name="crop")(images)
