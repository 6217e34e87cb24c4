"""Random changes to the images of a training step."""

from __future__ import annotations

import inspect
import math

import numpy as np

from skmnist._bridge.data import images
from skmnist._bridge.data.seeds import augmentation_generator
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
    return isinstance(augmentation, keras.layers.Layer) and _mixes(augmentation)


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
        trial = _Trial(layer, probes, seen)
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


def _parts_of(layer):
    """Return the layers that a layer applies in sequence; None if unknown."""
    if isinstance(layer, (keras.Sequential, keras.layers.Pipeline)):
        return list(layer.layers)
    return None


def _is_mixer(layer):
    return isinstance(layer, (keras.layers.MixUp, keras.layers.CutMix))


def _mixes(layer):
    return any(map(_is_mixer, layers_of(layer)))


def _apply(layer, batch):
    """Call a layer in training mode, if it has a ``training`` argument."""
    takes_it = "training" in inspect.signature(layer.call).parameters
    return layer(batch, training=True) if takes_it else layer(batch)


def _mix(layer, pictures, labels):
    """Return images changed by a layer, and labels blended if the layer blends images."""
    if not _mixes(layer):
        return _apply(layer, pictures), labels
    if _is_mixer(layer):
        changed = _apply(layer, {"images": pictures, "labels": labels})
        return changed["images"], changed["labels"]
    parts = _parts_of(layer)
    if parts is None:
        raise ValueError(
            f"augmentation: {type(layer).__name__} holds a layer that blends images and labels. "
            "Such a layer must be alone, or inside keras.Sequential or keras.layers.Pipeline."
        )
    for part in parts:
        pictures, labels = _mix(part, pictures, labels)
    return pictures, labels


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


def _refused(layer, what):
    return ValueError(f"augmentation: {type(layer).__name__} {what}")


class _Trial:
    """Trial of a layer on a few training images.

    Parameters
    ----------
    layer : keras.layers.Layer
        Layer to try.
    probes : ndarray of shape (n_images, height, width, n_channels)
        Images scaled for the network.
    seen : sequence of two float
        Range of their pixels.
    """

    def __init__(self, layer, probes, seen):
        self.layer, self.seen = layer, seen
        self.probes = np.ascontiguousarray(probes, dtype=np.float32)

    def _outputs(self, layer, batch):
        """Return the outputs of a layer for images."""
        try:
            outputs, _ = _mix(layer, tf.identity(batch), tf.zeros((len(batch), 1)))
            return tf.convert_to_tensor(outputs).numpy()
        except Exception as error:
            if str(error).startswith("augmentation:"):
                raise
            raise self._cannot(layer, batch, error) from error

    @staticmethod
    def _cannot(layer, batch, error):
        return _refused(
            layer, f"cannot be applied to images of shape {tuple(batch.shape[1:])}: {error}"
        )

    def _first_that(self, is_wrong, layer, batch):
        """Return the innermost layer with wrong outputs, and these outputs; None if all is right.

        A wrong part is accepted if other parts correct it.
        """
        outputs = self._outputs(layer, batch)
        if not is_wrong(outputs):
            return None
        for part in _parts_of(layer) or ():
            found = self._first_that(is_wrong, part, batch)
            if found is not None:
                return found
            batch = self._outputs(part, batch)
        return layer, outputs

    def check_shape(self):
        """Raise if a layer changes the shape of images."""
        found = self._first_that(
            lambda outputs: outputs.shape != self.probes.shape, self.layer, self.probes
        )
        if found is not None:
            layer, outputs = found
            before, after = self.probes.shape[1:], outputs.shape[1:]
            raise _refused(
                layer,
                f"changes the shape of images, from {before} to {after}, but the network takes "
                f"images of shape {before} in training and in prediction.",
            )

    def check_range(self):
        """Raise if a layer changes the range of pixels."""
        found = self._first_that(self._is_elsewhere, self.layer, self.probes)
        if found is not None:
            layer, outputs = found
            low, high = self.seen
            raise _refused(
                layer,
                f"brings pixels to another range, from ({low:g}, {high:g}) to "
                f"({outputs.min():.3g}, {outputs.max():.3g}). It must keep the range, because "
                "predictions use images without augmentation.",
            )

    def _is_elsewhere(self, outputs):
        """Return whether pixels are outside of the network's range by more than noise."""
        if not np.isfinite(outputs).all():
            return True
        low, high = self.seen
        span = max(high - low, float(np.ptp(self.probes)), 1e-6)
        means = outputs.reshape(len(outputs), -1).mean(axis=1)
        shifted = means.min() < low - 0.1 * span or means.max() > high + 0.1 * span
        far = np.mean((outputs < low - 2 * span) | (outputs > high + 2 * span)) > 0.01
        squeezed = np.ptp(outputs) < 0.05 * np.ptp(self.probes)
        return bool(shifted or far or squeezed)

    def check_repeatable(self, augmenter):
        """Raise if a Keras layer does not draw by its seeds, such as AugMix."""
        runs = []
        for _ in range(2):
            augmenter.begin_epoch(0, 0)
            runs.append(self._outputs(self.layer, self.probes))
        if not np.array_equal(*runs):
            raise _refused(
                self.layer,
                "does not draw by seeds. Its choices are made once, when training is compiled, so "
                "they are the same for all images, and a fit cannot be reproduced.",
            )

    def check_neighbours(self, augmenter):
        """Raise if the output for an image depends on other images of its batch."""
        if len(self.probes) < 2:
            return
        # The number of images is unknown while the function is traced, as in training.
        shape = (None, *self.probes.shape[1:])
        call = tf.function(
            lambda batch: _apply(self.layer, batch),
            input_signature=[tf.TensorSpec(shape, tf.float32)],
            autograph=False,
        )

        def run(batch):
            augmenter.begin_epoch(0, 0)
            try:
                return call(batch).numpy()
            except Exception as error:
                raise self._cannot(self.layer, batch, error) from error

        first = run(self.probes)
        if not np.array_equal(first, run(self.probes)):
            return  # it does not draw by its seeds, so runs cannot be compared
        others = self.probes.copy()
        others[0] = self.seen[0] + self.seen[1] - others[0]
        if not np.allclose(first[1:], run(others)[1:], atol=1e-4 * (self.seen[1] - self.seen[0])):
            raise _refused(
                self.layer,
                "changes an image in a way that depends on the other images of its batch, so its "
                "label may no longer be right. Of such layers, only keras.layers.MixUp and CutMix "
                "are supported, for which labels are blended too.",
            )


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
        self.mixes = _mixes(layer)
        if self.mixes:
            _mix(layer, tf.zeros((1, *image_shape)), tf.zeros((1, 1)))  # creates its variables
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
            changed, targets = _mix(self._layer, pictures, targets)
            return changed, [targets]
        column = tf.reshape(weights, (-1, 1))
        labels = tf.concat([targets * column, column], axis=1)
        changed, labels = _mix(self._layer, pictures, labels)
        column = labels[:, -1:]
        blended = tf.math.divide_no_nan(labels[:, :-1], column)
        return changed, [blended, tf.reshape(column, tf.shape(weights))]
