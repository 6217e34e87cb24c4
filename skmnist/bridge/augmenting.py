"""Random changes to the images of a training step."""

from __future__ import annotations

import math

import numpy as np

from skmnist._keras import keras, tf
from skmnist.bridge.configuration import config_of, custom_objects_of
from skmnist.bridge.seeding import augmentation_generator
from skmnist.networks.augmentation import seed_generators


def augmenter_of(augmentation, fitted):
    """Return what changes the training images, or None.

    Parameters
    ----------
    augmentation : Augmentation, keras.layers.Layer or None
        The estimator's parameter.
    fitted : Fitted
        What is trained.

    Returns
    -------
    augmenter : Augmenter or None
        The same one in every training of a network, unless the parameter has changed.
    """
    if augmentation is None:
        return None
    n_pixels, shape = math.prod(fitted.network.input_shape), fitted.image_shape
    if n_pixels != math.prod(shape):
        raise ValueError(
            f"augmentation needs images, but the network takes rows of {n_pixels} pixels, which "
            f"are no images of shape {shape}. Give the network images, or set augmentation=None."
        )
    if isinstance(augmentation, keras.layers.Layer):
        config, objects = config_of(augmentation), custom_objects_of(augmentation)
        key = repr(config)

        def make():
            layer = keras.saving.deserialize_keras_object(
                config, custom_objects=objects, safe_mode=False
            )
            return Augmenter(layer, key, shape, is_known=not objects)
    else:
        key = repr(sorted(augmentation.get_params().items()))

        def make():
            return Augmenter(augmentation.build(shape, seed=0), key, shape)

    return fitted.network.part(("augmenter", key), make)


class Augmenter:
    """A layer that changes training images, with randomness that belongs to the epoch.

    Parameters
    ----------
    layer : keras.layers.Layer
        From images to images.
    key : str
        What tells it from others.
    image_shape : tuple of int
        Height, width and channels.
    is_known : bool, default=True
        Whether `key` says all of it, rather than code of the user doing some.
    """

    def __init__(self, layer, key, image_shape, is_known=True):
        self._layer, self.key, self._image_shape = layer, key, image_shape
        self.is_known = is_known
        layer(tf.zeros((1, *image_shape)), training=True)  # makes its variables
        self._seeds = [s.state for s in seed_generators(layer)]
        self.variables = [v.value for v in layer.variables]

    def begin_epoch(self, seed, epoch):
        """Seed all draws of an epoch, which then depend on nothing else."""
        generator = augmentation_generator(seed, epoch)
        for state in self._seeds:
            state.assign(generator.integers(2**32, size=state.shape, dtype=np.uint32))

    def __call__(self, batch):
        """Return a batch of images, changed, in the shape that they came in."""
        images = tf.reshape(batch, (-1, *self._image_shape))
        return tf.reshape(self._layer(images, training=True), tf.shape(batch))
