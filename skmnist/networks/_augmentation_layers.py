"""Keras layers for augmentation that Keras lacks, or has only in an unsuitable form.

Importing this module starts TensorFlow; :func:`skmnist.networks.augmentation` does so when called.
"""

import math

import numpy as np

from skmnist._keras import keras, tf

# Smoothness of an elastic deformation.  With seven bumps per side, a bump is four of 28 pixels
# wide, as in the paper of Simard and others.
_BUMPS_PER_SIDE = 7


class _RandomWarp(keras.layers.Layer):
    """Base class of layers that move pixels at random while training.

    Parameters
    ----------
    seed : int or None, default=None
        Seed of the draws.
    **kwargs : dict
        Parameters of :class:`keras.layers.Layer`.
    """

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=False):
        """Change images, each by its own draws.

        Parameters
        ----------
        inputs : tensor of shape (n_samples, height, width, n_channels)
            Images.
        training : bool, default=False
            Whether to change the images; if False, they are returned unchanged.

        Returns
        -------
        outputs : tensor of shape (n_samples, height, width, n_channels)
            Images of the same size.
        """
        return self._warp(inputs) if training else inputs

    def compute_output_shape(self, input_shape):
        """Return the shape of the inputs.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of the inputs.

        Returns
        -------
        output_shape : tuple of int
            The same shape.
        """
        return input_shape

    def get_config(self):
        """Return the parameters.

        Returns
        -------
        config : dict
            Parameters by name.
        """
        own = {name: getattr(self, name) for name in self._parameters}
        return {**super().get_config(), **own, "seed": self.seed}


@keras.saving.register_keras_serializable(package="skmnist")
class RandomAffine(_RandomWarp):
    """Shear, zoom, rotate and shift images at random, in one interpolation.

    Four separate Keras layers would interpolate four times, which blurs small images and takes
    more than three times as long.  In addition, :class:`keras.layers.RandomShear` shears about a
    corner, which moves the digit.

    Parameters
    ----------
    shift, rotation, zoom, shear : float, default=0.0
        Parameters of :func:`skmnist.networks.augmentation.augmentation`.
    seed : int or None, default=None
        Seed of the draws.
    **kwargs : dict
        Parameters of :class:`keras.layers.Layer`.
    """

    _parameters = ("shift", "rotation", "zoom", "shear")

    def __init__(self, shift=0.0, rotation=0.0, zoom=0.0, shear=0.0, seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        self.shift = shift
        self.rotation = rotation
        self.zoom = zoom
        self.shear = shear

    def _warp(self, images):
        n_images, (height, width) = tf.shape(images)[0], images.shape[1:3]
        draws = keras.random.uniform((n_images, 5), -1, 1, seed=self.seed_generator)
        down, right, turn, growth, slant = tf.unstack(draws, axis=1)
        down, right = down * (self.shift * height), right * (self.shift * width)
        turn, growth = turn * math.radians(self.rotation), 1 + growth * self.zoom
        slant = tf.tan(slant * math.radians(self.shear))
        # The matrix maps a pixel of the result to its source.  It therefore inverts the shift, then
        # the rotation and zoom, and then the shear, all about the centre.
        cosine, sine = tf.cos(turn) / growth, tf.sin(turn) / growth
        xx, xy = cosine - slant * sine, -sine - slant * cosine
        yx, yy = sine, cosine
        centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
        x = centre_x - xx * (centre_x + right) - xy * (centre_y + down)
        y = centre_y - yx * (centre_x + right) - yy * (centre_y + down)
        zero = tf.zeros_like(x)
        return keras.ops.image.affine_transform(
            images,
            tf.stack([xx, xy, x, yx, yy, y, zero, zero], axis=1),
            fill_mode="nearest",
            data_format="channels_last",
        )


@keras.saving.register_keras_serializable(package="skmnist")
class RandomElastic(_RandomWarp):
    """Deform images elastically by a smooth random field of displacements per image.

    :class:`keras.layers.RandomElasticTransform` moves pixels along one diagonal only, and hardly
    smooths its field on small images.  If the batch size is unknown while a function is traced, it
    replaces all images by the first.

    Parameters
    ----------
    strength : float
        Root mean square of the displacements in each direction, as a fraction of the image size.
    seed : int or None, default=None
        Seed of the draws.
    **kwargs : dict
        Parameters of :class:`keras.layers.Layer`.

    References
    ----------
    P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural networks
    applied to visual document analysis", International Conference on Document Analysis and
    Recognition, 2003.
    """

    _parameters = ("strength",)

    def __init__(self, strength, seed=None, **kwargs):
        super().__init__(seed, **kwargs)
        self.strength = strength

    def _warp(self, images):
        n_images, (height, width) = tf.shape(images)[0], images.shape[1:3]
        by_height, by_width = _bumps(height), _bumps(width)
        shape = (2, n_images, by_height.shape[1], by_width.shape[1])
        draws = keras.random.normal(shape, seed=self.seed_generator)
        field = tf.einsum("hi,dnij,wj->dnhw", by_height, draws, by_width, optimize="optimal")
        y = np.arange(height, dtype=np.float32)[:, None] + field[0] * (self.strength * height)
        x = np.arange(width, dtype=np.float32) + field[1] * (self.strength * width)
        return _sample(images, y, x)


@keras.saving.register_keras_serializable(package="skmnist")
class RandomMirror(_RandomWarp):
    """Mirror half of the images, left to right.

    :class:`keras.layers.RandomFlip` also mirrors images if ``training`` is not passed.

    Parameters
    ----------
    seed : int or None, default=None
        Seed of the draws.
    **kwargs : dict
        Parameters of :class:`keras.layers.Layer`.
    """

    _parameters = ()

    def _warp(self, images):
        shape = (tf.shape(images)[0], 1, 1, 1)
        draws = keras.random.uniform(shape, seed=self.seed_generator)
        return tf.where(draws < 0.5, images, tf.reverse(images, axis=[2]))


def _bumps(side):
    """Return weights of shape (side, n_bumps) that turn independent numbers into a smooth curve.

    Each column is a Gaussian bump whose width equals the distance to the next bump.  Bumps continue
    beyond the edges.  Each row has norm one, so each point of the curve has the variance of the
    numbers.
    """
    spacing = side / _BUMPS_PER_SIDE
    places = (np.arange(-2, _BUMPS_PER_SIDE + 3)) * spacing
    distances = (np.arange(side)[:, None] + 0.5 - places) / spacing
    weights = np.exp(-(distances**2) / 2)
    return (weights / np.linalg.norm(weights, axis=1, keepdims=True)).astype(np.float32)


def _sample(images, y, x):
    """Return images sampled at places of shape (n, height, width), by bilinear interpolation."""
    n_images, (height, width, n_channels) = tf.shape(images)[0], images.shape[1:]
    y, x = tf.clip_by_value(y, 0.0, height - 1.0), tf.clip_by_value(x, 0.0, width - 1.0)
    top, left = tf.floor(y), tf.floor(x)
    down, right = (tf.cast(part[..., None], images.dtype) for part in (y - top, x - left))
    top, left = tf.cast(top, tf.int32), tf.cast(left, tf.int32)
    pixels = tf.reshape(images, (-1, n_channels))
    rows = tf.range(n_images)[:, None, None] * height

    def row(at):
        start = (rows + at) * width
        here = tf.gather(pixels, start + left)
        return here + right * (tf.gather(pixels, start + tf.minimum(left + 1, width - 1)) - here)

    above = row(top)
    return above + down * (row(tf.minimum(top + 1, height - 1)) - above)
