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
    """Build a network that changes images at random while training, and not otherwise.

    Every image of a batch is changed in its own way, and differently in every call.  What moves
    in from outside takes the value of the nearest pixel of the edge: images may have been scaled
    in any way, so that 0 need not be the background.

    Parameters
    ----------
    image_shape : tuple of int of shape (3,)
        Height, width and number of channels.
    shift : float, default=0.0
        Largest shift, as a fraction of the height, downwards or upwards, and of the width, to
        the right or left.
    rotation : float, default=0.0
        Largest rotation to either side, in degrees.
    zoom : float, default=0.0
        Largest change of size: 0.1 is from 0.9 to 1.1 times as high and wide.
    shear : float, default=0.0
        Largest slant of upright lines to either side, in degrees.
    elastic : float, default=0.0
        Strength of elastic deformation: the root mean square of the distances that pixels move
        by, in each direction, as a fraction of the image size.
    horizontal_flip : bool, default=False
        Whether to mirror half of the images, left to right.
    seed : int or None, default=None
        Seed of the draws.

    Returns
    -------
    model : keras.Model
        Uncompiled model, from a batch of images to a batch of images of the same shape.

    See Also
    --------
    skmnist.augmentation.Augmentation : The same as a parameter of a classifier.

    Notes
    -----
    A change that is zero costs nothing.  The others are drawn uniformly and independently of
    each other, elastic deformations normally.

    There are no weights to keep, so keep the parameters rather than the network.  A network that
    was saved nevertheless can be loaded where this function has been called before, which makes
    its layers known to Keras.

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
    """Return the seed generators of a layer or model and of all that it contains.

    Parameters
    ----------
    layer : keras.layers.Layer
        A layer or a model; built, so that it has all its parts.

    Returns
    -------
    generators : list of keras.random.SeedGenerator
        Each once, in the order of the layers.  What they draw follows from their ``state`` alone.

    Examples
    --------
    >>> from skmnist.networks.augmentation import augmentation, seed_generators
    >>> network = augmentation((28, 28, 1), shift=0.1, elastic=0.03, seed=0)
    >>> len(seed_generators(network))
    2
    """
    found = [generator for part in layers_of(layer) for generator in seed_generators_of(part)]
    return list({id(generator): generator for generator in found}.values())
