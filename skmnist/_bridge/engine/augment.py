"""Random changes to the images of a training step."""

from __future__ import annotations

import math

import numpy as np

from skmnist._bridge.data import images
from skmnist._bridge.data.seeds import augmentation_generator
from skmnist._bridge.engine.augment_trial import Trial
from skmnist._bridge.engine.blending import mix, mixes
from skmnist._bridge.models.foreign import described
from skmnist._compat.keras_models import config_of, custom_objects_of, layers_of
from skmnist._compat.sklearn import InvalidParameterError
from skmnist._keras import keras, tf
from skmnist.networks.augmentation import seed_generators

# Default range of pixels in Keras layers.
_KERAS_RANGE = (0.0, 255.0)
_N_PROBES = 16


def augmenter_of(augmentation, fitted, data):
    """Return the augmenter for a training, or None.

    A Keras layer is tried on a few images first.

    Parameters
    ----------
    augmentation : Augmentation, keras.layers.Layer or None
        Parameter of the estimator.
    fitted : FittedState
        State to train.
    data : ArraySamples or StreamedSamples
        Training set.

    Returns
    -------
    augmenter : Augmenter or None
        The same object in every training of a network, unless the parameter has changed.
    """
    if augmentation is None:
        return None
    n_pixels, shape = math.prod(fitted.network.input_shape), fitted.image_shape
    if n_pixels != math.prod(shape):
        raise ValueError(
            f"The 'augmentation' parameter must be None, because the network takes {n_pixels} "
            f"pixels, which are not images of shape {shape}. Got {described(augmentation)} instead."
        )
    if isinstance(augmentation, keras.layers.Layer):
        return _layer_augmenter(augmentation, fitted, data)
    if isinstance(augmentation, type) or not hasattr(augmentation, "get_params"):
        raise InvalidParameterError(
            "The 'augmentation' parameter must be an Augmentation, a layer or model of Keras 3, or "
            f"None. Got {described(augmentation)} instead."
        )
    key = repr(sorted(augmentation.get_params().items()))

    def make():
        return Augmenter(augmentation.build(shape, seed=0), key, shape)

    return fitted.network.part(("augmenter", key), make)


def mixes_labels(augmentation):
    """Return whether an ``augmentation`` parameter blends images and thus labels."""
    if augmentation is None or not hasattr(augmentation, "get_config"):
        return False
    return isinstance(augmentation, keras.layers.Layer) and mixes(augmentation)


def _layer_augmenter(augmentation, fitted, data):
    """Return an augmenter for a copy of a Keras layer, after a trial of it."""
    shape = fitted.image_shape
    objects = custom_objects_of(augmentation)
    probes = images.as_images(data.first_rows(_N_PROBES), shape)
    *seen, is_sure = _range_of(fitted.pixels, probes)
    config = _for_our_images(config_of(augmentation), seen, is_sure)
    key = repr(config)

    def make():
        layer = keras.saving.deserialize_keras_object(
            config, custom_objects=objects, safe_mode=False
        )
        _each_image_alone(layer)
        trial = Trial(layer, probes, seen)
        trial.check_shape()
        trial.check_range()
        augmenter = Augmenter(layer, key, shape, is_known=not objects)
        if augmenter.is_known:
            trial.check_repeatable(augmenter)
        if not augmenter.mixes:
            trial.check_neighbours(augmenter)
        return augmenter

    augmenter = fitted.network.part(("augmenter", key), make)
    if augmenter.mixes and fitted.task.outputs.sparse:
        raise ValueError(
            f"augmentation={type(augmentation).__name__} blends labels, but the loss "
            f"{_name_of(fitted.network.model.loss)} takes class codes. Set loss to "
            "'categorical_crossentropy', or to another loss for one-hot targets."
        )
    return augmenter


def _name_of(loss):
    return repr(loss) if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)


def _range_of(pixels, probes):
    """Return the range of the network's pixels, and whether it is certain."""
    if pixels.kind != "as-is":
        return 0.0, float(pixels.white_inside), True
    low, high = float(probes.min()), float(probes.max())
    if low >= 0 and high <= 1:
        return 0.0, 1.0, True
    if low >= 0 and 16 < high <= 255:
        return 0.0, 255.0, True
    return low, high, False


def _for_our_images(config, seen, is_sure):
    """Replace Keras's defaults in the configuration of a layer by the format of our images.

    Parameters
    ----------
    config : object
        Configuration, or a part of it.
    seen : sequence of two float
        Range of the network's pixels.
    is_sure : bool
        Whether the range is certain; if False, it is that of a few images.
    """
    if isinstance(config, (list, tuple)):
        return type(config)(_for_our_images(part, seen, is_sure) for part in config)
    if not isinstance(config, dict):
        return config
    changed = {name: _for_our_images(part, seen, is_sure) for name, part in config.items()}
    if changed.get("data_format") == "channels_first":  # a possible global setting of Keras
        changed["data_format"] = "channels_last"
    options = changed.get("config")
    if isinstance(options, dict) and options.get("value_range") is not None:
        given = tuple(map(float, options["value_range"]))
        if given == _KERAS_RANGE and is_sure:
            changed["config"] = {**options, "value_range": list(seen)}
        elif not _fits(given, seen):
            low, high = seen
            raise ValueError(
                f"augmentation: {changed.get('class_name')} expects pixels in value_range={given}, "
                f"but the network's pixels are in ({low:g}, {high:g}). Set "
                f"value_range=({low:g}, {high:g})."
            )
    return changed


def _fits(given, seen):
    """Return whether pixels in the range `seen` fit the range `given` of a layer."""
    (low, high), (least, most) = given, seen
    slack = 0.05 * (high - low)
    return low - slack <= least and most <= high + slack and (most - least) >= (high - low) / 4


def _each_image_alone(layer):
    """Make Keras's Equalization count the pixels of each image, not those of the batch."""
    for part in layers_of(layer):
        if isinstance(part, keras.layers.Equalization):
            part.transform_images = _by_image(part.transform_images)


def _by_image(transform_images):
    def transform(pictures, *args, **kwargs):
        pictures = tf.convert_to_tensor(pictures)
        return tf.map_fn(
            lambda picture: transform_images(picture[tf.newaxis], *args, **kwargs)[0],
            pictures,
            fn_output_signature=tf.TensorSpec(pictures.shape[1:], tf.float32),
        )

    return transform


class Augmenter:
    """A layer that changes training images, with a seed per epoch.

    Parameters
    ----------
    layer : keras.layers.Layer
        Layer that maps images to images.
    key : str
        Identifies the layer.
    image_shape : tuple of int
        Height, width and channels.
    is_known : bool, default=True
        Whether `key` identifies the layer completely; False if it runs code of the user.
    """

    def __init__(self, layer, key, image_shape, is_known=True):
        self._layer, self.key, self._image_shape = layer, key, image_shape
        self.is_known = is_known
        self.mixes = mixes(layer)
        if self.mixes:
            mix(layer, tf.zeros((1, *image_shape)), tf.zeros((1, 1)))  # creates its variables
        else:
            layer(tf.zeros((1, *image_shape)), training=True)
        self._seeds = [s.state for s in seed_generators(layer)]
        self.variables = [v.value for v in layer.variables]

    def begin_epoch(self, seed, epoch):
        """Seed the layer, so that its draws depend only on `seed` and `epoch`."""
        generator = augmentation_generator(seed, epoch)
        for state in self._seeds:
            state.assign(generator.integers(2**32, size=state.shape, dtype=np.uint32))

    def __call__(self, parts):
        """Return a batch with changed images of the same shape.

        Parameters
        ----------
        parts : list of tensor
            Images, and targets and weights if there are any.

        Returns
        -------
        parts : list of tensor
            Changed parts.  If images are blended, targets and weights are blended too.
        """
        batch, *others = parts
        pictures = tf.reshape(batch, (-1, *self._image_shape))
        if not self.mixes:
            changed = self._layer(pictures, training=True)
        else:
            changed, others = self._blend(pictures, *others)
        return [tf.reshape(changed, tf.shape(batch)), *others]

    def _blend(self, pictures, targets, weights=None):
        """Return images, targets and weights, blended in the same proportions.

        For images with weights a and b, targets s and t, and a proportion p of the first image, the
        blend has weight c = p a + (1 - p) b and target (p a s + (1 - p) b t) / c.  Because a
        cross-entropy is linear in its target, the weighted loss for the blend is
        p a loss(s) + (1 - p) b loss(t), the blend of the weighted losses.
        """
        if weights is None:
            changed, targets = mix(self._layer, pictures, targets)
            return changed, [targets]
        column = tf.reshape(weights, (-1, 1))
        labels = tf.concat([targets * column, column], axis=1)
        changed, labels = mix(self._layer, pictures, labels)
        column = labels[:, -1:]
        blended = tf.math.divide_no_nan(labels[:, :-1], column)
        return changed, [blended, tf.reshape(column, tf.shape(weights))]
