"""Autoencoders: plain, denoising and variational, with dense layers or convolutions."""

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
    """Build an autoencoder, which compresses images to a few numbers and reconstructs them.

    The model is trained with its input as its target, ``model.fit(x, x)``.  The layer ``"codes"``
    outputs the few numbers, and the layer ``"decoder"`` is a separate model from codes to images::

        encoder = keras.Model(model.input, model.get_layer("codes").output)
        decoder = model.get_layer("decoder")

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    latent_dim : int, default=32
        Number of codes to which an image is compressed.
    hidden_layer_sizes : sequence of int, default=(512, 256)
        Number of units of each dense layer between image and codes, and in reverse between codes
        and image.  Not used if `convolutional`.
    convolutional : bool, default=False
        Whether to use convolutions in place of dense layers.
    filters : sequence of int, default=(16, 32)
        Number of filters of each 3 x 3 convolution; each convolution halves height and width.
        Transposed convolutions double them again, and surplus pixels are cropped.  Only used if
        `convolutional`.
    activation : str or callable, default="relu"
        Keras activation of the hidden layers.
    output_activation : str, callable or None, default="sigmoid"
        Keras activation of the output.  ``"sigmoid"`` is for pixels between 0 and 1.  None means a
        linear output, for pixels of any scale.
    noise : float, default=0.0
        Amount of noise added to the input while training; the targets are the clean images.  It is
        the standard deviation of Gaussian noise in units of the pixels, or the fraction of pixels
        (at most 1) that salt-and-pepper noise replaces.
    noise_type : {"gaussian", "salt-and-pepper"}, default="gaussian"
        Kind of noise.  Salt is the largest value of the batch, pepper the smallest.
    variational : bool, default=False
        Whether training draws codes from a normal distribution with learned mean and variance.  The
        decoder can then make images from codes drawn from N(0, 1).  The layer ``"codes"`` outputs
        the means.
    kl_weight : float, default=0.4
        Weight of the Kullback-Leibler divergence, which is divided by the number of pixels, like
        Keras's losses.  With ``"binary_crossentropy"`` and weight 1, the loss is the negative
        evidence lower bound.  With ``"mean_squared_error"``, this holds for weight 2 s**2, where s
        is the standard deviation of a pixel around its reconstruction.  The default corresponds to
        s = 0.45.  Only used if `variational`.
    seed : int or None, default=None
        Seed of initial weights, noise and draws of codes.

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
        raise ValueError(
            f"The 'noise_type' parameter of autoencoder must be one of {sorted(noises)}. Got "
            f"{noise_type!r} instead."
        )
    if convolutional and not len(filters):
        raise ValueError(
            "The 'filters' parameter of autoencoder must hold at least one number. Got "
            f"{filters!r} instead."
        )

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
    """Crop images to their centre.

    Parameters
    ----------
    images : keras.KerasTensor
        Images at least as large as `image_shape`.
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels of the result.

    Returns
    -------
    cropped : keras.KerasTensor
        Images of shape `image_shape`.
    """
    margins = [have - want for have, want in zip(images.shape[1:3], image_shape, strict=False)]
    if not any(margins):
        return images
    cropping = [(margin // 2, margin - margin // 2) for margin in margins]
    return keras.layers.Cropping2D(cropping, data_format="channels_last", name="crop")(images)
