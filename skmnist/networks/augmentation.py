"""Random changes to training images."""

from skmnist._compat.keras_models import layers_of, seed_generators_of
from skmnist._keras import keras
from skmnist.networks._seeds import layer_seeds


def augmentation(
    image_shape,
    *,
    shift=0.0,
    rotation=0.0,
    zoom=0.0,
    shear=0.0,
    elastic=0.0,
    horizontal_flip=False,
    seed=None,
):
    """Build a network that changes images at random, only while training.

    The changes differ between the images of a batch and between calls.  Pixels from outside of an
    image take the value of the nearest pixel at its edge, because 0 is not the background for all
    ways of scaling images.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    shift : float, default=0.0
        Maximum vertical shift as a fraction of the height, and maximum horizontal shift as a
        fraction of the width.
    rotation : float, default=0.0
        Maximum rotation in either direction, in degrees.
    zoom : float, default=0.0
        Maximum change of size; 0.1 scales height and width by factors from 0.9 to 1.1.
    shear : float, default=0.0
        Maximum slant of vertical lines in either direction, in degrees.
    elastic : float, default=0.0
        Strength of elastic deformation: the root mean square of the displacements of pixels in
        each direction, as a fraction of the image size.
    horizontal_flip : bool, default=False
        Whether to mirror half of the images, left to right.
    seed : int or None, default=None
        Seed of the random changes.

    Returns
    -------
    model : keras.Model
        Uncompiled model from a batch of images to a batch of images of the same shape.

    See Also
    --------
    skmnist.augmentation.Augmentation : The same changes as a parameter of a classifier.

    Notes
    -----
    A change that is zero takes no time.  Other changes are drawn independently, from uniform
    distributions or, for elastic deformation, from normal distributions.

    The network has no weights, so it is usually sufficient to store its parameters.  To load a
    network from a file, first call this function once, which registers the layers with Keras.

    Examples
    --------
    >>> import numpy as np
    >>> from skmnist.networks.augmentation import augmentation
    >>> images = np.random.default_rng(0).random((2, 28, 28, 1), dtype=np.float32)
    >>> network = augmentation((28, 28, 1), shift=0.1, rotation=10, seed=0)
    >>> bool((network(images) == images).numpy().all())
    True
    >>> bool((network(images, training=True) == images).numpy().all())
    False
    """
    from skmnist.networks._augmentation_layers import RandomAffine, RandomElastic, RandomMirror

    seed_of = layer_seeds(seed)
    x = inputs = keras.Input(image_shape, name="image")
    if horizontal_flip:
        x = RandomMirror(seed=seed_of("flip"), name="flip")(x)
    if elastic:
        x = RandomElastic(float(elastic), seed=seed_of("elastic"), name="elastic")(x)
    if shift or rotation or zoom or shear:
        x = RandomAffine(
            float(shift),
            float(rotation),
            float(zoom),
            float(shear),
            seed=seed_of("affine"),
            name="affine",
        )(x)
    return keras.Model(inputs, x, name="augmentation")


def seed_generators(layer):
    """Return the seed generators of a layer or model and of all layers inside it.

    Parameters
    ----------
    layer : keras.layers.Layer
        Built layer or model.

    Returns
    -------
    generators : list of keras.random.SeedGenerator
        The different generators in the order of the layers.  Their draws depend only on their
        ``state``.

    Examples
    --------
    >>> from skmnist.networks.augmentation import augmentation, seed_generators
    >>> network = augmentation((28, 28, 1), shift=0.1, elastic=0.03, seed=0)
    >>> len(seed_generators(network))
    2
    """
    found = [generator for part in layers_of(layer) for generator in seed_generators_of(part)]
    return list({id(generator): generator for generator in found}.values())
